package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/backtest"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/detect"
)

// backtestFlags are those of kizashi backtest.
type backtestFlags struct {
	inputFlags
	config, labels, inherited, scores, report, lang string
	json                                            bool
	cores                                           int
}

func backtestCommand(ctx context.Context, e env, args []string) error {
	var f backtestFlags
	fs := flagSet(e, "backtest", "--input PATH... [flags]")
	f.add(fs, "input")
	fs.StringVar(&f.config, "config", "", "YAML `file` whose detect section holds the rules")
	fs.StringVar(&f.labels, "labels", "", "`file` of incidents: NAB windows (JSON), or CSV series,from,to,name")
	fs.StringVar(&f.inherited, "inherited", "", "the `alarm` you have today, such as \">0.5 3/5\", run over the same rows")
	fs.StringVar(&f.scores, "scores-out", "", "`directory` for a scored copy of each input")
	fs.StringVar(&f.report, "report", "", "`file` for a report in HTML")
	fs.StringVar(&f.lang, "lang", "", "en or ja (default: from LANG)")
	fs.BoolVar(&f.json, "json", false, "print all that was found as JSON")
	fs.IntVar(&f.cores, "cores", runtime.GOMAXPROCS(0), "goroutines that judge; changes no result")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	st, err := style(e, f.lang)
	if err != nil {
		return err
	}
	spec, labels, err := f.spec(e, rest)
	if err != nil {
		return err
	}
	o, off := backtest.Run(ctx, spec)
	if o == nil {
		return off
	}
	if labels != nil || spec.Alarm != nil {
		o.Evaluate(labels, spec.Alarm)
	}
	if f.report != "" {
		if err := writeReport(f.report, o, spec.Traces, labels, st); err != nil {
			return err
		}
	}
	tell := func() error { return tellOutcome(e.out, o, st) }
	if f.json {
		tell = func() error { return o.Write(e.out) }
	}
	return errors.Join(tell(), off) // files that break off were judged up to there
}

// spec of the run, and the labels to hold it against.
func (f *backtestFlags) spec(e env, rest []string) (backtest.Spec, []backtest.Label, error) {
	s := backtest.Spec{Own: e.own, Shards: f.cores, Scores: f.scores, Progress: progress(e)}
	var err error
	if s.Input, err = f.options(e, rest); err != nil {
		return s, nil, err
	}
	if s.Config, err = rules(e, f.config); err != nil {
		return s, nil, err
	}
	if f.inherited != "" {
		if s.Alarm, err = backtest.ParseAlarm(f.inherited); err != nil {
			return s, nil, errUsage{err}
		}
	}
	if f.report != "" {
		s.Traces = backtest.Traces{}
	}
	if f.labels == "" {
		return s, nil, nil
	}
	labels, err := backtest.ReadLabels(f.labels, f.zone)
	return s, labels, err
}

// rules of a configuration file; none without one.
func rules(e env, file string) (detect.Config, error) {
	if file == "" {
		return detect.Config{}, nil
	}
	return config.LoadRules(file, e.ownNames()...)
}

// progress shows how far a long run has come, on a terminal only.
func progress(e env) func(int64, kizashi.Time) {
	if !e.terminal {
		return nil
	}
	return func(n int64, at kizashi.Time) {
		fmt.Fprintf(e.err, "\r%d samples, %s ", n, at.UTC().Format("2006-01-02 15:04"))
	}
}

// toldAlerts are listed in full; the rest is counted.
const toldAlerts = 50

// tellOutcome prints what was found.
func tellOutcome(w io.Writer, o *backtest.Outcome, st explain.Style) error {
	for _, f := range o.Input.Files {
		fmt.Fprintln(w, inputSaid(f, st))
	}
	fmt.Fprintln(w)
	for i, a := range o.Alerts {
		if i == toldAlerts {
			fmt.Fprintf(w, pick(st, "... and %d more\n", "... ほか %d 件\n"), len(o.Alerts)-i)
			break
		}
		t, err := explain.Text(a, o.Justifications[a.Justify], st)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s  %s\n", a.ID, t.Title)
	}
	if len(o.Alerts) > 0 {
		fmt.Fprintln(w)
	}
	for i := range o.Series {
		tellSeries(w, &o.Series[i], st)
	}
	if o.Score != nil {
		fmt.Fprintln(w)
		tellScore(w, o.Score, st)
	}
	return nil
}

// tellSeries is a line on what became of a series, and one for each thing
// that happened to its baseline.
func tellSeries(w io.Writer, s *backtest.Series, st explain.Style) {
	fmt.Fprintf(w, "%s: %s", explain.Clean(s.Name()), pick(st, explain.Plural(s.Alerts, "alert"), fmt.Sprintf("アラート %d 件", s.Alerts)))
	fmt.Fprintf(w, pick(st, " in %.1f weeks", " / %.1f 週間"), s.Weeks())
	if n := s.States[kizashi.LateSample]; n > 0 {
		fmt.Fprintf(w, pick(st, ", %d late samples not judged", "、遅延 %d 点は判定対象外"), n)
	}
	if s.Judged == kizashi.Never {
		fmt.Fprint(w, pick(st, ", never judged: too little history", "、履歴不足のため判定なし"))
	}
	fmt.Fprintln(w)
	if s.Loose != "" {
		fmt.Fprintln(w, "    "+loose(s.Loose, st))
	}
}

// tellScore prints the comparison with the labels and the inherited alarm.
func tellScore(w io.Writer, s *backtest.Score, st explain.Style) {
	line := func(name string, t backtest.Tally) {
		fmt.Fprintf(w, "%-12s %s", name, pick(st, explain.Plural(t.Alerts, "alert"), fmt.Sprintf("アラート %d 件", t.Alerts)))
		fmt.Fprintf(w, pick(st, ", %.2f a week and series", "、系列・週あたり %.2f 件"), t.Weekly)
		if len(s.Labels) > 0 {
			fmt.Fprintf(w, pick(st, "; incidents: %d caught, %d missed, %d undecided; alerts outside every incident: %d", "; 障害の検知 %d 件、見逃し %d 件、判定不能 %d 件; 障害外のアラート %d 件"), t.Caught, t.Missed, t.Undecided, t.Outside)
		}
		if t.Caught > 0 {
			fmt.Fprintf(w, pick(st, "; median delay %s", "; 検知遅延の中央値 %s"), explain.Duration(time.Duration(t.Delay), st.Lang))
		}
		fmt.Fprintln(w)
	}
	line("kizashi", s.Ours)
	if s.Inherited != nil {
		line(s.Alarm, *s.Inherited)
	}
	for _, f := range s.Labels {
		if f.Fate == backtest.NoData || f.Fate == backtest.NoSeries {
			fmt.Fprintf(w, pick(st, "label %s %s to %s: %s\n", "ラベル %s %s〜%s: %s\n"), f.Label.Series, f.Label.From, f.Label.To, f.Fate)
		}
	}
}

// create writes a file as a whole: a report that fails half-way leaves none.
func create(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(dirOf(path), ".kizashi-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
