package program

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
)

// difference says what is otherwise than in the files that were compared with.
type difference struct {
	By      string   `json:"by"`      // what counts are held against: lines, hours, or hours of the same weekdays
	New     []change `json:"new"`     // not there before
	Gone    []change `json:"gone"`    // no more there
	Changed []change `json:"changed"` // more or fewer, beyond chance
	Same    int      `json:"same"`
}

// change of one pattern.
type change struct {
	found
	Before   int     `json:"before"`   // lines of the other side
	Expected float64 `json:"expected"` // on this side, by the other
	P        float64 `json:"p"`        // of a difference at least so large, were there none; times the patterns compared
}

// A change is told where chance is below limitP, for all patterns together, and
// the count is at least limitRatio times what was expected, or one part in so many.
const (
	limitP     = 0.01
	limitRatio = 1.5
)

// exposure is by what the counts of two sides are held against each other.
type exposure struct {
	by    string
	ratio float64         // of this side's lines, or hours, to the other's
	hours *[7 * 24]ratios // by hour of the week; nil = ratio
}

type ratios struct{ here, there float64 } // hours

// weeks from which on the other side is long enough to compare the same weekdays
// and hours: each of them is there at least once.
const wholeWeek = 8 * 24 * time.Hour

// exposure chooses: the same hours of the week where the other side is long
// enough; hours where both have times; else lines.
func (s *survey) exposure() exposure {
	there, here := &s.sides[0], &s.sides[1]
	lines := exposure{by: "lines", ratio: float64(here.Lines) / math.Max(1, float64(there.Lines))}
	if there.First == kizashi.Never || here.First == kizashi.Never {
		return lines
	}
	a, b := here.Last.Sub(here.First)+time.Second, there.Last.Sub(there.First)+time.Second
	if b < wholeWeek {
		if a < time.Minute || b < time.Minute {
			return lines
		}
		return exposure{by: "hours", ratio: float64(a) / float64(b)}
	}
	x := exposure{by: "hours of the same weekdays", hours: &[7 * 24]ratios{}}
	s.cover(here, func(h int, part float64) { x.hours[h].here += part })
	s.cover(there, func(h int, part float64) { x.hours[h].there += part })
	return x
}

// cover calls f with each hour of the week that a side reaches over, and which
// part of an hour it is.
func (s *survey) cover(d *side, f func(h int, part float64)) {
	end := d.Last + 1000
	for at := d.First; at < end; {
		next := min(end, at.Floor(time.Hour).Add(time.Hour))
		f(s.hourOfWeek(at), next.Sub(at).Hours())
		at = next
	}
}

// expected returns how many lines of a pattern this side should have by the
// other, and the variance of that estimate.
func (x *exposure) expected(t *patternTally) (n, variance float64) {
	if x.hours == nil {
		b := float64(t.n[0])
		return b * x.ratio, b * x.ratio * x.ratio
	}
	for h, c := range t.hours {
		if r := x.hours[h]; r.there > 0 {
			k := r.here / r.there
			n += float64(c) * k
			variance += float64(c) * k * k
		}
	}
	return n, variance
}

// difference compares the sides. Lines are taken as independent of each other: where
// they come in bursts chance is larger than it says.
func (s *survey) difference() *difference {
	x := s.exposure()
	d := &difference{By: x.by}
	all := s.found(true)
	for _, f := range all {
		c := change{found: f, Before: f.of.n[0]}
		var variance float64
		c.Expected, variance = x.expected(f.of)
		c.P = math.Min(1, chance(float64(f.Lines), c.Expected, variance)*float64(len(all)))
		ratio := (float64(f.Lines) + 0.5) / (c.Expected + 0.5)
		switch {
		case c.Before == 0:
			d.New = append(d.New, c)
		case f.Lines == 0:
			d.Gone = append(d.Gone, c)
		case c.P < limitP && (ratio > limitRatio || ratio < 1/limitRatio):
			d.Changed = append(d.Changed, c)
		default:
			d.Same++
		}
	}
	for _, l := range [][]change{d.New, d.Gone, d.Changed} {
		slices.SortStableFunc(l, func(a, b change) int { return cmp.Or(cmp.Compare(a.P, b.P), b.Lines+b.Before-a.Lines-a.Before) })
	}
	return d
}

// chance is the two-sided probability of a count at least so far from what was
// expected, by the square roots of both, whose spread does not depend on them.
func chance(n, expected, variance float64) float64 {
	spread := 1.0
	if expected > 0 {
		spread += variance / expected
	}
	z := 2 * (math.Sqrt(n+0.375) - math.Sqrt(expected+0.375)) / math.Sqrt(spread)
	return math.Erfc(math.Abs(z) / math.Sqrt2)
}

func (s *survey) tellDifference(w io.Writer, d *difference, top int, st explain.Style) {
	fmt.Fprintf(w, pick(st, "compared by %s\n", "比較の基準: %s\n"), map[bool]string{true: d.By, false: map[string]string{"lines": "行数", "hours": "時間", "hours of the same weekdays": "同じ曜日・時間帯"}[d.By]}[st.Lang != "ja"])
	for _, part := range []struct {
		title   string
		changes []change
	}{{pick(st, "new", "新規"), d.New}, {pick(st, "gone", "消滅"), d.Gone}, {pick(st, "changed", "増減"), d.Changed}} {
		fmt.Fprintf(w, "\n%s: %d\n", part.title, len(part.changes))
		for i, c := range part.changes {
			if top > 0 && i == top {
				fmt.Fprintf(w, "  ... %d\n", len(part.changes)-i)
				break
			}
			fmt.Fprintf(w, "  %s %-5s "+pick(st, "%d lines, %.1f expected of %d before, p %s", "%d 行 (期待値 %.1f、比較元 %d 行、p %s)")+"\n      %s\n", c.Name, c.Level, c.Lines, c.Expected, c.Before, probability(c.P), shown(c.Template, 200))
		}
	}
	fmt.Fprint(w, pick(st, "\n"+many(d.Same, "pattern")+" as before\n", fmt.Sprintf("\n変化なし: %d パターン\n", d.Same)))
}

func probability(p float64) string {
	if p < 1e-9 {
		return "<1e-9"
	}
	return fmt.Sprintf("%.2g", p)
}
