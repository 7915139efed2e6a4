package verify

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

func init() {
	evidence["routine"] = grounds{stat: lateStat, limit: waitLimit, shape: missedShape, data: missedData}
}

// lateStat is how long after its usual begin it had not come.
func lateStat(g kizashi.Ground) formula {
	if len(g.Parts) != 1 {
		return calc("=late", math.NaN())
	}
	from, to, usual := instant(g.Parts[0].From), instant(g.Parts[0].To), float64(g.Usual)
	return calc("=to-from-usual", to-from-usual, "to", to, "from", from, "usual", usual)
}

// waitLimit is how late it may be: it follows from the days before.
func waitLimit(c *checker, _ kizashi.Ground) formula {
	if c.j.Routine == nil {
		return calc("=wait", math.NaN())
	}
	wait := seconds(c.j.Routine.Wait)
	return calc("=wait", wait, "wait", wait)
}

// missedShape holds the ground against what is known of the routine.
func missedShape(c *checker, path string, g kizashi.Ground) {
	r := c.j.Routine
	if r == nil || len(g.Parts) != 1 || g.Past == nil || len(r.Days) == 0 {
		c.fault("%s: want a routine, the samples looked at, and the days before", path)
		return
	}
	p, t0 := g.Parts[0], c.j.Opening.At
	c.number("usual", path+".usual", calc("=usual", seconds(r.Usual), "usual", seconds(r.Usual)), float64(g.Usual))
	c.same("from", path+".from", "routine.from", r.From, g.From)
	c.same("from", path+".parts[0].from", "routine.from", r.From, p.From)
	c.same("to", path+".parts[0].to", "the opening sample", t0, p.To)
	c.same("to", path+".to", "the opening sample's end", t0.Add(c.periods(1)), g.To)
	c.number("routine.sum", path+".parts[0].sum", calc("=0", 0), p.Sum)
	c.same("past", path+".past.from", "the first day's window", r.Days[0].From, g.Past.From)
	c.same("past", path+".past.to", "routine.from", r.From, g.Past.To)
	c.same("past", path+".past.of", "the days", len(r.Days), g.Past.Of)
	c.same("past", path+".past.count", "those on which it came", came(r), g.Past.Count)
	c.same("target", path+".r", "it stands outside the target", kizashi.Duration(0), g.R)
	if r.Wait == 0 {
		c.fault("%s: it came on %d of %d days, and is not missed", path, came(r), len(r.Days))
	}
	if side := -r.Side; g.Side != side && (g.Side != kizashi.Both || c.j.Settings.Direction != r.Side) {
		c.fault("%s.side: what goes %d is missed on the side %d", path, r.Side, g.Side)
	}
	if c.past == nil {
		c.declare(path + ".parts[0].count")
	}
}

// missedData looks again for it among today's samples.
func missedData(c *checker, path string, g kizashi.Ground) {
	r := c.j.Routine
	if r == nil || len(g.Parts) != 1 {
		return
	}
	in := append(slices.Clone(between(c.past.samples, r.From, c.j.Opening.At)), kizashi.Sample{At: c.j.Opening.At, Value: float64(c.j.Opening.Value)})
	c.same("routine", path+".parts[0].count", "samples before the opening one", len(in)-1, g.Parts[0].Count)
	if began, _ := ran(r, in); began != 0 {
		c.fault("%s: it had come by then, at %s", path, began)
	}
	if p := c.periods(1); p > 0 && float64(len(in)-1) < 0.75*float64(c.j.Opening.At.Sub(r.From))/float64(p) {
		c.fault("%s: of the samples since %s only %d came", path, r.From, len(in)-1)
	}
}

func came(r *kizashi.Routine) (n int) {
	for _, d := range r.Days {
		if d.Began != 0 {
			n++
		}
	}
	return n
}

// ran is when a routine began among samples, and the last of it; 0 = it did not.
func ran(r *kizashi.Routine, in []kizashi.Sample) (began, ended kizashi.Time) {
	row := 0
	for i, s := range in {
		if (s.Value-r.Level)*float64(r.Side) <= 0 {
			row = 0
			continue
		}
		if row++; row >= r.Run && began == 0 {
			began = in[i-row+1].At
		}
		ended = s.At
	}
	if began == 0 {
		return 0, 0
	}
	return began, ended
}

// routine checks what is said of what comes at this time of the day.
func (c *checker) routine() {
	r := c.j.Routine
	if r == nil {
		return
	}
	zone, err := calendar.Load(c.j.Meta.Zone)
	if err != nil {
		c.fault("meta.zone: %v", err)
		return
	}
	if c.j.Record == nil || len(r.Days) == 0 {
		c.fault("routine: want a record, and days; there are %d", len(r.Days))
		return
	}
	c.routineSums(r)
	if !c.routineDays(r, zone) {
		return
	}
	c.declare("routine.level")
	if c.past == nil {
		c.declare("routine.days") // the windows of which are today's, by the wall
		return
	}
	for i, d := range r.Days {
		path := at("routine.days", i)
		began, ended := ran(r, between(c.past.samples, d.From, d.To))
		c.same("routine", path+".began", "the first of so many samples in a row beyond the level", began, d.Began)
		c.same("routine", path+".ended", "the last sample beyond it", ended, d.Ended)
	}
	c.routineGaps(r, zone)
}

