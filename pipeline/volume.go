package pipeline

import (
	"time"

	"github.com/kizashi-ops/kizashi"
)

// volume takes the votes of band and spike off a crossing where the settings of
// its series ask for more requests than there were. What counts them is of the
// same group, so its samples have come when the tick runs. Where nobody counts,
// or whoever does cannot be seen, the votes stand.
func (p *Pipeline) volume(g *group, c *kizashi.Crossing) error {
	if len(c.Proof) == 0 || c.Proof[0].Settings.Volume == nil || !c.Value.Ok() {
		return nil
	}
	v := c.Proof[0].Settings.Volume
	m := p.counter(g, &c.Proof[0].Meta, v.Of)
	if m == nil || m.part.Out != nil {
		return nil
	}
	meta, _ := p.engine.Meta(m.id)
	period := c.End.Sub(c.At)
	n := 1
	if r := c.Proof[0].Record; r != nil {
		n = max(1, r.N)
	}
	got := kizashi.Counted{Series: m.id, Name: meta.Name(), From: c.End.Add(-time.Duration(n) * period), To: c.End}
	samples, err := p.lookBack(1).Samples(m.id, got.From, got.To)
	if err != nil {
		return err
	}
	for _, s := range samples {
		got.Sum += s.Value
	}
	if got.Sum >= v.Least {
		for i := range c.Proof {
			c.Proof[i].Volume = &got
		}
		return nil
	}
	c.Verdict.Votes = without(c.Verdict.Votes)
	return nil
}

// without leaves limits that people set, and what is not about how much a value is.
func without(votes []kizashi.Vote) (left []kizashi.Vote) {
	for _, w := range votes {
		switch w.Model {
		case "static", "guard", "rate", "forecast", "stuck", "silence":
			left = append(left, w)
		}
	}
	return left
}

// counter is the member that counts what a series is a ratio of.
func (p *Pipeline) counter(g *group, of *kizashi.Meta, metric string) *member {
	var found *member
	for _, m := range g.members {
		if meta, ok := p.engine.Meta(m.id); ok && meta.Labels.Get("metric") == metric && beside(meta.Labels, of.Labels) && (found == nil || m.id < found.id) {
			found = m
		}
	}
	return found
}

// beside says that labels are the same but for what names the metric.
func beside(a, b kizashi.Labels) bool {
	plain := func(ls kizashi.Labels) map[string]string {
		out := map[string]string{}
		for _, l := range ls {
			switch l.Name {
			case "metric", "stat", "name", "unit":
			default:
				out[l.Name] = l.Value
			}
		}
		return out
	}
	x, y := plain(a), plain(b)
	for n, v := range x {
		if y[n] != v {
			return false
		}
	}
	return len(x) == len(y)
}
