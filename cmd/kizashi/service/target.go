package service

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

const (
	// divideEvery is how often a tenant's target is divided anew at the most,
	// while nobody asks for another and the series are fewer than twice as many.
	divideEvery = 24 * time.Hour
	// divideFrom is by how much R must have changed for that: a limit that moves
	// by less is not worth a command.
	divideFrom = 0.1
	// countEvery is how often series are counted at the most once every tenant
	// that has some has its division.
	countEvery = time.Minute
)

// targets divide the false-alert target of each tenant over its series. It is
// the pipeline's goroutine that does so.
type targets struct {
	last    map[string]divided // by tenant, what was journalled or is about to be
	counted time.Time
	news    bool // series were declared since
}

type divided struct {
	kizashi.Division
	at time.Time
}

// note says whether series may be more or fewer now.
func (t *targets) note(ds []kizashi.Declaration) { t.news = t.news || len(ds) > 0 }

// due says whether series are to be counted: where some are new, and now and
// then. New ones of a tenant without a division do not wait.
func (t *targets) due(now time.Time, tenants int) bool {
	since := now.Sub(t.counted)
	switch {
	case since < 0 || since >= journalEvery:
		return true
	case !t.news:
		return false
	}
	return since >= countEvery || len(t.last) < tenants
}

// divide journals what the target of a tenant comes to for each series that
// shares it, where that has changed. What was journalled is part of the state
// that a start brings back, so a kill at any moment leaves nothing to repair.
func (s *Service) divide(now time.Time) error {
	t, cfg := &s.targets, s.configNow()
	if !t.due(now, len(cfg.Tenants)) {
		return nil
	}
	e := s.pipeline.Engine()
	newest, _ := e.Config()
	aims, err := e.Aims(&newest)
	if err != nil {
		return err
	}
	t.counted, t.news = now, false
	if t.last == nil {
		t.last = map[string]divided{}
	}
	for _, c := range cfg.Tenants {
		last, ok := t.last[c.Name]
		if !ok {
			if last, ok, err = journalledDivision(e, c.Name); err != nil {
				return err
			}
		}
		d := kizashi.Division{Weekly: c.Weekly, Series: sharing(aims, c.Name)}
		if ok {
			t.last[c.Name] = last
		}
		if d.Series == 0 || ok && !last.outdated(d, now) {
			continue
		}
		cmd, err := d.Target(c.Name)
		if err != nil {
			return err
		}
		s.commands.Push(cmd)
		t.last[c.Name] = divided{d, now}
		s.opt.Log.Info("false-alert target divided", "tenant", c.Name, "weekly", d.Weekly, "series", d.Series, "r", time.Duration(d.R()))
	}
	return nil
}

// sharing are how many series of a tenant share its target.
func sharing(aims []detect.Aim, tenant string) int {
	for _, a := range aims {
		if a.Tenant == tenant && a.Class == kizashi.ClassAct {
			return a.Shared
		}
	}
	return 0
}

// journalledDivision is what an earlier run divided last.
func journalledDivision(e *detect.Engine, tenant string) (divided, bool, error) {
	c, ok := e.Divided(tenant)
	if !ok {
		return divided{}, false, nil
	}
	d, err := c.Divides()
	if err != nil {
		return divided{}, false, err
	}
	return divided{*d, c.At.UTC()}, true, nil
}

// outdated says that a new division is to be journalled: at once where
// somebody asks for another target, or where so many series have come that
// their false alerts would be twice what is asked for; else a day after the
// last one, if R has changed by more than a tenth.
func (l divided) outdated(d kizashi.Division, now time.Time) bool {
	if d.R() == l.R() {
		return d.Weekly != l.Weekly
	}
	if d.Weekly != l.Weekly || d.Series >= 2*l.Series {
		return true
	}
	age := now.Sub(l.at)
	return (age < 0 || age >= divideEvery) && math.Abs(float64(d.R())/float64(l.R())-1) > divideFrom
}
