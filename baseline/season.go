package baseline

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// compare keeps how well each season would have expected the hour.
func (s *State) compare(w *Room) {
	d := s.decay()
	s.ErrorN, s.Error2N = s.ErrorN*d, s.Error2N*d
	for i := range s.Error {
		s.Error[i] *= d
		s.Error2[i] *= d
	}
	var first, second bool
	for i := range w.parts {
		p := &w.parts[i]
		if p.N == 0 || !p.Known {
			continue
		}
		first = true
		s.ErrorN += p.N
		for k := range p.Err {
			s.Error[k] += p.Err[k]
		}
		if !p.KnownWeek {
			continue
		}
		second = true
		s.Error2N += p.N
		for k := range p.Err {
			s.Error2[k] += p.Err[k]
		}
	}
	if first {
		s.PairHours[daily]++
	}
	if second {
		s.PairHours[weekly]++
	}
}

// learnCenter moves levels and profiles by the hour's mean residuals. The
// season in force learns what was not held out; the others are candidates
// that judge nothing, and learn everything.
func (s *State) learnCenter(w *Room, n float64) [slots]bool {
	relearn := s.heldSlots(w)
	moved := s.adopt(w, n)
	for k := range seasons {
		all := k != int(s.Season) || s.Hours <= readyHours
		s.learnSeason(w, k, all, &relearn, moved)
	}
	return relearn
}

// again finishes what was relearned; a series without a season has one now.
func (s *State) again(w *Room, relearn [slots]bool, end kizashi.Time) {
	for i, yes := range relearn {
		if !yes {
			continue
		}
		s.relearned(w, i)
		if s.Season == none && s.ErrorN > 0 {
			s.restart(w, daily, end)
		}
	}
}

// learnSeason moves one season.
func (s *State) learnSeason(w *Room, k int, all bool, relearn *[slots]bool, moved bool) {
	var sum, n float64 // of residuals of slots that are known
	for i := range w.parts {
		p := &w.parts[i]
		pn, psum := p.LearnN, p.LearnSum
		again := k == daily && relearn[i]
		if all || again {
			pn, psum = p.N, p.Sum
		}
		if pn == 0 {
			continue
		}
		res := psum - pn*p.Center[k]
		switch {
		case k == daily && (!p.Known || again):
			s.Day.set(p.Slot, s.Day.at(p.Slot)+res/pn)
			s.DayN.set(p.Slot, 1)
			continue
		case k == daily:
			n := min(s.DayN.at(p.Slot)+1, dayDepth)
			s.DayN.set(p.Slot, n)
			s.Day.set(p.Slot, s.Day.at(p.Slot)+res/pn/s.depth(n, dayDepth))
		case k == weekly:
			continue
		}
		sum, n = sum+res, n+pn
	}
	if k == weekly {
		sum, n = s.learnWeek(w, all)
	}
	if n > 0 && !moved {
		tau := levelTau * s.set.Pace()
		f := 1 / tau
		if float64(s.Hours) < tau {
			f = 1 / float64(s.Hours+1)
		}
		s.Level[k] += f * sum / n
	}
}

// learnWeek moves the hours of the week that the hour in progress covers: one,
// or two where wall time is not at the full hour.
func (s *State) learnWeek(w *Room, all bool) (sum, n float64) {
	for i := 0; i < slots; {
		week, known := w.parts[i].Week, w.parts[i].KnownWeek
		var res, wn float64
		for ; i < slots && w.parts[i].Week == week; i++ {
			p := &w.parts[i]
			if all {
				res, wn = res+(p.Sum-p.N*p.Center[weekly]), wn+p.N
			} else {
				res, wn = res+(p.LearnSum-p.LearnN*p.Center[weekly]), wn+p.LearnN
			}
		}
		if wn == 0 {
			continue
		}
		if !known {
			s.Week.set(week, s.Week.at(week)+res/wn)
			s.WeekN.set(week, 1)
			continue
		}
		weeks := min(s.WeekN.at(week)+1, weekDepth)
		s.WeekN.set(week, weeks)
		s.Week.set(week, s.Week.at(week)+res/wn/s.depth(weeks, weekDepth))
		sum, n = sum+res, n+wn
	}
	return sum, n
}

