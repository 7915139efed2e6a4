package models

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/wire"
)

// earlyModel votes in the hours before a series' limits count, from the first one on:
// where it goes several times as far beyond all that it has shown so far as that
// reaches. No scale and no season is known yet: the range of an hour more follows what
// goes slowly, as a day does that nobody has seen. It stands outside the false-alert
// target.
type earlyModel struct{}

const (
	earlyHours  = time.Hour // observed before it says anything,
	earlyLeast  = 12        // and samples
	earlyRanges = 3         // that a sample must lie beyond the range, for a target of earlyR or less
	earlyR      = 28 * 24 * time.Hour
	earlyMost   = 16 // N of the rule; where it is longer there is no opinion
	earlyKept   = 5  // samples that are kept at the least
)

// New returns a state that has seen no sample.
func (earlyModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	return &earlyState{}
}

// earlyState is nothing before the first sample, and once limits count.
type earlyState struct{ *early }

type early struct {
	earlyOwn
	Last []earlySample // oldest first, as many as the rule looks at
}

// earlyOwn is what is written before the last samples.
type earlyOwn struct {
	First     kizashi.Time // At of the first sample
	Low, High float64      // of all samples so far
	N         int32        // of them
	// As the hour began.
	From, To float64 // the range
	Of       int32   // samples in it
	M, Rule  int32   // of the last samples; 0 = no opinion
	Limit    float64 // in ranges
	Hour     kizashi.Time
}

type earlySample struct {
	At    kizashi.Time
	Value float64
}

// Begin freezes the range for an hour; all is forgotten when limits count.
func (s *earlyState) Begin(c *detect.Case) {
	if s.early == nil || c.View.Ready {
		s.early = nil
		return
	}
	m, n := c.Base.Rule()
	s.From, s.To, s.Of, s.M, s.Rule, s.Hour = s.Low, s.High, s.N, int32(m), int32(n), c.View.Hour
	s.Limit = earlyRanges * math.Max(1, float64(c.Settings.R)/float64(earlyR))
	if s.N < earlyLeast || s.Hour.Sub(s.First) < earlyHours || s.To <= s.From || n <= 1 || n > earlyMost {
		s.M = 0
	}
}

// recent are the samples that a vote looks at, the case's own the last.
func (s *earlyState) recent(c *detect.Case) []earlySample {
	span, n := c.Gap()*time.Duration(s.Rule), len(s.Last)
	from := max(0, n-int(s.Rule)+1)
	for from < n && span > 0 && c.Sample.At.Sub(s.Last[from].At) >= span {
		from++
	}
	return s.Last[from:]
}

// stat is the M-th largest of how far the last N lie beyond the range, in ranges.
func (s *earlyState) stat(c *detect.Case, side kizashi.Side) (float64, bool) {
	last := s.recent(c)
	if len(last)+1 < int(s.M) || len(s.Last)+1 < int(s.Rule) && len(s.Last) < int(s.N) {
		return 0, false // or the rule has grown, and not all are kept that it looks at
	}
	var far [earlyMost]float64
	for i, p := range last {
		far[i] = s.beyond(p.Value, side)
	}
	far[len(last)] = s.beyond(c.Sample.Value, side)
	slices.Sort(far[:len(last)+1])
	return far[len(last)+1-int(s.M)], true
}

func (s *earlyState) beyond(v float64, side kizashi.Side) float64 {
	if side == kizashi.Down {
		return (s.From - v) / (s.To - s.From)
	}
	return (v - s.To) / (s.To - s.From)
}

// weigh has an opinion only where it stands: the series is warming up.
func (s *earlyState) weigh(c *detect.Case) (w weighed, ok bool) {
	if s.early == nil || c.View.Ready || s.M == 0 || !c.Learns() || c.View.Expect != nil {
		return w, false
	}
	for _, side := range [...]kizashi.Side{kizashi.Up, kizashi.Down} {
		if !mayAlert(c, side) {
			continue
		}
		if stat, ok := s.stat(c, side); ok && stat > s.Limit && stat <= math.MaxFloat32 {
			return weighed{stat, s.Limit, side, true}, true
		}
	}
	return w, false
}

