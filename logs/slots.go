package logs

import (
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// What is looked at of the slots of a pattern: the values of those that have few, and
// where the numbers of others lie. It is for patterns with many lines, as many of
// them as come first.
const (
	slotsFrom  = 200 // lines of a pattern from which on its slots are looked at
	mostLooked = 64  // patterns of a log group
	mostSlots  = 6   // of a pattern
	mostValues = 8   // of a slot with few
	mostValue  = 64  // bytes of a value
)

// slots are those of one pattern.
type slots struct {
	of *key
	at []*slot // by number; nil = not seen
}

// slot is one of them.
type slot struct {
	many    bool // more than mostValues, or long ones: they are no set
	values  []*key
	since   kizashi.Time // its first line
	news    kizashi.Time // when the last value came that was new
	lines   int64
	numbers *numbers // nil = it had none
	high    *key
	low     *key
}

// freshValue is a value that a slot did not have.
type freshValue struct {
	s *slot
	k *key
}

func (s *slots) each(do func(*key)) {
	for _, v := range s.at {
		if v == nil {
			continue
		}
		for _, k := range v.values {
			do(k)
		}
		if v.high != nil {
			do(v.high)
			do(v.low)
		}
	}
}

// look counts the values of a line's slots.
func (g *group) look(k *key, m *pattern.Match) {
	s := g.slots[k.index]
	if s == nil {
		if k.count < slotsFrom || len(g.slots) >= mostLooked || len(m.Slots) == 0 {
			return
		}
		s = &slots{of: k}
		g.slots[k.index] = s
	}
	for i := range m.Slots {
		v := &m.Slots[i]
		if v.Slot < 0 || v.Slot >= mostSlots {
			continue
		}
		for int(v.Slot) >= len(s.at) {
			s.at = append(s.at, nil)
		}
		if s.at[v.Slot] == nil {
			s.at[v.Slot] = &slot{since: g.closed, news: g.closed}
		}
		g.lookAt(s.at[v.Slot], k, v)
	}
}

func (g *group) lookAt(s *slot, k *key, v *pattern.Slot) {
	s.lines++
	if v.Kind == pattern.Num && !math.IsNaN(v.Number) {
		if s.numbers == nil {
			s.numbers = &numbers{}
		}
		s.numbers.add(v.Number)
		if s.high != nil {
			switch {
			case v.Number > s.high.bound:
				g.tick(s.high)
			case v.Number < s.low.bound:
				g.tick(s.low)
			}
		}
	}
	if s.many {
		return
	}
	for _, w := range s.values {
		if w.name.value == string(v.Text) {
			g.tick(w)
			return
		}
	}
	if len(s.values) == mostValues || len(v.Text) > mostValue {
		for _, k := range s.values {
			g.over(k)
		}
		s.many, s.values = true, nil
		g.drop()
		return
	}
	w := newPart(name{what: value, pattern: k.name.pattern, slot: v.Slot, value: string(v.Text)}, k)
	w.first = g.closed
	s.values = append(s.values, w)
	g.tick(w)
	g.fresh = append(g.fresh, freshValue{s, w})
}

// drop forgets that keys that are no more have lines in hand.
func (g *group) drop() {
	live := map[*key]bool{}
	g.each(func(k *key) { live[k] = true })
	keep := func(ks []*key) []*key {
		out := ks[:0]
		for _, k := range ks {
			if live[k] {
				out = append(out, k)
			}
		}
		return out
	}
	g.touched, g.before = keep(g.touched), keep(g.before)
	fs := g.fresh[:0]
	for _, f := range g.fresh {
		if live[f.k] {
			fs = append(fs, f)
		}
	}
	g.fresh = fs
}

// newValue says that a slot has a value that it never had.
func (g *group) newValue(v freshValue, m kizashi.Time, out *Out) {
	s := v.s
	settled := s.lines >= 2*slotsFrom && m.Sub(s.since) >= Silent && m.Sub(s.news) >= m.Sub(s.since)/2
	s.news = m
	if settled && g.judges(m) {
		g.seldom(Value, v.k, m, int(v.k.minute), out)
	}
}

// numbers are where the numbers of a slot lie: decayed counts of magnitudes a
// nineteenth apart.
type numbers struct {
	Bins  [numberBins]float64
	Total float64
}

const (
	numberBins  = 192
	numberShift = 50 // of the bits of a float64: four bins from one power of two to the next
)

var numberZero = int(math.Float64bits(1./64) >> numberShift)

// bin of a number; what is not above 1/64 is in the first.
func bin(x float64) int {
	if !(x > 1./64) {
		return 0
	}
	return min(int(math.Float64bits(x)>>numberShift)-numberZero+1, numberBins-1)
}

func (n *numbers) add(x float64) {
	n.Bins[bin(x)]++
	n.Total++
}

// upper is the upper edge of a bin.
func upper(i int) float64 {
	return math.Float64frombits(uint64(numberZero+i) << numberShift)
}

// beyond returns between which edges nineteen in twenty numbers lie, at either side.
func (n *numbers) beyond() (low, high float64) {
	low, high = math.Inf(-1), math.Inf(1)
	for i, sum := 0, 0.; i < numberBins; i++ {
		if sum += n.Bins[i]; sum > n.Total/20 {
			if i > 0 {
				low = upper(i - 1)
			}
			break
		}
	}
	for i, sum := numberBins-1, 0.; i >= 0; i-- {
		if sum += n.Bins[i]; sum > n.Total/20 {
			high = upper(i)
			break
		}
	}
	return low, high
}

// freezeSlots sets at the end of a day, of the slots with numbers, beyond which they count.
func (g *group) freezeSlots() {
	for _, s := range g.slots {
		for i, v := range s.at {
			if v == nil || v.numbers == nil || v.numbers.Total < slotsFrom {
				continue
			}
			low, high := v.numbers.beyond()
			if v.high == nil {
				v.high = newPart(name{what: high20, pattern: s.of.name.pattern, slot: int32(i)}, s.of)
				v.low = newPart(name{what: low20, pattern: s.of.name.pattern, slot: int32(i)}, s.of)
			}
			v.high.setBound(high)
			v.low.setBound(low)
			for b := range v.numbers.Bins {
				v.numbers.Bins[b] *= float64(dayKeeps)
			}
			v.numbers.Total *= float64(dayKeeps)
		}
	}
}

// setBound moves a bound. Before the first one nothing is known of how much lies beyond
// it but that it is set so; later ones lie near.
func (k *key) setBound(b float64) {
	if k.bound == b {
		return
	}
	first := k.part.All == 0
	k.bound = b
	if first {
		k.part = part{Mine: 1, All: 20}
	}
}
