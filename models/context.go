package models

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/wire"
)

// contextModel votes on how much of the last hours the series spent at levels
// that it did not have at that hour of the wall day in the weeks before, though
// it may have them at others.
type contextModel struct{ contextConst }

// contextConst are the constants of what the vote scores.
type contextConst struct {
	levels float64 // in asinh(2)/4 of a scale
	least  float64 // of the median, that a scale is at least
	hours  float64 // that are looked at
}

// shared is what all states of a table look at.
func (k contextConst) shared() *contextConst {
	if k == contextUsual {
		return &contextUsual
	}
	return &k
}

// contextUsual: a level counts as seen where it, or one next to it, was: three
// times as many as are told apart.
var contextUsual = contextConst{levels: 12, least: .05, hours: 3}

const (
	contextBlocks = 12 // that the hours are cut into
	cellLevels    = 32 // told apart at an hour: a bit each
	cellMid       = 16 // that of the median
	cellsFirst    = 24 // observed hours before cells count: levels need a day to be levels
	contextFirst  = 48 // before one can be new
	keepCells     = 14 // days of a generation
	binsHour      = 4  // of the tally: the last holds what is longer
)

// New returns a state that has seen no sample.
func (m contextModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	s := &contextState{k: m.contextConst.shared()}
	s.calibrated, s.Last.Begin = newCalibrated(), kizashi.Never
	return s
}

// cells is which levels came at which hour, and how the last hours were.
type cells struct {
	Spread markers
	Last   window
	Heard  stay // the last evaluation
	From   [2]kizashi.Time
	Seen   [2][24]uint32 // by hour of the wall day: this fortnight's levels, and those of the one before
	Today  [24]uint32    // those of the last time that the hour was: they count from the next day on
	Out    tally
	Hours  int32  // observed
	OfDay  uint8  // hour of the wall day, of the hour in force
	Moves  uint16 // levels that the baseline had adopted by the hour in force
	Odd    bool   // every second sample goes into the spread
	Known  bool   // there was an evaluation, and samples have not stopped since
}

// window is the blocks that an evaluation looks at, newest first.
type window struct {
	Fresh, Count [contextBlocks]uint16 // samples at levels never seen at the hour, and all
	Begin        kizashi.Time          // of the newest; Never = none yet
	Side         kizashi.Side          // of the last fresh one
}

// stay is what an evaluation came to.
type stay struct {
	From, To     kizashi.Time // of the samples
	Fresh, Count int32
	Side         kizashi.Side
}

type contextState struct {
	calibrated
	cells
	k *contextConst
}

// Begin freezes the limit and goes to the hour of the wall day.
func (s *contextState) Begin(c *detect.Case) {
	s.begin(c)
	s.moved(c.View.Moves)
	h := c.View.Hour
	if s.Hours == 0 {
		s.From = [2]kizashi.Time{h, h}
	} else if h.Sub(s.From[0]) >= keepCells*24*time.Hour {
		s.Seen[1], s.Seen[0] = s.Seen[0], [24]uint32{}
		s.From[1], s.From[0] = s.From[0], h
		s.Spread.fade()
	}
	s.Hours = min(s.Hours+1, 1<<30)
	s.OfDay = uint8(zoneFor(c).DayMillis(int64(h)) / time.Hour.Milliseconds() % 24)
	s.Seen[0][s.OfDay] |= s.Today[s.OfDay]
	s.Today[s.OfDay] = 0
	s.Out.fade(hourly)
}

// Turned makes the state one that knows of so many turns of the baseline.
func (s *contextState) Turned(restarts int, moves uint16) {
	s.calibrated.Turned(restarts, moves)
	s.Moves = moves
}

// zoneFor is the zone of the settings in force: the baseline's, unless they are
// others now.
func zoneFor(c *detect.Case) *calendar.Zone {
	name := c.Meta.Zone
	if name == "" {
		name = "UTC"
	}
	if z := c.Base.Zone(); z.Name() == name {
		return z
	}
	return zoneOf(c.Meta)
}

// cell is where a value lies: its level, whether it is new at this hour, and on
// which side of the median.
func (s *contextState) cell(x float64) (level int, fresh bool, side kizashi.Side) {
	y := s.Spread.over(x, s.Spread.scale(q05, q95, s.k.least))
	side = kizashi.Up
	if y < 0 {
		side = kizashi.Down
	}
	level = cellMid + int(math.RoundToEven(math.Asinh(2*y)*s.k.levels/4))
	level = min(max(level, 1), cellLevels-2)
	return level, (s.Seen[0][s.OfDay]|s.Seen[1][s.OfDay])&(7<<(level-1)) == 0, side
}

