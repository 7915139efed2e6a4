// Command figures prints every measured figure that README and notes quote as
// tables in Markdown.
//
//	go run ./bench/figures [-only PART,...] [-dir DIR] [-nab DIR] [-loghub DIR] [-series N] [-seeds N] [-tenant N] [-rcf JAR] [-peers-period D] [-grafana=false] [-noise F]
//
// With -dir it also writes them to one page there, named by the day's date.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/backtest"
	"github.com/kizashi-ops/kizashi/bench/nab"
	"github.com/kizashi-ops/kizashi/bench/prior"
	"github.com/kizashi-ops/kizashi/bench/throughput"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest/replay"
)

// sizes of the measurements: those of the figures, or small ones for a test.
type sizes struct {
	nab         string // directory with data and labels
	loghub      string // directory of samples of logs
	drawn       int    // lines that are timed
	garbage     int    // lines that never repeat
	written     int    // lines of a file that is read from end to end
	series      int    // a family
	most        int    // times as many of a count, until 20 episodes are expected
	seeds       int    // a kind of coarse history, of incident, of habit
	tenant      int    // series of a tenant
	families    []string
	noises      []float64       // nil = all
	cheap       bool            // no peers that take long
	periods     []time.Duration // on which peers are compared
	jar         string          // library of the random cut forest
	files       int             // of the backtest
	weeks       int
	held        int // series held in memory
	days        int
	leaks       int // a noise and period
	stills      int // series a kind that go nowhere
	repetitions int // of what is timed: the best counts
}

// parts are all there is, in the order of the page.
var parts = []struct {
	name  string
	write func(io.Writer, sizes) error
}{
	{"cost", cost},
	{"incidents", incidentTables},
	{"habits", habitTable},
	{"calibration", calibrationTables},
	{"tenant", tenantTable},
	{"forecast", forecastTable},
	{"ablation", ablationTable},
	{"peers", peersTable},
	{"history", history},
	{"nab", benchmark},
	{"jitter", robust},
	{"logs", logTables},
	{"lines", lineTables},
}

func partNames() []string {
	var out []string
	for _, p := range parts {
		out = append(out, p.name)
	}
	return out
}

