package store

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/durable"
	"github.com/kizashi-ops/kizashi/store/ledger"
	"github.com/kizashi-ops/kizashi/store/samples"
)

// coarse is the history at a coarser period than that of its series: a TSDB
// for each period, beside the judged samples and never among them, since what
// was judged is repeated from them.
type coarse struct {
	hourly, fives *samples.Store
}

var coarseNames = []string{hourlyName, fivesName}

func openCoarse(dir string, hook durable.Hook) (c coarse, err error) {
	if c.hourly, err = samples.Open(filepath.Join(dir, hourlyName), samples.Options{Kind: samples.Hourly, Hook: hook}); err != nil {
		return c, err
	}
	c.fives, err = samples.Open(filepath.Join(dir, fivesName), samples.Options{Kind: samples.FiveMinutes, Hook: hook})
	return c, err
}

// open are the stores that are open.
func (c coarse) open() []*samples.Store {
	return slices.DeleteFunc([]*samples.Store{c.hourly, c.fives}, func(s *samples.Store) bool { return s == nil })
}

func (c coarse) sync() error {
	for _, s := range c.open() {
		if err := s.Sync(); err != nil {
			return err
		}
	}
	return nil
}

func (c coarse) retain(now kizashi.Time) error {
	if err := c.hourly.Retain(now.Add(-samples.Hourly.Retention)); err != nil {
		return err
	}
	return c.fives.Retain(now.Add(-samples.FiveMinutes.Retention))
}

func (c coarse) close() (err error) {
	for _, s := range c.open() {
		err = errors.Join(err, s.Close())
	}
	return err
}

// AppendCoarse stores points of a period of an hour or of 5 minutes, each
// series' from the oldest on. The same again change nothing; one before its
// series' last of that period goes to the revisions. It is for the goroutine
// that steps the pipeline, and durable before a snapshot is.
func (s *Store) AppendCoarse(points []kizashi.Sample) error {
	var hourly, fives []kizashi.Sample
	for _, v := range points {
		switch v.Period {
		case time.Hour:
			hourly = append(hourly, v)
		case 5 * time.Minute:
			fives = append(fives, v)
		default:
			return fmt.Errorf("coarse history of series %s at %s: its period is %s, not an hour or 5 minutes", v.Series, v.At, v.Period)
		}
	}
	asides, err := s.coarse.hourly.Append(hourly)
	if err != nil {
		return err
	}
	more, err := s.coarse.fives.Append(fives)
	if err != nil || len(asides)+len(more) == 0 {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending.Add(ledger.Changes{Revisions: revisions(append(asides, more...))})
	return nil
}

// Coarse returns the coarser history of a series with from <= At < to, of
// either period, by At; those of one At by period.
func (s *Store) Coarse(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
	return merged(s.coarse.open(), id, from, to)
}

// merged reads several stores as one.
func merged[S interface {
	Samples(kizashi.SeriesID, kizashi.Time, kizashi.Time) ([]kizashi.Sample, error)
}](stores []S, id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
	var out []kizashi.Sample
	for _, s := range stores {
		vs, err := s.Samples(id, from, to)
		if err != nil {
			return nil, err
		}
		out = append(out, vs...)
	}
	slices.SortStableFunc(out, func(a, b kizashi.Sample) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Period, b.Period))
	})
	return out, nil
}
