package firstlook

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
)

var update = flag.Bool("update", false, "rewrite testdata")

func look(t *testing.T, lang explain.Lang) Look {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	to := kizashi.TimeOf(time.Date(2026, 6, 15, 3, 0, 0, 0, time.UTC))
	none := kizashi.None()
	return Look{Style: explain.Style{Lang: lang}, Tenant: "acme", Data: "/var/lib/kizashi", Zone: zone, From: to.Add(-14 * 24 * time.Hour), To: to, USD: 1.234, Requests: 4321, Doubtful: true, More: 3,
		Groups: []Group{
			{Name: "AWS/EC2", Series: 240, Judged: 236, Warming: 3, Silent: 1, Why: []kizashi.Evidence{{Claim: kizashi.ClaimWarming, Count: 3, Value: none, Low: none, High: none}}},
			{Name: "shop <b>", Series: 12, Judged: 10, None: 2, Why: []kizashi.Evidence{{Claim: kizashi.ClaimGap, Count: 2, Value: none, Low: none, High: none}}},
		},
		Alerts: []Found{{ID: "292a70aba99dd276", Series: "TargetResponseTime p99 app/shop", Value: "547 ms", From: to.Add(-30 * time.Hour), To: to.Add(-29 * time.Hour), Class: "act"},
			{ID: "f3b1", Series: "CPUUtilization i-1", Value: "97%", From: to.Add(-time.Hour), To: to, Class: "check", Firing: true}},
		Sources: []Source{{Account: "123456789012", Region: "ap-northeast-1", Listed: true, Untagged: 4, Blind: []string{"ssm:DescribeInstanceInformation"},
			Spaces: []Space{{"AWS/EC2", 480, 240}, {"AWS/Logs", 31, 0}, {"Acme/Shop", 12, 12}}}, {Account: "210987654321", Region: "us-east-1"}}}
}

func TestTheReport(t *testing.T) {
	for _, lang := range []explain.Lang{explain.English, explain.Japanese} {
		var text, html strings.Builder
		l := look(t, lang)
		if err := l.Text(&text); err != nil {
			t.Fatal(err)
		}
		if err := l.HTML(&html); err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string]string{"look." + string(lang) + ".txt": text.String(), "look." + string(lang) + ".html": html.String()} {
			file := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs:\n%s", name, got)
			}
		}
		if strings.Contains(html.String(), "<b>") {
			t.Error("a name from outside is HTML")
		}
	}
}

func TestAnEmptyTenant(t *testing.T) {
	l := Look{Style: explain.Style{Lang: explain.English}, Tenant: "acme", Zone: time.UTC}
	var b strings.Builder
	if err := l.Text(&b); err != nil || !strings.Contains(b.String(), "Nothing.") || !strings.Contains(b.String(), "0 series") {
		t.Errorf("%v\n%s", err, &b)
	}
}
