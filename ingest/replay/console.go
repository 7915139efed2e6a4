package replay

import "strings"

// The CloudWatch console downloads a graph as a CSV file whose first rows
// describe the metrics, one a column:
//
//	Full label,i-0abc CPUUtilization,i-0def CPUUtilization
//	Label,CPUUtilization,CPUUtilization
//	Period,300,300
//	2026/05/01 00:00:00,12.5,40.25
//
// Which of these rows are there, and which more, has changed over the years;
// so all rows up to the first that begins with a time are taken as such.

// isConsole says whether a table is the console's: labels above, dates in the
// first column below.
func isConsole(h head, w wish, c *clock) bool {
	first := h.rows[0]
	switch strings.ToLower(first[0]) {
	case "full label", "label", "id":
	default:
		return false
	}
	for _, f := range first[1:] {
		if isStampName(f) {
			return false
		}
	}
	return w.timestamp == "" && len(first) > 1 && consoleRows(h, c) < len(h.rows)
}

// consoleRows counts the rows above the first that begins with a date.
func consoleRows(h head, c *clock) int {
	n := 0
	for n < len(h.rows) && (numericCell(h.rows[n], 0) || !holdsTimes(h.rows[n:n+1], 0, c)) {
		n++
	}
	return n
}

func consoleLayout(h head, w wish, c *clock) (layout, error) {
	n := consoleRows(h, c)
	width := len(h.rows[0])
	names := make([][]string, width)
	names[0] = []string{"timestamp"}
	for i := 1; i < width; i++ {
		names[i] = consoleNames(h.rows[:n], i)
	}
	l, err := choose(names, h, n, wish{timestamp: "timestamp", values: w.values}, c)
	l.skip = h.lines[n] - 1
	return l, err
}

// consoleNames lists the names of a column: full label, label, id; the first
// that no other column shares comes first.
func consoleNames(rows [][]string, col int) []string {
	var names []string
	for _, want := range []string{"full label", "label", "id"} {
		for _, r := range rows {
			if col >= len(r) || r[col] == "" || !strings.EqualFold(r[0], want) {
				continue
			}
			if unique(r[1:], r[col]) && (len(names) == 0 || !unique(rows[0][1:], names[0])) {
				names = append([]string{r[col]}, names...)
			} else {
				names = append(names, r[col])
			}
		}
	}
	if len(names) == 0 {
		names = named(make([]string, col+1))[col]
	}
	return names
}

func unique(all []string, s string) bool {
	n := 0
	for _, a := range all {
		if a == s {
			n++
		}
	}
	return n == 1
}
