package e2e

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/awsfake"
)

// Minutes after begin at which the hosts of the story are overloaded: one is
// over when the backup is taken, one goes on, and one begins as it is written.
var restoreStory = [][2]int{{10, 45}, {40, 110}, {85, 120}}

const (
	backupStep = 8  // of the story: the copy is taken when all of it is told
	lostStep   = 9  // the machine is lost, with what it told since
	lastStep   = 15 // all is over
)

func restoreValue(instance int, at time.Time) float64 {
	of := restoreStory[instance]
	if d := at.Sub(begin.Truncate(period)); d >= time.Duration(of[0])*time.Minute && d < time.Duration(of[1])*time.Minute {
		return 97
	}
	return value(instance+1, at) // the noise of hosts that have no incident of their own
}

func newRestoreWorld(t *testing.T) *world {
	return newWorldIn(t, scene{instances: len(restoreStory), end: begin.Add(4 * time.Hour), value: restoreValue,
		watch: "{name: AWS/EC2, period: 5m, settle: 0s, group: web, metrics: [CPUUtilization]}",
		metric: func(i int) awsfake.Metric {
			return awsfake.Metric{Namespace: "AWS/EC2", Name: "CPUUtilization", Dimensions: map[string]string{"InstanceId": fmt.Sprintf("i-%d", i)}}
		}})
}

// steps lets the story go on, from one step to another.
func (w *world) steps(s *service, from, to int) {
	w.t.Helper()
	for i := from; i <= to; i++ {
		w.set(begin.Add(time.Duration(i) * step))
		s.await(fmt.Sprintf("step %d", i), func() bool { return w.settled(s) })
	}
}

// heard are the keys that SNS was told, and how often.
func (w *world) heard() map[string]int {
	w.receiver.mu.Lock()
	defer w.receiver.mu.Unlock()
	return maps.Clone(w.receiver.keys)
}

// TestRestoredElsewhere backs up a running service, goes on for ten minutes,
// and loses the machine. The copy starts on another one, catches up, and gives
// the same alerts as a service that never was lost. Of what was told before the
// backup nobody is told again; what was told after it comes again under the
// same key.
func TestRestoredElsewhere(t *testing.T) {
	want := newRestoreWorld(t)
	s := start(t, want.config, "KIZASHI_CLOCK="+want.clock)
	want.steps(s, 0, lastStep)
	s.stop()

	w := newRestoreWorld(t)
	s = start(t, w.config, "KIZASHI_CLOCK="+w.clock)
	w.steps(s, 0, backupStep)
	before := w.heard()
	copied := filepath.Join(t.TempDir(), "kizashi-backup")
	w.backUp(t, s, copied)
	w.steps(s, lostStep, lostStep)
	since := w.heard()
	s.kill()

	w.moveTo(t, copied)
	s = start(t, w.config, "KIZASHI_CLOCK="+w.clock)
	w.over = map[string]bool{}
	w.steps(s, lostStep, lastStep)
	s.stop()

	sameDump(t, want.dump(), w.dump(), 1)
	w.verify()
	after := w.heard()
	if len(before) == 0 || len(since) == len(before) {
		t.Fatalf("the story has too little in it: told before the backup %v, and until the end of the machine %v", before, since)
	}
	for key, n := range after {
		_, old := before[key]
		_, between := since[key]
		switch {
		case want.receiver.keys[key] != 1:
			t.Errorf("%s was told, which the service that was never lost told %d times", key, want.receiver.keys[key])
		case old && n != 1:
			t.Errorf("%s was told before the backup, and %d times in all", key, n)
		case between && !old && n != 2:
			t.Errorf("%s was told between the backup and the end of the machine, and %d times in all; the copy cannot know of it", key, n)
		case !between && n != 1:
			t.Errorf("%s was told %d times", key, n)
		}
	}
	if len(after) != len(want.receiver.keys) {
		t.Errorf("SNS was told %d things, want %d: %v, %v", len(after), len(want.receiver.keys), after, want.receiver.keys)
	}
	if !maps.EqualFunc(want.receiver.states, w.receiver.states, alike) {
		t.Errorf("Alertmanager heard of these changes:\nnever lost: %v\nrestored:   %v", want.receiver.states, w.receiver.states)
	}
	t.Logf("told before the backup %d, until the end of the machine %d, in all %d", len(before), len(since), len(after))
}

// backUp asks the running service for a copy. It is taken between two of the
// seconds in which the service works, so the held clock has to go on.
func (w *world) backUp(t *testing.T, s *service, to string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	var out []byte
	done := make(chan error, 1)
	go func() {
		var err error
		out, err = exec.CommandContext(ctx, binary, "backup", to, "--config", w.config, "--url", "http://"+s.addr).CombinedOutput()
		done <- err
	}()
	for now := w.time(); ; {
		select {
		case err := <-done:
			if err != nil || !strings.Contains(string(out), to+" is a whole data directory") {
				t.Fatalf("kizashi backup: %v\n%s", err, out)
			}
			return
		case <-time.After(100 * time.Millisecond):
			if now = now.Add(time.Second); now.Before(begin.Add(lostStep * step)) {
				w.set(now)
			}
		}
	}
}

// moveTo makes a copy of the data the one of another machine, in another
// directory, whose configuration is the same otherwise.
func (w *world) moveTo(t *testing.T, copied string) {
	t.Helper()
	b, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	old, dir := w.dir, t.TempDir()
	w.dir, w.config = dir, filepath.Join(dir, "kizashi.yaml")
	w.write(w.config, strings.ReplaceAll(string(b), filepath.Join(old, "data"), filepath.Join(dir, "data")))
	if err := os.Rename(copied, filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
}
