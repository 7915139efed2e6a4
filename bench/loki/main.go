// Command loki measures the miner beside Loki's drain, on the same lines in the
// same process. It is a module of its own, so that the product does not depend
// on what Loki does.
//
//	cd bench/loki && go run . [-samples DIR] [-lines N] [-turns N]
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"

	"github.com/grafana/loki/v3/pkg/pattern/drain"

	"github.com/kizashi-ops/kizashi/bench/logs"
)

func main() {
	samples := flag.String("samples", "../../../shared/data/loghub", "`directory` of Loghub's samples")
	lines := flag.Int("lines", 32_000, "distinct lines")
	turns := flag.Int("turns", 30, "of which the best counts, a piece at a time")
	flag.Parse()
	if err := run(*samples, *lines, *turns); err != nil {
		fmt.Fprintln(os.Stderr, "loki:", err)
		os.Exit(1)
	}
}

// noFields is what Loki takes of JSON lines: none.
type noFields struct{}

func (noFields) PatternIngesterTokenizableJSONFields(string) []string { return nil }

func run(samples string, n, turns int) error {
	ss, err := logs.Load(samples)
	if err != nil {
		return err
	}
	var repeated []string
	for _, s := range ss {
		repeated = append(repeated, s.Full...)
	}
	fmt.Printf("Go %s, %s/%s; nanoseconds a full line, the best of %d turns a piece; Loki's drain at its defaults leaves lines out.\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, turns)
	fmt.Println("| lines | bytes a line | loop over bytes | miner | Loki's drain | miner / loop | drain / miner | drain left out |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	redrawn := logs.Redraw(ss, n, 1)
	for _, set := range []struct {
		name  string
		lines []string
	}{{"redrawn", redrawn}, {"redrawn, numbers of other lengths", logs.Resize(redrawn, 1)}, {"repeated", repeated}} {
		d := drain.New("bench", drain.DefaultConfig(), noFields{}, drain.FormatUnknown, nil)
		ts, all, out := int64(0), 0, 0
		m := logs.Measure(set.lines, turns, func(line string) {
			ts += 1e6
			all++
			if d.Train(line, ts) == nil {
				out++
			}
		})
		fmt.Printf("| %s | %.0f | %.0f | %.0f | %.0f | %.1f | %.1f | %.0f %% |\n", set.name, m.Bytes, m.Classes, m.Miner, m.Peers[0], m.Miner/m.Classes, m.Peers[0]/m.Miner, 100*float64(out)/float64(all))
	}
	return nil
}
