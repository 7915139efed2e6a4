package main

import (
	"context"
	"fmt"
	"io"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/backtest"
	"github.com/kizashi-ops/kizashi/ingest/replay"
	"github.com/kizashi-ops/kizashi/verify"
)

// verifyCommand computes alerts again, from the outcome alone or from the
// samples too.
func verifyCommand(ctx context.Context, e env, args []string) error {
	var in inputFlags
	fs := flagSet(e, "verify", "FILE [ALERT...] [--data PATH...] [--show]")
	in.add(fs, "data")
	show := fs.Bool("show", false, "print every step, so that it can be redone in a spreadsheet")
	lang := fs.String("lang", "", "en or ja (default: from LANG)")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	st, err := style(e, *lang)
	if err != nil {
		return err
	}
	o, file, rest, err := outcomeAnd(rest)
	if err != nil {
		return err
	}
	var data *verify.Samples
	if len(in.in) > 0 {
		opt, err := in.options(e, nil)
		if err != nil {
			return err
		}
		if data, err = samplesOf(ctx, opt); err != nil {
			return err
		}
	}
	alerts, err := chosen(o, rest)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return verifyAll(e.out, o, alerts, data, st, *show)
}

// chosen are the alerts named, or all.
func chosen(o *backtest.Outcome, ids []string) ([]kizashi.Alert, error) {
	if len(ids) == 0 {
		return o.Alerts, nil
	}
	var out []kizashi.Alert
	for _, id := range ids {
		a, _, err := o.Find(id)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// samplesOf reads all samples of an input, as they would be judged.
func samplesOf(ctx context.Context, opt replay.Options) (*verify.Samples, error) {
	src, err := replay.New(opt)
	if err != nil {
		return nil, err
	}
	if err := src.Open(nil); err != nil {
		return nil, err
	}
	out := verify.NewSamples()
	for {
		b, err := src.Next(ctx)
		if err == io.EOF {
			return out, src.Close()
		}
		if err != nil {
			return nil, err
		}
		out.Add(b.Samples)
	}
}

// verifyAll tells each alert's result in a line, or in full, and fails if one
// does not hold.
func verifyAll(w io.Writer, o *backtest.Outcome, alerts []kizashi.Alert, data *verify.Samples, st explain.Style, show bool) error {
	bad := 0
	for _, a := range alerts {
		r, err := checkAlert(o, a, data)
		if err != nil {
			return err
		}
		if show {
			if err := r.Show(w, string(st.Lang)); err != nil {
				return err
			}
		}
		if !r.Ok() {
			bad++
		}
		tellReport(w, a, r, st, show)
	}
	fmt.Fprintf(w, pick(st, "%d alerts computed again, %d of them with faults.\n", "アラート %d 件を再計算し、不一致は %d 件。\n"), len(alerts), bad)
	if bad > 0 {
		return errFound
	}
	return nil
}

func checkAlert(o *backtest.Outcome, a kizashi.Alert, data *verify.Samples) (verify.Report, error) {
	j := o.Justifications[a.Justify]
	set, err := o.SettingsOf(&j.Meta)
	if err != nil {
		return verify.Report{}, err
	}
	cfg := verify.Config{Settings: &set, Hash: o.ConfigHash}
	if data != nil {
		cfg.Data = &verify.Data{Samples: data.Between, Checkpoints: o.Checkpoints, Commands: o.Commands}
	}
	return verify.Check(a, j, cfg), nil
}

func tellReport(w io.Writer, a kizashi.Alert, r verify.Report, st explain.Style, shown bool) {
	word := pick(st, "holds", "一致")
	if !r.Ok() {
		word = pick(st, "DOES NOT HOLD", "不一致")
	}
	fmt.Fprintf(w, pick(st, "%s  %s: %d steps, %d declared", "%s  %s: 計算 %d、申告値 %d"), a.ID, word, len(r.Steps), len(r.Declared))
	if r.Largest.Path != "" {
		fmt.Fprintf(w, pick(st, ", largest difference from the samples %.2g", "、計測値からの再計算との最大差 %.2g"), r.Largest.Off)
	}
	fmt.Fprintln(w)
	if shown {
		return
	}
	for _, f := range r.Faults {
		fmt.Fprintln(w, "    "+explain.Clean(f))
	}
}
