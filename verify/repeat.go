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
	said     sayings
	kind     func(kizashi.Time, int) string
	anew     []*state // with which the recursions go on from their Informed.At on

	pace, lose float64 // by the half-life in force: in terms of the usual one, and what an hour leaves

	rec    *kizashi.Record // in force; nil before the first sample
	places [4]place
	at     [4][3]float64 // each quarter's center by each season
	sums   [4]sums
}

// sums are what an hour gathers in one quarter.
type sums struct {
	all, allT float64
	season    [3]float64 // sum |t - its center|, of all
	square    float64    // sum (t - center)², of all
	n, t, abs float64    // of those not held out
	spikeN    float64
	spikeAbs  float64
	up, down  int     // held out
	other     float64 // of special days, of those not held out
	otherT    float64

	in gathered
}

// gathered are sums as the hour has them: of distances from the slot's center, in its
// scale, each of them and each sum rounded to 32 bits.
type gathered struct {
	z, square, learned, abs, other float32
	season                         [3]float32
}

// settle makes sums in the series' unit of what the hour gathered.
func (r *repeater) settle() {
	for q := range r.sums {
		s, slot := &r.sums[q], &r.rec.Slots[q]
		of := func(n float64, z float32) float64 { return n*slot.Center + float64(z)*slot.Scale }
		s.allT, s.t, s.otherT = of(s.all, s.in.z), of(s.n, s.in.learned), of(s.other, s.in.other)
		s.square, s.abs = float64(s.in.square)*slot.Scale*slot.Scale, float64(s.in.abs)*slot.Scale
		for k, e := range s.in.season {
			s.season[k] = float64(e) * slot.Scale
		}
	}
}

// span is k periods, as instants count.
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
		r.forgets(r.settings(t))
		r.endHour()
	}
	for len(r.anew) > 0 && r.anew[0].Informed.At <= h {
		r.state, r.anew = r.anew[0], r.anew[1:]
	}
	r.freeze(h, t)
}

// freeze makes the record of the hour h, whose first sample is at first.
func (r *repeater) freeze(h, first kizashi.Time) {
	set := r.settings(first)
	rec := &kizashi.Record{Series: r.meta.Series, Hour: h, Transform: r.transform(), Season: seasonName(r.Season),
		R: set.R, Lower: r.meta.Lower, Upper: r.meta.Upper, Samples: r.Samples, Since: r.Since, Restarts: r.Restarts,
		Start: r.start}
	rec.Period = r.meta.Period
	if rec.Period == 0 {
		rec.Period = kizashi.Duration(r.Period)
	}
	if r.N == 0 && rec.Period > 0 && set.N == 0 {
		r.M, r.N = kizashi.MofN(time.Duration(rec.Period))
	}
	if set.N > 0 {
		r.M, r.N = set.M, set.N
	}
	rec.M, rec.N = r.M, r.N
	rec.Ready = r.Hours >= 48 && (r.N > 1 || h-r.First >= 7*day)
	w := share(set, rec.N)
	rec.BandUp = r.Tails[bandUp].freeze(bandBefore, w, set.R)
	rec.BandDown = r.Tails[bandDown].freeze(bandBefore, w, set.R)
	rec.SpikeUp = r.Tails[spikeUp].freeze(spikeBefore, w, set.R)
	rec.SpikeDown = r.Tails[spikeDown].freeze(spikeBefore, w, set.R)
	rec.Calibrat = calibrated(rec)
	if r.Seen != nil && h-r.First < 7*day {
		seen := *r.Seen
		rec.Seen = &seen
	}
	if i := r.Informed; i.Hours > 0 && h < i.At+28*day {
		rec.Informed = &i
	}
	if in := r.Inherited; in != nil && h-in.At < fortnight {
		own := *in
		own.Own = int64(r.Hours) - in.Hours
		rec.Inherited = &own
	}
	for q := range rec.Slots {
		r.places[q] = r.placeOf(h + kizashi.Time(q)*quarterHour)
		for k := range r.at[q] {
			r.at[q][k] = r.center(k, r.places[q])
		}
		s := &rec.Slots[q]
		s.Center = r.at[q][r.Season]
		if kind := r.kindOf(h + kizashi.Time(q)*quarterHour); kind != "" {
			r.day(rec, s, r.places[q], kind)
		}
		s.Scale = r.scale(r.places[q], s.Center)
		s.Least, s.Most = s.Center, s.Center
		if s.Day == 0 {
			for _, at := range []kizashi.Time{h + kizashi.Time(q-1)*quarterHour, h + kizashi.Time(q+1)*quarterHour} {
				c := r.beside(at, s.Center)
				s.Least, s.Most = math.Min(s.Least, c), math.Max(s.Most, c)
			}
		}
		s.Lower, s.Upper = limits(rec, set.Guards, *s)
	}
	rec.SpikeUnit = r.spikeScale(r.places[0].week / 24)
	r.rec, r.sums = rec, [4]sums{}
}

