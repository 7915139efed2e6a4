package calibration

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

const month = 28 * 24 * time.Hour

// All votes together keep the stated rate within a factor of two in each
// continuous family but the one with the heaviest tails, which runs hot (t3,
// docs/decisions/0010), and stay below it on counts. Few series here; with
// KIZASHI_SOAK set 32 of each, and one in 7 days beside one in 28.
func TestRate(t *testing.T) {
	series, rates := 6, []time.Duration{month}
	if os.Getenv("KIZASHI_SOAK") != "" {
		series, rates = 32, Rates()
	}
	for _, r := range rates {
		for _, family := range Continuous() {
			c, err := Standard(family, series, r).Clean()
			if err != nil {
				t.Fatal(err)
			}
			logRate(t, family, c)
			most := 2.
			if family == "t3" {
				most = 3
			}
			if c.Ratio() < .3 || c.Ratio() > most {
				t.Errorf("%s: %d episodes against %.0f stated: ratio %.2f, want .3 to %.0f", family, c.Episodes, c.Expected, c.Ratio(), most)
			}
		}
		for _, family := range Counting() {
			set := Standard(family, series, r)
			c, err := set.Counts(20, 4*series)
			if err != nil {
				t.Fatal(err)
			}
			logRate(t, family, c)
			if c.Ratio() > 2 || c.Attainable > 2*c.Expected {
				t.Errorf("%s: %d episodes, %.1f attainable against %.0f stated", family, c.Episodes, c.Attainable, c.Expected)
			}
		}
	}
}

func logRate(t *testing.T, family string, c Rate) {
	t.Logf("%s: %d series, %d episodes, %.0f stated, ratio %.2f; %.1f by the limits in force, ratio %.2f; within 2 times %d, by series %.2f to %.2f, median %.2f; first two weeks %.1f; %v",
		family, c.Series, c.Episodes, c.Expected, c.Ratio(), c.Attainable, c.OfAttainable(), c.Within2, c.Spread(0), c.Spread(1), c.Spread(.5), c.OfYoung(), c.By)
}

