package backtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/replay"
)

// found is a run over a series with three incidents.
func found(t *testing.T, s Spec) *Outcome {
	t.Helper()
	o, err := Run(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Alerts) != 3 {
		t.Fatalf("%d alerts, want three", len(o.Alerts))
	}
	return o
}

func incidents(t *testing.T) string {
	return file(t, "cpu.csv", text(table(6*288, map[int]string{1000: "150", 1300: "-90", 1600: "170"})))
}

// What is written is read back, and every alert has its justification.
func TestOutcomeIsReadBack(t *testing.T) {
	o := found(t, Spec{Input: inputs(incidents(t))})
	var b bytes.Buffer
	if err := o.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := Read(file(t, "out.json", b.String()))
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := got.Write(&again); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Error("what was read back is written differently")
	}
	for i, row := range []int{1000, 1300, 1600} {
		a, j, err := got.Find(o.Alerts[i].ID)
		if err != nil || a.Opened != at(t, stamp(row)) || j.Alert != a.ID {
			t.Errorf("alert %d: opened %s, justification of %q, %v; want row %d, %s", i, a.Opened, j.Alert, err, row, stamp(row))
		}
	}
	s := got.Series[0]
	if got.Samples != 6*288 || s.Samples != 6*288 || s.From != at(t, stamp(0)) || s.To < at(t, stamp(6*288-1)) || s.Alerts != 3 || s.Judged <= s.From || s.Judged > at(t, stamp(2*288)) {
		t.Errorf("series %+v", s)
	}
	n := 0
	for _, c := range s.States {
		n += c
	}
	if n != 6*288 || s.States[kizashi.Warming] == 0 || s.States[kizashi.Judged] == 0 {
		t.Errorf("states %v", s.States)
	}
}

func TestFind(t *testing.T) {
	o := &Outcome{Alerts: []kizashi.Alert{{ID: "abc1"}, {ID: "abd2"}}}
	for prefix, want := range map[string]string{"abc": "", "abd2": "", "ab": "several begin so, abc1 and abd2", "x": "there is none", "abc12": "there is none", "": "several begin so"} {
		a, _, err := o.Find(prefix)
		switch {
		case want == "" && (err != nil || !strings.HasPrefix(a.ID, prefix)):
			t.Errorf("%q: %q, %v", prefix, a.ID, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q in it", prefix, err, want)
		}
	}
}

func TestReadErrors(t *testing.T) {
	for body, want := range map[string]string{"": "out.json: not what backtest --json writes", `{"format": 99}`: "out.json: format 99; this program reads 1", "[]": "out.json: not what", "{}": "out.json: format 0"} {
		if _, err := Read(file(t, "out.json", body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", body, err, want)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none.json")); !os.IsNotExist(err) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func written(t *testing.T, o *Outcome) string {
	t.Helper()
	var b strings.Builder
	if err := o.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Batches, cores and a scores directory change nothing of what is found.
func TestOutcomeIsTheSameHoweverRun(t *testing.T) {
	p := incidents(t)
	want := written(t, found(t, Spec{Input: inputs(p)}))
	for _, c := range []struct {
		batch, shards int
		scores        bool
	}{{1, 1, false}, {13, 2, true}, {100_000, 8, false}} {
		in := inputs(p)
		in.Batch = c.batch
		s := Spec{Input: in, Shards: c.shards}
		if c.scores {
			s.Scores = t.TempDir()
		}
		if got := written(t, found(t, s)); got != want {
			t.Errorf("%+v: the outcome differs", c)
		}
	}
}

// The three incidents against a ledger and the alarm of today.
func TestRunAgainstLedgerAndAlarm(t *testing.T) {
	p := incidents(t)
	ledger := "series,from,to,name\ncpu," + stamp(995) + "," + stamp(1005) + ",high\ncpu*," + stamp(1300) + "," + stamp(1300) + ",low\nother," + stamp(1) + "," + stamp(2) + ",\n," + stamp(10) + "," + stamp(20) + ",too early\n"
	labels, err := ReadLabels(file(t, "ledger.csv", ledger), "UTC")
	if err != nil {
		t.Fatal(err)
	}
	alarm, err := ParseAlarm(">100")
	if err != nil {
		t.Fatal(err)
	}
	o := found(t, Spec{Input: inputs(p), Alarm: alarm})
	o.Evaluate(labels, alarm)
	var got []string
	for _, f := range o.Score.Labels {
		got = append(got, f.Fate+"/"+f.Inherited)
	}
	if want := []string{"caught/caught", "caught/missed", NoSeries + "/" + NoSeries, "undecided/undecided"}; !reflect.DeepEqual(got, want) {
		t.Errorf("fates %q, want %q", got, want)
	}
	if o.Score.Ours.Outside != 1 || o.Score.Inherited.Alerts != 2 || o.Score.Inherited.Outside != 1 {
		t.Errorf("ours %+v, inherited %+v", o.Score.Ours, *o.Score.Inherited)
	}
}

// A run that is told to stop says so.
func TestRunStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if o, err := Run(ctx, Spec{Input: inputs(incidents(t))}); err == nil {
		t.Errorf("a cancelled run gave %d alerts and no error", len(o.Alerts))
	}
}

func TestRunNamesItsInput(t *testing.T) {
	_, err := Run(context.Background(), Spec{Input: inputs(filepath.Join(t.TempDir(), "none.csv"))})
	if err == nil || !strings.Contains(err.Error(), "none.csv") {
		t.Errorf("error %v", err)
	}
}

// A file that breaks off is judged up to there, and so are the others.
func TestRunTakesWhatCameBeforeABreak(t *testing.T) {
	dir := t.TempDir()
	for name, end := range map[string]string{"a.csv": "", "b.csv": "2026-05-10 00:00:00," + strings.Repeat("9", 1<<20) + "\n"} {
		var b strings.Builder
		b.WriteString("timestamp,value\n")
		for i := range 300 {
			fmt.Fprintf(&b, "%d,%d\n", 1777593600+300*i, i%7)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b.String()+end), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o, err := Run(context.Background(), Spec{Input: inputs(dir)})
	var broken *replay.BrokenError
	if !errors.As(err, &broken) || !strings.Contains(err.Error(), "b.csv: line 302 is longer") {
		t.Fatalf("error %v", err)
	}
	if o == nil || o.Samples != 600 || !o.Input.Files[0].Ended || o.Input.Files[1].Broken == "" {
		t.Errorf("outcome %+v", o)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.csv"), []byte("timestamp,value\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if o, err := Run(context.Background(), Spec{Input: inputs(dir)}); o != nil || errors.As(err, &broken) {
		t.Errorf("a file that is no input: %v, %v", o, err)
	}
}
