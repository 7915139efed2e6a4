package verify

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

// endHour learns what the hour in progress gathered (docs/method.md, section
// 5, in its order).
func (r *repeater) endHour() {
	end := r.rec.Hour + hour
	r.settle()
	r.learnPeriod(r.meta.Period)
	r.endSpecial()
	n := 0.0
	for _, s := range r.sums {
		n += s.all
	}
	if n == 0 {
		return
	}
	for i, t := range r.recTails() {
		r.Tails[i].endHour(t, end, r.lose)
		if r.Hours+1 == 48 {
			r.Tails[i].forget()
		}
	}
	r.recurrences()
	r.compareSeasons()
	up, down := 0.0, 0.0
	for _, s := range r.sums {
		up += float64(s.up)
		down += float64(s.down)
	}
	again := r.heldSlots()
	adopted := r.lasting(2*up >= n, 2*down >= n)
	for k := range r.Level {
		r.learnCenters(k, again, adopted)
	}
	r.learnScales()
	r.Hours++
	r.learnAgain(again, end)
	if r.Hours == 48 {
		r.toLog()
	}
	if r.Hours >= 48 {
		r.chooseSeason(end)
	}
}

// compareSeasons keeps the seasons' errors over quarters where they can be
// compared.
func (r *repeater) compareSeasons() {
	for k := range r.Error {
		r.Error[k] *= r.lose
		r.Error2[k] *= r.lose
	}
	r.ErrorN *= r.lose
	r.Error2N *= r.lose
	pairs := [3]bool{}
	for q, s := range r.sums {
		p := r.places[q]
		if s.all == 0 || r.DayN[p.slot] == 0 {
			continue
		}
		pairs[daily] = true
		r.ErrorN += s.all
		for k := range r.Error {
			r.Error[k] += s.season[k]
		}
		if r.WeekN[p.week] == 0 {
			continue
		}
		pairs[weekly] = true
		r.Error2N += s.all
		for k := range r.Error2 {
			r.Error2[k] += s.season[k]
		}
	}
	for k, p := range pairs {
		if p {
			r.PairHours[k]++
		}
	}
}

// heldSlots counts slots of the day that are held day after day; it says
// which are learned again.
func (r *repeater) heldSlots() (again [4]bool) {
	for q, s := range r.sums {
		i := r.places[q].slot
		switch held := float64(s.up + s.down); {
		case s.all == 0:
			continue
		case 5*held < s.all:
			r.HeldDays[i] = 0
			continue
		}
		d := r.localDay(r.rec.Hour + kizashi.Time(q)*quarterHour)
		if r.HeldDays[i] > 0 && r.HeldLast[i] == d-1 {
			r.HeldDays[i]++
		} else {
			r.HeldDays[i] = 1
		}
		r.HeldLast[i] = d
		if r.HeldDays[i] == 3 {
			again[q], r.HeldDays[i] = true, 0
		}
	}
	return again
}

// learnAgain takes a slot's scale as it was this time. A series without a
// season has a daily one from then on.
func (r *repeater) learnAgain(again [4]bool, end kizashi.Time) {
	for q, s := range r.sums {
		if !again[q] {
			continue
		}
		i := r.places[q].slot
		mean := (s.allT - s.all*r.rec.Slots[q].Center) / s.all
		r.setAbs(i, math.Sqrt(max(0, s.square/s.all-mean*mean))/meanToSigma)
		r.setCount(i, 14*s.all)
		if r.Season == noSeason && r.ErrorN > 0 {
			r.putInForce(daily, r.Error[daily]/r.ErrorN, end)
		}
	}
}

