package models

import (
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// bandModel votes when M of the last N samples lie beyond their own hours'
// records on one side. What it needs to remember is the baseline's.
type bandModel struct{}

// New returns the one state there is.
func (bandModel) New(*kizashi.Meta, *kizashi.Settings) detect.State { return bandState{} }

type bandState struct{ stateless }

// weigh compares the M-th largest score of each side with its limit; of the
// two sides the one nearer to its limit is told.
func (bandState) weigh(c *detect.Case) (w weighed, ok bool) {
	v := c.View
	if !v.Ready {
		return w, false
	}
	if w.side, ok = nearer(c, v.Band, v.BandTheta); !ok {
		return w, false
	}
	i := index(w.side)
	w.stat, w.limit = v.Band[i], v.BandTheta[i]
	w.crossed = w.stat > w.limit && reaches(c, w.side, v.Expected)
	return w, true
}

// Brief is Judge in short.
func (s bandState) Brief(c *detect.Case) (detect.Said, float64) {
	if v := c.View; v.Ready && inside(c, &v.Band, &v.BandTheta) {
		return detect.Inside, 0
	}
	w, ok := s.weigh(c)
	return w.short(ok), 0
}

// Judge gives the band of the hour about what it expects.
func (s bandState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	w, ok := s.weigh(c)
	if !ok {
		return false
	}
	w.tell(v, "scales")
	v.Center, v.Lower, v.Upper = c.View.Expected, c.View.Lower, c.View.Upper
	return true
}

// reaches says that the value lies as far from the expected, on a vote's side,
// as the settings ask for, and in the first week beyond all that was seen.
func reaches(c *detect.Case, side kizashi.Side, expected kizashi.Num) bool {
	if !c.View.Seen.Outside(c.Sample.Value, side) {
		return false
	}
	f := c.Settings.Floor
	return f == nil || float64(side)*(c.Sample.Value-float64(expected)) >= f.Least(float64(expected))
}

// index of a side in the baseline's pairs.
func index(s kizashi.Side) int {
	if s == kizashi.Down {
		return 1
	}
	return 0
}

// inside says that there is a side that may alert, and none with its statistic
// beyond its limit: then it does not matter which is nearer.
func inside(c *detect.Case, stat, theta *[2]float64) bool {
	if stat[0] > theta[0] || stat[1] > theta[1] {
		return false
	}
	up, down := known(stat[0], theta[0]), known(stat[1], theta[1])
	switch c.Settings.Direction {
	case kizashi.Up:
		return up
	case kizashi.Down:
		return down
	}
	return up || down
}

// known says that there is a statistic and a limit.
func known(stat, theta float64) bool { return stat == stat && theta-theta == 0 }

// nearer picks the side whose statistic is larger in terms of its limit, of
// those that may alert.
func nearer(c *detect.Case, stat, theta [2]float64) (kizashi.Side, bool) {
	best, side := math.Inf(-1), kizashi.Both
	for i, s := range [2]kizashi.Side{kizashi.Up, kizashi.Down} {
		if d := c.Settings.Direction; d != kizashi.Both && d != s {
			continue
		}
		if !known(stat[i], theta[i]) {
			continue
		}
		if r := stat[i] / theta[i]; r > best {
			best, side = r, s
		}
	}
	return side, side != kizashi.Both
}

// stateless is embedded by detectors that remember nothing of their own.
type stateless struct{}

// Learn does nothing.
func (stateless) Learn(*detect.Case, bool) {}

// Explain adds nothing to what the record says.
func (stateless) Explain(*detect.Case) []kizashi.Evidence { return nil }

// AppendBinary appends nothing.
func (stateless) AppendBinary(b []byte) []byte { return b }

// Decode reads nothing.
func (stateless) Decode(b []byte) ([]byte, error) { return b, nil }
