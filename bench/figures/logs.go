package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kizashi-ops/kizashi/bench/logs"
)

// logTables measures the miner on the samples of Loghub that are there.
func logTables(w io.Writer, s sizes) error {
	fmt.Fprint(w, "### Log patterns\n\n")
	ss, err := logs.Load(s.loghub)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(w, "Not measured: %s is not there.\n\n", s.loghub)
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%d systems of 2,000 lines, one configuration, one pass. GA: lines whose group is exactly a true one; FGA: F1 of groups; PA: lines whose template is the true one; FTA: F1 of groups and templates. Ids: the share of full lines that have the same id in the worst of 20 shuffles, and in one half of the file.\n\n", len(ss))
	head(w, "system", "GA content", "FGA", "PA", "FTA", "GA full", "FGA", "PA", "FTA", "ids shuffled", "ids halves")
	line := func(name string, c, f logs.Score, shuffled, halves float64) {
		row(w, name, share(c.GA), share(c.FGA), share(c.PA), share(c.FTA), share(f.GA), share(f.FGA), share(f.PA), share(f.FTA), fmt.Sprintf("%.4f", shuffled), fmt.Sprintf("%.4f", halves))
	}
	var content, full []logs.Score
	least, lowest, mean := 1., 1., 0.
	for _, sys := range ss {
		c, f := sys.Judge(logs.Mine(sys.Content)), sys.Judge(logs.Mine(sys.Full))
		content, full = append(content, c), append(full, f)
		a, b := logs.Shuffled(sys.Full, 20), logs.Halves(sys.Full)
		least, lowest, mean = min(least, a), min(lowest, b), mean+b/float64(len(ss))
		line(sys.Name, c, f, a, b)
	}
	line("mean", logs.Mean(content), logs.Mean(full), least, mean)
	line("lowest", logs.Lowest(content), logs.Lowest(full), least, lowest)
	if err := logCost(w, s, ss); err != nil {
		return err
	}
	return logPath(w, s)
}

// logCost is what lines and patterns cost. Loki's drain is measured beside it
// by a module of its own, bench/loki.
func logCost(w io.Writer, s sizes, ss []logs.System) error {
	v := logs.Measure(logs.Redraw(ss, s.drawn, 1), 10*s.repetitions)
	fmt.Fprintf(w, "\nFull lines of all systems, shuffled, every variable with other digits: %.0f bytes a line; %.0f ns a line with slot statistics (%.2f M lines/s on one core), %.1f times a loop that looks each byte up (%.0f ns); %.4f allocations a line.\n\n",
		v.Bytes, v.Miner, 1e3/v.Miner, v.Miner/v.Classes, v.Classes, v.Allocs)
	each, n := logs.Weight(ss, 10)
	judged, m, err := logs.WeightJudged(ss)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "A pattern takes %.0f bytes with its slots (%d patterns), %.0f with its baseline after two weeks (%d patterns of %d log groups).\n\n", each, n, judged, m, len(ss))
	bytes, first, last, h := logs.Garbage(s.garbage, 1)
	fmt.Fprintf(w, "%d lines of words that nobody wrote before: %d MiB, %.1f us a line in the first tenth and %.1f in the last; said of them: %s.\n\n", h.Lines, bytes>>20, first/1e3, last/1e3, h.Reason)
	return nil
}

// logPath is what a line costs from the file on, as users run the program.
func logPath(w io.Writer, s sizes) error {
	dir, err := os.MkdirTemp("", "kizashi-figures-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	kizashi, err := logs.Build(dir)
	if err != nil {
		return err
	}
	shop, garbage := filepath.Join(dir, "shop.log"), filepath.Join(dir, "garbage.log")
	n, err := logs.WriteLog(shop, s.written, float64(s.written)/60, 1)
	if err != nil {
		return err
	}
	st, err := logs.MeasureStages(shop, s.repetitions)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "A generated log of %d lines, %.0f bytes each. On one core a line takes %.0f ns to be read and to have its time found, %.0f to be masked, %.0f to be mined. As a command, the best of %d turns:\n\n",
		st.Lines, st.Bytes, st.Read, st.Mask, st.Mine, s.repetitions)
	if _, err := logs.WriteGarbage(garbage, s.garbage, 60, 1); err != nil {
		return err
	}
	head(w, "kizashi", "lines", "lines/s", "cores busy", "MiB at the most")
	var best [2]logs.Cost
	for range s.repetitions {
		for i, args := range [][]string{{"patterns", shop}, {"backtest", shop}} {
			c, err := kizashi.Run(args...)
			if err != nil {
				return err
			}
			if best[i].Wall == 0 || c.Wall < best[i].Wall {
				best[i] = c
			}
		}
	}
	tell := func(what string, n int, c logs.Cost) {
		row(w, what, fmt.Sprint(n), fmt.Sprintf("%.0f k", float64(n)/c.Wall.Seconds()/1e3), fmt.Sprintf("%.2f", c.Cores.Seconds()/c.Wall.Seconds()), fmt.Sprint(c.Memory>>20))
	}
	tell("patterns", n, best[0])
	tell("backtest", n, best[1])
	for _, args := range [][]string{{"patterns", garbage}, {"backtest", garbage}} {
		c, err := kizashi.Run(args...)
		if err != nil {
			return err
		}
		tell(args[0]+", lines that never repeat", s.garbage, c)
	}
	fmt.Fprintln(w)
	return nil
}
