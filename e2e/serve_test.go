package e2e

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The process as an operator meets it: signals, a second one, bad files.
func TestServeAsAProcess(t *testing.T) {
	w := newWorld(t)
	s := start(t, w.config, "KIZASHI_CLOCK="+w.clock)
	s.awaitReady()

	second := start(t, w.config, "KIZASHI_CLOCK="+w.clock)
	<-second.done
	if code := second.cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(second.said(), "another process uses it (process ") {
		t.Errorf("a second service on the same directory: exit code %d\n%s", code, second.said())
	}

	good, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	w.write(w.config, string(good)+"webb: {}\n")
	w.hangup(s)
	s.await("the reload that fails", func() bool { return strings.Contains(s.said(), `did you mean \"web\"?`) })
	w.write(w.config, string(good)+"detect: {rules: [{class: act}]}\n")
	w.hangup(s)
	s.await("the reload that works", func() bool { v, _ := s.gauge("kizashi_config_last_reload_successful"); return v == 1 })
	s.await("the back-fill", func() bool { return w.settled(s) })
	s.stop()

	// The command is in the journal: the same file is no news at the next start.
	again := start(t, w.config, "KIZASHI_CLOCK="+w.clock)
	again.awaitReady()
	again.await("its first batches", func() bool { return w.settled(again) })
	again.stop()
	reloads := 0
	for _, line := range w.dump() {
		if strings.HasPrefix(line, "command\t") && strings.Contains(line, `"op":"reload"`) {
			reloads++
		}
	}
	if reloads != 1 {
		t.Errorf("%d reloads in the ledger, want 1", reloads)
	}
}

// A sink that hangs delays neither the other sink nor the end; what it was
// not told it is told after the next start, and the other nothing twice.
func TestADeadSink(t *testing.T) {
	w := newWorld(t)
	both := w.lanes
	w.lanes = both[:1] // SNS
	w.receiver.hang.Store(true)
	s := start(t, w.config, "KIZASHI_CLOCK="+w.clock)
	for i := range 9 {
		w.set(begin.Add(time.Duration(i) * step))
		s.await("SNS", func() bool { return w.settled(s) })
	}
	if len(w.receiver.keys) == 0 {
		t.Fatal("SNS was told nothing in the incident")
	}
	s.stop()
	w.receiver.hang.Store(false)
	w.lanes = both
	s = start(t, w.config, "KIZASHI_CLOCK="+w.clock)
	s.awaitReady()
	s.await("Alertmanager", func() bool { return w.settled(s) })
	s.stop()
	for key, n := range w.receiver.keys {
		if n != 1 {
			t.Errorf("SNS was told %q %d times", key, n)
		}
	}
	if len(w.receiver.states) == 0 {
		t.Error("Alertmanager was never told")
	}
}

func (w *world) hangup(s *service) {
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		w.t.Fatal(err)
	}
}
