package program

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/backtest"
	"github.com/kizashi-ops/kizashi/calibrate"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// calibrateFlags are those of kizashi calibrate.
type calibrateFlags struct {
	inputFlags
	clientFlags
	labels, lang string
	weeks        int
	json         bool
}

// mostWeeks is as long as a service keeps records of hours: 100 days.
const mostWeeks = 14

func calibrateCommand(ctx context.Context, e env, args []string) error {
	var f calibrateFlags
	fs := flagSet(e, "calibrate", "--input PATH... [flags], or of a service: [--config FILE]")
	f.inputFlags.add(fs, "input")
	fs.StringVar(&f.config, "config", "", "YAML `file`: with --input its rules; else the service's (default $KIZASHI_CONFIG, or "+usualConfig+")")
	fs.StringVar(&f.labels, "labels", "", "`file` of incidents, whose alerts are not false: NAB windows (JSON), or CSV series,from,to,name")
	fs.IntVar(&f.weeks, "weeks", service.Weeks, fmt.Sprintf("how far back, of a service: 1 to %d", mostWeeks))
	fs.StringVar(&f.lang, "lang", "", "en or ja (default: from LANG)")
	fs.BoolVar(&f.json, "json", false, "print it as JSON")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	st, err := style(e, f.lang)
	if err != nil {
		return err
	}
	if f.weeks < 1 || f.weeks > mostWeeks {
		return errUsage{fmt.Errorf("--weeks %d: want 1 to %d", f.weeks, mostWeeks)}
	}
	var labels []backtest.Label
	if f.labels != "" {
		if labels, err = backtest.ReadLabels(f.labels, f.zone); err != nil {
			return err
		}
	}
	var inputs []calibrate.Input
	var off error // files that break off were judged up to there
	if len(f.in)+len(rest) > 0 {
		inputs, off, err = f.files(ctx, e, rest, labels)
	} else {
		inputs, err = f.served(e, labels)
	}
	if err != nil {
		return err
	}
	r := calibrate.Of(inputs, withinTarget(e))
	if f.json {
		return errors.Join(printJSON(e.out, r), off)
	}
	if err := tellCalibration(e.out, &r, st); err != nil {
		return err
	}
	if r.All.Weeks == 0 && off == nil {
		return errors.New("no limit has counted yet: it takes two days of samples, a week where they come hourly")
	}
	return off
}

// withinTarget says of a detector whether the target is for its votes.
func withinTarget(e env) func(model string) bool {
	in := map[string]bool{}
	for _, r := range e.table() {
		in[r.Name] = !r.Outside
	}
	return func(model string) bool { return in[model] }
}

// marksOf are the stretches in which a series was wrong by a person's word.
func marksOf(labels []backtest.Label, s *backtest.Series) (out []calibrate.Mark) {
	for i := range labels {
		if labels[i].Covers(s) {
			out = append(out, calibrate.Mark{From: labels[i].From, To: labels[i].To})
		}
	}
	return out
}

// files runs the engine over files. broken is what broke off, and err why there
// is nothing to tell.
func (f *calibrateFlags) files(ctx context.Context, e env, rest []string, labels []backtest.Label) (out []calibrate.Input, broken, err error) {
	spec := backtest.Spec{Own: e.own, Progress: progress(e)}
	if spec.Input, err = f.options(e, rest); err != nil {
		return nil, nil, err
	}
	if spec.Config, err = rules(e, f.config); err != nil {
		return nil, nil, err
	}
	at := map[kizashi.SeriesID]*calibrate.Input{}
	spec.Record = func(r *kizashi.Record) {
		in := at[r.Series]
		if in == nil {
			in = &calibrate.Input{Record: &kizashi.Record{}}
			at[r.Series] = in
		}
		if *in.Record = *r; r.Ready {
			in.Watched.Add(r.Hour, r.R)
		}
	}
	o, broken := backtest.Run(ctx, spec)
	if o == nil {
		return nil, nil, broken
	}
	alerts := map[kizashi.SeriesID][]kizashi.Alert{}
	for _, a := range o.Alerts {
		alerts[a.Series] = append(alerts[a.Series], a)
	}
	for i := range o.Series {
		s := &o.Series[i]
		in := at[s.Meta.Series]
		if in == nil {
			in = &calibrate.Input{}
		}
		in.Meta, in.Alerts, in.Marks = s.Meta, alerts[s.Meta.Series], marksOf(labels, s)
		if in.Settings, err = o.SettingsOf(&s.Meta, s.To); err != nil {
			return nil, nil, err
		}
		out = append(out, *in)
	}
	return out, broken, nil
}

