package calendar

import (
	"fmt"
	"strings"
)

// ownDays are days that the customer declared, first and last Number.
type ownDays struct {
	kind     DayType
	from, to int
	name     Name
}

// maxOwn bounds one declared span, in days: a longer one is a slip of the pen.
const maxOwn = 366

func parseOwn(field string, kind DayType, list []string) ([]ownDays, error) {
	var out []ownDays
	for i, s := range list {
		when, name, _ := strings.Cut(strings.TrimSpace(s), " ")
		first, last, ok := strings.Cut(when, "/")
		if !ok {
			last = first
		}
		from, err := ParseDate(first)
		if err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", field, i, err)
		}
		to, err := ParseDate(last)
		if err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", field, i, err)
		}
		if n := to.Number() - from.Number(); n < 0 || n > maxOwn {
			return nil, fmt.Errorf("%s[%d]: %s: want an end after the start, at most %d days later", field, i, when, maxOwn)
		}
		o := ownDays{kind: kind, from: from.Number(), to: to.Number(), name: kind.Name()}
		if name = strings.TrimSpace(name); name != "" {
			o.name = Name{name, name}
		}
		out = append(out, o)
	}
	return out, nil
}
