package pattern

import (
	"encoding/binary"
	"math"
	"math/bits"
	"unicode/utf8"
)

// slot is what the values of one variable were, in 160 bytes.
type slot struct {
	// What every value touches lies together.
	n         uint32 // values; it stops at its greatest
	numbers   uint32
	tags      [heavies]uint32
	counts    [heavies]uint32
	sum       float64
	min, max  float32
	lead      uint32 // of what all values so far begin with: letters and a delimiter
	leadLen   uint8
	kind      SlotKind
	scale     int8             // the histogram's: bins of a factor 2^(2^-scale)
	registers [32]byte         // HyperLogLog, 64 of 4 bits
	offset    int16            // of the histogram's first bin
	bins      [histBins]uint16 // bins[0] holds what is not above 0
	over      uint32           // how much every count may be short
	textLen   uint16           // four bits each; heavyBytes+1 = there was more
	text      [heavies]uint64  // first bytes
}

const (
	heavies    = 4
	heavyBytes = 8
	histBins   = 10
	maxScale   = 3
)

// add counts a value by its hash, its first eight bytes and its length.
func (s *slot) add(h, text uint64, n int) {
	if s.n != math.MaxUint32 {
		s.n++
	}
	s.register(h)
	tag := uint32(h >> 32)
	for i := range s.tags {
		if s.tags[i] == tag && s.counts[i] > 0 {
			s.counts[i]++
			if s.n < 64 {
				s.setText(i, text, n)
			}
			return
		}
	}
	c := &s.counts
	free := heavies // the first one, found without a branch: any may be it
	if c[3] == 0 {
		free = 3
	}
	if c[2] == 0 {
		free = 2
	}
	if c[1] == 0 {
		free = 1
	}
	if c[0] == 0 {
		free = 0
	}
	if free < heavies {
		s.tags[free], c[free] = tag, 1
		s.textLen &^= 15 << (4 * free)
		s.setText(free, text, n)
		return
	}
	c[0]--
	c[1]--
	c[2]--
	c[3]--
	s.over++
}

// rare makes room for a value that is none of the frequent ones, after Misra
// and Gries: where there is no room, all lose what it brings.
func (s *slot) rare(tag, count uint32, text uint64, n int) {
	for {
		low := count
		for i := range s.counts {
			if s.counts[i] == 0 {
				s.tags[i], s.counts[i] = tag, count
				s.textLen &^= 15 << (4 * i)
				s.setText(i, text, n)
				return
			}
			low = min(low, s.counts[i])
		}
		for i := range s.counts {
			s.counts[i] -= low
		}
		s.over += low
		if count -= low; count == 0 {
			return
		}
	}
}

func (s *slot) setText(i int, text uint64, n int) {
	if s.textLen>>(4*i)&15 != 0 {
		return
	}
	n = min(n, heavyBytes+1)
	s.text[i] = text & masks[min(n, heavyBytes)].head
	s.textLen |= uint16(n) << (4 * i)
}

// textOf is the value as it is told: of a long one whole characters of its
// beginning, and a mark.
func (s *slot) textOf(i int) string {
	var b [heavyBytes]byte
	binary.LittleEndian.PutUint64(b[:], s.text[i])
	n := s.lenOf(i)
	if n <= heavyBytes {
		return string(b[:n])
	}
	n = heavyBytes
	for k := n - 1; k >= 0 && k > n-utf8.UTFMax; k-- {
		if utf8.RuneStart(b[k]) {
			if !utf8.FullRune(b[k:]) {
				n = k
			}
			break
		}
	}
	return string(b[:n]) + "…"
}

func (s *slot) lenOf(i int) int { return int(s.textLen >> (4 * i) & 15) }

func (s *slot) register(h uint64) {
	i := h >> 58
	rank := byte(min(bits.LeadingZeros64(h<<6|1<<5)+1, 15))
	r := &s.registers[i>>1]
	sh := i & 1 * 4
	if *r>>sh&15 < rank {
		*r = *r&^(15<<sh) | rank<<sh
	}
}

