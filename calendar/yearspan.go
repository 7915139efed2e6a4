package calendar

import (
	"fmt"
	"strings"
	"time"
)

// yearSpan is a span of days, of each year or of one. One of each year may
// run over New Year.
type yearSpan struct {
	from, to Date // of each year: with Year 0
}

// parseYearSpans reads "12-29/01-03" or "2026-08-12/2026-08-16, …".
func parseYearSpans(s string) ([]yearSpan, error) {
	if s == "" || s == "none" {
		return nil, nil
	}
	var out []yearSpan
	for one := range strings.SplitSeq(s, ",") {
		one = strings.TrimSpace(one)
		first, last, ok := strings.Cut(one, "/")
		if !ok {
			last = first
		}
		from, err := parseYearDay(first)
		if err != nil {
			return nil, err
		}
		to, err := parseYearDay(last)
		if err != nil {
			return nil, err
		}
		dated := from.Year != 0
		if dated != (to.Year != 0) || dated && to.Before(from) {
			return nil, fmt.Errorf("span %q: want both ends alike, such as 12-29/01-03 or 2026-08-12/2026-08-16, the first before the last", one)
		}
		out = append(out, yearSpan{from, to})
	}
	return out, nil
}

// parseYearDay reads 12-29, a day that each year has, or 2026-12-29.
func parseYearDay(s string) (Date, error) {
	if len(s) > len("12-29") {
		return ParseDate(s)
	}
	t, err := time.Parse("01-02", s)
	if err != nil || t.Month() == time.February && t.Day() == 29 {
		return Date{}, fmt.Errorf("day %q: want one that each year has, such as 12-29, or a date such as 2026-12-29", s)
	}
	return Date{Month: t.Month(), Day: t.Day()}, nil
}

// within is whether a date lies in one of the spans.
func within(spans []yearSpan, d Date) bool {
	for _, s := range spans {
		at := d
		if s.from.Year == 0 {
			at.Year = 0
		}
		after, before := !at.Before(s.from), !s.to.Before(at)
		if wraps := s.to.Before(s.from); after && before || wraps && (after || before) {
			return true
		}
	}
	return false
}
