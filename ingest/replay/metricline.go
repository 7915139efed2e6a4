package replay

import (
	"bytes"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/kizashi-ops/kizashi"
)

// metricLine is one sample of OpenMetrics text, in parts.
type metricLine struct {
	series []byte // name and labels as they stand
	value  []byte
	stamp  []byte // nil = none
}

// splitMetric takes a sample's line apart: a name, labels in braces or none, a
// value, a timestamp or none, an exemplar or none.
func splitMetric(b []byte) (m metricLine, ok bool) {
	n := seriesEnd(b)
	if n <= 0 || n == len(b) || (b[n] != ' ' && b[n] != '\t') {
		return m, false
	}
	m.series = b[:n]
	rest := b[n:]
	m.value, rest = word(rest)
	if _, fault := parseValue(m.value); fault != "" && fault != NotFinite {
		return m, false
	}
	next, after := word(rest)
	if len(next) > 0 && next[0] != '#' {
		m.stamp, rest = next, after
		next, after = word(rest)
	}
	exemplar := len(next) == 1 && next[0] == '#' && len(trim(after)) > 0 && trim(after)[0] == '{'
	return m, len(next) == 0 || exemplar
}

// word cuts the next word off.
func word(b []byte) (w, rest []byte) {
	b = bytes.TrimLeft(b, " \t")
	if i := bytes.IndexAny(b, " \t"); i >= 0 {
		return b[:i], b[i:]
	}
	return b, nil
}

// seriesEnd returns where name and labels end, or -1. Braces inside quotes do
// not count.
func seriesEnd(b []byte) int {
	i := bytes.IndexAny(b, "{ \t")
	if i < 0 || b[i] != '{' {
		return i
	}
	for quoted := false; i < len(b); i++ {
		switch {
		case quoted && b[i] == '\\':
			i++
		case b[i] == '"':
			quoted = !quoted
		case b[i] == '}' && !quoted:
			return i + 1
		}
	}
	return -1
}

// parseSeries reads name and labels: name{label="value",...}, or with the name
// in quotes among the labels, {"name",label="value"}.
func parseSeries(b []byte) (map[string]string, bool) {
	ls := map[string]string{}
	i := bytes.IndexByte(b, '{')
	if i < 0 {
		ls[metricName] = string(b)
		return ls, isName(b, true)
	}
	if i > 0 {
		ls[metricName] = string(b[:i])
		if !isName(b[:i], true) {
			return nil, false
		}
	}
	for b = trim(b[i+1:]); len(b) > 0 && b[0] != '}'; {
		name, value, rest, ok := parsePair(b)
		if _, twice := ls[name]; !ok || twice {
			return nil, false
		}
		ls[name] = value
		b = trim(rest)
		switch {
		case len(b) > 0 && b[0] == ',':
			b = trim(b[1:])
		case len(b) == 0 || b[0] != '}':
			return nil, false
		}
	}
	return ls, len(b) == 1 && ls[metricName] != ""
}

// parsePair reads label="value", "label"="value" or "metric".
func parsePair(b []byte) (name, value string, rest []byte, ok bool) {
	if b[0] == '"' {
		if name, b, ok = unquote(b); !ok || name == "" {
			return "", "", nil, false
		}
		if b = trim(b); len(b) > 0 && b[0] != '=' {
			return metricName, name, b, true
		}
	} else {
		i := bytes.IndexByte(b, '=')
		if i < 0 || !isName(trim(b[:i]), false) {
			return "", "", nil, false
		}
		name, b = string(trim(b[:i])), b[i:]
	}
	if len(b) < 2 {
		return "", "", nil, false
	}
	value, rest, ok = unquote(trim(b[1:]))
	return name, value, rest, ok
}

// unquote reads a text in double quotes. Of escapes OpenMetrics knows \\, \"
// and \n; promtool writes those of Go.
func unquote(b []byte) (s string, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return "", nil, false
	}
	end := 1
	for end < len(b) && b[end] != '"' {
		if b[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(b) {
		return "", nil, false
	}
	raw := b[1:end]
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw), b[end+1:], utf8.Valid(raw)
	}
	s, err := strconv.Unquote(string(b[:end+1]))
	return s, b[end+1:], err == nil && utf8.ValidString(s)
}

// isName says whether b is a label's name, or a metric's, which may have
// colons.
func isName(b []byte, metric bool) bool {
	for i, c := range b {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == ':' && metric
		if !letter && (i == 0 || !isDigit(c)) {
			return false
		}
	}
	return len(b) > 0
}

// seconds reads a timestamp in seconds since the epoch, with a fraction or an
// exponent; and, as people export them too, in whole milliseconds.
func seconds(b []byte) (kizashi.Time, bool) {
	if at, ok := epoch(b); ok {
		return at, true
	}
	const most = 1e10 // the year 2286
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil || !(math.Abs(v) < most) {
		return 0, false
	}
	return kizashi.Time(math.Round(v * 1000)), true
}
