package logs

import (
	"encoding/json"
	"fmt"
	"sort"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
	"github.com/kizashi-ops/kizashi/wire"
)

// stateFormat is that of AppendBinary (docs/state-format.md).
const stateFormat = 1

// AppendBinary appends all that is known, so that Decode continues with the same
// bits.
func (e *Engine) AppendBinary(b []byte) ([]byte, error) {
	commands, err := json.Marshal(e.commands)
	if err != nil {
		return nil, err
	}
	b = wire.Bytes(wire.U8(b, stateFormat), commands)
	b = wire.U32(b, len(e.groups))
	for _, id := range e.Groups() {
		if b, err = e.groups[id].append(b); err != nil {
			return nil, fmt.Errorf("state of log group %s: %w", e.groups[id].meta.Name(), err)
		}
	}
	return b, nil
}

// Decode reads what AppendBinary wrote; none = there are no log groups.
func (e *Engine) Decode(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	r := wire.Read(b)
	if f := r.U8(); f != stateFormat {
		return fmt.Errorf("state of log groups: format %d is not known", f)
	}
	if err := json.Unmarshal(r.Bytes(), &e.commands); err != nil {
		return fmt.Errorf("state of log groups: %w", err)
	}
	for n := int(r.U32()); n > 0 && r.Err() == nil; n-- {
		g := newGroup(e.caps)
		if err := g.read(r); err != nil {
			return fmt.Errorf("state of log groups: %w", err)
		}
		known, err := e.declare(g.meta)
		if err != nil {
			return err
		}
		g.loc = known.loc
		e.groups[g.meta.Series] = g
	}
	if err := r.Err(); err != nil {
		return fmt.Errorf("state of log groups: %w", err)
	}
	if len(r.Left()) > 0 {
		return fmt.Errorf("state of log groups: %d bytes too many", len(r.Left()))
	}
	return nil
}

func (g *group) append(b []byte) ([]byte, error) {
	apart, err := json.Marshal(g.apart)
	if err != nil {
		return nil, err
	}
	meta, err := json.Marshal(g.meta)
	if err != nil {
		return nil, err
	}
	miner, err := g.miner.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	b = wire.U32(wire.Bytes(wire.Bytes(wire.Bytes(b, meta), miner), apart), g.obeyed)
	b = wire.U64(wire.U64(wire.U64(wire.U64(wire.U64(wire.U64(b, g.start), g.closed), g.turned), g.asked), g.late), g.rows)
	b = wire.U32(wire.Text(b, g.ended), len(g.coming))
	for _, c := range g.coming {
		b = wire.Text(wire.U64(b, c.from), c.ended)
	}
	b = wire.F32(wire.F32(wire.Bool(wire.Bool(wire.Bool(b, g.broken), g.holed), g.loose), g.seen.Week[:]...), g.seen.Day[:]...)
	b = g.most.append(b)
	for _, n := range g.births {
		b = wire.U32(b, n)
	}
	for i := range g.tails {
		b = wire.F64(g.tails[i].Tail.Append(b), g.tails[i].Theta, g.tails[i].W)
		b = wire.U32(wire.U64(b, g.spaced[i].Last), g.spaced[i].Count)
	}
	b = wire.U32(b, len(g.waits))
	for i := range g.waits {
		b = appendLine(b, &g.waits[i])
	}
	for _, k := range g.fixed() {
		b = k.append(b)
	}
	b = wire.U32(b, len(g.keys))
	for _, k := range g.keys {
		if b = wire.Bool(b, k != nil); k != nil {
			b = k.append(b)
		}
	}
	b = wire.U32(b, len(g.ends))
	for _, id := range g.ends {
		b = wire.U64(b, id)
	}
	b = wire.U32(b, len(g.moves))
	for _, n := range g.moves {
		b = wire.Text(wire.Text(wire.U64(wire.U64(b, n.Series), n.At), n.Fact.Claim), n.Fact.Text)
	}
	b = wire.U32(b, len(g.before))
	for _, k := range g.before {
		b = wire.U64(b, k.series)
	}
	b = wire.U32(b, len(g.pairs))
	for _, p := range g.pairs {
		b = p.append(b)
	}
	return g.appendSlots(b), nil
}

