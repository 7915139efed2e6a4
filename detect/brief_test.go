package detect_test

import (
	"bytes"
	"encoding/json"
	"fmt"
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
