package explain

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/kizashi-ops/kizashi"
)

var update = flag.Bool("update", false, "rewrite testdata/*.golden")

// golden compares got with testdata/name.golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run go test -update if it should\n--- got\n%s\n--- want\n%s", path, got, want)
	}
}

var languages = []Lang{English, Japanese}

func render(t *testing.T, s story, l Lang) Texts {
	t.Helper()
	x, err := Text(s.a, s.j, Style{Lang: l})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestStories(t *testing.T) {
	for _, s := range stories() {
		for _, l := range languages {
			t.Run(s.name+"."+string(l), func(t *testing.T) {
				x := render(t, s, l)
				golden(t, s.name+"."+string(l), fmt.Sprintf("# title\n%s\n\n# summary\n%s\n\n# manager\n%s\n\n# engineer\n%s\n", x.Title, x.Summary, x.Manager, x.Engineer))
			})
		}
	}
}

func TestNotes(t *testing.T) {
	for _, l := range languages {
		var b strings.Builder
		for _, e := range notes() {
			s, err := Fact(e, latency().j.Meta, Style{Lang: l})
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%s: %s\n", e.Claim, s)
		}
		golden(t, "notes."+string(l), b.String())
	}
}

// constants reads the Claim constants from the source of the nouns.
func constants(t *testing.T) map[string]kizashi.Claim {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../../alertnoun.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]kizashi.Claim{}
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := v.Type.(*ast.Ident); !ok || id.Name != "Claim" {
			return true
		}
		s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		out[v.Names[0].Name] = kizashi.Claim(s)
		return true
	})
	return out
}

func TestEveryClaimHasSentences(t *testing.T) {
	cs := constants(t)
	if len(cs) < 30 {
		t.Fatalf("found only %d Claim constants in the source", len(cs))
	}
	for name, c := range cs {
		r := claims[c]
		if r.en == nil {
			t.Errorf("%s (%q) has no English sentence", name, c)
		}
		if r.ja == nil {
			t.Errorf("%s (%q) has no Japanese sentence", name, c)
		}
	}
	if len(claims) != len(cs) {
		t.Errorf("%d rows for %d claims", len(claims), len(cs))
	}
}

func TestEveryClaimHasGolden(t *testing.T) {
	told := map[kizashi.Claim]bool{}
	for _, s := range stories() {
		for _, e := range append(s.a.Facts, s.j.Evidence...) {
			told[e.Claim] = true
		}
		told[s.a.Ended] = true
	}
	for _, e := range notes() {
		told[e.Claim] = true
	}
	for name, c := range constants(t) {
		if !told[c] {
			t.Errorf("no golden tells %s (%q)", name, c)
		}
	}
}

// names are words that are the same in both languages.
var names = regexp.MustCompile(`ALB TargetResponseTime|orders|Count(/Minute)?|HTTPCode_ELB_5XX_Count|CPUUtilization|CPUCreditBalance|disk_used_percent /var|batch heartbeat` +
	`|4be0c0ffee123456|account|region|name|Seconds|Percent|check|AccessDenied: User is not authorized|cloudwatch:GetMetricData|arn:aws:iam::123456789012:role/kizashi|us-east-1|AWS/EC2|RDS FreeStorageSpace|AWS/RDS|a kind of later|shape|flatline|sqrt` +
	`|TargetResponseTime p99 app/shop|Orders Sum shop|alert [0-9a-f]+|292a70aba99dd276|/api/firstlook/acme|failed release, CHG-4711|agreed with acme on 2026-04-01|backup needs 5%|patch window|移行作業|kizashi verify [0-9a-f]+|ap-northeast-1` +
	`|acme-saturated|pool connections|kizashi switch acme-saturated on --reason|Kizashi|CloudWatch|JST|UTC|Asia/Tokyo|band|spike|static|p99|HTTP`)

func foreign(l Lang, s string) string {
	s = names.ReplaceAllString(s, "")
	if l == Japanese {
		return regexp.MustCompile(`[A-Za-z]{3,}`).FindString(s)
	}
	for _, r := range s {
		if r > unicode.MaxASCII && r != 'µ' {
			return string(r)
		}
	}
	return ""
}

