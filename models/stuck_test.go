package models_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/detect"
)

// values puts a value a period for a while.
func (s *scores) values(d time.Duration, f func(at kizashi.Time) float64) {
	s.mark = s.at
	for end := s.at.Add(d); s.at < end; {
		s.score(f(s.at))
	}
}

func TestStuck(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	free := func(kizashi.Time) float64 { return r.NormFloat64() }
	flat := func(kizashi.Time) float64 { return 42 }
	whole := func(kizashi.Time) float64 { return float64(r.IntN(4)) + 1 }
	at := func(v float64) func(kizashi.Time) float64 { return func(kizashi.Time) float64 { return v } }
	// night is flat at v from 1:00 to 4:00 each day.
	night := func(v float64) func(kizashi.Time) float64 {
		return func(t kizashi.Time) float64 {
			if h := t.UTC().Hour(); h >= 1 && h < 4 {
				return v
			}
			return r.NormFloat64()
		}
	}
	for _, c := range []struct {
		name    string
		period  time.Duration
		happens func(s *scores)
		want    string // "" = nothing is said
	}{
		{"half an hour of one value", time.Minute, func(s *scores) { s.values(14*days, free); s.values(time.Hour, flat) }, "both 29"},
		{"six samples of 5 minutes", 5 * time.Minute, func(s *scores) { s.values(14*days, free); s.values(time.Hour, flat) }, "both 25"},
		{"six samples of an hour", time.Hour, func(s *scores) { s.values(14*days, free); s.values(12*time.Hour, flat) }, "both 300"},
		{"a week is not over", time.Minute, func(s *scores) { s.values(6*days, free); s.values(time.Hour, flat) }, ""},
		{"flat each night for three hours", time.Minute, func(s *scores) { s.values(14*days, night(7)); s.values(4*time.Hour+time.Minute, flat) }, ""},
		{"twice that", time.Minute, func(s *scores) { s.values(14*days, night(7)); s.values(8*time.Hour, flat) }, "both 341"}, // less what a day faded
		{"whole numbers repeat by chance", time.Minute, func(s *scores) { s.values(28*days, whole) }, ""},
		{"sparse counts are mostly zero", time.Minute, func(s *scores) {
			s.values(14*days, func(kizashi.Time) float64 { return math.Floor(r.ExpFloat64() * .6) })
			s.values(12*time.Hour, at(0))
		}, ""},
		{"mostly constant by nature", time.Minute, func(s *scores) {
			s.values(14*days, func(at kizashi.Time) float64 { return float64(at.UTC().Hour()) })
			s.values(12*time.Hour, flat)
		}, ""},
		{"flat for a weekend", time.Minute, func(s *scores) {
			for range 2 {
				s.values(5*days, free)
				s.values(2*days, flat)
			}
			s.said = nil
			s.values(4*days, free)
			s.values(20*time.Hour, flat)
		}, ""},
		{"at its upper bound, where it never was", time.Minute, func(s *scores) { s.values(14*days, free); s.values(6*time.Hour, at(100)) }, ""},
		{"at its upper bound, where it often is for a while", time.Minute, func(s *scores) {
			s.values(14*days, night(100))
			s.values(8*time.Hour, at(100))
		}, "both 341"},
		{"zero where it never was", time.Minute, func(s *scores) { s.values(14*days, free); s.values(6*time.Hour, at(0)) }, ""},
		{"a gap of a week is no run", time.Minute, func(s *scores) {
			s.values(14*days, free)
			s.values(20*time.Minute, flat)
			s.at = s.at.Add(7 * days)
			s.values(20*time.Minute, flat)
		}, ""},
		{"excluded by command", time.Minute, func(s *scores) {
			s.values(14*days, free)
			s.c.Stance = baseline.Excluded
			s.values(time.Hour, flat)
		}, ""},
		{"the period changes from 5 minutes to 1", 5 * time.Minute, func(s *scores) {
			s.values(14*days, night(7))
			s.c.Meta.Period = kizashi.Duration(time.Minute)
			s.values(4*time.Hour+time.Minute, flat)
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScores(t, "stuck", c.period, kizashi.Settings{})
			s.c.Meta.Upper = 100
			c.happens(s)
			if len(s.said) > 1 || len(s.said) == 1 != (c.want != "") || c.want != "" && s.said[0] != c.want {
				t.Errorf("said %q, want %q", s.said, c.want)
			}
		})
	}
}

