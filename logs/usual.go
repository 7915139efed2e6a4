package logs

import (
	"math"
	"time"
)

// Hours of a week, Monday 00:00 first, and of a day.
const (
	weekHours = 7 * 24
	dayHours  = 24
)

// A profile loses half its weight in two weeks: an hour of the week is seen once a
// week, an hour of the day once a day.
var (
	weekKeeps = float32(math.Exp2(-7. / 14))
	dayKeeps  = float32(math.Exp2(-1. / 14))
)

// seen is how many of each hour a log group was read, decayed; its patterns share it,
// as one that did not come in an hour that was read came 0 times.
type seen struct {
	Week [weekHours]float32
	Day  [dayHours]float32
}

// add counts an hour that was read.
func (s *seen) add(h int) {
	s.Week[h] = s.Week[h]*weekKeeps + 1
	d := h % dayHours
	s.Day[d] = s.Day[d]*dayKeeps + 1
}

// total is the decayed number of hours.
func (s *seen) total() float64 {
	n := float32(0)
	for _, v := range s.Day {
		n += v
	}
	return float64(n)
}

// knows says whether what is usual in an hour of the week is known: that hour was read
// before, or one of the same hour of a like day was. Saturday and Sunday are like
// each other, and so are the days from Monday to Friday.
func (s *seen) knows(h int) bool {
	for d := range 7 {
		if weekend(d*dayHours) == weekend(h) && s.Week[d*dayHours+h%dayHours] > 0 {
			return true
		}
	}
	return false
}

func weekend(h int) bool { return h >= 5*dayHours }

// profile is how many lines come in an hour of the week, as decayed sums.
type profile struct {
	Week [weekHours]float32
	Day  [dayHours]float32
}

// An hour of the week weighs its own weeks against half a week of that hour of like
// days, from Monday to Friday or not; these against one of that hour of any day, times how
// much more like days have in all; and that against a day of the mean of all hours.
const (
	dayWeighs  = 0.5
	likeWeighs = 1.
	meanWeighs = 1
	half       = 0.5 // of a line before the first: no rate is 0
)

// add takes in an hour that had n lines. It is called for each hour that s counts.
func (p *profile) add(h int, n float32) {
	p.Week[h] = p.Week[h]*weekKeeps + n
	d := h % dayHours
	p.Day[d] = p.Day[d]*dayKeeps + n
}

// total is the decayed number of lines.
func (p *profile) total() float64 {
	n := float32(0)
	for _, v := range p.Day {
		n += v
	}
	return float64(n)
}

// hourly is how many lines the hour of the week h usually has.
func (p *profile) hourly(h int, s *seen) float64 {
	d := h % dayHours
	mean := (p.total() + half) / (s.total() + 1)
	var of [dayHours]float64
	for i := range of {
		of[i] = (float64(p.Day[i]) + meanWeighs*mean) / (float64(s.Day[i]) + meanWeighs)
	}
	day := of[d]
	if s.knows(h) { // a Saturday says how a Sunday is, and little of a Monday
		got, due, sum, days := half, half, 0., 0.
		for i := range weekHours {
			if weekend(i) != weekend(h) || s.Week[i] == 0 {
				continue
			}
			got, due = got+float64(p.Week[i]), due+float64(s.Week[i])*of[i%dayHours]
			if i%dayHours == d {
				sum, days = sum+float64(p.Week[i]), days+float64(s.Week[i])
			}
		}
		day = (sum + likeWeighs*day*got/due) / (days + likeWeighs)
	}
	return (float64(p.Week[h]) + dayWeighs*day) / (float64(s.Week[h]) + dayWeighs)
}

// scale makes it f times what it was.
func (p *profile) scale(f float32) {
	for i := range p.Week {
		p.Week[i] *= f
	}
	for i := range p.Day {
		p.Day[i] *= f
	}
}

// flat makes the profile one of n lines in each hour.
func (p *profile) flat(n float32, s *seen) {
	for i := range p.Week {
		p.Week[i] = n * s.Week[i]
	}
	for i := range p.Day {
		p.Day[i] = n * s.Day[i]
	}
}

// merge adds what another pattern was, of the same log group.
func (p *profile) merge(q *profile) {
	for i := range p.Week {
		p.Week[i] += q.Week[i]
	}
	for i := range p.Day {
		p.Day[i] += q.Day[i]
	}
}

// hourOfWeek is the hour of the week of an instant on the wall of loc.
func hourOfWeek(ms int64, loc *time.Location) int {
	t := time.UnixMilli(ms).In(loc)
	return (int(t.Weekday())+6)%7*dayHours + t.Hour()
}
