package verify

import (
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// A command that names a stretch of the past makes a series learn anew from
// its stored samples: another chain of checkpoints begins, while the records
// that were in force stay what they were.

// chains are the series' checkpoints, one list for each time that it was
// learned from the beginning.
func (c *checker) chains() [][]kizashi.Checkpoint {
	var out [][]kizashi.Checkpoint
	last := kizashi.Forever
	for _, cp := range c.cfg.Data.Checkpoints {
		if cp.Series != c.j.Meta.Series {
			continue
		}
		if cp.At <= last {
			out = append(out, nil)
		}
		k := len(out) - 1
		out[k], last = append(out[k], cp), cp.At
	}
	return out
}

// changes are the instants up to the opening at which commands made the
// series learn anew, oldest first.
func (c *checker) changes() []kizashi.Time {
	var out []kizashi.Time
	for i, cmd := range c.cfg.Data.Commands {
		from, ok := c.reaches(i)
		if cmd.At > c.j.Opening.At || !ok {
			continue
		}
		before := between(c.past.samples, kizashi.Never, cmd.At)
		past := from < cmd.At
		if n := len(before); n > 0 {
			past = from <= before[n-1].At
		}
		if past && !slices.Contains(out, cmd.At) {
			out = append(out, cmd.At)
		}
	}
	return out
}

// earliest is from where samples are needed: the window, the hour of the same
// wall time on its first day, and what is repeated of either.
func (c *checker) earliest(start *kizashi.Checkpoint) kizashi.Time {
	from := c.j.Opening.At - reach
	if start == nil {
		return from
	}
	from = min(from, start.At)
	for _, chain := range c.chains() {
		from = min(from, c.base(chain).At)
	}
	return from
}

// base is the checkpoint from which a chain's hours of the whole window can be
// repeated: the last one far enough back, else the first.
func (c *checker) base(chain []kizashi.Checkpoint) *kizashi.Checkpoint {
	best := 0
	for i := range chain {
		if chain[i].At <= c.j.Opening.At-reach {
			best = i
		}
	}
	return &chain[best]
}

// informedAfter are the states after a checkpoint, of its chain, in which a
// coarse history was taken in: the history is not among the samples, so the
// recursions go on from there.
func (c *checker) informedAfter(cp *kizashi.Checkpoint) []*state {
	var out []*state
	for _, chain := range c.chains() {
		i := slices.IndexFunc(chain, func(x kizashi.Checkpoint) bool { return x.Hash == cp.Hash })
		if i < 0 {
			continue
		}
		for k := range chain[i+1:] {
			x := &chain[i+1+k]
			if s, err := decode(x); err != nil {
				c.fault("checkpoints: %v", err)
			} else if s.Informed.Hours > 0 && s.Informed.At == x.At {
				out = append(out, s)
			}
		}
	}
	return out
}

// earlier repeats the hours of the window that lie before the record's own
// start, and those of earlier chains. It returns from when on it could.
func (c *checker) earlier(start *kizashi.Checkpoint) kizashi.Time {
	chains, changes := c.chains(), c.changes()
	own := len(changes)
	if own >= len(chains) { // some are not stored: what is left is the record's own
		own, changes = len(chains)-1, nil
		for own > 0 && !slices.ContainsFunc(chains[own], func(cp kizashi.Checkpoint) bool { return cp.Hash == start.Hash }) {
			own--
		}
	}
	if c.cfg.Data.Records == nil {
		for k, until := range changes {
			inForce := kizashi.Never
			if k > 0 {
				inForce = changes[k-1]
			}
			c.repeat(c.base(chains[k]), c.newHour(inForce), until, inForce)
		}
	}
	base := c.base(chains[own])
	if base.At < start.At {
		c.repeat(base, c.lastChange(), start.At, c.j.Opening.At)
	} else {
		base = start
	}
	if s, err := decode(base); err == nil && s.Hours == 0 && s.Samples == 0 {
		return kizashi.Never // nothing was learned before
	}
	return base.At
}

// lastChange is the first hour whose record is of the series as it is learned
// now.
func (c *checker) lastChange() kizashi.Time {
	if changes := c.changes(); len(changes) > 0 {
		return c.newHour(changes[len(changes)-1])
	}
	return kizashi.Never
}

// newHour is the first hour whose record knows of a command that came at t:
// records that were in force stay.
func (c *checker) newHour(t kizashi.Time) kizashi.Time {
	if t == kizashi.Never {
		return t
	}
	h := t.Floor(time.Hour)
	if len(between(c.past.samples, h, t)) > 0 {
		h += hour
	}
	return h
}
