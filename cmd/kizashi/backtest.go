package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"

	"github.com/kizashi-ops/kizashi/backtest"
	"github.com/kizashi-ops/kizashi/ingest/replay"
)

func backtestCommand(ctx context.Context, e env, args []string) error {
	fs := flag.NewFlagSet("backtest", flag.ContinueOnError)
	fs.SetOutput(e.err)
	scores := fs.String("scores-out", "", "directory")
	mapping := fs.String("mapping", "", "")
	labels := fs.String("labels", "", "")
	asJSON := fs.Bool("json", false, "")
	var in paths
	fs.Var(&in, "input", "")
	if err := fs.Parse(args); err != nil {
		return errUsage{err}
	}
	opt := replay.Options{Paths: in}
	var err error
	if *mapping != "" {
		if opt.Mapping, err = replay.LoadMapping(*mapping); err != nil {
			return err
		}
	}
	o, err := backtest.Run(ctx, backtest.Spec{Input: opt, Shards: runtime.GOMAXPROCS(0), Scores: *scores})
	if err != nil {
		return err
	}
	if *labels != "" {
		ls, err := backtest.ReadLabels(*labels, "")
		if err != nil {
			return err
		}
		o.Evaluate(ls, nil)
	}
	if *asJSON {
		return o.Write(e.out)
	}
	for _, a := range o.Alerts {
		fmt.Fprintln(e.out, a.ID, a.Opened, a.To, a.Labels.Get("name"), a.Side, a.Models, a.Peak.Value, a.State)
	}
	for _, s := range o.Series {
		fmt.Fprintln(e.out, s.Meta.Name(), s.Season, s.States, s.Alerts)
		for _, n := range s.Notes {
			fmt.Fprintln(e.out, "      ", n.At, n.Fact.Claim, n.Fact.Text, n.Fact.Low, n.Fact.High)
		}
	}
	if o.Score != nil {
		fmt.Fprintf(e.out, "%+v\n", o.Score.Ours)
	}
	fmt.Fprintln(e.out, len(o.Alerts), "alerts", o.Samples, "samples")
	return nil
}

type paths []string

func (p *paths) String() string     { return fmt.Sprint(*p) }
func (p *paths) Set(s string) error { *p = append(*p, s); return nil }