// lasting follows a level that lasts; it says whether it was adopted.
func (r *repeater) lasting(up, down bool) bool {
	side := 0
	switch {
	case up:
		side = 1
	case down:
		side = -1
	}
	begins := side == 0 && r.Streak == 0
	if begins {
		side = r.lastQuarter()
	}
	if side == 0 || r.Streak*side < 0 {
		r.Streak, r.StreakSum, r.StreakN = 0, 0, 0
	}
	if side == 0 {
		return false
	}
	r.Streak += side
	for q, s := range r.sums {
		if begins { // not all of the hour is of the new level
			break
		}
		r.StreakSum += s.allT - s.all*r.rec.Slots[q].Center
		r.StreakN += s.all
	}
	if r.Streak*side < 12 {
		return false
	}
	r.Level[r.Season] += r.StreakSum / r.StreakN
	r.Streak, r.StreakSum, r.StreakN = 0, 0, 0
	return true
}

// lastQuarter is the side on which at least half of the hour's last samples, a
// quarter of it, were held; 0 = neither.
func (r *repeater) lastQuarter() int {
	for q := 3; q >= 0; q-- {
		s := r.sums[q]
		if s.all == 0 {
			continue
		}
		if 2*float64(s.up) >= s.all {
			return 1
		}
		if 2*float64(s.down) >= s.all {
			return -1
		}
		return 0
	}
	return 0
}

// learnCenters moves one season's profile and level.
func (r *repeater) learnCenters(k int, again [4]bool, adopted bool) {
	everything := k != r.Season || r.Hours+1 <= 48
	var res, n [4]float64
	for q, s := range r.sums {
		t := s.t
		n[q] = s.n
		if everything || k == daily && again[q] {
			t, n[q] = s.allT, s.all
		}
		res[q] = t - n[q]*r.at[q][k]
	}
	var sum, count float64
	switch k {
	case daily:
		sum, count = r.learnDay(res, n, again)
	case weekly:
		sum, count = r.learnWeek(res, n)
	default:
		for q := range res {
			sum, count = sum+res[q], count+n[q]
		}
	}
	if count == 0 || adopted {
		return
	}
	f := 1.0 / (72 * r.pace)
	if float64(r.Hours+1) < 72*r.pace {
		f = 1 / float64(r.Hours+2)
	}
	r.Level[k] += f * sum / count
}

func (r *repeater) learnDay(res, n [4]float64, again [4]bool) (sum, count float64) {
	for q := range res {
		if n[q] == 0 {
			continue
		}
		i := r.places[q].slot
		if r.DayN[i] == 0 || again[q] {
			r.setDay(i, float64(r.Day[i])+res[q]/n[q])
			r.DayN[i] = 1
			continue
		}
		r.DayN[i] = min(r.DayN[i]+1, 14)
		r.setDay(i, float64(r.Day[i])+res[q]/n[q]/over(r.DayN[i], 14, r.pace))
		sum, count = sum+res[q], count+n[q]
	}
	return sum, count
}

func (r *repeater) learnWeek(res, n [4]float64) (sum, count float64) {
	for q := 0; q < len(res); {
		i := r.places[q].week
		one, samples := 0.0, 0.0
		for ; q < len(res) && r.places[q].week == i; q++ {
			one, samples = one+res[q], samples+n[q]
		}
		if samples == 0 {
			continue
		}
		if r.WeekN[i] == 0 {
			r.setWeek(i, float64(r.Week[i])+one/samples)
			r.WeekN[i] = 1
			continue
		}
		r.WeekN[i] = min(r.WeekN[i]+1, 4)
		r.setWeek(i, float64(r.Week[i])+one/samples/over(r.WeekN[i], 4, r.pace))
		sum, count = sum+one, count+samples
	}
	return sum, count
}

// learnScales moves the scales by what was not held out.
func (r *repeater) learnScales() {
	var abs, n, spikeAbs, spikeN float64
	r.learnWeekdays()
	for q, s := range r.sums {
		if s.n > 0 {
			i := r.places[q].slot
			c := min(r.AbsN[i], 14*r.pace*s.n) + s.n
			r.setAbs(i, float64(r.Abs[i])+(s.abs-s.n*float64(r.Abs[i]))/c)
			r.setCount(i, c)
		}
		abs, n = abs+s.abs, n+s.n
		spikeAbs, spikeN = spikeAbs+s.spikeAbs, spikeN+s.spikeN
	}
	r.AllAbs, r.AllN = follow(r.AllAbs, r.AllN, abs, n, 336*r.pace)
	r.SpikeAbs, r.SpikeN = follow(r.SpikeAbs, r.SpikeN, spikeAbs, spikeN, 336*r.pace)
}

