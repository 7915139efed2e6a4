package baseline

import (
	"encoding/json"
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// learned is what an hour's end moves, and nothing within an hour but how many samples
// there were.
type learned struct {
	Level     [seasons]float64
	Error     [seasons]float64 // decayed sums of |residual|, where daily could be compared
	ErrorN    float64
	Error2    [seasons]float64 // the same where weekly could be compared too
	Error2N   float64
	AllAbs    float64
	AllN      float64
	SpikeAbs  float64 // mean |residual| of the moving mean
	SpikeN    float64
	Rest      float64 // shares of the other detectors
	PairHours [seasons]int32
	Period    int32     // running median gap, ms
	Since     onHour    // last restart of scale and tails
	Starts    [2]onHour // of the checkpoint before last and of the last
	Hashes    [2][32]byte
}

// onHour is an instant at a full hour, in hours since 1970.
type onHour int32

const neverOnHour = math.MinInt32

func hourOf(t kizashi.Time) onHour {
	if t == kizashi.Never {
		return neverOnHour
	}
	return onHour(int64(t) / hour.Milliseconds())
}

func (h onHour) at() kizashi.Time {
	if h == neverOnHour {
		return kizashi.Never
	}
	return kizashi.Time(int64(h) * hour.Milliseconds())
}

// byClock is what is usual by the hours of the wall.
type byClock struct {
	Day   dayCenters
	DayN  dayCounts
	Week  weekCenters
	WeekN weekCounts
	Abs   deviations // mean |residual| by slot of the day
	AbsN  many       // samples in it, as far as they count
}

// habits is what only some series show, and those late.
type habits struct {
	Again    [tails]float32 `json:"again"`     // decayed days on which a statistic was far
	AgainDay [tails]uint16  `json:"again_day"` // the last of them, since 1970 in UTC
	Recurs   [tails]bool    `json:"recurs"`    // what is far is taken into the tail
	Ratio    [7]float32     `json:"ratio"`     // of a weekday's |residual| to that of the slots, Sunday first
	RatioN   [7]uint8       `json:"ratio_n"`   // hours in it; 0 = it is not known
}

// known returns the habits, to be written to.
func (s *State) known() *habits {
	if s.habits == nil {
		s.habits = &habits{}
	}
	return s.habits
}

// apart keeps two states that were one from sharing what they point to.
func (s *State) apart() {
	if s.habits != nil {
		s.habits = new(*s.habits)
	}
	if s.Seen != nil {
		s.Seen = new(*s.Seen)
	}
}

// seen is the range of all samples of the first week so far.
type seen struct {
	Low    float64       `json:"low"`
	High   float64       `json:"high"`
	before *kizashi.Seen // the hour in progress; nil = nothing was
}

// see widens the range of what was seen.
func (s *State) see(x float64) {
	if s.Seen == nil {
		s.Seen = &seen{Low: x, High: x}
		return
	}
	s.Seen.Low, s.Seen.High = min(s.Seen.Low, x), max(s.Seen.High, x)
}

// seenBefore is the range before the hour in progress; nil = it is stated no more.
func (s *State) seenBefore() *kizashi.Seen {
	if s.Seen == nil {
		return nil
	}
	return s.Seen.before
}

// gaps are the last ones between samples, in ms; in JSON in ns.
type gaps [gapsKept]int32

func (g *gaps) nanoseconds() (ns [gapsKept]int64) {
	for i, ms := range g {
		ns[i] = int64(ms) * int64(time.Millisecond)
	}
	return ns
}

// MarshalJSON writes nanoseconds.
func (g gaps) MarshalJSON() ([]byte, error) { return json.Marshal(g.nanoseconds()) }

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
func (l *trouble) heldOn(slot int32, today uint16) uint8 {
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
func (l *trouble) notHeld(slot int32) {
	if l == nil {
		return
	}
	l.HeldSlots = slices.DeleteFunc(l.HeldSlots, func(h heldSlot) bool { return h.Slot == uint8(slot) })
	if len(l.HeldSlots) == 0 {
		l.HeldSlots = nil
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
func (c dayCounts) MarshalJSON() ([]byte, error) { return halfBytes(c[:]) }

// MarshalJSON writes the numbers.
func (c weekCounts) MarshalJSON() ([]byte, error) { return halfBytes(c[:]) }

// UnmarshalJSON reads the numbers.
func (c *dayCounts) UnmarshalJSON(b []byte) error { return setNumbers(c[:], b) }

// UnmarshalJSON reads the numbers.
func (c *weekCounts) UnmarshalJSON(b []byte) error { return setNumbers(c[:], b) }

func halfBytes(c []uint8) ([]byte, error) {
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
