package models

import "math"

// usual is how far a statistic usually lies from what it usually is: two means,
// of which half is gone in 14 observed days, learned by the hour.
type usual struct {
	Mean           float32 // of the statistic
	Sum, Dist, New float32 // of the hour in progress: distances with and without sign, evaluations
	Abs            float32 // mean distance from Mean
	N              float32 // decayed evaluations
	Hours          uint16  // learned since it began anew

	kind uint8 // of spans, whose mean the statistic is
	calm bool  // the last one that was learned lies within the limit. It follows from the rest
}

// What is usual. A day shows what a statistic does at every hour. A mean of n
// values that do not hang together spreads by 1/sqrt(n) of theirs, which is 1:
// what spreads less than a third of that counts as a third (a saw-tooth's mean
// over its own period hardly moves), and less than a twentieth is a series that
// does not move at all.
const (
	usualHours  = 24
	usualVotes  = 7 * 24 // spans overlap, and a few days hold but a few of six hours
	usualMemory = 336    // hours
	leastOfOne  = .3
	noneOfOne   = .05
)

// scale is the usual distance of a mean of n values, as a standard deviation;
// ok = it is known.
func (u *usual) scale(n float64) (float64, bool) {
	scale, one := sigmaOfAbs*float64(u.Abs), 1/math.Sqrt(n)
	return max(scale, leastOfOne*one), u.Hours >= usualHours && scale >= noneOfOne*one
}

// roll ends an hour. The mean of what is centered stays 0. The distances of the
// very first hour, in which there was no mean yet, are forgotten with the next.
func (u *usual) roll(centered bool) {
	if u.New == 0 {
		return
	}
	c := min(u.N, usualMemory*u.New) + u.New
	if !centered {
		u.Mean += u.Sum / c
	}
	if u.Hours <= 1 {
		u.Abs = u.Dist / u.New
	} else {
		u.Abs += (u.Dist - u.New*u.Abs) / c
	}
	u.N, u.Hours = c, min(u.Hours+1, math.MaxInt16)
	u.Sum, u.Dist, u.New = 0, 0, 0
}

// learn takes an evaluation x: what lies beyond a limit, which a mean so far off does,
// counts as that.
func (u *usual) learn(x, most float64) {
	d := x - float64(u.Mean)
	if most > 0 {
		d = clip(d, most)
	}
	u.Sum += float32(d)
	u.Dist += float32(math.Abs(d))
	u.New++
}

func clip(x, most float64) float64 { return min(max(x, -most), most) }
