// Package nab scores anomaly scores by the rules of the Numenta Anomaly
// Benchmark (Lavin and Ahmad, "Evaluating real-time anomaly detection
// algorithms", 2015): an early alert inside a labelled window is worth most,
// every alert outside one costs, and one threshold serves the whole corpus.
//
// The rules leave no part of the data out: the threshold is the best one on
// the very rows that are scored. A score is therefore no promise for other
// data.
package nab

import (
	"math"
	"sort"
)

// Profile is a weighing of alerts against misses.
type Profile string

// The three profiles.
const (
	Standard Profile = "standard"
	LowFP    Profile = "reward_low_FP_rate"
	LowFN    Profile = "reward_low_FN_rate"
)

// Profiles lists them in the order in which scores are quoted.
func Profiles() []Profile { return []Profile{Standard, LowFP, LowFN} }

// weights of a profile: what the best alert in a window earns, what a window
// without one costs, and what an alert outside every window costs at most.
type weights struct{ tp, fn, fp float64 }

var weightsOf = map[Profile]weights{Standard: {1, 1, 0.11}, LowFP: {1, 1, 0.22}, LowFN: {1, 2, 0.11}}

// Window is a labelled stretch of rows; both ends belong to it.
type Window struct{ First, Last int }

// File is one scored file: a score for each row, in the order of the rows, and
// its windows, which are in that order and do not overlap.
type File struct {
	Name    string
	Scores  []float64
	Windows []Window
}

// Result of a profile.
type Result struct {
	Threshold  float64 // a row with this score or more is an alert; +Inf = no alert is best
	Raw        float64 // sum of what alerts are worth
	Normalised float64 // 0 = no alert at all, 100 = every window at its first row; NaN without windows
	TP, FN     int     // windows found and missed, of those that can be found
	FP         int     // alert rows outside windows
}

// Probation is how many rows at the beginning of a file of n rows are not
// scored: 15 %, at most 750.
func Probation(n int) int { return min(n*15/100, 750) }

// sigmoid is 2/(1+e^5y) - 1, and -1 beyond 3.
func sigmoid(y float64) float64 {
	if y > 3 {
		return -1
	}
	return 2/(1+math.Exp(5*y)) - 1
}

// point is a row that can be an alert.
type point struct {
	score  float64
	value  float64 // of an alert here
	window int     // over all files; -1 = outside
}

// points lays out the rows after probation, and counts the windows: all of
// them, and those that have a row after probation.
func points(files []File, w weights) (ps []point, all, open int) {
	for i := range files {
		f := &files[i]
		all += len(f.Windows)
		start := Probation(len(f.Scores))
		k := 0 // the first window that does not lie before the row
		for row := start; row < len(f.Scores); row++ {
			for k < len(f.Windows) && f.Windows[k].Last < row {
				k++
			}
			p := point{score: f.Scores[row], window: -1}
			if k < len(f.Windows) && row >= f.Windows[k].First {
				if row == start || row == f.Windows[k].First {
					open++
				}
				p.window, p.value = open-1, w.tp*inside(f.Windows[k], row)
			} else {
				p.value = w.fp * outside(f.Windows[:k], row)
			}
			ps = append(ps, p)
		}
	}
	return ps, all, open
}

// inside a window the first row is worth 1, the last one almost nothing.
func inside(w Window, row int) float64 {
	y := -float64(w.Last-row+1) / float64(w.Last-w.First+1)
	return sigmoid(y) / sigmoid(-1)
}

// outside costs little just after a window and 1 far after it, or before any.
func outside(before []Window, row int) float64 {
	if len(before) == 0 {
		return -1
	}
	w := before[len(before)-1]
	return sigmoid(float64(row-w.Last) / float64(w.Last-w.First))
}

// tally grows as the threshold falls.
type tally struct {
	raw    float64
	best   []float64 // of each window
	tp, fp int
	w      weights
}

func newTally(open int, w weights) *tally {
	t := &tally{best: make([]float64, open), w: w}
	for i := range t.best {
		t.best[i] = math.Inf(-1)
		t.raw -= w.fn
	}
	return t
}

func (t *tally) add(p point) {
	if p.window < 0 {
		t.raw += p.value
		t.fp++
		return
	}
	b := &t.best[p.window]
	if math.IsInf(*b, -1) {
		t.tp++
	}
	if p.value > *b {
		t.raw += max(-t.w.fn, p.value) - max(-t.w.fn, *b)
		*b = p.value
	}
}

func (t *tally) result(threshold float64, all int) Result {
	null, perfect := -t.w.fn*float64(all), t.w.tp*float64(all)
	r := Result{Threshold: threshold, Raw: t.raw, Normalised: math.NaN(), TP: t.tp, FN: len(t.best) - t.tp, FP: t.fp}
	if all > 0 {
		r.Normalised = 100 * (t.raw - null) / (perfect - null)
	}
	return r
}

// Score finds the best threshold of each profile over all the files, and what
// it is worth. Of thresholds that are worth the same the highest is taken.
func Score(files []File) map[Profile]Result {
	out := map[Profile]Result{}
	for p, w := range weightsOf {
		ps, all, open := points(files, w)
		sort.SliceStable(ps, func(i, j int) bool { return ps[i].score > ps[j].score })
		t := newTally(open, w)
		best := t.result(math.Inf(1), all)
		for i := range ps {
			t.add(ps[i])
			if last := i+1 == len(ps) || ps[i+1].score != ps[i].score; last && t.raw > best.Raw {
				best = t.result(ps[i].score, all)
			}
		}
		out[p] = best
	}
	return out
}

// At is what a threshold is worth on the files: one file or a directory under
// the threshold of the corpus.
func At(files []File, p Profile, threshold float64) Result {
	w := weightsOf[p]
	ps, all, open := points(files, w)
	t := newTally(open, w)
	for i := range ps {
		if ps[i].score >= threshold {
			t.add(ps[i])
		}
	}
	return t.result(threshold, all)
}