func main() {
	s := sizes{most: 8, seeds: 20, tenant: 1000, leaks: 48, stills: 12, files: 20, weeks: 6, held: 10_000, days: 15, repetitions: 3, drawn: 32_000, garbage: 10_000_000, written: 5_000_000}
	flag.StringVar(&s.nab, "nab", "../shared/data/nab", "`directory` of the Numenta Anomaly Benchmark: data/ and labels/")
	flag.StringVar(&s.loghub, "loghub", "../shared/data/loghub", "`directory` of Loghub's samples")
	flag.IntVar(&s.series, "series", 32, "series a family")
	flag.IntVar(&s.seeds, "seeds", 20, "seeds a family of incidents")
	flag.IntVar(&s.tenant, "tenant", 1000, "series of the tenant")
	flag.StringVar(&s.jar, "rcf", ".cache/rcf/randomcutforest-core.jar", "`library` of AWS's random cut forest")
	period := flag.Duration("peers-period", 5*time.Minute, "of the series on which peers are compared; with Grafana's rules one minute takes hours")
	rules := flag.Bool("grafana", true, "compare with Grafana's rules too: they take a hundred times as long as all else")
	noise := flag.Float64("noise", 0, "of all incidents, in parts of the level; 0 = three of them")
	only := flag.String("only", "", "`parts` to measure, of "+strings.Join(partNames(), ",")+"; all where none is named")
	dir := flag.String("dir", "", "`directory` for the page, beside what is printed")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "figures: unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	s.periods, s.cheap = []time.Duration{*period}, !*rules
	if *noise > 0 {
		s.noises = []float64{*noise}
	}
	var page bytes.Buffer
	err := tables(io.MultiWriter(os.Stdout, &page), s, *only)
	if err == nil && *dir != "" {
		err = os.WriteFile(filepath.Join(*dir, time.Now().Format(time.DateOnly)+".md"), page.Bytes(), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

// tables prints those parts that only names, separated by commas; "" = all.
func tables(w io.Writer, s sizes, only string) error {
	var wanted []string
	if only != "" {
		wanted = strings.Split(only, ",")
	}
	for _, name := range wanted {
		if !slices.Contains(partNames(), name) {
			return fmt.Errorf("part %q: unknown (want some of %s)", name, strings.Join(partNames(), ","))
		}
	}
	fmt.Fprintf(w, "Measured on %s on %d cores (%s/%s) with %s.\n\n", time.Now().Format(time.DateOnly), runtime.GOMAXPROCS(0), runtime.GOOS, runtime.GOARCH, runtime.Version())
	for _, part := range parts {
		if wanted != nil && !slices.Contains(wanted, part.name) {
			continue
		}
		began := time.Now()
		if err := part.write(w, s); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		fmt.Fprintf(os.Stderr, "figures: %s took %s\n", part.name, time.Since(began).Round(time.Second))
	}
	return nil
}

// row of a table in Markdown.
func row(w io.Writer, cells ...string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }

func head(w io.Writer, cells ...string) {
	row(w, cells...)
	row(w, strings.Split(strings.Repeat("---,", len(cells)-1)+"---", ",")...)
}

func history(w io.Writer, s sizes) error {
	set := prior.Standard("", s.seeds)
	fmt.Fprintf(w, "### Coarse history\n\n%d generated series a kind, five minutes, without incidents, seen for so many weeks; then %d weeks without and with the hour averages of the %d weeks before. Error: the median distance of what is expected from the true mean, in parts of the level. Stated: %d false episodes a line.\n\n",
		set.Seeds, set.Score, set.Past, set.Seeds)
	head(w, "kind", "weeks seen", "history taken", "error without", "with", "false episodes without", "with", "series worse by a tenth")
	for _, own := range []int{1, 2} {
		for _, kind := range prior.Kinds() {
			set := prior.Standard(kind, s.seeds)
			set.Own = own
			f, err := set.Measure()
			if err != nil {
				return err
			}
			row(w, kind, fmt.Sprint(own), fmt.Sprintf("%d of %d", f.Taken, f.Series), fmt.Sprintf("%.4f", f.Error[0]), fmt.Sprintf("%.4f", f.Error[1]),
				fmt.Sprint(f.Alerts[0]), fmt.Sprint(f.Alerts[1]), fmt.Sprint(f.Worse))
		}
	}
	fmt.Fprintln(w)
	return nil
}

func share(f float64) string { return fmt.Sprintf("%.3f", f) }

// benchmark is the score of the files that are there, and says how many.
func benchmark(w io.Writer, s sizes) error {
	fmt.Fprint(w, "### NAB\n\n")
	if _, err := os.Stat(s.nab); errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(w, "Not measured: %s is not there.\n\n", s.nab)
		return nil
	}
	dir, err := os.MkdirTemp("", "kizashi-figures-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	_, err = backtest.Run(context.Background(), backtest.Spec{Input: replay.Options{Paths: []string{filepath.Join(s.nab, "data")}}, Shards: runtime.GOMAXPROCS(0), Scores: dir})
	if err != nil {
		return err
	}
	files, err := nab.Load(dir, filepath.Join(s.nab, "labels", "combined_windows.json"))
	if err != nil {
		return err
	}
	n := 0
	for _, f := range files {
		n += len(f.Windows)
	}
	fmt.Fprintf(w, "%d files, %d windows; one pass, no row sees a later one; nothing tuned to it. The threshold is the best one on these files, as the rules have it.\n\n", len(files), n)
	scores(w, files)
	return nil
}

func scores(w io.Writer, files []nab.File) {
	head(w, "", string(nab.Standard), string(nab.LowFP), string(nab.LowFN), "windows found, standard", "missed", "false rows")
	all := nab.Score(files)
	line := func(name string, fs []nab.File) {
		cells := []string{name}
		for _, p := range nab.Profiles() {
			v := nab.At(fs, p, all[p].Threshold).Normalised
			if math.IsNaN(v) {
				cells = append(cells, "-")
			} else {
				cells = append(cells, fmt.Sprintf("%.1f", v))
			}
		}
		r := nab.At(fs, nab.Standard, all[nab.Standard].Threshold)
		row(w, append(cells, fmt.Sprint(r.TP), fmt.Sprint(r.FN), fmt.Sprint(r.FP))...)
	}
	line("all", files)
	for i := 0; i < len(files); {
		k, dir := i, filepath.Dir(files[i].Name)
		for k < len(files) && filepath.Dir(files[k].Name) == dir {
			k++
		}
		line(dir, files[i:k])
		i = k
	}
	fmt.Fprintln(w)
}

func cost(w io.Writer, s sizes) error {
	fmt.Fprint(w, "### Cost\n\nOf what is timed the best of a few runs.\n\n")
	head(w, "what", "measured")
	for _, part := range []func(io.Writer, sizes) error{judging, throughCSV, holding} {
		if err := part(w, s); err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	return nil
}

// never is longer than any run.
const never = time.Duration(math.MaxInt64)

func judging(w io.Writer, s sizes) error {
	best, least := never, math.Inf(1)
	for range s.repetitions {
		took, allocs, err := throughput.Judge()
		if err != nil {
			return err
		}
		best, least = min(best, took), min(least, allocs)
	}
	row(w, "all detectors, judge and learn, one core", fmt.Sprintf("%d ns and %.2f allocations a sample", best.Nanoseconds(), least))
	return nil
}

func throughCSV(w io.Writer, s sizes) error {
	dir, err := os.MkdirTemp("", "kizashi-figures-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	n, err := throughput.WriteFiles(dir, s.files, s.weeks)
	if err != nil {
		return err
	}
	best := never
	for range s.repetitions {
		took, err := throughput.Backtest(dir, n)
		if err != nil {
			return err
		}
		best = min(best, took)
	}
	row(w, fmt.Sprintf("backtest from CSV, %d one-minute series of %d weeks", s.files, s.weeks), fmt.Sprintf("%.2f M samples/s", float64(n)/best.Seconds()/1e6))
	return nil
}

// inTurn is a sample of each series in turn, and the same of series with one a minute.
func inTurn(w io.Writer, e *detect.Engine, f throughput.Fleet) error {
	often := throughput.Fleet{Series: f.Series, Days: min(f.Days, 3), Period: time.Minute}
	o, err := throughput.Engine(often)
	if err != nil {
		return err
	}
	for _, m := range []struct {
		e *detect.Engine
		f throughput.Fleet
	}{{e, f}, {o, often}} {
		c, err := throughput.ColdOf(m.e, m.f, 4)
		if err != nil {
			return err
		}
		row(w, fmt.Sprintf("a sample of each of %d series in turn, one core, each every %s", m.f.Series, m.f.Period), fmt.Sprintf("%d ns of the core (%d within an hour, %d the first of one), %.3f allocations",
			c.CPU.Nanoseconds(), c.Within.Nanoseconds(), c.Begins.Nanoseconds(), c.Allocs))
	}
	return nil
}

func holding(w io.Writer, s sizes) error {
	f := throughput.Fleet{Series: s.held, Days: s.days, Period: 5 * time.Minute}
	mem, e, err := throughput.MemoryOf(f)
	if err != nil {
		return err
	}
	row(w, fmt.Sprintf("memory with %d series", s.held), fmt.Sprintf("%.1f KiB a series", mem.Bytes/1024))
	row(w, "snapshot", fmt.Sprintf("%.1f KiB a series", mem.Saved/1024))
	if err := inTurn(w, e, f); err != nil {
		return err
	}
	save, load := never, never
	for range s.repetitions {
		sv, ld, err := throughput.Restart(e)
		if err != nil {
			return err
		}
		save, load = min(save, sv), min(load, ld)
	}
	row(w, fmt.Sprintf("state of %d series", s.held), fmt.Sprintf("saved in %.2f s, loaded in %.2f s", save.Seconds(), load.Seconds()))
	return nil
}
