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
	siblingTimes = 2         // N of the band's rules: so many of the last distances
	siblingKept  = 10        // distances kept: for the longest of the rules
	siblingWarm  = 24        // hours compared before there is an opinion
	siblingClip  = 3         // spreads: more of a distance does not widen the spread
	siblingMost  = 5         // spreads: more of a distance does not raise the mean of the last
	siblingDays  = 14        // in which the past loses half its weight
	sigmaOfAbs   = 1.2533141 // standard deviation over mean absolute deviation of a normal variable: sqrt(pi/2)
	leastSpread  = .05       // scales: closer together than that nobody is unlike
	secondsOfDay = 86400
)

// distance of a sample's score from what three quarters of the others keep to.
type distance struct {
	Back   int32   // ms before the newest
	By     float32 // scales
	Others int32
}

// siblingWire is the state in its written form.
type siblingWire struct {
	Last   [siblingKept]distance // newest first
	Seen   int32                 // of Last
	Period int32                 // ms, of all of them
	At     kizashi.Time          // of the newest
	Weight float64               // decayed comparisons
	Mean   float64               // of the distances, scales
	Abs    float64               // decayed mean of |distance - usual|
	Off    [24]float32           // decayed mean of distance - mean, by hour of the day in UTC
	Wide   [24]float32           // decayed mean of |distance - usual| in parts of Abs, likewise, less 1
	Hours  int32                 // in which it was compared
	Limit  calibrated
	InHour detect.Yard // what the settings say in the hour of the last comparison
}

type siblingState struct {
	stateless
	*siblingWire // nil = it was never compared
}

// Brief is Judge in short.
func (*siblingState) Brief(*detect.Case) (detect.Said, float64) { return detect.NoOpinion, 0 }

// Judge has no opinion: the vote is given where the others are known.
func (*siblingState) Judge(*detect.Case, *kizashi.Vote) bool { return false }

// Yard is what the settings say in the hour of the last comparison.
func (s *siblingState) Yard() *detect.Yard { return &s.made().InHour }

