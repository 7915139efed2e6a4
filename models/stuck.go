package models

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/wire"
)

// stuckModel votes when a series has shown exactly the same value for longer than
// it is used to: a flat line. It stands outside the false-alert target.
//
// Twice the longest run of weeks is rare by itself: where runs come by chance,
// the longest of n samples is one in n, and twice that one in n squared. A target
// further apart than that asks for more. A series that never repeats itself shows
// nothing by either rule; there the least counts.
type stuckModel struct{}

// What the limit is made of.
const (
	leastRun       = 6                  // samples: where values may repeat by chance, five times in a row
	leastStuck     = 30 * time.Minute   // a source may give a value again for a quarter of an hour
	overUsualRun   = 2                  // times the longest usual run
	stuckWarmUp    = 7 * 24 * time.Hour // a week shows the flat hours of a week
	constantRun    = 24 * time.Hour     // what is flat for longer by nature says nothing when it is
	constantPart   = .5                 // nor does what mostly repeats itself
	runsAtBound    = 3                  // at a bound only what has been there often says something
	runGap         = 5                  // periods without a sample after which a run begins anew
	stuckHalfLife  = 14 * 24            // observed hours, of what is usual
	periodIsOther  = 1.5                // a period so many times another is not the same
	longestRun     = math.MaxInt32 / 4  // samples; no series lives that long
	leastTaughtRun = 6 * time.Hour      // the longest run that is learned in the first week
)

var stuckDecay = float32(math.Exp2(-1. / stuckHalfLife))

// New returns a state that has seen no sample.
func (stuckModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	return &stuckState{First: kizashi.Never, LastAt: kizashi.Never}
}

// stuckState is a series' runs. What each sample looks at stands first.
type stuckState struct {
	First, LastAt kizashi.Time
	From          kizashi.Time // the run's first sample
	Value         float64      // that it repeats
	Run           int32        // samples in it
	Gap           int32        // the period that runs were counted in, ms
	Limit         [2]int32     // how many samples in a row may have one value in the hour; 0 = the series does not let one say
	Repeats, All  float32      // decayed samples: those that repeat the one before, of all
	Told          bool         // this run was said
	AtBound       uint8        // runs of two or more at a bound, up to runsAtBound
	runsOfStuck
}

// runsOfStuck is what only an hour's begin and a run's end look at.
type runsOfStuck struct {
	Usual  [2]float32       // the longest usual run, in samples: of any value, and at a bound
	Stated [2]int32         // usual, in whole samples, as the hour began
	Chance [2]int32         // Repeats and All, in whole samples, as the hour began
	ToldAt *[3]kizashi.Time // when the last runs were said, the newest last; nil = none was
}

// Begin lets what is usual fade by an observed hour, counts it in the period in
// force, and freezes the limits.
func (s *stuckState) Begin(c *detect.Case) {
	s.Usual[0] *= stuckDecay
	s.Usual[1] *= stuckDecay
	s.Repeats *= stuckDecay
	s.All *= stuckDecay
	gap := int32(min(c.Base.Gap().Milliseconds(), math.MaxInt32))
	if gap <= 0 {
		return
	}
	if f := float32(s.Gap) / float32(gap); f > periodIsOther || f > 0 && f < 1/periodIsOther {
		s.Usual[0] *= f
		s.Usual[1] *= f
	}
	s.Gap = gap
	s.freeze(c)
}

// freeze sets the hour's limits: one fewer than twice the longest usual run, than the
// least that is told, and than what comes by chance once in R.
func (s *stuckState) freeze(c *detect.Case) {
	s.Limit = [2]int32{}
	s.Chance = [2]int32{int32(math.Round(float64(s.Repeats))), int32(math.Round(float64(s.All)))}
	chance := s.chance(c.Settings.R)
	for k, usual := range s.Usual {
		s.Stated[k] = int32(math.Max(1, math.Round(float64(usual))))
		least := s.least(k)
		constant := math.Max(float64(constantRun.Milliseconds())/float64(s.Gap), least)
		switch {
		case s.First == kizashi.Never || c.Sample.At.Sub(s.First) < stuckWarmUp:
		case float64(s.Stated[k]) > constant || s.Repeats > constantPart*s.All:
		case k == 1 && s.AtBound < runsAtBound:
		default:
			s.Limit[k] = int32(math.Max(math.Max(overUsualRun*float64(s.Stated[k]), least), chance)) - 1
		}
	}
}

// atBound is 1 where a value rests by nature: at a bound of the series, or at
// zero, where there is nothing to count.
func atBound(m *kizashi.Meta, value float64) int {
	v := kizashi.Num(value)
	if v == 0 || v == m.Lower || v == m.Upper {
		return 1
	}
	return 0
}

// limit on the run of the case's value; 0 = none.
func (s *stuckState) limit(c *detect.Case) int32 {
	if s.Limit[0] == s.Limit[1] {
		return s.Limit[0] // whichever it is
	}
	return s.Limit[atBound(c.Meta, c.Sample.Value)]
}

// run is how many samples in a row have the sample's value, with it.
func (s *stuckState) run(c *detect.Case) int32 {
	at := c.Sample.At
	if s.Run == 0 || c.Sample.Value != s.Value || at-s.LastAt > runGap*kizashi.Time(s.Gap) {
		return 1
	}
	return min(s.Run+1, longestRun)
}

// repeating is the longest usual run of a series whose values repeat by chance: its
// own runs say how long they get.
const repeating = 3

// least run, in samples, that is told: of one whose values hardly ever repeat no
// shorter than leastStuck.
func (s *stuckState) least(k int) float64 {
	if s.Stated[k] >= repeating {
		return leastRun
	}
	return math.Max(leastRun, math.Ceil(float64(leastStuck.Milliseconds())/float64(s.Gap)))
}

