package pipeline

import (
	"slices"
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// siblings are what a group has judged and compares when the tick comes, and what
// came of it: series are compared with those of one detect.Kin.
type siblings struct {
	Waiting []sibling  `json:"waiting,omitempty"`
	Open    []standing `json:"open,omitempty"` // by series
	Held    []withheld `json:"held,omitempty"` // by series and From
}

// IsZero says that there is nothing to be written.
func (s siblings) IsZero() bool { return len(s.Waiting)+len(s.Open)+len(s.Held) == 0 }

// withheld is what votes kept out of what one series knows, as it was judged: the
// series may be far ahead of the tick that asks.
type withheld struct {
	Series kizashi.SeriesID  `json:"series"`
	From   kizashi.Time      `json:"from"`             // since it was learned anew; Never = it never was
	Before []kizashi.Stretch `json:"before,omitempty"` // as it was learned then
	At     []kizashi.Time    `json:"at,omitempty"`     // of the samples since
	Why    []kizashi.Claim   `json:"why,omitempty"`
}

// heldKept is how many stretches are told, as of a series itself.
const heldKept = 32

// heldSpan is how far back they are asked for, and a day.
const heldSpan = 15 * 24 * time.Hour

// held is what is known of a series as from an instant on: its place, and whether
// there is any.
func (s *siblings) held(id kizashi.SeriesID, at kizashi.Time) (int, bool) {
	i := sort.Search(len(s.Held), func(i int) bool {
		h := &s.Held[i]
		return h.Series > id || h.Series == id && h.From > at
	})
	return i, i > 0 && s.Held[i-1].Series == id
}

// anew notes that a series was learned anew.
func (s *siblings) anew(r *detect.Relearned) {
	i, _ := s.held(r.Series, r.At)
	s.Held = slices.Insert(s.Held, i, withheld{Series: r.Series, From: r.At, Before: r.Held})
}

// withhold notes that a vote kept a sample out.
func (s *siblings) withhold(id kizashi.SeriesID, at kizashi.Time, why kizashi.Claim) {
	i, ok := s.held(id, at)
	if !ok {
		s.Held = slices.Insert(s.Held, i, withheld{Series: id, From: kizashi.Never})
		i++
	}
	h := &s.Held[i-1]
	h.At, h.Why = append(h.At, at), append(h.Why, why)
}

// stretches are those of a series that votes had kept out before an instant.
func (s *siblings) stretches(id kizashi.SeriesID, at kizashi.Time) []kizashi.Stretch {
	i, ok := s.held(id, at)
	if !ok {
		return nil
	}
	h := &s.Held[i-1]
	out := slices.Clone(h.Before)
	for k, t := range h.At {
		if t >= at {
			break
		}
		if n := len(out); n > 0 && t.Sub(out[n-1].To) <= time.Hour {
			out[n-1].To = t + 1
			out[n-1].Count++
			continue
		}
		out = append(out, kizashi.Stretch{From: t, To: t + 1, Count: 1, Why: h.Why[k]})
	}
	return out[max(0, len(out)-heldKept):]
}

// prune forgets what no comparison from an instant on asks for.
func (s *siblings) prune(ran kizashi.Time) {
	old := ran.Add(-heldSpan)
	kept := s.Held[:0]
	for i := range s.Held {
		h := s.Held[i]
		if k := sort.Search(len(h.At), func(k int) bool { return h.At[k] >= old }); k > 0 {
			h.At, h.Why = h.At[k:], h.Why[k:]
		}
		h.Before = slices.DeleteFunc(h.Before, func(b kizashi.Stretch) bool { return b.To < old })
		next := i+1 < len(s.Held) && s.Held[i+1].Series == h.Series && s.Held[i+1].From <= old
		if !next && (len(h.At) > 0 || len(h.Before) > 0 || h.From > old) {
			kept = append(kept, h)
		}
	}
	s.Held = kept
}

// sibling is a judged sample that waits for its tick.
type sibling struct {
	Tick    kizashi.Time    `json:"tick"`
	Peer    detect.Peer     `json:"peer"`
	Verdict kizashi.Verdict `json:"verdict"` // without votes
	set     string
}

// standing is a series on which a comparison's vote stood of late: its samples are
// reported to the life of its alert.
type standing struct {
	Series kizashi.SeriesID `json:"series"`
	Calm   int              `json:"calm"` // samples since
	Up     kizashi.Time     `json:"up"`   // when a vote last stood on the side
	Down   kizashi.Time     `json:"down"`
}

// calmKept is how many times its recovery a series is reported for: an alert may
// lengthen its own.
const calmKept = 8

// compareLater keeps what was judged for the tick at which the group has all of
// it. What is late, comes behind a back-fill, or whose tick has run is left out.
func (p *Pipeline) compareLater(samples []kizashi.Sample, js *detect.Judged) {
	p.anew(js)
	for i := range js.Judgements {
		j := &js.Judgements[i]
		m := p.series[j.Series]
		if m.kin != "" && j.Held != "" {
			m.group.kin.withhold(j.Series, j.At, j.Held)
		}
		if m.kin == "" || samples[i].Late || m.fill != nil || !j.Sample() || !j.Score.Ok() {
			continue
		}
		g, tick := m.group, j.End.Ceil(grid)
		if tick <= g.ran { // how many there are to compare with is known then
			continue
		}
		g.kin.Waiting = append(g.kin.Waiting, sibling{Tick: tick,
			Peer:    detect.Peer{Series: j.Series, At: j.At, End: j.End, Value: j.Value, Expected: j.Expected, Score: float64(j.Score), Learns: j.Learns},
			Verdict: kizashi.Verdict{Onset: j.Onset, State: j.State, Why: string(j.Why), Expected: j.Expected, Lower: j.Lower, Upper: j.Upper}})
	}
}

// find is the place of a series among those that stood of late, -1 = none.
func (s *siblings) find(id kizashi.SeriesID) int {
	i := sort.Search(len(s.Open), func(i int) bool { return s.Open[i].Series >= id })
	if i < len(s.Open) && s.Open[i].Series == id {
		return i
	}
	return -1
}

// compare runs the comparisons of the ticks up to the frontier: their votes join
// what is queued of the same samples.
func (p *Pipeline) compare(g *group, frontier kizashi.Time, r *Result) error {
	w := g.kin.Waiting
	if len(w) == 0 {
		return nil
	}
	for i := range w {
		w[i].set = p.series[w[i].Peer.Series].kin
	}
	sort.SliceStable(w, func(i, j int) bool {
		a, b := &w[i], &w[j]
		switch {
		case a.Tick != b.Tick:
			return a.Tick < b.Tick
		case a.set != b.set:
			return a.set < b.set
		case a.Peer.Series != b.Peer.Series:
			return a.Peer.Series < b.Peer.Series
		}
		return a.Peer.At < b.Peer.At
	})
	n := sort.Search(len(w), func(i int) bool { return w[i].Tick > frontier })
	queue := map[crossKey]int{}
	for i := range g.queue {
		if g.queue[i].Revision == nil {
			queue[keyOf(&g.queue[i].Cross)] = i
		}
	}
	var err error
	for i := 0; i < n && err == nil; {
		k := i + 1
		for k < n && w[k].Tick == w[i].Tick && w[k].set == w[i].set {
			k++
		}
		err = p.compareSet(g, latest(w[i:k]), queue, r)
		i = k
	}
	g.kin.Waiting = append(w[:0], w[n:]...)
	return err
}

type crossKey struct {
	series kizashi.SeriesID
	at     kizashi.Time
}

func keyOf(c *kizashi.Crossing) crossKey { return crossKey{c.Series, c.At} }

// latest leaves the last sample of each series, of those of one tick.
func latest(w []sibling) []sibling {
	out := w[:0:0]
	for i := range w {
		if n := len(out); n > 0 && out[n-1].Peer.Series == w[i].Peer.Series {
			out[n-1] = w[i]
			continue
		}
		out = append(out, w[i])
	}
	return out
}

// compareSet compares one set on one tick.
func (p *Pipeline) compareSet(g *group, set []sibling, queue map[crossKey]int, r *Result) error {
	peers := make([]detect.Peer, len(set))
	for i := range set {
		peers[i] = set[i].Peer
	}
	votes, err := p.engine.Compare(peers, nil)
	if err != nil {
		return err
	}
	for i := range votes {
		r.Compared = append(r.Compared, votes[i].Vote)
	}
	for i := range set {
		var v *detect.SiblingVote
		if len(votes) > 0 && votes[0].Series == set[i].Peer.Series {
			v, votes = &votes[0], votes[1:]
		}
		if v == nil && g.kin.find(set[i].Peer.Series) < 0 {
			continue
		}
		if err := p.report(g, &set[i], v, queue); err != nil {
			return err
		}
	}
	return nil
}

// report joins a vote, or its absence where one stood of late, to the crossing of
// the same sample, which it makes if there is none.
func (p *Pipeline) report(g *group, s *sibling, v *detect.SiblingVote, queue map[crossKey]int) error {
	i, known := queue[crossKey{s.Peer.Series, s.Peer.At}]
	if !known {
		c, err := p.engine.Outside(&s.Peer)
		if err != nil {
			return err
		}
		c.Verdict = s.Verdict
		i = len(g.queue)
		g.queue = append(g.queue, queued{Tick: s.Tick, Cross: c})
		queue[keyOf(&c)] = i
	}
	c := &g.queue[i].Cross
	if v == nil {
		k := g.kin.find(c.Series)
		if g.kin.Open[k].Calm++; g.kin.Open[k].Calm > calmKept*c.Recover {
			g.kin.Open = append(g.kin.Open[:k], g.kin.Open[k+1:]...)
		}
		return nil
	}
	c.Verdict.Votes = append(c.Verdict.Votes, v.Vote)
	if g.kin.stood(c, v.Vote.Side) && !v.Guarded {
		return nil
	}
	return p.prove(g, c, v)
}

// stood notes that a vote stands and says whether one did on the same side so
// recently that the alert of then goes on.
func (s *siblings) stood(c *kizashi.Crossing, side kizashi.Side) bool {
	i := s.find(c.Series)
	if i < 0 {
		i = sort.Search(len(s.Open), func(i int) bool { return s.Open[i].Series >= c.Series })
		s.Open = append(s.Open, standing{})
		copy(s.Open[i+1:], s.Open[i:])
		s.Open[i] = standing{Series: c.Series, Up: kizashi.Never, Down: kizashi.Never}
	}
	o := &s.Open[i]
	o.Calm = 0
	last := &o.Up
	if side == kizashi.Down {
		last = &o.Down
	}
	was := *last
	*last = c.At
	return was != kizashi.Never && c.At.Sub(was) <= time.Duration(c.Quiet)
}

// prove adds what an alert on the vote's side would rest on.
func (p *Pipeline) prove(g *group, c *kizashi.Crossing, v *detect.SiblingVote) error {
	for i := range c.Proof {
		if c.Proof[i].Side == v.Vote.Side {
			c.Proof[i].Grounds = append(c.Proof[i].Grounds, *v.Ground)
			return nil
		}
	}
	proof, err := p.engine.StandingAt(c.Series, c.At, g.kin.stretches(c.Series, c.At))
	if err != nil {
		return err
	}
	hour := c.At.Floor(time.Hour)
	records, err := p.lookBack(1).Records(c.Series, hour, hour+1)
	if err != nil {
		return err
	}
	for i := range records {
		if records[i].Hour == hour {
			proof.Record = &records[i]
		}
	}
	proof.Side, proof.Grounds = v.Vote.Side, []kizashi.Ground{*v.Ground}
	c.Proof = append(c.Proof, proof)
	return nil
}
