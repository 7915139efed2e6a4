package recur

import (
	"fmt"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/calendar"
)

// once is a one-off window.
type once Span

func parseOnce(words []string) (source, error) {
	var loc *time.Location
	if len(words) > 1 {
		rest, l, err := zoned(words)
		if err != nil {
			return nil, err
		}
		words, loc = rest, l
	}
	both := strings.Join(words, " ")
	first, last, ok := strings.Cut(both, "/")
	if len(words) != 1 || !ok {
		return nil, fmt.Errorf("%q begins no window; want cron, rrule, days, hours, ics, or START/END", clip(both))
	}
	from, err := parseInstant(first, loc)
	if err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	to, err := parseInstant(last, loc)
	if err != nil {
		return nil, fmt.Errorf("end: %w", err)
	}
	if !from.Before(to) {
		return nil, fmt.Errorf("the end %s does not come after the start %s", last, first)
	}
	return once{from, to}, nil
}

// parseInstant reads 2026-12-29T18:00+09:00, or without an offset where the
// zone is told.
func parseInstant(s string, loc *time.Location) (time.Time, error) {
	if loc != nil {
		wall, err := parseWall(s)
		if err != nil {
			return time.Time{}, err
		}
		return instant(loc, wall), nil
	}
	for _, layout := range []string{"2006-01-02T15:04Z07:00", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= calendar.FirstYear && t.Year() <= calendar.LastYear {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("time %q: want such as 2026-12-29T18:00+09:00, or a zone behind: in Asia/Tokyo", s)
}

func (o once) spans(_, _ time.Time) []Span { return []Span{Span(o)} }
