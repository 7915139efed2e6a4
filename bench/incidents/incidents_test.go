package incidents

import (
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// The table in small: what needs no fine judgement is found, the first time
// and a week later, and what is said beside it stays near what was stated. With
// KIZASHI_SOAK set it is the table itself, 20 seeds.
//
// The floors are of what detectors are for which there is a row today; kinds
// without one are logged, and tell by their figures that there is none.
func TestFoundAndFalseTogether(t *testing.T) {
	s := Standard(1)
	s.Noises, s.Periods = []float64{.05}, []time.Duration{time.Minute}
	if os.Getenv("KIZASHI_SOAK") != "" {
		s = Standard(20)
	}
	o, err := s.Measure()
	if err != nil {
		t.Fatal(err)
	}
	rows := Rows(o.Results, func(r *Result) string {
		if r.Family == "ar" {
			return "" // stands apart
		}
		return r.Kind
	})
	for _, k := range Kinds() {
		r := rows[k.Name]
		if r == nil || r.Of == 0 || r.AgainOf != r.Of {
			t.Fatalf("%s: %+v, want as many pairs as there are scenes", k.Name, r)
		}
		t.Logf("%-10s found %.3f, again %.3f of %d, by its own model %.3f, after %s, by %v", k.Name, r.Share(), r.AgainShare(), r.Of, r.RightShare(), r.Delay.Round(time.Second), r.Models())
	}
	for _, name := range []string{"spike", "silence"} {
		if r := rows[name]; r.Share() < .9 || r.Kept() < .9 || r.RightShare() < .9 {
			t.Errorf("%s: found %.3f, by its own model %.3f, again %.3f; want .9 of each", name, r.Share(), r.RightShare(), r.AgainShare())
		}
	}
	for _, name := range []string{"level up", "level down", "slope up", "slope down"} {
		if r := rows[name]; r.Share() < .8 {
			t.Errorf("%s: found %.3f, want .8", name, r.Share())
		}
	}
	alone := s.Rates(o.Other, func(e *Elsewhere) string {
		if e.track == group {
			return ""
		}
		return "alone"
	})["alone"]
	t.Logf("elsewhere %d episodes, %.1f stated, %v; %d in an incident's wake", alone.Episodes, alone.Expected, alone.By, alone.After)
	if alone.Ratio() > 2 {
		t.Errorf("elsewhere %d episodes against %.1f stated", alone.Episodes, alone.Expected)
	}
}

// The yardstick itself: incidents lie in scored weeks, each twice a week
// apart, and those of one series a fifth of a week less the jitter from each
// other.
func TestPlaces(t *testing.T) {
	for _, period := range []time.Duration{time.Minute, 5 * time.Minute} {
		for _, family := range Families() {
			for seed := range uint64(4) {
				for _, p := range append(Specs(family, .05, period, seed), Crowded(family, .05, period, seed)) {
					s := mustMake(t, p)
					ins := s.byTime()
					for i, in := range ins {
						if in.At < s.Learned || in.At+in.Length > len(s.Values[0]) || in.Length < 1 {
							t.Errorf("%+v: %+v lies outside", p, in)
						}
						if n := count(s.Incidents, func(o Incident) bool {
							return o.Kind == in.Kind && o.Member == in.Member && !o.Again && in.At-o.At == s.week()*b(in.Again)
						}); n != 1 {
							t.Errorf("%+v: %+v has %d firsts", p, in, n)
						}
						if p.track == values && i > 0 && in.At-ins[i-1].At-ins[i-1].Length < s.samples(20*time.Hour) {
							t.Errorf("%+v: %+v comes too soon after %+v", p, in, ins[i-1])
						}
					}
				}
			}
		}
	}
}

func b(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func count(ins []Incident, f func(Incident) bool) int {
	n := 0
	for _, in := range ins {
		if f(in) {
			n++
		}
	}
	return n
}

func mustMake(t *testing.T, p Spec) *Scene {
	t.Helper()
	s, err := p.Make()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What is injected is what the table says, in the series' unit: sigma is 5 of
// a level of 100.
func TestWhatIsInjected(t *testing.T) {
	p := Crowded("gauss", .05, time.Minute, 3)
	s := mustMake(t, p)
	mean := map[string]float64{"spike of 5": 120, "dip of 5": 80, "level up": 120, "level down": 80, "variance": 100}
	for _, in := range s.Incidents {
		var sum, squares float64
		vs := s.Values[0][in.At : in.At+in.Length]
		for _, v := range vs {
			sum += v
			squares += v * v
		}
		m := sum / float64(in.Length)
		sd := math.Sqrt(squares/float64(in.Length) - m*m)
		if want, ok := mean[in.Kind]; ok && math.Abs(m-want) > 6 {
			t.Errorf("%s: mean %.1f, want %.0f", in.Kind, m, want)
		}
		switch in.Kind {
		case "variance":
			if sd < 8 || sd > 12 {
				t.Errorf("variance: sigma %.1f, want 10", sd)
			}
		case "slope up":
			if first, last := vs[0], vs[len(vs)-1]; first > 117 || last < 103 {
				t.Errorf("slope from %.1f to %.1f", first, last)
			}
		}
	}
	s = mustMake(t, Spec{track: runs, Family: "laplace", Noise: .05, Period: time.Minute, Seed: 3})
	for _, in := range s.Incidents {
		for k := range in.Length {
			v := s.Values[0][in.At+k]
			if in.Kind == "silence" && !math.IsNaN(v) || in.Kind == "stuck" && v != s.Values[0][in.At-1] {
				t.Errorf("%s: sample %d of %d is %v", in.Kind, k, in.Length, v)
			}
		}
		if in.Length < 4 {
			t.Errorf("%s lasts %d samples", in.Kind, in.Length)
		}
	}
}

// A spike lies 1.3 times as far out as its limit, so that the vote's statistic
// is 1.3 times the limit that the alert states.
func TestSpikeBeyondItsLimit(t *testing.T) {
	s := mustMake(t, Crowded("seasonal", .05, time.Minute, 2))
	if _, err := (Judge{R: 28 * 24 * time.Hour}).Run(s); err != nil {
		t.Fatal(err)
	}
	for _, in := range s.Incidents {
		if in.Kind == "spike" && (in.open || in.Height < 3 || s.Values[0][in.At] < 110) {
			t.Errorf("%+v at %v", in, s.Values[0][in.At])
		}
	}
	was := slices.Clone(s.Values[0])
	if _, err := (Judge{R: 28 * 24 * time.Hour, Off: []string{"spike"}}).Run(s); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(was, s.Values[0]) {
		t.Error("the second run moved the spike")
	}
}

// Marks count as what they are: found within the longest time, in an
// incident's wake, elsewhere, or of the weeks of learning.
func TestScore(t *testing.T) {
	s := mustMake(t, Crowded("gauss", .05, time.Minute, 1))
	first := func(kind string) *Incident {
		i := slices.IndexFunc(s.Incidents, func(in Incident) bool { return in.Kind == kind && !in.Again })
		return &s.Incidents[i]
	}
	up, dip, slope := first("level up"), first("dip of 5"), first("slope up")
	mark := func(i int, opens bool, models ...string) Mark {
		return Mark{At: s.Time(i), Opens: opens, Models: models}
	}
	rs, other := s.Score([]Mark{
		mark(up.At+2, true, "band"), mark(up.At+9, false, "level"), // found
		mark(up.At+40, true, "spike"),             // its wake
		mark(dip.At+5, true, "spike"),             // too late
		mark(slope.At+9, false, "band"),           // part of an alert that was open before
		mark(slope.At-300, true, "band", "spike"), // false
		mark(100, true, "spike"),                  // while it learned
	})
	for _, r := range rs {
		want := Result{Spec: s.Spec, Kind: r.Kind, Again: r.Again}
		switch {
		case r.Again:
		case r.Kind == "level up":
			want.Found, want.Delay, want.Models, want.Episode = true, 3*time.Minute, []string{"band", "level"}, 1
		case r.Kind == "slope up":
			want.Models = []string{"band"}
		}
		if r.Found != want.Found || r.Delay != want.Delay || !slices.Equal(r.Models, want.Models) || r.Episode != want.Episode {
			t.Errorf("%+v, want %+v", r, want)
		}
	}
	if other.Episodes != 1 || other.After != 2 || other.By["band"] != 1 {
		t.Errorf("%+v, want one false and two in a wake", other)
	}
	weeks := other.Scored.Hours() / 168
	if weeks > 4 || weeks < 3.5 {
		t.Errorf("%.2f weeks are scored, want 4 less the incidents", weeks)
	}
	rows := Rows(rs, func(r *Result) string { return r.Kind })
	if r := rows["level up"]; r.First != 1 || r.Of != 1 || r.Again != 0 || r.AgainOf != 1 || r.Kept() != 0 || r.Right != 1 || r.Delay != 3*time.Minute {
		t.Errorf("%+v", r)
	}
}

// An alert on another member of the group finds nothing.
func TestWrongMember(t *testing.T) {
	s := mustMake(t, Spec{track: group, Family: "gauss", Noise: .05, Period: 5 * time.Minute, Seed: 1})
	in := s.Incidents[0]
	rs, other := s.Score([]Mark{{At: s.Time(in.At), Member: (in.Member + 1) % members, Opens: true, Models: []string{"band"}}})
	if rs[0].Found || other.Episodes != 1 {
		t.Errorf("%+v, %+v", rs[0], other)
	}
	marks, err := Judge{R: 28 * 24 * time.Hour}.Run(s)
	if err != nil {
		t.Fatal(err)
	}
	type opening struct {
		at     kizashi.Time
		member int
	}
	opened := map[opening]string{}
	for i, m := range marks {
		if i > 0 && m.At < marks[i-1].At {
			t.Fatalf("mark %d goes back in time", i)
		}
		if !m.Opens {
			continue
		}
		if was, ok := opened[opening{m.At, m.Member}]; ok && was == m.Models[0] {
			t.Errorf("member %d: an alert of %s is told twice", m.Member, m.At)
		}
		opened[opening{m.At, m.Member}] = m.Models[0]
	}
	if len(opened) == 0 {
		t.Error("nothing opened at all: the test shows nothing")
	}
	if n := count(s.Incidents, func(in Incident) bool { return in.Kind == "sibling" }); n != 4 {
		t.Errorf("%d incidents, want two pairs", n)
	}
}

// Habits show when they are said to.
func TestHabits(t *testing.T) {
	days := map[string]int{"nightly backup": 18 * 7, "weekend stop": 18, "quiet weekend": 18, monthEnd: 4}
	for _, name := range Habits() {
		s := mustMake(t, Spec{habit: name, Family: "gauss", Noise: habitNoise, Period: 5 * time.Minute, Seed: 1})
		if len(s.Habits) != days[name] || AboutHabit(name) == "" {
			t.Errorf("%s: shows %d times, want %d", name, len(s.Habits), days[name])
		}
		h := s.Habits[1]
		var sum float64
		vs := s.Values[0][h.From:h.To]
		for _, v := range vs {
			sum += v
		}
		want := map[string]float64{"nightly backup": 130, "quiet weekend": 30, monthEnd: 130}[name]
		if got := sum / float64(len(vs)); math.Abs(got-want) > 12 && name != "weekend stop" || name == "weekend stop" && !math.IsNaN(got) {
			t.Errorf("%s: %.1f on average, want %.0f", name, got, want)
		}
		if !s.onHabit(s.Time(h.From)) || s.onHabit(s.Time(h.To).Add(2*time.Hour)) {
			t.Errorf("%s: %v", name, h)
		}
	}
	if got := kizashi.TimeOf(time.Date(2026, 2, 28, 9, 0, 0, 0, time.UTC)); mustMake(t, Spec{habit: monthEnd, Family: "gauss", Noise: .05, Period: 5 * time.Minute}).Habits[1].From != int(got.Sub(start)/(5*time.Minute)) {
		t.Error("the second month's end is not 28 February, 09:00")
	}
}

// A family that is none is an error, not a row of noughts.
func TestUnknownFamily(t *testing.T) {
	s := Standard(1)
	s.Families = []string{"nonsense"}
	if _, err := s.Measure(); err == nil {
		t.Error("measured")
	}
	if _, err := s.MeasureHabit("nightly backup", time.Minute); err == nil {
		t.Error("measured a habit")
	}
}

// What cannot be set apart by a name has the same rows for ever.
func TestKindsAndTheirTimes(t *testing.T) {
	for _, k := range Kinds() {
		if k.What() == "" || k.Lasts() == "" || len(k.Right) == 0 {
			t.Errorf("%+v", k)
		}
	}
	if short(2*time.Hour+30*time.Minute) != "2h30m" || short(48*time.Hour) != "48h" || short(30*time.Minute) != "30m" {
		t.Error(short(2*time.Hour+30*time.Minute), short(48*time.Hour), short(30*time.Minute))
	}
}
