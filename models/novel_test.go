package models_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/models"
)

var update = flag.Bool("update", false, "rewrite testdata/*.golden")

// lab drives a whole engine over one series of five minutes.
type lab struct {
	t  *testing.T
	e  *detect.Engine
	id kizashi.SeriesID
	at kizashi.Time
	// what became of the last run
	js     []detect.Judgement
	stood  map[string]int // samples on which a model's vote stood
	sides  map[string]kizashi.Side
	ground map[string]kizashi.Ground
}

func newLab(t *testing.T, off ...string) *lab {
	t.Helper()
	return newLabBy(t, detect.Rule{Off: off, OptIn: []string{"novelty"}})
}

func newLabBy(t *testing.T, rule detect.Rule) *lab {
	t.Helper()
	e, err := detect.NewEngine(detect.Config{Rules: []detect.Rule{rule}}, models.All(), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	identity := kizashi.LabelsOf(map[string]string{"name": "x"})
	l := &lab{t: t, e: e, id: kizashi.IDOf("t", identity), at: monday}
	err = e.Declare(kizashi.Declaration{From: monday, Meta: kizashi.Meta{Series: l.id, Tenant: "t", Identity: identity, Labels: identity,
		Period: kizashi.Duration(5 * time.Minute), Lower: kizashi.None(), Upper: kizashi.None()}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const fiveMinutes = 5 * time.Minute

// put judges values, a period each; NaN = none came.
func (l *lab) put(values ...float64) *lab {
	l.t.Helper()
	var in []kizashi.Sample
	for _, v := range values {
		if !math.IsNaN(v) {
			in = append(in, kizashi.Sample{Series: l.id, At: l.at, Period: fiveMinutes, Value: v})
		}
		l.at = l.at.Add(fiveMinutes)
	}
	var out detect.Judged
	if err := l.e.Judge(in, &out); err != nil {
		l.t.Fatal(err)
	}
	l.js, l.stood, l.sides, l.ground = out.Judgements, map[string]int{}, map[string]kizashi.Side{}, map[string]kizashi.Ground{}
	for _, c := range out.Crossings {
		for _, v := range c.Verdict.Votes {
			l.stood[v.Model]++
			l.sides[v.Model] = v.Side
		}
		for _, p := range c.Proof {
			for _, g := range p.Grounds {
				l.ground[g.Model] = g
			}
		}
	}
	for i := range l.js {
		if o := l.js[i].Onset; !(o >= 0 && o < 100) {
			l.t.Fatalf("onset %v of %v", o, l.js[i].Value)
		}
	}
	return l
}

// daysOf are those of a generated series.
func daysOf(t *testing.T, family string, seed uint64, n int) []float64 {
	t.Helper()
	g, err := gen.NewNoise(family, seed, gen.Options{Start: monday, Period: fiveMinutes})
	if err != nil {
		t.Fatal(err)
	}
	vs := make([]float64, n*288)
	g.Fill(vs)
	return vs
}

// wave is a day's square: low at night, high by day, with a ripple.
func wave(n int) []float64 {
	vs := make([]float64, n*288)
	for i := range vs {
		vs[i] = 20 + float64(i*7%5)/4
		if h := i / 12 % 24; h >= 8 && h < 20 {
			vs[i] += 40
		}
	}
	return vs
}

// A course in between the two levels that a series has, none outside its band of
// values: only its words are new.
func TestNoveltyOfACourse(t *testing.T) {
	l := newLab(t).put(wave(21)...)
	for i := range 6 {
		if vs := wave(1); true {
			if i == 5 { // by night it goes to and fro between the levels
				for k := range 12 {
					vs[k+24] = []float64{20, 41, 60, 38}[k%4]
				}
			}
			l.put(vs...)
		}
		if i < 5 && l.stood["novelty"] > 0 {
			t.Errorf("day %d as all days: novelty stood on %d samples", i, l.stood["novelty"])
		}
	}
	if l.stood["novelty"] == 0 {
		t.Fatalf("never seen, and nothing stood: %v", l.stood)
	}
	g := l.ground["novelty"]
	if g.Stat <= g.Limit || len(g.Parts) == 0 || g.Past == nil || g.Past.Of != 14 || g.Past.Count != 0 {
		t.Errorf("ground %+v", g)
	}
}

// In the first fortnight words are new for want of any: no vote, but a rank.
func TestNoveltyWaitsForAFortnight(t *testing.T) {
	l := newLab(t).put(wave(9)...)
	odd := wave(1)
	copy(odd[100:], []float64{200, -90, 200, -90})
	l.put(odd...)
	best := 0.
	for _, j := range l.js {
		best = max(best, j.Onset)
	}
	if l.stood["novelty"] > 0 || best < 1 {
		t.Errorf("day ten: novelty stood on %d samples, the best rank is %v", l.stood["novelty"], best)
	}
}

// The level of the day at night: nothing new but the hour.
func TestContextKnowsTheHour(t *testing.T) {
	l := newLab(t, "band", "spike", "novelty", "level", "drift", "variance").put(wave(21)...)
	if l.put(wave(3)...); l.stood["context"] > 0 {
		t.Errorf("days as all days: context stood on %d samples", l.stood["context"])
	}
	night := wave(1)
	for k := 12; k < 72; k++ { // 01:00 to 06:00
		night[k] += 40
	}
	if l.put(night...); l.stood["context"] == 0 || l.sides["context"] != kizashi.Up {
		t.Fatalf("the level of the day at night: %v %v", l.stood, l.sides)
	}
	if g := l.ground["context"]; g.Unit != "h" || g.Stat > 3 || g.Stat <= g.Limit || len(g.Parts) != 1 {
		t.Errorf("ground %+v", g)
	}
}

// A level that is adopted is usual at every hour from then on, and hours are known
// again once it has been there for a while.
func TestContextAfterALevelWasAdopted(t *testing.T) {
	higher := func(vs []float64) []float64 {
		for i := range vs {
			vs[i] += 100
		}
		return vs
	}
	l := newLab(t, "band", "spike", "novelty", "level", "drift", "variance").put(wave(21)...).put(higher(wave(2))...)
	if l.put(higher(wave(20))...); l.stood["context"] > 0 {
		t.Errorf("the level that was adopted: context stood on %d samples", l.stood["context"])
	}
	night := higher(wave(1))
	for k := 12; k < 72; k++ {
		night[k] += 40
	}
	if l.put(night...); l.stood["context"] == 0 || l.sides["context"] != kizashi.Up {
		t.Errorf("the level of the day at night, three weeks later: %v %v", l.stood, l.sides)
	}
}

// Far outside all that was shown; just outside is no news.
func TestExtreme(t *testing.T) {
	vs := daysOf(t, "gauss", 3, 21)
	l := newLab(t).put(vs...)
	lo, hi := vs[0], vs[0]
	for _, v := range vs {
		lo, hi = min(lo, v), max(hi, v)
	}
	if l.put(hi+(hi-lo)/4, vs[0]); l.stood["extreme"] > 0 {
		t.Error("a quarter of the range outside, and it stood")
	}
	if l.put(lo - 20*(hi-lo)); l.stood["extreme"] != 1 || l.sides["extreme"] != kizashi.Down {
		t.Errorf("twenty ranges below: %v %v", l.stood, l.sides)
	}
	g := l.ground["extreme"]
	want := math.Log10(1 + (float64(g.Past.Low)-g.Parts[0].Sum)/float64(g.Past.High-g.Past.Low))
	if math.Abs(g.Stat-want) > 1e-12 || g.Side != kizashi.Down {
		t.Errorf("ground %+v, by its range %v", g, want)
	}
}

// In the first week what was seen before is not told again, however odd it is; what was
// not is. A week later it is.
func TestTheFirstWeek(t *testing.T) {
	vs := daysOf(t, "gauss", 3, 16)
	lo, hi := vs[0], vs[0]
	for _, v := range vs {
		lo, hi = min(lo, v), max(hi, v)
	}
	burst := hi + 5*(hi-lo)
	vs[100] = burst
	l := newLab(t, "extreme", "novelty")
	for _, s := range []struct {
		days   int
		value  float64
		stands bool
	}{{4, burst, false}, {5, burst + (hi - lo), true}, {6, lo - (hi - lo), true}, {15, burst, true}} {
		from := int(l.at.Sub(monday) / fiveMinutes)
		if l.put(vs[from : s.days*288]...).put(s.value); l.stood["spike"] > 0 != s.stands {
			t.Errorf("day %d: %g stood on %v", s.days, s.value, l.stood)
		}
	}
}

// A vote within the target asks for the effect that the rule asks for, whatever its
// statistic is.
func TestTheLeastEffectIsAskedOfAllVotes(t *testing.T) {
	vs := daysOf(t, "gauss", 3, 21)
	for by, stands := range map[float64]bool{1: true, 1e6: false} {
		l := newLabBy(t, detect.Rule{Floor: &kizashi.Floor{By: by}}).put(vs...).put(vs[0] - 1000)
		for _, m := range []string{"extreme", "spike"} {
			if l.stood[m] > 0 != stands {
				t.Errorf("at least %g is asked for: %s stood on %d", by, m, l.stood[m])
			}
		}
	}
}

// Nothing is said of what has no ground, and nothing breaks.
func TestNovelBadInput(t *testing.T) {
	gap := make([]float64, 3*7*288)
	for i := range gap {
		gap[i] = math.NaN()
	}
	constant := make([]float64, 20*288)
	l := newLab(t).put(constant...)
	for _, m := range []string{"novelty", "context", "extreme"} {
		if l.stood[m] > 0 {
			t.Errorf("%s of a constant series stood", m)
		}
	}
	l.put(5e-324, -5e-324, 0, 5e-324).put(gap...).put(constant[:600]...)
	l.put(1e36, -1e36, 1e300, 2, 9007199254740993).put(constant[:600]...)
	two := newLab(t)
	if two.put(1, 2); len(two.stood) > 0 {
		t.Errorf("two points: %v", two.stood)
	}
}

// Bytes that no state wrote are refused or taken, and never break.
func TestNovelStatesOfAnyBytes(t *testing.T) {
	for _, r := range models.All() {
		if r.Name != "novelty" && r.Name != "context" && r.Name != "extreme" {
			continue
		}
		b := newBench(t, r.Name, fiveMinutes, kizashi.Settings{})
		raw := b.state.AppendBinary(nil)
		if limit := 2048; len(raw) > limit {
			t.Errorf("%s takes %d bytes", r.Name, len(raw))
		}
		for i := range raw {
			bad := append([]byte(nil), raw...)
			bad[i] = 0xff
			x := newBench(t, r.Name, fiveMinutes, kizashi.Settings{})
			if _, err := x.state.Decode(bad); err == nil {
				for k := range 40 {
					x.put(monday.Add(time.Duration(k)*fiveMinutes), float64(k%7))
				}
			}
		}
	}
}

// What every kind of series scores, so that each change of a score shows.
func TestScoreGoldens(t *testing.T) {
	for _, family := range gen.Families() {
		vs := daysOf(t, family, 11, 16)
		for k := range 12 { // an hour of a shift, and a spike
			vs[14*288+100+k] += 25
		}
		vs[15*288+60] += 60
		var b strings.Builder
		l := newLab(t).put(vs...)
		for i, j := range l.js {
			if j.Onset > 0 && i >= 288 {
				fmt.Fprintf(&b, "%s %.4f\n", j.At, j.Onset)
			}
		}
		path := filepath.Join("testdata", family+".onset.golden")
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != b.String() {
			t.Errorf("%s: scores differ from %s; run go test -update if they should", family, path)
		}
	}
}
