package program

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/kizashi-ops/kizashi/bench/logs"
)

// garbage is, in a process of its own, what is run in it.
const garbage = "KIZASHI_TEST_GARBAGE"

// Lines that never repeat, to their counts and to judgements: all are counted, in
// 512 MiB, and it is said that patterns say nothing of them. With KIZASHI_SOAK set
// they are ten millions.
func TestGarbageInBoundedMemory(t *testing.T) {
	if args := os.Getenv(garbage); args != "" {
		code, got := try(t, strings.Split(args, " ")...)
		t.Logf("%d\n%s", code, got)
		return
	}
	n, said := 50_000, "50000 lines"
	if os.Getenv("KIZASHI_SOAK") != "" {
		n, said = 10_000_000, "10000000 lines"
	}
	file := filepath.Join(t.TempDir(), "garbage.log")
	if _, err := logs.WriteGarbage(file, n, 60, 1); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"patterns --top 1 " + file, "backtest " + file} {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestGarbageInBoundedMemory$", "-test.v", "-test.timeout", "60m")
		cmd.Env = append(os.Environ(), garbage+"="+args)
		b, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		rss := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss >> 10
		took := cmd.ProcessState.UserTime()
		t.Logf("%s: %d lines, %d MiB, %s of processor time", args, n, rss, took)
		if got := string(b); rss > 512 || !strings.Contains(got, said) || !strings.Contains(got, "these lines do not cluster: more than half of the lines are alone in their pattern, or in other") {
			t.Errorf("%d MiB\n%s", rss, got)
		}
	}
}
