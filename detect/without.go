package detect

import (
	"slices"

	"github.com/kizashi-ops/kizashi"
)

// Commands switch detectors off and on again, for all series: one that is too slow,
// by the runner. It judges and learns no more, and its state is given up; back again it
// learns what is stored, as one that is new to the table.

// switches notes a command; it returns false where nothing changes by it.
func switches(off []string, c *placed) ([]string, bool) {
	i, found := slices.BinarySearch(off, c.switched)
	switch {
	case c.Op == kizashi.Without && !found:
		return slices.Insert(slices.Clone(off), i, c.switched), true
	case c.Op == kizashi.With && found:
		return slices.Delete(slices.Clone(off), i, i+1), true
	}
	return off, false
}

// without lays what is switched off over what the configuration says.
func without(set *kizashi.Settings, off []string) {
	for _, name := range off {
		if !slices.Contains(set.Off, name) {
			set.Off = append(slices.Clone(set.Off), name)
		}
	}
}

// switches applies a command to a series.
func (j *judge) switches(c *placed) {
	s := j.s
	off, changed := switches(s.without, c)
	if !changed {
		return
	}
	s.own().without = off
	for i := range j.e.rows {
		if j.e.rows[i].Name != c.switched {
			continue
		}
		j.e.anew(i, s)
		s.findTimed(j.e)
		if c.Op == kizashi.With {
			s.own().cold = append(s.cold, i)
		}
	}
	s.resolve(j.e)
}

// Off is a detector that is switched off, by which command.
type Off struct {
	Model   string
	Command kizashi.Command
}

// Off returns the detectors that the commands so far switched off.
func (e *Engine) Off() (out []Off) {
	for i := range e.commands {
		c := &e.commands[i]
		if c.switched == "" {
			continue
		}
		out = slices.DeleteFunc(out, func(o Off) bool { return o.Model == c.switched })
		if c.Op == kizashi.Without {
			out = append(out, Off{c.switched, c.Command})
		}
	}
	return out
}

// LeftOut counts, by detector, the series on which it failed so often that it is
// left out.
func (e *Engine) LeftOut() map[string]int {
	out := map[string]int{}
	for _, s := range e.series.all() {
		for name, n := range s.faults {
			if n >= mostFaults {
				out[name]++
			}
		}
	}
	return out
}