// fixed are the keys that every log group has.
func (g *group) fixed() []*key {
	return []*key{g.whole, g.status, g.levels[0], g.levels[1], g.classes[0], g.classes[1]}
}

func (g *group) read(r *wire.Reader) error {
	if err := json.Unmarshal(r.Bytes(), &g.meta); err != nil {
		return err
	}
	if err := g.miner.Decode(r.Bytes()); err != nil {
		return err
	}
	if err := json.Unmarshal(r.Bytes(), &g.apart); err != nil {
		return err
	}
	g.obeyed = int(r.U32())
	g.start, g.closed, g.turned, g.asked = kizashi.Time(r.I64()), kizashi.Time(r.I64()), kizashi.Time(r.I64()), kizashi.Time(r.I64())
	g.late, g.rows = r.U64(), r.U64()
	g.ended = kizashi.Ending(r.Text())
	for n := int(r.U32()); n > 0 && r.Err() == nil; n-- {
		g.coming = append(g.coming, ending{kizashi.Time(r.I64()), kizashi.Ending(r.Text())})
	}
	g.broken, g.holed, g.loose = r.Bool(), r.Bool(), r.Bool()
	r.F32s(g.seen.Week[:])
	r.F32s(g.seen.Day[:])
	g.most.read(r)
	for i := range g.births {
		g.births[i] = r.I32()
	}
	for i := range g.tails {
		t := &g.tails[i]
		if err := t.Tail.Read(r); err != nil {
			return err
		}
		t.Theta, t.W = r.F64(), r.F64()
		g.spaced[i] = spaced{kizashi.Time(r.I64()), r.I32()}
	}
	for n := int(r.U32()); n > 0 && r.Err() == nil; n-- {
		g.waits = append(g.waits, readLine(r, g.meta.Series))
	}
	g.mixed = true // they may be
	for _, k := range g.fixed() {
		k.read(r)
	}
	if err := g.readKeys(r); err != nil {
		return err
	}
	for n := int(r.U32()); n > 0 && r.Err() == nil; n-- {
		g.ends = append(g.ends, kizashi.SeriesID(r.U64()))
	}
	for n := int(r.U32()); n > 0 && r.Err() == nil; n-- {
		m := Note{Series: kizashi.SeriesID(r.U64()), At: kizashi.Time(r.I64())}
		m.Fact = kizashi.Evidence{Claim: kizashi.Claim(r.Text()), Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None(), From: m.At, Text: r.Text()}
		g.moves = append(g.moves, m)
	}
	var before []kizashi.SeriesID
	for n := int(r.U32()); n > 0 && r.Err() == nil; n-- {
		before = append(before, kizashi.SeriesID(r.U64()))
	}
	if err := g.readPairs(r); err != nil {
		return err
	}
	if err := g.readSlots(r); err != nil {
		return err
	}
	by := map[kizashi.SeriesID]*key{}
	g.each(func(k *key) { by[k.series] = k })
	for _, k := range g.keys {
		if k != nil && k.series != 0 {
			g.named[k.name.pattern] = k
		}
	}
	for _, id := range before {
		k := by[id]
		if k == nil || id == 0 {
			return fmt.Errorf("series %s had lines in the last minute, and counts nothing", id)
		}
		g.before = append(g.before, k)
	}
	return r.Err()
}

func (g *group) readKeys(r *wire.Reader) error {
	for i, n := int32(0), int32(r.U32()); i < n && r.Err() == nil; i++ {
		if !r.Bool() {
			g.keys = append(g.keys, nil)
			continue
		}
		k := newKey(name{what: byPattern}, i, kizashi.Never)
		k.read(r)
		if p, ok := g.miner.Pattern(i); !ok || i == pattern.OtherIndex {
			return fmt.Errorf("counts of pattern %s, which is at no place %d", p.ID, i)
		}
		g.keys = append(g.keys, k)
	}
	return nil
}

