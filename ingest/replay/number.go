package replay

import (
	"math"
	"strconv"
)

var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// parseValue reads a decimal number. Up to 15 digits it needs no more than one
// division of two exact numbers, which IEEE 754 rounds correctly; the rest is
// left to strconv.
func parseValue(b []byte) (float64, Fault) {
	var m uint64
	i, digits, frac := 0, 0, 0
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		i = 1
	}
	point := -1
	for ; i < len(b); i++ {
		c := b[i]
		if isDigit(c) {
			m = m*10 + uint64(c-'0')
			digits++
			continue
		}
		if c != '.' || point >= 0 {
			return parseSlow(b)
		}
		point = i
	}
	if point >= 0 {
		frac = len(b) - point - 1
	}
	if digits == 0 || digits > 19 || m >= 1<<53 || frac >= len(pow10) {
		return parseSlow(b)
	}
	v := float64(m)
	if frac > 0 {
		v /= pow10[frac]
	}
	if neg {
		v = -v
	}
	return v, ""
}

func parseSlow(b []byte) (float64, Fault) {
	if len(b) == 0 {
		return 0, NoValue
	}
	for _, c := range b {
		if !isDigit(c) && c != '+' && c != '-' && c != '.' && c != 'e' && c != 'E' {
			return 0, notNumber(b)
		}
	}
	v, err := strconv.ParseFloat(string(b), 64)
	switch {
	case math.IsInf(v, 0):
		return 0, NotFinite
	case err != nil:
		return 0, BadNumber
	}
	return v, ""
}

// notNumber tells NaN and infinities, which a program wrote, from a slip.
func notNumber(b []byte) Fault {
	if len(b) > 9 {
		return BadNumber
	}
	if v, err := strconv.ParseFloat(string(b), 64); err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
		return NotFinite
	}
	return BadNumber
}

func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}
