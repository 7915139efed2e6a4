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

// ahead drives the forecast alone, from monday on.
type ahead struct {
	*bench
	period time.Duration
	at     kizashi.Time
	hour   kizashi.Time
	vote   kizashi.Vote
	told   []string // changes of the vote, in days from monday
}

func newAhead(t *testing.T, period time.Duration, limits ...kizashi.Ahead) *ahead {
	t.Helper()
	return &ahead{bench: newBench(t, "forecast", period, kizashi.Settings{Forecast: limits}), period: period, at: monday, hour: kizashi.Never}
}

// take judges and learns one sample.
func (a *ahead) take(v float64) {
	a.c.Sample = kizashi.Sample{Series: 1, At: a.at, Period: a.period, Value: v}
	if h := a.at.Floor(time.Hour); h != a.hour {
		a.hour = h
		a.state.(detect.Hourly).Begin(&a.c)
	}
	stood := a.vote.Crossed
	a.vote = kizashi.Vote{}
	a.state.Judge(&a.c, &a.vote)
	if a.vote.Crossed != stood {
		a.told = append(a.told, fmt.Sprintf("%t %.2f", a.vote.Crossed, a.days()))
	}
	a.state.Learn(&a.c, false)
	a.at = a.at.Add(a.period)
}

func (a *ahead) days() float64 { return a.at.Sub(monday).Hours() / 24 }

// until feeds what a function of the days since monday gives.
func (a *ahead) until(day float64, f func(d float64) float64) {
	for a.days() < day {
		a.take(f(a.days()))
	}
}

func (a *ahead) ground(t *testing.T) *kizashi.Ground {
	t.Helper()
	g := a.state.(detect.Grounded).Ground(&a.c)
	if g == nil {
		t.Fatal("the vote rests on nothing")
	}
	return g
}

func up(v float64) kizashi.Ahead {
	return kizashi.Ahead{Side: kizashi.Up, Value: v, Within: kizashi.DefaultAhead}
}

func down(v float64) kizashi.Ahead {
	return kizashi.Ahead{Side: kizashi.Down, Value: v, Within: kizashi.DefaultAhead}
}

// jitter is noise that is the same in every run.
func jitter(sd float64) func() float64 {
	r := rand.New(rand.NewPCG(3, 4))
	return func() float64 { return sd * r.NormFloat64() }
}

func TestForecastDates(t *testing.T) {
	noise := jitter(.2)
	for _, c := range []struct {
		name   string
		period time.Duration
		limit  kizashi.Ahead
		course func(d float64) float64
		days   float64
		want   float64 // the day on which it crosses
		by     float64 // how far off that may be
	}{
		{"a straight line over days", 5 * time.Minute, down(10), func(d float64) float64 { return 80 - 5*d }, 9, 14, .01},
		{"with noise", 5 * time.Minute, up(95), func(d float64) float64 { return 60 + 2.5*d + noise() }, 9, 14, .2},
		{"a leak that begins after 10 days", time.Minute, up(95), func(d float64) float64 { return 60 + 7*max(0, d-10) + noise() }, 13.5, 15, .2},
		{"one of hours", time.Minute, up(95), func(d float64) float64 { return 60 + 70*max(0, d-10) + noise() }, 10.25, 10.5, .05},
		{"with a season", 5 * time.Minute, up(95), func(d float64) float64 { return 60 + 2*d + 5*math.Sin(2*math.Pi*d) + noise() }, 12, 15.2, .15},
		{"days until a certificate expires, once a day", 24 * time.Hour, kizashi.Ahead{Side: kizashi.Down, Value: 14, Within: kizashi.DefaultAhead},
			func(d float64) float64 { return 45 - d }, 26, 31, 1},
		{"whole days until it expires, by the hour", time.Hour, down(7), func(d float64) float64 { return math.Ceil(31 - d) }, 20, 24, 1},
		{"an hour's samples", time.Hour, down(0), func(d float64) float64 { return 1e12 - 8e10*d + 1e9*noise() }, 9, 12.5, .1},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAhead(t, c.period, c.limit)
			a.until(c.days, c.course)
			if !a.vote.Crossed {
				t.Fatalf("not told: %+v", a.vote)
			}
			f := a.ground(t).Ahead
			day := func(at kizashi.Time) float64 { return at.Sub(monday).Hours() / 24 }
			if got := day(f.Date); math.Abs(got-c.want) > c.by || f.Early > f.Date || f.Date > f.Late || day(f.Early) > c.want+c.by || day(f.Late) < c.want-c.by {
				t.Errorf("on day %.2f, %.2f to %.2f; want %.2f", got, day(f.Early), day(f.Late), c.want)
			}
		})
	}
}

