package models

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/detect"
)

// silenceModel votes when samples stop coming for longer than the series' own
// rhythm allows. Only hours of the week in which samples came in one of the
// two weeks before count, so that a host that is stopped every weekend is not
// missed on Saturday, and is missed on Monday.
type silenceModel struct{}

// What the limit is made of. A quarter of an hour is what CloudWatch itself
// may be late without anything being wrong at the source.
const (
	leastSilence  = detect.LeastTimer
	gapsOfSilence = 5                   // times the median gap
	overUsual     = 2                   // times the longest usual gap
	silenceWarmUp = 7 * 24 * time.Hour  // a week shows the rhythm of a week
	gapsWarmUp    = 5                   // gaps seen before a limit is worth stating
	usualHalfLife = 14 * 24 * time.Hour // of the longest usual gap
	warmUpTeaches = 6 * time.Hour       // the longest gap that is learned before the first can be said
	hoursAhead    = 15 * 24             // how far a due time is looked for
	openingsAhead = 64                  // and over how many openings of a schedule
)

// New returns a state that has seen no sample.
func (silenceModel) New(meta *kizashi.Meta, _ *kizashi.Settings) detect.State {
	return &silenceState{lastAt: kizashi.Never, first: kizashi.Never}
}

// silenceState is a series' rhythm. What each sample looks at stands first.
type silenceState struct {
	lastAt kizashi.Time // At of the last sample; Never = none came
	first  kizashi.Time // and of the first
	zone   *calendar.Zone
	rare   *rareOfSilence // nil = nothing of it
	lasted int32          // how long the last one lasted, ms
	gap    int32          // median gap when it was learned, ms
	count  int32          // gaps seen
	usual  float32        // longest usual gap, s, as of faded
	faded  int32          // until when usual has decayed: hours from first on
	told   bool           // this silence was said
	off    bool           // not wanted for this series
	weeks  weeks          // in which the hours of the week had samples
}

// rareOfSilence is what hardly a series has.
type rareOfSilence struct {
	from   kizashi.Time // where it is after the last sample's end: what is missing before counts for nothing
	toldAt [3]uint32    // when the last silences were said, s since 1970
	schedule
}

// schedule is when samples are expected.
type schedule struct {
	open *calendar.Hours // nil = by the week's own hours
	late time.Duration   // how late the first sample of an opening may be
}

// own is the series' own, to be changed.
func (s *silenceState) own() *rareOfSilence {
	if s.rare == nil {
		s.rare = &rareOfSilence{from: kizashi.Never}
	}
	return s.rare
}

// by is the schedule; nil = there is none.
func (s *silenceState) by() *schedule {
	if s.rare == nil || s.rare.open == nil {
		return nil
	}
	return &s.rare.schedule
}

// last is the end of the last sample; Never = none came.
func (s *silenceState) last() kizashi.Time {
	if s.lastAt == kizashi.Never {
		return kizashi.Never
	}
	return s.lastAt + kizashi.Time(s.lasted)
}

// since is from when on a silence counts.
func (s *silenceState) since() kizashi.Time {
	if s.rare == nil {
		return s.last()
	}
	return max(s.last(), s.rare.from)
}

// hour returns the hour of the week and the number of the week at t.
func (s *silenceState) hour(t kizashi.Time) (h int, week int16) {
	local := int64(t) + s.zone.Offset(int64(t))
	hours := floorDiv(local, 3_600_000)
	return int(hours - 168*floorDiv(hours, 168)), int16(floorDiv(hours, 168))
}

const quarter = anHour / 4

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// floorMod is what floorDiv leaves.
func floorMod(a, b int64) int64 {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}

// limit is how long the series may be silent.
func (s *silenceState) limit() time.Duration {
	return max(leastSilence, gapsOfSilence*s.period(), overUsual*s.longest())
}

func (s *silenceState) period() time.Duration { return time.Duration(s.gap) * time.Millisecond }

// longest is the longest usual gap, in whole seconds, as it is stated.
func (s *silenceState) longest() time.Duration {
	return time.Duration(math.Round(float64(s.usual))) * time.Second
}