// routineSums computes what follows from the days.
func (c *checker) routineSums(r *kizashi.Routine) {
	p := time.Duration(c.j.Record.Period)
	run := 1
	if p < 5*time.Minute {
		run = 2
	}
	c.same("routine", "routine.run", "2 under 5 min between samples, else 1", run, r.Run)
	var began, lasts []float64
	for _, d := range r.Days {
		if d.Began != 0 {
			began = append(began, instant(d.Began)-instant(d.From))
			lasts = append(lasts, instant(d.Ended)-instant(d.Began)+p.Seconds())
		}
	}
	if len(began) < 5 || 5*len(began) < 4*len(r.Days) {
		c.fault("routine.days: it came on %d of %d; want 5 and four fifths", len(began), len(r.Days))
		return
	}
	usual, jitter, wait := upper(began), 0.0, 0.0
	for _, b := range began {
		jitter = max(jitter, math.Abs(b-usual))
	}
	if len(began) == len(r.Days) && len(began) >= 7 {
		wait = max(300, 3*jitter, 3*p.Seconds())
	}
	c.number("routine", "routine.usual", calc("the upper median of began - from", usual), seconds(r.Usual))
	c.number("routine", "routine.jitter", calc("MAX of ABS(began - from - usual)", jitter), seconds(r.Jitter))
	c.number("routine", "routine.lasts", calc("the upper median of ended - began + period", upper(lasts)), seconds(r.Lasts))
	c.number("routine", "routine.wait", calc("=MAX(300,3*jitter,3*period), or 0", wait, "jitter", jitter, "period", p.Seconds()), seconds(r.Wait))
}

// upper is the median; of an even number the greater of the middle two.
func upper(xs []float64) float64 {
	s := slices.Sorted(slices.Values(xs))
	return s[len(s)/2]
}

// routineDays checks that the windows are the same by the wall, and says whether
// they are of the days before.
func (c *checker) routineDays(r *kizashi.Routine, zone *calendar.Zone) bool {
	ok := true
	if t := c.j.Opening.At; t < r.From || t >= r.To {
		c.fault("routine: %s does not lie in [%s, %s)", t, r.From, r.To)
	}
	before := kizashi.Never
	for i, d := range r.Days {
		path := at("routine.days", i)
		c.same("routine", path+".from", "the same time of the wall", zone.DayMillis(int64(r.From)), zone.DayMillis(int64(d.From)))
		c.same("routine", path+".to", "as long as today's", r.To-r.From, d.To-d.From)
		w := zone.Weekday(int64(d.From))
		if ago := r.From - d.From; d.From <= before || ago <= 0 || ago > fortnight+12*hour || r.Workdays && (w == time.Saturday || w == time.Sunday) {
			c.fault("%s.from: %s is none of the days", path, d.From)
			ok = false
		}
		before = d.From
	}
	if w := zone.Weekday(int64(r.From)); r.Workdays && (w == time.Saturday || w == time.Sunday) {
		c.fault("routine.workdays: %s is none", r.From)
	}
	return ok
}

// routineGaps finds days that were left out, though nothing kept them from being
// watched.
func (c *checker) routineGaps(r *kizashi.Routine, zone *calendar.Zone) {
	told := map[kizashi.Time]bool{}
	for _, d := range r.Days {
		told[d.From] = true
	}
	for t := r.Days[0].From; t < r.From-12*hour; t += day {
		from := t + kizashi.Time(zone.Offset(int64(r.Days[0].From))-zone.Offset(int64(t)))
		w := zone.Weekday(int64(from))
		in := between(c.past.samples, from, from+(r.To-r.From))
		whole := float64(len(in)) >= 0.75*float64(r.To-r.From)/float64(c.periods(1).Milliseconds())
		changed := zone.Offset(int64(from)) != zone.Offset(int64(from+(r.To-r.From)))
		if told[from] || !whole || changed || c.unlearned(from, from+(r.To-r.From), zone) {
			continue
		}
		if r.Workdays && (w == time.Saturday || w == time.Sunday) {
			if began, _ := ran(r, in); began != 0 {
				c.fault("routine.workdays: it came at %s, on a %s", began, w)
			}
			continue
		}
		c.fault("routine.days: the window of %s was watched, and is not among them", from)
	}
}

// unlearned says that something of a stretch was kept out by a command or by the
// calendar.
func (c *checker) unlearned(from, to kizashi.Time, zone *calendar.Zone) bool {
	for _, h := range c.past.held {
		if h.Why != kizashi.ClaimBand && h.Why != kizashi.ClaimSpike && h.From < to && h.To > from {
			return true
		}
	}
	if kind := c.cfg.Data.Kind; kind != nil {
		for _, t := range [...]kizashi.Time{from, to - 1} {
			if kind(t, zone.DayNumber(int64(t))) != "" {
				return true
			}
		}
	}
	return false
}
