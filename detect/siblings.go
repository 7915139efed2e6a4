package detect

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
)

// LeastSiblings is how many members of a set must have a sample at a tick for
// any of them to be compared: with fewer, who is unlike whom is open.
const LeastSiblings = 4

// Peer is a member of a set of siblings on one tick: series of one group that
// measure the same of different resources.
type Peer struct {
	Series   kizashi.SeriesID
	At, End  kizashi.Time
	Value    float64
	Expected kizashi.Num
	Score    float64 // baseline.State.Alike
	Learns   bool    // no command and no calendar keeps the sample out of what is usual
}

// Compared is what a state is shown: a peer beside the others.
type Compared struct {
	Peer
	Others    int     // how many
	Few, Most float64 // a quarter of their scores, rounded down, lie below Few, and as many above Most
	Low, High float64 // the least and the greatest of their values
	N         int     // of the band's rule for the peer's period
	Yard      *Yard
}

// Apart is by how many scales the peer lies outside of what three quarters of the
// others keep to, on that side: 0 = within. So those that are sound stay within
// while up to a quarter of the others are off, to either side.
func (c *Compared) Apart() float64 {
	switch {
	case c.Score > c.Most:
		return c.Score - c.Most
	case c.Score < c.Few:
		return c.Score - c.Few
	}
	return 0
}

// Yard is what the settings in force at an hour's first comparison say. It has a
// fixed size: it is part of what a state writes.
type Yard struct {
	Hour      kizashi.Time
	R         time.Duration
	W         float64 // the vote's share of the target
	Direction kizashi.Side
	Floor     kizashi.Floor // the least effect that is told; zero = any
	Off       bool
	Guarded   bool // by how much of something else there was
}

// tells says that a vote on a peer may stand: what is expected, excluded or special is
// not held against the others, and a rule may ask for an effect.
func (y *Yard) tells(p *Peer) bool {
	x := float64(p.Expected)
	return p.Learns && (y.Floor == kizashi.Floor{} || math.Abs(p.Value-x) >= y.Floor.Least(x))
}

// Sibling is a State of what compares the members of a set on a tick. It takes no
// part in the series loop: Judge has no opinion there, and Learn does nothing.
type Sibling interface {
	State
	// Compare judges the peer against the others, fills in the vote as Judge does,
	// and learns. Peers of a series come in the order of time.
	Compare(c *Compared, v *kizashi.Vote) bool
	// Grounds gives what the vote just given rests on.
	Grounds(c *Compared, v *kizashi.Vote) *kizashi.Ground
	// Yard is the one of the hour before, to be filled in when an hour begins.
	Yard() *Yard
}

// Kin names the set that a series is compared in, within its group; "" = in none.
func Kin(m *kizashi.Meta) string {
	if m.Labels.Get("metric") == "" {
		return ""
	}
	return m.Labels.Get("namespace") + "\x00" + m.Labels.Get("metric") + "\x00" + m.Labels.Get("stat") + "\x00" + m.Statistic +
		"\x00" + m.Unit + "\x00" + time.Duration(m.Period).String() + "\x00" + m.Zone
}

// SiblingVote is a vote that stands on a member's sample, and what it rests on.
type SiblingVote struct {
	Series kizashi.SeriesID
	Vote   kizashi.Vote
	Ground *kizashi.Ground

	Guarded bool // the low-volume guard must see it each time
}

// Compare puts the members of a set that have a sample at a tick beside each
// other, and appends the votes that stand.
func (e *Engine) Compare(peers []Peer, out []SiblingVote) ([]SiblingVote, error) {
	row := slices.IndexFunc(e.rows, func(r Row) bool { _, ok := r.Model.(siblingMaker); return ok })
	if row < 0 || len(peers) < LeastSiblings {
		return out, nil
	}
	order := make([]float64, len(peers))
	low, high := math.Inf(1), math.Inf(-1)
	for i := range peers {
		order[i] = peers[i].Score
		low, high = min(low, peers[i].Value), max(high, peers[i].Value)
	}
	slices.Sort(order)
	for i := range peers {
		c := Compared{Peer: peers[i], Others: len(peers) - 1}
		c.Few, c.Most = quartilesBut(order, peers[i].Score)
		c.Low, c.High = rangeBut(peers, i, low, high)
		_, c.N = kizashi.MofN(c.End.Sub(c.At))
		s := e.series.of(c.Series)
		state, ok := e.layout.state(s, row).(Sibling)
		if !ok {
			continue
		}
		if err := e.yard(s, row, state.Yard(), c.At); err != nil {
			return out, err
		}
		if c.Yard = state.Yard(); c.Yard.Off {
			continue
		}
		v := kizashi.Vote{Model: e.rows[row].Name, Kind: e.rows[row].Kind}
		if state.Compare(&c, &v) && v.Crossed && c.Yard.tells(&c.Peer) {
			out = append(out, SiblingVote{c.Series, v, state.Grounds(&c, &v), c.Yard.Guarded})
		}
	}
	return out, nil
}

// siblingMaker is a Model whose states compare.
type siblingMaker interface{ Siblings() }

// yard asks once an hour what the settings in force say.
func (e *Engine) yard(s *series, row int, y *Yard, at kizashi.Time) error {
	hour := at.Floor(time.Hour)
	if y.Hour == hour {
		return nil
	}
	set, _, err := e.SettingsAt(&s.meta, at)
	if err != nil {
		return err
	}
	*y = Yard{Hour: hour, R: time.Duration(set.R), Direction: set.Direction, Off: e.rows[row].off(&set), Guarded: set.Volume != nil}
	if set.Floor != nil {
		y.Floor = *set.Floor
	}
	n := set.N
	if n == 0 {
		_, n = kizashi.MofN(time.Duration(s.meta.Period))
	}
	y.W = e.rows[row].Share / baseline.Shares(&set, n, restOf(e.rows, &set))
	return nil
}

// quartilesBut are the lower and the upper quartile of sorted values without one of
// them: each of them a value, with a quarter of the others, rounded down, beyond it.
func quartilesBut(sorted []float64, x float64) (low, high float64) {
	skip, _ := slices.BinarySearch(sorted, x)
	at := func(k int) float64 {
		if k >= skip {
			k++
		}
		return sorted[k]
	}
	n := len(sorted) - 1
	return at(n / 4), at(n - 1 - n/4)
}

// rangeBut is the range of the values of all peers but one; low and high are those
// of all.
func rangeBut(peers []Peer, i int, low, high float64) (float64, float64) {
	if v := peers[i].Value; v > low && v < high {
		return low, high
	}
	low, high = math.Inf(1), math.Inf(-1)
	for k := range peers {
		if k != i {
			low, high = min(low, peers[k].Value), max(high, peers[k].Value)
		}
	}
	return low, high
}

// Outside is the crossing of a sample on which no vote of its own series stood,
// for a comparison's vote to stand on.
func (e *Engine) Outside(p *Peer) (kizashi.Crossing, error) {
	s := e.series.of(p.Series)
	set, _, err := e.SettingsAt(&s.meta, p.At)
	if err != nil {
		return kizashi.Crossing{}, err
	}
	period := p.End.Sub(p.At)
	return kizashi.Crossing{Series: p.Series, At: p.At, End: p.End, Value: kizashi.Num(p.Value),
		Quiet: kizashi.Duration(quietOf(period)), Recover: recoveryOf(&set, period)}, nil
}