func (g *group) readPairs(r *wire.Reader) error {
	for n := int(r.U32()); n > 0 && r.Err() == nil; n-- {
		p := &pair{}
		for _, k := range [...]**key{&p.many, &p.few} {
			i := r.I32()
			if i < 0 || int(i) >= len(g.keys) || g.keys[i] == nil {
				return fmt.Errorf("an invariant of a pattern at place %d, where there is none", i)
			}
			*k = g.keys[i]
		}
		p.times, p.hours, p.kept = r.I32(), r.I32(), r.I32()
		p.most.read(r)
		g.pairs = append(g.pairs, p)
	}
	return nil
}

func (g *group) appendSlots(b []byte) []byte {
	at := make([]int32, 0, len(g.slots))
	for i := range g.slots {
		at = append(at, i)
	}
	sort.Slice(at, func(i, j int) bool { return at[i] < at[j] })
	b = wire.U32(b, len(at))
	for _, i := range at {
		s := g.slots[i]
		b = wire.U8(wire.U32(b, i), len(s.at))
		for _, v := range s.at {
			if b = wire.Bool(b, v != nil); v != nil {
				b = v.append(b)
			}
		}
	}
	return b
}

func (g *group) readSlots(r *wire.Reader) error {
	for n := int(r.U32()); n > 0 && r.Err() == nil; n-- {
		i := r.I32()
		if i < 0 || int(i) >= len(g.keys) || g.keys[i] == nil {
			return fmt.Errorf("slots of a pattern at place %d, where there is none", i)
		}
		s := &slots{of: g.keys[i]}
		for m := int(r.U8()); m > 0 && r.Err() == nil; m-- {
			if !r.Bool() {
				s.at = append(s.at, nil)
				continue
			}
			v := &slot{}
			v.read(r, s.of)
			s.at = append(s.at, v)
		}
		g.slots[i] = s
	}
	return nil
}

func (s *slot) append(b []byte) []byte {
	b = wire.U64(wire.U64(wire.U64(wire.Bool(b, s.many), s.since), s.news), s.lines)
	if s.numbers == nil {
		b = wire.F64(b, make([]float64, numberBins+1)...)
	} else {
		b = wire.F64(wire.F64(b, s.numbers.Bins[:]...), s.numbers.Total)
	}
	b = wire.Bool(wire.U8(b, len(s.values)), s.high != nil)
	for _, k := range s.values {
		b = k.append(b)
	}
	if s.high != nil {
		b = s.low.append(s.high.append(b))
	}
	return b
}

func (s *slot) read(r *wire.Reader, of *key) {
	s.many, s.since, s.news, s.lines = r.Bool(), kizashi.Time(r.I64()), kizashi.Time(r.I64()), r.I64()
	var ns numbers
	for i := range ns.Bins {
		ns.Bins[i] = r.F64()
	}
	if ns.Total = r.F64(); ns.Total > 0 {
		s.numbers = &ns
	}
	n, numbers := int(r.U8()), r.Bool()
	part := func() *key {
		k := newPart(name{}, of)
		k.read(r)
		return k
	}
	for ; n > 0 && r.Err() == nil; n-- {
		s.values = append(s.values, part())
	}
	if numbers {
		s.high, s.low = part(), part()
	}
}

func (h high) append(b []byte) []byte { return wire.F32(b, h.Now, h.Before) }
func (h *high) read(r *wire.Reader)   { h.Now, h.Before = r.F32(), r.F32() }
func (o odds) append(b []byte) []byte { return wire.F32(b, o.N, o.Sum) }
func (o *odds) read(r *wire.Reader)   { o.N, o.Sum = r.F32(), r.F32() }

func (s standing) append(b []byte) []byte {
	return wire.U64(wire.F64(wire.U8(b, s.Kind), s.Stat, s.Limit), s.Since)
}

func (s *standing) read(r *wire.Reader) {
	s.Kind, s.Stat, s.Limit, s.Since = int8(r.U8()), r.F64(), r.F64(), kizashi.Time(r.I64())
	if s.Kind < 0 || s.Kind > int8(kinds) {
		s.Kind = 0
	}
}