// fade lets the longest usual gap decay, by whole hours.
func (s *silenceState) fade(at kizashi.Time) {
	if h := int32((at-s.first)/anHour) - s.faded; h > 0 {
		s.usual = float32(float64(s.usual) * exp2(-float64(h)*float64(time.Hour)/float64(usualHalfLife)))
		s.faded += h
	}
}

// Brief is Judge in short.
func (s *silenceState) Brief(*detect.Case) (detect.Said, float64) { return detect.NoOpinion, 0 }

// Judge has no opinion on a sample that came.
func (s *silenceState) Judge(*detect.Case, *kizashi.Vote) bool { return false }

// Learn takes the gap before the sample and marks its hour of the week.
func (s *silenceState) Learn(c *detect.Case, _ bool) {
	if z := c.Base.Zone(); s.zone != z && (s.zone == nil || s.zone.Name() == z.Name()) {
		s.zone = z
	}
	at := c.Sample.At
	if s.first == kizashi.Never {
		s.first = at
	} else {
		s.takeGap(at)
	}
	s.gap = int32(min(c.Base.Gap()/time.Millisecond, math.MaxInt32))
	s.off = !c.Settings.Silence
	s.mark(at)
	s.lastAt, s.lasted, s.told = at, int32(min(c.Sample.End()-at, math.MaxInt32)), false
}

// mark says that the hour of the week has a sample. Where the one before was of the
// same hour it had: no wall's hours begin within a quarter.
func (s *silenceState) mark(at kizashi.Time) {
	if s.lastAt/quarter == at/quarter && at >= 0 {
		return
	}
	h, w := s.hour(at)
	if s.lastAt != kizashi.Never {
		if before, week := s.hour(s.lastAt); before == h && week == w {
			return
		}
	}
	s.weeks.mark(h, w)
}

func (s *silenceState) takeGap(at kizashi.Time) {
	if s.rare != nil && s.rare.from > s.last() {
		return // nobody could see, or expected, a sample in between
	}
	s.count = min(s.count, math.MaxInt32-1) + 1
	s.fade(at)
	if float64(at-s.lastAt) <= 1000*float64(s.usual) || s.told && !s.often(at) {
		return // a silence that was said is no habit, unless it keeps coming
	}
	usual := s.within(s.lastAt, at)
	if at.Sub(s.first) < silenceWarmUp {
		usual = min(usual, warmUpTeaches) // it would have been said, had there been a rhythm to hold it against
	}
	s.usual = max(s.usual, float32(usual.Seconds()))
}

// often says that three silences were said within a week: what keeps coming
// is the rhythm, and the limit must learn it or be said for ever.
func (s *silenceState) often(at kizashi.Time) bool {
	return s.rare != nil && s.rare.toldAt[0] != 0 && at.Sub(kizashi.Time(s.rare.toldAt[0])*1000) <= silenceWarmUp
}

// Schedule sets when samples are expected.
func (s *silenceState) Schedule(h *calendar.Hours, late time.Duration) {
	if h != nil || s.rare != nil {
		s.own().schedule = schedule{h, late}
	}
}

// opening is the first instant not before t at which samples are expected.
func (s *silenceState) opening(t kizashi.Time) (kizashi.Time, bool) {
	at, ok := s.rare.open.NextOpen(t.UTC())
	return kizashi.TimeOf(at), ok
}

// scheduled is when a silence will have lasted too long within one opening, and
// when that opened, where nothing has come since before it.
func (s *silenceState) scheduled() (due, opened kizashi.Time) {
	t, left := s.since(), s.limit()
	for range openingsAhead {
		from, ok := s.opening(t)
		if !ok {
			break
		}
		if from > t || opened != 0 {
			opened, left = from, s.firstBy()
		}
		end, ok := s.rare.open.NextClose(from.UTC())
		if !ok || from.Add(left) <= kizashi.TimeOf(end) {
			return from.Add(left), opened
		}
		t = kizashi.TimeOf(end)
		opened = t // whatever opens next, nothing came before it
	}
	return kizashi.Forever, 0
}

