package nab

import (
	"math"
	"testing"
)

// near to six decimals: as far as the numbers by hand go.
func near(a, b float64) bool {
	return a == b || math.Abs(a-b) < 1e-6 || math.IsNaN(a) && math.IsNaN(b)
}

// row gives n rows, 0 but for those named.
func rows(n int, at map[int]float64) []float64 {
	s := make([]float64, n)
	for i, v := range at {
		s[i] = v
	}
	return s
}

// What an alert is worth, by hand: s(y) = 2/(1+e^5y) - 1.
const (
	sOne = 0.98661430 // -s(1): 2/(1+e^-5) - 1 = 2/1.00673795 - 1
	// rows 8 to 12: width 5
	row9  = 0.96402758 / sOne // y = -4/5: 2/(1+e^-4) - 1 = 2/1.01831564 - 1
	row10 = 0.90514825 / sOne // y = -3/5: 2/(1+e^-3) - 1 = 2/1.04978707 - 1
	row13 = -0.55459972       // y = 1/4: 2/(1+e^1.25) - 1 = 2/4.49034296 - 1
	row14 = -0.84828364       // y = 2/4: 2/(1+e^2.5) - 1 = 2/13.18249396 - 1
	row15 = -0.95404526       // y = 3/4: 2/(1+e^3.75) - 1 = 2/43.52108200 - 1
	row16 = -sOne
	row17 = -0.99614653 // y = 5/4: 2/(1+e^6.25) - 1 = 2/519.01282 - 1
	row18 = -0.99889444 // y = 6/4: 2/(1+e^7.5) - 1 = 2/1809.0424 - 1
	row19 = -0.99968313 // y = 7/4: 2/(1+e^8.75) - 1 = 2/6311.6881 - 1
)

// after is what rows 14 to 19 cost together.
const after = row14 + row15 + row16 + row17 + row18 + row19

var window = []Window{{8, 12}}

// The cases are a file of 20 rows. Rows 0 to 2 are in probation.
func TestByHand(t *testing.T) {
	none := math.Inf(1)
	for _, c := range []struct {
		name    string
		scores  map[int]float64
		windows []Window
		want    map[Profile]Result
	}{
		{"an alert in the middle of the window; what lies lower costs more than it brings",
			map[int]float64{1: 1, 5: .5, 10: .9, 15: .5, 9: .3}, window, map[Profile]Result{
				Standard: {.9, row10, 50 * (row10 + 1), 1, 0, 0},
				LowFP:    {.9, row10, 50 * (row10 + 1), 1, 0, 0},
				LowFN:    {.9, row10, 100 * (row10 + 2) / 3, 1, 0, 0},
			}},
		{"only with two false alerts is the window found",
			map[int]float64{5: .5, 15: .5, 9: .3}, window, map[Profile]Result{
				Standard: {.3, row9 - .11 + .11*row15, 50 * (row9 - .11 + .11*row15 + 1), 1, 0, 2},
				LowFP:    {.3, row9 - .22 + .22*row15, 50 * (row9 - .22 + .22*row15 + 1), 1, 0, 2},
				LowFN:    {.3, row9 - .11 + .11*row15, 100 * (row9 - .11 + .11*row15 + 2) / 3, 1, 0, 2},
			}},
		{"eleven false alerts for a find at once: too dear where they cost double",
			map[int]float64{3: .5, 4: .5, 5: .5, 6: .5, 7: .5, 8: .5, 14: .5, 15: .5, 16: .5, 17: .5, 18: .5, 19: .5}, window, map[Profile]Result{
				Standard: {.5, 1 - .55 + .11*after, 50 * (1 - .55 + .11*after + 1), 1, 0, 11},
				LowFP:    {none, -1, 0, 0, 1, 0},
				LowFN:    {.5, 1 - .55 + .11*after, 100 * (1 - .55 + .11*after + 2) / 3, 1, 0, 11},
			}},
		{"just after the window a false alert costs about half",
			map[int]float64{13: .9, 10: .9}, window, map[Profile]Result{
				Standard: {.9, row10 + .11*row13, 50 * (row10 + .11*row13 + 1), 1, 0, 1},
				LowFP:    {.9, row10 + .22*row13, 50 * (row10 + .22*row13 + 1), 1, 0, 1},
				LowFN:    {.9, row10 + .11*row13, 100 * (row10 + .11*row13 + 2) / 3, 1, 0, 1},
			}},
		{"the first row is worth all; a later alert in the window is free, and the higher of two thresholds worth the same is taken",
			map[int]float64{8: .9, 11: .5}, window, map[Profile]Result{
				Standard: {.9, 1, 100, 1, 0, 0}, LowFP: {.9, 1, 100, 1, 0, 0}, LowFN: {.9, 1, 100, 1, 0, 0},
			}},
		{"a window partly in probation: its row 3 is worth what it is in the whole window",
			map[int]float64{2: .9, 3: .5}, []Window{{1, 5}}, map[Profile]Result{
				Standard: {.5, row10, 50 * (row10 + 1), 1, 0, 0},
				LowFP:    {.5, row10, 50 * (row10 + 1), 1, 0, 0},
				LowFN:    {.5, row10, 100 * (row10 + 2) / 3, 1, 0, 0},
			}},
		{"a window wholly in probation cannot be missed and still counts in the scale",
			map[int]float64{1: .9}, []Window{{0, 2}}, map[Profile]Result{
				Standard: {none, 0, 50, 0, 0, 0}, LowFP: {none, 0, 50, 0, 0, 0}, LowFN: {none, 0, 100 * 2. / 3, 0, 0, 0},
			}},
		{"no windows: no alert is best, and there is no scale",
			map[int]float64{10: .9}, nil, map[Profile]Result{
				Standard: {none, 0, math.NaN(), 0, 0, 0}, LowFP: {none, 0, math.NaN(), 0, 0, 0}, LowFN: {none, 0, math.NaN(), 0, 0, 0},
			}},
	} {
		got := Score([]File{{c.name, rows(20, c.scores), c.windows}})
		for _, p := range Profiles() {
			same(t, c.name+", "+string(p), got[p], c.want[p])
		}
	}
}

