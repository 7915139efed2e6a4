package detect

import (
	"slices"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
)

// mark is what a command says of a stretch of a series.
type mark struct {
	Op    kizashi.Op   `json:"op"` // exclude, expect, feedback
	From  kizashi.Time `json:"from"`
	To    kizashi.Time `json:"to"`
	Low   float64      `json:"low,omitempty"` // expect
	High  float64      `json:"high,omitempty"`
	As    kizashi.Said `json:"as,omitempty"` // feedback
	Alert string       `json:"alert,omitempty"`
	Act   string       `json:"act,omitempty"`
	Text  string       `json:"text,omitempty"`
}

func (m *mark) covers(t kizashi.Time) bool { return t >= m.From && t < m.To }

// marked returns the marks after a command, in the order in which they came.
// Of what is said of one alert the last word stands.
func marked(ms []mark, c *kizashi.Command) []mark {
	m := mark{Op: c.Op, From: c.From, To: c.To, Low: c.Low, High: c.High, As: c.As, Alert: c.Alert, Act: c.Act, Text: c.Reason}
	switch c.Op {
	case kizashi.Exclude, kizashi.Expect:
		return append(ms, m)
	case kizashi.Include:
		return included(ms, c.From, c.To)
	case kizashi.Feedback:
		if c.As == kizashi.SaidOwner {
			return ms
		}
		ms = slices.DeleteFunc(ms, func(o mark) bool { return o.Op == kizashi.Feedback && o.Alert == c.Alert })
		return append(ms, m)
	}
	return ms
}

// included cuts [from, to) out of what is excluded.
func included(ms []mark, from, to kizashi.Time) []mark {
	var out []mark
	for _, m := range ms {
		if m.Op != kizashi.Exclude || m.To <= from || m.From >= to {
			out = append(out, m)
			continue
		}
		l, r := m, m
		l.To, r.From = min(m.To, from), max(m.From, to)
		for _, part := range [...]mark{l, r} {
			if part.From < part.To {
				out = append(out, part)
			}
		}
	}
	return out
}

// stretch takes a command about a stretch in; true = it changes what was
// learned already.
func (s *series) stretch(commands []placed, i int) bool {
	c := &commands[i]
	if c.Op != kizashi.Revoke {
		s.own().marks = marked(s.marks, &c.Command)
		return c.stretches() && s.past(c.From)
	}
	changes := false
	for k := range commands[:i] {
		o := &commands[k]
		changes = changes || o.Act == c.Act && o.Concerns(&s.meta) && o.stretches() && s.past(o.From)
	}
	s.own().marks = s.marksOf(commands[:i+1])
	return changes
}

// past says that the series has a sample at or after t.
func (s *series) past(t kizashi.Time) bool { return s.seen && t <= s.last }

// stretches says that the command is about a stretch.
func (c *placed) stretches() bool {
	switch c.Op {
	case kizashi.Exclude, kizashi.Include, kizashi.Expect:
		return true
	case kizashi.Feedback:
		return c.As != kizashi.SaidOwner
	}
	return false
}

// marksOf are the marks that commands come to, without those that were taken
// back.
func (s *series) marksOf(commands []placed) []mark {
	revoked := map[string]int{} // by act, before which command
	for i := range commands {
		if c := &commands[i]; c.Op == kizashi.Revoke && c.Concerns(&s.meta) {
			revoked[c.Act] = i
		}
	}
	var ms []mark
	for i := range commands {
		c := &commands[i]
		if n, ok := revoked[c.Act]; ok && c.Act != "" && i < n || !c.stretches() || !c.Concerns(&s.meta) {
			continue
		}
		ms = marked(ms, &c.Command)
	}
	return ms
}

// stance says how a sample at t is learned. What is not judged by what is usual
// is not learned as usual; to hold out stands over to let in.
func (s *series) stance(t kizashi.Time) baseline.Stance {
	out := baseline.AsJudged
	for i := range s.marks {
		m := &s.marks[i]
		switch {
		case !m.covers(t):
		case m.Op == kizashi.Feedback && m.As != kizashi.SaidTrue:
			out = max(out, baseline.Admitted)
		default:
			return baseline.Excluded
		}
	}
	return out
}

// expectation is the one in force at t, nil for none: of several the one said
// last.
func (s *series) expectation(t kizashi.Time) *kizashi.Expectation {
	for i := len(s.marks) - 1; i >= 0; i-- {
		if m := &s.marks[i]; m.Op == kizashi.Expect && m.covers(t) {
			return &kizashi.Expectation{From: m.From, To: m.To, Low: m.Low, High: m.High, Text: m.Text}
		}
	}
	return nil
}

// expects is the expectation in force at t; where it is another than at the
// sample before, the baseline is told.
func (s *series) expects(before, t kizashi.Time) *kizashi.Expectation {
	e, was := s.expectation(t), s.expectation(before)
	if (e == nil) != (was == nil) || e != nil && *e != *was {
		s.base.Turn()
	}
	return e
}

// why is what keeps a sample at t out of learning.
func (s *series) why(t kizashi.Time) kizashi.Claim {
	for i := range s.marks {
		if m := &s.marks[i]; m.covers(t) && m.reason() != "" {
			return m.reason()
		}
	}
	return ""
}

// reason is why what the mark covers is not learned; "" = it is.
func (m *mark) reason() kizashi.Claim {
	switch {
	case m.Op == kizashi.Exclude:
		return kizashi.ClaimExcluded
	case m.Op == kizashi.Expect:
		return kizashi.ClaimExpected
	case m.As == kizashi.SaidTrue:
		return kizashi.ClaimConfirmed
	}
	return ""
}

// heldOut are the stretches that were kept out of learning, by votes and by
// command.
func (s *series) heldOut() []kizashi.Stretch {
	return append(s.base.Held(), s.marked()...)
}

// marked are the stretches that commands keep out.
func (s *series) marked() (out []kizashi.Stretch) {
	for i := range s.marks {
		if m := &s.marks[i]; m.reason() != "" {
			out = append(out, kizashi.Stretch{From: m.From, To: m.To, Why: m.reason(), Text: m.Text})
		}
	}
	return out
}
