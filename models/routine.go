package models

import (
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/detect"
)

// routineModel knows what a series does at a time of the day, day after day, and
// votes where it does not come: a backup that did not run. Where it is looked for
// follows from the profile that the baseline learns; when it came, from samples. It
// stands outside the false-alert target: what came on each of seven days and more,
// never three times its jitter late, is missed seldom enough.
type routineModel struct{}

const (
	routines       = 4  // of a series at the most
	routineDays    = 14 // that are remembered
	routineBeside  = 30 // minutes before and after its place that are its window's
	routineForgets = 4  // days in a row on which the profile has it no more
	routineLow     = .2 // its level lies between these parts of the way that the profile
	routineHigh    = .8 // has by now, or it is another
	wallDay        = 24 * 60
	soon           = 5 * time.Minute // samples nearer to each other must be two in a row
	seenPart       = .75             // of the samples of a window, for its day to count
)

// New returns a state that has seen no sample.
func (routineModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	return &routineState{}
}

// routineState is small: hardly a series has a routine.
type routineState struct{ jobs *[]routine }

// routine is one of them.
type routine struct {
	From, Length int16 // of the window, in minutes of the wall
	Slot, Slots  int16 // of its place in the profile
	Side         int8
	Missing      int8 // days in a row on which the profile had it not
	Level        float64
	Days         [routineDays]routineDay // newest last
	N            int32                   // of them
	Today        routineDay              // From = Never: the window is not open
	Seen         int32                   // samples in it
	Row          int32                   // of the last ones that lie beyond the level in a row
	RowFrom      kizashi.Time            // the first of them
	Skip         bool                    // something of the window is not to be learned from

	// What follows from the days, as the window opened.
	usual, wait time.Duration
}

// routineDay is a day's window, and when it ran.
type routineDay struct{ From, Began, Ended kizashi.Time }

// Begin looks at the profile as a day begins; where it has no samples then, on the
// next one. On special days nothing is: the profile is that of ordinary ones.
func (s *routineState) Begin(c *detect.Case) {
	if s.jobs != nil {
		for i := range *s.jobs {
			if r := &(*s.jobs)[i]; r.Today.From != kizashi.Never {
				r.derive(c, r.Today.From) // by the period that the hour is judged with
			}
		}
	}
	z, h := c.Base.Zone(), int64(c.View.Hour)
	if z.DayNumber(h) == z.DayNumber(h-time.Hour.Milliseconds()) || c.View.Special {
		return
	}
	places := c.Base.Places(c.Sample.At)
	if s.jobs != nil {
		s.match(places)
	}
	for i := range places {
		s.found(&places[i])
	}
}

// match goes through what is known: what the profile has no more is forgotten.
func (s *routineState) match(places []baseline.Place) {
	var kept []routine
	for _, r := range *s.jobs {
		if r.Missing++; r.in(places) {
			r.Missing = 0
		}
		if r.Missing < routineForgets {
			kept = append(kept, r)
		}
	}
	if s.jobs = nil; len(kept) > 0 {
		s.jobs = &kept
	}
}

func (r *routine) in(places []baseline.Place) bool {
	for i := range places {
		p := &places[i]
		way := (r.Level - p.Calm) / (p.Peak - p.Calm)
		off := (int(r.Slot) - p.Slot + 96) % 96
		if p.Side == kizashi.Side(r.Side) && (off <= 1 || off == 95) && way >= routineLow && way <= routineHigh {
			return true
		}
	}
	return false
}

// found adds a place that overlaps none that is known.
func (s *routineState) found(p *baseline.Place) {
	if s.jobs == nil {
		s.jobs = &[]routine{}
	}
	if len(*s.jobs) < routines && !s.overlaps(p) {
		*s.jobs = append(*s.jobs, routine{From: int16((p.Slot*15 - routineBeside + wallDay) % wallDay), Length: int16(p.Slots*15 + 2*routineBeside),
			Slot: int16(p.Slot), Slots: int16(p.Slots), Side: int8(p.Side), Level: p.Level, Today: routineDay{From: kizashi.Never}})
	}
}

