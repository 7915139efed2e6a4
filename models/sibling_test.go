package models_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// herd is a set of hosts, compared minute by minute.
type herd struct {
	t   *testing.T
	e   *detect.Engine
	ids []kizashi.SeriesID
	at  kizashi.Time
	r   *rand.Rand

	stood map[kizashi.SeriesID]int // minutes, of the last run
}

func newHerd(t *testing.T, n int, rule detect.Rule) *herd {
	t.Helper()
	e, err := detect.NewEngine(detect.Config{Rules: []detect.Rule{rule}}, models.All(), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := &herd{t: t, e: e, at: monday, r: rand.New(rand.NewPCG(1, 2))}
	for i := range n {
		ls := kizashi.LabelsOf(map[string]string{"metric": "CPUUtilization", "host": fmt.Sprint(i)})
		m := kizashi.Meta{Series: kizashi.IDOf("acme", ls), Tenant: "acme", Identity: ls, Labels: ls, Group: "web",
			Period: kizashi.Duration(time.Minute), Lower: kizashi.None(), Upper: kizashi.None()}
		if err := e.Declare(kizashi.Declaration{From: monday, Meta: m}); err != nil {
			t.Fatal(err)
		}
		h.ids = append(h.ids, m.Series)
	}
	return h
}

// run compares for so long: all share a load of three scales, the first one lies off
// by so many, and says on how many minutes a vote stood, and of whom.
func (h *herd) run(d time.Duration, off float64, change func(*detect.Peer)) (first, others int, side kizashi.Side) {
	h.t.Helper()
	h.stood = map[kizashi.SeriesID]int{}
	for end := h.at.Add(d); h.at < end; h.at = h.at.Add(time.Minute) {
		load := 3 * h.r.NormFloat64()
		var ps []detect.Peer
		for i, id := range h.ids {
			z := load + h.r.NormFloat64()
			if i == 0 {
				z += off
			}
			p := detect.Peer{Series: id, At: h.at, End: h.at.Add(time.Minute), Value: 50 + z, Expected: 50, Score: z, Learns: true}
			if change != nil {
				change(&p)
			}
			ps = append(ps, p)
		}
		vs, err := h.e.Compare(ps, nil)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, v := range vs {
			h.stood[v.Series]++
			if v.Series == h.ids[0] {
				first, side = first+1, v.Vote.Side
				if g := v.Ground; g == nil || g.Stat != v.Vote.Stat || g.Limit != v.Vote.Limit || g.Past.Count != len(h.ids)-1 {
					h.t.Errorf("vote %+v rests on %+v", v.Vote, g)
				}
			} else {
				others++
			}
		}
	}
	return first, others, side
}

func TestSiblings(t *testing.T) {
	const days = 24 * time.Hour
	for _, c := range []struct {
		name   string
		hosts  int
		rule   detect.Rule
		off    float64
		change func(*detect.Peer)
		side   kizashi.Side // Both = nothing stands
	}{
		{"one of eight is higher", 8, detect.Rule{}, 8, nil, kizashi.Up},
		{"one of eight is lower", 8, detect.Rule{}, -8, nil, kizashi.Down},
		{"one of four", 4, detect.Rule{}, 8, nil, kizashi.Up},
		{"of three nobody knows who is unlike whom", 3, detect.Rule{}, 8, nil, kizashi.Both},
		{"all are higher together", 8, detect.Rule{}, 0, func(p *detect.Peer) { p.Score += 20 }, kizashi.Both},
		{"only a fall may alert", 8, detect.Rule{Direction: sideOf(kizashi.Down)}, 8, nil, kizashi.Both},
		{"switched off", 8, detect.Rule{Off: []string{"sibling"}}, 8, nil, kizashi.Both},
		{"it is expected, or excluded", 8, detect.Rule{}, 8, func(p *detect.Peer) { p.Learns = false }, kizashi.Both},
		{"too small an effect", 8, detect.Rule{Floor: &kizashi.Floor{By: 30}}, 8, nil, kizashi.Both},
		{"the effect that is asked for", 8, detect.Rule{Floor: &kizashi.Floor{By: 1}}, 8, nil, kizashi.Up},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHerd(t, c.hosts, c.rule)
			if first, others, _ := h.run(12*time.Hour, 20, nil); first+others > 0 {
				t.Errorf("in the first hours %d votes stood", first+others)
			}
			h = newHerd(t, c.hosts, c.rule)
			h.run(10*days, 0, nil)
			first, others, side := h.run(20*time.Minute, c.off, c.change)
			if (first > 0) != (c.side != kizashi.Both) || first > 0 && side != c.side || others > 0 {
				t.Errorf("stood on %d minutes (%s), on %d of others", first, side, others)
			}
		})
	}
}

// Two of five are off: they are told, and nobody sound is held unlike them.
func TestTwoOfFiveAreOff(t *testing.T) {
	h := newHerd(t, 5, detect.Rule{})
	h.run(10*24*time.Hour, 0, nil)
	second := h.ids[1]
	first, others, _ := h.run(20*time.Minute, 8, func(p *detect.Peer) {
		if p.Series == second {
			p.Score += 8
		}
	})
	if first < 12 || h.stood[second] < 12 || others > h.stood[second] {
		t.Errorf("stood on %d and %d minutes of the two, on %d of the three that are sound", first, h.stood[second], others-h.stood[second])
	}
}

// Members that fluctuate by day three times as much as by night are held to the night's
// measure at night.
func TestSiblingsAtACalmHour(t *testing.T) {
	h := newHerd(t, 8, detect.Rule{})
	restless := func(p *detect.Peer) {
		if p.At.UTC().Hour() < 12 {
			p.Score += 3 * h.r.NormFloat64()
		}
	}
	h.run(10*24*time.Hour+18*time.Hour, 0, restless)
	if first, others, _ := h.run(20*time.Minute, 2.3, restless); first == 0 || others > 0 {
		t.Errorf("stood on %d minutes, on %d of others", first, others)
	}
}

func sideOf(s kizashi.Side) *kizashi.Side { return &s }
