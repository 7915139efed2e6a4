package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/store"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// The data directory of the first whole program, killed while an alert stood: the
// service goes on with it. Its baselines are learned again from the samples that the
// directory holds, and their notes say so; the alert that stood ends as itself.
func TestGoesOnFromTheFirstVersion(t *testing.T) {
	w := newWorldIn(t, scene{instances: 2, end: begin.Add(9 * time.Hour), value: value,
		watch: "{name: AWS/EC2, period: 5m, settle: 0s, group: web, metrics: [CPUUtilization]}",
		metric: func(i int) awsfake.Metric {
			return awsfake.Metric{Namespace: "AWS/EC2", Name: "CPUUtilization", Dimensions: map[string]string{"InstanceId": fmt.Sprintf("i-%d", i)}}
		}})
	if out, err := exec.Command("tar", "-xzf", filepath.Join("..", "testdata", "state", "first.tar.gz"), "-C", w.dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w.set(begin.Add(32 * step))
	s := start(t, w.config, "KIZASHI_CLOCK="+w.clock)
	s.awaitReady()
	if said := s.said(); !strings.Contains(said, "baselines were learned again from stored samples\" series=2 \"without samples\"=0") || strings.Contains(said, "level=ERROR") ||
		strings.Contains(said, "not used") || strings.Contains(said, "torn") {
		t.Errorf("it says\n%s", said)
	}
	if !slices.ContainsFunc(s.alerts(), func(a kizashi.Alert) bool { return a.ID == stood && a.State == kizashi.Firing }) {
		t.Errorf("the alert that stood is not there: %v", s.alerts())
	}
	for i := 33; i <= 42; i++ {
		w.set(begin.Add(time.Duration(i) * step))
		s.await("it settles", func() bool { return w.settled(s) })
	}
	s.stop()
	w.firstWentOn()
	for _, c := range []struct{ args, want string }{
		{"verify DATA --lang en", stood + "  not computed: an earlier version of Kizashi judged it, by a method that this one does not repeat"},
		{"verify DATA --lang en", "1 alert computed again, 0 with faults.\n2 alerts of an earlier version"},
		{"verify DATA --lang ja", stood + "  再計算なし"},
		{"explain DATA " + stood + " --lang en", "97%"},
	} {
		out, err := exec.Command(binary, strings.Fields(strings.ReplaceAll(c.args, "DATA", filepath.Join(w.dir, "data")))...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), c.want) {
			t.Errorf("kizashi %s: %v\n%s\nwant %s", c.args, err, out, c.want)
		}
	}
}

// stood is the alert that stood when the first program was killed.
const stood = "003890da2ff236f9"

// firstWentOn looks at what is stored in the end.
func (w *world) firstWentOn() {
	w.t.Helper()
	r, err := store.OpenReadOnly(filepath.Join(w.dir, "data"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Close()
	changes, err := r.Ledger().Changes(stood)
	if err != nil || len(changes) != 2 || changes[1].State != kizashi.Resolved || !changes[1].To.UTC().Equal(begin.Truncate(period).Add(5*time.Hour+45*time.Minute)) {
		w.t.Errorf("the alert that stood: %v, %v", changes, err)
	}
	a := changes[0]
	from := kizashi.TimeOf(begin.Add(6 * time.Hour)).Floor(time.Hour)
	recs, err := r.Records(a.Series, from, from+1)
	if err != nil || len(recs) != 1 || !recs[0].Ready || recs[0].Samples < 2300 {
		w.t.Errorf("the record of 06:00: %v, %v", recs, err)
	}
	samples, err := r.Samples(a.Series, 0, kizashi.Forever)
	if err != nil || len(samples) < 2370 {
		w.t.Errorf("%d samples, %v", len(samples), err)
	}
	notes, err := r.Ledger().Notes(a.Series, 0, kizashi.Forever)
	if i := slices.IndexFunc(notes, func(n ledger.Note) bool { return n.Fact.Claim == kizashi.ClaimRebuilt }); err != nil || i < 0 || notes[i].Fact.Count < 2360 {
		w.t.Errorf("notes %v, %v", notes, err)
	}
}