// The same settings find shifts. What is found is held to its floor over three
// families together: long tails (laplace) lose most, for their limits are the
// widest. Where samples hang together (ar) a shift is small against what is
// usual; it stands apart.
func TestShifts(t *testing.T) {
	series := 6
	if os.Getenv("KIZASHI_SOAK") != "" {
		series = 32
	}
	var four, six Found
	for _, family := range []string{"gauss", "seasonal", "ar", "laplace"} {
		set := Standard(family, series, month)
		f4, err := set.Shifts(Shift{4, 15 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		f6, err := set.Shifts(Shift{6, 15 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: 4 sigma found %.3f, a week later %.3f of %d, after %s; 6 sigma %.3f, %.3f, %s", family, f4.FirstShare(), f4.AgainShare(), f4.Of, f4.Delay, f6.FirstShare(), f6.AgainShare(), f6.Delay)
		floor(t, family+", 6 sigma", f6, .97)
		if family != "ar" {
			four, six = four.and(f4), six.and(f6)
		}
	}
	floor(t, "all but ar, 4 sigma", four, .85)
	floor(t, "all but ar, 6 sigma", six, .98)
}

func (f Found) and(g Found) Found {
	return Found{First: f.First + g.First, Again: f.Again + g.Again, Of: f.Of + g.Of}
}

func floor(t *testing.T, name string, f Found, want float64) {
	t.Helper()
	if f.FirstShare() < want || f.AgainShare() < want {
		t.Errorf("%s: found %.3f, a week later %.3f, want %.2f", name, f.FirstShare(), f.AgainShare(), want)
	}
}

// The yardstick itself: places of shifts lie in scored weeks, pairs a week
// apart, and none runs into another.
func TestPlaces(t *testing.T) {
	s, sh := Standard("gauss", 1, month), Shift{4, 15 * time.Minute}
	for i := range 50 {
		at := s.places(i, sh)
		if len(at) != 12 {
			t.Fatalf("%d places", len(at))
		}
		for k := 0; k < len(at); k += 2 {
			if at[k] < s.Learn*s.week() || at[k+1]+15 > (s.Learn+s.Score)*s.week() {
				t.Errorf("series %d: places %d and %d are outside the scored weeks", i, at[k], at[k+1])
			}
			if at[k+1]-at[k] != s.week() {
				t.Errorf("series %d: the second place is %d samples after the first", i, at[k+1]-at[k])
			}
			if k > 0 && at[k] < at[k-1]+15 {
				t.Errorf("series %d: place %d runs into %d", i, at[k-1], at[k])
			}
		}
	}
}

// An obvious incident counts as one episode, and as found at its first sample
// or soon after.
func TestAnObviousShift(t *testing.T) {
	s := Standard("gauss", 1, month)
	s.Score = 1
	vs, err := s.values(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	before, err := s.openings(vs)
	if err != nil {
		t.Fatal(err)
	}
	at := s.Learn*s.week() + 1000
	for k := range 15 {
		vs[at+k] += 1000
	}
	after, err := s.openings(vs)
	if err != nil {
		t.Fatal(err)
	}
	if after.n <= before.n {
		t.Errorf("%d openings with the incident, %d without", after.n, before.n)
	}
	got, err := s.found(vs, []int{at, at + 2000}, 15)
	if err != nil {
		t.Fatal(err)
	}
	if got[0] != 1 || got[1] != -1 {
		t.Errorf("found after %v samples, want the first one, and nothing where nothing is", got)
	}
}

func TestShares(t *testing.T) {
	f := Found{First: 3, Again: 1, Of: 4}
	if f.FirstShare() != .75 || f.AgainShare() != .25 {
		t.Errorf("%v %v", f.FirstShare(), f.AgainShare())
	}
	if r := (Rate{Episodes: 9, Expected: 36}); r.Ratio() != .25 {
		t.Errorf("ratio %v", r.Ratio())
	}
}

// A family that is none is an error, not a row of noughts.
func TestUnknownFamily(t *testing.T) {
	s := Standard("nonsense", 2, month)
	if c, err := s.Clean(); err == nil {
		t.Errorf("%+v", c)
	}
	if c, err := s.Counts(1, 4); err == nil {
		t.Errorf("%+v", c)
	}
	if start != kizashi.TimeOf(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)) {
		t.Error("the weeks begin on another day: generated series differ")
	}
}

// The rate at a limit is what the limit was made of: of a tail that states one
// episode in 28 days it is one in 28 days, and less where the least distance
// of a limit counts. Of whole numbers it is that of the next one.
func TestAttainable(t *testing.T) {
	// An exponential tail that is known without doubt.
	tail := kizashi.Tail{U: 2, Lambda: 1, N: 1e9, Mean: .5, Diff: 1 / 2.05, N0: 60, W: .25}
	tail.Theta = 2 + .5*math.Log(28/.25)
	far := tail
	far.Theta = 6
	r := kizashi.Record{Ready: true, R: kizashi.Duration(28 * 24 * time.Hour), Transform: kizashi.Identity, BandUp: tail, SpikeUp: far}
	for i := range r.Slots {
		r.Slots[i] = kizashi.Slot{Center: 10, Scale: 1}
	}
	got := attainable(&r, false)
	want := .25/28 + math.Exp(-8)
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("%.6f a day, want %.6f", got, want)
	}
	// The limit is 14.36: 15 crosses, and 14.5 is half way.
	got = attainable(&r, true)
	want = math.Exp(-(4.5-2)/.5) + math.Exp(-8)
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("counts: %.6f a day, want %.6f", got, want)
	}
	r.BandUp, r.BandDown = kizashi.Tail{}, tail
	r.Slots = [4]kizashi.Slot{{Center: 1, Scale: 1}, {Center: 1, Scale: 1}, {Center: 1, Scale: 1}, {Center: 1, Scale: 1}}
	if got := attainable(&r, true); math.Abs(got-math.Exp(-8)) > 1e-9 {
		t.Errorf("%.6f a day below nought, want none", got-math.Exp(-8))
	}
	for _, xi := range []float64{-.2, 0, .3} {
		if x := kizashi.Beyond(xi, 7); math.Abs(reached(xi, x)-7) > 1e-9 {
			t.Errorf("shape %v: %v sigmas are reached once in e^%v, want 7", xi, x, reached(xi, x))
		}
	}
	if r.Ready = false; attainable(&r, true) != 0 {
		t.Error("a record that is not ready lets something expect")
	}
}

// Labelled windows count in neither number.
func TestFiles(t *testing.T) {
	if _, err := Files(filepath.Join(t.TempDir(), "none"), month); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("without files: %v", err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o755), os.WriteFile(p, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	s := Standard("gauss", 1, month)
	s.Learn, s.Score, s.Period = 2, 2, 5*time.Minute
	vs, err := s.values(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k := range 12 { // found by any setting, once in a window and once beside
		vs[5000+k], vs[7000+k] = 50, 50
	}
	var b strings.Builder
	b.WriteString("timestamp,value\n")
	for i, v := range vs {
		fmt.Fprintf(&b, "%s,%g\n", s.time(i).UTC().Format(time.DateTime), v)
	}
	write("data/a/x.csv", b.String())
	from, to := s.time(4990).UTC(), s.time(5030).UTC()
	write("labels/combined_windows.json", fmt.Sprintf(`{"a/x.csv": [[%q, %q]]}`, from.Format(time.DateTime), to.Format(time.DateTime)))
	r, err := Files(dir, month)
	if err != nil {
		t.Fatal(err)
	}
	weeks := r.Expected * 4
	if young := r.YoungExpected * 28; young < 11.9 || young > 12.1 {
		t.Errorf("%.2f days are young, want 12 of the first 14", young)
	}
	if r.Series != 1 || r.Episodes < 1 || r.Episodes > 3 || weeks < 3.6 || weeks > 3.75 {
		t.Errorf("%+v: want the one outside its window in about 26 days", r)
	}
	write("labels/combined_windows.json", `{"a/y.csv": []}`)
	if _, err := Files(dir, month); err == nil || !strings.Contains(err.Error(), "do not name it") {
		t.Errorf("a file without labels: %v", err)
	}
	write("labels/combined_windows.json", `{"a/x.csv": [["yesterday", "today"]]}`)
	if _, err := Files(dir, month); err == nil || !strings.Contains(err.Error(), "window 1") {
		t.Errorf("a bad label: %v", err)
	}
}