// heldSlots counts on how many days running each quarter's slot was held, and
// learns anew those that keep being held: what comes every day is usual.
func (s *State) heldSlots(w *Room) (relearn [slots]bool) {
	day := (24 * hour).Milliseconds()
	for i := range w.parts {
		p := &w.parts[i]
		if p.N == 0 {
			continue
		}
		if p.HeldUp+p.HeldDown < heldPart*p.N {
			s.trouble.notHeld(p.Slot)
			continue
		}
		at := int64(s.Hour) + int64(i)*quarter.Milliseconds()
		today := uint16((at + s.zone.Offset(at)) / day)
		if s.troubled().heldOn(p.Slot, today) >= relearnDay {
			s.trouble.notHeld(p.Slot)
			relearn[i] = true
		}
	}
	return relearn
}

// relearned takes a slot as it was this time: its center, and how far the
// samples lay around it.
func (s *State) relearned(w *Room, i int) {
	p := &w.parts[i]
	res := p.Sum/p.N - s.rec.Slots[i].Center
	s.Abs.set(p.Slot, math.Sqrt(max(0, p.Square/p.N-res*res))/sigmaOfAbs)
	s.AbsN.set(p.Slot, dayDepth*p.N)
	from := s.Hour.Add(time.Duration(i) * quarter)
	s.fact(w, kizashi.Evidence{Claim: kizashi.ClaimRelearn, From: from, To: from.Add(quarter), Count: relearnDay,
		Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()})
}

func (s *State) heldCounts(w *Room) (up, down float64) {
	for i := range w.parts {
		up += w.parts[i].HeldUp
		down += w.parts[i].HeldDown
	}
	return up, down
}

// adopt takes a level that has lasted for adoptHours as the new one. Samples
// of an hour are of one level where most of them are held on one side.
func (s *State) adopt(w *Room, n float64) bool {
	up, down := s.heldCounts(w)
	side := int32(0)
	switch {
	case up >= n/2:
		side = 1
	case down >= n/2:
		side = -1
	}
	begins := side == 0 && s.late().Streak == 0
	if begins {
		side = s.lastQuarter(w)
	}
	if side == 0 || s.late().Streak*side < 0 {
		s.endStreak()
	}
	if side == 0 {
		return false
	}
	t := s.troubled()
	t.Streak += side
	for i := range w.parts {
		if begins {
			break // not all of it is of the new level
		}
		p := &w.parts[i]
		t.StreakSum += p.Sum - p.N*p.Center[s.Season]
		t.StreakN += p.N
	}
	if t.Streak*side < adoptHours {
		return false
	}
	s.Moves++
	before, by := w.parts[0].Center[s.Season], t.StreakSum/t.StreakN
	s.Level[s.Season] += by
	s.endStreak()
	s.fact(w, kizashi.Evidence{Claim: kizashi.ClaimMoved, Low: kizashi.Num(s.back(before)), High: kizashi.Num(s.back(before + by)),
		Value: kizashi.None(), From: s.Hour.Add(-(adoptHours - 1) * hour), To: s.Hour.Add(hour)})
	return true
}

// endStreak forgets the level that did not last.
func (s *State) endStreak() {
	if t := s.trouble; t != nil {
		t.Streak, t.StreakSum, t.StreakN = 0, 0, 0
	}
}

// Turns are how many restarts of scale and tails there were, and levels adopted, so
// far.
func (s *State) Turns() (restarts int, moves uint16) { return int(s.Restarts), s.Moves }

// lastQuarter is the side on which most samples of the hour's last quarter with any
// were held: a level may begin within an hour.
func (s *State) lastQuarter(w *Room) int32 {
	for i := len(w.parts) - 1; i >= 0; i-- {
		switch p := &w.parts[i]; {
		case p.N == 0:
		case p.HeldUp >= p.N/2:
			return 1
		case p.HeldDown >= p.N/2:
			return -1
		default:
			return 0
		}
	}
	return 0
}

// fact reports something that happened.
func (s *State) fact(w *Room, e kizashi.Evidence) { w.events = append(w.events, Event{Fact: e}) }

