package verify

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// past is what level B knows of a series up to its opening sample.
type past struct {
	samples []kizashi.Sample                 // all that are stored, before the opening one
	window  []kizashi.Sample                 // those of the learning window
	records map[kizashi.Time]*kizashi.Record // by hour, as far as they could be repeated
	held    []kizashi.Stretch                // kept out of learning, all that could be repeated
	whole   bool                             // every value in the window is a whole number
}

// count checks everything that is counted from the stored samples.
func (c *checker) count() {
	p, w := c.past, c.j.Window
	first := c.j.Opening.At
	if len(p.window) > 0 {
		first = p.window[0].At
	}
	c.same("window", "window.from", "the first sample of the 14 days before opening.at", first, w.From)
	c.same("window.samples", "window.samples", "samples with from <= At < to", len(p.window), w.Samples)
	for i, h := range w.Held {
		n := len(between(p.samples, h.From, h.To))
		c.same("window.held", at("window.held", i)+".count", "samples with from <= At < to of the stretch", n, h.Count)
	}
	c.lastSamples()
	c.moments()
	c.beyondNearby()
}

// between returns the samples with from <= At < to; samples are in order.
func between(samples []kizashi.Sample, from, to kizashi.Time) []kizashi.Sample {
	at := func(s kizashi.Sample, t kizashi.Time) int { return int(min(max(s.At-t, -1), 1)) }
	i, _ := slices.BinarySearchFunc(samples, from, at)
	k, _ := slices.BinarySearchFunc(samples, to, at)
	return samples[i:max(i, k)]
}

// lastSamples checks that recent and run hold the samples that were judged.
func (c *checker) lastSamples() {
	for i, s := range c.j.Recent {
		c.stored(at("recent", i)+".value", s.At, s.Value)
	}
	if c.j.Run == nil {
		return
	}
	for i, t := range c.j.Run.Times {
		if i < len(c.j.Run.Values) {
			c.stored(at("run.values", i), t, c.j.Run.Values[i])
		}
	}
}

func (c *checker) stored(path string, t kizashi.Time, got float64) {
	if t == c.j.Opening.At {
		return
	}
	found := between(c.past.samples, t, t+1)
	if len(found) == 0 {
		c.fault("%s: there is no sample at %s", path, t)
		return
	}
	c.same("sample", path, "the stored sample at "+t.String(), found[0].Value, got)
}

// moments counts the comparable moments again.
func (c *checker) moments() {
	want, err := c.comparables()
	if err != nil {
		c.fault("meta.zone: %v", err)
		return
	}
	c.same("comparable", "comparable", "hours of the 14 days before that have samples", len(want), len(c.j.Comparable))
	for i, m := range c.j.Comparable[:min(len(want), len(c.j.Comparable))] {
		path, w := at("comparable", i), want[i]
		c.same("comparable", path+".from", "the same local hour, days earlier", w.From, m.From)
		c.same("comparable", path+".to", "the same local hour, days earlier", w.To, m.To)
		c.same("comparable", path+".count", "COUNT of the samples in the hour", w.Count, m.Count)
		c.same("comparable", path+".low", "MIN of the samples in the hour", w.Low, m.Low)
		c.same("comparable", path+".median", "MEDIAN of the samples in the hour", w.Median, m.Median)
		c.same("comparable", path+".high", "MAX of the samples in the hour", w.High, m.High)
		c.same("comparable", path+".held", "a held stretch overlaps the hour", w.Held, m.Held)
	}
}

// localHour is the wall-clock hour of t, days earlier, in UTC instants.
func localHour(loc *time.Location, t kizashi.Time, days int) kizashi.Time {
	w := t.UTC().In(loc)
	return kizashi.TimeOf(time.Date(w.Year(), w.Month(), w.Day()-days, w.Hour(), 0, 0, 0, loc))
}

func (c *checker) comparables() ([]kizashi.Comparable, error) {
	zone, err := calendar.Load(c.j.Meta.Zone)
	if err != nil {
		return nil, err
	}
	if c.j.Log != nil {
		return c.alike(zone.Location()), nil
	}
	c.daysBefore(zone)
	weekly := c.j.Record != nil && c.j.Record.Season == kizashi.Weekly
	t0 := c.j.Opening.At
	var ms []kizashi.Comparable
	for d := 14; d >= 1; d-- {
		from := localHour(zone.Location(), t0, d)
		special := len(c.j.Days) > 0 && c.j.Days[0] != ""
		if len(c.j.Days) > d && c.j.Days[d] != c.j.Days[0] || !special && weekly && weekend(zone, from) != weekend(zone, t0) {
			continue
		}
		in := between(c.past.samples, from, from+hour)
		if len(in) == 0 {
			continue
		}
		values := make([]float64, len(in))
		for i, s := range in {
			values[i] = s.Value
		}
		ms = append(ms, kizashi.Comparable{From: from, To: from + hour, Count: len(in), Low: kizashi.Num(slices.Min(values)),
			Median: kizashi.Num(median(values)), High: kizashi.Num(slices.Max(values)), Held: c.heldIn(from, from+hour)})
	}
	return ms, nil
}

