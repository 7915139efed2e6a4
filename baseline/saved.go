package baseline

import (
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// saved is the state in its documented form (docs/method.md, "state"), named in JSON,
// so that a checkpoint can be read by whoever repeats the recursions: what is
// learned, and the last samples.
type saved struct {
	First     kizashi.Time     `json:"first"`
	Since     kizashi.Time     `json:"since"`
	Restarts  int32            `json:"restarts"`
	Log       bool             `json:"log"`
	Lattice   bool             `json:"lattice"`
	Season    int8             `json:"season"`
	Hours     int32            `json:"hours"`
	Samples   int64            `json:"samples"`
	M         int16            `json:"m"`
	N         int16            `json:"n"`
	Period    int64            `json:"period"` // ns
	Gaps      gaps             `json:"gaps"`
	GapAt     int32            `json:"gap_at"`
	LastAt    kizashi.Time     `json:"last_at"`
	Level     [seasons]float64 `json:"level"`
	Error     [seasons]float64 `json:"error"`
	ErrorN    float64          `json:"error_n"`
	Error2    [seasons]float64 `json:"error2"`
	Error2N   float64          `json:"error2_n"`
	PairHours [seasons]int32   `json:"pair_hours"`
	AllAbs    float64          `json:"all_abs"`
	AllN      float64          `json:"all_n"`
	SpikeAbs  float64          `json:"spike_abs"`
	SpikeN    float64          `json:"spike_n"`
	Tails     [tails]Tail      `json:"tails"`
	Streak    int32            `json:"streak"`
	StreakSum float64          `json:"streak_sum"`
	StreakN   float64          `json:"streak_n"`
	RunMean   float64          `json:"run_mean"`
	RunOff    float64          `json:"run_off"`
	RunN      int16            `json:"run_n"`
	RunHeld   int16            `json:"run_held"`
	RunAt     kizashi.Time     `json:"run_at"` // of the last sample that it met: the last one
	RunFrom   kizashi.Time     `json:"run_from"`
	Starts    [2]kizashi.Time  `json:"starts"`
	Informed  *informed        `json:"informed,omitempty"`
	Seen      *seen            `json:"seen,omitempty"`
	*habits
	Day       [daySlots]float32   `json:"day"`
	DayN      dayCounts           `json:"day_n"`
	Week      [weekHours]float32  `json:"week"`
	WeekN     weekCounts          `json:"week_n"`
	Abs       [daySlots]float32   `json:"abs"`
	AbsN      [daySlots]uint16    `json:"abs_n"`
	HeldDays  [daySlots]uint8     `json:"held_days"` // days running on which a slot was held
	HeldLast  [daySlots]uint16    `json:"held_last"` // the last such day, counted from 1970
	Recent    []kizashi.Scored    `json:"recent"`
	Inherited *kizashi.Inherited  `json:"inherited,omitempty"`
	Profiles  map[string]*profile `json:"special,omitempty"`
}

// saved is the state as it is when hour h begins, laid out in a room.
func (s *State) saved(w *Room, h kizashi.Time) *saved {
	r, t, out := s.seldom(), s.late(), &w.saved
	*out = saved{First: s.First.at(), Since: s.Since.at(), Restarts: s.Restarts, Log: s.Log, Lattice: s.Lattice, Season: s.Season,
		Hours: s.Hours, Samples: s.Samples, M: s.M, N: s.N, Period: int64(s.Period) * int64(time.Millisecond), Gaps: r.gaps, GapAt: r.gapAt,
		LastAt: s.LastAt, Level: s.Level, Error: s.Error, ErrorN: s.ErrorN, Error2: s.Error2, Error2N: s.Error2N, PairHours: s.PairHours,
		AllAbs: s.AllAbs, AllN: s.AllN, SpikeAbs: s.SpikeAbs, SpikeN: s.SpikeN, Tails: s.Tails,
		Streak: t.Streak, StreakSum: t.StreakSum, StreakN: t.StreakN, RunMean: s.RunMean, RunOff: s.RunOff, RunN: s.RunN, RunHeld: s.RunHeld,
		RunAt: s.LastAt, RunFrom: s.RunFrom, Starts: [2]kizashi.Time{s.Starts[0].at(), s.Starts[1].at()}, Informed: r.informed,
		Seen: s.Seen, habits: s.habits, DayN: s.DayN, WeekN: s.WeekN,
		Recent: w.recent[:0], Profiles: r.profiles}
	for i := range int32(daySlots) {
		out.Day[i], out.Abs[i], out.AbsN[i] = float32(s.Day.at(i)), float32(s.Abs.at(i)), uint16(s.AbsN.at(i))
	}
	for i := range int32(weekHours) {
		out.Week[i] = float32(s.Week.at(i))
	}
	for _, d := range t.HeldSlots {
		out.HeldDays[d.Slot], out.HeldLast[d.Slot] = d.Days, d.Last
	}
	for i := int(s.filled) - 1; i >= 0; i-- {
		out.Recent = append(out.Recent, s.scored(s.ago(i)))
	}
	if w.recent = out.Recent; out.Recent == nil {
		out.Recent = []kizashi.Scored{}
	}
	if heir := r.heir; heir != nil && h.Sub(heir.At) < window {
		out.Inherited = &heir.Inherited
	}
	return out
}

// take makes s what was saved, but for its last samples.
func (s *State) take(was *saved) {
	s.First, s.Since, s.Restarts, s.Log, s.Lattice, s.Season = hourOf(was.First), hourOf(was.Since), was.Restarts, was.Log, was.Lattice, was.Season
	s.Hours, s.Samples, s.M, s.N, s.Period = was.Hours, was.Samples, was.M, was.N, int32(was.Period/int64(time.Millisecond))
	s.Level, s.Error, s.ErrorN, s.Error2, s.Error2N, s.PairHours = was.Level, was.Error, was.ErrorN, was.Error2, was.Error2N, was.PairHours
	s.AllAbs, s.AllN, s.SpikeAbs, s.SpikeN, s.Tails = was.AllAbs, was.AllN, was.SpikeAbs, was.SpikeN, was.Tails
	s.Seen, s.habits = was.Seen, was.habits
	s.DayN, s.WeekN = was.DayN, was.WeekN
	for i := range int32(daySlots) {
		s.Day.set(i, float64(was.Day[i]))
		s.Abs.set(i, float64(was.Abs[i]))
		s.AbsN.set(i, float64(was.AbsN[i]))
	}
	for i, v := range was.Week {
		s.Week.set(int32(i), float64(v))
	}
	if was.Informed != nil || was.Profiles != nil {
		s.own().informed, s.own().profiles = was.Informed, was.Profiles
	}
}

// checkpoint writes the state down as it is when hour h begins, so that the
// recursions can be repeated from there.
func (s *State) checkpoint(w *Room, h kizashi.Time) {
	w.text = s.saved(w, h).append(w.text[:0])
	b := slices.Clone(w.text)
	if heir := s.seldom().heir; heir != nil && heir.Origin == nil {
		heir.Origin = b
	}
	s.begins(w, h, b)
}
