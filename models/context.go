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

// contextCut are the constants, and what follows from them.
type contextCut struct {
	contextConst
	block kizashi.Time // how long one is at the least
	cut   *cut
}

func (k contextConst) made() *contextCut {
	return &contextCut{k, kizashi.Time(k.hours * float64(anHour) / contextBlocks), cutBy(func(y float64) int {
		return min(int(math.RoundToEven(math.Asinh(2*y)*k.levels/4)), cellMid)
	})}
}

// contextUsual: a level counts as seen where it, or one next to it, was: three
// times as many as are told apart.
var contextUsual = contextConst{levels: 12, least: .05, hours: 3}

var contextShared = contextUsual.made() // what all states of a table look at

const (
	contextBlocks = 12 // that the hours are cut into
	cellLevels    = 32 // told apart at an hour: a bit each
	cellMid       = 16 // that of the median
	cellsFirst    = 24 // observed hours before cells count: levels need a day to be levels
	contextFirst  = 48 // before one can be new
	hoursKnown    = 49 // more are not told apart
	keepCells     = 14 // days of a generation
	binsHour      = 4  // of the tally: the last holds what is longer
)

// New returns a state that has seen no sample.
func (m contextModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	s := &contextState{k: contextShared}
	if m.contextConst != contextUsual {
		s.k = m.made()
	}
	s.calibrated, s.Last.Begin = newCalibrated(), kizashi.Never
	return s
}

// cells is which levels came at which hour, and how the last hours were. What each
// sample looks at stands first.
type cells struct {
	Last   window
	Heard  stay         // the last evaluation
	Today  uint32       // levels of the hour in force: they count when the next one begins
	known  uint32       // those that count in it
	Hours  uint8        // observed, as far as it matters
	OfDay  uint8        // hour of the wall day, of the hour in force
	Odd    bool         // every second sample goes into the spread
	Known  bool         // there was an evaluation, and samples have not stopped since
	Side   kizashi.Side // of the last sample at a level never seen at its hour
	Moves  uint16       // levels that the baseline had adopted by the hour in force
	Spread markers
	Out    tally
}

// levels is which came at which hour. Only an hour's begin looks at them.
type levels struct {
	Seen [24][2]uint32 // by hour of the wall day: this fortnight's, and those of the one before
	From [2]hour       // when these began
}

// window is the blocks that an evaluation looks at, newest first.
type window struct {
	Begin        kizashi.Time          // of the newest; Never = none yet
	Fresh, Count [contextBlocks]uint16 // samples at levels never seen at the hour, and all
}

// mostInBlock samples are counted, so that those of all blocks are 16 bits.
const mostInBlock = math.MaxUint16 / contextBlocks

// stay is what an evaluation came to.
type stay struct {
	To           kizashi.Time // of the samples
	Fresh, Count uint16
	Side         kizashi.Side
}

type contextState struct {
	k *contextCut
	cells
	calibrated
	levels
}

// Begin freezes the limit and goes to the hour of the wall day.
func (s *contextState) Begin(c *detect.Case) {
	s.begin(c)
	s.moved(c.View.Moves)
	s.Seen[s.OfDay][0] |= s.Today
	s.Today = 0
	if h := hourOf(c.View.Hour); s.Hours == 0 {
		s.From = [2]hour{h, h}
	} else if h-s.From[0] >= keepCells*24 {
		for i := range s.Seen {
			s.Seen[i] = [2]uint32{0, s.Seen[i][0]}
		}
		s.From = [2]hour{h, s.From[0]}
		s.Spread.fade()
	}
	s.Hours = min(s.Hours+1, hoursKnown)
	s.OfDay = uint8(zoneFor(c).DayMillis(int64(c.View.Hour)) / int64(anHour) % 24)
	s.count()
	s.Out.fade()
}

// count looks up the levels that count in the hour.
func (s *contextState) count() { s.known = s.Seen[s.OfDay][0] | s.Seen[s.OfDay][1] }

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
	side = sideOf(y)
	level = cellMid + int(side)*int(s.k.cut.at(math.Abs(y))[0])
	level = min(max(level, 1), cellLevels-2)
	return level, s.known>>(uint(level-1)%cellLevels)&7 == 0, side
}

// noteCell keeps where the sample lies.
func noteCell(n *detect.Draft, level int, fresh bool, side kizashi.Side) {
	if n != nil {
		n.Set, n.B[0], n.B[1], n.B[2] = true, int8(level), int8(one(fresh)), int8(side)
	}
}

