// Package calendar knows wall time: zones and, later, day types, holidays and
// recurring windows. It stands beside the nouns at the bottom and takes
// instants as milliseconds since the Unix epoch, so that it needs nothing of
// them. It never asks what time it is.
package calendar

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Zone gives the wall time of instants. Looking up an offset is cheap where instants
// lie in a stretch between two changes of the zone's offset that was asked for before.
// A Zone may be shared: all of a name are one.
type Zone struct {
	loc   *time.Location
	known atomic.Pointer[[]stretch] // those that were asked for, the last one first; never changed
}

// stretch [from, to), in ms, of one offset, in ms east of UTC.
type stretch struct{ from, to, offset int64 }

// Load returns the zone of an IANA name; "" is UTC.
func Load(name string) (*Zone, error) {
	if name == "" {
		name = "UTC"
	}
	if name == "Local" {
		return nil, fmt.Errorf("time zone %q: name the zone itself, such as Asia/Tokyo", name)
	}
	if z, ok := zones.Load(name); ok {
		return z.(*Zone), nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: unknown (want an IANA name such as Asia/Tokyo)", name)
	}
	z, _ := zones.LoadOrStore(name, &Zone{loc: loc})
	return z.(*Zone), nil
}

// zones holds what was read of the zone database, by name: every series has a Zone,
// and the library would read the file again for each.
var zones sync.Map

// Name is the IANA name.
func (z *Zone) Name() string { return z.loc.String() }

// Location is the zone as the standard library has it.
func (z *Zone) Location() *time.Location { return z.loc }

// Offset returns how many milliseconds wall time is ahead of UTC at ms.
func (z *Zone) Offset(ms int64) int64 {
	if known := z.known.Load(); known != nil {
		for i := range *known {
			if s := &(*known)[i]; ms >= s.from && ms < s.to {
				return s.offset
			}
		}
	}
	return z.find(ms).offset
}

const stretchesKept = 16 // eight years of a zone that has summer time

// find asks the zone database, and remembers what it says.
func (z *Zone) find(ms int64) stretch {
	t := time.UnixMilli(ms).In(z.loc)
	_, sec := t.Zone()
	s := stretch{-1 << 62, 1 << 62, int64(sec) * 1000}
	start, end := t.ZoneBounds()
	if !start.IsZero() {
		s.from = start.UnixMilli()
	}
	if !end.IsZero() {
		s.to = end.UnixMilli()
	}
	known := []stretch{s}
	if have := z.known.Load(); have != nil {
		known = append(known, (*have)[:min(len(*have), stretchesKept-1)]...)
	}
	z.known.Store(&known) // of two at a time one is forgotten, and found again
	return s
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