func same(t *testing.T, name string, got, want Result) {
	t.Helper()
	if got.Threshold != want.Threshold || !near(got.Raw, want.Raw) || !near(got.Normalised, want.Normalised) ||
		got.TP != want.TP || got.FN != want.FN || got.FP != want.FP {
		t.Errorf("%s:\n got %+v\nwant %+v", name, got, want)
	}
}

// Rows of one score become alerts together, in whatever file they lie.
func TestTies(t *testing.T) {
	files := []File{
		{"a", rows(20, map[int]float64{8: .5}), window},
		{"b", rows(20, map[int]float64{6: .5, 7: .5}), nil},
		{"c", rows(20, map[int]float64{8: .5}), window},
	}
	same(t, "all four", Score(files)[Standard], Result{.5, 2 - .22, 100 * (2 - .22 + 2) / 4, 2, 0, 2})
	// The order of files changes nothing.
	files[0], files[1] = files[1], files[0]
	same(t, "in another order", Score(files)[Standard], Result{.5, 2 - .22, 100 * (2 - .22 + 2) / 4, 2, 0, 2})
	// No threshold alerts on some of the rows with one score.
	if got := At(files, Standard, math.Nextafter(.5, 1)); got.TP != 0 || got.FN != 2 || got.FP != 0 || got.Raw != -2 {
		t.Errorf("above every score: %+v", got)
	}
}

// Of 40 rows 6 are in probation, and of the window one row lies after it. Alerts
// before that neither find it nor cost, and to alert everywhere is too dear.
func TestProbationHidesAlerts(t *testing.T) {
	got := Score([]File{{"hidden", rows(40, map[int]float64{0: .9, 5: .9}), []Window{{1, 6}}}})
	none := math.Inf(1)
	for p, want := range map[Profile]Result{Standard: {none, -1, 0, 0, 1, 0}, LowFP: {none, -1, 0, 0, 1, 0}, LowFN: {none, -2, 0, 0, 1, 0}} {
		same(t, string(p), got[p], want)
	}
}

// The most recent window sets the price, not the first one.
func TestPriceOfSecondWindow(t *testing.T) {
	f := File{"two", rows(40, map[int]float64{8: .9, 20: .9, 25: .9}), []Window{{8, 12}, {20, 24}}}
	// Row 25 is the first one after the second window: y = 1/4.
	same(t, "two", At([]File{f}, Standard, .9), Result{.9, 2 + .11*row13, 100 * (2 + .11*row13 + 2) / 4, 2, 0, 1})
}

// A window of one row has no width to fall off with: what follows costs all.
func TestWindowOfOneRow(t *testing.T) {
	f := File{"one", rows(20, map[int]float64{8: .9, 9: .9}), []Window{{8, 8}}}
	same(t, "one", At([]File{f}, Standard, .9), Result{.9, 1 - .11, 50 * (1 - .11 + 1), 1, 0, 1})
}

func TestAtIsThatPartOfTheSum(t *testing.T) {
	files := []File{
		{"a", rows(20, map[int]float64{8: .9, 15: .4, 3: .4}), window},
		{"b", rows(20, map[int]float64{10: .4}), window},
	}
	all := Score(files)
	for _, p := range Profiles() {
		sum, fp := 0.0, 0
		for _, f := range files {
			r := At([]File{f}, p, all[p].Threshold)
			sum, fp = sum+r.Raw, fp+r.FP
		}
		if !near(sum, all[p].Raw) || fp != all[p].FP {
			t.Errorf("%s: the files add up to %v and %d false alerts, the whole is %+v", p, sum, fp, all[p])
		}
	}
}

func TestProbation(t *testing.T) {
	for n, want := range map[int]int{0: 0, 6: 0, 7: 1, 20: 3, 4032: 604, 5000: 750, 5001: 750, 22695: 750} {
		if got := Probation(n); got != want {
			t.Errorf("of %d rows %d are in probation, want %d", n, got, want)
		}
	}
}
