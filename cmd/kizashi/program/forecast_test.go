package program

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/backtest"
)

// Storage that leaks, a disk that fills and a certificate that runs out, with
// nothing configured: the catalogue has their limits, and both languages the date
// and the last day to act.
func TestForecastsWithoutALimitOfOnesOwn(t *testing.T) {
	dir := t.TempDir()
	day := func(at time.Time) float64 { return at.Sub(may).Hours() / 24 }
	noise := func(at time.Time) float64 { return float64(uint64(at.Unix()/300)*2654435761%1000)/1000 - .5 }
	files := []struct {
		name, metric, of string
		period           time.Duration
		value            func(at time.Time) float64
		en, ja           []string
	}{
		{"storage", "FreeStorageSpace", `namespace: AWS/RDS, metric: FreeStorageSpace, dimensions: {DBInstanceIdentifier: orders}, statistic: Minimum, unit: Bytes, lower: 0`, 5 * time.Minute,
			func(at time.Time) float64 { return 40e9 - max(0, day(at)-12)*3e9 + 4e7*noise(at) }, []string{"will reach 0 B about Fri 2026-05-29", "the last day to act is Thu 2026-05-28"}, []string{"5/29(金)頃に下限値0 Bへ到達の見込み", "着手の期限は5/28(木)"}},
		{"disk", "disk_used_percent", `namespace: CWAgent, metric: disk_used_percent, dimensions: {InstanceId: i-01}, statistic: Maximum, unit: Percent, lower: 0, upper: 100`, 5 * time.Minute,
			func(at time.Time) float64 { return 55 + max(0, day(at)-12)*3 + noise(at) }, []string{"will reach 100% about Sat 2026-05-30"}, []string{"5/30(土)頃に上限値100%へ到達の見込み"}},
		{"certificate", "DaysToExpiry", `namespace: AWS/CertificateManager, metric: DaysToExpiry, dimensions: {CertificateArn: shop}, statistic: Minimum, lower: 0`, 12 * time.Hour,
			func(at time.Time) float64 { return 45 - float64(int(day(at))) }, []string{"will reach 0 about Thu 2026-06-18", "the last day to act is Thu 2026-06-04"}, []string{"6/18(木)頃に下限値0へ到達の見込み", "着手の期限は6/4(木)"}},
	}
	text := []string{"files:"}
	for _, f := range files {
		var b strings.Builder
		b.WriteString("timestamp,value\n")
		for at := may; at.Before(may.AddDate(0, 0, 28)); at = at.Add(f.period) {
			if v := f.value(at); v > 0 && !(f.name == "disk" && v > 100) {
				fmt.Fprintf(&b, "%s,%.4f\n", at.Format(time.RFC3339), v)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, f.name+".csv"), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		text = append(text, fmt.Sprintf(`  - {match: %s.csv, tenant: acme, account: "123456789012", region: us-east-1, %s, period: %s}`, f.name, f.of, f.period))
	}
	mapping, outcome := filepath.Join(t.TempDir(), "mapping.yaml"), filepath.Join(t.TempDir(), "outcome.json")
	if err := os.WriteFile(mapping, []byte(strings.Join(text, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := call(t, "backtest", "--input", dir, "--mapping", mapping, "--json")
	if err := os.WriteFile(outcome, []byte(out), 0o600); code != exitOK || err != nil {
		t.Fatalf("exit code %d, %v\n%s", code, err, errs)
	}
	o, err := backtest.Read(outcome)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		var first *kizashi.Alert
		for i := range o.Alerts {
			if a := &o.Alerts[i]; a.Labels.Get("metric") == f.metric && a.Side == kizashi.Both && a.Models[0] == "forecast" && first == nil {
				first = a
			}
		}
		if first == nil {
			t.Errorf("%s: no forecast among %d alerts", f.name, len(o.Alerts))
			continue
		}
		for lang, want := range map[string][]string{"en": f.en, "ja": f.ja} {
			_, out, errs := call(t, "explain", outcome, first.ID, "--lang", lang)
			for _, w := range want {
				if !strings.Contains(out, w) {
					t.Errorf("%s in %s: no %q in\n%s%s", f.name, lang, w, out, errs)
				}
			}
		}
	}
	if code, out, errs := call(t, "verify", outcome, "--data", dir, "--mapping", mapping, "--lang", "en"); code != exitOK {
		t.Errorf("verify: exit code %d\n%s%s", code, out, errs)
	}
}
