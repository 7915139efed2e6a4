package verify

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// repeater takes a series from a checkpoint on through its stored samples.
type repeater struct {
	*state
	zone     *calendar.Zone
	meta     kizashi.Meta
	start    kizashi.Start
	settings func(kizashi.Time) kizashi.Settings
	excluded func(kizashi.Time) (string, bool)

	rec    *kizashi.Record // in force; nil before the first sample
	places [4]place
	at     [4][3]float64 // each quarter's center by each season
	sums   [4]sums
	marks  []mark
}

// sums are what an hour gathers in one quarter.
type sums struct {
	all, allT float64
	season    [3]float64 // sum |t - its center|, of all
	n, t, abs float64    // of those not held out
	spikeN    float64
	spikeAbs  float64
	up, down  int // held out
}

// mark says what became of a sample.
type mark struct {
	at   kizashi.Time
	why  kizashi.Claim // "" = learned
	text string
}

// periods is k periods, as instants count.
func (r *repeater) span(k int) kizashi.Time {
	return kizashi.Time(time.Duration(k) * time.Duration(r.rec.Period) / time.Millisecond)
}

// enter begins the hour of t, if it is not the one in progress: what was
// gathered is learned, and the new record is frozen.
func (r *repeater) enter(t kizashi.Time) {
	h := t.Floor(time.Hour)
	if r.rec != nil && r.rec.Hour == h {
		return
	}
	if r.rec != nil {
		r.endHour()
	}
	r.freeze(h)
}

// freeze makes the record of the hour h.
func (r *repeater) freeze(h kizashi.Time) {
	set := r.settings(h)
	rec := &kizashi.Record{Series: r.meta.Series, Hour: h, Transform: r.transform(), Season: seasonName(r.Season),
		R: set.R, Lower: r.meta.Lower, Upper: r.meta.Upper, Samples: r.Samples, Since: r.Since, Restarts: r.Restarts,
		Start: r.start, Ready: r.Hours >= 48, SpikeUnit: r.spikeScale()}
	rec.Period = r.meta.Period
	if rec.Period == 0 {
		rec.Period = kizashi.Duration(r.Period)
	}
	if r.N == 0 && rec.Period > 0 {
		r.M, r.N = kizashi.MofN(time.Duration(rec.Period))
	}
	rec.M, rec.N = r.M, r.N
	if set.N > 0 {
		rec.M, rec.N = set.M, set.N
	}
	rec.M, rec.N = max(rec.M, 1), max(rec.N, 1)
	w := share(set, rec.N)
	rec.BandUp = r.Tails[bandUp].freeze(bandXi0, bandN0, w, set.R)
	rec.BandDown = r.Tails[bandDown].freeze(bandXi0, bandN0, w, set.R)
	rec.SpikeUp = r.Tails[spikeUp].freeze(spikeXi0, spikeN0, w, set.R)
	rec.SpikeDown = r.Tails[spikeDown].freeze(spikeXi0, spikeN0, w, set.R)
	rec.Calibrat = calibrated(rec, set)
	for q := range rec.Slots {
		r.places[q] = r.placeOf(h + kizashi.Time(q)*quarterHour)
		for k := range r.at[q] {
			r.at[q][k] = r.center(k, r.places[q])
		}
		s := &rec.Slots[q]
		s.Center = r.at[q][r.Season]
		s.Scale = r.scale(r.places[q].slot, s.Center)
		s.Lower, s.Upper = limits(rec, set.Guards, *s)
	}
	r.rec, r.sums = rec, [4]sums{}
}