func (k *key) append(b []byte) []byte {
	b = wire.Text(wire.U32(wire.U64(wire.U8(b, k.name.what), k.name.pattern), k.name.slot), k.name.value)
	b = wire.U64(wire.U64(wire.U64(wire.U8(b, k.level), k.series), k.first), k.count)
	b = wire.F32(wire.U64(wire.U64(wire.U32(b, k.window), k.raw), k.today), k.hour, k.part.Mine, k.part.All, k.spread.Over, k.spread.Of, k.hours.Over, k.hours.Of)
	for _, c := range k.before {
		b = wire.Bool(wire.F32(b, c.C, c.Mean, c.Whole, c.Odds), c.Scatter)
	}
	b = k.down.append(k.up.append(b))
	g := &k.gaps
	b = wire.F32(wire.U64(wire.U64(b, g.Last), g.Due), g.Waited, g.Per, g.N, g.S1, g.S2)
	b = wire.Bool(g.Long.append(b), g.Said)
	b = wire.U32(wire.U16(wire.U16(wire.U16(wire.U16(wire.Bool(wire.Bool(wire.U32(wire.U64(k.stands.append(b), k.pendAt), k.pendN), k.moved), k.busy), k.less), k.held), k.calm), k.days), k.last)
	b = wire.F64(b, k.bound, k.rate, k.low, k.limit, k.wait)
	b = wire.U64(b, k.often)
	if b = wire.Bool(b, k.usual != nil); k.usual != nil {
		b = wire.F32(wire.F32(b, k.usual.Week[:]...), k.usual.Day[:]...)
	}
	b = k.appendSaid(k.appendKinds(b))
	b = wire.U8(b, len(k.lines))
	for _, l := range k.lines {
		b = wire.Text(wire.U64(b, l.At), l.Text)
	}
	return b
}

func (k *key) read(r *wire.Reader) {
	k.name = name{what(r.U8()), pattern.ID(r.U64()), r.I32(), r.Text()}
	k.level, k.series, k.first, k.count = pattern.Level(r.U8()), kizashi.SeriesID(r.U64()), kizashi.Time(r.I64()), r.I64()
	k.window, k.raw, k.today, k.hour = r.I32(), r.I64(), r.I64(), r.F32()
	k.part, k.spread, k.hours = part{r.F32(), r.F32()}, spread{r.F32(), r.F32()}, spread{r.F32(), r.F32()}
	for i := range k.before {
		k.before[i] = counted{r.F32(), r.F32(), r.F32(), r.F32(), r.Bool()}
	}
	k.up.read(r)
	k.down.read(r)
	g := &k.gaps
	g.Last, g.Due, g.Waited, g.Per, g.N, g.S1, g.S2 = kizashi.Time(r.I64()), kizashi.Time(r.I64()), r.F32(), r.F32(), r.F32(), r.F32(), r.F32()
	g.Long.read(r)
	g.Said = r.Bool()
	k.stands.read(r)
	k.pendAt, k.pendN = kizashi.Time(r.I64()), r.I32()
	k.moved, k.busy, k.less = r.Bool(), r.Bool(), int16(r.U16())
	k.held, k.calm, k.days, k.last = int16(r.U16()), int16(r.U16()), int16(r.U16()), r.I32()
	k.bound, k.rate, k.low, k.limit, k.wait = r.F64(), r.F64(), r.F64(), r.F64(), r.F64()
	k.often = int(r.I64())
	if r.Bool() {
		k.usual = &profile{}
		r.F32s(k.usual.Week[:])
		r.F32s(k.usual.Day[:])
	}
	k.readKinds(r)
	k.readSaid(r)
	for n := int(r.U8()); n > 0 && r.Err() == nil; n-- {
		k.lines = append(k.lines, kizashi.LogLine{At: kizashi.Time(r.I64()), Text: r.Text()})
	}
}

func appendLine(b []byte, l *kizashi.Line) []byte {
	b = wire.Text(wire.Text(wire.U64(wire.U64(b, l.At), l.Ingested), l.ID), l.Stream)
	return wire.U32(wire.Text(b, l.Text), l.Rows)
}

func readLine(r *wire.Reader, of kizashi.SeriesID) kizashi.Line {
	return kizashi.Line{Series: of, At: kizashi.Time(r.I64()), Ingested: kizashi.Time(r.I64()), ID: r.Text(), Stream: r.Text(), Text: r.Text(), Rows: int(r.I32())}
}