func (s *routineState) overlaps(p *baseline.Place) bool {
	for i := range *s.jobs {
		r := &(*s.jobs)[i]
		if off := (p.Slot - int(r.Slot) + 96) % 96; off < int(r.Slots) || off+p.Slots > 96 {
			return true
		}
	}
	return false
}

// since is how far into the window a sample lies, by the wall; ok = it does.
func (r *routine) since(c *detect.Case) (time.Duration, bool) {
	ms := c.Base.Zone().DayMillis(int64(c.Sample.At)) - int64(r.From)*60_000
	if ms < 0 {
		ms += wallDay * 60_000
	}
	return time.Duration(ms) * time.Millisecond, ms < int64(r.Length)*60_000
}

func (r *routine) beyond(v float64) bool { return float64(r.Side)*(v-r.Level) > 0 }

// run is how many samples in a row make one.
func run(gap time.Duration) int {
	if gap < soon {
		return 2
	}
	return 1
}

// late is how long after its usual begin a routine has not come yet; ok = it is one
// whose absence may be told.
func (r *routine) late(c *detect.Case) (d time.Duration, ok bool) {
	since, in := r.since(c)
	if !in || r.wait == 0 || r.Skip || r.Today.Began != 0 || r.Today.From != c.Sample.At.Add(-since) {
		return 0, false
	}
	gap := c.Gap()
	if float64(r.Seen) < seenPart*float64(since)/float64(gap) || r.beyond(c.Sample.Value) && int(r.Row)+1 >= run(gap) {
		return 0, false
	}
	return since - r.usual, since > r.usual
}

// missed is the routine that is the furthest beyond its wait.
func (s *routineState) missed(c *detect.Case) (at int, late time.Duration) {
	at = -1
	for i := range *s.jobs {
		r := &(*s.jobs)[i]
		if d, ok := r.late(c); ok && (at < 0 || float64(d)*float64((*s.jobs)[at].wait) > float64(late)*float64(r.wait)) {
			at, late = i, d
		}
	}
	return at, late
}

// weigh has an opinion while what should have begun has not. The value lies on the
// other side then; where that one may not alert the vote has none.
func (s *routineState) weigh(c *detect.Case) (w weighed, ok bool) {
	if s.jobs == nil || !c.View.Ready || c.View.Special || c.View.Expect != nil || c.Stance == baseline.Excluded {
		return w, false
	}
	i, late := s.missed(c)
	if i < 0 {
		return w, false
	}
	r := &(*s.jobs)[i]
	if w.side = -kizashi.Side(r.Side); c.Settings.Direction == kizashi.Side(r.Side) {
		w.side = kizashi.Both
	}
	w.stat, w.limit, w.crossed = late.Seconds(), r.wait.Seconds(), late > r.wait
	return w, true
}

// Brief is Judge in short.
func (s *routineState) Brief(c *detect.Case) (detect.Said, float64) {
	w, ok := s.weigh(c)
	return w.short(ok), 0
}

// Judge says how late it is.
func (s *routineState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	w, ok := s.weigh(c)
	if ok {
		w.tell(v, "s")
	}
	return ok
}

// Learn follows the windows.
func (s *routineState) Learn(c *detect.Case, _ bool) {
	if s.jobs == nil {
		return
	}
	for i := range *s.jobs {
		(*s.jobs)[i].learn(c)
	}
}

func (r *routine) learn(c *detect.Case) {
	at := c.Sample.At
	since, in := r.since(c)
	if !in {
		r.close(c)
		return
	}
	if from := at.Add(-since); r.Today.From == kizashi.Never || from.Sub(r.Today.From) > 12*time.Hour {
		r.close(c)
		r.open(c, from)
	} else if from != r.Today.From {
		r.Skip = true // the clock was changed
	}
	r.Skip = r.Skip || !c.Learns() || c.View.Expect != nil
	r.Seen++
	if !r.beyond(c.Sample.Value) {
		r.Row = 0
		return
	}
	if r.Row++; r.Row == 1 {
		r.RowFrom = at
	}
	if r.Today.Began == 0 && int(r.Row) >= run(c.Gap()) {
		r.Today.Began = r.RowFrom
	}
	r.Today.Ended = at
}

