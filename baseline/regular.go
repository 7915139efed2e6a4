package baseline

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

// Place is a time of the day at which the season in force expects a series to go
// somewhere else for a while, steeply there and back: a job that runs every night.
type Place struct {
	Slot  int // of the day, with which it begins
	Slots int
	Side  kizashi.Side
	Calm  float64 // what is expected before it, in the series' unit
	Level float64 // half-way, on the scale of residuals, but levelScales from Calm
	Peak  float64
}

// PlaceScales are how many scales it lies, on average over a quarter of an hour, from
// what is before it.
const PlaceScales = 4

// What else makes one. A season that swings by itself is not steep; what lasts longer
// than placeMost is a part of the day, no job.
const (
	levelScales = 3    // that its level lies off at the least: no sample of noise gets there often
	placeSteep  = 0.6  // of its height within half an hour, on either side
	placeEdge   = 0.25 // of its height: from there on a slot is part of it
	placeMost   = 16   // slots
	placeDays   = 3    // that its slots are known
)

// Places are those of the local day of an instant, in the order of the day; none
// before limits count, and without a season.
func (s *State) Places(at kizashi.Time) (out []Place) {
	if !s.rec.Ready || s.Season == none {
		return nil
	}
	weekday := int32(s.zone.Weekday(int64(at)))
	var c [daySlots]float64
	var m hourMean
	for i := range c {
		slot := int32(i)
		c[i] = math.NaN()
		if s.DayN.at(slot) >= placeDays && (s.Season == daily || s.WeekN.at(weekday*24+slot/slots) > 0) {
			c[i] = s.center(&m, int(s.Season), slot, weekday*24+slot/slots)
		}
	}
	all := PlaceScales * sigmaOfAbs * s.AllAbs
	for b := 0; b < daySlots; b++ {
		p, ok := s.placeAt(&c, b, all, int(weekday))
		if !ok {
			continue
		}
		out = append(out, p)
		b += p.Slots
	}
	return out
}

// placeAt looks for one that begins with a slot; least is how far it lies off at the
// least.
func (s *State) placeAt(c *[daySlots]float64, b int, least float64, weekday int) (p Place, ok bool) {
	at := func(i int) float64 { return c[(i+daySlots)%daySlots] }
	calm := at(b - 1)
	side, high := kizashi.Up, at(b)-calm
	if !(math.Abs(at(b+1)-calm) <= math.Abs(high)) {
		high = at(b+1) - calm
	}
	if high < 0 {
		side = kizashi.Down
	}
	if !(math.Abs(high) > least) {
		return p, false // also where one of them is not known
	}
	off := func(i int) float64 { return float64(side) * (at(i) - calm) }
	high = max(off(b), off(b+1))
	n := 0
	for ; n <= placeMost; n++ {
		switch v := off(b + n); {
		case math.IsNaN(v):
			return p, false
		case v > high:
			high = v
		}
		if off(b+n) <= placeEdge*high && off(b+n+1) <= placeEdge*high {
			break
		}
	}
	if n == 0 || n > placeMost || off(b) <= placeEdge*high {
		return p, false
	}
	scale := s.scaleOf((b-1+daySlots)%daySlots, weekday, calm)
	if max(off(b), off(b+1)) < placeSteep*high || max(off(b+n-1), off(b+n-2)) < placeSteep*high ||
		high < PlaceScales*scale {
		return p, false
	}
	return Place{Slot: b, Slots: n, Side: side, Calm: s.back(calm), Level: s.back(calm + float64(side)*max(high/2, levelScales*scale)), Peak: s.back(calm + float64(side)*high)}, true
}

// Rule is M of N as the hour in force has it; 0 of 0 = not known yet.
func (s *State) Rule() (m, n int) { return int(s.rec.M), int(s.rec.N) }
