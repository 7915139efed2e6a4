package program

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/kizashi-ops/kizashi/clock"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
)

// rehearse lets the crash tests of package e2e kill this very program where
// it hurts, and hold its clock. Nothing else reads these variables:
//
//	KIZASHI_KILL_AT="journal fsync before:3"  SIGKILL itself when a step comes for the 3rd time
//	KIZASHI_CLOCK=FILE                        the time is what FILE says (RFC 3339)
func rehearse(o *service.Options, getenv func(string) string) error {
	if at := getenv("KIZASHI_KILL_AT"); at != "" {
		hook, err := killAt(at)
		if err != nil {
			return err
		}
		o.Hook = hook
	}
	if file := getenv("KIZASHI_CLOCK"); file != "" {
		c := heldClock{file}
		if _, err := c.read(); err != nil {
			return err
		}
		o.Now, o.Sleep = c.now, c.sleep
	}
	return nil
}

func killAt(at string) (func(string) error, error) {
	i := strings.LastIndexByte(at, ':')
	if i < 0 {
		return nil, fmt.Errorf("KIZASHI_KILL_AT %q: want STEP:N", at)
	}
	left, err := strconv.Atoi(at[i+1:])
	if err != nil || left < 1 {
		return nil, fmt.Errorf("KIZASHI_KILL_AT %q: want STEP:N, N from 1", at)
	}
	var mu sync.Mutex
	return func(step string) error {
		if step != at[:i] {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		if left--; left > 0 {
			return nil
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			return err
		}
		select {} // the signal is under way
	}, nil
}

// heldClock is a clock that someone else moves.
type heldClock struct{ file string }

func (c heldClock) read() (time.Time, error) {
	b, err := os.ReadFile(c.file)
	if err != nil {
		return time.Time{}, fmt.Errorf("KIZASHI_CLOCK: %w", err)
	}
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(string(b)))
	if err != nil {
		return time.Time{}, fmt.Errorf("KIZASHI_CLOCK: %w", err)
	}
	return t, nil
}

func (c heldClock) now() time.Time {
	t, err := c.read()
	if err != nil {
		panic(err) // the test took the file away
	}
	return t
}

// sleep looks at most a moment, whatever the held clock says: all that sleep
// look at the clock again, and a pause between two requests must end although
// the clock stands.
func (c heldClock) sleep(ctx context.Context, d time.Duration) error {
	return clock.Sleep(ctx, min(d, 25*time.Millisecond))
}
