package pattern

// skeleton is a message as its constant words with a star for each run of
// variables. Punctuation takes no part; a unit behind a number and the words
// of a date are part of the star.
type skeleton struct {
	elems [MaxTokens]elem
	of    [MaxTokens]uint8 // the element that a token is part of
	n     int
	words int    // constant ones
	units uint64 // the units and words of dates that were absorbed, in order
	key   uint64
}

const starTerm = 0x94d049bb133111eb

func term(e elem) uint64 {
	if e == star {
		return starTerm
	}
	return uint64(e)
}

func finish(p uint64) uint64 { return max(mix(p), 1) }

// skeletonOf builds the skeleton of the tokens from first on.
func (l *lexer) skeletonOf(first int, sk *skeleton) {
	n, words := 0, 0
	var poly, units uint64
	starred := false // the last element is a star
	for i := first; i < l.nt; i++ {
		t := &l.toks[i]
		if t.kind == constant && t.class >= unit && t.class <= zone && l.absorbed(i, first, starred) {
			units = units*base + uint64(t.elem)
			if starred {
				sk.of[i] = uint8(n - 1)
				continue
			}
		} else if t.kind == constant {
			sk.elems[n] = t.elem
			sk.of[i] = uint8(n)
			poly = poly*base + uint64(t.elem)
			n++
			words++
			if starred = t.flags&tokEmpty != 0; starred && n < MaxTokens {
				sk.elems[n] = star
				poly = poly*base + starTerm
				n++
			}
			if n >= MaxTokens {
				break
			}
			continue
		}
		if !starred {
			sk.elems[n] = star
			poly = poly*base + starTerm
			n++
			starred = true
		}
		sk.of[i] = uint8(n - 1)
		if n >= MaxTokens {
			break
		}
	}
	sk.n, sk.words, sk.units = n, words, units
	if words == 0 {
		sk.key = l.bare(first)
		return
	}
	sk.key = finish(poly)
}

// absorbed says whether a unit or a word of a date belongs to the variable
// beside it.
func (l *lexer) absorbed(i, first int, starred bool) bool {
	t := &l.toks[i]
	near := func(j int) bool {
		if j < first || j >= l.nt {
			return false
		}
		o := &l.toks[j]
		return o.kind != constant && o.flags&tokFound == 0 && o.kind != asQuoted
	}
	date := func(j int) bool {
		return j >= first && j < l.nt && (l.toks[j].class == month || l.toks[j].class == weekday) && l.toks[j].kind == constant
	}
	if t.class == unit {
		if i == first || !near(i-1) || t.flags&(tokKey|tokValue) != 0 {
			return false
		}
		k := l.toks[i-1].kind
		return k == asNum || k == asID && isDigit(l.buf[l.toks[i-1].s])
	}
	if t.flags&(tokKey|tokValue) != 0 {
		return false
	}
	if t.class == zone {
		return i > first && near(i-1) && l.toks[i-1].kind == asStamp || i > first && near(i-1) && l.toks[i-1].kind == asNum && (t.e-t.s == 2)
	}
	return near(i+1) && (l.toks[i+1].kind == asNum || l.toks[i+1].kind == asStamp) || date(i+1) && near(i+2) || date(i-1) && starred
}

// bare is the key of a message without a constant word: its kinds of variable
// and its punctuation.
func (l *lexer) bare(first int) uint64 {
	h := uint64(0x5bd1e995)
	p := 0
	if first > 0 && first <= l.nt {
		p = int(l.toks[first-1].e)
	}
	for i := first; i <= l.nt; i++ {
		s := l.n
		if i < l.nt {
			s = int(l.toks[i].s)
		} else if l.cut {
			break // what is behind the last token is not known
		}
		for ; p < s; p++ {
			if c := l.buf[p]; !isSpace(c) && i > first || i == first && first == 0 && !isSpace(c) {
				h = h*base + uint64(c)
			}
		}
		if i < l.nt {
			h = h*base + uint64(l.toks[i].kind)<<8
			p = int(l.toks[i].e)
		}
	}
	return finish(h)
}

// sums are the prefix sums of a skeleton's polynomial, by which the key of the
// skeleton with one more star costs a few multiplications.
type sums struct {
	pre, pow [MaxTokens + 1]uint64
	elems    []elem
}

func (s *sums) of(elems []elem) {
	s.elems = elems
	s.pow[0] = 1
	for i, e := range elems {
		s.pre[i+1] = s.pre[i]*base + term(e)
		s.pow[i+1] = s.pow[i] * base
	}
}

// apart marks the key of a hole beside a variable that its word does not
// touch: "task set 7" is proven no "task 7", while "LOCAL(0)" is what "10.0.0.1"
// is. Enough words make it a slot all the same.
const apart = 0xa0761d6478bd642f

// hole is the key of the skeleton with a star in place of element i, runs of
// stars being one.
func (s *sums) hole(i int, glue uint64) uint64 {
	n := len(s.elems)
	p, collapsed := s.pre[i], false
	if i == 0 || s.elems[i-1] != star {
		p = p*base + starTerm
	} else {
		collapsed = true
	}
	j := i + 1
	if j < n && s.elems[j] == star {
		j++
		collapsed = true
	}
	k := finish(p*s.pow[n-j] + s.pre[n] - s.pre[j]*s.pow[n-j])
	if collapsed && (i >= 64 || glue>>i&1 == 0) {
		k ^= apart
	}
	return k
}

// glueAt is the glue of elems with stars where at says so.
func glueAt(elems []elem, glue uint64, at func(i int) bool) (out uint64) {
	n, last := -1, false
	for i, e := range elems {
		if e == star || at(i) {
			if !last {
				n++
			}
			last = true
			continue
		}
		n++
		last = false
		if i < 64 && n < 64 {
			out |= glue >> i & 1 << n
		}
	}
	return out
}

// glued returns which elements stand at a variable without white space between.
func (l *lexer) glued(first int, sk *skeleton) (out uint64) {
	for i := first; i < l.nt; i++ {
		if e := sk.of[i]; e < 64 && l.toks[i].kind == constant && sk.elems[e] != star {
			if i+1 < l.nt && l.toks[i+1].kind != constant && l.touch(i) || i > first && l.toks[i-1].kind != constant && l.touch(i-1) {
				out |= 1 << e
			}
		}
	}
	return out
}

// touch says whether there is no white space between a token and the next.
func (l *lexer) touch(i int) bool {
	s, e := int(l.toks[i].e), int(l.toks[i+1].s)
	if s >= e {
		return true
	}
	for _, c := range l.buf[s:e] {
		if isSpace(c) || c == '=' || c == ',' {
			return false
		}
	}
	return true
}

// starredAt returns elems with stars where at says so, runs of stars being one,
// and its key.
func starredAt(elems []elem, at func(i int) bool) ([]elem, uint64, int) {
	out := make([]elem, 0, len(elems))
	words := 0
	var p uint64
	for i, e := range elems {
		if at(i) {
			e = star
		}
		if e == star && len(out) > 0 && out[len(out)-1] == star {
			continue
		}
		if e != star {
			words++
		}
		out = append(out, e)
		p = p*base + term(e)
	}
	return out, finish(p), words
}