// beside is the center of the slot at an instant, own where the season knows none.
func (r *repeater) beside(at kizashi.Time, own float64) float64 {
	p := r.placeOf(at)
	if r.Season == noSeason || r.Season == daily && r.DayN[p.slot] == 0 || r.Season == weekly && r.WeekN[p.week] == 0 {
		return own
	}
	return r.center(r.Season, p)
}

// take judges and learns one sample, as docs/method.md, section 4, has it. It
// says by which vote the sample was held out of learning, if it was.
func (r *repeater) take(s kizashi.Sample) kizashi.Claim {
	r.enter(s.At)
	if r.said.turns(r.LastAt, s.At) || r.LastAt != kizashi.Never && r.kindOf(r.LastAt) != r.kindOf(s.At) {
		r.RunN = 0
	}
	rec := r.rec
	q := rec.SlotAt(s.At)
	slot := rec.Slots[q]
	t := forth(rec.Transform, s.Value)
	center, scale := boundsOf(rec.Transform, slot, expectedOn(rec, slot, r.said.expected(s.At))).nearest(t, slot)
	z := (t - center) / scale
	stats := [4]float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
	r.remember(kizashi.Scored{At: s.At, Value: s.Value, Center: center, Scale: scale, Score: z})
	r.bandStats(&stats)
	r.spikeStats(&stats, t, s.At)
	var over [4]bool
	for i, tail := range r.recTails() {
		over[i] = rec.Ready && tail.U > 0 && stats[i] > tail.Theta
	}
	excluded, admitted := r.said.at(s.At)
	if admitted {
		over = [4]bool{}
	}
	held := over[bandUp] || over[bandDown] || over[spikeUp] || over[spikeDown]
	m, learned := r.RunMean, r.RunN >= runLeast && !r.broken(s.At)
	if r.meta.Period <= 0 {
		r.gap(s.At)
	}
	r.LastAt = s.At
	r.follow(t, t-center, s.At, over[spikeUp] || over[spikeDown])
	why := kizashi.Claim("")
	switch {
	case over[spikeUp] || over[spikeDown]:
		why = kizashi.ClaimSpike
	case held:
		why = kizashi.ClaimBand
	}
	if excluded {
		return ""
	}
	if slot.Day > 0 {
		if !held && rec.Ready && r.sums[q].other < countMost {
			r.sums[q].other++
			r.sums[q].in.other += inScales(t-slot.Center, slot.Scale)
		}
		return ""
	}
	r.see(s.Value)
	r.Lattice = r.Lattice && s.Value == math.Trunc(s.Value)
	r.gather(q, t, z, s.At, held, m, learned)
	for i, tail := range r.recTails() {
		if r.Hours >= tailHours && !math.IsNaN(stats[i]) {
			counts := rec.Ready && tail.U > 0 && !admitted
			r.Tails[i].take(stats[i], tail, counts && !(far(stats[i], tail) && r.returns(i, s.At)), s.At)
		}
	}
	return why
}

