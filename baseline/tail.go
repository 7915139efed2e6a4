package baseline

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Bins of a tail's histogram: four an octave, equal within it, from 1/2 up to
// 32 scales; the last holds what lies beyond.
const (
	binsOctave  = 4
	bins        = 6 * binsOctave
	leastU      = 0.5
	restartDays = 1. / 8
)

// Tail is what is known of one side of one statistic: where its upper end
// begins, and how often and how far it goes beyond. It has a fixed size, so that
// it is written in binary as it stands.
type Tail struct {
	Hist  [bins]float32 `json:"hist"`  // decayed counts
	HistD float64       `json:"histd"` // decayed days that they come from
	Days  float64       `json:"days"`  // decayed days in which clusters were counted
	N     float64       `json:"n"`     // decayed clusters
	S1    float64       `json:"s1"`    // decayed sum of their peaks' excess
	SD    float64       `json:"sd"`    // and of the difference between one and the next
	Prev  float64       `json:"prev"`  // excess of the last one closed; 0 = none was
	Peak  float64       `json:"peak"`  // excess of the open cluster's peak; 0 = none is open
	Last  kizashi.Time  `json:"last"`  // its last exceedance
	Far   bool          `json:"far"`   // it reached too far out to be of the tail
	U     float64       `json:"u"`     // of the record in force

	NewN    float64 `json:"-"` // closed in the hour in progress
	NewS1   float64 `json:"-"`
	NewSD   float64 `json:"-"`
	FarHour bool    `json:"-"`
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
		if t.Peak > 0 && at.Sub(t.Last) > clusterGap {
			t.close()
		}
		t.Peak, t.Last, t.Far = max(t.Peak, f-t.U), at, true
		return
	}
	if !(f >= leastU) {
		return
	}
	f = min(f, theta) // what crossed counts as no further out than the limit
	t.Hist[binOf(f)]++
	if t.U == 0 || f <= t.U {
		return
	}
	if t.Peak > 0 && at.Sub(t.Last) > clusterGap {
		t.close()
	}
	t.Peak, t.Last = max(t.Peak, f-t.U), at
}

// TakeAll adds a statistic to the tail whatever limit there is.
func (t *Tail) TakeAll(f float64, at kizashi.Time) { t.Take(f, at, math.Inf(1), math.Inf(1)) }

// close counts the open cluster.
func (t *Tail) close() {
	if !t.Far {
		t.NewN++
		t.NewS1 += t.Peak
		t.NewSD += math.Abs(t.Peak - t.Prev)
		t.Prev = t.Peak
	}
	t.Peak, t.Far = 0, false
}

// decay of an observed hour.
var decay = math.Exp2(-1. / halfLife)

// Roll ends an hour that had samples; end is its end, last what Freeze made of
// the tail for it.
func (t *Tail) Roll(end kizashi.Time, last *kizashi.Tail) {
	if t.Peak > 0 && end.Sub(t.Last) > clusterGap {
		t.close()
	}
	for i := range t.Hist {
		t.Hist[i] *= float32(decay)
	}
	t.HistD *= decay
	if t.U > 0 {
		t.Days = t.Days*decay + 1./24
		t.N, t.S1, t.SD = t.N*decay+t.NewN, t.S1*decay+t.NewS1, t.SD*decay+t.NewSD
	}
	if t.FarHour {
		// What is not of the tail is replaced by what the model expects of an
		// hour, so that the rate stays that of the other hours.
		n := last.Lambda / 24
		t.N += n
		t.S1 += n * last.Mean
		t.SD += n * last.Diff
	} else {
		t.HistD += 1. / 24
	}
	t.NewN, t.NewS1, t.NewSD, t.FarHour = 0, 0, 0, false
}

// Restart forgets the clusters and keeps restartDays' worth of the histogram,
// so that there is a u to start from.
func (t *Tail) Restart() {
	if t.HistD > restartDays {
		f := float32(restartDays / t.HistD)
		for i := range t.Hist {
			t.Hist[i] *= f
		}
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
	left := perDay * t.HistD
	for i := bins - 1; i >= 0; i-- {
		n := float64(t.Hist[i])
		if n < left {
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

// Prior is the shape that ships with the program, and how many clusters it
// weighs.
type Prior struct{ Xi, N float64 }

// Freeze returns the tail as it is in force for the next hour, with the limit
// that follows for one false episode per r, of which the vote has the share w.
func (t *Tail) Freeze(p Prior, r time.Duration, w float64) kizashi.Tail {
	t.U = t.threshold()
	out := kizashi.Tail{U: t.U, N: t.N, Xi0: p.Xi, N0: p.N, W: w}
	if t.U == 0 {
		return out
	}
	m0 := prior0Excess * t.U
	n := t.N + prior0Clusters
	out.Lambda = n / (t.Days + prior0Days)
	out.Mean = (t.S1 + prior0Clusters*m0) / n
	out.Diff = (t.SD + prior0Clusters*m0) / n
	out.Theta = Theta(out, r)
	return out
}

// Far is where what a tail's limit is of ends: a peak further out is none of it.
func Far(t *kizashi.Tail) float64 { return t.U + farTimes*max(t.Theta-t.U, leastExc*t.U) }

// Young is how many times as long a period as was asked for a tail's limit is set
// for, while it knows few days: the rate and the excess of a few days promise
// nothing of the weeks to come. 1 from two weeks on.
func Young(t kizashi.Tail) float64 {
	if t.Lambda <= 0 {
		return 1
	}
	f := grownDays * t.Lambda / (t.N + prior0Clusters) // the days, and the prior's one
	return max(1, f)
}

// Theta is the limit that follows from a tail, in scales, for one false
// episode per r, times what Young says: Pickands' generalized Pareto tail with its shape and scale by
// L-moments (Hosking and Wallis 1987), the second of them from the differences of
// successive peaks - a heavy tail has no variance to estimate -, the shape shrunk to the prior; never nearer to u than
// leastExc of it.
func Theta(t kizashi.Tail, r time.Duration) float64 {
	shape := 0.
	if t.Diff > 0 {
		shape = 2 - 2*t.Mean/t.Diff
	}
	xi := (t.N*shape + t.N0*t.Xi0) / (t.N + t.N0)
	xi = min(max(xi, -.3), .5)
	sigma := t.Mean * (1 - xi)
	reach := t.Lambda * r.Hours() / 24 / t.W * Young(t)
	exc := 0.
	switch {
	case reach <= 0:
	case xi == 0:
		exc = sigma * math.Log(reach)
	default: // (reach^xi - 1) / xi, exact for a small xi too
		exc = sigma * math.Expm1(xi*math.Log(reach)) / xi
	}
	return t.U + max(exc, leastExc*t.U)
}
