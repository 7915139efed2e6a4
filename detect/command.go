package detect

import (
	"encoding/json"
	"fmt"
	"sort"

	"github.com/kizashi-ops/kizashi"
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
	s, err := c.Switches()
	if err != nil {
		return err
	}
	if s != nil {
		p.switched = s.Model
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
	for int(s.applied) < len(e.commands) && e.commands[s.applied].At <= at {
		if c := &e.commands[s.applied]; c.switched != "" {
			j.switches(c)
		} else {
			stale = s.act(e, int(s.applied)) || stale
		}
		s.applied++
	}
	if stale {
		if err := j.relearn(at); err != nil {
			return err
		}
	}
	return j.warmUp()
}

// resolve sets the settings that the configuration in force gives the series.
// The configuration was validated when it came, so it cannot fail here.
func (s *series) resolve(e *Engine) {
	set, _, own, err := s.config.cfg.resolve(&s.meta)
	if err != nil {
		return
	}
	s.target.apply(&set, own)
	without(&set, s.without)
	s.set = e.share(set)
	s.base.SetSettings(&s.meta, &s.set.Settings)
	s.follow(e)
}

// act applies the i-th command; true = it changes what was learned already.
func (s *series) act(e *Engine, i int) bool {
	commands := e.commands
	c := &commands[i]
	if !c.Concerns(&s.meta) {
		return false
	}
	switch c.Op {
	case kizashi.Exclude, kizashi.Include, kizashi.Expect, kizashi.Feedback, kizashi.Revoke:
		return s.stretch(commands, i)
	case kizashi.Target:
		s.target.take(c)
		s.resolve(e)
	case kizashi.Reload:
		s.config = c.config
		s.resolve(e)
	}
	return false
}
