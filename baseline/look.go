package baseline

import (
	"math"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// View is what the baseline says of one sample before it is learned. Pairs
// hold the upper side first; NaN stands for what there is not.
type View struct {
	Ready       bool          // limits count
	Why         kizashi.Claim // if not
	Slot        int           // of the record
	Center      float64       // transformed scale
	Scale       float64
	Z           float64 // the sample's own score
	Expected    kizashi.Num
	Lower       kizashi.Num
	Upper       kizashi.Num
	Band        [2]float64 // the M-th largest of the last N scores
	BandTheta   [2]float64
	Spike       [2]float64 // distance from the moving mean, in its scales, as far as it is more than the hour's own step, and unusual
	SpikeTheta  [2]float64
	SpikeCenter float64
	SpikeOff    float64 // how far off the nearest center it lay, in the mean
	Surprise    float64 // of the distance from the moving mean, -log10 of its tail probability
	Edge        [2]Edge // between which centers the sample is no way off: of the slots beside its own, or of all that is expected
	Expect      *kizashi.Expectation
	Seen        *kizashi.Seen    // in the first week: before the hour
	Hour        kizashi.Time     // of the record
	Begins      bool             // the sample is the first of it
	Restarts    int              // of scale and tails so far
	Moves       uint16           // levels adopted so far
	Special     bool             // of a special day: it is not learned as an ordinary one
	R           kizashi.Duration // the target that the hour's limits are for
	Whole       float64          // the shares of all detectors that can vote, together

	room *Room // nil = none yet

	value   float64 // transformed
	usual   float64 // the slot's center, in the series' unit
	spike   float64 // scale of the spike's residual
	log     bool
	tracked bool // there is a moving mean
	isHeld  bool
}

// Room is what is worked in while a sample is looked at, and what happened in the last
// Look of any View that uses it. The zero Room is ready to be used; Views of one
// goroutine may share one.
type Room struct {
	events []Event
	rec    kizashi.Record
	parts  [slots]part
	places [slots + 2]place // of the quarters, of the one before and of the one after
	mean   hourMean
	sorted []float64
	saved  saved // a checkpoint, and its text
	recent []kizashi.Scored
	text   []byte
	texts  *strings.Builder
	roomy  int // texts that it has room for
}

// Serve makes a View work in the room; one that was given none makes its own.
func (r *Room) Serve(v *View) { v.room = r }

// Events returns what happened in the last Look, once.
func (v *View) Events() []Event {
	if v.room == nil {
		return nil
	}
	return v.room.told()
}

func (r *Room) told() []Event {
	e := r.events
	r.events = e[:0]
	return e
}

// Edge is a center, and the scale in which what lies beyond it is measured.
type Edge struct{ Center, Scale float64 }

// Stance says how a sample is learned.
type Stance uint8

const (
	AsJudged Stance = iota // unless a vote stands
	Admitted               // as if no vote stood
	Excluded               // not at all
)

// Held says that the sample, once it is learned, is kept out of center and
// scale: it lies beyond its own limit, or a band or spike vote stands.
func (v *View) Held() bool { return v.isHeld }

// SpikeLimits returns the moving mean and the spike's limits about it, in the
// series' unit.
func (v *View) SpikeLimits() (expected, lower, upper kizashi.Num) {
	f := func(t float64) kizashi.Num {
		if v.log {
			t = back(t)
		}
		return kizashi.Num(t)
	}
	up, down := v.SpikeTheta[0], v.SpikeTheta[1]
	high, low := v.Edge[0], v.Edge[1]
	lower = f(min(v.SpikeCenter-v.spike*down, low.Center+v.SpikeOff-v.spike*down, low.Center-low.Scale*down/usualTimes))
	return f(v.SpikeCenter), lower, f(max(v.SpikeCenter+v.spike*up, high.Center+v.SpikeOff+v.spike*up, high.Center+high.Scale*up/usualTimes))
}

// HeldBy is the vote that keeps the sample out; "" = none does.
func (v *View) HeldBy() kizashi.Claim {
	switch {
	case !v.isHeld:
		return ""
	case v.Spike[0] > v.SpikeTheta[0] || v.Spike[1] > v.SpikeTheta[1]:
		return kizashi.ClaimSpike
	}
	return kizashi.ClaimBand
}

// Look scores a sample by the record of its hour, which it freezes first
// where the sample is the hour's first. What e, if anything, expects instead of
// what is usual is no way off.
func (s *State) Look(smp *kizashi.Sample, v *View, e *kizashi.Expectation) {
	if v.room == nil {
		v.room = new(Room)
	}
	v.room.events = v.room.events[:0]
	if v.Begins = int64(smp.At) >= int64(s.Hour)+hour.Milliseconds(); v.Begins {
		s.advance(v.room, smp.At.Floor(hour), smp)
	}
	if s.kind != nil && s.LastAt != kizashi.Never && s.kindAt(s.LastAt) != s.kindAt(smp.At) {
		s.Turn()
	}
	q := kizashi.SlotAt(s.Hour, smp.At)
	slot := &s.rec.Slots[q]
	v.Ready, v.Why, v.Slot, v.log, v.spike = s.rec.Ready, "", q, s.Log, s.rec.Spike
	if !v.Ready {
		v.Why = kizashi.ClaimWarming
	}
	t := s.forth(smp.Value)
	v.value, v.Center, v.Scale, v.Expect = t, slot.Center, slot.Scale, e
	v.Hour, v.Restarts, v.Special, v.Whole, v.R, v.Moves, v.Seen = s.Hour, int(s.Restarts), s.rec.Day[q] > 0, s.rec.Whole, s.rec.R, s.Moves, s.seenBefore()
	v.Edge = [2]Edge{{slot.most(), slot.Scale}, {slot.least(), slot.Scale}}
	v.nearest()
	v.usual = s.back(slot.Center)
	v.Expected, v.Lower, v.Upper = kizashi.Num(v.usual), slot.Lower, slot.Upper
	if s.Hours == 0 {
		v.Expected = kizashi.None() // the center is the sample itself
	}
	if f := s.expected(q, e); f != nil {
		s.expect(f, slot, v)
	}
	v.Z = (t - v.Center) / v.Scale
	v.Band[0], v.Band[1] = math.NaN(), math.NaN()
	if s.N > 1 {
		v.Band[0], v.Band[1] = s.mth(smp.At, v)
	}
	v.BandTheta = [2]float64{s.theta(bandUp), s.theta(bandDown)}
	v.Spike[0], v.Spike[1] = math.NaN(), math.NaN()
	v.SpikeTheta = [2]float64{s.theta(spikeUp), s.theta(spikeDown)}
	if v.tracked = s.running(smp.At); v.tracked {
		v.SpikeCenter, v.SpikeOff = s.RunMean, s.RunOff
		if v.spike > 0 {
			e := (t - s.RunMean) / v.spike
			off := (t - v.Center - s.RunOff) / v.spike
			v.Spike[0], v.Spike[1] = min(e, off, usualTimes*v.Z), min(-e, -off, -usualTimes*v.Z)
		}
	}
	v.Surprise = s.surprise.look(smp.Value)
	v.isHeld = v.Ready && s.stands(v)
}

// nearest is the center that the sample is measured from.
func (v *View) nearest() {
	switch up, down := &v.Edge[0], &v.Edge[1]; {
	case v.value > up.Center:
		v.Center, v.Scale = up.Center, up.Scale
	case v.value < down.Center:
		v.Center, v.Scale = down.Center, down.Scale
	default:
		v.Center = v.value
	}
}

// running says that the moving mean is an expectation of a sample at at.
func (s *State) running(at kizashi.Time) bool {
	return s.RunN >= runLeast && !s.broken(at)
}

// broken says that the moving mean is too long ago.
func (s *State) broken(at kizashi.Time) bool {
	gap := time.Duration(s.rec.Period)
	return gap > 0 && at.Sub(s.LastAt) > gap*runGap
}

// stands says that a vote of the band or of the spike stands, whatever side
// may open an alert.
func (s *State) stands(v *View) bool {
	return v.Band[0] > v.BandTheta[0] || v.Band[1] > v.BandTheta[1] ||
		v.Spike[0] > v.SpikeTheta[0] || v.Spike[1] > v.SpikeTheta[1]
}

// Learn takes the sample in, as commands have it.
func (s *State) Learn(smp *kizashi.Sample, v *View, how Stance) {
	s.surprise.learn(smp.Value)
	if s.meta.Period <= 0 {
		s.takeGap(smp.At)
	}
	if how == Admitted {
		v.isHeld = false
	}
	spikeHeld := v.isHeld && (v.Spike[0] > v.SpikeTheta[0] || v.Spike[1] > v.SpikeTheta[1])
	learned := s.follow(smp.At, v, spikeHeld)
	s.push(pointOf(smp.At, v, smp.Value, learned))
	s.LastAt = smp.At
	if how == Excluded || v.Special {
		if v.Special && how != Excluded {
			s.tallySpecial(v)
		}
		return
	}
	if v.isHeld {
		s.hold(smp, v)
	}
	if s.Hour.Sub(s.First.at()) < firstWeek {
		s.see(smp.Value)
	}
	s.tally(v)
	if s.Hours >= tailHours {
		s.takeStats(smp.At, v, how)
	}
	if s.Lattice && smp.Value != math.Trunc(smp.Value) {
		s.Lattice = false
	}
}

// takeStats hands each statistic to its tail.
func (s *State) takeStats(at kizashi.Time, v *View, how Stance) {
	for i := range s.Tails {
		f, theta := v.Band[i&1], v.BandTheta[i&1]
		if i >= spikeUp {
			f, theta = v.Spike[i&1], v.SpikeTheta[i&1]
		}
		if !(f >= leastU) {
			continue // nothing counts it, and nothing is far that is as near
		}
		far := s.far(i, theta)
		if f > far && how != Admitted {
			s.farOn(i, at)
		}
		if how == Admitted || s.recurs(i) && f > far {
			s.Tails[i].TakeAll(f, at)
		} else {
			s.Tails[i].Take(f, at, theta, far)
		}
	}
}

// tally adds the sample to its quarter's sums.
func (s *State) tally(v *View) {
	p := &s.rec.Slots[v.Slot]
	if p.N == math.MaxUint16 {
		return
	}
	t := v.value
	if !v.Ready && s.Hours >= tailHours {
		t = min(max(t, v.Center-warmClip*v.Scale), v.Center+warmClip*v.Scale)
	}
	z := inScale(t-p.Center, p.Scale)
	p.N++
	p.Sum += z
	for i, off := range p.Off {
		p.Err[i] += float32(math.Abs(float64(z - off)))
	}
	p.Square += float32(z * z)
	if !v.isHeld {
		p.LearnSum += z
		if t == v.value && v.Scale == p.Scale {
			p.LearnAbs += float32(min(math.Abs(v.Z), mostOff))
		} else {
			p.LearnAbs += float32(math.Abs(float64(inScale(t-v.Center, p.Scale))))
		}
		s.Samples++
	} else if v.Z > 0 {
		p.HeldUp++
	} else {
		p.HeldDown++
	}
	if v.tracked && !v.isHeld {
		d := math.Abs(v.value - v.SpikeCenter)
		if v.spike > 0 {
			d = min(d, spikeClip*v.spike)
		}
		s.SpikeN1++
		s.SpikeAbs1 += d
	}
}

// follow moves the spike's mean and says whether it learned the sample. What
// a spike vote stands on is left out, but not for ever: the level may have
// changed.
func (s *State) follow(at kizashi.Time, v *View, held bool) bool {
	if s.RunN == 0 || s.broken(at) || held && s.RunHeld+1 > runHeld {
		s.RunMean, s.RunN, s.RunHeld, s.RunFrom = v.value, 1, 0, at
		s.RunOff = v.value - v.Center
		return true
	}
	if held {
		s.RunHeld++
		return false
	}
	s.RunHeld = 0
	s.RunN = min(s.RunN+1, 1000)
	s.RunMean += alpha * (v.value - s.RunMean)
	s.RunOff += alpha * (v.value - v.Center - s.RunOff)
	return true
}

// takeGap keeps the running median of gaps.
func (s *State) takeGap(at kizashi.Time) {
	if s.LastAt != kizashi.Never {
		r := s.own()
		r.gaps[r.gapAt%gapsKept] = int32(min(at.Sub(s.LastAt).Milliseconds(), math.MaxInt32))
		r.gapAt++
		if r.gapAt == 2*gapsKept {
			r.gapAt = gapsKept
		}
	}
}

// hold notes a sample that is kept out of learning.
func (s *State) hold(smp *kizashi.Sample, v *View) {
	why := v.HeldBy()
	end := smp.At + 1
	held := &s.troubled().Held
	if n := len(*held); n > 0 && smp.At.Sub((*held)[n-1].To) <= clusterGap {
		(*held)[n-1].To = end
		(*held)[n-1].Count++
		return
	}
	*held = append(*held, kizashi.Stretch{From: smp.At, To: end, Count: 1, Why: why})
	if len(*held) > heldKept {
		*held = append((*held)[:0], (*held)[1:]...)
	}
}
