package verify

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

// endHour learns what the hour in progress gathered (docs/method.md, section
// 5, in its order).
func (r *repeater) endHour() {
	end := r.rec.Hour + hour
	r.learnPeriod()
	n := 0.0
	for _, s := range r.sums {
		n += s.all
	}
	if n == 0 {
		return
	}
	for i, t := range r.recTails() {
		r.Tails[i].endHour(t, end)
	}
	r.compareSeasons()
	up, down := 0.0, 0.0
	for _, s := range r.sums {
		up += float64(s.up)
		down += float64(s.down)
	}
	relearn := r.heldHour(2*(up+down) >= n)
	adopted := r.lasting(2*up >= n, 2*down >= n)
	for k := range r.Level {
		r.learnCenters(k, relearn, adopted)
	}
	r.learnScales()
	r.Hours++
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
		r.Error[k] *= decay
		r.Error2[k] *= decay
	}
	r.ErrorN *= decay
	r.Error2N *= decay
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

// heldHour counts an hour of the day that is held day after day; it says
// whether it is learned again.
func (r *repeater) heldHour(held bool) bool {
	h := r.places[0].week % 24
	if !held {
		r.HeldDays[h] = 0
		return false
	}
	d := r.localDay(r.rec.Hour)
	if r.HeldDays[h] > 0 && r.HeldLast[h] == d-1 {
		r.HeldDays[h]++
	} else {
		r.HeldDays[h] = 1
	}
	r.HeldLast[h] = d
	if r.HeldDays[h] >= 3 && r.Season != noSeason {
		r.HeldDays[h] = 0
		return true
	}
	return false
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
	if side == 0 || r.Streak*side < 0 {
		r.Streak, r.StreakSum, r.StreakN = 0, 0, 0
	}
	if side == 0 {
		return false
	}
	r.Streak += side
	for q, s := range r.sums {
		r.StreakSum += s.allT - s.all*r.rec.Slots[q].Center
		r.StreakN += int(s.all)
	}
	if r.Streak*side < 12 {
		return false
	}
	r.Level[r.Season] += r.StreakSum / float64(r.StreakN)
	r.Streak, r.StreakSum, r.StreakN = 0, 0, 0
	return true
}

// learnCenters moves one season's profile and level.
func (r *repeater) learnCenters(k int, relearn, adopted bool) {
	everything := k != r.Season || r.Hours+1 <= 48 || relearn
	var res, n [4]float64
	for q, s := range r.sums {
		t := s.t
		n[q] = s.n
		if everything {
			t, n[q] = s.allT, s.all
		}
		res[q] = t - n[q]*r.at[q][k]
	}
	relearn = relearn && k == r.Season
	var sum, count float64
	switch k {
	case daily:
		sum, count = r.learnDay(res, n, relearn)
	case weekly:
		sum, count = r.learnWeek(res, n, relearn)
	default:
		for q := range res {
			sum, count = sum+res[q], count+n[q]
		}
	}
	if count == 0 || adopted && k == r.Season {
		return
	}
	f := 1.0 / 72
	if r.Hours < 72 {
		f = 1 / float64(r.Hours+1)
	}
	r.Level[k] += f * sum / count
}

func (r *repeater) learnDay(res, n [4]float64, relearn bool) (sum, count float64) {
	for q := range res {
		if n[q] == 0 {
			continue
		}
		i := r.places[q].slot
		if r.DayN[i] == 0 || relearn {
			r.Day[i] += float32(res[q] / n[q])
			r.DayN[i] = 1
			continue
		}
		r.DayN[i] = min(r.DayN[i]+1, 14)
		r.Day[i] += float32(res[q] / n[q] / float64(r.DayN[i]))
		sum, count = sum+res[q], count+n[q]
	}
	return sum, count
}

func (r *repeater) learnWeek(res, n [4]float64, relearn bool) (sum, count float64) {
	for q := 0; q < len(res); {
		i := r.places[q].week
		one, samples := 0.0, 0.0
		for ; q < len(res) && r.places[q].week == i; q++ {
			one, samples = one+res[q], samples+n[q]
		}
		if samples == 0 {
			continue
		}
		if r.WeekN[i] == 0 || relearn {
			r.Week[i] += float32(one / samples)
			r.WeekN[i] = 1
			continue
		}
		r.WeekN[i] = min(r.WeekN[i]+1, 4)
		r.Week[i] += float32(one / samples / float64(r.WeekN[i]))
		sum, count = sum+one, count+samples
	}
	return sum, count
}

// learnScales moves the scales by what was not held out.
func (r *repeater) learnScales() {
	var abs, n, spikeAbs, spikeN float64
	for q, s := range r.sums {
		if s.n > 0 {
			i := r.places[q].slot
			c := min(r.AbsN[i], 14*int(s.n)) + int(s.n)
			r.Abs[i] += float32((s.abs - s.n*float64(r.Abs[i])) / float64(c))
			r.AbsN[i] = c
		}
		abs, n = abs+s.abs, n+s.n
		spikeAbs, spikeN = spikeAbs+s.spikeAbs, spikeN+s.spikeN
	}
	r.AllAbs, r.AllN = follow(r.AllAbs, r.AllN, abs, int(n))
	r.SpikeAbs, r.SpikeN = follow(r.SpikeAbs, r.SpikeN, spikeAbs, int(spikeN))
}

func follow(mean float64, weight int, sum float64, n int) (float64, int) {
	if n == 0 {
		return mean, weight
	}
	c := min(weight, 336*n) + n
	return mean + (sum-float64(n)*mean)/float64(c), c
}

// chooseSeason takes another season where its error is clearly smaller.
func (r *repeater) chooseSeason(end kizashi.Time) {
	chosen, by, n := r.Season, r.Error, r.ErrorN
	if r.PairHours[daily] >= 24 && chosen != weekly {
		other := daily - chosen
		if r.Error[other] < 0.9*r.Error[chosen] {
			chosen = other
		}
	}
	if r.PairHours[weekly] >= 48 {
		by, n = r.Error2, r.Error2N
		best := by[chosen]
		for k := range by {
			if by[k] < 0.9*best {
				chosen, best = k, by[k]
			}
		}
	}
	if chosen == r.Season {
		return
	}
	r.Season = chosen
	factor := by[chosen] / n / r.AllAbs
	if r.AllAbs > 0 && !math.IsNaN(factor) {
		for i := range r.Abs {
			r.Abs[i] = float32(float64(r.Abs[i]) * factor)
		}
		r.AllAbs *= factor
	}
	for i := range r.AbsN {
		r.AbsN[i] = min(r.AbsN[i], 30)
	}
	for i := range r.Tails {
		r.Tails[i].restart()
	}
	r.Streak, r.StreakSum, r.StreakN, r.HeldDays = 0, 0, 0, [24]int{}
	r.Restarts++
	r.Since = end
}
