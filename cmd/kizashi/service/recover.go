package service

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// recover loads the snapshot and steps again what was journalled after it. A
// new directory gets a snapshot at once: it holds the configuration with which
// the journal begins.
func (s *Service) recover(ctx context.Context) (err error) {
	shards := runtime.GOMAXPROCS(0)
	blob, ok := s.store.Snapshot()
	if ok {
		if s.pipeline, err = pipeline.Load(blob, s.table(), shards, s.store); err != nil {
			err = fmt.Errorf("the snapshot cannot be read: %w", err)
		}
	} else {
		s.pipeline, err = pipeline.New(pipeline.Config{Detect: s.opt.Config.Detect, Shards: shards, BlindAfter: s.opt.Config.BlindAfter, Lost: s.lost}, s.table(), s.store)
	}
	if err != nil {
		return err
	}
	var res pipeline.Result
	if s.pipeline.Rebuilt(&res) {
		if err := s.rebuilt(&res); err != nil {
			return err
		}
	}
	n, told := 0, map[string]int{} // by id, the last change of each alert
	report, err := s.store.Replay(func(b kizashi.Batch) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.pipeline.Step(b, &res); err != nil || res.Dropped {
			return err
		}
		n++
		for i := range res.Alerts {
			told[res.Alerts[i].ID] = res.Alerts[i].Seq
		}
		if err := s.keep(&res); err != nil {
			return err
		}
		if s.store.Waits() > 0 { // a storm: not all of it in one commit
			if _, err := s.store.FlushSome(); err != nil {
				return err
			}
		}
		return s.absences.outages(&res, s.opt.Now())
	})
	if err != nil {
		return err
	}
	s.pipeline.BlindAfter(s.opt.Config.BlindAfter)
	s.detectors.begin(s, s.opt.Now())
	for _, l := range report.Losses {
		s.opt.Log.Warn("journal", "lost", l.String())
	}
	if s.lost {
		if err := s.endLost(told); err != nil {
			return err
		}
	}
	s.metrics.replayed.Add(float64(n))
	s.opt.Log.Info("state is back", "snapshot", ok, "batches_replayed", n)
	return s.save()
}

// rebuilt keeps and tells what became of the baselines of an older program's state.
func (s *Service) rebuilt(r *pipeline.Result) error {
	learned, cold := 0, 0
	for _, n := range r.Notes {
		if n.Fact.Count > 0 {
			learned++
			continue
		}
		cold++
		s.opt.Log.Warn("the state is of an older version and there are no stored samples: the series begins anew", "series", n.Series.String())
	}
	s.opt.Log.Info("the state is of an older version: baselines were learned again from stored samples", "series", learned, "without samples", cold)
	return s.keep(r)
}

// endLost ends the alerts that stood when the state was lost: nothing is there any more
// that could end them. What still stands is told anew. told are the last changes of those
// that the journal brought again, by id.
func (s *Service) endLost(told map[string]int) error {
	pending, err := s.store.Ledger().Alerts(ledger.Filter{State: kizashi.Pending})
	if err != nil {
		return err
	}
	firing, err := s.store.Ledger().Alerts(ledger.Filter{State: kizashi.Firing})
	if err != nil {
		return err
	}
	now := kizashi.TimeOf(s.opt.Now()).Ceil(time.Minute)
	var res pipeline.Result
	for _, a := range append(pending, firing...) {
		if told[a.ID] >= a.Seq || isNote(&a) {
			continue
		}
		a.State, a.Ended, a.Changed, a.Seq = kizashi.Resolved, kizashi.ClaimStateLost, max(now, a.To), a.Seq+1
		res.Alerts = append(res.Alerts, a)
	}
	if n := len(res.Alerts); n > 0 {
		s.opt.Log.Warn("alerts stood whose state is lost: they are ended, and told anew if they go on", "alerts", n)
	}
	return s.keep(&res)
}
