package config

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// Scale reads by what factors an expectation lets values differ from the
// usual: what [kizashi.ParseFactors] reads, such as "1..3" (up to three times)
// and "0.5" (half), and the shorthands "x3" (1..3), "-50%" (0.5..1) and
// "+200%" (1..3).
func Scale(s string) (low, high float64, err error) {
	t, factor := strings.ReplaceAll(s, " ", ""), 1.0
	if f, ok := strings.CutPrefix(t, "x"); ok {
		factor, err = strconv.ParseFloat(f, 64)
	} else if p, ok := strings.CutSuffix(t, "%"); ok && strings.ContainsAny(p[:min(1, len(p))], "+-") {
		factor, err = strconv.ParseFloat(p, 64)
		factor = 1 + factor/100
	} else if low, high, err = kizashi.ParseFactors(t); err == nil && (low != 1 || high != 1) {
		return low, high, nil
	}
	if err != nil || factor == 1 || !(factor >= 0 && factor <= kizashi.MostScaled) {
		return 0, 0, fmt.Errorf("scale %q: want factors of what is usual such as 1..3 (up to three times) or 0.5 (half), or x3, -50%%, +200%%; 0 to %d, and not 1 alone", s, kizashi.MostScaled)
	}
	return min(factor, 1), max(factor, 1), nil
}
