// Command storm lets many series of a few services cross their limit within
// the same minute, and measures how the service takes it: when each service's
// first message is there, whether the alert that leads it is justified, how
// many messages there are, whether every alert is accounted for, and what that
// takes of memory.
//
//	go run ./e2e/storm [-series N] [-services N] [-stop]
//
// AWS is emulated in the same process, and its time is virtual; what is
// measured is real time, from the moment at which all samples of the minute
// are journalled.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi/e2e/virtual"
)

func main() {
	w := world{}
	flag.IntVar(&w.series, "series", 50_000, "series in all")
	flag.IntVar(&w.services, "services", 40, "services that they belong to")
	flag.BoolVar(&w.cut, "stop", false, "stop the service at the first message, and start it again")
	flag.Parse()
	if flag.NArg() > 0 || w.services < 1 || w.series < w.services {
		flag.Usage()
		os.Exit(2)
	}
	r, err := w.run(context.Background())
	if err == nil {
		r.print(os.Stdout)
		if faults := r.faults(); len(faults) > 0 {
			err = fmt.Errorf("%d faults: %s", len(faults), faults[0])
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "storm:", err)
		os.Exit(1)
	}
}

// result of a storm.
type result struct {
	world
	alerts   int                        // that fire
	unknown  []string                   // alerts that are neither told, nor counted, nor held with a reason; by lane
	messages map[string]map[string]int  // of the storm, by lane and service
	first    map[string][]time.Duration // of each service's first message, from the tick on, by lane
	bare     int                        // first messages whose leading alert has no justification
	stepped  time.Duration              // from the tick until its alerts and their threads are stored
	used     time.Duration              // processor time from the tick to the first message
	stopped  time.Duration              // from the request to stop until the service had
	calm     int64                      // bytes resident at most before the storm
}

// faults are what must not be, however slow the machine.
func (r *result) faults() (out []string) {
	if r.alerts != r.series {
		out = append(out, fmt.Sprintf("%d of %d series have an alert that fires", r.alerts, r.series))
	}
	if len(r.unknown) > 0 {
		out = append(out, fmt.Sprintf("%d alerts are not accounted for: %s", len(r.unknown), r.unknown[0]))
	}
	if r.bare > 0 {
		out = append(out, fmt.Sprintf("%d first messages have an alert without its justification", r.bare))
	}
	for _, lane := range lanes {
		if n := len(r.messages[lane]); n != r.services {
			out = append(out, fmt.Sprintf("%s heard of %d services of %d", lane, n, r.services))
		}
		for service, n := range r.messages[lane] {
			if n != 1 {
				out = append(out, fmt.Sprintf("%s heard %d messages of %s", lane, n, service))
			}
		}
	}
	return out
}

func (r *result) print(w io.Writer) {
	row := func(what, format string, a ...any) { fmt.Fprintf(w, "| %s | %s |\n", what, fmt.Sprintf(format, a...)) }
	fmt.Fprintf(w, "### A storm\n\n%d series of %d services cross their limit in the same minute.\n\n| what | measured |\n| --- | --- |\n", r.series, r.services)
	row("alerts that fire", "%d", r.alerts)
	for _, lane := range lanes {
		ds := slices.Sorted(slices.Values(r.first[lane]))
		if len(ds) > 0 {
			row("first message of a service to "+lane+", after the tick: first, middle, last", "%s, %s, %s", ms(ds[0]), ms(ds[len(ds)/2]), ms(ds[len(ds)-1]))
		}
	}
	row("from the tick until its alerts and their threads are stored; processor time until the first message", "%s, %s", ms(r.stepped), ms(r.used))
	if r.cut {
		row("told to stop at the first message, the service ended after", "%s", ms(r.stopped))
	}
	row("first messages without a justification", "%d", r.bare)
	row("alerts not accounted for", "%d", len(r.unknown))
	peak, err := virtual.Peak()
	if err != nil {
		row("memory", "%v", err)
		return
	}
	row("memory at most, and before the storm", "%d MiB, %d MiB (the emulated AWS included)", peak>>20, r.calm>>20)
}

func ms(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
