package models_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/detect"
)

// scores drives one detector with scores instead of values: what the baseline
// made of them is given.
type scores struct {
	*bench
	at   kizashi.Time
	r    *rand.Rand
	said []string // of the votes that began to stand: side and minutes since mark
	mark kizashi.Time
	up   bool // a vote stands
	had  bool // an opinion, at the last sample
	vote kizashi.Vote
}

func newScores(t *testing.T, name string, period time.Duration, set kizashi.Settings) *scores {
	t.Helper()
	if set.R == 0 {
		set.R = kizashi.Duration(28 * 24 * time.Hour)
	}
	s := &scores{bench: newBench(t, name, period, set), at: monday, r: rand.New(rand.NewPCG(1, 2))}
	s.c.Share = 1
	s.c.View.Ready, s.c.View.Whole, s.c.View.Hour, s.c.View.R = true, 15, kizashi.Never, set.R
	return s
}

// score puts one score.
func (s *scores) score(z float64) {
	v := s.c.View
	v.Z, v.Begins = z, s.at.Floor(time.Hour) != v.Hour
	v.Hour = s.at.Floor(time.Hour)
	s.c.Sample = kizashi.Sample{Series: 1, At: s.at, Period: time.Duration(s.c.Meta.Period), Value: z}
	if v.Begins {
		s.state.(detect.Hourly).Begin(&s.c)
	}
	s.vote = kizashi.Vote{}
	s.had = s.state.Judge(&s.c, &s.vote)
	if s.vote.Crossed && !s.up {
		s.said = append(s.said, fmt.Sprintf("%s %d", s.vote.Side, int(s.at.Sub(s.mark).Minutes())))
	}
	s.up = s.vote.Crossed
	s.state.Learn(&s.c, false)
	s.at = s.at.Add(time.Duration(s.c.Meta.Period))
}

// normal puts Gaussian scores, changed by f, for a while.
func (s *scores) normal(d time.Duration, f func(z float64) float64) {
	s.mark = s.at
	for end := s.at.Add(d); s.at < end; {
		z := s.r.NormFloat64()
		if f != nil {
			z = f(z)
		}
		s.score(z)
	}
}

const days = 24 * time.Hour

func plus(by float64) func(float64) float64  { return func(z float64) float64 { return z + by } }
func times(by float64) func(float64) float64 { return func(z float64) float64 { return by * z } }