// served reads the data directory of a service, beside it or without it.
func (f *calibrateFlags) served(e env, labels []backtest.Label) (out []calibrate.Input, err error) {
	cfg, err := e.load(f.file(e))
	if err != nil {
		return nil, err
	}
	a, _, err := openDirectory(e, cfg.Storage.Path, nil)
	if err != nil {
		return nil, err
	}
	d := a.(*directory)
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.readEngine(); err != nil {
		return nil, err
	}
	if d.engine == nil {
		return nil, fmt.Errorf("%s has no snapshot yet", cfg.Storage.Path)
	}
	to := kizashi.TimeOf(time.Now())
	h := heard{directory: d, from: to.Add(-time.Duration(f.weeks) * 7 * 24 * time.Hour), to: to, labels: labels}
	if err := h.read(); err != nil {
		return nil, err
	}
	for _, id := range d.engine.Series() {
		in, err := h.input(id)
		if err != nil {
			return nil, err
		}
		out = append(out, in)
	}
	return out, nil
}

// heard is what a data directory holds of a stretch of time.
type heard struct {
	*directory
	from, to kizashi.Time
	labels   []backtest.Label
	alerts   map[kizashi.SeriesID][]kizashi.Alert
	right    map[kizashi.SeriesID][]calibrate.Mark // episodes of which somebody said that they were right
	cuts     []kizashi.Time                        // from when on R may be another, the beginning first
}

func (h *heard) read() error {
	as, err := h.Ledger().Alerts(ledger.Filter{From: h.from, To: h.to})
	if err != nil {
		return err
	}
	h.alerts = map[kizashi.SeriesID][]kizashi.Alert{}
	for _, a := range as {
		if a.Opened >= h.from {
			h.alerts[a.Series] = append(h.alerts[a.Series], a)
		}
	}
	cs, err := h.Ledger().Commands()
	h.cuts, h.right = []kizashi.Time{h.from}, confirmed(cs)
	for _, c := range cs {
		if (c.Op == kizashi.Target || c.Op == kizashi.Reload) && c.At > h.from {
			h.cuts = append(h.cuts, c.At)
		}
	}
	slices.Sort(h.cuts)
	return err
}

// confirmed are the episodes of which the last word was that they were right.
func confirmed(cs []kizashi.Command) map[kizashi.SeriesID][]calibrate.Mark {
	said := map[string][]kizashi.Command{} // by alert, in order
	for _, c := range cs {
		switch c.Op {
		case kizashi.Feedback:
			said[c.Alert] = append(said[c.Alert], c)
		case kizashi.Revoke:
			for a := range said {
				said[a] = slices.DeleteFunc(said[a], func(x kizashi.Command) bool { return x.Act == c.Act })
			}
		}
	}
	out := map[kizashi.SeriesID][]calibrate.Mark{}
	for _, cs := range said {
		if n := len(cs); n > 0 && cs[n-1].As == kizashi.SaidTrue {
			c := cs[n-1]
			out[c.Series] = append(out[c.Series], calibrate.Mark{From: c.From, To: c.To})
		}
	}
	return out
}

// input is what is known of a series.
func (h *heard) input(id kizashi.SeriesID) (in calibrate.Input, err error) {
	s, _ := h.engine.Stands(id)
	in.Meta, in.Ended, in.Alerts = s.Meta, s.Ended != "", h.alerts[id]
	in.Marks = append(marksOf(h.labels, &backtest.Series{Meta: s.Meta}), h.right[id]...)
	if in.Settings, _, err = h.engine.SettingsAt(&s.Meta, h.to); err != nil {
		return in, err
	}
	hours, err := h.Limits(id, h.from, h.to)
	if err != nil || len(hours) == 0 {
		return in, err
	}
	cut, r := -1, kizashi.Duration(0)
	for i := range hours {
		for cut+1 < len(h.cuts) && (h.cuts[cut+1] <= hours[i].Hour || cut < 0) {
			cut++
			set, _, err := h.engine.SettingsAt(&s.Meta, h.cuts[cut])
			if err != nil {
				return in, err
			}
			r = set.R
		}
		if hours[i].Ready {
			in.Watched.Add(hours[i].Hour, r)
		}
	}
	last := hours[len(hours)-1].Hour
	rs, err := h.Records(id, last, last+1)
	if n := len(rs); n > 0 {
		in.Record = &rs[n-1]
	}
	return in, err
}

// aimsOf are what a configuration asks for of the series that the data directory
// knows, and the detectors that are off there.
func aimsOf(e env, cfg *config.Config) (aims []detect.Aim, off []detect.Off, err error) {
	a, _, err := openDirectory(e, cfg.Storage.Path, nil)
	if err != nil {
		return nil, nil, err
	}
	d := a.(*directory)
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.readEngine(); err != nil || d.engine == nil {
		return nil, nil, err
	}
	aims, err = d.engine.Aims(&cfg.Detect)
	return aims, d.engine.Off(), err
}
