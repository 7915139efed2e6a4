package gen

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

func minutes(weeks int) Options {
	return Options{Start: firstDay, Period: time.Minute, Weeks: weeks}
}

func checksum(vs []float64) uint64 {
	h := fnv.New64a()
	for _, v := range vs {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], math.Float64bits(v))
		h.Write(b[:])
	}
	return h.Sum64()
}

// The numbers that notes and thresholds of other tests rest on must never
// change unseen.
func TestFamilyIsReproducible(t *testing.T) {
	want := map[string]uint64{
		"gauss":     0xc8e6d2fdd65e4a61,
		"t3":        0xd4417765141c0a76,
		"lognormal": 0x85652c3f8420d34b,
		"ar":        0xaecb03cea3faa5ea,
		"seasonal":  0xbb94a35a902efffe,
		"laplace":   0x9a80633bcb5101e2,
		"poisson":   0xf64f65ec3276e3b9,
		"poisson8":  0x15f818b92fceb3cb,
		"poisson30": 0xeb5733bb753084a4,
	}
	for _, name := range Families() {
		s, err := Family(name, 1, minutes(1))
		if err != nil {
			t.Fatal(err)
		}
		if got := checksum(s.Values[:1000]); got != want[name] {
			t.Errorf("%s: the first 1000 values have the checksum %#016x, want %#016x", name, got, want[name])
		}
		again, _ := Family(name, 1, minutes(1))
		if !slices.Equal(s.Values, again.Values) {
			t.Errorf("%s: the same seed gave other values", name)
		}
		other, _ := Family(name, 2, minutes(1))
		if slices.Equal(s.Values, other.Values) {
			t.Errorf("%s: another seed gave the same values", name)
		}
	}
}

// Filling in pieces makes the same series as filling at once.
func TestNoiseInPieces(t *testing.T) {
	for _, name := range Families() {
		whole, err := Family(name, 3, minutes(1))
		if err != nil {
			t.Fatal(err)
		}
		n, err := NewNoise(name, 3, minutes(1))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float64, len(whole.Values))
		for i, step := 0, 1; i < len(got); i, step = i+step, step*3 {
			step = min(step, len(got)-i)
			n.Fill(got[i : i+step])
		}
		if !slices.Equal(got, whole.Values) {
			t.Errorf("%s: pieces differ from the whole", name)
		}
	}
}

// Values less Mean over Sigma have mean 0 and standard deviation 1, whatever
// the zone. t3 has no fourth moment, so its deviation converges slowly.
func TestMoments(t *testing.T) {
	for _, name := range Families() {
		o := minutes(10)
		o.Zone = "America/New_York"
		s, err := Family(name, 5, o)
		if err != nil {
			t.Fatal(err)
		}
		var sum, squares float64
		for i, v := range s.Values {
			z := (v - s.Mean(s.At(i))) / s.Sigma(s.At(i))
			sum += z
			squares += z * z
		}
		n := float64(len(s.Values))
		mean, sd := sum/n, math.Sqrt(squares/n-sum/n*sum/n)
		sdWithin := .02
		if name == "t3" {
			sdWithin = .1
		}
		if math.Abs(mean) > .05 || math.Abs(sd-1) > sdWithin {
			t.Errorf("%s: mean %.4f, standard deviation %.4f of standardised values; want 0 and 1", name, mean, sd)
		}
	}
}

// What tells the families apart: the share beyond 3 sigma, and what one value
// says of the next.
func TestShapes(t *testing.T) {
	for _, c := range []struct {
		name           string
		beyond, within float64
		lag            float64
	}{
		{"gauss", .0027, .0005, 0},
		{"t3", .0138, .002, 0},        // P(|t3| > 3 sqrt 3)
		{"lognormal", .0150, .002, 0}, // P(z > ln(3 sd + mean)/.5)
		{"ar", .0027, .001, .9},
		{"seasonal", .0027, .0005, 0},
		{"laplace", .0144, .002, 0},     // exp(-3 sqrt 2)
		{"poisson", .00453, .001, 0},    // P(k >= 7)
		{"poisson8", .00372, .0005, 0},  // P(k >= 17)
		{"poisson30", .00286, .0005, 0}, // P(k >= 47) and P(k <= 13)
	} {
		s, err := Family(c.name, 9, minutes(20))
		if err != nil {
			t.Fatal(err)
		}
		var beyond, lag, before float64
		for i, v := range s.Values {
			z := (v - s.Mean(s.At(i))) / s.Sigma(s.At(i))
			if math.Abs(z) > 3 {
				beyond++
			}
			lag += z * before
			before = z
		}
		n := float64(len(s.Values))
		if got := beyond / n; math.Abs(got-c.beyond) > c.within {
			t.Errorf("%s: %.5f of the values beyond 3 sigma, want %.5f", c.name, got, c.beyond)
		}
		if got := lag / n; math.Abs(got-c.lag) > .03 {
			t.Errorf("%s: a value and the next correlate by %.3f, want %.1f", c.name, got, c.lag)
		}
	}
}

