package models

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/wire"
)

// siblingModel votes on a member that is unlike the others of its set: series of
// one group that measure the same of different resources. What all share - load,
// a season, an outage - moves all scores together and cancels.
type siblingModel struct{}

// New returns a state that was never compared.
func (siblingModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	return &siblingState{}
}

// Siblings marks the model as one that compares.
func (siblingModel) Siblings() {}

const (
	siblingKept  = 5         // distances kept: the longest of the band's rules
	siblingWarm  = 24        // hours compared before there is an opinion
	siblingClip  = 3         // spreads: more of a distance does not widen the spread
	siblingDays  = 14        // in which the past loses half its weight
	sigmaOfAbs   = 1.2533141 // standard deviation over mean absolute deviation of a normal variable: sqrt(pi/2)
	leastSpread  = 1e-6      // scales
	secondsOfDay = 86400
)

// distance of a sample's score from the median of the others'.
type distance struct {
	At, End kizashi.Time
	By      float64 // scales
	Others  int32
}

// siblingWire is the state in its written form.
type siblingWire struct {
	Last   [siblingKept]distance // newest first
	Seen   int32                 // of Last
	Weight float64               // decayed comparisons
	Mean   float64               // of the distances, scales
	Abs    float64               // decayed mean of |distance - mean|
	Hours  int32                 // in which it was compared
	Limit  calibrated
	InHour detect.Yard // what the settings say in the hour of the last comparison
}

type siblingState struct {
	stateless
	*siblingWire // nil = it was never compared
}

// Judge has no opinion: the vote is given where the others are known.
func (*siblingState) Judge(*detect.Case, *kizashi.Vote) bool { return false }

// Yard is what the settings say in the hour of the last comparison.
func (s *siblingState) Yard() *detect.Yard { return &s.made().InHour }

// Compare takes the M-th largest of the last N standardised distances on one side,
// none older than N periods, against its limit.
func (s *siblingState) Compare(c *detect.Compared, v *kizashi.Vote) bool {
	s.made()
	if s.InHour.Hour != s.Limit.Hour {
		s.hour(c)
	}
	d := distance{At: c.At, End: c.End, By: c.Score - c.Median, Others: int32(c.Others)}
	s.push(d)
	stat, side := s.stat(c.M, c.N)
	theta, warm := s.Limit.Theta, s.Hours >= siblingWarm
	crossed := warm && side != kizashi.Both && theta > 0 && stat > theta
	if !crossed && c.Learns {
		s.learn(d.By, c.End.Sub(c.At))
	}
	if warm && side != kizashi.Both && c.Learns {
		s.Limit.add(stat, c.At, false)
	}
	if !warm || side == kizashi.Both || theta == 0 {
		return false
	}
	v.Side, v.Stat, v.Limit, v.Unit = side, stat, theta, "scales"
	v.Center, v.Lower, v.Upper = kizashi.None(), kizashi.None(), kizashi.None()
	v.Crossed = crossed && (c.Yard.Direction == kizashi.Both || c.Yard.Direction == side)
	return true
}

func (s *siblingState) hour(c *detect.Compared) {
	if s.Limit.Restarts != int32(c.Restarts) {
		s.Weight, s.Mean, s.Abs, s.Seen = 0, 0, 0, 0
	}
	s.Hours = min(s.Hours+1, math.MaxInt32-1)
	s.Limit.roll(s.InHour.Hour, c.Restarts, s.InHour.R, s.InHour.W)
}

func (s *siblingState) push(d distance) {
	copy(s.Last[1:], s.Last[:siblingKept-1])
	s.Last[0] = d
	s.Seen = min(s.Seen+1, siblingKept)
}

// learn moves what is usual of the distances.
func (s *siblingState) learn(by float64, period time.Duration) {
	keep := math.Exp2(-period.Seconds() / secondsOfDay / siblingDays)
	s.Weight = s.Weight*keep + 1
	off := by - s.Mean
	s.Mean += off / s.Weight
	a := math.Abs(off)
	if s.Abs > 0 && s.Weight > siblingWarm {
		a = min(a, siblingClip*sigmaOfAbs*s.Abs)
	}
	s.Abs += (a - s.Abs) / s.Weight
}

