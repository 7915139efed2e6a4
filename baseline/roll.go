package baseline

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// advance finishes the hour in progress and freezes the record of hour h,
// whose first sample is smp.
func (s *State) advance(h kizashi.Time, smp *kizashi.Sample) {
	if s.Hour == kizashi.Never {
		if s.heir != nil {
			s.begin(h)
		} else {
			s.Since, s.First = h, h
			s.Level = [seasons]float64{smp.Value, smp.Value, smp.Value}
		}
		s.Hour = h
		s.checkpoint(h)
	} else {
		s.finish()
		s.Hour = h
		if s.coarse != nil && s.takePrior(h) {
			s.checkpoint(h)
			s.Starts[0], s.Hashes[0] = s.Starts[1], s.Hashes[1] // nobody can repeat what came before it
		} else if h.Sub(s.Starts[1]) >= keepState {
			s.checkpoint(h)
		}
	}
	s.freeze()
}

// finish learns the hour in progress.
func (s *State) finish() {
	end := s.Hour.Add(hour)
	s.unpack()
	var n, learned float64
	for i := range s.Parts {
		n += s.Parts[i].N
		learned += s.Parts[i].LearnN
	}
	s.learnSpecial()
	if n > 0 {
		s.Hours++
		for i := range s.Tails {
			s.Tails[i].RollBy(end, s.decay())
			if s.Hours == readyHours {
				s.Tails[i].Forget() // nothing was held out so far, incidents included
			}
		}
		s.recurrences()
		s.compare()
		relearn := s.learnCenter(n)
		s.learnScale()
		s.again(relearn, end)
		s.surprise.roll()
		s.choose(end)
	}
	s.Excluded = 0
	s.SpikeN1, s.SpikeAbs1 = 0, 0
	s.median()
	s.forget(end)
}

// median is the running median gap between samples.
func (s *State) median() {
	n := min(int(s.GapAt), gapsKept)
	if n < gapsLeast {
		return
	}
	g := s.Gaps
	slices.Sort(g[:n])
	s.Period = int64(g[n/2]) * int64(time.Millisecond)
}

// forget drops stretches that ended more than two weeks ago.
func (s *State) forget(now kizashi.Time) {
	for len(s.held) > 0 && now.Sub(s.held[0].To) > window {
		s.held = append(s.held[:0], s.held[1:]...)
	}
}

// ruleOf fixes M of N: the settings' own, else from the period as it is known
// at the first record that knows one.
func (s *State) ruleOf() {
	switch {
	case s.set.N > 0:
		s.M, s.N = int32(s.set.M), int32(s.set.N)
	case s.N == 0 && s.Gap() > 0:
		m, n := kizashi.MofN(s.Gap())
		s.M, s.N = int32(m), int32(n)
	}
}

// freeze makes the record of the hour in progress.
func (s *State) freeze() {
	s.ruleOf()
	r := &s.rec
	*r = inForce{Period: kizashi.Duration(s.Gap()), M: int16(s.M), N: int16(s.N), R: s.set.R, Lower: s.meta.Lower, Upper: s.meta.Upper,
		Samples: s.Samples, Whole: s.shares(), Ready: s.Hours >= readyHours && (s.N > 1 || s.Hour.Sub(s.First) >= readySpan)}
	s.freezeSeen()
	for i := range s.Tails {
		r.Theta[i] = s.Tails[i].Freeze(priors[i], time.Duration(s.set.R), share/r.Whole)
	}
	if s.SpikeN > 0 {
		r.Spike = s.floorScale(sigmaOfAbs*s.SpikeAbs*s.ratio(int(s.zone.Weekday(int64(s.Hour)))), s.Level[s.Season])
	}
	for q := range s.Parts {
		s.lay(q)
	}
	r.Calibrat = s.calibrated()
	s.pack()
	s.record(&s.work.rec)
	s.work.events = append(s.work.events, Event{Record: &s.work.rec})
}

// freezeSeen keeps the range as the hour begins, and forgets it after the first week.
func (s *State) freezeSeen() {
	switch {
	case s.Hour.Sub(s.First) >= firstWeek:
		s.Seen = nil
	case s.Seen != nil:
		s.Seen.before = &kizashi.Seen{Low: s.Seen.Low, High: s.Seen.High}
	}
}

// calibrated is claimed from 7 days and 20 clusters since the last restart.
func (s *State) calibrated() bool {
	if s.Hour.Sub(s.Since) < 7*24*hour {
		return false
	}
	for i := range s.Tails {
		if (i == spikeUp || i == spikeDown || s.N > 1) && s.Tails[i].N < 20 {
			return false
		}
	}
	return true
}

// share is what a side of band and of spike has of the target, in the unit of
// SetRest.
const share = 3.

// SetRest says what the other calibrated detectors have of the target, in a unit
// of which a side of band or spike has 3. It counts from the next record on.
func (s *State) SetRest(shares float64) { s.rest = shares }

// shares are those of all that can vote.
func (s *State) shares() float64 { return Shares(s.set, int(s.N), s.rest) }

