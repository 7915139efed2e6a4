package models

import (
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/wire"
)

// weighed is what an opinion comes to.
type weighed struct {
	stat, limit float64
	side        kizashi.Side
	crossed     bool // it stands
}

// short is the opinion in short; ok = it is one.
func (w *weighed) short(ok bool) detect.Said {
	switch {
	case !ok:
		return detect.NoOpinion
	case w.crossed:
		return detect.Stands
	}
	return detect.Inside
}

// tell fills in the vote of an opinion. There is no band about what it is on.
func (w *weighed) tell(v *kizashi.Vote, unit string) {
	v.Side, v.Stat, v.Limit, v.Unit, v.Crossed = w.side, w.stat, w.limit, unit, w.crossed
	v.Center, v.Lower, v.Upper = kizashi.None(), kizashi.None(), kizashi.None()
}

// mayAlert says that the settings ask for what lies on a side.
func mayAlert(c *detect.Case, side kizashi.Side) bool {
	d := c.Settings.Direction
	return d == kizashi.Both || d == side
}

// weigh compares a statistic that was evaluated with its limit, if there is one. The
// limit is left out where the statistic lies near.
func (s *calibrated) weigh(c *detect.Case, stat float64, side kizashi.Side) (w weighed, ok bool) {
	if !s.limits || !c.View.Ready {
		return w, false
	}
	w = weighed{stat: stat, side: side}
	if !s.near(stat) {
		w.limit = s.limit(c)
		w.crossed = stat > w.limit && mayAlert(c, side)
	}
	return w, true
}

// tell fills in the vote.
func (s *calibrated) tell(c *detect.Case, w *weighed, v *kizashi.Vote, unit string) {
	w.limit = s.limit(c)
	w.tell(v, unit)
}

// tally counts evaluations by how large they were, the past fading; the least are
// counted with all alone.
type tally struct {
	worth
	N [tallies - 1]uint16 // of bin 1 and up
}

const tallies = 12

// surprise of an evaluation in a bin from 1 on: -log10 of how often one is so large.
func (t *tally) surprise(bin int) float64 {
	var over float32
	for _, n := range t.N[bin-1:] {
		over += float32(n)
	}
	return -math.Log10(float64(t.odds(over)))
}

// count an evaluation.
func (t *tally) count(bin int) {
	if t.more(); bin > 0 {
		t.worth.count(t.N[:], bin-1)
	}
}

// fade lets the past fade by an observed hour of 14 days.
func (t *tally) fade() { t.worth.fade(t.N[:], hourly) }

func (t *tally) append(b []byte) []byte { return wire.U16s(wire.F32(b, float32(t.One), t.All), t.N[:]) }

func (t *tally) read(r *wire.Reader) bool {
	t.One, t.All = baseline.Unit(r.F32()), r.F32()
	wire.ReadU16s(r, t.N[:])
	return t.sane()
}

// finite says that numbers of a state could have been written.
func finite(vs ...float64) bool {
	for _, v := range vs {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
