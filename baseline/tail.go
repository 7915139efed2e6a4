package baseline

import (
	"encoding/json"
	"errors"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/wire"
)

const (
	restartDays = 1. / 8
	mostExcess  = 1e30 // scales: what lies further out adds up to a finite number in 32 bits
)

// Tail is what is known of one side of one statistic: where its upper end
// begins, and how often and how far it goes beyond. Its 32-bit numbers are kept
// so: a limit is stated to no more places.
type Tail struct {
	Last  kizashi.Time // of the open cluster, its last exceedance
	Hist  counts
	HistD float32 // decayed days that they come from
	Days  float32 // decayed days in which clusters were counted
	N     float32 // decayed clusters
	S1    float32 // decayed sum of their peaks' excess
	SD    float32 // and of the difference between one and the next
	Prev  float32 // excess of the last one closed before; 0 = none was
	Peak  float32 // excess of the open cluster's peak; 0 = none is open
	U     float32 // of the record in force

	Closed  float32 // excess of the one closed in the hour in progress: there is one at the most; 0 = none was
	Far     bool    // the open cluster reached too far out to be of the tail
	FarHour bool
}

// tailDoc is a tail in its documented form, between hours.
type tailDoc struct {
	Hist  [bins]uint16 `json:"hist"` // in units
	Unit  float32      `json:"unit"` // that one count is now
	HistD float32      `json:"histd"`
	Days  float32      `json:"days"`
	N     float32      `json:"n"`
	S1    float32      `json:"s1"`
	SD    float32      `json:"sd"`
	Prev  float32      `json:"prev"`
	Peak  float32      `json:"peak"`
	Last  kizashi.Time `json:"last"`
	Far   bool         `json:"far"`
	U     float32      `json:"u"`
}

// MarshalJSON writes what a checkpoint holds.
func (t Tail) MarshalJSON() ([]byte, error) {
	return json.Marshal(tailDoc{t.Hist.n, float32(t.Hist.unit), t.HistD, t.Days, t.N, t.S1, t.SD, t.Prev, t.Peak, t.Last, t.Far, t.U})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *Tail) UnmarshalJSON(b []byte) error {
	var d tailDoc
	if err := json.Unmarshal(b, &d); err != nil {
		return err
	}
	*t = Tail{HistD: d.HistD, Days: d.Days, N: d.N, S1: d.S1, SD: d.SD, Prev: d.Prev, Peak: d.Peak, Last: d.Last, Far: d.Far, U: d.U}
	t.Hist = counts{Unit(d.Unit), d.Hist}
	return nil
}

// Append appends the tail in its binary form.
func (t *Tail) Append(b []byte) []byte {
	b = wire.F32(t.Hist.append(wire.U64(b, t.Last)), t.HistD, t.Days, t.N, t.S1, t.SD, t.Prev, t.Peak, t.U, t.Closed)
	return wire.Bool(wire.Bool(b, t.Far), t.FarHour)
}

// Read reads what Append wrote.
func (t *Tail) Read(r *wire.Reader) error {
	t.Last = kizashi.Time(r.U64())
	if err := t.Hist.read(r); err != nil {
		return err
	}
	var f [9]float32
	r.F32s(f[:])
	for _, v := range f {
		if !(v >= 0 && v <= math.MaxFloat32) {
			return errors.New("a tail holds an impossible number")
		}
	}
	t.HistD, t.Days, t.N, t.S1, t.SD, t.Prev, t.Peak, t.U = f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7]
	t.Closed = f[8]
	t.Far, t.FarHour = r.Bool(), r.Bool()
	return nil
}

// binOf returns the bin of a statistic of at least leastU.
func binOf(f float64) int {
	i := int(math.Float64bits(f)>>50) - int(math.Float64bits(leastU)>>50)
	return min(i, bins-1)
}

// edge is the lower edge of bin i.
func edge(i int) float64 {
	return math.Float64frombits(math.Float64bits(leastU) + uint64(i)<<50)
}

// Take adds a statistic to the tail, once an evaluation. Beyond far it is not of
// it; beyond theta it is, but says no more than that it crossed. NaN is none.
func (t *Tail) Take(f float64, at kizashi.Time, theta, far float64) {
	if f > far {
		t.FarHour = true
		t.open(f, at)
		t.Far = true
		return
	}
	if !(f >= leastU) {
		return
	}
	f = min(f, theta) // what crossed counts as no further out than the limit
	t.Hist.add(binOf(f))
	if t.U == 0 || f <= float64(t.U) {
		return
	}
	t.open(f, at)
}

// open lets the open cluster reach to f, or opens one.
func (t *Tail) open(f float64, at kizashi.Time) {
	if t.Peak > 0 && at.Sub(t.Last) > clusterGap {
		t.close()
	}
	t.Peak, t.Last = max(t.Peak, float32(min(f-float64(t.U), mostExcess))), at
}

// TakeAll adds a statistic to the tail whatever limit there is.
func (t *Tail) TakeAll(f float64, at kizashi.Time) { t.Take(f, at, math.Inf(1), math.Inf(1)) }

// close takes note of the open cluster. In an hour a second one cannot be over: the
// next one began in it.
func (t *Tail) close() {
	if !t.Far {
		t.Closed = t.Peak
	}
	t.Peak, t.Far = 0, false
}

// decay of an observed hour, and that of clusters: how high they are is in scales, which
// follow what changes, and their shape takes long to tell.
var (
	decay = math.Exp2(-1. / halfLife)
	slow  = math.Exp2(-1. / clusterLife)
)

