package baseline

import (
	"math"
	"slices"

	"github.com/kizashi-ops/kizashi"
)

// The constants of docs/method.md, section 12.
const (
	leastPairs  = 14 * 24 // hours of a coarse history that every season expected, before it says anything
	leastShared = 24      // hours of the week that both the history and the series itself know
	mostSquare  = 25      // an hour of the week counts as lying at most 5 standard deviations off
	// smoothing is the variance of a mean that always takes in a weekDepth-th of
	// what is new, over that of one value: 1/(2 weekDepth - 1).
	smoothing = 1. / (2*weekDepth - 1)
	informFor = weekDepth * 7 * 24 * hour // so long a record says what informed it
)

// The texts of the fact that a history was looked at.
const (
	historyShort  = "short"  // it is too short to tell weeks apart
	historyUnlike = "unlike" // it is not like what the series itself shows: nothing of it is used
	historyTaken  = "taken"
)

// informed says which coarser history has its part in what was learned.
type informed struct {
	At    kizashi.Time `json:"at"`
	From  kizashi.Time `json:"from"`
	To    kizashi.Time `json:"to"`
	Hours int32        `json:"hours"`
}

// Informs says whether a coarse history can be taken in before a sample at at:
// it is the first of its hour, and the transform is known.
func (s *State) Informs(at kizashi.Time) bool {
	return s.Hour != kizashi.Never && at.Floor(hour) > s.Hour && s.Hours >= readyHours
}

// Inform hands over the coarse history of the series: points of an hour each,
// oldest first. It is called before the Look at a sample for which Informs
// holds; what the history says is then part of the state with which that
// hour's record is frozen.
func (s *State) Inform(points []kizashi.Sample) { s.own().coarse = &points }

// takePrior takes in the history when the hour h begins. It says whether
// anything of it is used.
func (s *State) takePrior(w *Room, h kizashi.Time) bool {
	p := s.readPast(h)
	s.rare.coarse = nil
	said := kizashi.Evidence{Claim: kizashi.ClaimInformed, From: p.from, To: p.to, Count: p.hours, Text: historyShort,
		Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()}
	count := 0
	if p.pairs >= leastPairs {
		var offset float64
		if count, offset = s.likeness(p); count > 0 {
			said.Text = historyTaken
			s.own().informed = &informed{h, p.from, p.to, int32(p.hours)}
			s.blend(p, count, offset)
		} else if count == 0 {
			said.Text = historyUnlike
		}
	}
	s.fact(w, said)
	if count > 0 {
		s.rechoose(w, p, h)
	}
	return count > 0
}

// past is what the seasons would have learned from hour averages alone.
type past struct {
	hours, pairs int
	from, to     kizashi.Time
	level        [seasons]float64
	day          [24]float64
	dayN         [24]int
	week         [weekHours]float64
	weekN        [weekHours]int
	err          [seasons]float64 // decayed sums of |residual| where all seasons expected something
	errN         float64
}

// readPast learns the points that ended before h by the rules of the centers,
// an hour a value, and compares the seasons as it goes.
func (s *State) readPast(h kizashi.Time) *past {
	p := &past{}
	unit := s.unit()
	points := *s.rare.coarse
	for i := range points {
		v := &points[i]
		if v.Period != hour || v.End() > h || !(math.Abs(v.Value) <= kizashi.MaxValue) {
			continue
		}
		if p.hours == 0 {
			p.from = v.At
			for k := range p.level {
				p.level[k] = s.forth(v.Value * unit)
			}
		}
		p.hours, p.to = p.hours+1, v.End()
		ms := int64(v.At)
		clock := int(s.zone.DayMillis(ms) / hour.Milliseconds())
		p.learn(s.forth(v.Value*unit), clock, int(s.zone.Weekday(ms))*24+clock)
	}
	return p
}

// unit brings a value of an hour to the series' own period: what is counted
// over an hour is more than what is counted over a minute.
func (s *State) unit() float64 {
	if gap := s.Gap(); gap > 0 && (s.meta.Statistic == "Sum" || s.meta.Statistic == "SampleCount") {
		return float64(gap) / float64(hour)
	}
	return 1
}

