package replay

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// wish is what options or mapping ask for; empty parts are found.
type wish struct {
	timestamp string
	values    []string
}

// head is the beginning of a table, split into fields.
type head struct {
	rows  [][]string
	lines []int // where each stands, from 1
}

// headRows are enough to see which columns hold numbers.
const headRows = 100

// stampNames are the columns taken for the timestamp where nobody named one.
var stampNames = []string{"timestamp", "@timestamp", "time", "datetime", "date_time", "date", "ts", "日時", "時刻", "タイムスタンプ"}

func isStampName(s string) bool {
	for _, n := range stampNames {
		if strings.EqualFold(s, n) {
			return true
		}
	}
	return false
}

// readHead splits the first lines of a file. full says that b is all of it.
func readHead(b []byte, full bool) (head, error) {
	var h head
	for line := 1; len(b) > 0 && len(h.rows) < headRows; line++ {
		i := bytes.IndexByte(b, '\n')
		if i < 0 && !full {
			if line == 1 && bytes.IndexByte(b, '\r') >= 0 {
				return h, fmt.Errorf("line 1: the lines end with CR alone: save them with LF or CR LF")
			}
			if line == 1 {
				return h, fmt.Errorf("line 1 is longer than %d KiB: that is no table of numbers", len(b)>>10)
			}
			break
		}
		l := b
		if b = nil; i >= 0 {
			l, b = l[:i], l[i+1:]
		}
		l = bytes.TrimSuffix(l, []byte("\r"))
		if blank(l) {
			continue
		}
		fields, ok := splitLine(l)
		if !ok && len(h.rows) == 0 {
			return h, fmt.Errorf("line %d: %s", line, BadQuote)
		}
		h.rows, h.lines = append(h.rows, fields), append(h.lines, line)
	}
	if len(h.rows) == 0 {
		return h, fmt.Errorf("no rows")
	}
	return h, nil
}

func splitLine(b []byte) ([]string, bool) {
	var fields []string
	for more := true; more; {
		f, rest, m, ok := nextField(b)
		if !ok {
			return fields, false
		}
		fields = append(fields, string(f))
		b, more = rest, m
	}
	return fields, true
}

// csvLayout finds out how a CSV file is laid out.
func csvLayout(b []byte, full bool, w wish, c *clock) (layout, Format, error) {
	h, err := readHead(b, full)
	if err != nil {
		return layout{}, CSV, err
	}
	if isConsole(h, w, c) {
		l, err := consoleLayout(h, w, c)
		return l, ConsoleCSV, err
	}
	first := h.rows[0]
	if isTime(c, first[0]) && w.timestamp == "" {
		l, err := choose(bareNames(len(first)), h, 0, wish{timestamp: "timestamp", values: w.values}, c)
		return l, CSV, err
	}
	if len(first) == 1 {
		return layout{}, CSV, fmt.Errorf("line %d: no usable header: want columns with commas between them, such as timestamp,value", h.lines[0])
	}
	l, err := choose(named(first), h, 1, w, c)
	l.skip = h.lines[0]
	return l, CSV, err
}

// bareNames names the columns of a file without a header.
func bareNames(n int) [][]string {
	names := [][]string{{"timestamp"}, {"value"}}
	if n == 2 {
		return names
	}
	return named(append([]string{"timestamp"}, make([]string, n-1)...))
}

// named gives a column that has no name its number, from 1.
func named(header []string) [][]string {
	names := make([][]string, len(header))
	for i, n := range header {
		if n == "" {
			n = "column " + strconv.Itoa(i+1)
		}
		names[i] = []string{n}
	}
	return names
}

func isTime(c *clock, s string) bool {
	_, kind, _ := c.parse([]byte(s))
	return kind != unread
}