// cellOf the sample, which is worked out once.
func (s *contextState) cellOf(c *detect.Case) (level int, fresh bool, side kizashi.Side) {
	n := c.Draft
	if n != nil && n.Set {
		return int(n.B[0]), n.B[1] == 1, kizashi.Side(n.B[2])
	}
	if level, fresh, side = s.cell(c.Sample.Value); n == nil {
		return level, fresh, side
	}
	if n.Set, n.B = true, [8]int8{int8(level), 0, int8(side)}; fresh {
		n.B[1] = 1
	}
	return level, fresh, side
}

// block is how long one is: a part of the hours, at least a period.
func (s *contextState) block(gap time.Duration) time.Duration {
	return max(time.Duration(s.k.hours*float64(time.Hour)/contextBlocks).Truncate(time.Millisecond), gap)
}

// put adds a sample to the block that it lies in.
func (w *window) put(at kizashi.Time, long time.Duration, fresh bool, side kizashi.Side) {
	begin := at.Floor(long)
	if w.Begin == kizashi.Never || w.Begin <= begin.Add(-contextBlocks*long) || begin < w.Begin {
		*w = window{Begin: begin}
	}
	for ; w.Begin < begin; w.Begin = w.Begin.Add(long) {
		copy(w.Fresh[1:], w.Fresh[:])
		copy(w.Count[1:], w.Count[:])
		w.Fresh[0], w.Count[0] = 0, 0
	}
	w.Begin = begin
	w.Count[0] = min(w.Count[0]+1, math.MaxUint16-1)
	if fresh {
		w.Fresh[0], w.Side = min(w.Fresh[0]+1, math.MaxUint16-1), side
	}
}

// stay adds the blocks up, if they hold enough of what the period lets expect.
func (w *window) stay(at kizashi.Time, long, gap time.Duration) (s stay, ok bool) {
	for i := range w.Count {
		s.Fresh, s.Count = s.Fresh+int32(w.Fresh[i]), s.Count+int32(w.Count[i])
	}
	s.From, s.To, s.Side = w.Begin.Add(-(contextBlocks-1)*long), at+1, w.Side
	return s, time.Duration(s.Count)*gap*2 >= contextBlocks*long
}

// stat is for how many of the hours the series was where it never was.
func (s *contextState) stat(h *stay) float64 {
	return s.k.hours * float64(h.Fresh) / float64(h.Count)
}

// hear takes a sample into a copy of the window, and evaluates that where the
// sample is the last of its block; where it is not, and nothing is to be learned,
// the window is of no use.
func (s *contextState) hear(c *detect.Case, w *window, h *stay, learn bool) (level int, now, ok bool) {
	gap := c.Base.Gap()
	if gap <= 0 || s.Hours <= contextFirst || !s.Spread.full() || !c.Learns() {
		*w = s.Last
		return 0, false, false
	}
	at, long := c.Sample.At, s.block(gap)
	last := at.Add(gap).Floor(long) != at.Floor(long)
	if last || learn {
		var fresh bool
		var side kizashi.Side
		level, fresh, side = s.cellOf(c)
		*w = s.Last
		w.put(at, long, fresh, side)
	}
	if !last {
		*h = s.Heard
		return level, false, s.Known && at.Sub(s.Heard.To) <= 2*long
	}
	*h, ok = w.stay(at, long, gap)
	return level, ok, ok
}

// bin of the tally: quarters of an hour.
func (s *contextState) bin(stat float64) int { return min(int(math.Ceil(stat*binsHour)), tallies-1) }

// weigh evaluates at the end of a block; within one the vote stands as it did.
func (s *contextState) weigh(c *detect.Case) (w weighed, onset float64, ok bool) {
	var last window
	var h stay
	_, now, ok := s.hear(c, &last, &h, false)
	if !ok {
		return w, 0, false
	}
	stat := s.stat(&h)
	if now && h.Fresh > 0 {
		onset = s.Out.surprise(s.bin(stat))
	}
	w, ok = s.calibrated.weigh(c, stat, h.Side)
	return w, onset, ok
}

// Brief is Judge in short.
func (s *contextState) Brief(c *detect.Case) (detect.Said, float64) {
	w, onset, ok := s.weigh(c)
	return w.short(ok), onset
}

// Judge says for how many of the hours the series was where it never was.
func (s *contextState) Judge(c *detect.Case, v *kizashi.Vote) (ok bool) {
	var w weighed
	if w, v.Onset, ok = s.weigh(c); ok {
		w.tell(v, "h")
	}
	return ok
}