// Compare takes the mean of the last 2N standardised distances, N of them at the
// least and none older than 2N periods, in its own spread, against its limit.
func (s *siblingState) Compare(c *detect.Compared, v *kizashi.Vote) bool {
	s.made()
	if hourOf(s.InHour.Hour) != s.Limit.Hour {
		s.hour(c)
	}
	by := c.Apart()
	s.push(c, by)
	stat, side := s.stat(c.N)
	theta, warm := s.limit(), s.Hours >= siblingWarm
	crossed := warm && side != kizashi.Both && theta > 0 && stat > theta
	if !crossed && c.Learns {
		s.learn(by, c.At, c.End.Sub(c.At))
	}
	if warm && side != kizashi.Both && c.Learns {
		s.Limit.add(stat, c.At, theta)
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
	s.Hours = min(s.Hours+1, math.MaxInt32-1)
	s.Limit.roll(s.InHour.Hour, 0) // whatever season is in force, scores are the same
}

// limit in the hour of the last comparison.
func (s *siblingState) limit() float64 { return s.Limit.theta(s.InHour.R, s.InHour.W) }

// push keeps a distance. Those from another period, or too long ago, are none of it.
func (s *siblingState) push(c *detect.Compared, by float64) {
	period := int32(min(c.End.Sub(c.At).Milliseconds(), math.MaxInt32))
	if period != s.Period {
		s.Seen, s.Period = 0, period
	}
	since := int64(c.At - s.At)
	copy(s.Last[1:], s.Last[:siblingKept-1])
	s.Last[0], s.At = distance{By: float32(by), Others: int32(c.Others)}, c.At
	s.Seen = min(s.Seen+1, siblingKept)
	for i := 1; i < int(s.Seen); i++ {
		back := int64(s.Last[i].Back) + since
		if back >= siblingKept*int64(period) {
			s.Seen = int32(i)
			break
		}
		s.Last[i].Back = int32(back)
	}
}

// last are those that count: at most 2N, none 2N periods old or older.
func (s *siblingState) last(n int) []distance {
	k, n := 0, min(siblingTimes*n, siblingKept)
	for k < min(int(s.Seen), n) && int64(s.Last[k].Back) < int64(n)*int64(s.Period) {
		k++
	}
	return s.Last[:k]
}

// learn moves what is usual of the distances.
func (s *siblingState) learn(by float64, at kizashi.Time, period time.Duration) {
	keep := math.Exp2(-period.Seconds() / secondsOfDay / siblingDays)
	s.Weight = s.Weight*keep + 1
	a := math.Abs(by - s.usual(at))
	s.Mean += (by - s.Mean) / s.Weight
	off, wide := &s.Off[hourOfDay(at)], &s.Wide[hourOfDay(at)]
	weight := s.Weight/24 + max(time.Hour.Seconds()/period.Seconds(), 1)
	*off += float32((by - s.Mean - float64(*off)) / weight)
	if s.Abs > 0 && s.Weight > siblingWarm {
		a = min(a, siblingClip*sigmaOfAbs*s.Abs*(1+float64(*wide)))
		*wide += float32((a/s.Abs - 1 - float64(*wide)) / weight)
	}
	s.Abs += (a - s.Abs) / s.Weight
}

// usual is what is usual of the distance at an instant: members may have seasons of
// their own.
func (s *siblingState) usual(at kizashi.Time) float64 { return s.Mean + float64(s.Off[hourOfDay(at)]) }

func hourOfDay(t kizashi.Time) int { return t.UTC().Hour() }

// spread of the distances at an instant: members may well fluctuate by day.
func (s *siblingState) spread(at kizashi.Time) float64 {
	return max(sigmaOfAbs*s.Abs*(1+float64(s.Wide[hourOfDay(at)])), leastSpread)
}

// stat is the sum of the last standardised distances over the root of how many they
// are; Both = there are too few.
func (s *siblingState) stat(n int) (float64, kizashi.Side) {
	last, sum, usual, spread := s.last(n), 0., s.usual(s.At), s.spread(s.At)
	if len(last) < n || s.Weight < siblingWarm {
		return 0, kizashi.Both
	}
	for _, d := range last {
		sum += min(max((float64(d.By)-usual)/spread, -siblingMost), siblingMost)
	}
	if sum /= math.Sqrt(float64(len(last))); sum < 0 {
		return -sum, kizashi.Down
	}
	return sum, kizashi.Up
}

// Grounds gives the distances that the vote looked at.
func (s *siblingState) Grounds(c *detect.Compared, v *kizashi.Vote) *kizashi.Ground {
	g := &kizashi.Ground{Model: "sibling", Side: v.Side, Stat: v.Stat, Unit: v.Unit, To: c.End, From: c.At,
		Usual: kizashi.Num(s.usual(s.At)), Scale: kizashi.Num(s.spread(s.At))}
	s.Limit.ground(kizashi.Duration(s.InHour.R), s.InHour.W, g)
	last, period := s.last(c.N), c.End.Sub(c.At)
	for _, d := range slices.Backward(last) {
		at := c.At.Add(-time.Duration(d.Back) * time.Millisecond)
		g.Parts = append(g.Parts, kizashi.Part{From: at, To: at.Add(period), Count: int(d.Others), Sum: float64(d.By)})
		g.From = min(g.From, at)
	}
	g.Past = &kizashi.Past{From: c.At, To: c.End, Count: c.Others, Of: c.N, Low: kizashi.Num(c.Low), High: kizashi.Num(c.High)}
	return g
}

// AppendBinary appends what is written of it.
func (s *siblingState) AppendBinary(b []byte) []byte {
	w := s.siblingWire
	if w == nil {
		return append(b, 0)
	}
	b = append(b, 1)
	for _, d := range w.Last {
		b = wire.U32(wire.F32(wire.U32(b, d.Back), d.By), d.Others)
	}
	b = wire.U32(wire.U32(wire.U32(appendTimes(b, w.At), w.Seen), w.Period), w.Hours)
	b = wire.F32(wire.F32(wire.F64(b, w.Weight, w.Mean, w.Abs), w.Off[:]...), w.Wide[:]...)
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
		w.Last[i] = distance{r.I32(), r.F32(), r.I32()}
	}
	readTimes(r, &w.At)
	w.Seen, w.Period, w.Hours = r.I32(), r.I32(), r.I32()
	r.F64s(&w.Weight, &w.Mean, &w.Abs)
	r.F32s(w.Off[:])
	r.F32s(w.Wide[:])
	if err := w.Limit.read(r); err != nil {
		return nil, err
	}
	y := &w.InHour
	y.Hour, y.R = kizashi.Time(r.I64()), time.Duration(r.I64())
	y.W, y.Floor.By, y.Floor.Part = r.F64(), r.F64(), r.F64()
	y.Direction, y.Off, y.Guarded = kizashi.Side(r.U8()), r.Bool(), r.Bool()
	return ended(r, w.Seen >= 0 && w.Seen <= siblingKept && w.Hours >= 0 && w.Period >= 0)
}

// made is the state, which is there from the first comparison on.
func (s *siblingState) made() *siblingWire {
	if s.siblingWire == nil {
		s.siblingWire = &siblingWire{Limit: newCalibrated(), InHour: detect.Yard{Hour: kizashi.Never}}
	}
	return s.siblingWire
}