// After three weeks of noise something happens; what is said begins within so many
// minutes on the side, or nothing is said at all.
func TestStretches(t *testing.T) {
	noise := func(s *scores) { s.normal(24*time.Hour, nil) }
	for _, c := range []struct {
		name, model string
		period      time.Duration
		happens     func(s *scores)
		side        kizashi.Side
		within      int // minutes; 0 = nothing is said
	}{
		{"a level of 4 for half an hour", "level", time.Minute, func(s *scores) { s.normal(30*time.Minute, plus(4)) }, kizashi.Up, 15},
		{"a level of 2, down", "level", time.Minute, func(s *scores) { s.normal(time.Hour, plus(-2)) }, kizashi.Down, 30},
		{"a level of 4 at 5 minutes", "level", 5 * time.Minute, func(s *scores) { s.normal(30*time.Minute, plus(4)) }, kizashi.Up, 29},
		{"a slope to 4 in two hours", "level", time.Minute, func(s *scores) {
			from := s.at
			s.normal(2*time.Hour, func(z float64) float64 { return z + 2*s.at.Sub(from).Hours() })
		}, kizashi.Up, 75},
		{"one outlier is the spike's", "level", time.Minute, func(s *scores) { s.score(1000); s.normal(time.Hour, nil) }, 0, 0},
		{"noise", "level", time.Minute, noise, 0, 0},
		{"twice the noise", "level", time.Minute, func(s *scores) { s.normal(2*time.Hour, times(2)) }, 0, 0},

		{"a level of .7 for eight hours", "drift", time.Minute, func(s *scores) { s.normal(8*time.Hour, plus(.7)) }, kizashi.Up, 300},
		{"a level of -1 at 5 minutes", "drift", 5 * time.Minute, func(s *scores) { s.normal(8*time.Hour, plus(-1)) }, kizashi.Down, 360},
		{"noise", "drift", time.Minute, noise, 0, 0},
		{"one outlier", "drift", time.Minute, func(s *scores) { s.score(1000); s.normal(8*time.Hour, nil) }, 0, 0},

		{"twice the noise", "variance", time.Minute, func(s *scores) { s.normal(2*time.Hour, times(2)) }, kizashi.Up, 90},
		{"a third of the noise", "variance", time.Minute, func(s *scores) { s.normal(2*time.Hour, times(1./3)) }, kizashi.Down, 90},
		{"a level is none of its business", "variance", time.Minute, func(s *scores) { s.normal(3*time.Hour, plus(6)) }, 0, 0},
		{"nor a slope", "variance", time.Minute, func(s *scores) {
			from := s.at
			s.normal(3*time.Hour, func(z float64) float64 { return z + 2*s.at.Sub(from).Hours() })
		}, 0, 0},
		{"one outlier", "variance", time.Minute, func(s *scores) { s.score(1000); s.normal(time.Hour, nil) }, 0, 0},
		{"a gap has no difference", "variance", time.Minute, func(s *scores) {
			for range 6 {
				s.normal(9*time.Minute, nil)
				s.at = s.at.Add(time.Minute)
				s.score(5)
			}
		}, 0, 0},
		{"noise", "variance", 5 * time.Minute, noise, 0, 0},
	} {
		t.Run(c.model+": "+c.name, func(t *testing.T) {
			s := newScores(t, c.model, c.period, kizashi.Settings{})
			s.normal(21*days, nil)
			s.said, s.mark = nil, s.at
			c.happens(s)
			if c.within == 0 {
				if len(s.said) > 0 {
					t.Errorf("said %v", s.said)
				}
				return
			}
			var at int
			if len(s.said) == 0 {
				t.Fatal("nothing was said")
			}
			if fmt.Sscanf(s.said[0], c.side.String()+" %d", &at); at == 0 || at > c.within {
				t.Errorf("said %v, want %s within %d minutes", s.said, c.side, c.within)
			}
		})
	}
}

// Where there is no ground there is no opinion, and nothing breaks.
func TestStretchesWithoutGround(t *testing.T) {
	for _, model := range []string{"level", "drift", "variance"} {
		for _, c := range []struct {
			name    string
			happens func(s *scores)
		}{
			{"three days are no history", func(s *scores) { s.normal(30*time.Hour, nil) }},
			{"a constant series", func(s *scores) { s.normal(21*days, times(0)) }},
			{"denormals", func(s *scores) { s.normal(21*days, times(5e-324)) }},
			{"a gap of weeks", func(s *scores) { s.normal(21*days, nil); s.at = s.at.Add(30 * days); s.normal(20*time.Minute, nil) }},
			{"half of the samples are missing", func(s *scores) {
				s.normal(21*days, nil)
				for range 24 * 30 {
					s.score(3)
					s.at = s.at.Add(time.Minute)
				}
			}},
			{"another period", func(s *scores) {
				s.normal(21*days, nil)
				s.c.Meta.Period = kizashi.Duration(5 * time.Minute)
				s.normal(20*time.Hour, plus(5))
			}},
			{"another scale", func(s *scores) { s.normal(21*days, nil); s.c.View.Restarts++; s.normal(20*time.Hour, plus(5)) }},
			{"excluded by command", func(s *scores) {
				s.normal(21*days, nil)
				s.c.Stance = baseline.Excluded
				s.normal(time.Hour, plus(5))
			}},
			{"no number", func(s *scores) { s.normal(21*days, func(float64) float64 { return math.NaN() }) }},
		} {
			t.Run(model+": "+c.name, func(t *testing.T) {
				s := newScores(t, model, time.Minute, kizashi.Settings{})
				if c.happens(s); s.had {
					t.Errorf("opinion %+v", s.vote)
				}
			})
		}
		s := newScores(t, model, time.Minute, kizashi.Settings{})
		s.normal(10*days, nil)
		for _, z := range []float64{math.Inf(1), math.Inf(-1), 1e308, -1e308, math.NaN(), 0} {
			for range 90 {
				if s.score(z); math.IsNaN(s.vote.Stat) || math.IsInf(s.vote.Stat, 0) {
					t.Fatalf("%s after %g: %+v", model, z, s.vote)
				}
			}
		}
		if s.normal(10*days, nil); !s.had || math.IsNaN(s.vote.Limit) {
			t.Errorf("%s: no opinion ten days after impossible scores: %+v", model, s.vote)
		}
	}
}

