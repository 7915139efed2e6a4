package replay

import (
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// stampKind says whether a timestamp names its zone.
type stampKind uint8

const (
	unread stampKind = iota
	naive            // wall time, in the zone of the file
	zoned            // with an offset, or seconds since the epoch
)

const dayMs = 24 * 60 * 60 * 1000

// clock reads the timestamps of one file. It keeps the day it read last, as
// neighbours share it.
type clock struct {
	zone   *calendar.Zone // nil = UTC
	text   [10]byte       // the day as written last
	n      int            // its length, 0 = none
	day    int64          // its wall midnight, ms
	before int64          // offset of the zone well before that day, ms
	after  int64          // and well after it
	last   int64          // the last naive instant read
	lastAt int64          // its wall time
	any    bool
}

// newClock returns a clock for an IANA zone; "" is UTC.
func newClock(zone string) (*clock, error) {
	c := &clock{}
	if zone == "" || zone == "UTC" {
		return c, nil
	}
	z, err := calendar.Load(zone)
	c.zone = z
	return c, err
}

// parse reads one timestamp: RFC 3339, a date with or without a time of day
// (1 or 2 digits where a person drops the zero, - or / between), or seconds
// or milliseconds since the epoch.
func (c *clock) parse(b []byte) (kizashi.Time, stampKind, Fault) {
	if len(b) >= 8 && c.n > 0 && len(b) > c.n && string(b[:c.n]) == string(c.text[:c.n]) && !isDigit(b[c.n]) {
		return c.timeOfDay(b[c.n:])
	}
	if at, ok := epoch(b); ok {
		return at, zoned, ""
	}
	day, n, ok := readDate(b)
	if !ok {
		return 0, unread, BadTime
	}
	c.day, c.n = day, copy(c.text[:], b[:n])
	if c.zone != nil {
		c.before, c.after = c.zone.Offset(day-dayMs), c.zone.Offset(day+2*dayMs)
	}
	return c.timeOfDay(b[n:])
}

// timeOfDay reads what follows the date.
func (c *clock) timeOfDay(b []byte) (kizashi.Time, stampKind, Fault) {
	ms, rest, ok := readTime(b)
	if !ok {
		return 0, unread, BadTime
	}
	wall := c.day + ms
	if len(rest) == 0 {
		at, ok := c.instant(wall)
		if !ok {
			return 0, naive, SkippedTime
		}
		return kizashi.Time(at), naive, ""
	}
	off, ok := readOffset(rest)
	if !ok {
		return 0, unread, BadTime
	}
	return kizashi.Time(wall - off), zoned, ""
}

// instant turns wall time into an instant. A reading that the clock on the
// wall shows twice is the first of the two, unless the file has been there
// already; one that it never shows is none.
func (c *clock) instant(wall int64) (int64, bool) {
	if c.zone == nil {
		return wall, true
	}
	at := wall - c.before
	if c.before != c.after {
		first, second := wall-c.before, wall-c.after
		okFirst, okSecond := c.zone.Offset(first) == c.before, c.zone.Offset(second) == c.after
		switch {
		case !okFirst && !okSecond:
			return 0, false
		case !okFirst, okSecond && c.any && first <= c.last && second > c.last && wall != c.lastAt:
			at = second
		}
	}
	c.any, c.last, c.lastAt = true, at, wall
	return at, true
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// number reads up to max digits at the front of b.
func number(b []byte, max int) (v, n int) {
	for n < len(b) && n < max && isDigit(b[n]) {
		v = v*10 + int(b[n]-'0')
		n++
	}
	return v, n
}

// readDate reads YYYY-M-D or YYYY/M/D and returns its midnight in ms and its
// length.
func readDate(b []byte) (ms int64, n int, ok bool) {
	y, k := number(b, 4)
	if k != 4 || len(b) < 8 || (b[4] != '-' && b[4] != '/') {
		return 0, 0, false
	}
	m, k := number(b[5:], 2)
	n = 5 + k
	if k == 0 || n >= len(b) || b[n] != b[4] {
		return 0, 0, false
	}
	d, k := number(b[n+1:], 2)
	n += 1 + k
	if k == 0 || m < 1 || m > 12 || d < 1 {
		return 0, 0, false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t.UnixMilli(), n, t.Day() == d
}

// readTime reads " H:MM", "T15:04:05.999" or nothing, and returns the ms since
// midnight and what is left, which is the zone.
func readTime(b []byte) (ms int64, rest []byte, ok bool) {
	if len(b) == 0 {
		return 0, nil, true
	}
	if b[0] != ' ' && b[0] != 'T' && b[0] != 't' {
		return 0, nil, false
	}
	h, k := number(b[1:], 2)
	b = b[1+k:]
	if k == 0 || h > 23 || len(b) < 3 || b[0] != ':' {
		return 0, nil, false
	}
	m, k := number(b[1:], 2)
	if k != 2 || m > 59 {
		return 0, nil, false
	}
	ms, b = int64(h*60+m)*60_000, b[3:]
	if len(b) == 0 || b[0] != ':' {
		return ms, b, true
	}
	s, k := number(b[1:], 2)
	if k != 2 || s > 59 {
		return 0, nil, false
	}
	ms, b = ms+int64(s)*1000, b[3:]
	if len(b) < 2 || b[0] != '.' || !isDigit(b[1]) {
		return ms, b, true
	}
	scale := int64(100)
	for b = b[1:]; len(b) > 0 && isDigit(b[0]); b = b[1:] {
		ms += int64(b[0]-'0') * scale
		scale /= 10
	}
	return ms, b, true
}

// readOffset reads Z, UTC, +09:00, +0900 or +09, after a space or none, and
// returns ms east of UTC.
func readOffset(b []byte) (int64, bool) {
	if len(b) > 1 && b[0] == ' ' {
		b = b[1:]
	}
	switch string(b) {
	case "Z", "z", "UTC", "GMT":
		return 0, true
	}
	if len(b) < 3 || (b[0] != '+' && b[0] != '-') {
		return 0, false
	}
	h, k := number(b[1:], 2)
	rest := b[1+k:]
	if len(rest) > 0 && rest[0] == ':' {
		rest = rest[1:]
		if len(rest) == 0 {
			return 0, false
		}
	}
	m, j := number(rest, 2)
	if k != 2 || h > 23 || m > 59 || (j != 0 && j != 2) || j != len(rest) {
		return 0, false
	}
	off := int64(h*60+m) * 60_000
	if b[0] == '-' {
		off = -off
	}
	return off, true
}

// epoch reads seconds (up to the year 2286, with a fraction or none) or whole
// milliseconds (from 1973 to 2286) since the epoch. A date written without
// separators (20210301) is none: taken for seconds it would lie in 1970.
func epoch(b []byte) (kizashi.Time, bool) {
	var v int64
	n := 0
	for n < len(b) && n < 14 && isDigit(b[n]) {
		v = v*10 + int64(b[n]-'0')
		n++
	}
	if n == 0 || (n < len(b) && b[n] != '.') {
		return 0, false
	}
	if n == len(b) && v >= 100_000_000_000 && v < 10_000_000_000_000 {
		return kizashi.Time(v), true
	}
	if v >= 10_000_000_000 || looksLikeDate(v, n) {
		return 0, false
	}
	ms, scale := v*1000, int64(100)
	for i := n + 1; i < len(b); i++ {
		if !isDigit(b[i]) {
			return 0, false
		}
		ms += int64(b[i]-'0') * scale
		scale /= 10
	}
	return kizashi.Time(ms), true
}

func looksLikeDate(v int64, digits int) bool {
	if digits != 8 {
		return false
	}
	y, m, d := v/10000, v/100%100, v%100
	return y >= 1900 && y < 2100 && m >= 1 && m <= 12 && d >= 1 && d <= 31
}

// checkZone says whether a zone is known, in the words of the place that
// names it.
func checkZone(where, zone string) error {
	if zone == "" {
		return nil
	}
	if _, err := calendar.Load(zone); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	return nil
}
