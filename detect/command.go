package detect

import (
	"encoding/json"
	"fmt"
	"sort"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/calendar"
)

// Command takes a command in. It acts on each series before the series' first
// sample with At not before the command's; a series declared later finds it
// too.
func (e *Engine) Command(c kizashi.Command) error {
	if err := c.Check(); err != nil {
		return err
	}
	p := placed{Command: c}
	if c.Op == kizashi.Reload {
		v, err := versionOf(c.Body)
		if err != nil {
			return fmt.Errorf("command reload: %w", err)
		}
		p.config, e.newest = v, v
	}
	var err error
	if p.division, err = c.Divides(); err != nil {
		return err
	}
	i := sort.Search(len(e.commands), func(i int) bool { return e.commands[i].At > c.At })
	e.commands = append(e.commands, placed{})
	copy(e.commands[i+1:], e.commands[i:])
	e.commands[i] = p
	return nil
}

// versionOf reads a configuration from a command's body.
func versionOf(body json.RawMessage) (*version, error) {
	var cfg Config
	if err := json.Unmarshal(body, &cfg); err != nil {
		return nil, err
	}
	return newVersion(cfg)
}

// catchUp applies the declarations and commands that are in force at a
// sample, and learns the series anew where a command changed its past.
func (j *judge) catchUp(at kizashi.Time) error {
	e, s := j.e, j.s
	j.declared(at)
	stale := false
	for s.applied < len(e.commands) && e.commands[s.applied].At <= at {
		stale = s.act(e.commands, s.applied) || stale
		s.applied++
	}
	if stale {
		return j.relearn()
	}
	return nil
}

// resolve sets the settings that the configuration in force gives the series.
// The configuration was validated when it came, so it cannot fail here.
func (s *series) resolve() {
	set, _, own, err := s.config.cfg.resolve(&s.meta)
	if err != nil {
		return
	}
	s.target.apply(&set, own)
	s.set = set
	s.base.SetSettings(&s.meta, &s.set)
	s.follow()
}

// act applies the i-th command; true = it changes what was learned already.
func (s *series) act(commands []placed, i int) bool {
	c := &commands[i]
	if !c.Concerns(&s.meta) {
		return false
	}
	switch c.Op {
	case kizashi.Exclude, kizashi.Include, kizashi.Expect, kizashi.Feedback, kizashi.Revoke:
		return s.stretch(commands, i)
	case kizashi.Target:
		s.target.take(c)
		s.resolve()
	case kizashi.Reload:
		s.config = c.config
		s.resolve()
	}
	return false
}

// relearn builds the baseline again from stored samples, with the stretches
// that are excluded now. What the store no longer holds is not in it. Of what
// happens on the way only the checkpoints are told: records that were in force
// stay what they were.
func (j *judge) relearn() error {
	e, s, out := j.e, j.s, j.out
	if e.past == nil {
		return fmt.Errorf("series %s: a command names a stretch of the past, and there is no history to learn it from", s.meta.Name())
	}
	samples, err := e.past(s.meta.Series, s.last)
	if err != nil {
		return fmt.Errorf("series %s: learn it anew: %w", s.meta.Name(), err)
	}
	samples = j.withStep(samples)
	zone, err := calendar.Load(s.meta.Zone)
	if err != nil {
		return err
	}
	if s.base, err = s.base.Anew(&s.meta, &s.set, zone); err != nil {
		return err
	}
	s.follow()
	done := s.done
	s.done = 0
	var v baseline.View
	last := kizashi.Never
	for i := range samples {
		if samples[i].At > s.last {
			break
		}
		if s.done < done {
			if err := j.inform(samples[i].At); err != nil {
				return err
			}
		}
		at := samples[i].At
		s.base.Look(&samples[i], &v, s.expects(last, at))
		last = at
		for _, ev := range s.base.Events() {
			if ev.Checkpoint != nil {
				out.Checkpoints = append(out.Checkpoints, *ev.Checkpoint)
			}
		}
		s.base.Learn(&samples[i], &v, s.stance(at))
	}
	return nil
}

// withStep adds to the series' stored samples those that were judged in the
// step in hand: how batches are cut must not matter. Late ones were not judged.
func (j *judge) withStep(samples []kizashi.Sample) []kizashi.Sample {
	last := kizashi.Never
	if len(samples) > 0 {
		last = samples[len(samples)-1].At
	}
	for _, p := range j.before {
		if p.Series == j.s.meta.Series && p.At > last {
			samples, last = append(samples, p), p.At
		}
	}
	return samples
}