// A side that may not alert does not stand.
func TestStretchOnTheOtherSide(t *testing.T) {
	s := newScores(t, "level", time.Minute, kizashi.Settings{Direction: kizashi.Up})
	s.normal(21*days, nil)
	if s.normal(time.Hour, plus(-4)); len(s.said) > 0 || s.vote.Stat <= s.vote.Limit {
		t.Errorf("said %v, last %+v", s.said, s.vote)
	}
}

// An incident does not move the limit out of its own reach: the same, a week
// later, is found again. What stands for three days is what is usual now.
func TestStretchesThatLast(t *testing.T) {
	for _, c := range []struct {
		model string
		by    func(float64) float64
	}{{"level", plus(1.6)}, {"drift", plus(.7)}, {"variance", times(1.9)}} {
		s := newScores(t, c.model, time.Minute, kizashi.Settings{})
		s.normal(21*days, nil)
		before := s.vote.Limit
		s.normal(12*time.Hour, c.by)
		s.normal(7*days, nil)
		if s.vote.Limit > 1.25*before {
			t.Errorf("%s: the limit was %.2f, and is %.2f a week after 12 hours over it", c.model, before, s.vote.Limit)
		}
		s.said = nil
		if s.normal(12*time.Hour, c.by); len(s.said) == 0 {
			t.Errorf("%s: the second incident is not found", c.model)
		}
		if s.normal(3*days, c.by); s.had {
			t.Errorf("%s: after three days there is still an opinion: %+v", c.model, s.vote)
		}
		if s.normal(9*days, c.by); !s.had || s.up {
			t.Errorf("%s: nine days later: opinion %v, %+v", c.model, s.had, s.vote)
		}
	}
}

// The ground holds what the vote was computed from.
func TestGroundsOfStretches(t *testing.T) {
	for model, by := range map[string]func(float64) float64{"level": plus(-3), "drift": plus(1), "variance": times(3)} {
		s := newScores(t, model, time.Minute, kizashi.Settings{})
		s.normal(21*days, nil)
		s.normal(400*time.Minute, by)
		s.c.Sample.At = s.at
		var v kizashi.Vote
		if !s.state.Judge(&s.c, &v) || !v.Crossed {
			t.Fatalf("%s: %+v", model, v)
		}
		g := s.state.(detect.Grounded).Ground(&s.c)
		sum, n := 0., 0
		for i, p := range g.Parts {
			sum, n = sum+p.Sum, n+p.Count
			if i > 0 && p.From != g.Parts[i-1].To {
				t.Errorf("%s: part %d begins at %s", model, i, p.From)
			}
		}
		if want := math.Abs(sum/float64(n)-float64(g.Usual)) / float64(g.Scale); math.Abs(want-v.Stat) > 1e-9 || g.Stat != v.Stat {
			t.Errorf("%s: the parts give %v, the vote has %v", model, want, v.Stat)
		}
		if g.Model != model || g.Limit != v.Limit || g.Tail.Theta != v.Limit || g.From != g.Parts[0].From || g.Side != v.Side {
			t.Errorf("%s: %+v against %+v", model, g, v)
		}
	}
}

