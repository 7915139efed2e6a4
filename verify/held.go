package verify

import (
	"slices"

	"github.com/kizashi-ops/kizashi"
)

// heldMost is how many stretches held out by votes are remembered.
const heldMost = 32

// hold notes a sample on which a vote stood: within an hour of the last such
// one it belongs to the same stretch.
func (p *past) hold(t kizashi.Time, why kizashi.Claim) {
	if n := len(p.held); n > 0 && t-p.held[n-1].To <= hour {
		p.held[n-1].To = t + 1
		return
	}
	p.held = append(p.held, kizashi.Stretch{From: t, To: t + 1, Why: why})
}

// stretches adds those that commands exclude.
func (p *past) stretches(excluded []kizashi.Stretch) {
	p.held = append(p.held[max(0, len(p.held)-heldMost):], excluded...)
}

// heldAgain checks the stretches that were kept out of learning, as far as
// they were repeated: from an instant on.
func (c *checker) heldAgain(since kizashi.Time) {
	w := c.j.Window
	var want []kizashi.Stretch
	for _, h := range c.past.held {
		if h.From, h.To = max(h.From, w.From), min(h.To, w.To); h.From < h.To && (c.j.Record != nil || c.j.Log != nil) {
			want = append(want, h)
		}
	}
	slices.SortStableFunc(want, func(a, b kizashi.Stretch) int { return int(min(max(a.From-b.From, -1), 1)) })
	got := w.Held
	if since > w.From {
		c.declare("window.held") // those from before; no checkpoint so far back is stored
		late := func(h kizashi.Stretch) bool { return h.From < since+hour }
		got, want = slices.DeleteFunc(slices.Clone(got), late), slices.DeleteFunc(want, late)
	}
	for i, h := range w.Held[:len(w.Held)-len(got)] {
		c.shapeOf(at("window.held", i), h)
	}
	c.same("window.held", "window.held", "stretches that votes or commands kept out of learning", len(want), len(got))
	for i := range min(len(want), len(got)) {
		path := at("window.held", i+len(w.Held)-len(got))
		c.same("window.held", path+".from", "the first sample held out", want[i].From, got[i].From)
		c.same("window.held", path+".to", "1 ms after the last sample held out", want[i].To, got[i].To)
		c.same("window.held", path+".why", "the vote that stood on the first sample", want[i].Why, got[i].Why)
		c.same("window.held", path+".text", "the reason that a person gave", want[i].Text, got[i].Text)
	}
}

// shapeOf checks of a stretch that cannot be repeated that it begins and ends
// with a sample.
func (c *checker) shapeOf(path string, h kizashi.Stretch) {
	if h.Why == kizashi.ClaimExcluded || h.Why == kizashi.ClaimExpected || h.Why == kizashi.ClaimConfirmed {
		return
	}
	in := between(c.past.samples, h.From, h.To)
	if len(in) == 0 || in[0].At != h.From || in[len(in)-1].At+1 != h.To {
		c.fault("%s: [%s, %s) does not begin and end with a sample", path, h.From, h.To)
	}
}