// distinct estimates how many different values there were.
func (s *slot) distinct() float64 {
	sum, zeros := 0.0, 0
	for _, r := range s.registers {
		for _, v := range [2]byte{r & 15, r >> 4} {
			sum += math.Ldexp(1, -int(v))
			if v == 0 {
				zeros++
			}
		}
	}
	const m = 64
	e := 0.709 * m * m / sum
	if e <= 2.5*m && zeros > 0 {
		return m * math.Log(m/float64(zeros))
	}
	return e
}

// number counts a value that is one.
func (s *slot) number(v float64) {
	f := float32(v)
	if s.numbers == 0 || f < s.min {
		s.min = f
	}
	if s.numbers == 0 || f > s.max {
		s.max = f
	}
	if s.numbers == 0 {
		s.scale = maxScale
	}
	if s.numbers != math.MaxUint32 {
		s.numbers++
	}
	s.sum += v
	if !(v > 0) || math.IsInf(v, 0) {
		s.bump(0)
		return
	}
	i := s.index(v)
	if j := i - int(s.offset); s.numbers > 1 && uint(j) < histBins-1 && s.bins[1] > 0 {
		s.bump(j + 1)
		return
	}
	s.bump(s.place(i))
}

func (s *slot) bump(i int) {
	if s.bins[i] == math.MaxUint16 {
		for j := range s.bins {
			s.bins[j] /= 2
		}
	}
	s.bins[i]++
}

// index is the number of the bin that holds v, at the slot's scale: from
// 2^(i/2^scale) on.
func (s *slot) index(v float64) int {
	b := math.Float64bits(v)
	e := int(b>>52&0x7ff) - 1023
	if s.scale <= 0 {
		return e >> -s.scale
	}
	// Within a power of two the bins are as the logarithm is, by a table.
	f := b << 12 >> 60 // 16 steps of the fraction
	return e<<s.scale + int(fracBin[s.scale][f])
}

var fracBin = func() (t [maxScale + 1][16]uint8) {
	for sc := 1; sc <= maxScale; sc++ {
		for f := range 16 {
			t[sc][f] = uint8(math.Log2(1+(float64(f)+.5)/16) * float64(int(1)<<sc))
		}
	}
	return t
}()

// place returns the bin for an index, making bins coarser until all fit.
func (s *slot) place(i int) int {
	for {
		lo, hi := s.used()
		if lo < 0 {
			s.offset = int16(i)
			return 1
		}
		from, to := min(int(s.offset)+lo-1, i), max(int(s.offset)+hi-1, i)
		if to-from < histBins-1 {
			if shift := int(s.offset) - from; shift > 0 || i-int(s.offset) >= histBins-1 {
				s.move(from, lo, hi)
			}
			return i - int(s.offset) + 1
		}
		s.coarsen()
		i >>= 1
	}
}

// used returns the first and the last bin that is not empty, -1 = all are.
func (s *slot) used() (lo, hi int) {
	lo = -1
	for i := 1; i < histBins; i++ {
		if s.bins[i] > 0 {
			if lo < 0 {
				lo = i
			}
			hi = i
		}
	}
	return lo, hi
}

func (s *slot) move(offset, lo, hi int) {
	old := s.bins
	clear(s.bins[1:])
	for i := lo; i <= hi; i++ {
		s.bins[i+int(s.offset)-offset] = old[i]
	}
	s.offset = int16(offset)
}

func (s *slot) coarsen() {
	old, from := s.bins, int(s.offset)
	clear(s.bins[1:])
	s.offset = int16(from >> 1)
	s.scale--
	for i := 1; i < histBins; i++ {
		j := (from+i-1)>>1 - int(s.offset) + 1
		s.bins[j] = uint16(min(uint32(s.bins[j])+uint32(old[i]), math.MaxUint16))
	}
}

