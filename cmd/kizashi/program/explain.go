package program

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/backtest"
	"github.com/kizashi-ops/kizashi/detect"
)

// explainCommand writes alerts in words: one in full, or all in a line each.
func explainCommand(_ context.Context, e env, args []string) error {
	fs := flagSet(e, "explain", "FILE|DIR [ALERT...] [--lang en|ja] [--style engineer|manager|summary]")
	lang := fs.String("lang", "", "en or ja (default: from LANG)")
	kind := fs.String("style", "engineer", "engineer: all of it; manager: a few sentences; summary: as notified")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	st, err := style(e, *lang)
	if err != nil {
		return err
	}
	a, rest, err := openArchive(e, rest)
	if err != nil {
		return err
	}
	defer a.Close()
	if len(rest) == 0 {
		return listAlerts(e, a, st)
	}
	for _, id := range rest {
		one, j, err := a.Find(id)
		if err != nil {
			return err
		}
		t, err := explain.Text(one, j, st)
		if err != nil {
			return err
		}
		switch *kind {
		case "engineer":
			fmt.Fprintln(e.out, t.Engineer)
		case "manager":
			fmt.Fprintln(e.out, t.Manager)
		case "summary":
			fmt.Fprintf(e.out, "%s\n%s\n", t.Title, t.Summary)
		default:
			return errUsage{fmt.Errorf("--style %q: want engineer, manager or summary", *kind)}
		}
	}
	return nil
}

// listAlerts prints a line for each.
func listAlerts(e env, a archive, st explain.Style) error {
	alerts, err := a.Alerts()
	if err != nil {
		return err
	}
	for _, one := range alerts {
		_, j, err := a.Find(one.ID)
		if err != nil {
			return err
		}
		t, err := explain.Text(one, j, st)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s  %s\n", one.ID, t.Title)
	}
	return nil
}

// whyCommand tells what was said of one moment, alert or not, by running the
// files up to it.
func whyCommand(ctx context.Context, e env, args []string) error {
	var in inputFlags
	fs := flagSet(e, "why", "SERIES TIME --input PATH... [flags]")
	in.add(fs, "input")
	cfg := fs.String("config", "", "YAML `file` whose detect section holds the rules")
	lang := fs.String("lang", "", "en or ja (default: from LANG)")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) < 2 {
		return errUsage{errors.New("want a series and a time")}
	}
	st, err := style(e, *lang)
	if err != nil {
		return err
	}
	at, err := in.time(rest[1])
	if err != nil {
		return errUsage{err}
	}
	spec := backtest.Spec{Own: e.own, Progress: progress(e)}
	if spec.Input, err = in.options(e, rest[2:]); err != nil {
		return err
	}
	if spec.Config, err = rules(e, *cfg); err != nil {
		return err
	}
	return why(ctx, e, spec, rest[0], at, st)
}

func why(ctx context.Context, e env, spec backtest.Spec, series string, at kizashi.Time, st explain.Style) error {
	metas, err := backtest.List(spec.Input)
	if err != nil {
		return err
	}
	meta, err := byName(metas, series)
	if err != nil {
		return err
	}
	spec.Input.To = at + 1
	var asked *detect.Asked
	spec.Prepare = func(eng *detect.Engine) { asked = eng.Ask(meta.Series, at) }
	if _, err := backtest.Run(ctx, spec); err != nil {
		return err
	}
	if !asked.Found {
		return fmt.Errorf("%s has no sample at or before %s", meta.Name(), at)
	}
	if late := at.Sub(asked.Moment.At); late > max(time.Hour, 2*time.Duration(asked.Meta.Period)) {
		return fmt.Errorf("%s has no sample at %s; the last one before is of %s", meta.Name(), at, asked.Moment.At)
	}
	text, err := explain.Moment(asked.Moment, asked.Meta, asked.Record, asked.Facts, st)
	if err != nil {
		return err
	}
	fmt.Fprintln(e.out, text)
	return nil
}

// byName finds the one series of a name, file, id or part of a name.
func byName(series []backtest.Series, name string) (kizashi.Meta, error) {
	var found []kizashi.Meta
	l := backtest.Label{Series: name}
	for i := range series {
		m := series[i].Meta
		if m.Series.String() == name || m.Name() == name {
			return m, nil
		}
		if l.Covers(&series[i]) {
			found = append(found, m)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		text := ""
		for i := range series {
			text += "\n  " + series[i].Meta.Name()
		}
		return kizashi.Meta{}, fmt.Errorf("series %q: there is none; there are%s", name, text)
	}
	return kizashi.Meta{}, fmt.Errorf("series %q: %d series match, %s and %s among them", name, len(found), found[0].Name(), found[1].Name())
}
