package baseline

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

// hourly is what belongs to the hour in progress alone.
type hourly struct {
	rec       inForce
	sums      [slots]sums
	SpikeN1   float64 // samples that the moving mean expected, and
	SpikeAbs1 float64 // how far they lay from it
}

// inForce is what an hour's record says that does not follow from what is learned,
// which stays as it is until the hour is finished.
type inForce struct {
	Slots    [slots]slot
	Theta    [tails]float64 // as stated; 0 = no limit yet
	Spike    float64        // scale of the spike's residual
	Whole    float64        // shares of all that can vote
	Period   kizashi.Duration
	R        kizashi.Duration
	Lower    kizashi.Num
	Upper    kizashi.Num
	Samples  int64
	special  *[]kizashi.SpecialDay // nil = none of the slots is of one
	M, N     int16
	Ready    bool
	Calibrat bool
}

// slot is a kizashi.Slot in little room.
type slot struct {
	Center, Scale float64
	Lower, Upper  kizashi.Num
	below, above  float32 // how far the centers beside it reach from its own
	Day           int32
}

func (s *slot) least() float64 { return s.Center - float64(s.below) }
func (s *slot) most() float64  { return s.Center + float64(s.above) }

func (s *slot) stated() kizashi.Slot {
	return kizashi.Slot{Center: s.Center, Scale: s.Scale, Lower: s.Lower, Upper: s.Upper, Least: s.least(), Most: s.most(), Day: int(s.Day)}
}

// Special are the kinds of special days that slots are of.
func (f *inForce) Special() []kizashi.SpecialDay {
	if f.special == nil {
		return nil
	}
	return *f.special
}

// theta is the limit of a statistic in the hour; +Inf = none counts.
func (s *State) theta(i int) float64 {
	if !s.rec.Ready || s.Tails[i].U == 0 || s.rec.N <= 1 && (i == bandUp || i == bandDown) {
		return math.Inf(1)
	}
	return s.rec.Theta[i]
}

// far is where its tail ends.
func (s *State) far(i int, theta float64) float64 {
	if math.IsInf(theta, 1) && (!s.rec.Ready || s.Tails[i].U == 0) {
		return theta
	}
	return s.Tails[i].FarOf(s.rec.Theta[i])
}

// record writes down the record in force.
func (s *State) record(r *kizashi.Record) {
	f := &s.rec
	*r = kizashi.Record{Series: s.meta.Series, Hour: s.Hour, Transform: kizashi.Identity, Season: seasonNames[s.Season],
		Period: f.Period, M: int(f.M), N: int(f.N), R: f.R, SpikeUnit: f.Spike, Lower: f.Lower, Upper: f.Upper,
		Samples: f.Samples, Since: s.Since, Restarts: int(s.Restarts), Start: s.start(), Ready: f.Ready, Calibrat: f.Calibrat,
		Informed: s.informedBy(), Special: f.Special(), Seen: s.seenBefore(), Inherited: s.inherited()}
	if s.Log {
		r.Transform = kizashi.Log1p
	}
	for q := range f.Slots {
		r.Slots[q] = f.Slots[q].stated()
	}
	for i, t := range [tails]*kizashi.Tail{&r.BandUp, &r.BandDown, &r.SpikeUp, &r.SpikeDown} {
		*t = s.Tails[i].Stated(priors[i], share/f.Whole, f.Theta[i])
	}
}

// sums are a part's, in 32 bits: distances from the slot's center, in its scale.
type sums struct {
	Off                             [seasons]float32 // of what each season expects
	N, HeldUp, HeldDown             float32          // samples, and those of them that were held out
	LearnN, OtherN                  float32          // those that were not; of a special day
	Sum, LearnSum, OtherSum, Square float32
	Err                             [seasons]float32
	LearnAbs                        float32
	Slot, Week                      int16
}

// mostOff is how far off, in scales, a sample counts: sums stay finite in 32 bits.
const mostOff = 1e15

func inScale(d, scale float64) float32 { return float32(min(max(d/scale, -mostOff), mostOff)) }

// pack begins the sums of an hour.
func (s *State) pack() {
	for q := range s.Parts {
		p, slot := &s.Parts[q], &s.rec.Slots[q]
		sum := sums{Slot: int16(p.Slot), Week: int16(p.Week)}
		for k, c := range p.Center {
			sum.Off[k] = inScale(c-slot.Center, slot.Scale)
		}
		s.sums[q] = sum
	}
}

// unpack sets out the parts of the hour that ends, in the unit of the scale.
func (s *State) unpack() {
	for q := range s.Parts {
		u, slot := &s.sums[q], &s.rec.Slots[q]
		sum := func(n, z float32) float64 { return float64(n)*slot.Center + float64(z)*slot.Scale }
		p := part{Slot: int32(u.Slot), Week: int32(u.Week), N: float64(u.N), Sum: sum(u.N, u.Sum),
			Square: float64(u.Square) * slot.Scale * slot.Scale, HeldUp: float64(u.HeldUp), HeldDown: float64(u.HeldDown),
			LearnN: float64(u.LearnN), LearnSum: sum(u.LearnN, u.LearnSum), LearnAbs: float64(u.LearnAbs) * slot.Scale,
			OtherN: float64(u.OtherN), OtherSum: sum(u.OtherN, u.OtherSum)}
		for k, e := range u.Err {
			p.Err[k] = float64(e) * slot.Scale
		}
		s.centers(&p)
		s.Parts[q] = p
	}
	s.Parts[0].SpikeN, s.Parts[0].SpikeAbs = s.SpikeN1, s.SpikeAbs1
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
