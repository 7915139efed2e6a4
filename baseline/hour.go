package baseline

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

// hourly is what stays as it is until the hour ends, or belongs to it alone.
type hourly struct {
	Hour      kizashi.Time // the hour in progress; Never before the first sample
	Samples   int64        // learned so far
	SpikeAbs1 float64      // how far samples lay from the moving mean, and
	SpikeN1   int32        // how many those were that it expected
	First     onHour       // the first hour
	Hours     int32        // observed so far
	Restarts  int32
	Moves     uint16 // levels adopted so far
	M, N      int16  // of the band's rule; 0 = not fixed yet
	Season    int8   // 0 none, 1 daily, 2 weekly
	Log       bool   // the transform is log1p
	Lattice   bool   // all samples so far were whole numbers
	rec       inForce
	Tails     [tails]Tail
}

// inForce is what an hour's record says that does not follow from what is learned,
// which stays as it is until the hour is finished.
type inForce struct {
	M, N     int16
	Ready    bool
	Calibrat bool
	Day      [slots]uint8   // of the special days, counted from 1, that the quarters are of
	Theta    [tails]float64 // as stated; 0 = no limit yet
	Spike    float64        // scale of the spike's residual
	Daily    float64        // what the daily season is off by, in terms of the one in force
	Whole    float64        // shares of all that can vote
	Period   kizashi.Duration
	R        kizashi.Duration
	Lower    kizashi.Num
	Upper    kizashi.Num
	Slots    [slots]slot
}

// slot is a kizashi.Slot in little room, and what is gathered in it.
type slot struct {
	Center, Scale float64
	Lower, Upper  kizashi.Num
	below, above  float32 // how far the centers beside it reach from its own
	sums
}

func (s *slot) least() float64 { return s.Center - float64(s.below) }
func (s *slot) most() float64  { return s.Center + float64(s.above) }

func (s *slot) stated() kizashi.Slot {
	return kizashi.Slot{Center: s.Center, Scale: s.Scale, Lower: s.Lower, Upper: s.Upper, Least: s.least(), Most: s.most()}
}

// theta is the limit of a statistic in the hour; +Inf = none counts.
func (s *State) theta(i int) float64 {
	if theta := s.rec.Theta[i]; s.rec.Ready && theta > 0 && (s.rec.N > 1 || i >= spikeUp) {
		return theta
	}
	return math.Inf(1)
}

// far is where its tail ends.
func (s *State) far(i int, theta float64) float64 {
	if math.IsInf(theta, 1) && (!s.rec.Ready || s.rec.Theta[i] == 0) {
		return theta
	}
	return s.Tails[i].FarOf(s.rec.Theta[i])
}

// record writes down the record in force, but for its tails. w may be nil.
func (s *State) record(w *Room, r *kizashi.Record) {
	f := &s.rec
	*r = kizashi.Record{Series: s.meta.Series, Hour: s.Hour, Transform: kizashi.Identity, Season: seasonNames[s.Season],
		Period: f.Period, M: int(f.M), N: int(f.N), R: f.R, SpikeUnit: f.Spike, Lower: f.Lower, Upper: f.Upper,
		Samples: s.Samples - s.learnedIn(), Since: s.Since.at(), Restarts: int(s.Restarts), Start: s.start(w), Ready: f.Ready, Calibrat: f.Calibrat,
		Informed: s.informedBy(), Special: s.seldom().special, Seen: s.seenBefore(), Inherited: s.inherited()}
	if s.Log {
		r.Transform = kizashi.Log1p
	}
	for q := range f.Slots {
		r.Slots[q] = f.Slots[q].stated()
		r.Slots[q].Day = int(f.Day[q])
	}
}

func tailsOf(r *kizashi.Record) [tails]*kizashi.Tail {
	return [tails]*kizashi.Tail{&r.BandUp, &r.BandDown, &r.SpikeUp, &r.SpikeDown}
}

// learnedIn are the samples that were learned in the hour in progress.
func (s *State) learnedIn() (n int64) {
	for q := range s.rec.Slots {
		if s.rec.Day[q] == 0 {
			n += int64(s.rec.Slots[q].learned())
		}
	}
	return n
}

// sums are a quarter's, in 32 bits: distances from the slot's center, in its scale. On
// a special day N and Sum are of what was not held out, and all else is 0.
type sums struct {
	Off                 [seasons]float32 // of what each season expects
	Err                 [seasons]float32
	Sum, Square         float32 // of all samples
	LearnSum, LearnAbs  float32 // of those that were not held out
	N, HeldUp, HeldDown uint16  // samples, and those of them that were held out
	Slot, Week          uint8
}

func (u *sums) learned() uint16 { return u.N - u.HeldUp - u.HeldDown }

// mostOff is how far off, in scales, a sample counts: sums stay finite in 32 bits.
const mostOff = 1e15

func inScale(d, scale float64) float32 { return float32(min(max(d/scale, -mostOff), mostOff)) }

// pack begins the sums of an hour.
func (s *State) pack(w *Room) {
	for q := range w.parts {
		p, slot := &w.parts[q], &s.rec.Slots[q]
		slot.sums = sums{Slot: uint8(p.Slot), Week: uint8(p.Week)}
		for k, c := range p.Center {
			slot.Off[k] = inScale(c-slot.Center, slot.Scale)
		}
	}
}

// unpack sets out the parts of the hour that ends, in the unit of the scale.
func (s *State) unpack(w *Room) {
	w.mean = hourMean{}
	for q := range w.parts {
		u, p := &s.rec.Slots[q], &w.parts[q]
		sum := func(n, z float32) float64 { return float64(n)*u.Center + float64(z)*u.Scale }
		*p = part{Slot: int32(u.Slot), Week: int32(u.Week)}
		if n := float32(u.N); s.rec.Day[q] > 0 {
			p.OtherN, p.OtherSum = float64(n), sum(n, u.Sum)
		} else {
			p.N, p.Sum, p.Square = float64(n), sum(n, u.Sum), float64(u.Square)*u.Scale*u.Scale
			p.HeldUp, p.HeldDown = float64(u.HeldUp), float64(u.HeldDown)
			learned := float32(u.learned())
			p.LearnN, p.LearnSum, p.LearnAbs = float64(learned), sum(learned, u.LearnSum), float64(u.LearnAbs)*u.Scale
		}
		for k, e := range u.Err {
			p.Err[k] = float64(e) * u.Scale
		}
		s.centers(&w.mean, p)
	}
	w.parts[0].SpikeN, w.parts[0].SpikeAbs = float64(s.SpikeN1), s.SpikeAbs1
}

// part is a quarter of the hour in progress, set out.
type part struct {
	Slot   int32 // of the day, in wall time
	Week   int32 // hour of the week, in wall time
	Center [seasons]float64
	// Of all samples that no command excludes.
	N         float64
	Sum       float64
	Err       [seasons]float64 // sums of |residual|
	Square    float64          // sum of the squared residuals of the season in force
	HeldUp    float64
	HeldDown  float64
	SpikeN    float64 // of the hour, in the first
	SpikeAbs  float64
	LearnN    float64 // of those that were not held out
	LearnSum  float64
	LearnAbs  float64
	OtherN    float64 // of a special day: of those that were not held out
	OtherSum  float64
	Known     bool // daily has seen this slot before
	KnownWeek bool
}