// quantile of the numbers, linear within its bin.
func (s *slot) quantile(p float64) float64 {
	total := 0.0
	for _, b := range s.bins {
		total += float64(b)
	}
	if total == 0 {
		return math.NaN()
	}
	rank, at := p*total, 0.0
	for i, b := range s.bins {
		if b == 0 || at+float64(b) < rank {
			at += float64(b)
			continue
		}
		if i == 0 {
			return min(float64(s.min), 0)
		}
		width := math.Ldexp(1, -int(s.scale))
		lo := math.Exp2(float64(int(s.offset)+i-1) * width)
		v := lo * math.Exp2(width*(rank-at)/float64(b))
		return max(float64(s.min), min(float64(s.max), v))
	}
	return float64(s.max)
}

// merge adds what another slot counted.
func (s *slot) merge(o *slot) {
	if s.n == 0 {
		*s = *o
		return
	}
	if o.n == 0 {
		return
	}
	s.n = uint32(min(uint64(s.n)+uint64(o.n), math.MaxUint32))
	for i := range s.registers {
		a, b := s.registers[i], o.registers[i]
		s.registers[i] = max(a&15, b&15) | max(a>>4, b>>4)<<4
	}
	s.over += o.over
	for i := range o.tags {
		if o.counts[i] > 0 {
			s.mergeHeavy(o.tags[i], o.counts[i], o.text[i], o.lenOf(i))
		}
	}
	if s.lead != o.lead || s.leadLen != o.leadLen {
		s.leadLen = 0
	}
	if s.kind != o.kind {
		s.kind = broader(s.kind, o.kind)
	}
	if o.numbers == 0 {
		return
	}
	if s.numbers == 0 {
		s.min, s.max, s.scale, s.offset, s.bins = o.min, o.max, o.scale, o.offset, o.bins
	} else {
		s.min, s.max = min(s.min, o.min), max(s.max, o.max)
		s.mergeBins(o)
	}
	s.numbers = uint32(min(uint64(s.numbers)+uint64(o.numbers), math.MaxUint32))
	s.sum += o.sum
}

func (s *slot) mergeHeavy(tag, count uint32, text uint64, n int) {
	for i := range s.tags {
		if s.tags[i] == tag && s.counts[i] > 0 {
			s.counts[i] += count
			s.setText(i, text, n)
			return
		}
	}
	s.rare(tag, count, text, n)
}

func (s *slot) mergeBins(o *slot) {
	c := *o
	for c.scale > s.scale {
		c.coarsen()
	}
	for s.scale > c.scale {
		s.coarsen()
	}
	s.bins[0] = uint16(min(uint32(s.bins[0])+uint32(c.bins[0]), math.MaxUint16))
	for i := 1; i < histBins; i++ {
		if c.bins[i] == 0 {
			continue
		}
		was := s.scale
		j := s.place(int(c.offset) + i - 1)
		s.bins[j] = uint16(min(uint32(s.bins[j])+uint32(c.bins[i]), math.MaxUint16))
		for ; was > s.scale; was-- {
			// place made s coarser; the rest of c follows.
			c.bins[i] = 0
			c.coarsen()
			i = 0
		}
	}
}

// broader is the kind of a slot whose values are of two kinds.
func broader(a, b SlotKind) SlotKind {
	if a == Word && b == Word {
		return Word
	}
	if (a == Num && b == Hex) || (a == Hex && b == Num) {
		return Hex
	}
	return IDWord
}

// stats is the slot as it is told.
func (s *slot) stats(i int) SlotStats {
	out := SlotStats{Slot: int32(i), Kind: s.kind, Lines: uint64(s.n), Distinct: s.distinct(), Numbers: uint64(s.numbers), Min: math.NaN(), Max: math.NaN()}
	if s.numbers > 0 {
		c := *s
		out.Min, out.Max, out.Sum, out.Quantile = float64(s.min), float64(s.max), s.sum, c.quantile
	}
	for j := range s.counts {
		if s.counts[j] > 0 {
			out.Heavy = append(out.Heavy, Heavy{Text: s.textOf(j), Lines: uint64(s.counts[j]) + uint64(s.over), Over: uint64(s.over)})
		}
	}
	for a := range out.Heavy {
		for b := a; b > 0 && out.Heavy[b].Lines > out.Heavy[b-1].Lines; b-- {
			out.Heavy[b], out.Heavy[b-1] = out.Heavy[b-1], out.Heavy[b]
		}
	}
	return out
}
