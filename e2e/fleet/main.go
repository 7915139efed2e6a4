// Command fleet measures one virtual hour of a fleet of accounts on the
// emulated AWS, from a loaded snapshot: whether every point is judged, what
// that costs in memory, processor and calls, and whether one account that is
// throttled delays any other tenant.
//
//	go run ./e2e/fleet [-accounts N] [-regions N] [-series N] [-profile FILE]
//
// The emulated AWS, the warming up and each hour are processes of their own,
// so that none is counted with another.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/e2e/virtual"
)

// child is set in the environment of the processes that this one starts.
const child = "KIZASHI_FLEET_CHILD"

// job is what a process is to do.
type job struct {
	role     string
	size     size
	url      string
	snapshot string
	profile  string
	learn    time.Duration
	throttle int // account that is throttled all the time; -1 = none
}

func main() {
	j := job{}
	flag.StringVar(&j.role, "role", "all", "what this process does: `all`, fake, warm, hour")
	flag.IntVar(&j.size.Accounts, "accounts", 30, "accounts, each a tenant of its own")
	flag.IntVar(&j.size.Regions, "regions", 3, "regions of each, at most 3")
	flag.IntVar(&j.size.Series, "series", 1000, "series of each")
	flag.BoolVar(&j.size.Mixed, "mixed", false, "of five series one polled each minute, two each 5 and two each 15 minutes")
	flag.DurationVar(&j.learn, "learn", defaultLearning, "what the series have seen before the hour; limits count after two days")
	flag.StringVar(&j.url, "url", "", "of the fake")
	flag.StringVar(&j.snapshot, "snapshot", "", "`file` of the snapshot")
	flag.StringVar(&j.profile, "profile", "", "`file` for a processor profile of the hour")
	flag.IntVar(&j.throttle, "throttle", -1, "`number` of the account that is throttled")
	flag.Parse()
	err := virtual.Credentials()
	if err == nil && (flag.NArg() > 0 || j.size.Regions < 1 || j.size.Regions > len(regionNames) || j.size.Accounts < 1 || j.size.Series < 1) {
		flag.Usage()
		os.Exit(2)
	}
	if err == nil {
		err = j.do(context.Background(), os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

func (j job) do(ctx context.Context, out io.Writer) error {
	f := &fake{url: j.url}
	switch j.role {
	case "fake":
		return serveFake(j.size)
	case "warm":
		return warm(ctx, f, j.size, j.learn, j.snapshot)
	case "hour":
		var faults []awsfake.Fault
		if j.throttle >= 0 {
			faults = append(faults, awsfake.Fault{Account: virtual.Number(j.throttle), Service: "monitoring", Throttle: true})
		}
		m, err := runHour(ctx, f, j.size, j.snapshot, j.profile, faults)
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(m)
	case "all":
		self, err := os.Executable()
		if err != nil {
			return err
		}
		r, err := j.measure(self)
		if err != nil {
			return err
		}
		r.print(out)
		return nil
	}
	return fmt.Errorf("role %q: want all, fake, warm or hour", j.role)
}

// flags give a size to another process.
func (s size) flags() []string {
	return []string{"-accounts", strconv.Itoa(s.Accounts), "-regions", strconv.Itoa(s.Regions), "-series", strconv.Itoa(s.Series), "-mixed=" + strconv.FormatBool(s.Mixed)}
}

// report is what was measured of a fleet.
type report struct {
	Warm        time.Duration
	Plain, Held measured // without, and with the first account throttled
}

// measure runs the processes: the fake, the warming up, and two hours.
func (j job) measure(self string) (r report, err error) {
	s := j.size
	dir, err := os.MkdirTemp("", "kizashi-fleet-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	f, err := startFake(self, s)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	args := append([]string{"-url", f.url, "-snapshot", filepath.Join(dir, "snapshot")}, s.flags()...)
	run := func(more ...string) (m measured, err error) {
		cmd := exec.Command(self, append(more, args...)...)
		cmd.Stderr, cmd.Env = os.Stderr, append(os.Environ(), child+"=1")
		b, err := cmd.Output()
		if err == nil && len(b) > 0 {
			err = json.Unmarshal(b, &m)
		}
		return m, err
	}
	began := time.Now()
	if _, err := run("-role", "warm", "-learn", j.learn.String()); err != nil {
		return r, fmt.Errorf("warming up: %w", err)
	}
	r.Warm = time.Since(began)
	if r.Plain, err = run("-role", "hour", "-profile", j.profile); err != nil {
		return r, fmt.Errorf("the hour: %w", err)
	}
	if r.Held, err = run("-role", "hour", "-throttle", "0"); err != nil {
		return r, fmt.Errorf("the hour with one account throttled: %w", err)
	}
	return r, nil
}

func (r report) print(w io.Writer) {
	m := r.Plain
	row := func(what, format string, a ...any) { fmt.Fprintf(w, "| %s | %s |\n", what, fmt.Sprintf(format, a...)) }
	poll := "each polled every minute"
	if m.Size.Mixed {
		poll = "of five one polled every minute, two every 5, two every 15"
	}
	fmt.Fprintf(w, "### A fleet for an hour\n\n%d accounts, %d regions each, %d series in each, %s; from a loaded snapshot, on the emulated AWS.\n\n| what | measured |\n| --- | --- |\n",
		m.Size.Accounts, m.Size.Regions, m.Size.Series, poll)
	row("points due, judged, of these with limits", "%d, %d, %d", m.Due, m.Points, m.Opinions)
	row("out of turn or twice; outages", "%d; %d", m.Twice, m.Statuses)
	row("processor, source to judgement", "%.1f us a series and minute", float64(m.perPoint().Nanoseconds())/1000)
	row("allocated", "%.0f bytes a point, %d collections", m.AllocsPer, m.GCs)
	row("memory at its peak", "%.0f MiB, %.1f KiB a series", float64(m.Peak)/(1<<20), float64(m.Peak)/1024/float64(m.Size.series()))
	row("after the snapshot", "%.0f MiB; it has %.0f MiB and loads in %.1f s", float64(m.Loaded)/(1<<20), float64(m.Snapshot)/(1<<20), m.Load.Seconds())
	row("calls, and the least there could be", "%d and %d: %.3f", m.Calls, m.Least, m.calls())
	row("the hour took, warming up before it", "%.0f s, %.0f s", m.Real.Seconds(), r.Warm.Seconds())
	least, most := m.lags(tenant(0))
	heldLeast, heldMost := r.Held.lags(tenant(0))
	row("furthest behind the clock, best and worst tenant", "%s, %s", least, most)
	row("the same with one account throttled, the others", "%s, %s; that one %s", heldLeast, heldMost, r.Held.Lag[tenant(0)])
	row("moves of the clock while somebody worked", "%d, %d", m.Forced, r.Held.Forced)
	fmt.Fprintln(w)
}
