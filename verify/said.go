package verify

import (
	"slices"

	"github.com/kizashi-ops/kizashi"
)

// saying is what a command says of a stretch.
type saying struct {
	kizashi.Expectation
	op    kizashi.Op
	as    kizashi.Said
	alert string
}

// sayings are those in force at some time, in the order in which they came.
type sayings []saying

// concerns says whether a command is for this series.
func (c *checker) concerns(cmd kizashi.Command) bool {
	return cmd.Match.Matches(c.j.Meta.Labels) && (cmd.Tenant == "" || cmd.Tenant == c.j.Meta.Tenant) && (cmd.Series == 0 || cmd.Series == c.j.Meta.Series || c.j.Log != nil && cmd.Series == c.groupOf())
}

// teaches says that a command changes what is learned over its stretch.
func (c *checker) teaches(cmd kizashi.Command) bool {
	switch cmd.Op {
	case kizashi.Exclude, kizashi.Include, kizashi.Expect:
		return c.concerns(cmd)
	case kizashi.Feedback:
		return cmd.As != kizashi.SaidOwner && c.concerns(cmd)
	}
	return false
}

// reaches is from when on the i-th command changes what was learned.
func (c *checker) reaches(i int) (kizashi.Time, bool) {
	cmd := c.cfg.Data.Commands[i]
	if cmd.Op != kizashi.Revoke {
		return cmd.From, c.teaches(cmd)
	}
	from, ok := kizashi.Forever, false
	for _, taken := range c.cfg.Data.Commands[:i] {
		if taken.Act == cmd.Act && c.teaches(taken) && c.concerns(cmd) {
			from, ok = min(from, taken.From), true
		}
	}
	return from, ok
}

// said are the sayings in force at t: of what was taken back nothing is left.
func (c *checker) said(t kizashi.Time) sayings {
	var out sayings
	list := c.cfg.Data.Commands
	for i, cmd := range list {
		back := slices.ContainsFunc(list[i+1:], func(r kizashi.Command) bool {
			return r.Op == kizashi.Revoke && r.At <= t && r.Act == cmd.Act && c.concerns(r)
		})
		if cmd.At > t || back && cmd.Act != "" || !c.teaches(cmd) {
			continue
		}
		s := saying{kizashi.Expectation{From: cmd.From, To: cmd.To, Low: cmd.Low, High: cmd.High, Text: cmd.Reason}, cmd.Op, cmd.As, cmd.Alert}
		switch cmd.Op {
		case kizashi.Include:
			out = out.include(cmd.From, cmd.To)
			continue
		case kizashi.Feedback:
			out = slices.DeleteFunc(out, func(o saying) bool { return o.op == kizashi.Feedback && o.alert == cmd.Alert })
		}
		out = append(out, s)
	}
	return out
}

// include takes [from, to) out of excluded stretches.
func (ss sayings) include(from, to kizashi.Time) sayings {
	var left sayings
	for _, s := range ss {
		if s.op != kizashi.Exclude {
			left = append(left, s)
			continue
		}
		before, after := s, s
		before.To, after.From = min(s.To, from), max(s.From, to)
		for _, part := range []saying{before, after} {
			if part.From < part.To {
				left = append(left, part)
			}
		}
	}
	return left
}

func (s saying) holds(t kizashi.Time) bool { return s.From <= t && t < s.To }

// letIn says that what votes held out of the stretch is learned.
func (s saying) letIn() bool { return s.op == kizashi.Feedback && s.as != kizashi.SaidTrue }

// at says whether a sample at t is kept out of learning, or learned as if no
// vote had stood.
func (ss sayings) at(t kizashi.Time) (excluded, admitted bool) {
	for _, s := range ss {
		if s.holds(t) {
			excluded, admitted = excluded || !s.letIn(), admitted || s.letIn()
		}
	}
	return excluded, admitted && !excluded
}

// expected is what was said last of what to expect at t.
func (ss sayings) expected(t kizashi.Time) *kizashi.Expectation {
	for i := len(ss) - 1; i >= 0; i-- {
		if ss[i].op == kizashi.Expect && ss[i].holds(t) {
			return &ss[i].Expectation
		}
	}
	return nil
}

// turns says that at t other things are expected than at the sample before.
func (ss sayings) turns(before, t kizashi.Time) bool {
	a, b := ss.expected(before), ss.expected(t)
	return (a == nil) != (b == nil) || a != nil && *a != *b
}

// kept are the stretches that are kept out of learning.
func (ss sayings) kept() []kizashi.Stretch {
	var out []kizashi.Stretch
	why := map[kizashi.Op]kizashi.Claim{kizashi.Exclude: kizashi.ClaimExcluded, kizashi.Expect: kizashi.ClaimExpected, kizashi.Feedback: kizashi.ClaimConfirmed}
	for _, s := range ss {
		if !s.letIn() {
			out = append(out, kizashi.Stretch{From: s.From, To: s.To, Why: why[s.op], Text: s.Text})
		}
	}
	return out
}
