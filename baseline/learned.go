package baseline

import (
	"encoding/json"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// learned is the state in its documented form (docs/method.md, "state"), named
// in JSON, so that a checkpoint can be read by whoever repeats the recursions.
// What has no name in JSON is not of the recursions, or a checkpoint says it in
// another way.
type learned struct {
	Hour      kizashi.Time     `json:"-"`        // the hour in progress; Never before the first sample
	First     kizashi.Time     `json:"first"`    // the first hour
	Since     kizashi.Time     `json:"since"`    // last restart of scale and tails
	Restarts  int32            `json:"restarts"` //
	Log       bool             `json:"log"`      // the transform is log1p
	Lattice   bool             `json:"lattice"`  // all samples so far were whole numbers
	Season    int32            `json:"season"`   // 0 none, 1 daily, 2 weekly
	Hours     int64            `json:"hours"`    // observed so far
	Samples   int64            `json:"samples"`  // learned so far
	M         int32            `json:"m"`        // of the band's rule; 0 = not fixed yet
	N         int32            `json:"n"`
	Period    int64            `json:"period"` // running median gap, ns
	Gaps      gaps             `json:"gaps"`
	GapAt     int32            `json:"gap_at"`
	LastAt    kizashi.Time     `json:"last_at"`
	Level     [seasons]float64 `json:"level"`
	Error     [seasons]float64 `json:"error"`    // decayed sums of |residual|, where daily could be compared
	ErrorN    float64          `json:"error_n"`  //
	Error2    [seasons]float64 `json:"error2"`   // the same where weekly could be compared too
	Error2N   float64          `json:"error2_n"` //
	PairHours [seasons]int32   `json:"pair_hours"`
	AllAbs    float64          `json:"all_abs"`
	AllN      float64          `json:"all_n"`
	SpikeAbs  float64          `json:"spike_abs"` // mean |residual| of the moving mean
	SpikeN    float64          `json:"spike_n"`
	Tails     [tails]Tail      `json:"tails"`
	Excluded  int32            `json:"-"`      // samples of the hour that a command excludes
	Streak    int32            `json:"streak"` // hours mostly held, + up, - down
	StreakSum float64          `json:"streak_sum"`
	StreakN   float64          `json:"streak_n"`
	HeldSlots []heldSlot       `json:"-"` // those that were held of late; a checkpoint has them as arrays
	RunMean   float64          `json:"run_mean"`
	RunOff    float64          `json:"run_off"` // the same of how far off the nearest center they lay
	RunN      int32            `json:"run_n"`
	RunHeld   int32            `json:"run_held"`
	RunAt     kizashi.Time     `json:"run_at"`   // of the last sample it learned
	RunFrom   kizashi.Time     `json:"run_from"` // of the sample it started with
	Starts    [2]kizashi.Time  `json:"starts"`   // of the checkpoint before last and of the last
	Informed  *informed        `json:"informed,omitempty"`
	Seen      *seen            `json:"seen,omitempty"` // nil after the first week
	Hashes    [2][32]byte      `json:"-"`
	surprise
	*habits // nil = none of it is known
	byClock // last: it is read and written when an hour begins, and seldom else
}

// byClock is what is usual by the hours of the wall.
type byClock struct {
	Day   [daySlots]float32  `json:"day"`
	DayN  dayCounts          `json:"day_n"`
	Week  [weekHours]float32 `json:"week"`
	WeekN weekCounts         `json:"week_n"`
	Abs   [daySlots]float32  `json:"abs"`   // mean |residual| by slot of the day
	AbsN  [daySlots]uint16   `json:"abs_n"` // samples in it, as far as they count
}

// habits is what only some series show, and those late.
type habits struct {
	Again    [tails]float32 `json:"again"`     // decayed days on which a statistic was far
	AgainDay [tails]uint16  `json:"again_day"` // the last of them, since 1970 in UTC
	Recurs   [tails]bool    `json:"recurs"`    // what is far is taken into the tail
	Moves    uint16         `json:"-"`         // levels adopted so far
	Ratio    [7]float32     `json:"ratio"`     // of a weekday's |residual| to that of the slots, Sunday first
	RatioN   [7]uint8       `json:"ratio_n"`   // hours in it; 0 = it is not known
}

// known returns the habits, to be written to.
func (l *learned) known() *habits {
	if l.habits == nil {
		l.habits = &habits{}
	}
	return l.habits
}

// copyHabits keeps two states that were one from sharing them.
func (l *learned) copyHabits() {
	if l.habits != nil {
		h := *l.habits
		l.habits = &h
	}
	if l.Seen != nil {
		of := *l.Seen
		l.Seen = &of
	}
}

// seen is the range of all samples of the first week so far.
type seen struct {
	Low    float64       `json:"low"`
	High   float64       `json:"high"`
	before *kizashi.Seen // the hour in progress; nil = nothing was
}

// see widens the range of what was seen.
func (l *learned) see(x float64) {
	if l.Seen == nil {
		l.Seen = &seen{Low: x, High: x}
		return
	}
	l.Seen.Low, l.Seen.High = min(l.Seen.Low, x), max(l.Seen.High, x)
}

// seenBefore is the range before the hour in progress; nil = it is stated no more.
func (l *learned) seenBefore() *kizashi.Seen {
	if l.Seen == nil {
		return nil
	}
	return l.Seen.before
}

// gaps are the last ones between samples, in ms; in JSON in ns.
type gaps [gapsKept]int32

// MarshalJSON writes nanoseconds.
func (g gaps) MarshalJSON() ([]byte, error) {
	var ns [gapsKept]int64
	for i, ms := range g {
		ns[i] = int64(ms) * int64(time.Millisecond)
	}
	return json.Marshal(ns)
}

// UnmarshalJSON reads nanoseconds.
func (g *gaps) UnmarshalJSON(b []byte) error {
	var ns [gapsKept]int64
	err := json.Unmarshal(b, &ns)
	for i := range ns {
		g[i] = int32(min(ns[i]/int64(time.Millisecond), math.MaxInt32))
	}
	return err
}

// heldSlot is a slot of the day that was held on some days running.
type heldSlot struct {
	Slot, Days uint8
	Last       uint16 // the last such day, counted from 1970
}

// heldOn counts a day on which a slot was held, and says how many those are that
// run to it.
func (l *learned) heldOn(slot int32, today uint16) uint8 {
	for i := range l.HeldSlots {
		h := &l.HeldSlots[i]
		if h.Slot != uint8(slot) {
			continue
		}
		if today-h.Last != 1 {
			h.Days = 0
		}
		h.Days, h.Last = h.Days+1, today
		return h.Days
	}
	l.HeldSlots = append(l.HeldSlots, heldSlot{uint8(slot), 1, today})
	return 1
}

// notHeld ends a slot's run of days.
func (l *learned) notHeld(slot int32) {
	for i, h := range l.HeldSlots {
		if h.Slot != uint8(slot) {
			continue
		}
		l.HeldSlots = append(l.HeldSlots[:i], l.HeldSlots[i+1:]...)
		if len(l.HeldSlots) == 0 {
			l.HeldSlots = nil
		}
		return
	}
}

// dayCounts and weekCounts are numbers up to 15, two in a byte.
type (
	dayCounts  [daySlots / 2]uint8
	weekCounts [weekHours / 2]uint8
)

func (c *dayCounts) at(i int32) uint8      { return nibble(c[:], i) }
func (c *dayCounts) set(i int32, n uint8)  { setNibble(c[:], i, n) }
func (c *weekCounts) at(i int32) uint8     { return nibble(c[:], i) }
func (c *weekCounts) set(i int32, n uint8) { setNibble(c[:], i, n) }

func nibble(c []uint8, i int32) uint8 { return c[i/2] >> (i % 2 * 4) & 15 }

func setNibble(c []uint8, i int32, n uint8) {
	c[i/2] = c[i/2]&(0xF0>>(i%2*4)) | n<<(i%2*4)
}

// MarshalJSON writes the numbers.
func (c dayCounts) MarshalJSON() ([]byte, error) { return numbers(c[:]) }

// MarshalJSON writes the numbers.
func (c weekCounts) MarshalJSON() ([]byte, error) { return numbers(c[:]) }

// UnmarshalJSON reads the numbers.
func (c *dayCounts) UnmarshalJSON(b []byte) error { return setNumbers(c[:], b) }

// UnmarshalJSON reads the numbers.
func (c *weekCounts) UnmarshalJSON(b []byte) error { return setNumbers(c[:], b) }

func numbers(c []uint8) ([]byte, error) {
	out := make([]int, 2*len(c))
	for i := range out {
		out[i] = int(nibble(c, int32(i)))
	}
	return json.Marshal(out)
}

func setNumbers(c []uint8, b []byte) error {
	var in []uint16
	err := json.Unmarshal(b, &in)
	for i, n := range in[:min(len(in), 2*len(c))] {
		setNibble(c, int32(i), uint8(min(n, 15)))
	}
	return err
}
