package calendar

import "time"

// Instant is when the clock of a zone shows a time of day, given as the wall
// time since that date's midnight; 24 h and more run into the next days.
//
// On days that change the zone's offset it follows RFC 5545 3.3.5: a reading
// that the clock skips is taken by the offset before the change, so that 02:30
// is when 03:30 shows; of one that comes twice it is the first.
func Instant(loc *time.Location, d Date, wall time.Duration) time.Time {
	first, _ := Instants(loc, d, wall)
	return first
}

// Instants is Instant and, of a reading that comes twice, the second; else the
// first again.
func Instants(loc *time.Location, d Date, wall time.Duration) (first, second time.Time) {
	reading := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Add(wall)
	// No zone is further than a day from UTC, so that these lie on both sides
	// of any change of that day.
	before := offset(reading.Add(-24*time.Hour), loc)
	after := offset(reading.Add(24*time.Hour), loc)
	early, late := reading.Add(-before), reading.Add(-after)
	if before == after {
		return early.In(loc), early.In(loc)
	}
	earlyIs, lateIs := offset(early, loc) == before, offset(late, loc) == after
	switch {
	case earlyIs && lateIs:
		return early.In(loc), late.In(loc)
	case lateIs:
		return late.In(loc), late.In(loc)
	}
	return early.In(loc), early.In(loc)
}

// offset is how far a zone's wall time is ahead of UTC.
func offset(t time.Time, loc *time.Location) time.Duration {
	_, s := t.In(loc).Zone()
	return time.Duration(s) * time.Second
}