func TestNoTextHoldsTwoLanguages(t *testing.T) {
	for _, l := range languages {
		for _, s := range stories() {
			x := render(t, s, l)
			for part, text := range map[string]string{"title": x.Title, "summary": x.Summary, "manager": x.Manager, "engineer": x.Engineer} {
				if f := foreign(l, withoutLines(s, text)); f != "" {
					t.Errorf("%s.%s: %s holds %q\n%s", s.name, l, part, f, text)
				}
			}
		}
		for _, e := range notes() {
			s, err := Fact(e, latency().j.Meta, Style{Lang: l})
			if err != nil {
				t.Fatal(err)
			}
			if f := foreign(l, s); f != "" {
				t.Errorf("%s in %s holds %q: %s", e.Claim, l, f, s)
			}
		}
	}
}

// What is not known is left out, never a panic.
func TestEmptyAlert(t *testing.T) {
	for _, l := range languages {
		for _, a := range []kizashi.Alert{{}, {State: kizashi.Resolved, Ended: "later"}, {Models: []string{"blind"}},
			{Opening: kizashi.Moment{Value: 3, Verdict: kizashi.Verdict{Votes: []kizashi.Vote{{Model: "band", Kind: kizashi.Value, Crossed: true, Lower: none, Upper: none}}}}}} {
			if x, err := Text(a, kizashi.Justification{}, Style{Lang: l}); err != nil || x.Title == "" || x.Summary == "" && len(a.Models)+len(a.Opening.Verdict.Votes) > 0 {
				t.Errorf("%+v: %v\n%+v", a, err, x)
			}
		}
		for c := range claims { // a fact without any numbers
			if s, err := Fact(fact(c), kizashi.Meta{}, Style{Lang: l}); err != nil || s == "" {
				t.Errorf("%s: %q, %v", c, s, err)
			}
		}
	}
}

// Reservations stand in every text of an alert that has them.
func TestReservationsAreAlwaysSaid(t *testing.T) {
	j := orders()
	for _, l := range languages {
		x := render(t, j, l)
		for part, s := range map[string]string{"summary": x.Summary, "manager": x.Manager, "engineer": x.Engineer} {
			words := map[Lang][]string{English: {"extrapolation", "leans on", "less certain"}, Japanese: {"確度"}}[l]
			if l == Japanese && part == "manager" {
				words = append(words, "推定を含み", "一般的な想定")
			} else if l == Japanese {
				words = append(words, "外挿", "事前値")
			}
			for _, w := range words {
				if !strings.Contains(s, w) {
					t.Errorf("%s in %s does not say %q:\n%s", part, l, w, s)
				}
			}
		}
	}
}

func TestThresholdIsOneWord(t *testing.T) {
	for word, other := range map[string]string{"しきい値": "閾値", "閾値": "しきい値"} {
		said := false
		for _, s := range stories() {
			x, err := Text(s.a, s.j, Style{Lang: Japanese, Threshold: word})
			if err != nil {
				t.Fatal(err)
			}
			all := x.Title + x.Summary + x.Manager + x.Engineer
			said = said || strings.Contains(all, word)
			if strings.Contains(all, other) {
				t.Errorf("%s: %s although the tenant says %s", s.name, other, word)
			}
		}
		if !said {
			t.Errorf("no story says %s", word)
		}
	}
}

func TestStylesAreChecked(t *testing.T) {
	s := latency()
	for _, st := range []Style{{}, {Lang: "de"}, {Lang: Japanese, Threshold: "基準値"}} {
		if _, err := Text(s.a, s.j, st); err == nil {
			t.Errorf("style %+v was taken", st)
		}
	}
	s.j.Meta.Zone = "Mars/Olympus"
	if _, err := Text(s.a, s.j, Style{Lang: English}); err == nil || !strings.Contains(err.Error(), "Mars/Olympus") {
		t.Errorf("zone Mars/Olympus: %v", err)
	}
}

// A version is not printed as long as limits have none.
func TestNoVersionIsPrinted(t *testing.T) {
	for _, s := range stories() {
		if x := render(t, s, English); strings.Contains(strings.ToLower(x.Engineer), "version 1") {
			t.Errorf("%s: %s", s.name, x.Engineer)
		}
	}
}

func TestNamesCannotForgeText(t *testing.T) {
	s := latency()
	s.j.Meta.Labels = kizashi.LabelsOf(map[string]string{"name": "a\x1b[31m\nRESOLVED: b\u202e"})
	x := render(t, s, English)
	if strings.ContainsAny(x.Title, "\x1b\n\u202e") {
		t.Errorf("%q", x.Title)
	}
}