// learnWeekdays moves how wide residuals are by the day of the week, as parts of
// what their slots have: one hour counts as 1/10 to 10 times.
func (r *repeater) learnWeekdays() {
	if r.Season != weekly {
		return
	}
	var was, usual [7]float64
	for q, s := range r.sums {
		p := r.places[q]
		was[p.week/24] += s.abs
		usual[p.week/24] += s.n * r.meanAbs(p.slot)
	}
	for d, u := range usual {
		if u > 0 {
			r.RatioN[d] = min(r.RatioN[d], 96) + 1
			r.Ratio[d] += float32((math.Min(10, math.Max(0.1, was[d]/u)) - float64(r.Ratio[d])) / r.RatioN[d])
		}
	}
}

// over is how many values a mean is taken over that knows n, of most: as many as it
// knows, but no more, and in the end just as many, as the half-life has.
func over(n, most int, pace float64) float64 {
	whole := pace * float64(most)
	if n >= most {
		return math.Max(1, whole)
	}
	return math.Max(1, math.Min(float64(n), whole))
}

func follow(mean, weight, sum, n, most float64) (float64, float64) {
	if n == 0 {
		return mean, weight
	}
	c := min(weight, most*n) + n
	return mean + (sum-n*mean)/c, c
}

// chooseSeason takes another season where its error is clearly smaller.
func (r *repeater) chooseSeason(end kizashi.Time) {
	chosen, by, n := r.Season, r.Error, r.ErrorN
	if r.PairHours[daily] >= 24 && chosen != weekly {
		other := daily - chosen
		if r.Error[other] < 0.9*r.Error[chosen] || chosen == noSeason && r.Hours > 48 && r.offByDay() {
			chosen = other
		}
	}
	if r.PairHours[weekly] >= 48 {
		best := r.Error2[chosen]
		for k, e := range r.Error2 {
			if e < 0.9*best {
				chosen, best = k, e
			}
		}
	}
	if chosen == r.Season {
		return
	}
	if chosen == weekly || r.Season == weekly {
		by, n = r.Error2, r.Error2N
	}
	r.putInForce(chosen, by[chosen]/n, end)
}

// offByDay says that a slot of the hour was expected to lie twice the spread of all
// samples from the level, as seven days or more have shown, and came nearer to that.
func (r *repeater) offByDay() bool {
	for q, s := range r.sums {
		if s.all == 0 || r.DayN[r.places[q].slot] < 7 {
			continue
		}
		off := r.at[q][daily] - r.at[q][noSeason]
		if math.Abs(off) > 2*meanToSigma*r.AllAbs && math.Abs(s.allT/s.all-r.at[q][daily]) < math.Abs(off)/2 {
			return true
		}
	}
	return false
}

// putInForce puts a season in force, with the mean error that it would have made:
// a restart.
func (r *repeater) putInForce(season int, meanError float64, end kizashi.Time) {
	factor := meanError / max(r.AllAbs, 1e-12)
	for i := range r.Abs {
		r.setAbs(i, float64(r.Abs[i])*factor)
		r.AbsN[i] = min(r.AbsN[i], 30)
	}
	for d := range r.Ratio {
		r.Ratio[d], r.RatioN[d] = 1, 24
	}
	r.AllAbs *= factor
	for i := range r.Tails {
		r.Tails[i].restart()
	}
	r.Streak, r.StreakSum, r.StreakN, r.HeldDays = 0, 0, 0, [96]int{}
	r.Season = season
	r.Restarts++
	r.Since = end
}