// The last day to act is the lead time before the early end, and the forecast is told
// so much sooner.
func TestForecastLead(t *testing.T) {
	course := func(d float64) float64 { return 80 - 4*d }
	plain, lead := newAhead(t, 5*time.Minute, down(10)), newAhead(t, 5*time.Minute, kizashi.Ahead{Side: kizashi.Down, Value: 10, Within: kizashi.DefaultAhead, Lead: kizashi.Duration(2 * days)})
	plain.until(12, course)
	lead.until(12, course)
	if fmt.Sprint(plain.told) != "[true 10.54]" || fmt.Sprint(lead.told) != "[true 8.54]" {
		t.Errorf("without %v, with %v", plain.told, lead.told)
	}
	if f := lead.ground(t).Ahead; f.Act != f.Early.Add(-2*days) {
		t.Errorf("act by %s, early end %s", f.Act, f.Early)
	}
}

func TestForecastIsSilent(t *testing.T) {
	noise := jitter(.3)
	saw := func(period, size float64) func(d float64) float64 {
		return func(d float64) float64 { return 20 + size*(d/period-math.Floor(d/period)) + noise() }
	}
	for _, c := range []struct {
		name   string
		limits []kizashi.Ahead
		course func(d float64) float64
		days   float64
	}{
		{"no limit", nil, func(d float64) float64 { return d }, 20},
		{"constant", []kizashi.Ahead{up(95)}, func(float64) float64 { return 94 }, 20},
		{"noise", []kizashi.Ahead{up(95), down(10)}, func(float64) float64 { return 50 + 20*noise() }, 60},
		{"a season", []kizashi.Ahead{up(95)}, func(d float64) float64 { return 50 + 35*math.Sin(2*math.Pi*d) + noise() }, 60},
		{"cleaned every night", []kizashi.Ahead{up(95)}, saw(1, 50), 60},
		{"cleaned for an hour every six", []kizashi.Ahead{up(95)}, saw(.25, 50), 60},
		{"a slope away from the limit", []kizashi.Ahead{up(95)}, func(d float64) float64 { return 90 - d + noise() }, 40},
		{"past the limit already", []kizashi.Ahead{up(95)}, func(d float64) float64 { return 96 + d }, 20},
		{"the limit is too far", []kizashi.Ahead{up(1000)}, func(d float64) float64 { return 20 + d }, 60},
		{"a slope that many pairs of points deny", []kizashi.Ahead{up(57)}, func(d float64) float64 { return 50 + .35*d + 40*noise() }, 14},
		{"one step", []kizashi.Ahead{up(95)}, func(d float64) float64 { return 40 + 30*math.Floor(min(d/9, 1)) + noise() }, 20},
		{"back to what is usual", []kizashi.Ahead{up(95)}, func(d float64) float64 {
			return 70 + noise() - 50*max(0, 1-4*math.Abs(d-15))
		}, 20},
		{"two days old", []kizashi.Ahead{up(95)}, func(d float64) float64 { return 80 + 4*d }, 2},
		{"beyond what can be computed with", []kizashi.Ahead{up(1e100)}, func(d float64) float64 { return 1e99 + 1e98*d }, 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAhead(t, 5*time.Minute, c.limits...)
			a.until(c.days, c.course)
			if len(a.told) > 0 {
				t.Errorf("told %v", a.told)
			}
		})
	}
}