// learnScale moves the mean absolute residuals by what was not held out.
func (s *State) learnScale(w *Room) {
	var abs, n, spikeAbs, spikeN float64
	s.learnRatio(w)
	for i := range w.parts {
		p := &w.parts[i]
		abs, n = abs+p.LearnAbs, n+p.LearnN
		spikeAbs, spikeN = spikeAbs+p.SpikeAbs, spikeN+p.SpikeN
		if p.LearnN == 0 {
			continue
		}
		a, c := s.Abs.at(p.Slot), s.AbsN.at(p.Slot)
		c = min(c, dayDepth*s.set.Pace()*p.LearnN) + p.LearnN
		s.Abs.set(p.Slot, a+(p.LearnAbs-p.LearnN*a)/c)
		s.AbsN.set(p.Slot, c)
	}
	most := 24 * dayDepth * s.set.Pace()
	s.AllAbs, s.AllN = mean(s.AllAbs, s.AllN, abs, n, most)
	s.SpikeAbs, s.SpikeN = mean(s.SpikeAbs, s.SpikeN, spikeAbs, spikeN, most)
}

// learnRatio moves how much more, or less, a weekday varies than the others of its
// slots: weekends may.
func (s *State) learnRatio(w *Room) {
	if s.Season != weekly {
		return
	}
	h := s.known()
	var is, usual [7]float64
	for i := range w.parts {
		if p := &w.parts[i]; p.LearnN > 0 {
			is[p.Week/24] += p.LearnAbs
			usual[p.Week/24] += p.LearnN * s.absOf(int(p.Slot))
		}
	}
	for d := range is {
		if usual[d] == 0 {
			continue
		}
		c := min(float64(h.RatioN[d]), weekDepth*24) + 1
		h.Ratio[d] += float32((min(max(is[d]/usual[d], 1./ratioMost), ratioMost) - float64(h.Ratio[d])) / c)
		h.RatioN[d] = uint8(c)
	}
}

// ratio of a weekday, 1 before it is known.
func (s *State) ratio(weekday int) float64 {
	if s.Season != weekly || s.habits == nil || s.RatioN[weekday] == 0 {
		return 1
	}
	return float64(s.Ratio[weekday])
}

// mean takes n values of sum into a mean over at most so many hours of as many.
func mean(m, have, sum, n, most float64) (float64, float64) {
	if n == 0 {
		return m, have
	}
	have = min(have, most*n) + n
	return m + (sum-n*m)/have, have
}

// choose takes the season that expects best, if it is clearly better than the
// one in force, and the transform with it.
func (s *State) choose(w *Room, end kizashi.Time) {
	if s.Hours == readyHours {
		s.chooseTransform()
	}
	if s.Hours < readyHours {
		return
	}
	best := int(s.Season)
	if s.PairHours[daily] >= pairDaily && s.Season != weekly {
		other := daily - best
		if s.Error[other] < betterBy*s.Error[best] || s.Season == none && s.Hours > readyHours && s.daysHabit(w) {
			best = other
		}
	}
	if s.PairHours[weekly] >= pairWeekly {
		for k := range seasons {
			if s.Error2[k] < betterBy*s.Error2[best] {
				best = k
			}
		}
	}
	if best == int(s.Season) {
		return
	}
	s.restart(w, best, end)
}

// daysHabit says that one of the hour's quarters was expected, from a week on, to
// lie far from the level of the whole, and did so again: a nightly job of minutes
// hardly moves the mean error, but whoever has one wants it expected.
func (s *State) daysHabit(w *Room) bool {
	for i := range w.parts {
		p := &w.parts[i]
		if p.N == 0 || s.DayN.at(p.Slot) < habitDays {
			continue
		}
		off, is := p.Center[daily]-p.Center[none], p.Sum/p.N-p.Center[daily]
		if math.Abs(off) > habitOff*sigmaOfAbs*s.AllAbs && math.Abs(is) < math.Abs(off)/2 {
			return true
		}
	}
	return false
}