func TestSeasonalFollowsWallTime(t *testing.T) {
	o := minutes(1)
	o.Zone = Zone
	n, err := NewNoise("seasonal", 1, o)
	if err != nil {
		t.Fatal(err)
	}
	top, bottom := on(2, 14, 0), on(2, 3, 0)
	if n.Mean(top) != swing || n.Mean(bottom) > -1 {
		t.Errorf("the day's top is %v at 14:00 in Tokyo, %v at 03:00; want %d and less than -1", n.Mean(top), n.Mean(bottom), swing)
	}
	if n.Sigma(top) < 1.3 || n.Sigma(bottom) > .7 {
		t.Errorf("sigma is %v at 14:00, %v at 03:00; want much by day and little by night", n.Sigma(top), n.Sigma(bottom))
	}
}

func TestShiftSaysWhere(t *testing.T) {
	for _, name := range Families() {
		o := Options{Start: firstDay, Period: 5 * time.Minute, Weeks: 1}
		was, err := Family(name, 1, o)
		if err != nil {
			t.Fatal(err)
		}
		s, _ := Family(name, 1, o)
		got := s.Shift(4, 15*time.Minute, on(3, 12, 2))
		want := Injected{From: on(3, 12, 5), To: on(3, 12, 20), Sigmas: 4}
		if got != want {
			t.Errorf("%s: shifted %+v, want %+v", name, got, want)
		}
		for i := range s.Values {
			at, by := s.At(i), 0.0
			if at >= want.From && at < want.To {
				by = 4 * s.Sigma(at)
			}
			within := 1e-6
			if strings.HasPrefix(name, "poisson") {
				within = .5
			}
			if d := s.Values[i] - was.Values[i]; math.Abs(d-by) > within {
				t.Fatalf("%s: at %s the value moved by %v, want %v", name, at, d, by)
			}
			if strings.HasPrefix(name, "poisson") && s.Values[i] != math.Trunc(s.Values[i]) {
				t.Fatalf("%s: %v at %s is no count", name, s.Values[i], at)
			}
		}
	}
}

func TestShiftOutside(t *testing.T) {
	s, err := Family("gauss", 1, minutes(1))
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []kizashi.Time{firstDay - 1, on(7, 0, 0), on(6, 23, 50)} {
		func() {
			defer func() {
				if r := recover(); r == nil || !strings.Contains(r.(string), "outside") {
					t.Errorf("a shift at %s: %v, want a panic that it is outside", at, r)
				}
			}()
			s.Shift(6, 15*time.Minute, at)
		}()
	}
}

func TestFamilyErrors(t *testing.T) {
	for _, c := range []struct {
		name, want string
		o          Options
	}{
		{"gaus", `family "gaus": unknown (want one of gauss, t3,`, minutes(1)},
		{"gauss", "the period must be positive", Options{Weeks: 1}},
		{"gauss", "the number of weeks must be positive", Options{Period: time.Minute}},
		{"gauss", `time zone "Mars": unknown`, Options{Period: time.Minute, Weeks: 1, Zone: "Mars"}},
	} {
		if _, err := Family(c.name, 1, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %+v: %v, want %q", c.name, c.o, err, c.want)
		}
	}
}

func BenchmarkNoise(b *testing.B) {
	for _, name := range Families() {
		b.Run(name, func(b *testing.B) {
			n, err := NewNoise(name, 1, minutes(1))
			if err != nil {
				b.Fatal(err)
			}
			dst := make([]float64, 10080)
			b.ReportAllocs()
			for b.Loop() {
				n.Fill(dst)
			}
			b.ReportMetric(float64(b.N)*float64(len(dst))/b.Elapsed().Seconds()/1e6, "Mvalues/s")
		})
	}
}
