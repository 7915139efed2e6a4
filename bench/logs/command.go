package logs

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Command is the program, built to be timed as its users run it.
type Command string

// Build builds it into a directory.
func Build(dir string) (Command, error) {
	c := filepath.Join(dir, "kizashi")
	if b, err := exec.Command("go", "build", "-o", c, "github.com/kizashi-ops/kizashi/cmd/kizashi").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, b)
	}
	return Command(c), nil
}

// Cost is what a run took.
type Cost struct {
	Wall   time.Duration
	Cores  time.Duration // of all of them
	Memory int64         // bytes, at its most
}

// Run runs the program once.
func (c Command) Run(args ...string) (Cost, error) {
	cmd := exec.Command(string(c), args...)
	start := time.Now()
	if b, err := cmd.CombinedOutput(); err != nil {
		return Cost{}, fmt.Errorf("kizashi %v: %w: %s", args, err, b)
	}
	s := cmd.ProcessState
	return Cost{time.Since(start), s.UserTime() + s.SystemTime(), s.SysUsage().(*syscall.Rusage).Maxrss << 10}, nil
}
