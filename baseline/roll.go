package baseline

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// advance finishes the hour in progress and freezes the record of hour h,
// whose first sample is smp.
func (s *State) advance(w *Room, h kizashi.Time, smp *kizashi.Sample) {
	if s.Hour == kizashi.Never {
		if s.seldom().heir != nil {
			s.begin(w, h)
		} else {
			s.Since, s.First = hourOf(h), hourOf(h)
			s.Level = [seasons]float64{smp.Value, smp.Value, smp.Value}
		}
		s.Hour = h
		s.checkpoint(w, h)
	} else {
		s.finish(w)
		s.Hour = h
		if s.seldom().coarse != nil && s.takePrior(w, h) {
			s.checkpoint(w, h)
			s.Starts[0], s.Hashes[0] = s.Starts[1], s.Hashes[1] // nobody can repeat what came before it
		} else if hourOf(h)-s.Starts[1] >= keepState {
			s.checkpoint(w, h)
		}
	}
	s.freeze(w)
}

// finish learns the hour in progress.
func (s *State) finish(w *Room) {
	end := s.Hour.Add(hour)
	s.unpack(w)
	var n, learned float64
	for i := range w.parts {
		n += w.parts[i].N
		learned += w.parts[i].LearnN
	}
	s.learnSpecial(w)
	if n > 0 {
		s.Hours++
		for i := range s.Tails {
			s.Tails[i].RollBy(end, s.decay())
			if s.Hours == readyHours {
				s.Tails[i].Forget() // nothing was held out so far, incidents included
			}
		}
		s.recurrences(w)
		s.compare(w)
		relearn := s.learnCenter(w, n)
		s.learnScale(w)
		s.again(w, relearn, end)
		s.surprise.roll()
		s.choose(w, end)
	}
	s.SpikeN1, s.SpikeAbs1 = 0, 0
	s.median()
	s.forget(end)
}

// median is the running median gap between samples.
func (s *State) median() {
	r := s.seldom()
	if p := time.Duration(s.meta.Period); p > 0 {
		s.Period = int32(min(p.Milliseconds(), math.MaxInt32))
		if s.rare != nil {
			r.gaps, r.gapAt = gaps{}, 0 // they were of another time
		}
		return
	}
	n := min(int(r.gapAt), gapsKept)
	if n < gapsLeast {
		return
	}
	g := r.gaps
	slices.Sort(g[:n])
	s.Period = g[n/2]
}

// forget drops stretches that ended more than two weeks ago.
func (s *State) forget(now kizashi.Time) {
	if t := s.trouble; t != nil {
		for len(t.Held) > 0 && now.Sub(t.Held[0].To) > window {
			t.Held = append(t.Held[:0], t.Held[1:]...)
		}
		s.calm()
	}
}

// ruleOf fixes M of N: the settings' own, else from the period as it is known
// at the first record that knows one.
func (s *State) ruleOf() {
	switch {
	case s.set.N > 0:
		s.M, s.N = int16(s.set.M), int16(s.set.N)
	case s.N == 0 && s.Gap() > 0:
		m, n := kizashi.MofN(s.Gap())
		s.M, s.N = int16(m), int16(n)
	}
}

// freeze makes the record of the hour in progress.
func (s *State) freeze(w *Room) {
	s.ruleOf()
	r := &s.rec
	if s.rare != nil {
		s.rare.special = nil
	}
	*r = inForce{Period: kizashi.Duration(s.Gap()), M: s.M, N: s.N, R: s.set.R, Lower: s.meta.Lower, Upper: s.meta.Upper,
		Daily: s.asDaily(), Whole: s.shares(), Ready: s.Hours >= readyHours && (s.N > 1 || s.Hour.Sub(s.First.at()) >= readySpan)}
	s.freezeSeen()
	stated := [tails]kizashi.Tail{}
	for i := range s.Tails {
		stated[i] = s.Tails[i].freeze(priors[i], time.Duration(s.set.R), share/r.Whole)
		r.Theta[i] = stated[i].Theta
	}
	s.findPlaces(w)
	if s.SpikeN > 0 {
		r.Spike = s.floorScale(sigmaOfAbs*s.SpikeAbs*s.ratio(int(w.places[1].week)/24), s.Level[s.Season])
	}
	for q := range w.parts {
		s.lay(w, q)
	}
	r.Calibrat = s.calibrated()
	s.pack(w)
	s.record(w, &w.rec)
	for i, t := range tailsOf(&w.rec) {
		*t = stated[i]
	}
	w.events = append(w.events, Event{Record: &w.rec})
}

// freezeSeen keeps the range as the hour begins, and forgets it after the first week.
func (s *State) freezeSeen() {
	switch {
	case s.Hour.Sub(s.First.at()) >= firstWeek:
		s.Seen = nil
	case s.Seen != nil && (s.Seen.before == nil || s.Seen.before.Low != s.Seen.Low || s.Seen.before.High != s.Seen.High):
		s.Seen.before = &kizashi.Seen{Low: s.Seen.Low, High: s.Seen.High} // records of some hours have the same
	}
}