// moved forgets all levels where the baseline has adopted another one: it is usual
// now, at all hours.
func (s *contextState) moved(moves uint16) {
	if s.Moves != moves {
		s.cells = cells{Last: window{Begin: kizashi.Never}, Moves: moves}
	}
}

// Learn takes the sample in. What is held out was at its hour, and does not
// count as seen.
func (s *contextState) Learn(c *detect.Case, held bool) {
	var w window
	var h stay
	level, now, ok := s.hear(c, &w, &h, true)
	s.Last = w
	if now {
		stat := s.stat(&h)
		s.Heard = h
		s.take(c, stat, c.Sample.At)
		if c.Learns() {
			s.Out[s.bin(stat)]++
		}
	}
	s.Known = ok
	if !c.Learns() || held {
		return
	}
	if s.Hours > cellsFirst && s.Spread.full() {
		if level == 0 {
			level, _, _ = s.cell(c.Sample.Value)
		}
		s.Today[s.OfDay] |= 1 << level
	}
	if s.Odd = !s.Odd; s.Odd || !s.Spread.full() {
		s.Spread.add(c.Sample.Value)
	}
}

// Explain adds nothing: the ground says it.
func (s *contextState) Explain(*detect.Case) []kizashi.Evidence { return nil }

// Ground gives the samples of the hours and how many lay where none did before
// at their hour: Stat = hours * Sum/Count.
func (s *contextState) Ground(c *detect.Case) *kizashi.Ground {
	var w window
	var h stay
	if _, _, ok := s.hear(c, &w, &h, false); !ok {
		return nil
	}
	g := &kizashi.Ground{Model: "context", Side: h.Side, Stat: s.stat(&h), Unit: "h", From: h.From, To: h.To,
		Usual: kizashi.None(), Scale: kizashi.None(),
		Parts: []kizashi.Part{{From: h.From, To: h.To, Count: int(h.Count), Sum: float64(h.Fresh)}},
		Past:  &kizashi.Past{From: s.From[1], To: h.From, Of: int(h.From.Sub(s.From[1]) / (24 * time.Hour)), Low: kizashi.None(), High: kizashi.None()}}
	s.ground(c.View.R, g)
	return g
}

// AppendBinary appends the tail and the cells.
func (s *contextState) AppendBinary(b []byte) []byte {
	b = s.Spread.append(s.appendBinary(b))
	b = wire.U16s(wire.U16s(b, s.Last.Fresh[:]), s.Last.Count[:])
	b = wire.U8(wire.U64(b, s.Last.Begin), s.Last.Side)
	h := &s.Heard
	b = wire.U8(wire.U32(wire.U32(appendTimes(b, h.From, h.To), h.Fresh), h.Count), h.Side)
	b = appendTimes(b, s.From[:]...)
	for _, levels := range [...]*[24]uint32{&s.Seen[0], &s.Seen[1], &s.Today} {
		for _, l := range levels {
			b = wire.U32(b, l)
		}
	}
	b = wire.U32(wire.F32(b, s.Out[:]...), s.Hours)
	b = wire.U16(wire.U8(b, s.OfDay), s.Moves)
	return wire.Bool(wire.Bool(b, s.Odd), s.Known)
}

// Decode reads what AppendBinary wrote.
func (s *contextState) Decode(b []byte) ([]byte, error) {
	r := wire.Read(b)
	if err := s.read(r); err != nil {
		return nil, err
	}
	s.Spread.read(r)
	wire.ReadU16s(r, s.Last.Fresh[:])
	wire.ReadU16s(r, s.Last.Count[:])
	s.Last.Begin, s.Last.Side = kizashi.Time(r.I64()), kizashi.Side(r.U8())
	h := &s.Heard
	readTimes(r, &h.From, &h.To)
	h.Fresh, h.Count, h.Side = r.I32(), r.I32(), kizashi.Side(r.U8())
	readTimes(r, &s.From[0], &s.From[1])
	for _, levels := range [...]*[24]uint32{&s.Seen[0], &s.Seen[1], &s.Today} {
		for i := range levels {
			levels[i] = r.U32()
		}
	}
	r.F32s(s.Out[:])
	s.Hours = r.I32()
	s.OfDay, s.Moves, s.Odd, s.Known = r.U8(), r.U16(), r.Bool(), r.Bool()
	return ended(r, s.Spread.sane() && s.OfDay <= 23 && s.Hours >= 0 && !(s.Known && h.Count <= 0) && h.Fresh >= 0)
}
