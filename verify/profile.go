package verify

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// quarterHour is the part of an hour that has a slot of its own.
const quarterHour = hour / 4

// place is where a quarter of an hour lies in the local day and week.
type place struct {
	slot int // 0..95
	week int // 0..167
}

func (r *repeater) placeOf(t kizashi.Time) place {
	ms := kizashi.Time(r.zone.DayMillis(int64(t)))
	return place{slot: int(ms / quarterHour), week: 24*int(r.zone.Weekday(int64(t))) + int(ms/hour)}
}

// localDay counts local days since 1970.
func (r *repeater) localDay(t kizashi.Time) int {
	return int(math.Floor(float64(int64(t)+r.zone.Offset(int64(t))) / float64(day)))
}

// center is what a season expects at a place, on the transformed scale
// (docs/method.md, section 2).
func (s *state) center(season int, p place) float64 {
	switch season {
	case daily:
		return s.Level[daily] + float64(s.Day[p.slot])
	case weekly:
		return s.Level[weekly] + float64(s.Week[p.week]) + s.withinHour(p.slot)
	}
	return s.Level[noSeason]
}

// withinHour is how far a slot lies from the known slots of its hour.
func (s *state) withinHour(slot int) float64 {
	if s.DayN[slot] == 0 {
		return 0
	}
	sum, n := 0.0, 0.0
	first := slot - slot%4
	for i := first; i < first+4; i++ {
		if s.DayN[i] > 0 {
			sum += float64(s.Day[i])
			n++
		}
	}
	return float64(s.Day[slot]) - sum/n
}

// meanToSigma makes a mean absolute residual a standard deviation.
const meanToSigma = 1.2533141373155003

func (s *state) scale(p place, center float64) float64 {
	return max(meanToSigma*s.meanAbs(p.slot)*s.weekday(p.week/24), s.floor(center))
}

// meanAbs leans on the whole series' mean with 30 samples of it.
func (s *state) meanAbs(slot int) float64 {
	n := s.AbsN[slot]
	return (n*float64(s.Abs[slot]) + 30*s.AllAbs) / (n + 30)
}

// weekday is how many times as wide residuals are on a day of the week.
func (s *state) weekday(d int) float64 {
	if s.Season == weekly && s.RatioN[d] > 0 {
		return float64(s.Ratio[d])
	}
	return 1
}

func (s *state) spikeScale(weekday int) float64 {
	if s.SpikeN == 0 {
		return 0
	}
	return max(meanToSigma*s.SpikeAbs*s.weekday(weekday), s.floor(s.Level[s.Season]))
}

// floor is the least scale at a center.
func (s *state) floor(center float64) float64 {
	f := 1e-9
	if s.Log {
		f = max(f, 1e-4)
	} else {
		f = max(f, 1e-4*math.Abs(center))
	}
	if !s.Lattice {
		return f
	}
	if !s.Log {
		return max(f, 0.5)
	}
	c := math.Abs(back(kizashi.Log1p, center))
	return max(f, math.Log(1.5+c)-math.Log(1+c))
}

// toLog changes the scale of residuals once, at the 48th hour, if the series
// is large and never negative.
func (s *state) toLog() {
	var values []float64
	for i, n := range s.DayN {
		if n > 0 {
			values = append(values, s.Level[daily]+float64(s.Day[i]))
		}
	}
	if len(values) == 0 {
		return
	}
	slices.Sort(values)
	mid := values[len(values)/2]
	if mid < 10 || values[0] < 0 || !s.evenerInLog(mid) {
		return
	}
	s.deviationsToLog(mid)
	s.Log = true
	t := func(x float64) float64 { return forth(kizashi.Log1p, x) }
	each(s.Day[:], func(d float64) float64 { return t(s.Level[daily]+d) - t(s.Level[daily]) })
	each(s.Week[:], func(w float64) float64 { return t(s.Level[weekly]+w) - t(s.Level[weekly]) })
	for k := range s.Level {
		s.Level[k] = t(s.Level[k])
	}
	s.RunMean, s.RunOff, s.RunN, s.RunHeld = t(s.RunMean), 0, 0, 0
	s.Streak, s.StreakSum, s.StreakN = 0, 0, 0
}

// evenerInLog compares how far up and how far down the spike's statistic seldom goes,
// as it is and on the logarithmic scale.
func (s *state) evenerInLog(mid float64) bool {
	up, down := s.Tails[spikeUp].usual(), s.Tails[spikeDown].usual()
	if up <= 0 || down <= 0 {
		return false
	}
	dev := 1.2533141373155003 * s.SpikeAbs
	y := func(x float64) float64 { return forth(kizashi.Log1p, math.Max(x, 0)) }
	asIs := math.Abs(math.Log(up) - math.Log(down))
	inLog := math.Abs(math.Log(y(mid+up*dev)-y(mid)) - math.Log(y(mid)-y(mid-down*dev)))
	return inLog < asIs
}

// deviationsToLog makes a deviation what it is upwards of the level on the
// logarithmic scale.
func (s *state) deviationsToLog(mid float64) {
	up := func(c, a float64) float64 { return math.Log(1+math.Abs(c)+a) - math.Log(1+math.Abs(c)) }
	for i, a := range s.Abs {
		s.setAbs(i, up(s.Level[noSeason], float64(a)))
	}
	s.AllAbs = up(s.Level[noSeason], s.AllAbs)
	s.SpikeAbs = up(mid, s.SpikeAbs)
	for k := range s.Error {
		if s.ErrorN > 0 {
			s.Error[k] = s.ErrorN * up(mid, s.Error[k]/s.ErrorN)
		}
		if s.Error2N > 0 {
			s.Error2[k] = s.Error2N * up(mid, s.Error2[k]/s.Error2N)
		}
	}
	s.Recent = slices.Clone(s.Recent)
	for i := range s.Recent {
		p := &s.Recent[i]
		p.Center, p.Scale = forth(kizashi.Log1p, p.Center), up(p.Center, p.Scale)
		p.Score = (forth(kizashi.Log1p, p.Value) - p.Center) / p.Scale
	}
}

// learnPeriod takes the median gap of the last nine, from five on, unless a period is
// declared: then gaps are forgotten (docs/method.md, section 1).
func (s *state) learnPeriod(declared kizashi.Duration) {
	if declared > 0 {
		s.Period, s.Gaps, s.GapAt = int64(declared), [9]int64{}, 0
		return
	}
	n := min(s.GapAt, len(s.Gaps))
	if n < 5 {
		return
	}
	g := slices.Clone(s.Gaps[:n])
	slices.Sort(g)
	s.Period = g[n/2]
}

// gap remembers how long after the last sample one came.
func (s *state) gap(t kizashi.Time) {
	if s.LastAt != kizashi.Never {
		s.Gaps[s.GapAt%len(s.Gaps)] = int64(t-s.LastAt) * int64(time.Millisecond)
		s.GapAt++
		if s.GapAt >= 2*len(s.Gaps) {
			s.GapAt -= len(s.Gaps)
		}
	}
}