func weekend(z *calendar.Zone, t kizashi.Time) bool {
	d := z.Weekday(int64(t))
	return d == time.Saturday || d == time.Sunday
}

func (c *checker) heldIn(from, to kizashi.Time) bool {
	return slices.ContainsFunc(c.j.Window.Held, func(h kizashi.Stretch) bool { return h.From < to && h.To > from })
}

// median of the values; the mean of the middle two where their number is even.
func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	switch {
	case n == 0:
		return math.NaN()
	case n%2 == 1:
		return s[n/2]
	}
	return (s[n/2-1] + s[n/2]) / 2
}

// beyondNearby counts what nearby limits would have done.
func (c *checker) beyondNearby() {
	m, n, ok := c.rule()
	if !ok {
		return
	}
	for i, l := range c.j.Nearby {
		over := make([]bool, len(c.past.window))
		count := 0
		for k, s := range c.past.window {
			over[k] = (s.Value-l.Limit)*float64(c.alert.Side) > 0
			if over[k] {
				count++
			}
		}
		path := at("nearby", i)
		c.same("nearby.samples", path+".samples", "COUNT of the window's samples beyond the limit", count, l.Samples)
		c.same("nearby.episodes", path+".episodes", "crossings by M of N, those at most 1 h apart being one", c.episodes(over, m, n), l.Episodes)
	}
}

// episodes counts the crossings by m of n among the window's samples, over
// saying which lie beyond; those at most an hour apart are one.
func (c *checker) episodes(over []bool, m, n int) int {
	count, last := 0, kizashi.Never
	for i := range over {
		if !c.crosses(over[:i+1], m, n) {
			continue
		}
		t := c.past.window[i].At
		if last == kizashi.Never || t-last > hour {
			count++
		}
		last = t
	}
	return count
}

// crosses says whether m of the last n, none older than n periods, are over.
func (c *checker) crosses(over []bool, m, n int) bool {
	newest := c.past.window[len(over)-1].At
	hits := 0
	for k := len(over) - 1; k >= max(0, len(over)-n); k-- {
		if p := c.periods(n); p > 0 && c.past.window[k].At <= newest.Add(-p) {
			break
		}
		if over[k] {
			hits++
		}
	}
	return hits >= m
}

// fired counts the crossings of this rule over the window, each sample by its
// own hour's record.
func (c *checker) fired() {
	r := c.j.Record
	over := make([]bool, len(c.past.window))
	for i, s := range c.past.window {
		rec := c.past.records[s.At.Floor(time.Hour)]
		if rec == nil || !rec.Ready {
			continue
		}
		slot := rec.Slots[rec.SlotAt(s.At)]
		over[i] = c.alert.Side == kizashi.Up && slot.Upper.Ok() && s.Value > float64(slot.Upper) ||
			c.alert.Side == kizashi.Down && slot.Lower.Ok() && s.Value < float64(slot.Lower)
	}
	c.same("fired", "fired", "crossings of the records' own limits by M of N, those at most 1 h apart being one", c.episodes(over, r.M, r.N), c.j.Fired)
}

// limitRange is the lowest and highest limit of this hour of the day.
func (c *checker) limitRange() {
	zone, err := calendar.Load(c.j.Meta.Zone)
	if err != nil {
		return // moments has said so
	}
	low, high := math.Inf(1), math.Inf(-1)
	for d := 0; d <= 14; d++ {
		from := localHour(zone.Location(), c.j.Opening.At, d)
		for h := from.Floor(time.Hour); h < from+hour; h += hour {
			low, high = c.widen(low, high, h)
		}
	}
	if low > high || c.alert.Side == kizashi.Both { // what has no side has no limit of the hour
		low, high = math.NaN(), math.NaN()
	}
	const text = "of the slot limits at this local hour, today and on the 14 days before"
	center := math.NaN()
	if r := c.j.Record; r != nil {
		center = back(r.Transform, r.Slots[c.slot(c.j.Opening.At)].Center)
	}
	c.repeatedOf("limit_low", "limit_low", calc("MIN "+text, low), float64(c.j.LimitLow), math.Abs(low-center))
	c.repeatedOf("limit_high", "limit_high", calc("MAX "+text, high), float64(c.j.LimitHigh), math.Abs(high-center))
}

func (c *checker) widen(low, high float64, h kizashi.Time) (float64, float64) {
	r := c.past.records[h]
	if r == nil || !r.Ready {
		return low, high
	}
	for _, s := range r.Slots {
		limit := s.Upper
		if c.alert.Side == kizashi.Down {
			limit = s.Lower
		}
		if limit.Ok() {
			low, high = min(low, float64(limit)), max(high, float64(limit))
		}
	}
	return low, high
}