// restart puts a season in force: scale and tails are learned anew from the
// errors that it would have made.
func (s *State) restart(w *Room, season int, at kizashi.Time) {
	abs := s.Error[season] / s.ErrorN
	if season == weekly || s.Season == weekly {
		abs = s.Error2[season] / s.Error2N
	}
	f := abs / max(s.AllAbs, 1e-12)
	for i := range int32(daySlots) {
		s.Abs.set(i, s.Abs.at(i)*f)
	}
	s.AbsN.cut(shrink)
	if season == weekly || s.habits != nil {
		h := s.known()
		for d := range h.Ratio {
			h.Ratio[d], h.RatioN[d] = 1, ratioPrior
		}
	}
	s.AllAbs *= f
	s.Season = int8(season)
	s.Since, s.Restarts = hourOf(at), s.Restarts+1
	for i := range s.Tails {
		s.Tails[i].Restart()
	}
	s.endStreak()
	if s.trouble != nil {
		s.trouble.HeldSlots = nil
	}
	s.fact(w, kizashi.Evidence{Claim: kizashi.ClaimChosen, Text: string(seasonNames[season]), From: at,
		Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()})
}

// chooseTransform takes residuals on a logarithmic scale from now on where
// the usual value is 10 or more and nothing is negative.
func (s *State) chooseTransform() {
	var usual []float64
	for i := range int32(daySlots) {
		if s.DayN.at(i) > 0 {
			usual = append(usual, s.Level[daily]+s.Day.at(i))
		}
	}
	slices.Sort(usual)
	if len(usual) == 0 || usual[len(usual)/2] < 10 || usual[0] < 0 {
		return
	}
	if !s.logEvens(usual[len(usual)/2]) {
		return
	}
	s.relog(usual[len(usual)/2])
	day, week := s.Level[daily], s.Level[weekly]
	for i := range s.Day.n {
		s.Day.n[i].each(&s.Day.unit[i], func(v float64) float64 { return forth(day+v) - forth(day) })
	}
	for i := range s.Week.n {
		s.Week.n[i].each(&s.Week.unit[i], func(v float64) float64 { return forth(week+v) - forth(week) })
	}
	for k := range s.Level {
		s.Level[k] = forth(s.Level[k])
	}
	s.rescore()
	s.Log = true
}

// logEvens says that on the logarithmic scale what is seldom seen above the usual
// lies more nearly as far off as what is as seldom seen below than it does as it is.
// Of values that fluctuate evenly about a level not far above 0 the logarithm would
// make those near 0 lie far off.
func (s *State) logEvens(usual float64) bool {
	up, down := s.Tails[spikeUp].threshold(), s.Tails[spikeDown].threshold()
	if up == 0 || down == 0 {
		return false
	}
	unit := sigmaOfAbs * s.SpikeAbs
	above := forth(usual+up*unit) - forth(usual)
	below := forth(usual) - forth(max(0, usual-down*unit))
	return math.Abs(math.Log(above/below)) < math.Abs(math.Log(up/down))
}

// rescore brings the samples that are remembered to the logarithmic scale:
// their scores stand beside those of the samples to come.
func (s *State) rescore() {
	for i := range int(s.filled) {
		p := s.ago(i)
		p.Scale, p.Center = above(p.Center, p.Scale), forth(p.Center)
	}
}

// relog brings what is measured in the series' unit to the logarithmic scale:
// a deviation becomes what it is upwards of the level, those of the whole
// series upwards of the median. No season is in force yet.
func (s *State) relog(median float64) {
	for i := range int32(daySlots) {
		s.Abs.set(i, above(s.Level[none], s.Abs.at(i)))
	}
	s.AllAbs = above(s.Level[none], s.AllAbs)
	s.SpikeAbs = above(median, s.SpikeAbs)
	for k := range s.Error {
		if s.ErrorN > 0 {
			s.Error[k] = s.ErrorN * above(median, s.Error[k]/s.ErrorN)
		}
		if s.Error2N > 0 {
			s.Error2[k] = s.Error2N * above(median, s.Error2[k]/s.Error2N)
		}
	}
	s.RunMean, s.RunOff, s.RunN, s.RunHeld = forth(s.RunMean), 0, 0, 0
	s.endStreak()
	for i := range int(s.filled) {
		s.ago(i).when &^= 1
	}
}

// above is how far a deviation upwards of c reaches on the logarithmic scale.
func above(c, dev float64) float64 {
	return math.Log1p(math.Abs(c)+dev) - math.Log1p(math.Abs(c))
}