// firstBy is how long after an opening the first sample may come.
func (s *silenceState) firstBy() time.Duration {
	if s.rare.late > 0 {
		return s.rare.late
	}
	return s.limit()
}

// openWithin sums the part of [from, to) in which the hours are open.
func (s *silenceState) openWithin(from, to kizashi.Time) (sum time.Duration) {
	for from < to {
		open, ok := s.opening(from)
		if !ok || open >= to {
			break
		}
		from = to
		if end, ok := s.rare.open.NextClose(open.UTC()); ok {
			from = min(kizashi.TimeOf(end), to)
		}
		sum += from.Sub(open)
	}
	return sum
}

// expected says whether samples are expected in the hour of t.
func (s *silenceState) expected(t kizashi.Time) bool {
	h, w := s.hour(t)
	return s.weeks.had(h, w)
}

// within sums the part of [from, to) in which samples are expected.
func (s *silenceState) within(from, to kizashi.Time) time.Duration {
	if s.by() != nil {
		return s.openWithin(from, to)
	}
	var sum time.Duration
	for t := from; t < to; {
		next := min(t.Floor(time.Hour).Add(time.Hour), to)
		if s.expected(t) {
			sum += next.Sub(t)
		}
		t = next
	}
	return sum
}

// Due is when the silence will have lasted for its limit, counting expected
// hours only.
func (s *silenceState) Due() kizashi.Time {
	if s.told || s.off || s.lastAt == kizashi.Never || s.count < gapsWarmUp || s.by() == nil && s.last().Sub(s.first) < silenceWarmUp {
		return kizashi.Forever
	}
	if s.by() != nil {
		due, _ := s.scheduled()
		return due
	}
	left := s.limit()
	t := s.since()
	for range hoursAhead {
		next := t.Floor(time.Hour).Add(time.Hour)
		if s.expected(t) {
			if d := next.Sub(t); d < left {
				left -= d
			} else {
				return t.Add(left)
			}
		}
		t = next
	}
	return kizashi.Forever
}

// Absent fills in the vote of a silence that has just become one.
func (s *silenceState) Absent(c *detect.Case, v *kizashi.Vote) *kizashi.Rhythm {
	v.Side, v.Crossed, v.Unit = kizashi.Both, true, "s"
	absent, limit, opened := c.Sample.At.Sub(s.last()), s.limit(), kizashi.Time(0)
	if s.by() != nil {
		if _, opened = s.scheduled(); opened != 0 {
			limit = s.firstBy()
		}
	}
	v.Stat, v.Limit = absent.Seconds(), limit.Seconds()
	v.Center, v.Lower, v.Upper = kizashi.None(), kizashi.None(), kizashi.None()
	return &kizashi.Rhythm{
		Last: s.lastAt, Gap: kizashi.Duration(s.period()), Usual: kizashi.Duration(s.longest()),
		Limit: kizashi.Duration(limit), Since: s.first, Count: int64(s.count),
		Absent: kizashi.Duration(absent), Opened: opened,
	}
}

// Said notes that this silence was told.
func (s *silenceState) Said() {
	due := s.Due()
	s.told = true
	o := s.own()
	o.toldAt = [3]uint32{o.toldAt[1], o.toldAt[2], uint32(int64(due) / 1000)}
}

// Unseen counts from an instant on. A silence that was said stays said.
func (s *silenceState) Unseen(to kizashi.Time) {
	if to > s.since() {
		s.own().from = to
	}
}

// Expected counts from an instant on, and says so if nothing comes.
func (s *silenceState) Expected(from kizashi.Time) {
	s.Unseen(from)
	s.told = false
}

// Explain adds nothing: the rhythm is in the justification.
func (s *silenceState) Explain(*detect.Case) []kizashi.Evidence { return nil }

func zoneOf(m *kizashi.Meta) *calendar.Zone {
	z, err := calendar.Load(m.Zone)
	if err != nil { // the declaration was checked; UTC keeps the state defined
		z, _ = calendar.Load("UTC")
	}
	return z
}