// choose picks the timestamp and the value columns. names holds all names that
// each column goes by, the first of them for people; the rows of h from skip
// on are data.
func choose(names [][]string, h head, skip int, w wish, c *clock) (layout, error) {
	l := layout{width: len(names)}
	if len(h.rows) == skip {
		return l, fmt.Errorf("no rows below the header in line %d", h.lines[skip-1])
	}
	var err error
	if l.stamp, err = stampColumn(names, h, skip, w.timestamp, c); err != nil {
		return l, err
	}
	l.stampName = names[l.stamp][0]
	wanted, err := valueColumns(names, l.stamp, w.values)
	if err != nil {
		return l, err
	}
	if len(wanted) == 0 {
		wanted = numeric(names, h.rows[skip:], l.stamp)
	}
	seen := map[string]bool{}
	for i, n := range names {
		switch {
		case i == l.stamp:
			continue
		case !wanted[i]:
			l.ignored = append(l.ignored, n[0])
			continue
		case seen[n[0]]:
			return l, fmt.Errorf("two columns are named %q", n[0])
		}
		seen[n[0]] = true
		l.cols, l.names, l.aliases = append(l.cols, i), append(l.names, n[0]), append(l.aliases, n)
	}
	if len(l.cols) == 0 {
		return l, fmt.Errorf("line %d: no column beside %q holds numbers", h.lines[skip], names[l.stamp][0])
	}
	return l, nil
}

// valueColumns finds the columns that somebody named.
func valueColumns(names [][]string, stamp int, values []string) (map[int]bool, error) {
	wanted := map[int]bool{}
	for _, v := range values {
		i, err := findColumn(names, v)
		if err != nil {
			return nil, err
		}
		if i == stamp {
			return nil, fmt.Errorf("column %q holds the timestamp and cannot be a value too", v)
		}
		wanted[i] = true
	}
	return wanted, nil
}

// stampColumn finds the timestamp: by the name asked for, by a usual name, or
// the first column that holds times. It must hold a readable time.
func stampColumn(names [][]string, h head, skip int, want string, c *clock) (int, error) {
	at := -1
	if want != "" {
		i, err := findColumn(names, want)
		if err != nil {
			return 0, err
		}
		at = i
	}
	for i := 0; i < len(names) && at < 0; i++ {
		if isStampName(names[i][0]) && holdsTimes(h.rows[skip:], i, c) {
			at = i
		}
	}
	for i := 0; i < len(names) && at < 0; i++ {
		if holdsTimes(h.rows[skip:skip+1], i, c) && !numericCell(h.rows[skip], i) {
			at = i
		}
	}
	if at < 0 {
		return 0, fmt.Errorf("line %d: no usable header: no column holds timestamps (header %q, first row %q)", h.lines[0], cut(strings.Join(h.rows[0], ",")), cut(strings.Join(h.rows[skip], ",")))
	}
	if !holdsTimes(h.rows[skip:], at, c) {
		return 0, fmt.Errorf("line %d: column %q holds no time that can be read (first row %q)", h.lines[skip], names[at][0], cut(strings.Join(h.rows[skip], ",")))
	}
	return at, nil
}

func holdsTimes(rows [][]string, col int, c *clock) bool {
	for _, r := range rows {
		if col < len(r) && isTime(c, r[col]) {
			return true
		}
	}
	return false
}

func numericCell(row []string, col int) bool {
	if col >= len(row) {
		return false
	}
	_, f := parseValue([]byte(row[col]))
	return f == "" || f == NotFinite
}

// numeric returns the columns in which one of the first rows has a number; of
// a file with only one column beside the timestamp that one in any case.
func numeric(names [][]string, rows [][]string, stamp int) map[int]bool {
	m := map[int]bool{}
	for i := range names {
		for _, r := range rows {
			if i != stamp && numericCell(r, i) {
				m[i] = true
				break
			}
		}
	}
	if len(m) == 0 && len(names) == 2 {
		m[1-stamp] = true
	}
	return m
}

// findColumn looks a column up by any of its names, in any case.
func findColumn(names [][]string, want string) (int, error) {
	var all []string
	at := -1
	for i, ns := range names {
		all = append(all, ns[0])
		for _, n := range ns {
			if !strings.EqualFold(n, want) {
				continue
			}
			if at >= 0 && at != i {
				return 0, fmt.Errorf("two columns are named %q", want)
			}
			at = i
		}
	}
	if at >= 0 {
		return at, nil
	}
	return 0, fmt.Errorf("no column %q%s", want, nearest(want, all))
}

// cut shortens what an error quotes.
func cut(s string) string {
	r := []rune(s)
	if len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return s
}