// open begins the window of a day.
func (r *routine) open(c *detect.Case, from kizashi.Time) {
	z, end := c.Base.Zone(), from.Add(r.length())
	changed := z.Offset(int64(from)) != z.Offset(int64(end)) // the window may begin in an hour that there is not
	r.Today, r.Seen, r.Row, r.Skip = routineDay{From: from}, 0, 0, changed
	r.derive(c, from)
}

func (r *routine) derive(c *detect.Case, from kizashi.Time) {
	t := r.told(c, from)
	r.usual, r.wait = time.Duration(t.Usual), time.Duration(t.Wait)
}

// close ends the window of a day that samples were seen of.
func (r *routine) close(c *detect.Case) {
	if r.Today.From == kizashi.Never {
		return
	}
	if gap := c.Gap(); gap > 0 && !r.Skip && float64(r.Seen) >= seenPart*float64(r.length())/float64(gap) {
		if int(r.N) == len(r.Days) {
			copy(r.Days[:], r.Days[1:])
			r.N--
		}
		if r.Today.Began == 0 {
			r.Today.Ended = 0
		}
		r.Days[r.N] = r.Today
		r.N++
	}
	r.Today.From = kizashi.Never
}

func (r *routine) length() time.Duration { return time.Duration(r.Length) * time.Minute }

// told is what is known of a routine on a day: of all of the 14 days before or, where
// it came on all Mondays to Fridays and on no other day, on such days of these.
func (r *routine) told(c *detect.Case, from kizashi.Time) *kizashi.Routine {
	t := &kizashi.Routine{From: from, To: from.Add(r.length()), Side: kizashi.Side(r.Side), Level: r.Level, Run: run(c.Gap())}
	work := kizashi.Routine{}
	for _, d := range r.Days[:r.N] {
		if from.Sub(d.From) > routineDays*24*time.Hour+12*time.Hour {
			continue
		}
		day := kizashi.RoutineDay{From: d.From, To: d.From.Add(r.length()), Began: d.Began, Ended: d.Ended}
		t.Days = append(t.Days, day)
		if workday(c, d.From) {
			work.Days = append(work.Days, day)
		}
	}
	if n := t.Came(); n < len(t.Days) && workday(c, from) && work.Came() == len(work.Days) && n == work.Came() {
		t.Workdays, t.Days = true, work.Days
	}
	t.Sum(c.Gap())
	return t
}

// workday says that a window begins on a Monday to Friday, by the wall.
func workday(c *detect.Case, from kizashi.Time) bool {
	d := c.Base.Zone().Weekday(int64(from))
	return d != time.Saturday && d != time.Sunday
}

// Routine is the one in whose window the case lies, nil for none that is worth
// telling of.
func (s *routineState) Routine(c *detect.Case) *kizashi.Routine {
	if s.jobs == nil || c.View.Special {
		return nil
	}
	i, _ := s.missed(c)
	for k := range *s.jobs {
		r := &(*s.jobs)[k]
		since, in := r.since(c)
		if !in || i >= 0 && k != i {
			continue
		}
		if t := r.told(c, c.Sample.At.Add(-since)); t.Named() {
			return t
		}
	}
	return nil
}

// Explain tells of the routine at whose time the case is.
func (s *routineState) Explain(c *detect.Case) []kizashi.Evidence {
	t := s.Routine(c)
	if t == nil {
		return nil
	}
	return []kizashi.Evidence{t.Fact()}
}

// Ground says how many samples of the window were looked at in vain, and on how many
// days it came.
func (s *routineState) Ground(c *detect.Case) *kizashi.Ground {
	var v kizashi.Vote
	if !s.Judge(c, &v) {
		return nil
	}
	i, _ := s.missed(c)
	r := &(*s.jobs)[i]
	t, end := r.told(c, r.Today.From), c.Sample.End()
	return &kizashi.Ground{Model: "routine", Side: v.Side, Stat: v.Stat, Limit: v.Limit, Unit: v.Unit, From: t.From, To: end,
		Parts: []kizashi.Part{{From: t.From, To: c.Sample.At, Count: int(r.Seen)}}, Usual: kizashi.Num(r.usual.Seconds()), Scale: kizashi.None(),
		Past: &kizashi.Past{From: t.Days[0].From, To: t.From, Count: t.Came(), Of: len(t.Days), Low: kizashi.None(), High: kizashi.None()}}
}