// A state that was written goes on as the one that was not; bytes that no state
// wrote break nothing.
func TestStretchesDecode(t *testing.T) {
	for _, model := range []string{"level", "drift", "variance", "stuck"} {
		a, b := newScores(t, model, time.Minute, kizashi.Settings{}), newScores(t, model, time.Minute, kizashi.Settings{})
		a.normal(9*days+17*time.Minute, nil)
		raw := a.state.AppendBinary(nil)
		t.Logf("%s: %d bytes", model, len(raw))
		if rest, err := b.state.Decode(raw); err != nil || len(rest) > 0 {
			t.Fatal(err, len(rest))
		}
		b.at = a.at
		a.r, b.r = rand.New(rand.NewPCG(5, 6)), rand.New(rand.NewPCG(5, 6))
		b.c.View.Hour = a.c.View.Hour
		a.normal(3*days, plus(1))
		b.normal(3*days, plus(1))
		if string(a.state.AppendBinary(nil)) != string(b.state.AppendBinary(nil)) || fmt.Sprint(a.vote) != fmt.Sprint(b.vote) {
			t.Errorf("%s does not go on as before", model)
		}
		for seed := range uint64(200) {
			r := rand.New(rand.NewPCG(seed, 9))
			for i := range raw {
				raw[i] = byte(r.Uint32())
			}
			s := newScores(t, model, time.Minute, kizashi.Settings{})
			if _, err := s.state.Decode(raw); err != nil {
				continue
			}
			s.normal(3*time.Hour, nil)
			s.state.(detect.Grounded).Ground(&s.c)
		}
	}
}

// What a detector costs a sample, one series warm.
func BenchmarkStretches(b *testing.B) {
	for _, model := range []string{"level", "drift", "variance", "stuck", "rate", "silence"} {
		b.Run(model, func(b *testing.B) {
			s := newScores(&testing.T{}, model, time.Minute, kizashi.Settings{})
			if _, ok := s.state.(detect.Hourly); ok {
				s.normal(21*days, nil)
			}
			zs := make([]float64, 4096)
			for i := range zs {
				zs[i] = s.r.NormFloat64()
			}
			var vote kizashi.Vote
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				s.c.View.Z, s.c.Sample.Value, s.c.Sample.At = zs[i%len(zs)], zs[i%len(zs)], s.at
				s.state.Judge(&s.c, &vote)
				s.state.Learn(&s.c, false)
				s.at = s.at.Add(time.Minute)
			}
		})
	}
}

// Where one side may alert, a level on the other is none, and a variance has no side
// that could be the one.
func TestOneSideOfStretches(t *testing.T) {
	for _, c := range []struct {
		model   string
		side    kizashi.Side
		f       func(float64) float64
		happens bool
	}{
		{"level", kizashi.Up, plus(4), true},
		{"level", kizashi.Down, plus(4), false},
		{"drift", kizashi.Down, plus(-3), true},
		{"drift", kizashi.Up, plus(-3), false},
		{"variance", kizashi.Both, times(3), true},
		{"variance", kizashi.Up, times(3), false},
	} {
		s := newScores(t, c.model, time.Minute, kizashi.Settings{Direction: c.side})
		s.normal(21*days, nil)
		s.said = nil
		s.normal(6*time.Hour, c.f)
		if said := len(s.said) > 0; said != c.happens {
			t.Errorf("%s, %s may alert: said %v", c.model, c.side, s.said)
		}
	}
}

// The smaller an evidence vote's share of the target is, the further out lies its limit.
func TestLimitFollowsTheShare(t *testing.T) {
	limit := func(whole float64) float64 {
		s := newScores(t, "level", time.Minute, kizashi.Settings{})
		s.c.View.Whole = whole
		s.normal(21*days, nil)
		return s.vote.Limit
	}
	if all, part := limit(1), limit(18); !(part > 1.1*all) {
		t.Errorf("of all of the target the limit is %v, of an 18th %v", all, part)
	}
}