// learn takes in one hour of the history.
func (p *past) learn(t float64, clock, week int) {
	center := [seasons]float64{p.level[none], p.level[daily] + p.day[clock], p.level[weekly] + p.week[week]}
	knownDay, knownWeek := p.dayN[clock] > 0, p.weekN[week] > 0
	var res [seasons]float64
	for k := range res {
		res[k] = t - center[k]
		if p.pairs >= leastShared { // an incident is one hour, not the usual
			most := warmClip * sigmaOfAbs * p.err[k] / p.errN
			res[k] = min(max(res[k], -most), most)
		}
	}
	if knownDay && knownWeek {
		p.pairs++
		p.errN = p.errN*decay + 1
		for k := range res {
			p.err[k] = p.err[k]*decay + math.Abs(res[k])
		}
	}
	f := 1 / float64(min(p.hours, levelTau))
	p.level[none] += f * res[none]
	p.dayN[clock] = min(p.dayN[clock]+1, dayDepth)
	p.day[clock] += res[daily] / float64(p.dayN[clock])
	if knownDay {
		p.level[daily] += f * res[daily]
	}
	p.weekN[week] = min(p.weekN[week]+1, weekDepth)
	p.week[week] += res[weekly] / float64(p.weekN[week])
	if knownWeek {
		p.level[weekly] += f * res[weekly]
	}
}

func (p *past) mean(season int) float64 { return p.err[season] / p.errN }

// likeness compares the hours of the week as the history and the series itself
// have them. It returns as how many weeks of the series' own the history
// counts, at most weekDepth, 0 where it is unlike, -1 where too few hours are
// known to tell; and how far its profile lies below the series'.
func (s *State) likeness(p *past) (count int, offset float64) {
	var diff []float64
	var inverse float64
	for w := range p.week {
		if s.WeekN.at(int32(w)) > 0 && p.weekN[w] > 0 {
			diff = append(diff, s.Week.at(int32(w))-p.week[w])
			inverse += 1 / float64(s.WeekN.at(int32(w)))
		}
	}
	n := len(diff)
	if n < leastShared {
		return -1, 0
	}
	slices.Sort(diff)
	offset = diff[n/2]
	// A week's hour lies so far from its usual, squared; what the two differ by
	// beyond that is the history's own fault. An incident is not: it is some hours.
	one := sigmaOfAbs * p.mean(weekly)
	week := one * one / (1 + smoothing)
	if week == 0 && diff[0] != diff[n-1] {
		return 0, offset // flat to the last digit; the series is not
	}
	own := week * inverse / float64(n)
	var square float64
	for _, d := range diff {
		square += min((d-offset)*(d-offset), mostSquare*own)
	}
	fault := square/float64(n) - own
	if fault*weekDepth <= week {
		return weekDepth, offset
	}
	return int(week / fault), offset
}

// blend lets the history stand for weeks that the series itself does not have.
func (s *State) blend(p *past, count int, offset float64) {
	for w := range p.week {
		n := int(s.WeekN.at(int32(w)))
		take := min(count, weekDepth-n)
		if p.weekN[w] == 0 || take <= 0 {
			continue
		}
		own, have := s.Week.at(int32(w))*float64(n), float64(n+take)
		s.Week.set(int32(w), (own+float64(take)*(p.week[w]+offset))/have)
		s.WeekN.set(int32(w), uint8(n+take))
	}
}

// rechoose compares the seasons anew: the history says how far a season's
// hours lie from what it expects, the series itself how far its samples lie
// from their hour.
func (s *State) rechoose(w *Room, p *past, at kizashi.Time) {
	if s.ErrorN == 0 {
		return
	}
	have := s.Error[s.Season] / s.ErrorN
	if s.Season == weekly && s.Error2N > 0 {
		have = s.Error2[weekly] / s.Error2N
	}
	in := p.mean(int(s.Season))
	within := max(0, have*have-in*in)
	var expect [seasons]float64
	for k := range expect {
		e := p.mean(k)
		expect[k] = math.Sqrt(within + e*e)
	}
	s.Error2N = max(s.Error2N, s.ErrorN)
	for k := range expect {
		s.Error[k], s.Error2[k] = s.ErrorN*expect[k], s.Error2N*expect[k]
	}
	s.PairHours[weekly] = max(s.PairHours[weekly], pairWeekly)
	best := int(s.Season)
	for k := range expect {
		if expect[k] < betterBy*expect[best] {
			best = k
		}
	}
	if best != int(s.Season) {
		s.restart(w, best, at)
	}
}

// informedBy is what a record says of the history that informed it.
func (s *State) informedBy() *kizashi.Informed {
	i := s.seldom().informed
	if i == nil || s.Hour.Sub(i.At) >= informFor {
		return nil
	}
	return &kizashi.Informed{At: i.At, From: i.From, To: i.To, Hours: int(i.Hours)}
}
