package e2e

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/store/durable"
)

// alike says that a sink that keeps state was brought from the same to the
// same, each change being one. What came back and ended between two looks it
// need not have heard of: it is told of the present.
func alike(a, b []string) bool {
	for _, xs := range [][]string{a, b} {
		for i, x := range xs {
			if want := [2]string{"firing", "resolved"}[i%2]; x != want {
				return false
			}
		}
	}
	return len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1]
}

// sameDump compares what a world that was killed holds in the end with what one
// holds that never was.
func sameDump(t *testing.T, a, b []string, kills int) {
	t.Helper()
	for i := range max(len(a), len(b)) {
		x, y := "(nothing)", "(nothing)"
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			t.Errorf("after %d kills the dumps differ from line %d on:\nnever killed: %.600s\nkilled:       %.600s", kills, i+1, x, y)
			break
		}
	}
}

// same compares a world that was killed with one that never was.
func same(t *testing.T, want, got *world) {
	t.Helper()
	b := got.dump()
	sameDump(t, want.dump(), b, got.kills)
	if !maps.EqualFunc(want.receiver.states, got.receiver.states, alike) {
		t.Errorf("Alertmanager heard of these changes:\nnever killed: %v\nkilled:       %v", want.receiver.states, got.receiver.states)
	}
	for _, sink := range []string{"alertmanager", "sns"} {
		if n := got.receiver.told(sink, "first look"); n > 1 || want.receiver.told(sink, "first look") != 1 {
			t.Errorf("%s was told of %d first looks, and of %d in the run never killed; want one at most, and one", sink, n, want.receiver.told(sink, "first look"))
		}
	}
	twice := 0
	for k, n := range got.receiver.keys {
		twice += n - 1
		if want.receiver.keys[k] != 1 {
			t.Errorf("SNS was told %q, which the run never killed told %d times", k, want.receiver.keys[k])
		}
	}
	if len(got.receiver.keys) != len(want.receiver.keys) || twice > got.kills {
		t.Errorf("SNS was told %d things, want %d; %d more than once over %d kills", len(got.receiver.keys), len(want.receiver.keys), twice, got.kills)
	}
	t.Logf("%d kills, %d requests told twice, %d lines of dump", got.kills, twice, len(b))
}

// undisturbed is the run that is never killed.
func undisturbed(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.play(plan{})
	if len(w.receiver.states) < 2 || len(w.receiver.keys) < 4 {
		t.Fatalf("the story has too little in it: Alertmanager %v, SNS %v", w.receiver.states, w.receiver.keys)
	}
	return w
}

// Every alert that a service left behind holds when it is computed again, by
// the same program, from its evidence.
func (w *world) verify() {
	w.t.Helper()
	out, err := exec.Command(binary, "verify", filepath.Join(w.dir, "data"), "--lang", "en").CombinedOutput()
	if err != nil || !strings.Contains(string(out), ", 0 with faults") {
		w.t.Errorf("kizashi verify: %v\n%s", err, out)
	}
	w.t.Logf("%s", out)
}

func soak() bool { return os.Getenv("KIZASHI_SOAK") == "1" }

// TestKilled kills the service with SIGKILL at random moments, and lets it
// kill itself at each step of durability. In the end all is as if nothing had
// happened. `make soak` has all of it, `make test` a part.
func TestKilled(t *testing.T) {
	want := undisturbed(t)
	want.verify()
	t.Run("at random moments", func(t *testing.T) {
		n := 6
		if soak() {
			n = 20
		}
		w := newWorld(t)
		w.play(plan{random: moments(n)})
		if w.kills != n {
			t.Errorf("%d kills, want %d", w.kills, n)
		}
		same(t, want, w)
	})
	t.Run("at every step", func(t *testing.T) {
		all := everyStep()
		w := newWorld(t)
		w.play(plan{at: slices.Clone(all)})
		if w.kills != len(all) {
			t.Errorf("%d kills, want one at each of %d steps", w.kills, len(all))
		}
		same(t, want, w)
	})
}

// moments are n moments of the story, seeded: a third while the back-fill
// runs, the others later. A moment can lie after its step was done.
func moments(n int) map[int][]time.Duration {
	random := rand.New(rand.NewPCG(3, 20))
	out := map[int][]time.Duration{}
	for i := range n {
		if i%3 == 0 {
			out[0] = append(out[0], time.Duration(random.Int64N(int64(600*time.Millisecond))))
			continue
		}
		k := 1 + random.IntN(steps)
		out[k] = append(out[k], time.Duration(random.Int64N(int64(60*time.Millisecond))))
	}
	return out
}

// everyStep names each step, and which of the times that it comes is meant.
// Those of sending wait for the incident; all that follow come after it.
func everyStep() []string {
	steps := slices.DeleteFunc(durable.Steps(), func(s string) bool { // the story has no coarse history to append
		return s == durable.CoarseAppendBefore || s == durable.CoarseAppendAfter
	})
	out := ofEach(steps, 2)
	for n := 1; n <= 3; n++ {
		out = append(out, ofEach([]string{deliver.StepSendBefore, deliver.StepSendAfter}, n)...)
	}
	if soak() {
		out = append(append(out, ofEach(steps, 1)...), ofEach(steps, 3)...)
	}
	return out
}

func ofEach(steps []string, n int) (out []string) {
	for _, s := range steps {
		out = append(out, fmt.Sprintf("%s:%d", s, n))
	}
	return out
}

// A sink that takes events is told again of exactly the request that was in
// flight: it had answered, and the outbox did not know.
func TestKilledBetweenSinkAndOutbox(t *testing.T) {
	w := newWorld(t)
	w.only("sns")
	const kills = 3
	w.play(plan{at: slices.Repeat([]string{deliver.StepSendAfter + ":1"}, kills)})
	twice := 0
	for k, n := range merged(w.receiver.keys, w.receiver.notes) {
		if twice += n - 1; n > 1+kills {
			t.Errorf("%s: told %d times", k, n)
		}
	}
	if w.kills != kills || twice != kills {
		t.Errorf("%d kills, %d requests told again; want %d of both: %v, notes %v", w.kills, twice, kills, w.receiver.keys, w.receiver.notes)
	}
}

func merged(a, b map[string]int) map[string]int {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}
