package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// mostScale is the largest factor of an expectation: beyond it nothing would
// ever be out of the band, which is what a mute is for.
const mostScale = 1000

// Scale reads by what factors an expectation lets values differ from the
// usual: "1..3" (up to three times), "x3" (the same), "-50%" (down to half),
// "+200%" (up to three times). low is at most 1, high at least 1.
func Scale(s string) (low, high float64, err error) {
	bad := func(why string) (float64, float64, error) {
		return 0, 0, fmt.Errorf("scale %q: %s; want LOW..HIGH such as 1..3, or x3, -50%%, +200%%", s, why)
	}
	t := strings.ReplaceAll(strings.TrimSpace(s), " ", "")
	low, high = 1, 1
	number := func(t string, into *float64) bool {
		v, err := strconv.ParseFloat(t, 64)
		*into = v
		return err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
	}
	ok := true
	if a, b, both := strings.Cut(t, ".."); both {
		ok = number(a, &low) && number(b, &high)
	} else if f, times := strings.CutPrefix(t, "x"); times {
		ok = number(f, &high)
		if ok && high < 1 {
			low, high = high, 1
		}
	} else if p, share := strings.CutSuffix(t, "%"); share {
		var v float64
		ok = number(p, &v) && (p[0] == '+' || p[0] == '-')
		if v < 0 {
			low = 1 + v/100
		} else {
			high = 1 + v/100
		}
	} else {
		ok = false
	}
	switch {
	case !ok:
		return bad("it is not understood")
	case low < 0 || low > 1:
		return bad("the low factor lies between 0 and 1")
	case high < 1 || high > mostScale:
		return bad(fmt.Sprintf("the high factor lies between 1 and %d", mostScale))
	case low == 1 && high == 1:
		return bad("nothing would be scaled")
	}
	return low, high, nil
}
