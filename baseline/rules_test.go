package baseline

import (
	"math"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Rules of docs/method.md, section 6, held against numbers worked out by hand.

const weeksOfR = 28 * 24 * time.Hour

// near says whether two numbers are the same but for rounding.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*max(math.Abs(b), 1) }

func TestThetaByHand(t *testing.T) {
	old := kizashi.Tail{U: 2, Lambda: 1, N: 60, Mean: .5, Diff: 1 / 2.05, Xi0: 0, N0: 60, W: .25} // knows 62 days
	doubt := func(n, reach float64) float64 { return math.Pow(math.Log(reach)/6, 4) / (n + 60) }
	heavy := func(sigma, xi, reach float64) float64 { return 2 + sigma/xi*(math.Pow(reach, xi)-1) }
	light := func(sigma, a, reach float64) float64 { return 2 + sigma/a*(math.Sqrt(1+2*a*math.Log(reach))-1) }
	for _, c := range []struct {
		name   string
		change func(*kizashi.Tail)
		want   float64
	}{
		// d = 2 m/2.05: the shape of an exponential is 2.05 - 2.05 = 0
		{"exponential", func(*kizashi.Tail) {}, heavy(.5, doubt(60, 112), 112)},
		// d = 1.25 m: shape .45, half of it by the prior: xi .225, sigma .775 m
		{"heavy", func(x *kizashi.Tail) { x.Diff = .625 }, heavy(.3875, .225+doubt(60, 112), 112)},
		// d = 4 m: shape 1.55, .775 with the prior, cut at .5: sigma .25
		{"cut above", func(x *kizashi.Tail) { x.Diff = 2 }, heavy(.25, .5, 112)},
		// d = m/2: shape -1.95, -.975 with the prior, cut at -.3: sigma .65
		{"cut below", func(x *kizashi.Tail) { x.Diff = .25 }, light(.65, (.3-doubt(60, 112))*(1+4*(.3-doubt(60, 112))), 112)},
		// none seen: the prior's shape alone, .1, and .9 m; one day known, the prior's
		{"prior alone", func(x *kizashi.Tail) { x.N, x.Xi0, x.Lambda = 0, .1, 2 }, heavy(.45, .1+doubt(0, 224*14), 224*14)},
		{"never nearer than .3 u", func(x *kizashi.Tail) { x.Mean, x.Diff = .05, .05 }, 2.6},
		{"never nearer than its least", func(x *kizashi.Tail) { x.Mean, x.Diff, x.Least = .05, .05, 3 }, 3},
		// five days known of fourteen: the reach is 14/5 times as long
		{"young", func(x *kizashi.Tail) { x.N = 3 }, heavy(.5, doubt(3, 112*14./5), 112*14./5)},
	} {
		x := old
		c.change(&x)
		if got := Theta(&x, weeksOfR); !near(got, c.want) {
			t.Errorf("%s: theta %v, want %v", c.name, got, c.want)
		}
	}
}

// What a tail takes: clusters an hour apart, u such that four samples a day lie above,
// half of the clusters gone after eight weeks, and nothing of what is far but the hour's
// expectation.
func TestWhatATailTakes(t *testing.T) {
	day := func(x *Tail, from kizashi.Time, above int) kizashi.Time {
		for h := range 24 {
			for m := range 60 {
				f := 1.
				if h*60+m < above {
					f = 3
				}
				x.Take(f, from.Add(time.Duration(m)*time.Minute), math.Inf(1), math.Inf(1))
			}
			from = from.Add(time.Hour)
			x.Roll(from)
		}
		return from
	}
	x := Tail{Last: kizashi.Never}
	at := day(&x, day(&x, 0, 5), 5)
	x.Freeze(Prior{}, weeksOfR, .25)
	if u := float64(x.U); u < 3 || u > 3.5 {
		t.Errorf("five samples of 3 a day, four of which lie above: u is %v", u)
	}
	for _, c := range []struct {
		apart time.Duration
		want  float32
	}{{30 * time.Minute, 1}, {59 * time.Minute, 1}, {61 * time.Minute, 2}, {3 * time.Hour, 2}} {
		y := x
		y.Take(9, at, math.Inf(1), math.Inf(1))
		for h := range 6 {
			if int(c.apart/time.Hour) == h {
				y.Take(9, at.Add(c.apart), math.Inf(1), math.Inf(1))
			}
			y.Roll(at.Add(time.Duration(h+1) * time.Hour))
		}
		if math.Abs(float64(y.N-c.want)) > .02 || math.Abs(float64(y.SD-y.S1/c.want)) > .02 {
			t.Errorf("two peaks %s apart are %v clusters, want %v; they differ by %v from the one before, none at first", c.apart, y.N, c.want, y.SD)
		}
	}
	y := x
	y.N, y.S1, y.SD, y.Days = 8, 4, 2, 10
	for range 56 * 24 {
		y.Roll(at)
	}
	if math.Abs(float64(y.N)-4) > .01 || math.Abs(float64(y.S1)-2) > .01 {
		t.Errorf("after eight weeks of eight clusters %v are left, of their sum of four %v", y.N, y.S1)
	}
	far := x
	far.N, far.S1, far.SD, far.Days = 8, 4, 2, 10
	lambda, mean, _ := far.rate()
	n, s1 := far.N, far.S1
	far.Take(1e6, at, 5, 10)
	far.Roll(at.Add(3 * time.Hour))
	if !near(float64(far.N), float64(n)*slow+lambda/24) || !near(float64(far.S1), float64(s1)*slow+lambda/24*mean) {
		t.Errorf("an hour with something far: %v clusters and %v, want what the tail expects of an hour", far.N, far.S1)
	}
	crossed := x
	crossed.Take(9, at, 5, 10)
	if got := float64(crossed.Peak + crossed.U); !near(got, 5) {
		t.Errorf("what crossed, but is not far, counts as %v, want the limit", got)
	}
}

// A limit, what far is, and the priors, as the page has them.
func TestWhatIsFar(t *testing.T) {
	x := Tail{U: 2}
	if got := x.FarOf(4); got != 2+2*2 {
		t.Errorf("theta at twice u: far from %v", got)
	}
	if got := x.FarOf(2.1); !near(got, 2+2*.3*2) {
		t.Errorf("theta close to u: far from %v", got)
	}
	if s := x.Stated(Prior{.1, 3}, .25, 4); s.Xi0 != .1 || s.N0 != 60 || s.Least != 3 {
		t.Errorf("the prior says %v and weighs %v clusters", s.Xi0, s.N0)
	}
}

// The shares: three for each side of band and of spike that can vote, and the rest.
func TestSharesByHand(t *testing.T) {
	for _, c := range []struct {
		set  kizashi.Settings
		rule int
		want float64
	}{
		{kizashi.Settings{}, 5, 12 + 6}, {kizashi.Settings{}, 1, 6 + 6}, {kizashi.Settings{Direction: kizashi.Up}, 5, 6 + 6},
		{kizashi.Settings{Off: []string{"spike"}}, 5, 6 + 6}, {kizashi.Settings{Off: []string{"band", "spike"}}, 5, 6},
	} {
		if got := Shares(&c.set, c.rule, 6); got != c.want {
			t.Errorf("%+v: %v shares, want %v", c.set, got, c.want)
		}
	}
}

// Logarithms are for what is around 10 at the least, and never negative.
func TestTransformByHand(t *testing.T) {
	for _, c := range []struct {
		median, least float64
		want          bool
	}{{12, 3, true}, {9, 3, false}, {300, 0, true}, {300, -1, false}} {
		s := New(&kizashi.Meta{Series: 1}, &kizashi.Settings{}, nil)
		s.Level[daily] = c.median
		for i := range int32(daySlots) {
			s.DayN.set(i, 1)
		}
		s.Day.set(0, c.least-c.median)
		s.SpikeAbs = .3
		skewed(s, 8, 2)
		if s.chooseTransform(); s.Log != c.want {
			t.Errorf("median %v, least %v: logarithmic %v", c.median, c.least, s.Log)
		}
	}
}

// "Calibrated" is claimed from seven days and twenty clusters of every tail that votes
// on.
func TestCalibratedByHand(t *testing.T) {
	for _, c := range []struct {
		days, n float32 // since the last restart, and clusters
		rule    int16
		band    float32 // clusters of the band's tails, where they are others
		want    bool
	}{{7, 20, 5, 20, true}, {6.9, 20, 5, 20, false}, {7, 19, 5, 20, false}, {7, 20, 5, 19, false}, {7, 20, 1, 0, true}} {
		s := New(&kizashi.Meta{Series: 1}, &kizashi.Settings{}, nil)
		s.Hour, s.N = kizashi.Time(c.days*24*3_600_000), c.rule
		for i := range s.Tails {
			if s.Tails[i].N = c.n; i == bandUp || i == bandDown {
				s.Tails[i].N = c.band
			}
		}
		if got := s.calibrated(); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
