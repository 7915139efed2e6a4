package detect_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/models"
)

// Votes are asked for in short, one series' after another's. Who asks for all of them
// hears the same, and what is learned is the same to the last bit: of 24 days of two
// series in turn, one with bands left for a quarter of an hour, one with spikes, levels
// and a flat line; for that a rule turns a detector off and asks for one that ranks
// moments elsewhere.
func TestVotesInShort(t *testing.T) {
	short, full := twoSeries(t), twoSeries(t)
	stood := 0
	for i := range short.ids {
		full.e.Ask(short.ids[i], kizashi.Forever)
		short.run(t)
		full.run(t)
		for k, j := range short.out.Judgements {
			if f := full.out.Judgements[k]; fmt.Sprintf("%+v", f) != fmt.Sprintf("%+v", j) {
				t.Fatalf("all is asked of series %d, sample %d: in short %+v, in full %+v", i, k, j, f)
			}
			if j.Stands {
				stood++
			}
		}
		if s, f := short.said(t), full.said(t); s != f {
			t.Errorf("all is asked of series %d: in short %s, in full %s", i, s, f)
		}
	}
	if stood < 50 {
		t.Errorf("%d samples on which a vote stands: that is too little to compare", stood)
	}
	if !bytes.Equal(short.state(t), full.state(t)) {
		t.Error("what was learned differs")
	}
}

// pairOf is two series, samples of which come in turn.
type pairOf struct {
	e   *detect.Engine
	ids [2]kizashi.SeriesID
	ss  []kizashi.Sample
	out detect.Judged
}

func twoSeries(t *testing.T) *pairOf {
	t.Helper()
	m, err := kizashi.ParseMatcher(`name="b"`)
	if err != nil {
		t.Fatal(err)
	}
	cfg := detect.Config{Rules: []detect.Rule{{Match: kizashi.Matchers{m}, Off: []string{"spike"}, OptIn: []string{"novelty"}}}}
	e, err := detect.NewEngine(cfg, models.All(), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &pairOf{e: e}
	const days, a = 24, 288
	var vs [2][]float64
	for i, name := range [...]string{"a", "b"} {
		meta := metaOf(name)
		p.ids[i] = meta.Series
		if err := e.Declare(kizashi.Declaration{From: start, Meta: meta}); err != nil {
			t.Fatal(err)
		}
		n, err := gen.NewNoise("seasonal", uint64(i)+7, gen.Options{Start: start, Period: 5 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		vs[i] = make([]float64, days*a)
		n.Fill(vs[i])
	}
	for k := range vs[1] {
		if k/a > 8 && k%a >= 60 && k%a < 63 {
			vs[0][k] *= 1.5
		}
		switch at := k % a; {
		case k/a >= 8 && at == 100:
			vs[1][k] *= 3
		case k/a == 10 && at > 150 && at < 200, k/a == 20 && at > 40:
			vs[1][k] *= 1.8
		case k/a == 22 && at > 100:
			vs[1][k] = vs[1][k-1]
		}
	}
	for k := range vs[0] {
		for i := range vs {
			p.ss = append(p.ss, kizashi.Sample{Series: p.ids[i], At: start.Add(time.Duration(k) * 5 * time.Minute), Period: 5 * time.Minute, Value: vs[i][k]})
		}
	}
	return p
}

// run judges half of the samples.
func (p *pairOf) run(t *testing.T) {
	t.Helper()
	n := len(p.ss) / 2
	if len(p.out.Judgements) > 0 {
		n = len(p.ss)
	}
	p.out = detect.Judged{}
	if err := p.e.Judge(p.ss[:n], &p.out); err != nil {
		t.Fatal(err)
	}
	p.ss = p.ss[n:]
}

// said is what came of the last samples beside their judgements, as JSON.
func (p *pairOf) said(t *testing.T) string {
	t.Helper()
	out := p.out
	out.Judgements = nil
	b, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (p *pairOf) state(t *testing.T) []byte {
	t.Helper()
	b, err := p.e.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A change in parts of nearly nothing: whoever asks for all votes changes nothing.
func TestAChangeFromNearlyNothing(t *testing.T) {
	run := func(ask bool) (faults int, state string) {
		l := newLoop(t, detect.Config{Rules: []detect.Rule{{Change: []detect.ChangeRule{{Above: "50%", Over: kizashi.Duration(5 * time.Minute), Direction: kizashi.Up}}}}})
		if ask {
			l.e.Ask(l.meta.Series, kizashi.Forever)
		}
		for i := range 60 {
			x := -1.
			if i%10 < 5 {
				x = 5e-324
			}
			l.judge(kizashi.Sample{Series: l.meta.Series, At: start.Add(time.Duration(i) * time.Minute), Period: time.Minute, Value: x})
			faults += len(l.out.Faults)
		}
		return faults, l.state()
	}
	short, a := run(false)
	full, b := run(true)
	if short != 0 || full != 0 || a != b {
		t.Errorf("%d faults in short, %d in full; the states are equal: %t", short, full, a == b)
	}
}

// hasty works something out, and then panics or says what is no number.
type hasty struct{ panics bool }

func (hasty) Movable() {}

func (m hasty) New(*kizashi.Meta, *kizashi.Settings) detect.State { return &hastyState{hasty: m} }

type hastyState struct{ hasty }

func (s *hastyState) Brief(c *detect.Case) (detect.Said, float64) {
	c.Draft.Set = true
	if s.panics {
		panic("hasty")
	}
	return detect.Stands, math.NaN()
}

func (s *hastyState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	_, v.Onset = s.Brief(c)
	v.Side, v.Crossed = kizashi.Up, true
	return true
}

func (s *hastyState) Learn(c *detect.Case, _ bool) {
	if c.Draft.Set {
		panic("it learns what another state worked out")
	}
}

func (s *hastyState) Explain(*detect.Case) []kizashi.Evidence { return nil }
func (s *hastyState) AppendBinary(b []byte) []byte            { return b }
func (s *hastyState) Decode(b []byte) ([]byte, error)         { return b, nil }

// Of a row that fails nothing is left of the sample, whoever asks: neither a vote that
// stands nor what it had worked out.
func TestNothingIsLeftOfAFault(t *testing.T) {
	for _, m := range []hasty{{panics: true}, {}} {
		for _, all := range []bool{false, true} {
			l := &loop{t: t, meta: metaOf("p99")}
			rows := append(models.All(), detect.Row{Name: "hasty", Kind: kizashi.EvidenceVote, Model: m, Weight: 1})
			var err error
			if l.e, err = detect.NewEngine(detect.Config{}, rows, 1, nil); err != nil {
				t.Fatal(err)
			}
			if err := l.e.Declare(kizashi.Declaration{From: start, Meta: l.meta}); err != nil {
				t.Fatal(err)
			}
			if all {
				l.e.Ask(l.meta.Series, kizashi.Forever)
			}
			for _, j := range l.judge(l.samples(0, .1)...) {
				if j.Stands || j.State != kizashi.Warming || j.Onset != 0 {
					t.Errorf("%+v, all is asked %t: %+v", m, all, j)
				}
			}
			if len(l.out.Faults) != 3 || l.out.Faults[1].What != l.out.Faults[0].What {
				t.Errorf("%+v, all is asked %t: faults %+v", m, all, l.out.Faults)
			}
		}
	}
}