func (s *siblingState) spread() float64 { return max(sigmaOfAbs*s.Abs, leastSpread) }

// stat is the M-th largest standardised distance of the side on which it is larger;
// Both = there are too few.
func (s *siblingState) stat(m, n int) (float64, kizashi.Side) {
	var of [siblingKept]float64
	k := 0
	oldest := s.Last[0].At.Add(-time.Duration(n) * s.Last[0].End.Sub(s.Last[0].At))
	for _, d := range s.Last[:min(int(s.Seen), n)] {
		if d.At > oldest {
			of[k] = (d.By - s.Mean) / s.spread()
			k++
		}
	}
	if k < m || s.Weight < siblingWarm {
		return 0, kizashi.Both
	}
	slices.Sort(of[:k])
	up, down := of[k-m], -of[m-1]
	if down > up {
		return down, kizashi.Down
	}
	return up, kizashi.Up
}

// Grounds gives the distances that the vote looked at.
func (s *siblingState) Grounds(c *detect.Compared, v *kizashi.Vote) *kizashi.Ground {
	g := &kizashi.Ground{Model: "sibling", Side: v.Side, Stat: v.Stat, Unit: v.Unit, To: c.End, From: c.At,
		Usual: kizashi.Num(s.Mean), Scale: kizashi.Num(s.spread())}
	s.Limit.ground(kizashi.Duration(s.InHour.R), g)
	oldest := c.At.Add(-time.Duration(c.N) * c.End.Sub(c.At))
	for i := min(int(s.Seen), c.N) - 1; i >= 0; i-- {
		if d := s.Last[i]; d.At > oldest {
			g.Parts = append(g.Parts, kizashi.Part{From: d.At, To: d.End, Count: int(d.Others), Sum: d.By})
			g.From = min(g.From, d.At)
		}
	}
	g.Past = &kizashi.Past{From: c.At, To: c.End, Count: c.Others, Of: c.M, Low: kizashi.Num(c.Low), High: kizashi.Num(c.High)}
	return g
}

// AppendBinary appends what is written of it.
func (s *siblingState) AppendBinary(b []byte) []byte {
	w := s.siblingWire
	if w == nil {
		return append(b, 0)
	}
	b = append(b, 1)
	for i := range w.Last {
		d := &w.Last[i]
		b = wire.U32(wire.F64(appendTimes(b, d.At, d.End), d.By), d.Others)
	}
	b = wire.U32(wire.U32(wire.F64(b, w.Weight, w.Mean, w.Abs), w.Seen), w.Hours)
	y := &w.InHour
	b = wire.F64(wire.U64(appendTimes(w.Limit.appendBinary(b), y.Hour), y.R), y.W, y.Floor.By, y.Floor.Part)
	return wire.Bool(wire.Bool(wire.U8(b, y.Direction), y.Off), y.Guarded)
}

// Decode reads what AppendBinary wrote.
func (s *siblingState) Decode(b []byte) ([]byte, error) {
	r := wire.Read(b)
	s.siblingWire = nil
	if !r.Bool() {
		return ended(r, true)
	}
	w := s.made()
	for i := range w.Last {
		d := &w.Last[i]
		readTimes(r, &d.At, &d.End)
		d.By, d.Others = r.F64(), r.I32()
	}
	w.Weight, w.Mean, w.Abs, w.Seen, w.Hours = r.F64(), r.F64(), r.F64(), r.I32(), r.I32()
	if err := w.Limit.read(r); err != nil {
		return nil, err
	}
	y := &w.InHour
	y.Hour, y.R = kizashi.Time(r.I64()), time.Duration(r.I64())
	y.W, y.Floor.By, y.Floor.Part = r.F64(), r.F64(), r.F64()
	y.Direction, y.Off, y.Guarded = kizashi.Side(r.U8()), r.Bool(), r.Bool()
	return ended(r, w.Seen >= 0 && w.Seen <= siblingKept && w.Hours >= 0)
}

// made is the state, which is there from the first comparison on.
func (s *siblingState) made() *siblingWire {
	if s.siblingWire == nil {
		s.siblingWire = &siblingWire{Limit: newCalibrated(), InHour: detect.Yard{Hour: kizashi.Never}}
	}
	return s.siblingWire
}
