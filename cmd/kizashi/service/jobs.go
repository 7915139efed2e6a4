package service

import (
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/alert/route"
	"github.com/kizashi-ops/kizashi/config"
)

// lateFor is for how long a run that did not come is looked for still: when it
// comes after all, that day's digest says so.
const lateFor = 7 * 24 * time.Hour

// dayJobs lists the runs of declared jobs whose time ended in a day, and those
// of the days before that came in it. blind is what could not be read.
func (s *Service) dayJobs(d *explain.Day, blind []kizashi.Alert) error {
	var metas []kizashi.Meta
	for _, j := range s.configNow().Jobs {
		if j.Tenant != d.Tenant {
			continue
		}
		if metas == nil {
			var err error
			if metas, err = s.store.Ledger().Metas(); err != nil {
				return err
			}
		}
		of := slices.DeleteFunc(slices.Clone(metas), func(m kizashi.Meta) bool {
			return m.Tenant != j.Tenant || !j.Match.Matches(route.Labels(&kizashi.Alert{Tenant: m.Tenant, Group: m.Group, Labels: m.Labels}, "", "", ""))
		})
		for _, r := range j.Runs(d.From.Add(-lateFor).UTC(), d.To.UTC()) {
			run, err := s.run(&j, r, of, d, blind)
			if err != nil {
				return err
			}
			if kizashi.TimeOf(r.By) > d.From || run.Came != kizashi.Never && run.Came > d.From {
				d.Jobs = append(d.Jobs, run)
			}
		}
	}
	return nil
}

// run says when a run was done, as far as is known at the end of the day: the
// first sample above zero of any of the series that say so.
func (s *Service) run(j *config.Job, r config.Run, of []kizashi.Meta, d *explain.Day, blind []kizashi.Alert) (explain.Job, error) {
	due, by := kizashi.TimeOf(r.Due), kizashi.TimeOf(r.By)
	out := explain.Job{Name: j.Name, Due: by, Came: kizashi.Never, Late: true}
	until := min(kizashi.TimeOf(r.Next), d.To)
	for _, m := range of {
		samples, err := s.store.Samples(m.Series, due.Add(-time.Duration(m.Period)), until)
		if err != nil {
			return out, err
		}
		for _, v := range samples {
			if v.Value > 0 && v.End() > due && (out.Came == kizashi.Never || v.End() < out.Came) {
				out.Came = v.End()
			}
		}
		out.Dark = out.Dark || s.seenUntil(&m) < by
	}
	out.Late = out.Came == kizashi.Never || out.Came > by
	for i := range blind {
		if a := &blind[i]; a.Opened < by && (a.State == kizashi.Firing || a.To > due) {
			out.Dark = true
		}
	}
	out.Dark = out.Dark && out.Came == kizashi.Never
	return out, nil
}

// seenUntil is up to when all samples of a series are here that there will be,
// as long as its account can be read.
func (s *Service) seenUntil(m *kizashi.Meta) kizashi.Time {
	s.mu.Lock()
	at, ok := s.behind[m.Tenant]
	s.mu.Unlock()
	if !ok {
		return kizashi.Never // nothing was judged since the start
	}
	return kizashi.TimeOf(at.Add(-time.Duration(m.Settle) - 2*time.Duration(m.Period)))
}

// dayHeldBack counts the alerts that caps held back from a lane in a day.
func (s *Service) dayHeldBack(d *explain.Day, lane string) error {
	ts, err := s.store.Ledger().OpenThreads(d.From.UTC().Add(-threadsKept))
	if err != nil {
		return err
	}
	for _, t := range ts {
		if t.Lane != lane || t.Tenant != d.Tenant || t.Reason != alert.ReasonHeldBack {
			continue
		}
		for _, m := range t.Members {
			if at := kizashi.TimeOf(m.At); at > d.From && at <= d.To {
				d.HeldBack++
			}
		}
	}
	return nil
}