// Brief is Judge in short.
func (s *earlyState) Brief(c *detect.Case) (detect.Said, float64) {
	w, ok := s.weigh(c)
	return w.short(ok), 0
}

// Judge says how many ranges beyond the range it went.
func (s *earlyState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	w, ok := s.weigh(c)
	if ok {
		w.tell(v, "ranges")
	}
	return ok
}

// Learn takes the sample into the range.
func (s *earlyState) Learn(c *detect.Case, _ bool) {
	if c.View.Ready || !c.Learns() || c.View.Expect != nil {
		return
	}
	if s.early == nil {
		s.early = &early{earlyOwn: earlyOwn{First: kizashi.Never}}
	}
	x := c.Sample.Value
	if s.N == 0 {
		s.First, s.Low, s.High = c.Sample.At, x, x
	}
	s.Low, s.High = math.Min(s.Low, x), math.Max(s.High, x)
	s.N++
	for len(s.Last) > 0 && len(s.Last) >= min(max(int(s.Rule), earlyKept), earlyMost) {
		s.Last = append(s.Last[:0], s.Last[1:]...)
	}
	s.Last = append(s.Last, earlySample{c.Sample.At, x})
}

// Explain adds nothing: what the vote rests on is in its ground.
func (s *earlyState) Explain(*detect.Case) []kizashi.Evidence { return nil }

// Ground gives the last samples, and the range of those before the hour.
func (s *earlyState) Ground(c *detect.Case) *kizashi.Ground {
	var v kizashi.Vote
	if !s.Judge(c, &v) {
		return nil
	}
	g := &kizashi.Ground{Model: "early", Side: v.Side, Stat: v.Stat, Limit: v.Limit, Unit: v.Unit, To: c.Sample.End(), Usual: kizashi.None(), Scale: kizashi.None(),
		Past: &kizashi.Past{From: s.First, To: s.Hour, Count: int(s.M), Of: int(s.Of), Low: kizashi.Num(s.From), High: kizashi.Num(s.To)}}
	for _, p := range append(slices.Clone(s.recent(c)), earlySample{c.Sample.At, c.Sample.Value}) {
		g.Parts = append(g.Parts, kizashi.Part{From: p.At, To: p.At + 1, Count: 1, Sum: p.Value})
	}
	g.From = g.Parts[0].From
	return g
}

// AppendBinary appends the state.
func (s *earlyState) AppendBinary(b []byte) []byte {
	if b = wire.Bool(b, s.early != nil); s.early == nil {
		return b
	}
	b = wire.F64(appendTimes(b, s.First, s.Hour), s.Low, s.High, s.From, s.To, s.Limit)
	b = wire.U32(wire.U32(wire.U32(wire.U32(b, s.N), s.Of), s.M), s.Rule)
	b = wire.Count(b, len(s.Last))
	for _, p := range s.Last {
		b = wire.F64(appendTimes(b, p.At), p.Value)
	}
	return b
}

// Decode reads what AppendBinary wrote.
func (s *earlyState) Decode(b []byte) ([]byte, error) {
	r := wire.Read(b)
	s.early = nil
	if !r.Bool() {
		return ended(r, true)
	}
	e := &early{}
	readTimes(r, &e.First, &e.Hour)
	r.F64s(&e.Low, &e.High, &e.From, &e.To, &e.Limit)
	e.N, e.Of, e.M, e.Rule = r.I32(), r.I32(), r.I32(), r.I32()
	for range r.Count(2 * 8) {
		p := earlySample{At: kizashi.Time(r.I64()), Value: r.F64()}
		e.Last = append(e.Last, p)
		if !finite(p.Value) {
			return nil, errNumber
		}
	}
	s.early = e
	return ended(r, finite(e.Low, e.High, e.From, e.To, e.Limit) && len(e.Last) <= earlyMost && e.N >= 0 && e.Of >= 0 && e.M >= 0 && e.Rule >= e.M && (e.M == 0 || e.Rule <= earlyMost && e.To > e.From))
}