// What is cleaned now and then is told before that is known, and not again once it
// came back twice.
func TestForecastLearnsWhatComesBack(t *testing.T) {
	noise := jitter(.3)
	for _, period := range []float64{3, 7} {
		a := newAhead(t, 5*time.Minute, up(95))
		a.until(20*period, func(d float64) float64 { return 20 + 60*(d/period-math.Floor(d/period)) + noise() })
		var late []string
		for _, s := range a.told {
			var on bool
			var day float64
			if _, err := fmt.Sscanf(s, "%t %f", &on, &day); err != nil {
				t.Fatal(err)
			}
			if on && day > 3*period {
				late = append(late, s)
			}
		}
		if len(late) > 0 {
			t.Errorf("every %v days: told %v", period, late)
		}
	}
}

// A vote that stands does not flap about its limit.
func TestForecastDoesNotFlap(t *testing.T) {
	noise := jitter(.8)
	a := newAhead(t, 5*time.Minute, up(95))
	a.until(18, func(d float64) float64 { return 50 + 2.2*d + noise() })
	if len(a.told) != 1 {
		t.Errorf("told %v", a.told)
	}
}

// It stops when the trend does, and with the sample that leaves it.
func TestForecastEnds(t *testing.T) {
	line := func(d float64) float64 { return 80 - 5*d }
	a := newAhead(t, 5*time.Minute, down(10))
	a.until(9.5, line)
	a.until(9.6, func(d float64) float64 { return line(d) + 60 })
	if len(a.told) != 2 || a.told[1] != "false 9.50" {
		t.Errorf("enlarged: told %v", a.told)
	}
	b := newAhead(t, 5*time.Minute, down(10))
	b.until(9.5, line)
	b.until(14, func(d float64) float64 { return line(9.5) })
	if n := len(b.told); n == 0 || n > 4 || b.vote.Crossed || b.told[n-1] > "false 12.5" {
		t.Errorf("it leaks no more: told %v", b.told)
	}
	c := newAhead(t, 5*time.Minute, down(10))
	c.until(15, line)
	if len(c.told) != 2 || c.told[1] != "false 14.00" {
		t.Errorf("at the limit: told %v", c.told)
	}
}

// Gaps of weeks, another period and excluded samples break nothing.
func TestForecastOverGaps(t *testing.T) {
	line := func(d float64) float64 { return 90 - 1.5*d }
	a := newAhead(t, 5*time.Minute, down(10))
	a.until(3, line)
	a.at = a.at.Add(30 * days)
	if a.until(35, line); len(a.told) > 0 {
		t.Errorf("two days after a gap: told %v", a.told)
	}
	a.period = time.Hour
	if a.until(50, line); len(a.told) == 0 {
		t.Error("never told, after a gap and with another period")
	}
	b := newAhead(t, 5*time.Minute, down(10))
	b.until(9.5, func(d float64) float64 { return 80 - 5*d })
	b.c.Stance = baseline.Excluded
	b.take(1000)
	if b.vote.Crossed {
		t.Error("an excluded sample is judged")
	}
	b.c.Stance = baseline.AsJudged
	if b.take(32.5); !b.vote.Crossed {
		t.Error("an excluded sample was learned")
	}
}

// Where only one direction may alert the other is not told; another limit begins anew
// with the next hour.
func TestForecastSettings(t *testing.T) {
	line := func(d float64) float64 { return 80 - 5*d }
	a := newAhead(t, 5*time.Minute, down(10))
	a.c.Settings.Direction = kizashi.Up
	if a.until(10, line); len(a.told) > 0 {
		t.Errorf("only up may alert: told %v", a.told)
	}
	b := newAhead(t, 5*time.Minute, down(10), up(200))
	b.until(9.75, line)
	b.c.Settings = &kizashi.Settings{Forecast: []kizashi.Ahead{up(200)}}
	if b.take(line(9.75)); b.vote.Crossed {
		t.Error("the limit is there no more, and its forecast stands")
	}
	b.c.Settings = &kizashi.Settings{}
	b.take(line(9.8))
	if got := len(b.state.AppendBinary(nil)); got != 1 {
		t.Errorf("%d bytes without a limit", got)
	}
}

