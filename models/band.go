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

// Judge compares the M-th largest score of each side with its limit; of the
// two sides the one nearer to its limit is told.
func (bandState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	w := c.View
	if !w.Ready {
		return false
	}
	side, ok := nearer(c, w.Band, w.BandTheta)
	if !ok {
		return false
	}
	i := index(side)
	v.Side, v.Stat, v.Limit, v.Unit = side, w.Band[i], w.BandTheta[i], "scales"
	v.Center, v.Lower, v.Upper = w.Expected, w.Lower, w.Upper
	v.Crossed = v.Stat > v.Limit && reaches(c, v)
	return true
}

// reaches says that the value lies as far from the expected, on the vote's side,
// as the settings ask for, and in the first week beyond all that was seen.
func reaches(c *detect.Case, v *kizashi.Vote) bool {
	if !c.View.Seen.Outside(c.Sample.Value, v.Side) {
		return false
	}
	f := c.Settings.Floor
	return f == nil || float64(v.Side)*(c.Sample.Value-float64(v.Center)) >= f.Least(float64(v.Center))
}

// index of a side in the baseline's pairs.
func index(s kizashi.Side) int {
	if s == kizashi.Down {
		return 1
	}
	return 0
}

// nearer picks the side whose statistic is larger in terms of its limit, of
// those that may alert.
func nearer(c *detect.Case, stat, theta [2]float64) (kizashi.Side, bool) {
	best, side := math.Inf(-1), kizashi.Both
	for i, s := range [2]kizashi.Side{kizashi.Up, kizashi.Down} {
		if d := c.Settings.Direction; d != kizashi.Both && d != s {
			continue
		}
		if math.IsNaN(stat[i]) || math.IsNaN(theta[i]) || math.IsInf(theta[i], 0) {
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
