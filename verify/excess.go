package verify

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

// excess is what a checkpoint holds of one tail (docs/method.md, section 6).
type excess struct {
	Hist  [24]uint16   `json:"hist"` // in units
	Unit  float32      `json:"unit"` // that a count is now
	HistD float64      `json:"histd"`
	Days  float64      `json:"days"`
	N     float64      `json:"n"`
	S1    float64      `json:"s1"`
	SD    float64      `json:"sd"`
	Prev  float64      `json:"prev"`
	Peak  float64      `json:"peak"`
	Last  kizashi.Time `json:"last"`
	Far   bool         `json:"far"`
	U     float64      `json:"u"`

	closed [3]float64 // clusters of the hour in progress: number, sum of peaks, of their differences
	marked bool       // the hour in progress holds a far statistic
}

// forgets sets how much of the past an observed hour leaves: a half-life of 14 days of
// them, or the one that the settings name.
func (r *repeater) forgets(set kizashi.Settings) {
	r.pace = 1
	if set.HalfLife > 0 {
		r.pace = seconds(set.HalfLife) / (14 * 86400)
	}
	r.lose = math.Exp2(-1 / (336 * r.pace))
}

// clusterDecay is that of a tail's clusters: 56 days.
var clusterDecay = math.Exp2(-1.0 / 1344)

const (
	histLeast   = 0.5
	histOctave  = 4
	usualPerDay = 4.0
	histEnough  = 47.0 / 48
)

// edge is the lower edge of a bin of the histogram.
func edge(bin int) float64 {
	octave, part := bin/histOctave, bin%histOctave
	return histLeast * math.Exp2(float64(octave)) * (1 + float64(part)/histOctave)
}

func binOf(x float64) int {
	for b := len(excess{}.Hist) - 1; b > 0; b-- {
		if x >= edge(b) {
			return b
		}
	}
	return 0
}

// take puts a statistic where it belongs. t is the tail of the record in
// force, counts says whether its theta counts.
func (e *excess) take(stat float64, t kizashi.Tail, counts bool, at kizashi.Time) {
	if counts && far(stat, t) {
		e.open(at)
		e.Far, e.marked = true, true
		return
	}
	if counts {
		stat = min(stat, t.Theta)
	}
	if stat >= histLeast {
		e.count(binOf(stat))
	}
	if t.U > 0 && stat > t.U {
		e.open(at)
		e.Peak = max(e.Peak, stat-t.U)
	}
}

// far says that a statistic is so far out that it is none of the tail.
func far(stat float64, t kizashi.Tail) bool { return stat > t.U+2*max(t.Theta-t.U, 0.3*t.U) }

// returns counts the day of a far statistic, and says whether such are taken for
// usual by now.
func (r *repeater) returns(tail int, at kizashi.Time) bool {
	if d := int(at / day); d != r.AgainDay[tail] {
		r.AgainDay[tail] = d
		r.Again[tail]++
	}
	return r.Recurs[tail]
}

// recurrences ends an hour: what was far on four days, decayed, is usual until
// there are fewer than two.
func (r *repeater) recurrences() {
	for i := range r.Again {
		r.Again[i] *= float32(r.lose)
		if r.Again[i] > 3 {
			r.Recurs[i] = true
		} else if r.Again[i] < 2 {
			r.Recurs[i] = false
		}
	}
}

// The units that a count is: of a new one rounded, of all halved where they would
// run over 16 bits.
const (
	fewestUnits = 64
	mostUnits   = 8192
)

// count counts one in a bin.
func (e *excess) count(bin int) {
	if e.Unit == 0 {
		e.Unit = mostUnits / 2
	}
	for uint32(e.Hist[bin])+uint32(e.Unit+.5) > math.MaxUint16 {
		if e.Unit < 2*fewestUnits {
			e.Hist[bin] = math.MaxUint16
			return
		}
		e.halve()
	}
	e.Hist[bin] += uint16(e.Unit + .5)
}

// fade leaves a part of what was counted, by letting what is new count as more.
func (e *excess) fade(part float64) {
	for e.Unit = float32(float64(e.Unit) / part); e.Unit >= mostUnits; {
		e.halve()
	}
}

func (e *excess) halve() {
	for i, n := range e.Hist {
		e.Hist[i] = uint16(math.RoundToEven(float64(n) / 2))
	}
	e.Unit /= 2
}

// open extends the open cluster to at, or closes it and opens another.
func (e *excess) open(at kizashi.Time) {
	if e.Last != kizashi.Never && at-e.Last > hour {
		e.close()
	}
	e.Last = at
}

func (e *excess) close() {
	if !e.Far && e.Peak > 0 {
		e.closed[0]++
		e.closed[1] += e.Peak
		e.closed[2] += math.Abs(e.Peak - e.Prev)
		e.Prev = e.Peak
	}
	e.Far, e.Peak = false, 0
}

// endHour carries the hour over; t is the tail of the record that ends.
func (e *excess) endHour(t kizashi.Tail, end kizashi.Time, decay float64) {
	if e.Last != kizashi.Never && end-e.Last > hour {
		e.close()
	}
	e.HistD *= decay
	e.fade(decay)
	if t.U > 0 {
		e.Days = clusterDecay*e.Days + 1.0/24
		e.N = clusterDecay*e.N + e.closed[0]
		e.S1 = clusterDecay*e.S1 + e.closed[1]
		e.SD = clusterDecay*e.SD + e.closed[2]
	}
	if e.marked {
		l := t.Lambda / 24
		e.N += l
		e.S1 += l * t.Mean
		e.SD += l * t.Diff
	} else {
		e.HistD += 1.0 / 24
	}
	e.closed, e.marked = [3]float64{}, false
}

// restart forgets the clusters and most of the histogram.
func (e *excess) restart() {
	if e.HistD > 0.125 {
		e.fade(0.125 / e.HistD)
		e.HistD = 0.125
	}
	e.forget()
}

// forget drops the clusters.
func (e *excess) forget() {
	e.Days, e.N, e.S1, e.SD, e.Prev, e.Peak, e.Far = 0, 0, 0, 0, 0, 0, false
	e.closed, e.marked = [3]float64{}, false
}

// usual is u: what 4 samples a day lie above; 0 = not known.
func (e *excess) usual() float64 {
	if e.U == 0 && e.HistD < histEnough {
		return 0
	}
	want, above := usualPerDay*e.HistD*float64(e.Unit), 0.0
	for b := len(e.Hist) - 1; b >= 0; b-- {
		here := float64(e.Hist[b])
		if here > 0 && above+here >= want {
			return edge(b+1) - (want-above)/here*(edge(b+1)-edge(b))
		}
		above += here
	}
	return histLeast
}

// freeze makes the record's tail.
func (e *excess) freeze(b before, w float64, R kizashi.Duration) kizashi.Tail {
	t := kizashi.Tail{U: e.usual(), Xi0: b.shape, N0: weightBefore, Least: b.least, W: w, N: e.N}
	e.U = t.U
	if t.U == 0 {
		return t
	}
	m0 := 0.15 * t.U
	t.Lambda = (e.N + 2) / (e.Days + 1)
	t.Mean = (e.S1 + 2*m0) / (e.N + 2)
	t.Diff = (e.SD + 2*m0) / (e.N + 2)
	xi := shape(t).want
	t.Theta = limitOf(t, R, bent(t, R, xi).want, t.Mean*(1-xi)).want
	return t
}
