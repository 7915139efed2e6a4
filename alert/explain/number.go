package explain

import (
	"math"
	"strconv"
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// usualDigits is how many significant digits people are shown; more only
// where two numbers that differ would look alike.
const usualDigits = 3

// mostDigits is where a float64 has no more to say.
const mostDigits = 17

// scale is one way of writing a unit: size of it in the series' own unit.
type scale struct {
	size float64
	name string
}

// unit knows how values of a series are written: on which scales, smallest
// first. A plain unit counts things: its integers are written whole.
type unit struct {
	scales []scale
	plain  bool
}

// unitOf understands CloudWatch's units and the usual short forms. What it
// does not know is written behind the number as it is.
func unitOf(name string) unit {
	base, rate := strings.CutSuffix(name, "/Second")
	if !rate {
		base, rate = strings.CutSuffix(name, "/s")
	}
	u := baseUnit(base)
	if rate {
		for i := range u.scales {
			u.scales[i].name += "/s"
		}
	}
	return u
}

func baseUnit(name string) unit {
	switch strings.ToLower(name) {
	case "s", "sec", "second", "seconds":
		return unit{scales: []scale{{1e-6, "µs"}, {1e-3, "ms"}, {1, "s"}}}
	case "ms", "millisecond", "milliseconds":
		return unit{scales: []scale{{1e-3, "µs"}, {1, "ms"}, {1e3, "s"}}}
	case "us", "µs", "microsecond", "microseconds":
		return unit{scales: []scale{{1, "µs"}, {1e3, "ms"}, {1e6, "s"}}}
	case "b", "by", "byte", "bytes":
		return unit{scales: []scale{{1, "B"}, {1 << 10, "KiB"}, {1 << 20, "MiB"}, {1 << 30, "GiB"}, {1 << 40, "TiB"}}}
	case "bit", "bits":
		return unit{scales: []scale{{1, "bit"}, {1e3, "kbit"}, {1e6, "Mbit"}, {1e9, "Gbit"}}}
	case "percent", "%":
		return unit{scales: []scale{{1, "%"}}}
	case "", "count", "counts", "none", "1":
		return unit{scales: []scale{{1, ""}}, plain: true}
	}
	return unit{scales: []scale{{1, Clean(name)}}}
}

// base is the scale on which zero is written: the series' own.
func (u unit) base() scale {
	for _, s := range u.scales {
		if s.size == 1 {
			return s
		}
	}
	return u.scales[0]
}

// on picks the scale for v: the largest on which v, as rounded, is not below
// one.
func (u unit) on(v float64, digits int) scale {
	if v == 0 || len(u.scales) == 1 {
		return u.base()
	}
	best := u.scales[0]
	for _, s := range u.scales {
		if math.Abs(round(v/s.size, digits)) >= 1 {
			best = s
		}
	}
	return best
}

// round to significant digits.
func round(v float64, digits int) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', digits-1, 64), 64)
	if err != nil { // cannot be: it is our own output
		return v
	}
	return r
}

// shown returns v as people will read it: rounded, in the series' own unit.
func (u unit) shown(v float64, digits int) float64 {
	s := u.on(v, digits)
	return u.rounded(v/s.size, digits) * s.size
}

// rounded keeps the whole part of what is counted.
func (u unit) rounded(v float64, digits int) float64 {
	if u.plain && math.Abs(v) >= math.Pow10(digits-1) {
		if whole := math.Floor(math.Abs(v)); whole < 1e15 {
			digits = max(digits, len(strconv.FormatFloat(whole, 'f', 0, 64)))
		}
	}
	return round(v, digits)
}

// apart returns with how many digits, at the least those given, two values
// that differ look different.
func (u unit) apart(digits int, a, b kizashi.Num) int {
	if !a.Ok() || !b.Ok() || a == b {
		return digits
	}
	for digits < mostDigits && u.shown(float64(a), digits) == u.shown(float64(b), digits) {
		digits++
	}
	return digits
}

// split returns the digits of v and the name of the scale they are on.
func (u unit) split(v float64, digits int) (number, name string) {
	s := u.on(v, digits)
	return plainNumber(u.rounded(v/s.size, digits)), s.name
}

// format writes v with its unit.
func (u unit) format(v float64, digits int) string {
	n, name := u.split(v, digits)
	return n + suffix(name)
}

func suffix(name string) string {
	if name == "" || name == "%" || strings.HasPrefix(name, "/") {
		return name
	}
	return " " + name
}

// plainNumber writes v without an exponent where a person could still read
// it, with thousands separated and without idle zeros.
func plainNumber(v float64) string {
	if a := math.Abs(v); a != 0 && (a >= 1e15 || a < 1e-6) {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	s := strconv.FormatFloat(v, 'f', -1, 64)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	whole, frac, dot := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dot {
		whole += "." + frac
	}
	return sign + whole
}

// Value writes a number of a series for people: three significant digits,
// counted things whole, seconds below one as ms, bytes as MiB or GiB. "-" is
// written where there is no number.
func Value(v kizashi.Num, unit string) string {
	if !v.Ok() {
		return "-"
	}
	return unitOf(unit).format(float64(v), usualDigits)
}

// Count writes a whole number with thousands separated.
func Count(n int) string { return plainNumber(float64(n)) }

// Scale returns the scale on which values up to most are best drawn: how many
// of the series' unit one of it is, and its name in ASCII ("" = plain number).
func Scale(unit string, most float64) (size float64, name string) {
	s := unitOf(unit).on(most, usualDigits)
	return s.size, ascii(strings.ReplaceAll(s.name, "µ", "u"))
}

// share writes n of of as a percentage; never 100% while something is
// missing, never 0% while there is something.
func share(n, of int) string {
	p := math.Floor(1000*float64(n)/float64(of)) / 10
	if n > 0 && p == 0 {
		return "<0.1%"
	}
	return strconv.FormatFloat(p, 'f', 1, 64) + "%"
}