// Guard rails are limits too, where the settings list none; those at which
// everything but rest lies beyond are not.
func TestForecastOfGuardRails(t *testing.T) {
	guard := []kizashi.Limit{{Side: kizashi.Up, Value: 95, M: 1, N: 1}}
	for _, c := range []struct {
		set  kizashi.Settings
		told bool
	}{
		{kizashi.Settings{Guards: guard}, true},
		{kizashi.Settings{Guards: guard, Forecast: []kizashi.Ahead{}}, false},
		{kizashi.Settings{Guards: []kizashi.Limit{{Side: kizashi.Up, Value: 0, M: 1, N: 1}}}, false},
	} {
		a := newAhead(t, 5*time.Minute)
		a.c.Meta.Lower, a.c.Settings = 0, &c.set
		a.until(13, func(d float64) float64 { return 50 + 3*d })
		if (len(a.told) > 0) != c.told {
			t.Errorf("%+v: told %v", c.set, a.told)
		}
		if held := len(a.state.AppendBinary(nil)) > 1; held != c.told {
			t.Errorf("%+v: state held: %t", c.set, held)
		}
	}
}

func TestForecastAllocatesNothing(t *testing.T) {
	a := newAhead(t, 5*time.Minute, down(10))
	a.until(9, func(d float64) float64 { return 80 - 5*d })
	if n := testing.AllocsPerRun(1000, func() { a.take(80 - 5*a.days()) }); n > 0 {
		t.Errorf("%v allocations a sample", n)
	}
}

// A state that was written goes on as the one that was not; bytes that no state wrote
// break nothing.
func TestForecastDecode(t *testing.T) {
	line := func(d float64) float64 { return 80 - 5*d }
	a, b := newAhead(t, 5*time.Minute, down(10)), newAhead(t, 5*time.Minute, down(10))
	a.until(9.51, line)
	raw := a.state.AppendBinary(nil)
	t.Logf("%d bytes", len(raw))
	if rest, err := b.state.Decode(raw); err != nil || len(rest) > 0 {
		t.Fatal(err, len(rest))
	}
	b.at, b.hour, b.told, b.vote = a.at, a.hour, a.told, a.vote
	a.until(12, line)
	b.until(12, line)
	if string(a.state.AppendBinary(nil)) != string(b.state.AppendBinary(nil)) || fmt.Sprint(a.vote, a.told) != fmt.Sprint(b.vote, b.told) {
		t.Error("it does not go on as before")
	}
	for n := range len(raw) {
		if _, err := newAhead(t, 5*time.Minute, down(10)).state.Decode(raw[:n]); err == nil {
			t.Fatalf("%d of %d bytes were enough", n, len(raw))
		}
	}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 9))
		for i := range raw[1:] {
			raw[1+i] = byte(r.Uint32())
		}
		s := newAhead(t, 5*time.Minute, down(10))
		if _, err := s.state.Decode(raw); err != nil {
			continue
		}
		s.until(1, line)
		s.state.(detect.Grounded).Ground(&s.c)
	}
}

// What a forecast costs a sample, once for noise far from the limit, once for a leak.
func BenchmarkForecast(b *testing.B) {
	for _, c := range []struct {
		name  string
		limit float64
	}{{"far", 1e6}, {"near", 60}} {
		b.Run(c.name, func(b *testing.B) {
			a, noise := newAhead(&testing.T{}, time.Minute, up(c.limit)), jitter(.3)
			course := func(d float64) float64 { return 20 + 8*math.Sin(2*math.Pi*d) + noise() }
			a.until(28, course)
			b.ReportAllocs()
			for b.Loop() {
				a.take(course(a.days()))
			}
		})
	}
}

// However well points agree on a way, a slope that is not three times its error is no
// trend: what wanders for days hangs together.
func TestForecastTrustsASlope(t *testing.T) {
	for seed := range uint64(40) {
		a := newAhead(t, 15*time.Minute, up(4), down(-4))
		r, x, told := rand.New(rand.NewPCG(seed, 7)), 0., 0
		a.until(24, func(float64) float64 {
			if stood := len(a.told); stood%2 == 1 && told < stood {
				if f := a.ground(t).Ahead; f.Trust < 3 {
					t.Errorf("seed %d, day %.2f: told by a slope of %.2f times its error", seed, a.days(), f.Trust)
				}
				told = stood
			}
			const k = 1. / (2 * 96)
			x += -k*x + math.Sqrt(2*k)*r.NormFloat64()
			return x
		})
	}
}
