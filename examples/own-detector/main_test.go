package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/own-detector/saturated"
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

const name = "example-saturated"

// monday is 2026-09-07, 00:00 UTC.
var monday = time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC)

// pool is how many of a pool's 200 connections are in use in a minute: it is full
// for ten minutes at noon each day, and on the tenth day for three hours from then
// on.
func pool(minute int) float64 {
	day, of := minute/1440, minute%1440
	switch {
	case of >= 720 && of < 730+day%2, day == 9 && of >= 720 && of < 900:
		return 200
	}
	busy := 148 + 44*math.Sin(2*math.Pi*float64(of-360)/1440)
	return math.Round(busy + float64(minute*7919%13-6))
}

const minutes = 10 * 1440

// built is the example as a program, with the pool's file.
func built(t *testing.T) (run func(args ...string) string, csv string) {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "own-detector")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var b strings.Builder
	b.WriteString("timestamp,value\n")
	for i := range minutes {
		fmt.Fprintf(&b, "%s,%v\n", monday.Add(time.Duration(i)*time.Minute).Format(time.RFC3339), pool(i))
	}
	csv = filepath.Join(dir, "pool.csv")
	if err := os.WriteFile(csv, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	// Others find the same by other signs, and an alert is told by what stood first.
	if err := os.WriteFile(filepath.Join(dir, "rules.yaml"), []byte("detect:\n  rules:\n    - match: [name=pool]\n      off: [band, spike, context, level, drift, variance, stuck]\n    - match: [name=another]\n      off: [example-saturated]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return func(args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		cmd := exec.Command(binary, args...)
		cmd.Stdout, cmd.Stderr, cmd.Env = &out, &errs, append(os.Environ(), "LANG=C")
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v\n%s%s", strings.Join(args, " "), err, out.String(), errs.String())
		}
		return out.String()
	}, csv
}

// The program is Kizashi with the detector in its table: it finds the pool that is
// full, says so in both languages, and says how far that can be computed again.
func TestTheProgramHasTheDetector(t *testing.T) {
	run, csv := built(t)
	if out := run("models", name); !strings.Contains(out, "a series that stays at the highest value it ever had") || !strings.Contains(out, "outside the false-alert target") {
		t.Errorf("models:\n%s", out)
	}
	rules := filepath.Join(filepath.Dir(csv), "rules.yaml")
	outcome := filepath.Join(t.TempDir(), "outcome.json")
	if err := os.WriteFile(outcome, []byte(run("backtest", csv, "--config", rules, "--json")), 0o644); err != nil {
		t.Fatal(err)
	}
	list := run("explain", outcome)
	var id string
	for line := range strings.Lines(list) {
		if strings.Contains(line, "found by "+name) {
			id, _, _ = strings.Cut(line, " ")
		}
	}
	if id == "" {
		t.Fatalf("no alert of the detector:\n%s", list)
	}
	// It was full from 12:00 on, and 22 minutes are twice its longest usual run: the
	// least, 30, decides.
	for lang, want := range map[string][]string{
		"en": {"found by example-saturated, Wed 2026-09-16 12:30", "It has been at 200, the highest value it ever had, for 31 samples in a row; up to 30 samples are usual.",
			"is not one of Kizashi's: it stands outside the false-alert target"},
		"ja": {"検知器example-saturated", "過去最大値に張り付き(200が連続31点、普段は30点以内)。", "目標誤検知頻度の対象外"},
	} {
		text := run("explain", outcome, id, "--lang", lang)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: it does not say %q:\n%s", lang, w, text)
			}
		}
		if m := run("explain", outcome, id, "--lang", lang, "--style", "manager"); !strings.Contains(m, "200") || strings.Contains(m, "within the usual range; what") {
			t.Errorf("%s, for a manager:\n%s", lang, m)
		}
	}
	if out := run("verify", outcome, id, "--data", csv); !strings.Contains(out, "holds") || !strings.Contains(out, "taken at its word: "+name) || strings.Contains(out, " 0 declared") || strings.Contains(out, "DOES NOT") {
		t.Errorf("verify:\n%s", out)
	}
	if out := run("verify", outcome, id, "--show"); !strings.Contains(out, "declared, not computed: opening.verdict.votes[0]") {
		t.Errorf("verify does not say that the vote is declared:\n%s", out)
	}
	if out := run("why", "pool", "2026-09-16T12:40", csv, "--config", rules); !strings.Contains(out, name+" (up): 41 samples against a limit of 30 samples; it stands.") {
		t.Errorf("why:\n%s", out)
	}
}