// chance is the length of run that comes once in r where values repeat by chance,
// each as likely as all the others.
func (s *stuckState) chance(r kizashi.Duration) float64 {
	if s.Chance[0] == 0 || s.Chance[0] >= s.Chance[1] {
		return 0
	}
	return math.Ceil(1 + math.Log(float64(r)/1e6/float64(s.Gap))/math.Log(float64(s.Chance[1])/float64(s.Chance[0])))
}

// weigh counts the run. A flat line has no side.
func (s *stuckState) weigh(c *detect.Case) (w weighed, ok bool) {
	limit := s.limit(c)
	if limit == 0 || c.Stance == baseline.Excluded {
		return w, false
	}
	run := s.run(c)
	return weighed{float64(run), float64(limit), kizashi.Both, run > limit}, true
}

// Brief is Judge in short.
func (s *stuckState) Brief(c *detect.Case) (detect.Said, float64) {
	w, ok := s.weigh(c)
	return w.short(ok), 0
}

// Judge says how long the run is.
func (s *stuckState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	w, ok := s.weigh(c)
	if ok {
		w.tell(v, "samples")
	}
	return ok
}

// Learn counts the sample, and learns the run that it ends. A run that was said
// is no habit, unless it keeps coming.
func (s *stuckState) Learn(c *detect.Case, _ bool) {
	at, run := c.Sample.At, s.run(c)
	if s.First == kizashi.Never {
		s.First = at
	}
	if c.Stance == baseline.Excluded {
		s.Run, s.Told = 0, false
		return
	}
	limit := s.limit(c)
	if run == 1 {
		s.end(c)
		s.From, s.Value, s.Told = at, c.Sample.Value, false
	}
	if limit == 0 || run <= limit {
		s.All++
		if run > 1 {
			s.Repeats++
		}
	} else if !s.Told {
		s.Told = true
		if s.ToldAt == nil {
			s.ToldAt = new([3]kizashi.Time)
		}
		*s.ToldAt = [3]kizashi.Time{s.ToldAt[1], s.ToldAt[2], at}
	}
	s.Run, s.LastAt = run, at
}

// end learns the run that the sample ends.
func (s *stuckState) end(c *detect.Case) {
	if s.Run < 2 {
		return
	}
	if s.Told && (s.ToldAt[0] == 0 || c.Sample.At.Sub(s.ToldAt[0]) > stuckWarmUp) {
		return
	}
	n := float64(s.Run)
	if c.Sample.At.Sub(s.First) < stuckWarmUp && s.Gap > 0 {
		n = math.Min(n, float64(leastTaughtRun.Milliseconds())/float64(s.Gap)) // it would have been said, had it been known
	}
	k := atBound(c.Meta, s.Value)
	s.Usual[k] = max(s.Usual[k], float32(n))
	if k == 1 {
		s.AtBound = min(s.AtBound+1, runsAtBound)
	}
}

// Explain adds nothing: what the vote rests on is in its ground.
func (s *stuckState) Explain(*detect.Case) []kizashi.Evidence { return nil }

// Ground gives the run, the longest usual one (Low) and the least that is told
// (High), both in samples.
func (s *stuckState) Ground(c *detect.Case) *kizashi.Ground {
	var v kizashi.Vote
	if !s.Judge(c, &v) {
		return nil
	}
	k, from, end := atBound(c.Meta, c.Sample.Value), s.From, c.Sample.End()
	if v.Stat == 1 {
		from = c.Sample.At
	}
	return &kizashi.Ground{Model: "stuck", Side: v.Side, Stat: v.Stat, Limit: v.Limit, Unit: v.Unit, From: from, To: end,
		Parts: []kizashi.Part{{From: from, To: end, Count: int(v.Stat)}}, Usual: kizashi.None(), Scale: kizashi.None(),
		R:    c.View.R,
		Past: &kizashi.Past{From: s.First, To: from, Count: int(s.Chance[0]), Of: int(s.Chance[1]), Low: kizashi.Num(s.Stated[k]), High: kizashi.Num(s.least(k))}}
}

// AppendBinary appends the state.
func (s *stuckState) AppendBinary(b []byte) []byte {
	b = wire.F64(appendTimes(b, s.First, s.LastAt, s.From), s.Value)
	b = wire.U8(wire.F32(b, s.Usual[0], s.Usual[1], s.Repeats, s.All), s.AtBound)
	for _, n := range [...]int32{s.Run, s.Gap, s.Stated[0], s.Stated[1], s.Limit[0], s.Limit[1], s.Chance[0], s.Chance[1]} {
		b = wire.U32(b, n)
	}
	told := [3]kizashi.Time{}
	if s.ToldAt != nil {
		told = *s.ToldAt
	}
	return appendTimes(wire.Bool(b, s.Told), told[:]...)
}

// Decode reads what AppendBinary wrote.
func (s *stuckState) Decode(b []byte) ([]byte, error) {
	r := wire.Read(b)
	readTimes(r, &s.First, &s.LastAt, &s.From)
	s.Value = r.F64()
	s.Usual[0], s.Usual[1], s.Repeats, s.All, s.AtBound = r.F32(), r.F32(), r.F32(), r.F32(), r.U8()
	for _, n := range [...]*int32{&s.Run, &s.Gap, &s.Stated[0], &s.Stated[1], &s.Limit[0], &s.Limit[1], &s.Chance[0], &s.Chance[1]} {
		*n = r.I32()
	}
	s.Told = r.Bool()
	var told [3]kizashi.Time
	readTimes(r, &told[0], &told[1], &told[2])
	if s.ToldAt = nil; told[2] != 0 {
		s.ToldAt = &told
	}
	return ended(r, true)
}