// take judges and learns one sample, as docs/method.md, section 4, has it.
func (r *repeater) take(s kizashi.Sample) {
	r.enter(s.At)
	rec := r.rec
	q := rec.SlotAt(s.At)
	slot := rec.Slots[q]
	t := forth(rec.Transform, s.Value)
	z := (t - slot.Center) / slot.Scale
	r.gap(s.At)
	text, out := r.excluded(s.At)
	stats := [4]float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
	r.remember(kizashi.Scored{At: s.At, Value: s.Value, Center: slot.Center, Scale: slot.Scale, Score: z})
	r.bandStats(&stats)
	r.spikeStats(&stats, t, s.At)
	var over [4]bool
	for i, tail := range r.recTails() {
		over[i] = rec.Ready && tail.U > 0 && stats[i] > tail.Theta
	}
	why := r.heldOut(over, z)
	m, learned := r.RunMean, r.RunN
	r.follow(t, s.At, over[spikeUp] || over[spikeDown])
	if out {
		r.marks = append(r.marks, mark{s.At, kizashi.ClaimExcluded, text})
		return
	}
	r.marks = append(r.marks, mark{s.At, why, ""})
	r.Lattice = r.Lattice && s.Value == math.Trunc(s.Value)
	r.gather(q, t, z, why != "", m, learned)
	for i, tail := range r.recTails() {
		if !math.IsNaN(stats[i]) {
			r.Tails[i].take(stats[i], tail, rec.Ready && tail.U > 0, s.At)
		}
	}
}

func (r *repeater) recTails() [4]kizashi.Tail {
	return [4]kizashi.Tail{r.rec.BandUp, r.rec.BandDown, r.rec.SpikeUp, r.rec.SpikeDown}
}

// remember keeps the samples that M of N may look at.
func (r *repeater) remember(s kizashi.Scored) {
	r.Recent = append(r.Recent, s)
	if n := len(r.Recent) - max(r.rec.N, 8); n > 0 {
		r.Recent = slices.Delete(r.Recent, 0, n)
	}
}

func (r *repeater) bandStats(stats *[4]float64) {
	n := r.rec.N
	if n < 2 {
		return
	}
	var scores []float64
	newest := r.Recent[len(r.Recent)-1].At
	for i := len(r.Recent) - 1; i >= max(0, len(r.Recent)-n); i-- {
		if newest-r.Recent[i].At >= r.span(n) {
			break
		}
		scores = append(scores, r.Recent[i].Score)
	}
	if up, ok := mth(scores, r.rec.M, kizashi.Up); ok {
		down, _ := mth(scores, r.rec.M, kizashi.Down)
		stats[bandUp], stats[bandDown] = up, -down
	}
}

// runLeast is how many samples the moving mean must have learned.
const runLeast = 5

func (r *repeater) spikeStats(stats *[4]float64, t float64, at kizashi.Time) {
	if r.RunN < runLeast || r.rec.SpikeUnit <= 0 || at-r.RunAt > r.span(5) {
		return
	}
	x := (t - r.RunMean) / r.rec.SpikeUnit
	stats[spikeUp], stats[spikeDown] = x, -x
}

// heldOut says why a sample is kept out of learning, "" if it is not.
func (r *repeater) heldOut(over [4]bool, z float64) kizashi.Claim {
	rec := r.rec
	up := rec.Ready && rec.BandUp.U > 0 && z > rec.BandUp.Theta
	down := rec.Ready && rec.BandDown.U > 0 && -z > rec.BandDown.Theta
	switch {
	case over[bandUp] || over[bandDown] || up || down:
		return kizashi.ClaimBand
	case over[spikeUp] || over[spikeDown]:
		return kizashi.ClaimSpike
	}
	return ""
}

// follow moves the spike's mean on.
func (r *repeater) follow(t float64, at kizashi.Time, spike bool) {
	anew := r.RunN == 0 || r.RunAt == kizashi.Never || at-r.RunAt > r.span(5) || spike && r.RunHeld >= 3
	r.RunAt = at
	switch {
	case anew:
		r.RunMean, r.RunN, r.RunHeld, r.RunFrom = t, 1, 0, at
	case spike:
		r.RunHeld++
	default:
		r.RunMean += 0.3 * (t - r.RunMean)
		r.RunN++
		r.RunHeld = 0
	}
}

// gather adds a sample to the hour's sums; m is the moving mean before it,
// which had learned so many samples.
func (r *repeater) gather(q int, t, z float64, held bool, m float64, learned int) {
	s := &r.sums[q]
	s.all++
	s.allT += t
	for k, c := range r.at[q] {
		s.season[k] += math.Abs(t - c)
	}
	switch {
	case held && z > 0:
		s.up++
	case held:
		s.down++
	default:
		s.n++
		s.t += t
		s.abs += math.Abs(t - r.rec.Slots[q].Center)
		if learned >= runLeast {
			s.spikeN++
			s.spikeAbs += math.Abs(t - m)
		}
		r.Samples++
	}
}