// Roll ends an hour that had samples; end is its end.
func (t *Tail) Roll(end kizashi.Time) { t.RollBy(end, decay) }

// RollBy is Roll where the past keeps another part of its weight.
func (t *Tail) RollBy(end kizashi.Time, decay float64) {
	if t.Peak > 0 && end.Sub(t.Last) > clusterGap {
		t.close()
	}
	t.Hist.fade(decay)
	var n, mean, diff float64
	if t.FarHour {
		// What is not of the tail is replaced by what the model expects of an
		// hour, so that the rate stays that of the other hours.
		n, mean, diff = t.rate()
		n /= 24
	}
	t.HistD = float32(float64(t.HistD) * decay)
	var closed, apart float64
	if t.Closed > 0 {
		closed, apart = 1, float64(max(t.Closed-t.Prev, t.Prev-t.Closed))
	}
	if t.U > 0 {
		t.Days = float32(float64(t.Days)*slow + 1./24)
		t.N = float32(float64(t.N)*slow + closed + n)
		t.S1 = float32(float64(t.S1)*slow + float64(t.Closed) + n*mean)
		t.SD = float32(float64(t.SD)*slow + apart + n*diff)
	}
	if t.Closed > 0 {
		t.Prev = t.Closed
	}
	if !t.FarHour {
		t.HistD += 1. / 24
	}
	t.Closed, t.FarHour = 0, false
}

// Restart forgets the clusters and keeps restartDays' worth of the histogram,
// so that there is a u to start from.
func (t *Tail) Restart() {
	if t.HistD > restartDays {
		t.Hist.fade(restartDays / float64(t.HistD))
		t.HistD = restartDays
	}
	t.Forget()
}

// Forget drops the clusters.
func (t *Tail) Forget() { t.Days, t.N, t.S1, t.SD, t.Prev, t.Peak, t.Far = 0, 0, 0, 0, 0, 0, false }

// threshold finds u: perDay samples a day lie above it. It is known from the
// first full day on.
func (t *Tail) threshold() float64 {
	if t.U == 0 && t.HistD < 1-1./48 {
		return 0
	}
	left := perDay * float64(t.HistD) * float64(t.Hist.unit)
	for i := bins - 1; i >= 0; i-- {
		n := float64(t.Hist.n[i])
		if n < left || n == 0 {
			left -= n
			continue
		}
		lo, hi := edge(i), edge(i+1)
		return hi - (hi-lo)*left/n
	}
	return leastU
}

// Before clusters of its own weigh, a tail has this many of them at an
// excess of a seventh of u, spread exponentially, in this many days.
const (
	prior0Clusters = 2
	prior0Excess   = .15
	prior0Days     = 1
)

// priorN is how many clusters the prior of a tail's shape weighs.
const priorN = 60

// rate is how many clusters a day there are, their mean excess, and the mean
// difference from one to the next; 0 where there is no u.
func (t *Tail) rate() (lambda, mean, diff float64) {
	if t.U == 0 {
		return 0, 0, 0
	}
	m0 := prior0Excess * float64(t.U)
	n := float64(t.N) + prior0Clusters
	return n / (float64(t.Days) + prior0Days), (float64(t.S1) + prior0Clusters*m0) / n, (float64(t.SD) + prior0Clusters*m0) / n
}

// Prior is what the program says of a statistic before its tail does.
type Prior struct {
	Xi    float64 // the tail's shape
	Least float64 // scales: nothing nearer is odd, however seldom it is
}

// Settle sets u for the next hour, from which a limit follows that may be asked for later.
func (t *Tail) Settle() { t.U = float32(t.threshold()) }

// Freeze sets u for the next hour and returns the limit that follows for one
// false episode per r, of which the vote has the share w; 0 = there is none yet.
func (t *Tail) Freeze(p Prior, r time.Duration, w float64) float64 {
	return t.freeze(p, r, w).Theta
}

// freeze is Freeze, and what is stated of the tail.
func (t *Tail) freeze(p Prior, r time.Duration, w float64) kizashi.Tail {
	t.Settle()
	out := t.Stated(p, w, 0)
	if t.U > 0 {
		out.Theta = Theta(&out, r)
	}
	return out
}

// Stated is the tail as it is in force in the hour, with the limit that Freeze
// returned for the share w.
func (t *Tail) Stated(p Prior, w, theta float64) kizashi.Tail {
	out := kizashi.Tail{U: float64(t.U), N: float64(t.N), Xi0: p.Xi, N0: priorN, W: w, Least: p.Least, Theta: theta}
	out.Lambda, out.Mean, out.Diff = t.rate()
	return out
}

// FarOf is where what the limit theta is of ends: a peak further out is none of it.
func (t *Tail) FarOf(theta float64) float64 {
	u := float64(t.U)
	return u + farTimes*max(theta-u, leastExc*u)
}

// Theta is the limit that follows from a tail, in scales, for one false
// episode per r, times what its Young says; never nearer to u than leastExc of it, nor than its Least.
func Theta(t *kizashi.Tail, r time.Duration) float64 {
	xi, sigma := t.Shape()
	l := math.Log(t.Lambda * r.Hours() / 24 / t.W * t.Young())
	theta := sigma * kizashi.Beyond(t.Bent(xi, l), l)
	if least := leastExc * t.U; theta < least {
		theta = least
	}
	if theta += t.U; theta < t.Least {
		return t.Least
	}
	return theta
}