// see takes a value into the range of the first week.
func (r *repeater) see(x float64) {
	if r.Seen == nil {
		r.Seen = &kizashi.Seen{Low: x, High: x}
	}
	r.Seen.Low, r.Seen.High = math.Min(r.Seen.Low, x), math.Max(r.Seen.High, x)
}

// tailHours are observed before a statistic goes to its tail.
const tailHours = 1

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
		if p := r.span(n); p > 0 && newest-r.Recent[i].At >= p {
			break
		}
		scores = append(scores, r.Recent[i].Score)
	}
	if up, ok := mth(scores, r.rec.M, kizashi.Up); ok {
		down, _ := mth(scores, r.rec.M, kizashi.Down)
		stats[bandUp], stats[bandDown] = up, -down
	}
}

// broken says that the moving mean met its last sample more than 5 periods
// ago.
func (r *repeater) broken(at kizashi.Time) bool {
	p := r.span(5)
	return p > 0 && at-r.RunAt > p
}

// runLeast is how many samples the moving mean must have learned.
const runLeast = 5

func (r *repeater) spikeStats(stats *[4]float64, t float64, at kizashi.Time) {
	if r.RunN < runLeast || r.rec.SpikeUnit <= 0 || r.broken(at) {
		return
	}
	x := (t - r.RunMean) / r.rec.SpikeUnit
	last := r.Recent[len(r.Recent)-1]
	off := (t - last.Center - r.RunOff) / r.rec.SpikeUnit
	stats[spikeUp], stats[spikeDown] = min(x, off, 2*last.Score), min(-x, -off, -2*last.Score)
}

// follow moves the spike's means on: that of the values, and that of how far off
// the nearest center they lay.
func (r *repeater) follow(t, off float64, at kizashi.Time, spike bool) {
	anew := r.RunN == 0 || r.broken(at) || spike && r.RunHeld >= 3
	r.RunAt = at
	switch {
	case anew:
		r.RunMean, r.RunOff, r.RunN, r.RunHeld, r.RunFrom = t, off, 1, 0, at
	case spike:
		r.RunHeld++
	default:
		r.RunMean += 0.3 * (t - r.RunMean)
		r.RunOff += 0.3 * (off - r.RunOff)
		r.RunN++
		r.RunHeld = 0
	}
}

// clip keeps a nightly job's steps from widening the spike's scale.
func (r *repeater) clip(d float64) float64 {
	if u := r.rec.SpikeUnit; u > 0 {
		return min(d, 3*u)
	}
	return d
}

// gather adds a sample to the hour's sums; m is the moving mean before it, if
// there was one.
func (r *repeater) gather(q int, t, z float64, at kizashi.Time, held bool, m float64, learned bool) {
	s, slot := &r.sums[q], r.rec.Slots[q]
	if s.all == countMost {
		return
	}
	raw := t
	center, scale := boundsOf(r.rec.Transform, slot, expectedOn(r.rec, slot, r.said.expected(at))).nearest(raw, slot)
	if !r.rec.Ready && r.Hours >= tailHours {
		t = min(max(t, center-10*scale), center+10*scale)
	}
	s.all++
	away := inScales(t-slot.Center, slot.Scale)
	s.in.z += away
	s.in.square += float32(away * away)
	for k, c := range r.at[q] {
		s.in.season[k] += float32(math.Abs(float64(away - inScales(c-slot.Center, slot.Scale))))
	}
	switch {
	case held && z > 0:
		s.up++
	case held:
		s.down++
	default:
		s.n++
		s.in.learned += away
		s.in.abs += float32(math.Abs(float64(inScales(t-center, slot.Scale))))
		if learned {
			s.spikeN++
			s.spikeAbs += r.clip(math.Abs(raw - m))
		}
		r.Samples++
	}
}
