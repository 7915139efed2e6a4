package detecttest

import (
	"fmt"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// monday is 2026-09-07, 00:00 UTC.
const monday kizashi.Time = 1788739200000

// What a course gives a detector to go by.
const (
	some = iota
	none // no vote may stand
)

// course is a run of samples of one series.
type course struct {
	name      string
	ground    int
	declared  []kizashi.Declaration
	samples   []kizashi.Sample // as a state sees them
	delivered []kizashi.Sample // as a source may deliver them: with what the engine keeps from a state
}

func (c *course) end() kizashi.Time {
	if len(c.samples) == 0 {
		return monday
	}
	return c.samples[len(c.samples)-1].End()
}

func meta(labels int, unit string, period time.Duration) kizashi.Meta {
	ls := map[string]string{"name": "x"}
	for i := range labels {
		ls[fmt.Sprintf("label_%03d", i)] = fmt.Sprint("value ", i)
	}
	all := kizashi.LabelsOf(ls)
	return kizashi.Meta{Series: kizashi.IDOf("acme", all), Tenant: "acme", Identity: all, Labels: all, Unit: unit,
		Period: kizashi.Duration(period), Zone: "Asia/Tokyo", Lower: kizashi.None(), Upper: kizashi.None()}
}

// noise is a generator of numbers that look random and are the same in each run.
type noise uint64

func (n *noise) next() float64 {
	*n = *n*6364136223846793005 + 1442695040888963407
	return float64(*n>>11)/(1<<53)*2 - 1
}

// usual is a service's day with noise: about 100, 60 to 140.
func usual(at kizashi.Time, n *noise) float64 {
	return 100 + 30*math.Sin(2*math.Pi*float64(at-monday)/86_400_000) + 10*(n.next()+n.next())
}

// made is a course of n samples, one a period.
func made(name string, n int, period time.Duration, m kizashi.Meta, value func(i int, at kizashi.Time) float64) course {
	c := course{name: name, declared: []kizashi.Declaration{{From: monday, Meta: m}}}
	for i := range n {
		at := monday.Add(time.Duration(i) * period)
		c.deliver(kizashi.Sample{Series: m.Series, At: at, Period: period, Value: value(i, at)})
	}
	return c
}

// deliver adds a sample; what an engine refuses no state sees.
func (c *course) deliver(s kizashi.Sample) {
	c.delivered = append(c.delivered, s)
	if math.Abs(s.Value) <= kizashi.MaxValue && (len(c.samples) == 0 || s.At > c.samples[len(c.samples)-1].At) {
		c.samples = append(c.samples, s)
	}
}

// odd are values that a source may deliver.
var odd = []float64{0, math.Copysign(0, -1), 5e-324, -5e-324, 2.2e-308, 1e308, -1e308, math.Inf(1), math.NaN(), 1e36, -1e36, 1e108,
	1<<53 + 1, -(1<<53 + 1), 1e-9, -1, 1, math.MaxFloat64}

// courses are what every detector is taken through; the first is an ordinary one
// with incidents at its end.
func courses() []course {
	var n noise = 1
	plain := meta(0, "Percent", time.Minute)
	five := meta(0, "Count", 5*time.Minute)
	out := []course{
		made("usual, then unusual", 9*1440, time.Minute, plain, func(i int, at kizashi.Time) float64 {
			v := usual(at, &n)
			switch {
			case i > 9*1440-90 && i < 9*1440-80: // a spike
				v += 200
			case i > 9*1440-700 && i < 9*1440-640: // stuck
				v = 97
			case i > 9*1440-400 && i < 9*1440-200: // another level
				v -= 90
			}
			return v
		}),
		made("counts every 5 minutes", 21*288, 5*time.Minute, five, func(int, kizashi.Time) float64 { return math.Floor(4 * (1 + n.next())) }),
		made("all values NaN", 500, time.Minute, plain, func(int, kizashi.Time) float64 { return math.NaN() }),
		made("odd values among usual ones", 4*1440, time.Minute, plain, func(i int, at kizashi.Time) float64 {
			if i%97 == 0 {
				return odd[i/97%len(odd)]
			}
			return usual(at, &n)
		}),
		made("odd values alone", 4*1440, time.Minute, plain, func(i int, _ kizashi.Time) float64 { return odd[i*7%len(odd)] }),
		made("a counter that resets", 4*1440, time.Minute, plain, func(i int, _ kizashi.Time) float64 { return float64(i%1111) * 1e6 }),
		made("400 labels", 2000, time.Minute, meta(400, "", time.Minute), func(_ int, at kizashi.Time) float64 { return usual(at, &n) }),
	}
	for _, v := range []float64{0, 42.5, 1<<53 + 1} {
		c := made(fmt.Sprint("constant ", v), 21*288, 5*time.Minute, five, func(int, kizashi.Time) float64 { return v })
		c.ground = none
		out = append(out, c)
	}
	two := made("two points", 2, time.Minute, plain, func(i int, _ kizashi.Time) float64 { return 1 + 1e9*float64(i) })
	two.ground = none
	return append(out, two, bounded(&n), unitChange(&n), periodChange(&n), gaps(&n), disorder(&n))
}

// bounded has values below its bound: a unit forbids them, a source delivers them.
func bounded(n *noise) course {
	m := meta(0, "Percent", time.Minute)
	m.Lower, m.Upper = 0, 100
	return made("values outside their bounds", 4*1440, time.Minute, m, func(i int, at kizashi.Time) float64 {
		if i%50 == 0 {
			return -1e6
		}
		return usual(at, n)
	})
}

// unitChange gives milliseconds where it gave seconds.
func unitChange(n *noise) course {
	m := meta(0, "Seconds", time.Minute)
	c := made("a unit that changes", 4*1440, time.Minute, m, func(i int, at kizashi.Time) float64 {
		if i >= 2*1440 {
			return 1000 * usual(at, n)
		}
		return usual(at, n)
	})
	m.Unit = "Milliseconds"
	c.declared = append(c.declared, kizashi.Declaration{From: monday.Add(48 * time.Hour), Meta: m})
	return c
}

// periodChange gives a sample a minute where it gave one every five.
func periodChange(n *noise) course {
	m := meta(0, "", 5*time.Minute)
	c := made("a period that changes", 10*288, 5*time.Minute, m, func(_ int, at kizashi.Time) float64 { return usual(at, n) })
	from := c.end()
	m.Period = kizashi.Duration(time.Minute)
	c.declared = append(c.declared, kizashi.Declaration{From: from, Meta: m})
	for i := range 2 * 1440 {
		at := from.Add(time.Duration(i) * time.Minute)
		c.deliver(kizashi.Sample{Series: m.Series, At: at, Period: time.Minute, Value: usual(at, n)})
	}
	return c
}

// gaps of weeks, and of a period that nobody declared.
func gaps(n *noise) course {
	m := meta(0, "", 0)
	c := course{name: "gaps of weeks", declared: []kizashi.Declaration{{From: monday, Meta: m}}}
	at := monday
	for i := range 6000 {
		at = at.Add(time.Minute)
		if i%1500 == 1499 {
			at = at.Add(time.Duration(i/1500+1) * 16 * 24 * time.Hour)
		}
		c.deliver(kizashi.Sample{Series: m.Series, At: at, Value: usual(at, n)})
	}
	return c
}

// disorder has samples twice, and some that come behind later ones.
func disorder(n *noise) course {
	m := meta(0, "", time.Minute)
	c := course{name: "samples late and twice", declared: []kizashi.Declaration{{From: monday, Meta: m}}}
	for i := range 3000 {
		at := monday.Add(time.Duration(i) * time.Minute)
		s := kizashi.Sample{Series: m.Series, At: at, Period: time.Minute, Value: usual(at, n)}
		c.deliver(s)
		if i%11 == 0 {
			c.deliver(s)
		}
		if i%13 == 5 {
			s.At, s.Late = at.Add(-3*time.Minute), true
			c.deliver(s)
		}
	}
	return c
}

// settings under which a detector is looked at: the defaults, where it votes though
// it were opt-in, and with all that a person may set.
func settings(name string) []kizashi.Settings {
	plain := detect.Defaults()
	plain.OptIn = []string{name}
	set := plain
	set.Direction, set.M, set.N = kizashi.Up, 2, 4
	set.Static = []kizashi.Limit{{Side: kizashi.Up, Value: 150, M: 2, N: 3}}
	set.Guards = []kizashi.Limit{{Side: kizashi.Down, Value: 10, M: 1, N: 1}}
	set.Change = []kizashi.Change{{By: 50, Over: kizashi.Duration(10 * time.Minute)}, {Part: .5, Over: kizashi.Duration(10 * time.Minute)}}
	set.Floor = &kizashi.Floor{By: 1, Part: .01}
	return []kizashi.Settings{plain, set}
}

// ruleOf is the rule by which an engine comes to settings of this package.
func ruleOf(set kizashi.Settings) detect.Rule {
	r := detect.Rule{OptIn: set.OptIn}
	if len(set.Static) == 0 {
		return r
	}
	high, low := set.Static[0].Value, set.Guards[0].Value
	r.Direction, r.MofN, r.Floor = &set.Direction, "2/4", set.Floor
	r.Static = []detect.StaticRule{{Above: &high, MofN: "2/3"}}
	r.Guards = []detect.StaticRule{{Below: &low}}
	r.Change = []detect.ChangeRule{{Above: "50", Over: kizashi.Duration(10 * time.Minute)}, {Above: "50%", Over: kizashi.Duration(10 * time.Minute)}}
	return r
}
