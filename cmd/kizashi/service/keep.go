package service

import (
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// append makes batches durable before they are acknowledged and stepped.
func (s *Service) append(bs []kizashi.Batch) error {
	if err := s.store.Append(bs); err != nil {
		return err
	}
	s.metrics.inHand.Set(float64(len(bs)))
	for i := range bs {
		s.metrics.took(&bs[i])
		s.metrics.revisions.Add(float64(len(bs[i].Revised)))
	}
	return nil
}

// keep stores what a step produced, then hands what has changed to dispatch. In
// a storm some of it is stored later, but before a message names it.
func (s *Service) keep(r *pipeline.Result) error {
	s.judged = s.judged[:0]
	for i := range r.Judgements {
		j := &r.Judgements[i]
		if !j.Sample() {
			continue
		}
		s.judged = append(s.judged, kizashi.Sample{Series: j.Series, At: j.At, Period: j.End.Sub(j.At), Value: j.Value})
	}
	if err := s.store.AppendCoarse(r.Coarse); err != nil {
		return err
	}
	if err := s.store.Keep(s.judged, s.changes(r)); err != nil {
		return err
	}
	s.siblings.note(r.Declared)
	s.metrics.kept(r)
	for _, f := range r.Faults {
		s.opt.Log.Error("a detector failed and abstained", "model", f.Model, "series", f.Series.String(), "at", f.At.String(), "what", f.What, "left out", f.Out)
	}
	s.progress(r)
	s.dispatch.note(r.Alerts...)
	return nil
}

// storeMore stores some of what waits, and says whether more does.
func (s *Service) storeMore() (bool, error) {
	s.dispatch.settled()
	return s.store.FlushSome()
}

func (s *Service) changes(r *pipeline.Result) ledger.Changes {
	c := ledger.Changes{Declared: r.Declared, Alerts: r.Alerts, Justifications: r.Justifications, Records: r.Records,
		Checkpoints: r.Checkpoints, Commands: r.Commands}
	if r.Pos > 0 {
		c.Stepped = map[kizashi.Partition]uint64{r.Partition: r.Pos}
	}
	for _, n := range r.Notes {
		c.Notes = append(c.Notes, ledger.Note(n))
	}
	for _, v := range r.Revised {
		why := ledger.Revised
		if !v.Old.Ok() {
			why = ledger.Behind
		}
		c.Revisions = append(c.Revisions, ledger.Revision{Sample: kizashi.Sample{Series: v.Series, At: v.At, Period: v.Period, Value: v.New, Late: true}, Stored: v.Old, Why: why})
	}
	return c
}

// between is called when all that was journalled is stepped and kept.
func (s *Service) between() error {
	if err := s.store.Flush(); err != nil {
		return err
	}
	if err := s.meter.keep(s.store.Ledger(), false); err != nil {
		return err
	}
	now := s.opt.Now()
	if now.Sub(s.retained) >= retainEvery {
		gone, err := s.store.Retain(kizashi.TimeOf(now))
		if err != nil {
			return err
		}
		s.metrics.evicted(gone)
		s.retained = now
	}
	if now.Sub(s.snapshot) < SnapshotEvery {
		return nil
	}
	return s.save()
}

// save takes a snapshot.
func (s *Service) save() error {
	begin := s.opt.Now()
	mark, err := s.store.Mark()
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	blob, err := s.pipeline.Save()
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	if err := s.store.Save(mark, s.pipeline.Positions(), blob); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	s.snapshot = begin
	s.snapshotMS.Store(begin.UnixMilli())
	s.metrics.snapshot.Set(float64(begin.UnixMilli()) / 1000)
	s.metrics.snapshotBytes.Set(float64(len(blob)))
	s.metrics.series.Set(float64(len(s.pipeline.Engine().Series())))
	s.metrics.groups(s.pipeline.Logs())
	return nil
}

// progress notes how far each tenant has been judged.
func (s *Service) progress(r *pipeline.Result) {
	if r.Partition.Kind == kizashi.Commands || r.Ran == kizashi.Never || r.Ran == kizashi.Forever {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behind[r.Partition.Tenant] = r.Ran.UTC().Add(r.Partition.Settle)
}

// hold says that an alert is not to be told yet: its tenant's past is still
// being worked through, and what fires there may be over since.
func (s *Service) hold(a kizashi.Alert) bool {
	s.mu.Lock()
	at, ok := s.behind[a.Tenant]
	s.mu.Unlock()
	return ok && s.opt.Now().Sub(at) > pastIs && s.opt.Now().Sub(a.To.UTC()) > pastIs && a.Group != ownGroup
}

// pastIs how long ago the past is, for telling: a delivery's max_age.
const pastIs = time.Hour