// loop is an engine over the pool.
type loop struct {
	*testing.T
	e    *detect.Engine
	meta kizashi.Meta
	out  detect.Judged
}

func samples(id kizashi.SeriesID, from, to int) (out []kizashi.Sample) {
	for i := from; i < to; i++ {
		out = append(out, kizashi.Sample{Series: id, At: kizashi.TimeOf(monday).Add(time.Duration(i) * time.Minute), Period: time.Minute, Value: pool(i)})
	}
	return out
}

func engine(t *testing.T, own ...detect.Row) *loop {
	t.Helper()
	identity := kizashi.LabelsOf(map[string]string{"name": "pool"})
	l := &loop{T: t, meta: kizashi.Meta{Series: kizashi.IDOf("acme", identity), Tenant: "acme", Identity: identity, Labels: identity,
		Period: kizashi.Duration(time.Minute), Lower: kizashi.None(), Upper: kizashi.None()}}
	rows, err := models.With(own...)
	if err != nil {
		t.Fatal(err)
	}
	l.e, err = detect.NewEngine(detect.Config{}, rows, 1, func(id kizashi.SeriesID, upTo kizashi.Time) ([]kizashi.Sample, error) {
		return samples(id, 0, int((upTo-kizashi.TimeOf(monday))/60_000)+1), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *loop) judge(from, to int) {
	l.Helper()
	if err := l.e.Judge(samples(l.meta.Series, from, to), &l.out); err != nil {
		l.Fatal(err)
	}
}

func (l *loop) state() []byte {
	l.Helper()
	b, err := l.e.AppendBinary(nil)
	if err != nil {
		l.Fatal(err)
	}
	return b
}

// said is what the detector's votes were, one a line.
func (l *loop) said() string {
	var b strings.Builder
	for _, c := range l.out.Crossings {
		for _, v := range c.Verdict.Votes {
			if v.Model == name {
				fmt.Fprintln(&b, c.At, v.Stat, v.Limit)
			}
		}
	}
	return b.String()
}

// A state goes on where it was written; one that was written without the detector
// learns it from stored samples; one that was written with it loads where it is gone.
func TestStateOutlivesTheTable(t *testing.T) {
	row := saturated.Row()
	whole := engine(t, row)
	if err := whole.e.Declare(kizashi.Declaration{From: kizashi.TimeOf(monday), Meta: whole.meta}); err != nil {
		t.Fatal(err)
	}
	whole.judge(0, minutes)
	want := whole.said()
	if strings.Count(want, "\n") != 180-30 {
		t.Fatalf("it stood on %d samples, want 150", strings.Count(want, "\n"))
	}
	const cut = 9*1440 + 700
	for _, c := range []struct {
		name          string
		before, after []detect.Row
		want          string
	}{
		{"it stays", []detect.Row{row}, []detect.Row{row}, want},
		{"it is added", nil, []detect.Row{row}, want},
		{"it is taken away", []detect.Row{row}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := engine(t, c.before...)
			if err := first.e.Declare(kizashi.Declaration{From: kizashi.TimeOf(monday), Meta: first.meta}); err != nil {
				t.Fatal(err)
			}
			first.judge(0, cut)
			second := engine(t, c.after...)
			if rest, err := second.e.Decode(first.state()); err != nil || len(rest) > 0 {
				t.Fatalf("%d bytes left, %v", len(rest), err)
			}
			second.judge(cut, minutes)
			if got := second.said(); got != c.want {
				t.Errorf("it said\n%swant\n%s", got, c.want)
			}
			if c.want != "" && !bytes.Equal(second.state(), whole.state()) {
				t.Error("it comes to another state than without the cut")
			}
			if len(second.out.Faults) > 0 {
				t.Errorf("it failed: %+v", second.out.Faults)
			}
		})
	}
}