// calibrated is claimed from 7 days and 20 clusters since the last restart.
func (s *State) calibrated() bool {
	if s.Hour.Sub(s.Since.at()) < 7*24*hour {
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
func (s *State) SetRest(shares float64) { s.Rest = shares }

// shares are those of all that can vote.
func (s *State) shares() float64 { return Shares(s.set, int(s.N), s.Rest) }

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
func (s *State) lay(w *Room, q int) {
	p := &w.parts[q]
	*p = part{Slot: w.places[q+1].slot, Week: w.places[q+1].week}
	s.centers(&w.mean, p)
	slot := slot{Center: p.Center[s.Season], Lower: kizashi.None(), Upper: kizashi.None()}
	if s.kind != nil {
		if kind := s.kindAt(s.Hour.Add(time.Duration(q) * quarter)); kind != "" {
			s.special(w, q, kind, &slot)
		}
	}
	slot.Scale = s.scaleOf(int(p.Slot), int(p.Week)/24, slot.Center)
	if s.rec.Day[q] == 0 && s.Season != none {
		before, after := s.beside(&w.mean, w.places[q], slot.Center), s.beside(&w.mean, w.places[q+2], slot.Center)
		slot.below, slot.above = float32(slot.Center-min(slot.Center, before, after)), float32(max(slot.Center, before, after)-slot.Center)
	}
	if up := s.theta(bandUp); !math.IsInf(up, 0) {
		slot.Upper = s.bounded(s.back(slot.most() + slot.Scale*up))
	}
	if down := s.theta(bandDown); !math.IsInf(down, 0) {
		slot.Lower = s.bounded(s.back(slot.least() - slot.Scale*down))
	}
	if s.rec.Day[q] > 0 {
		s.limitsOf(q, &slot)
	}
	s.rec.Slots[q] = slot
}

// place is where a quarter of an hour lies in wall time.
type place struct{ slot, week int32 }

func (s *State) placeOf(at kizashi.Time) place {
	const day = int64(24 * hour / time.Millisecond)
	local := int64(at) + s.zone.Offset(int64(at))
	days := local / day
	if local < days*day {
		days--
	}
	slot := int32((local - days*day) / quarter.Milliseconds())
	weekday := int32((days + 4) % 7) // the first day of 1970 was a Thursday
	if weekday < 0 {
		weekday += 7
	}
	return place{slot, weekday*24 + slot/slots}
}

// findPlaces are those of the hour that begins, of the quarter before it and of the one
// after it.
func (s *State) findPlaces(w *Room) {
	w.mean = hourMean{}
	for i := range w.places {
		w.places[i] = s.placeOf(s.Hour.Add(time.Duration(i-1) * quarter))
	}
}

// centers is what each season expects of a part.
func (s *State) centers(m *hourMean, p *part) {
	p.Known, p.KnownWeek = s.DayN.at(p.Slot) > 0, s.WeekN.at(p.Week) > 0
	for k := range p.Center {
		p.Center[k] = s.center(m, k, p.Slot, p.Week)
	}
}

// center that a season expects in a slot of the day, in an hour of the week.
func (s *State) center(m *hourMean, season int, slot, week int32) float64 {
	switch season {
	case daily:
		return s.Level[daily] + s.Day.at(slot)
	case weekly:
		return s.Level[weekly] + s.Week.at(week) + s.within(m, slot)
	}
	return s.Level[none]
}

// beside is the center that the season in force has for a place; own where it knows
// none. What comes every day comes some minutes early or late, and the quarter in
// which it begins is steep: either side's center will do.
func (s *State) beside(m *hourMean, p place, own float64) float64 {
	if s.Season == daily && s.DayN.at(p.slot) == 0 || s.Season == weekly && s.WeekN.at(p.week) == 0 {
		return own
	}
	return s.center(m, int(s.Season), p.slot, p.week)
}

// within is how a slot of the day differs from the mean of its hour.
func (s *State) within(m *hourMean, slot int32) float64 {
	if s.DayN.at(slot) == 0 {
		return 0
	}
	if h := slot / slots; m.hour != h+1 {
		m.hour, m.is = h+1, s.meanOf(h)
	}
	return s.Day.at(slot) - m.is
}

// hourMean remembers the mean of the hour of the day that was asked for last, for as
// long as nothing is learned. The zero one remembers none.
type hourMean struct {
	hour int32 // and one
	is   float64
}

// meanOf is the mean of those slots of an hour of the day that are known.
func (s *State) meanOf(h int32) float64 {
	var sum, n float64
	for i := h * slots; i < (h+1)*slots; i++ {
		if s.DayN.at(i) > 0 {
			sum += s.Day.at(i)
			n++
		}
	}
	return sum / n
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
	n := s.AbsN.at(int32(slot))
	return (n*s.Abs.at(int32(slot)) + shrink*s.AllAbs) / (n + shrink)
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
