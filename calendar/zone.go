// Package calendar knows wall time: zones and, later, day types, holidays and
// recurring windows. It stands beside the nouns at the bottom and takes
// instants as milliseconds since the Unix epoch, so that it needs nothing of
// them. It never asks what time it is.
package calendar

import (
	"fmt"
	"sync"
	"time"
)

// Zone gives the wall time of instants. Looking up an offset is cheap while
// instants lie in the same stretch between two changes of the zone's offset.
// A Zone is not safe for concurrent use; each shard takes its own by Clone.
type Zone struct {
	loc      *time.Location
	from, to int64 // the stretch [from, to) of offset, ms
	offset   int64 // ms east of UTC
}

// Load returns the zone of an IANA name; "" is UTC.
func Load(name string) (*Zone, error) {
	if name == "" {
		name = "UTC"
	}
	if name == "Local" {
		return nil, fmt.Errorf("time zone %q: name the zone itself, such as Asia/Tokyo", name)
	}
	loc, err := location(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: unknown (want an IANA name such as Asia/Tokyo)", name)
	}
	return &Zone{loc: loc, from: 1, to: 0}, nil
}

// locations holds what was read of the zone database: every series has a Zone,
// and the library would read the file again for each.
var locations sync.Map

func location(name string) (*time.Location, error) {
	if loc, ok := locations.Load(name); ok {
		return loc.(*time.Location), nil
	}
	loc, err := time.LoadLocation(name)
	if err == nil {
		locations.Store(name, loc)
	}
	return loc, err
}

// Clone returns a zone of the same name for another goroutine.
func (z *Zone) Clone() *Zone { return &Zone{loc: z.loc, from: 1, to: 0} }

// Name is the IANA name.
func (z *Zone) Name() string { return z.loc.String() }

// Location is the zone as the standard library has it.
func (z *Zone) Location() *time.Location { return z.loc }

// Offset returns how many milliseconds wall time is ahead of UTC at ms.
func (z *Zone) Offset(ms int64) int64 {
	if ms >= z.from && ms < z.to {
		return z.offset
	}
	t := time.UnixMilli(ms).In(z.loc)
	_, sec := t.Zone()
	z.offset = int64(sec) * 1000
	z.from, z.to = ms, ms+1
	start, end := t.ZoneBounds()
	z.from, z.to = -1<<62, 1<<62
	if !start.IsZero() {
		z.from = start.UnixMilli()
	}
	if !end.IsZero() {
		z.to = end.UnixMilli()
	}
	return z.offset
}

const day = 24 * 60 * 60 * 1000

// DayMillis returns the wall-clock milliseconds since local midnight at ms.
// On a day that changes its offset the same reading may come twice or not at
// all; that is what the clock on the wall does.
func (z *Zone) DayMillis(ms int64) int64 {
	return floorMod(ms+z.Offset(ms), day)
}

// DayNumber returns the Number of the wall-clock date at ms.
func (z *Zone) DayNumber(ms int64) int { return int(floorDiv(ms+z.Offset(ms), day)) }

// Weekday returns the wall-clock day of the week at ms.
func (z *Zone) Weekday(ms int64) time.Weekday {
	return weekdayOn(z.DayNumber(ms))
}

func floorMod(a, b int64) int64 {
	r := a % b
	if r < 0 {
		r += b
	}
	return r
}
