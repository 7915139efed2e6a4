package verify

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// special is what earlier days of a kind did, by hour of the day.
type special struct {
	N     [24]int     `json:"n"`
	Shift [24]float64 `json:"shift"`
}

// doubt is by which factors the usual of a special day may be off
// (docs/method.md, section 11).
func doubt(kind string, days int) (low, high float64) {
	if days > 0 {
		return 1 / math.Pow(1.5, 1/float64(days)), math.Pow(1.5, 1/float64(days))
	}
	if kizashi.DayOff(kind) {
		return 0.1, 1
	}
	return 0.5, 2
}

// day makes a slot one of a special kind of days.
func (r *repeater) day(rec *kizashi.Record, s *kizashi.Slot, p place, kind string) {
	d := kizashi.SpecialDay{Kind: kind}
	if k := r.Special[kind]; k != nil {
		d.Days = k.N[p.slot/4]
		s.Center += k.Shift[p.slot/4]
	}
	d.Low, d.High = doubt(kind, d.Days)
	if !slices.Contains(rec.Special, d) {
		rec.Special = append(rec.Special, d)
	}
	s.Day = slices.Index(rec.Special, d) + 1
}

// endSpecial learns what the hour's quarters of special days did.
func (r *repeater) endSpecial() {
	for q := 0; q < 4; {
		res, n, day, week := 0.0, 0.0, r.rec.Slots[q].Day, r.places[q].week
		p := r.places[q]
		for ; q < 4 && r.rec.Slots[q].Day == day && r.places[q].week == week; q++ {
			res += r.sums[q].otherT - r.sums[q].other*r.at[q][r.Season]
			n += r.sums[q].other
		}
		if day == 0 || n == 0 {
			continue
		}
		kind, h := r.rec.Special[day-1].Kind, p.slot/4
		if r.Special == nil {
			r.Special = map[string]*special{}
		}
		k := r.Special[kind]
		if k == nil {
			k = &special{}
			r.Special[kind] = k
		}
		k.N[h] = min(k.N[h]+1, 8)
		k.Shift[h] += (res/n - k.Shift[h]) / float64(k.N[h])
	}
}

// kindOf is the kind of the local day of t.
func (r *repeater) kindOf(t kizashi.Time) string {
	if r.kind == nil {
		return ""
	}
	return r.kind(t, r.localDay(t))
}

// expectedOn is what is expected of a sample of a slot: by its day, by a
// command, or by both.
func expectedOn(rec *kizashi.Record, s kizashi.Slot, e *kizashi.Expectation) *kizashi.Expectation {
	if s.Day < 1 || s.Day > len(rec.Special) {
		return e
	}
	x := kizashi.Expectation{Low: rec.Special[s.Day-1].Low, High: rec.Special[s.Day-1].High}
	if e != nil {
		x.Low, x.High = x.Low*e.Low, x.High*e.High
	}
	return &x
}

// special checks what the record says of its special days.
func (c *checker) special() {
	for i, d := range c.j.Record.Special {
		path := at("record.special", i)
		low, high := doubt(d.Kind, d.Days)
		text := "=POWER(1.5,1/days)"
		if d.Days == 0 {
			text = "0.1 to 1 for a day off, 0.5 to 2 for another, as no earlier day is known"
		}
		c.number("special", path+".high", calc(text, high, "days", float64(d.Days)), d.High)
		c.number("special", path+".low", calc("1/high, or as above", low), d.Low)
		if d.Days < 0 || d.Days > 8 {
			c.fault("%s.days: %d; at most 8 are averaged", path, d.Days)
		}
	}
	for i, s := range c.j.Record.Slots {
		if s.Day < 0 || s.Day > len(c.j.Record.Special) {
			c.fault("%s.day: %d; the record has %d special days", at("record.slots", i), s.Day, len(c.j.Record.Special))
		}
	}
	if c.cfg.Data == nil && len(c.j.Record.Special) > 0 {
		c.declare("record.special: how many days are known is repeated with --data only")
	}
}

