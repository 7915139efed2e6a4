package logfile

import (
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// Times outside of this cannot be those of log events.
var (
	earliest = kizashi.TimeOf(time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC))
	latest   = kizashi.TimeOf(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
)

const (
	dayMs  = 24 * 60 * 60 * 1000
	halfMs = 183 * dayMs
)

// stamp is a time as it is written.
type stamp struct {
	year, month, day int // year 0 = it has none
	ms               int64
	offset           int64 // east of UTC, ms
	zoned            bool
	epoch            int64 // ms; where day is 0
}

// clock turns what is written into instants.
type clock struct {
	zone    *calendar.Zone // nil = UTC
	name    string
	stated  bool
	shown   bool         // the zone is that of the rows that have one
	year    int          // of times without one, as it stands
	latest  kizashi.Time // when the file was written last
	naive   bool         // there were times without a zone
	noYear  int          // the year that the first time without one got; 0 = there was none
	lastDay int          // month*32+day of the last time without a year
	y, m, d int          // of the day that was turned into midnight last
	wall    int64        // its midnight
	before  int64        // offsets of the zone well before it, and well after
	after   int64
}

func newClock(o Options) (*clock, error) {
	c := &clock{name: o.Zone, stated: o.Zone != "", year: o.Year, latest: o.Latest}
	if o.Zone == "" || o.Zone == "UTC" {
		return c, nil
	}
	z, err := calendar.Load(o.Zone)
	c.zone = z
	return c, err
}

// told notes how times without a zone and without a year were read.
func (c *clock) told(r *Report) {
	if r.Year = c.noYear; !c.naive {
		return
	}
	if r.Zone = c.name; r.Zone == "" {
		r.Zone = "UTC"
	}
	r.Assumed, r.Shown = !c.stated && !c.shown, c.shown
}

// adopt reads times without a zone at an offset, ms east of UTC.
func (c *clock) adopt(offset int64) {
	c.before, c.after, c.shown, c.name = offset, offset, true, "UTC"
	if offset != 0 {
		sign, m := '+', offset/60_000
		if offset < 0 {
			sign, m = '-', -m
		}
		c.name = fmt.Sprintf("%c%02d:%02d", sign, m/60, m%60)
	}
}

// find returns the time that stands in the beginning of an event; Never = none.
// bad says that one stands there and cannot be.
func (c *clock) find(text []byte) (at kizashi.Time, bad bool) {
	var s stamp
	if !c.look(text, &s) {
		return kizashi.Never, false
	}
	if at = c.instant(&s); at < earliest || at >= latest {
		return kizashi.Never, true
	}
	return at, false
}

// instant turns a time as it is written into an instant; Never = it cannot be.
func (c *clock) instant(s *stamp) kizashi.Time {
	if s.day == 0 {
		return kizashi.Time(s.epoch)
	}
	year := s.year
	if year == 0 {
		if year = c.guess(s); year == 0 {
			return kizashi.Never
		}
	}
	if year != c.y || s.month != c.m || s.day != c.d {
		t := time.Date(year, time.Month(s.month), s.day, 0, 0, 0, 0, time.UTC)
		if t.Day() != s.day {
			return kizashi.Never
		}
		c.y, c.m, c.d, c.wall = year, s.month, s.day, t.UnixMilli()
		if c.zone != nil {
			c.before, c.after = c.zone.Offset(c.wall-dayMs), c.zone.Offset(c.wall+2*dayMs)
		}
	}
	wall := c.wall + s.ms
	if s.zoned {
		return kizashi.Time(wall - s.offset)
	}
	c.naive = true
	at := wall - c.before
	if c.before != c.after && c.zone.Offset(at) != c.before {
		at = wall - c.after // the clock has been changed; what it skips is read with the new offset
	}
	return kizashi.Time(at)
}

// guess gives a time its year: that of the time before, unless the year has
// ended between the two; of the first one as stated, or the last that is not
// after the file was written.
func (c *clock) guess(s *stamp) int {
	day := s.month*32 + s.day
	switch {
	case c.lastDay > 0 && day < c.lastDay-6*32:
		c.year++
	case c.lastDay > 0 && day > c.lastDay+6*32:
		// A late line of last year: the year stays what it is for the others.
		return c.year - 1
	case c.lastDay == 0 && c.year == 0:
		if c.latest == kizashi.Never {
			return 0
		}
		t := c.latest.UTC()
		c.year = t.Year()
		if time.Date(c.year, time.Month(s.month), s.day, 0, 0, 0, int(s.ms)*1e6, time.UTC).After(t.AddDate(0, 0, 1)) {
			c.year--
		}
	}
	c.lastDay = day
	if c.noYear == 0 {
		c.noYear = c.year
	}
	return c.year
}