// A run that was said is no habit; one that keeps coming is.
func TestStuckIsNoHabitAtOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	free := func(kizashi.Time) float64 { return r.NormFloat64() }
	s := newScores(t, "stuck", time.Minute, kizashi.Settings{})
	s.values(14*days, free)
	for i, want := range []int{1, 2, 3, 3, 3} {
		s.values(time.Hour, func(kizashi.Time) float64 { return 7 })
		if len(s.said) != want {
			t.Errorf("run %d: said %v", i+1, s.said)
		}
		s.values(days, free)
	}
}

func TestGroundOfStuck(t *testing.T) {
	s := newScores(t, "stuck", time.Minute, kizashi.Settings{})
	s.normal(14*days, nil)
	from := s.at
	for range 40 {
		s.score(7)
	}
	s.c.Sample.At, s.c.Sample.Value = s.at, 7
	g := s.state.(detect.Grounded).Ground(&s.c)
	if g.Stat != 41 || g.Limit != 29 || g.From != from || g.To != s.at.Add(time.Minute) || g.Parts[0].Count != 41 || g.Past.Low != 1 || g.Past.High != 30 || g.Past.From != monday {
		t.Errorf("%+v, past %+v", g, g.Past)
	}
}

func TestRate(t *testing.T) {
	const min = time.Minute
	part := kizashi.Change{Part: .2, Over: kizashi.Duration(15 * min)}
	unit := kizashi.Change{By: 50, Over: kizashi.Duration(5 * min), Side: kizashi.Down}
	for _, c := range []struct {
		name   string
		set    kizashi.Settings
		values []float64 // a minute each; NaN = no sample
		want   string
	}{
		{"20 % in 15 minutes", kizashi.Settings{Change: []kizashi.Change{part}}, slopes(100, 1.4, 20), "up 15"},
		{"down as well", kizashi.Settings{Change: []kizashi.Change{part}}, slopes(100, -1.4, 20), "down 15"},
		{"less than that", kizashi.Settings{Change: []kizashi.Change{part}}, slopes(100, 1, 20), ""},
		{"of a negative value", kizashi.Settings{Change: []kizashi.Change{part}}, slopes(-100, 1.5, 20), "up 15"},
		{"of zero there is no part", kizashi.Settings{Change: []kizashi.Change{part}}, append(slopes(0, 0, 15), 100), ""},
		{"51 down in 5 minutes", kizashi.Settings{Change: []kizashi.Change{unit}}, []float64{100, 100, 100, 100, 100, 100, 49}, "down 6"},
		{"50 is not more than 50", kizashi.Settings{Change: []kizashi.Change{unit}}, []float64{100, 100, 100, 100, 100, 100, 50}, ""},
		{"up is not asked for", kizashi.Settings{Change: []kizashi.Change{unit}}, []float64{100, 100, 100, 100, 100, 100, 200}, ""},
		{"a side that may not alert", kizashi.Settings{Direction: kizashi.Up, Change: []kizashi.Change{unit}}, []float64{100, 100, 100, 100, 100, 100, 0}, ""},
		{"the earlier sample is missing", kizashi.Settings{Change: []kizashi.Change{unit}}, []float64{100, math.NaN(), 100, 100, 100, 100, 0}, ""},
		{"the second of two", kizashi.Settings{Change: []kizashi.Change{part, unit}}, append(slopes(100, 0, 15), 100, 40), "down 16"},
		{"longer than is remembered", kizashi.Settings{Change: []kizashi.Change{{By: 1, Over: kizashi.Duration(61 * min)}}}, slopes(0, 5, 70), ""},
		{"as long as is remembered", kizashi.Settings{Change: []kizashi.Change{{By: 1, Over: kizashi.Duration(60 * min)}}}, slopes(0, 5, 62), "up 60"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, "rate", min, c.set)
			said := ""
			for i, v := range c.values {
				if math.IsNaN(v) {
					continue
				}
				b.c.Sample = kizashi.Sample{Series: 1, At: monday.Add(time.Duration(i) * min), Period: min, Value: v}
				var vote kizashi.Vote
				b.state.Judge(&b.c, &vote)
				if b.state.Learn(&b.c, false); vote.Crossed && said == "" {
					said = vote.Side.String() + " " + minuteOf(i)
				}
			}
			if said != c.want {
				t.Errorf("said %q, want %q", said, c.want)
			}
		})
	}
}

func minuteOf(i int) string { return time.Duration(i).String()[:len(time.Duration(i).String())-2] }

// slopes are n values that go up by a step each.
func slopes(from, step float64, n int) []float64 {
	vs := make([]float64, n)
	for i := range vs {
		vs[i] = from + step*float64(i)
	}
	return vs
}