// cellOf the sample, which Brief may have worked out.
func (s *contextState) cellOf(c *detect.Case) (level int, fresh bool, side kizashi.Side) {
	if n := c.Draft; n != nil && n.Set {
		return int(n.B[0]), n.B[1] == 1, kizashi.Side(n.B[2])
	}
	return s.cell(c.Sample.Value)
}

// block is how long one is, in ms: a part of the hours, at least a period.
func (s *contextState) block(gap kizashi.Time) kizashi.Time { return max(s.k.block, gap) }

// holds says that an instant lies in the newest block.
func (w *window) holds(at, long kizashi.Time) bool { return at >= w.Begin && at-w.Begin < long }

// put adds a sample to the block that it lies in.
func (w *window) put(at, long kizashi.Time, fresh bool) {
	if w.Begin == kizashi.Never || !w.holds(at, long) {
		w.move(at-kizashi.Time(floorMod(int64(at), int64(long))), long)
	}
	w.Count[0] = min(w.Count[0]+1, mostInBlock)
	if fresh {
		w.Fresh[0] = min(w.Fresh[0]+1, mostInBlock)
	}
}

// move makes the block that begins then the newest.
func (w *window) move(begin, long kizashi.Time) {
	if w.Begin == kizashi.Never || w.Begin <= begin-contextBlocks*long || begin < w.Begin {
		*w = window{Begin: begin}
	}
	for ; w.Begin < begin; w.Begin += long {
		copy(w.Fresh[1:], w.Fresh[:])
		copy(w.Count[1:], w.Count[:])
		w.Fresh[0], w.Count[0] = 0, 0
	}
	w.Begin = begin
}

// stay adds the blocks up, if they hold enough of what the period lets expect.
func (w *window) stay(at, long, gap kizashi.Time, side kizashi.Side) (s stay, ok bool) {
	for i := range w.Count {
		s.Fresh, s.Count = s.Fresh+w.Fresh[i], s.Count+w.Count[i]
	}
	s.To, s.Side = at+1, side
	return s, kizashi.Time(s.Count)*gap*2 >= contextBlocks*long
}

// stat is for how many of the hours the series was where it never was.
func (s *contextState) stat(h *stay) float64 {
	if h.Fresh == 0 {
		return 0 // as mostly
	}
	return s.k.hours * float64(h.Fresh) / float64(h.Count)
}

// reads says that samples are looked at, and how many ms lie between two.
func (s *contextState) reads(c *detect.Case) (gap kizashi.Time, ok bool) {
	gap = kizashi.Time(c.Base.Gap() / time.Millisecond)
	return gap, gap > 0 && s.Hours > contextFirst && s.Spread.full() && c.Learns()
}

// ends says that the sample is the last of its block.
func (s *contextState) ends(at, long, gap kizashi.Time) bool {
	if s.Last.Begin != kizashi.Never && s.Last.holds(at, long) {
		return at+gap-s.Last.Begin >= long
	}
	return kizashi.Time(floorMod(int64(at), int64(long)))+gap >= long
}

// hear evaluates where the sample is the last of its block; else what was heard last
// stands.
func (s *contextState) hear(c *detect.Case) (h stay, now, ok bool) {
	gap, ok := s.reads(c)
	if !ok {
		return h, false, false
	}
	at, long := c.Sample.At, s.block(gap)
	if !s.ends(at, long, gap) {
		return s.Heard, false, s.Known && at-s.Heard.To <= 2*long
	}
	level, fresh, side := s.cellOf(c)
	noteCell(c.Draft, level, fresh, side)
	if !fresh {
		side = s.Side
	}
	w := s.Last
	w.put(at, long, fresh)
	h, ok = w.stay(at, long, gap, side)
	return h, ok, ok
}

// listen puts the sample into its block, evaluates where it is the last there, and
// returns its level.
func (s *contextState) listen(c *detect.Case) (level int, now, ok bool) {
	gap, ok := s.reads(c)
	if !ok {
		return 0, false, false
	}
	at, long := c.Sample.At, s.block(gap)
	last := s.ends(at, long, gap)
	level, fresh, side := s.cellOf(c)
	if s.Last.put(at, long, fresh); fresh {
		s.Side = side
	}
	if !last {
		return level, false, s.Known && at-s.Heard.To <= 2*long
	}
	h, ok := s.Last.stay(at, long, gap, s.Side)
	if ok {
		s.Heard = h
	}
	return level, ok, ok
}

