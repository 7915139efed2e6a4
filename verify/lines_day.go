package verify

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// lineDay checks what is said of a day that is not like the others of its week
// (docs/method.md, section 19).
func (c *checker) lineDay() {
	j := c.j
	d := j.Log.Day
	g, _ := c.judgedStretch()
	byRate := g.Model == logSurge || g.Model == logDrop || g.Model == logAbsent
	special := len(j.Days) > 0 && j.Days[0] != "" && byRate && !c.isPart()
	if d == nil || !special {
		c.same("special", "log.day", "there on a special day, of a count that is judged by what is usual then", special, d != nil)
		return
	}
	c.same("special", "log.day.kind", "days[0]", j.Days[0], d.Kind)
	least, most, text := d.Ordinary/2, 2*d.Ordinary, "half of ordinary"
	if kizashi.DayOff(d.Kind) {
		// Of a day off the one end is the ordinary one, the other a Sunday's, which is not
		// stated twice; of no Sunday known nothing need come.
		least, most, text = min(d.Least, d.Ordinary), max(d.Most, d.Ordinary), "the lesser of ordinary and a Sunday's"
		if d.Least != d.Ordinary && d.Most != d.Ordinary {
			c.fault("log.day: neither %v nor %v is what is usual on the day of the week, %v", d.Least, d.Most, d.Ordinary)
		}
	}
	c.number("special", "log.day.least", calc(text, least), d.Least)
	c.number("special", "log.day.most", calc("the greater, or twice", most), d.Most)
	n, f, by := float64(d.Days), 1., "=(days*mean+0.5*x)/(days+0.5)"
	if d.Days > 0 {
		f = math.Pow(1.5, 1/n)
	}
	c.number("special", "log.day.low", calc(by+"/POWER(1.5,1/days), x = least", (n*d.Mean+.5*least)/(n+.5)/f, "days", n, "mean", d.Mean, "x", least), d.Low)
	c.number("special", "log.day.high", calc(by+"*POWER(1.5,1/days), x = most", (n*d.Mean+.5*most)/(n+.5)*f, "days", n, "mean", d.Mean, "x", most), d.High)
	if d.Days < 0 || d.Days > 8 || d.Days == 0 && d.Mean != 0 || d.Ordinary < 0 || d.Mean < 0 {
		c.fault("log.day: %d days with %v lines; at most 8 are averaged", d.Days, d.Mean)
	}
	c.usualOn(d, g)
	for _, of := range []string{"log.day.ordinary", "log.day.least", "log.day.most", "log.day.mean", "log.day.days"} {
		c.declare(of) // learned from all counts so far
	}
}

// lineDue checks when a line that is missing was due: after the last one, before it was
// missed.
func (c *checker) lineDue() {
	d := c.j.Log.Due
	if d == nil {
		return
	}
	g, _ := c.judgedStretch()
	if g.Model != logAbsent || *d < g.From || *d > g.To {
		c.fault("log.due: %s is not within the wait for a line, [%s, %s]", *d, g.From, g.To)
	}
	c.declare("log.due") // by the rates of the hours since
}

// usualOn checks that what the vote took for usual is what is said of the day, where the
// whole stretch lies in the hour that this is said of.
func (c *checker) usualOn(d *kizashi.LogDay, g kizashi.Ground) {
	switch minutes := float64(g.To-g.From) / float64(minute); {
	case g.Model == logDrop:
		c.number("special", "grounds.usual", calc("=low", d.Low, "low", d.Low), float64(g.Usual))
	case g.Model == logSurge && g.From.Floor(time.Hour) == c.j.Opening.At.Floor(time.Hour):
		// The engine adds windows in single precision.
		want := d.High * minutes / 60
		c.numberNear("special", "grounds.usual", calc("=high*minutes/60", want, "high", d.High, "minutes", minutes), float64(g.Usual), 1e-5*max(1, want))
	}
}

// isPart says that the alert's series counts a part of another one.
func (c *checker) isPart() bool {
	id := c.j.Meta.Identity
	return id.Get("level") != "" || id.Get("slot") != "" || id.Get("status") != "" && id.Get("status") != "any"
}

// lineDays checks the kinds of today and of the days before it, of the hour in which the
// alert opened: there is one for each day if the settings name a calendar, and none else.
// Without that an alert whose days were taken out would be held against no day at all.
func (c *checker) lineDays() {
	want, by := 0, "none: the settings name no calendar"
	if c.j.Settings.Calendar != "" {
		want, by = int(fortnight/day)+1, "the day's, and those of the 14 before"
	}
	c.same("special", "days", by, want, len(c.j.Days))
	if want == 0 || c.cfg.Data == nil || c.cfg.Data.Kind == nil {
		return
	}
	zone, err := calendar.Load(c.j.Meta.Zone)
	if err != nil {
		c.fault("meta.zone: %v", err)
		return
	}
	hour := c.j.Opening.At.Floor(time.Hour)
	today := zone.DayNumber(int64(hour))
	for d, kind := range c.j.Days {
		c.same("special", at("days", d), "the calendar in force", c.cfg.Data.Kind(hour, today-d), kind)
	}
}