// dayFacts tell of a special day, and of an opening that nobody came to.
func (c *checker) dayFacts() []kizashi.Evidence {
	var fs []kizashi.Evidence
	if r := c.j.Record; r != nil && c.j.Opening.Value.Ok() {
		if i := r.Slots[c.slot(c.j.Opening.At)].Day; i > 0 && i <= len(r.Special) {
			e, d := fact0(kizashi.ClaimDay), r.Special[i-1]
			e.Text, e.Count, e.Low, e.High = d.Kind, d.Days, kizashi.Num(d.Low), kizashi.Num(d.High)
			fs = append(fs, e)
		}
	}
	if l := c.j.Log; l != nil && l.Day != nil {
		e := fact0(kizashi.ClaimLogDay)
		e.Text, e.Count, e.Value, e.Low, e.High = l.Day.Kind, l.Day.Days, kizashi.Num(l.Day.Ordinary), kizashi.Num(l.Day.Low), kizashi.Num(l.Day.High)
		fs = append(fs, e)
	}
	if v := c.j.Volume; v != nil && c.j.Settings.Volume != nil {
		e := fact0(kizashi.ClaimVolume)
		e.Value, e.Low, e.From, e.To, e.Text = kizashi.Num(v.Sum), kizashi.Num(c.j.Settings.Volume.Least), v.From, v.To, v.Name
		fs = append(fs, e)
	}
	if w, ok := c.pivotal(); ok && c.j.Settings.Floor != nil {
		e, _, _ := c.effect(w)
		fs = append(fs, e)
	}
	if _, ok := c.pivotal(); ok && c.j.Record != nil && c.j.Record.Seen != nil {
		e, s := fact0(kizashi.ClaimFirst), c.j.Record.Seen
		e.Low, e.High = kizashi.Num(s.Low), kizashi.Num(s.High)
		fs = append(fs, e)
	}
	if r := c.j.Rhythm; r != nil && r.Opened != 0 && c.j.Settings.Schedule != nil {
		e := fact0(kizashi.ClaimLate)
		e.From, e.Value, e.Text, e.Unit = r.Opened, kizashi.Num(seconds(r.Limit)), c.j.Settings.Schedule.Hours, "s"
		fs = append(fs, e)
	}
	return fs
}

// volume checks how much there was of what the series is a ratio of.
func (c *checker) volume() {
	v := c.j.Volume
	if v == nil {
		return
	}
	if c.j.Settings.Volume == nil || v.Sum < c.j.Settings.Volume.Least {
		c.fault("volume.sum: %s is less than the settings ask for, or they ask for nothing", show(v.Sum))
		return
	}
	n, p := 1, c.j.Meta.Period
	if r := c.j.Record; r != nil {
		n, p = max(1, r.N), r.Period
	}
	if c.j.Meta.Period > 0 {
		end := c.j.Opening.At.Add(time.Duration(p))
		c.same("volume", "volume.to", "the end of the opening sample", end, v.To)
		c.same("volume", "volume.from", "N periods before", end.Add(-time.Duration(n)*time.Duration(p)), v.From)
	}
	if c.cfg.Data == nil {
		c.declare("volume")
		return
	}
	samples, err := c.cfg.Data.Samples(v.Series, v.From, v.To)
	if err != nil {
		c.fault("volume: %v", err)
		return
	}
	sum := 0.0
	for _, s := range samples {
		sum += s.Value
	}
	c.number("volume", "volume.sum", calc("SUM of the counting series' samples", sum), v.Sum)
}

// pivotal is the first standing value vote, if the floor is for it.
func (c *checker) pivotal() (kizashi.Vote, bool) {
	for _, w := range c.j.Opening.Verdict.Votes {
		if w.Crossed && w.Side == c.alert.Side && w.Kind == kizashi.Value {
			return w, w.Model == band || w.Model == spike
		}
	}
	return kizashi.Vote{}, false
}

// daysBefore checks the kinds of the days that moments are compared by.
func (c *checker) daysBefore(zone interface{ Offset(int64) int64 }) {
	if c.cfg.Data == nil || c.cfg.Data.Kind == nil {
		return
	}
	t0 := c.j.Opening.At
	today := int(math.Floor(float64(int64(t0)+zone.Offset(int64(t0))) / float64(day)))
	for d, kind := range c.j.Days {
		c.same("special", at("days", d), "the calendar in force", c.cfg.Data.Kind(t0, today-d), kind)
	}
}
