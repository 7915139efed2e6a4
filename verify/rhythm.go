package verify

import (
	"time"

	"github.com/kizashi-ops/kizashi"
)

// rhythm checks the yardstick of a silence.
func (c *checker) rhythm() {
	r := c.j.Rhythm
	if r == nil {
		return
	}
	if p := c.j.Meta.Period; p > 0 {
		c.same("period", "rhythm.gap", "meta.period", p, r.Gap)
	}
	if c.past != nil && len(c.past.samples) > 0 {
		c.same("sample", "rhythm.last", "the last stored sample", c.past.samples[len(c.past.samples)-1].At, r.Last)
	}
	gap, usual := seconds(r.Gap), seconds(r.Usual)
	if late := c.late(r); late > 0 {
		c.number("rhythm.limit", "rhythm.limit", calc("=late", late, "late", late), seconds(r.Limit))
	} else {
		c.number("rhythm.limit", "rhythm.limit", calc("=MAX(900,5*gap,2*usual)", max(900, 5*gap, 2*usual), "gap", gap, "usual", usual), seconds(r.Limit))
	}
	p := seconds(c.j.Meta.Period)
	absent := instant(c.j.Opening.At) - instant(r.Last) - p
	f := calc("=opened-last-period", absent, "opened", instant(c.j.Opening.At), "last", instant(r.Last), "period", p)
	c.number("rhythm.absent", "rhythm.absent", f, seconds(r.Absent))
	// They rest on all gaps since the first sample, from before any window.
	c.declare("rhythm.usual")
	c.declare("rhythm.since")
	c.declare("rhythm.count")
	if r.Since > r.Last {
		c.fault("rhythm.since: %s lies after the last sample, %s", r.Since, r.Last)
	}
}

// late is how late the first sample of the opening that was missed may be; 0 =
// as any silence. The silence must have been said that long after the opening.
func (c *checker) late(r *kizashi.Rhythm) float64 {
	if r.Opened == 0 {
		return 0
	}
	s := c.j.Settings.Schedule
	if s == nil {
		c.fault("rhythm.opened: the settings have no schedule")
		return 0
	}
	c.number("opened", "rhythm.opened", calc("=said-limit", instant(c.j.Opening.At)-seconds(r.Limit), "said", instant(c.j.Opening.At), "limit", seconds(r.Limit)), instant(r.Opened))
	if c.cfg.Data == nil || c.cfg.Data.Hours == nil {
		c.declare("settings.schedule.hours")
	} else if hours := c.cfg.Data.Hours; !hours(r.Opened) || hours(r.Opened-1) {
		c.fault("rhythm.opened: the hours %s do not open at %s", s.Hours, r.Opened)
	}
	return seconds(s.Late)
}

// detection checks the shortest and the longest time to detection.
func (c *checker) detection() {
	m, n, ok := c.rule()
	settle := seconds(c.j.Meta.Settle)
	p := seconds(c.period())
	if w, _ := c.deciding(); evidence[w.Model].stat != nil || c.isOwn(w.Model) {
		if g, _, ok := c.ground(w); ok {
			span := instant(g.To - g.From)
			if g.Model == logAbsent {
				p = span // as long as it waited
			}
			c.number("shortest", "shortest", calc("=period+settle", p+settle, "period", p, "settle", settle), seconds(c.j.Shortest))
			p = seconds(c.period())
			c.number("longest", "longest", calc("=span+settle+MAX(period,60)", span+settle+max(p, 60), "span", span, "period", p, "settle", settle), seconds(c.j.Longest))
			return
		}
	}
	if !ok {
		c.silent(settle)
		return
	}
	c.number("shortest", "shortest", calc("=m*period+settle", float64(m)*p+settle, "m", float64(m), "period", p, "settle", settle), seconds(c.j.Shortest))
	c.number("longest", "longest", calc("=n*period+settle+MAX(period,60)", float64(n)*p+settle+max(p, 60), "n", float64(n), "period", p, "settle", settle), seconds(c.j.Longest))
}

func (c *checker) silent(settle float64) {
	if c.j.Rhythm == nil {
		c.fault("shortest: no vote that stood has an M of N, and there is no rhythm")
		return
	}
	limit := seconds(c.j.Rhythm.Limit)
	c.number("shortest", "shortest", calc("=limit", limit, "limit", limit), seconds(c.j.Shortest))
	c.number("longest", "longest", calc("=limit+settle+60", limit+settle+60, "limit", limit, "settle", settle), seconds(c.j.Longest))
}

// period is P of docs/justification.md.
func (c *checker) period() kizashi.Duration {
	if c.j.Record != nil {
		return c.j.Record.Period
	}
	if c.j.Rhythm != nil {
		return c.j.Rhythm.Gap
	}
	if c.j.Log != nil {
		return c.j.Meta.Period
	}
	return 0
}

// periods is k periods as a span of event time.
func (c *checker) periods(k int) time.Duration { return time.Duration(k) * time.Duration(c.period()) }