// Shares are those of all that can vote by the settings: each side of spike, and of
// band by a rule of M of n, and the rest.
func Shares(set *kizashi.Settings, rule int, rest float64) float64 {
	n := 0
	for _, side := range [2]kizashi.Side{kizashi.Up, kizashi.Down} {
		if d := set.Direction; d != kizashi.Both && d != side {
			continue
		}
		if rule > 1 && !slices.Contains(set.Off, "band") {
			n++
		}
		if !slices.Contains(set.Off, "spike") {
			n++
		}
	}
	if w := share*float64(n) + rest; w > 0 {
		return w
	}
	return share
}

// lay sets out quarter q of the hour: what each season expects, and the
// limits of the one in force.
func (s *State) lay(q int) {
	at := s.Hour.Add(time.Duration(q) * quarter)
	p := part{Slot: int32(s.zone.DayMillis(int64(at)) / quarter.Milliseconds())}
	p.Week = int32(s.zone.Weekday(int64(at)))*24 + p.Slot/slots
	s.centers(&p)
	slot := slot{Center: p.Center[s.Season], Lower: kizashi.None(), Upper: kizashi.None()}
	s.Parts[q] = p
	if kind := s.kindAt(at); kind != "" {
		s.special(q, kind, &slot)
	}
	slot.Scale = s.scaleOf(int(p.Slot), int(p.Week)/24, slot.Center)
	if slot.Day == 0 && s.Season != none {
		before, after := s.beside(at.Add(-quarter), slot.Center), s.beside(at.Add(quarter), slot.Center)
		slot.below, slot.above = float32(slot.Center-min(slot.Center, before, after)), float32(max(slot.Center, before, after)-slot.Center)
	}
	if up := s.theta(bandUp); !math.IsInf(up, 0) {
		slot.Upper = s.bounded(s.back(slot.most() + slot.Scale*up))
	}
	if down := s.theta(bandDown); !math.IsInf(down, 0) {
		slot.Lower = s.bounded(s.back(slot.least() - slot.Scale*down))
	}
	if slot.Day > 0 {
		s.limitsOf(&slot)
	}
	s.Parts[q], s.rec.Slots[q] = p, slot
}

// centers is what each season expects of a part.
func (s *State) centers(p *part) {
	p.Known, p.KnownWeek = s.DayN.at(p.Slot) > 0, s.WeekN.at(p.Week) > 0
	for k := range p.Center {
		p.Center[k] = s.center(k, p.Slot, p.Week)
	}
}

// center that a season expects in a slot of the day, in an hour of the week.
func (s *State) center(season int, slot, week int32) float64 {
	switch season {
	case daily:
		return s.Level[daily] + float64(s.Day[slot])
	case weekly:
		return s.Level[weekly] + float64(s.Week[week]) + s.within(slot)
	}
	return s.Level[none]
}

// beside is the center that the season in force has for the quarter at an instant;
// own where it knows none. What comes every day comes some minutes early or late,
// and the quarter in which it begins is steep: either side's center will do.
func (s *State) beside(at kizashi.Time, own float64) float64 {
	slot := int32(s.zone.DayMillis(int64(at)) / quarter.Milliseconds())
	week := int32(s.zone.Weekday(int64(at)))*24 + slot/slots
	if s.Season == daily && s.DayN.at(slot) == 0 || s.Season == weekly && s.WeekN.at(week) == 0 {
		return own
	}
	return s.center(int(s.Season), slot, week)
}

// within is how a slot of the day differs from the mean of its hour.
func (s *State) within(slot int32) float64 {
	h := slot / slots * slots
	var sum, n float64
	for i := h; i < h+slots; i++ {
		if s.DayN.at(i) > 0 {
			sum += float64(s.Day[i])
			n++
		}
	}
	if s.DayN.at(slot) == 0 || n == 0 {
		return 0
	}
	return float64(s.Day[slot]) - sum/n
}

// bounded cuts a limit at the bounds and the guard rails.
func (s *State) bounded(v float64) kizashi.Num {
	if b := float64(s.meta.Lower); v < b {
		v = b
	}
	if b := float64(s.meta.Upper); v > b {
		v = b
	}
	for _, g := range s.set.Guards {
		switch {
		case g.Side == kizashi.Up && v > g.Value, g.Side == kizashi.Down && v < g.Value:
			v = g.Value
		}
	}
	return kizashi.Num(v)
}

// scaleOf a slot: its own mean absolute residual, leaning on the whole
// series' as long as it knows few samples, and the weekday's part in it.
func (s *State) scaleOf(slot, weekday int, center float64) float64 {
	return s.floorScale(sigmaOfAbs*s.absOf(slot)*s.ratio(weekday), center)
}

func (s *State) absOf(slot int) float64 {
	n := float64(s.AbsN[slot])
	return (n*float64(s.Abs[slot]) + shrink*s.AllAbs) / (n + shrink)
}

// floorScale keeps a scale from vanishing where nothing ever varied: half a
// step where all values are whole numbers, else a ten-thousandth of the
// level.
func (s *State) floorScale(scale, center float64) float64 {
	least := 1e-4 * math.Abs(center)
	if s.Log {
		least = 1e-4
	}
	if s.Lattice {
		step := 0.5
		if s.Log {
			step = math.Log1p(math.Abs(s.back(center))+0.5) - math.Log1p(math.Abs(s.back(center)))
		}
		least = max(least, step)
	}
	return max(scale, least, 1e-9)
}
