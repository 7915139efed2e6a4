package e2e

import (
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/store"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// stateFixture is a data directory in the form of this program. A change of the form
// breaks TestGoesOnFromThisForm: then it is kept under the name of what wrote it, with a
// test that loads it, and written anew by
//
//	go test ./e2e -run TestWritesThisForm -write-state
var stateFixture = filepath.Join("..", "testdata", "state", "now.tar.gz")

var writeState = flag.Bool("write-state", false, "write testdata/state/now.tar.gz anew")

// stateWorld is two hosts, one of which is there for thirty hours only.
func stateWorld(t *testing.T) *world {
	w := newWorldIn(t, scene{instances: 2, end: begin.Add(9 * time.Hour),
		value: func(i int, at time.Time) float64 {
			if i == 1 && at.Before(begin.Add(-30*time.Hour)) {
				return math.NaN()
			}
			return value(i, at)
		},
		watch: "{name: AWS/EC2, period: 5m, settle: 0s, group: web, metrics: [CPUUtilization]}",
		metric: func(i int) awsfake.Metric {
			return awsfake.Metric{Namespace: "AWS/EC2", Name: "CPUUtilization", Dimensions: map[string]string{"InstanceId": fmt.Sprintf("i-%d", i)}}
		}})
	b, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	w.write(w.config, strings.Replace(string(b), "poll: 5m\n", "poll: 5m\n        backfill: 8d\n", 1))
	return w
}

func TestWritesThisForm(t *testing.T) {
	if !*writeState {
		return
	}
	w := stateWorld(t)
	s := start(t, w.config, "KIZASHI_CLOCK="+w.clock)
	w.steps(s, 0, 31)
	s.stop()
	s = start(t, w.config, "KIZASHI_CLOCK="+w.clock)
	w.steps(s, 32, 32)
	s.kill()
	data := filepath.Join(w.dir, "data")
	for _, name := range []string{"lock", "kizashi.db-shm", "api-token", "link-key"} { // of this run, or secret
		if err := os.Remove(filepath.Join(data, name)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	pack := exec.Command("sh", "-c", `tar -c -C "$1" --sort=name --owner=0 --group=0 data | gzip -9n > "$2"`, "sh", w.dir, stateFixture)
	if out, err := pack.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// What this form says goes on bit by bit: nothing is learned again, the alert that
// stood ends as itself, and all are computed again.
func TestGoesOnFromThisForm(t *testing.T) {
	w := stateWorld(t)
	if out, err := exec.Command("tar", "-xzf", stateFixture, "-C", w.dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w.set(begin.Add(32 * step))
	s := start(t, w.config, "KIZASHI_CLOCK="+w.clock)
	s.awaitReady()
	said := s.said()
	i := slices.IndexFunc(s.alerts(), func(a kizashi.Alert) bool {
		return a.State == kizashi.Firing && a.Opened.UTC().Equal(begin.Truncate(period).Add(5*time.Hour))
	})
	if i < 0 || strings.Contains(said, "older version") || strings.Contains(said, "level=WARN") || strings.Contains(said, "level=ERROR") {
		t.Fatalf("the alert that stood is not there, or it says\n%s", said)
	}
	was := s.alerts()[i]
	w.steps(s, 33, 42)
	s.stop()
	r, err := store.OpenReadOnly(filepath.Join(w.dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	changes, err := r.Ledger().Changes(was.ID)
	if last := len(changes) - 1; err != nil || last < 1 || changes[last].State != kizashi.Resolved {
		t.Errorf("the alert that stood: %v, %v", changes, err)
	}
	notes, err := r.Ledger().Notes(was.Series, 0, kizashi.Forever)
	if err != nil || slices.ContainsFunc(notes, func(n ledger.Note) bool { return n.Fact.Claim == kizashi.ClaimRebuilt }) {
		t.Errorf("notes %v, %v", notes, err)
	}
	w.verify()
}

// Where no snapshot can be read the service starts all the same: what was learned is
// learned again from stored samples, and it says so.
func TestStartsWithoutSnapshots(t *testing.T) {
	w := stateWorld(t)
	if out, err := exec.Command("tar", "-xzf", stateFixture, "-C", w.dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	snapshots, err := filepath.Glob(filepath.Join(w.dir, "data", "state", "snapshot-*"))
	if err != nil || len(snapshots) == 0 {
		t.Fatalf("snapshots %v, %v", snapshots, err)
	}
	for _, name := range snapshots {
		if err := os.WriteFile(name, []byte("torn"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.set(begin.Add(32 * step))
	s := start(t, w.config, "KIZASHI_CLOCK="+w.clock)
	s.awaitReady()
	if said := s.said(); !strings.Contains(said, "no snapshot could be used") || !strings.Contains(said, "they are ended, and told anew if they go on\" alerts=1") {
		t.Errorf("it says\n%s", said)
	}
	stood := begin.Truncate(period).Add(5 * time.Hour)
	i := slices.IndexFunc(s.alerts(), func(a kizashi.Alert) bool { return a.Opened.UTC().Equal(stood) })
	if i < 0 || s.alerts()[i].State != kizashi.Resolved || s.alerts()[i].Ended != kizashi.ClaimStateLost {
		t.Fatalf("the alert that stood: %d of %+v", i, s.alerts())
	}
	if at := s.alerts()[i].Changed.UTC(); at.Before(begin.Add(32 * step)) {
		t.Errorf("its last change is said to be of %s", at)
	}
	series := s.alerts()[i].Series
	w.steps(s, 33, 42)
	s.stop()
	r, err := store.OpenReadOnly(filepath.Join(w.dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	notes, err := r.Ledger().Notes(series, 0, kizashi.Forever)
	k := slices.IndexFunc(notes, func(n ledger.Note) bool { return n.Fact.Claim == kizashi.ClaimRebuilt })
	if err != nil || k < 0 || notes[k].Fact.Count < 2000 || notes[k].Fact.Text != detect.StateLost {
		t.Errorf("notes %+v, %v: it was not learned again from stored samples", notes, err)
	}
	records, err := r.Limits(series, 0, kizashi.Forever)
	if n := len(records); err != nil || n == 0 || !records[n-1].Ready || records[n-1].Hour.UTC().Before(begin.Add(32*step).Truncate(time.Hour)) {
		t.Errorf("its limits after the start: %d records, %v", n, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	w.verify()

	// And it starts again from the snapshot that it has now.
	s = start(t, w.config, "KIZASHI_CLOCK="+w.clock)
	s.awaitReady()
	s.stop()
}