// bin of the tally: quarters of an hour.
func (s *contextState) bin(stat float64) int { return min(int(math.Ceil(stat*binsHour)), tallies-1) }

// weigh evaluates at the end of a block; within one the vote stands as it did.
func (s *contextState) weigh(c *detect.Case) (w weighed, onset float64, ok bool) {
	h, now, ok := s.hear(c)
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
		s.tell(c, &w, v, "h")
	}
	return ok
}

// moved forgets all levels where the baseline has adopted another one: it is usual
// now, at all hours.
func (s *contextState) moved(moves uint16) {
	if s.Moves != moves {
		s.cells, s.levels = cells{Last: window{Begin: kizashi.Never}, Moves: moves}, levels{}
	}
}

// Learn takes the sample in. What is held out was at its hour, and does not
// count as seen.
func (s *contextState) Learn(c *detect.Case, held bool) {
	level, now, ok := s.listen(c)
	if s.Known = ok; now {
		stat := s.stat(&s.Heard)
		s.take(c, stat, c.Sample.At)
		s.Out.count(s.bin(stat))
	}
	if !c.Learns() || held {
		return
	}
	if s.Hours > cellsFirst && s.Spread.full() {
		if level == 0 {
			level, _, _ = s.cell(c.Sample.Value)
		}
		s.Today |= 1 << level
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
	h, _, ok := s.hear(c)
	if !ok {
		return nil
	}
	long := s.block(kizashi.Time(c.Base.Gap() / time.Millisecond))
	last := h.To - 1
	from, known := last-kizashi.Time(floorMod(int64(last), int64(long)))-(contextBlocks-1)*long, s.From[1].time()
	g := &kizashi.Ground{Model: "context", Side: h.Side, Stat: s.stat(&h), Unit: "h", From: from, To: h.To,
		Usual: kizashi.None(), Scale: kizashi.None(),
		Parts: []kizashi.Part{{From: from, To: h.To, Count: int(h.Count), Sum: float64(h.Fresh)}},
		Past:  &kizashi.Past{From: known, To: from, Of: int(from.Sub(known) / (24 * time.Hour)), Low: kizashi.None(), High: kizashi.None()}}
	s.ground(c.View.R, shareOf(c), g)
	return g
}

// AppendBinary appends the tail and the cells.
func (s *contextState) AppendBinary(b []byte) []byte {
	h := &s.Heard
	b = appendTimes(s.appendBinary(b), s.Last.Begin, h.To)
	b = wire.U16s(wire.U16s(b, s.Last.Fresh[:]), s.Last.Count[:])
	b = wire.U8(wire.U16(wire.U16(wire.U8(b, s.Side), h.Fresh), h.Count), h.Side)
	b = wire.Bool(wire.Bool(wire.U8(wire.U8(b, s.Hours), s.OfDay), s.Odd), s.Known)
	b = s.Out.append(s.Spread.append(wire.U32(b, s.Today)))
	for _, levels := range s.Seen {
		b = wire.U32(wire.U32(b, levels[0]), levels[1])
	}
	return wire.U16(wire.U32(wire.U32(b, s.From[0]), s.From[1]), s.Moves)
}

// Decode reads what AppendBinary wrote.
func (s *contextState) Decode(b []byte) ([]byte, error) {
	r := wire.Read(b)
	if err := s.read(r); err != nil {
		return nil, err
	}
	h := &s.Heard
	readTimes(r, &s.Last.Begin, &h.To)
	wire.ReadU16s(r, s.Last.Fresh[:])
	wire.ReadU16s(r, s.Last.Count[:])
	s.Side, h.Fresh, h.Count, h.Side = kizashi.Side(r.U8()), r.U16(), r.U16(), kizashi.Side(r.U8())
	s.Hours, s.OfDay, s.Odd, s.Known, s.Today = r.U8(), r.U8(), r.Bool(), r.Bool(), r.U32()
	s.Spread.read(r)
	sane := s.Out.read(r)
	for i := range s.Seen {
		s.Seen[i] = [2]uint32{r.U32(), r.U32()}
	}
	s.From, s.Moves = [2]hour{hour(r.I32()), hour(r.I32())}, r.U16()
	if s.OfDay = min(s.OfDay, 24); s.OfDay < 24 {
		s.count()
	}
	return ended(r, sane && s.Spread.sane() && s.OfDay <= 23 && !(s.Known && h.Count == 0))
}
