package program

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/backtest"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest/replay"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store"
	"github.com/kizashi-ops/kizashi/store/ledger"
	"github.com/kizashi-ops/kizashi/verify"
)

// archive is where alerts lie: what `backtest --json` wrote, or the data
// directory of a service, beside which it may be read.
type archive interface {
	// Alerts returns all alerts, by when they opened.
	Alerts() ([]kizashi.Alert, error)
	// Find returns the alert whose id begins so, and its justification.
	Find(prefix string) (kizashi.Alert, kizashi.Justification, error)
	// Config is what the justification is held against.
	Config(j *kizashi.Justification) (verify.Config, error)
	Close() error
}

// openArchive takes the first argument that is a file or a directory as the
// archive, and returns the others. Where none is one, the service's usual data
// directory is taken, if it is here: alerts say "kizashi verify ALERT".
func openArchive(e env, args []string) (archive, []string, error) {
	for i, a := range args {
		info, err := os.Stat(a)
		if err != nil {
			continue
		}
		rest := append(append([]string(nil), args[:i]...), args[i+1:]...)
		if info.IsDir() {
			return openDirectory(e, a, rest)
		}
		o, err := backtest.Read(a)
		if err != nil {
			return nil, nil, err
		}
		return &outcome{Outcome: o}, rest, nil
	}
	if _, err := os.Stat(config.DefaultPath); err == nil {
		return openDirectory(e, config.DefaultPath, args)
	}
	return nil, nil, errUsage{errors.New("name the file that `kizashi backtest --json` wrote, or the data directory of a service")}
}

func openDirectory(e env, dir string, rest []string) (archive, []string, error) {
	r, err := store.OpenReadOnly(dir)
	if err != nil {
		return nil, nil, err
	}
	return &directory{Reader: r, rows: e.table()}, rest, nil
}

// outcome is the archive of a backtest. Its samples are the user's files.
type outcome struct {
	*backtest.Outcome
	samples *verify.Samples // nil = none were given
}

// Alerts returns them by when they opened.
func (o *outcome) Alerts() ([]kizashi.Alert, error) { return o.Outcome.Alerts, nil }

// Config resolves the settings from the configuration in the file.
func (o *outcome) Config(j *kizashi.Justification) (verify.Config, error) {
	if j.Format != kizashi.JustificationFormat {
		return verify.Config{}, fmt.Errorf("the justification of alert %s has format %d, and this program writes and computes %d: run the backtest again", j.Alert, j.Format, kizashi.JustificationFormat)
	}
	set, err := o.SettingsOf(&j.Meta, j.Opening.At)
	if err != nil {
		return verify.Config{}, err
	}
	cfg := verify.Config{Settings: &set, Hash: o.ConfigHash}
	if o.samples != nil {
		cfg.Data = &verify.Data{Samples: o.samples.Between, Checkpoints: o.Checkpoints, Commands: o.Commands}
		if len(o.Commands) > 0 {
			cfg.Data.Settings = func(at kizashi.Time) kizashi.Settings {
				set, _ := o.SettingsOf(&j.Meta, at) // they were validated when they came
				return set
			}
		}
		kinds, hours, err := o.Outcome.Config.Compile(&set)
		if err != nil {
			return cfg, err
		}
		cfg.Data.Kind, cfg.Data.Hours = func(_ kizashi.Time, day int) string { return kindOf(kinds, day) }, openOf(hours)
	}
	return cfg, nil
}

// kindOf a day, by the calendar that settings name, if they name one.
func kindOf(kinds *detect.Kinds, day int) string {
	if kinds == nil {
		return ""
	}
	return kinds.Of(day)
}

func openOf(hours *calendar.Hours) func(kizashi.Time) bool {
	if hours == nil {
		return nil
	}
	return func(at kizashi.Time) bool { return hours.Open(at.UTC()) }
}

// Close has nothing to close.
func (o *outcome) Close() error { return nil }

// read takes the samples from files.
func (o *outcome) read(ctx context.Context, opt replay.Options) error {
	var err error
	o.samples, err = samplesOf(ctx, opt)
	return err
}

// directory is the archive of a service.
type directory struct {
	*store.Reader
	rows   []detect.Row
	engine *detect.Engine // of the newest snapshot; nil = not read yet
}

// Alerts returns all that the ledger holds.
func (d *directory) Alerts() ([]kizashi.Alert, error) {
	as, err := d.Ledger().Alerts(ledger.Filter{From: kizashi.Never, To: kizashi.Forever})
	if err != nil {
		return nil, err
	}
	backtest.ByOpening(as)
	return as, nil
}

// Find reads alert and justification.
func (d *directory) Find(prefix string) (kizashi.Alert, kizashi.Justification, error) {
	a, err := d.Ledger().Alert(prefix)
	if err != nil || a.Justify == "" {
		return a, kizashi.Justification{}, err
	}
	j, err := d.Ledger().Justification(a.Justify)
	return a, j, err
}

// Config finds the stored version of the configuration that the settings were
// resolved from, and what the samples can be repeated with.
func (d *directory) Config(j *kizashi.Justification) (verify.Config, error) {
	commands, err := d.Ledger().Commands()
	if err != nil {
		return verify.Config{}, err
	}
	cfg := verify.Config{Data: &verify.Data{Samples: d.Samples, Records: d.Records, Commands: commands}}
	if err := d.readEngine(); err != nil {
		return cfg, err
	}
	if d.engine != nil {
		set, hash, err := d.engine.SettingsAt(&j.Meta, j.Opening.At)
		if err != nil {
			return cfg, err
		}
		cfg.Settings, cfg.Hash = &set, hash
		metaAt, err := d.Ledger().MetaAt(j.Meta.Series)
		if err != nil {
			return cfg, err
		}
		cfg.Data.Settings = func(at kizashi.Time) kizashi.Settings {
			m := metaAt(at)                          // what a catalogue says changes with the program
			set, _, _ := d.engine.SettingsAt(&m, at) // they were validated when they came
			return set
		}
		cfg.Data.Kind = func(at kizashi.Time, day int) string {
			kinds, _, _ := d.engine.DaysAt(&j.Meta, at)
			return kindOf(kinds, day)
		}
		_, hours, err := d.engine.DaysAt(&j.Meta, j.Opening.At)
		if err != nil {
			return cfg, err
		}
		cfg.Data.Hours = openOf(hours)
	}
	if j.Record == nil {
		return cfg, nil
	}
	cp, err := d.Ledger().Checkpoint(j.Record.Start.Hash)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return cfg, err
	}
	if err == nil {
		cfg.Data.Checkpoints = []kizashi.Checkpoint{cp}
	}
	return cfg, nil
}

// readEngine takes the configurations from the newest snapshot: they are part
// of the state.
func (d *directory) readEngine() error {
	if d.engine != nil {
		return nil
	}
	snap, _, err := d.Snapshot()
	if err != nil || len(snap.Blob) == 0 {
		return err
	}
	p, err := pipeline.Load(snap.Blob, d.rows, 1, d)
	if err != nil {
		return err
	}
	d.engine = p.Engine()
	return nil
}
