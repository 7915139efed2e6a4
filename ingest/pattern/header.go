package pattern

import "math/bits"

// span is buf[s:e].
type span struct{ s, e int }

// header is what stands before the message and is no part of the pattern.
type header struct {
	tok                          int // the message's first token
	stamp, component, host, pid  span
	level                        Level
	months, epoch, date, compact bool // what the stamp was made of
}

// stampWithin is among how many first tokens a header's time stamp lies, and
// within how many the next one where it has several.
const (
	stampWithin = 6
	stampNext   = 5
)

// findHeader finds the header of the line that was lexed: a time stamp, behind
// which level, host, process and component stand in one of the orders that
// programs use. A line without one, or with nothing behind it, has no header.
func (l *lexer) findHeader() *header {
	h := &l.hdr
	*h = header{}
	if l.stampBits&(1<<stampWithin-1) == 0 {
		return h
	}
	last := l.stamps(h)
	if last < 0 {
		*h = header{}
		return h
	}
	p := l.behindStamp(last, h)
	p, ok := l.afterStamp(p, last, h)
	if !ok && !h.date && !h.epoch && !h.months && !h.compact {
		*h = header{} // a time of day alone may be the message's own
		return h
	}
	for h.tok = last + 1; h.tok < l.nt && int(l.toks[h.tok].s) < p; h.tok++ {
	}
	if h.tok >= l.nt {
		*h = header{level: h.level}
		return h
	}
	l.head = min(p, int(l.toks[h.tok].s))
	return h
}

// stamps returns the last token of the header's time stamps, -1 = it has none.
func (l *lexer) stamps(h *header) int {
	first := -1
	for b := l.stampBits & (1<<stampWithin - 1); b != 0; b &= b - 1 {
		if i := bits.TrailingZeros64(b); l.strong(i, h) {
			first = i
			break
		}
	}
	if first < 0 || first > 0 && !l.preamble(first, h) {
		return -1
	}
	s := first
	for s > 0 && l.dateLike(s-1) {
		s--
	}
	h.stamp = span{int(l.toks[s].s), int(l.toks[first].e)}
	last := first
	if h.compact {
		last++
		h.stamp.e = int(l.toks[last].e)
	}
	for i := last + 1; i <= min(last+stampNext, l.nt-1) && l.stampBits>>i != 0; i++ {
		t := &l.toks[i]
		if t.kind == constant && t.class != month && t.class != weekday && !l.stampFollows(i+1) {
			break
		}
		if t.class == month {
			h.months = true
		}
		if l.strong(i, h) {
			last = i
		}
	}
	for i := s; i <= last; i++ {
		t := &l.toks[i]
		h.months = h.months || t.class == month
		h.date = h.date || t.kind == asStamp && t.flags&tokClock == 0 || t.kind == asStamp && t.e-t.s > 13
	}
	return last
}

// stampFollows says whether a date or a time of day begins at a token: what is
// before it is a node's name.
func (l *lexer) stampFollows(i int) bool {
	if i >= l.nt {
		return false
	}
	return l.toks[i].class == month && l.toks[i].kind == constant && i+2 < l.nt && l.toks[i+1].kind == asNum && l.toks[i+2].kind == asStamp || l.toks[i].kind == asStamp
}

// strong says whether a token alone shows a time stamp.
func (l *lexer) strong(i int, h *header) bool {
	t := &l.toks[i]
	b := l.buf[t.s:t.e]
	switch t.kind {
	case asStamp:
		return t.flags&tokClock != 0 || len(b) > 13
	case asNum:
		if (len(b) == 10 || len(b) == 13) && b[0] == '1' {
			h.epoch = true
			return true
		}
		// 081109 203615
		if i == 0 && (len(b) == 6 || len(b) == 8) && l.nt > 1 && l.toks[1].kind == asNum && l.toks[1].e-l.toks[1].s == 6 && isCompact(b, l.buf[l.toks[1].s:l.toks[1].e]) {
			h.compact = true
			return true
		}
	case asID:
		return len(b) > 13 && isDigit(b[0]) && isDigit(b[3]) && (b[4] == '-' || b[4] == '/') && isISO(b)
	}
	return false
}

func isISO(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) && c != '-' && c != '/' && c != ':' && c != '.' && c != 'T' && c != 'Z' && c != '+' {
			return false
		}
	}
	return true
}

func isCompact(date, clock []byte) bool {
	d := date[len(date)-4:]
	two := func(b []byte) int { return int(b[0]-'0')*10 + int(b[1]-'0') }
	return allDigits(date) && allDigits(clock) && two(d) >= 1 && two(d) <= 12 && two(d[2:]) >= 1 && two(d[2:]) <= 31 && two(clock) < 24 && two(clock[2:]) < 60 && two(clock[4:]) < 60
}

// dateLike says whether a token before a time of day belongs to it.
func (l *lexer) dateLike(i int) bool {
	t := &l.toks[i]
	return t.class == month || t.class == weekday || t.kind == asStamp || t.kind == asNum && t.e-t.s <= 5
}

// preamble says whether what stands before the first stamp can be a header's:
// an id, a node, a label, a level; not words of a sentence.
func (l *lexer) preamble(first int, h *header) bool {
	open := l.toks[0].kind != constant
	for i := range first {
		t := &l.toks[i]
		if t.class.level() != None && h.level == None && t.kind == constant && (i == 0 || t.elem&elemCaps != 0) {
			h.level = t.class.level()
			continue
		}
		if t.kind != constant || t.class == month || t.class == weekday || t.elem&elemCaps != 0 {
			continue
		}
		if !open || !l.spaces(int(l.toks[i].e), int(l.toks[i+1].s)) {
			return false
		}
	}
	return true
}

func (l *lexer) spaces(s, e int) bool {
	for _, c := range l.buf[s:e] {
		if !isSpace(c) && c != '[' && c != '-' {
			return false
		}
	}
	return true
}

// behindStamp returns where the stamp's last token ends with all that belongs
// to it: a fraction, a zone, a year, brackets.
func (l *lexer) behindStamp(last int, h *header) int {
	p := int(l.toks[last].e)
	if c := l.buf[p]; (c == ',' || c == '.' || c == ':') && isDigit(l.buf[p+1]) {
		for p++; isDigit(l.buf[p]); p++ {
		}
	}
	for {
		q := p
		for q < l.n && (isSpace(l.buf[q]) || l.buf[q] == ',' && q == p) {
			q++
		}
		c := l.buf[q]
		switch {
		case l.isZone(q, h):
			p = l.end(q, l.n)
			continue
		case q < l.n && (c == ']' || c == ')' || c == '}' || c == '>' || c == '"'):
			p = q + 1
			continue
		}
		h.stamp.e = max(h.stamp.e, min(p, l.n))
		return q
	}
}

// isZone says whether a zone of time stands at p, or a year that the stamp has
// not yet.
func (l *lexer) isZone(p int, h *header) bool {
	c := l.buf[p]
	if c == '+' || c == '-' {
		e := l.end(p, l.n)
		return e-p == 5 && allDigits(l.buf[p+1:e])
	}
	if isDigit(c) {
		if !h.months || c > '2' {
			return false
		}
		e := l.end(p, l.n)
		return e-p == 4 && allDigits(l.buf[p:e]) && (c == '1' && l.buf[p+1] == '9' || c == '2' && l.buf[p+1] == '0')
	}
	if !isLetter(c) {
		return false
	}
	e := l.end(p, l.n)
	return e-p <= 5 && classes.of(hashAt(&l.buf, p, e)) == zone
}

// blank returns the first position from p on that is no white space.
func (l *lexer) blank(p int) int {
	for p < l.n && isSpace(l.buf[p]) {
		p++
	}
	return p
}

// dash skips white space and one lone "-", ":" or "|" with space behind it.
func (l *lexer) dash(p int) int {
	p = l.blank(p)
	q := p
	for q < l.n && (l.buf[q] == '-' || l.buf[q] == ':' || l.buf[q] == '|') {
		q++
	}
	if q > p && (q >= l.n || isSpace(l.buf[q])) {
		return l.blank(q)
	}
	return p
}

// group returns the end of the bracketed group that begins at p, p where it
// has none.
func (l *lexer) group(p int) int {
	var closes byte
	switch l.buf[p] {
	case '[':
		closes = ']'
	case '(':
		closes = ')'
	default:
		return p
	}
	depth := 0
	for q := p; q < min(l.n, p+256); q++ {
		switch l.buf[q] {
		case l.buf[p]:
			depth++
		case closes:
			if depth--; depth == 0 {
				return q + 1
			}
		}
	}
	return p
}

// afterStamp reads what stands between the stamp and the message and returns
// where the message begins; false = nothing of a header stood there.
func (l *lexer) afterStamp(p, last int, h *header) (int, bool) {
	start := p
	if p < l.n && l.buf[p] == '|' {
		return l.fields(p, h), true
	}
	if l.maybeLevel(last) {
		if q, ok := l.levelWord(l.dash(p), h); ok {
			return l.afterLevel(q, h), true
		}
	}
	if q, ok := l.klog(p, h); ok {
		return q, true
	}
	if h.months {
		return l.syslog(p, h), true
	}
	p = l.dash(p)
	if q, ok := l.hostAndProcess(p, h); ok {
		return q, true
	}
	if q, ok := l.dashed(p, h); ok {
		return q, true
	}
	if h.level != None { // it stood before the stamp
		return l.afterLevel(p, h), true
	}
	if h.epoch {
		if e := l.end(p, l.n); e-p <= 2 && (allDigits(l.buf[p:e]) || l.buf[p] == '-' && allDigits(l.buf[p+1:e])) {
			return l.blank(e), true
		}
	}
	return max(p, start), false
}

// maybeLevel says whether one of the next words is a level's, or one letter.
func (l *lexer) maybeLevel(last int) bool {
	return l.levelBits>>(last+1)&(1<<13-1) != 0
}

// fields reads what stands between bars: |component|process|message.
func (l *lexer) fields(p int, h *header) int {
	for range 3 {
		s := l.blank(p + 1)
		e := l.until(s, atBar|atSpace)
		bar := l.blank(e)
		if bar >= l.n || l.buf[bar] != '|' || e == s {
			break
		}
		p = bar
		if allDigits(l.buf[s:e]) {
			h.pid = span{s, e}
			break
		}
		if lv := classes.of(hashAt(&l.buf, s, e)).level(); lv != None {
			h.level = lv
		} else {
			h.component = span{s, e}
		}
	}
	return l.blank(p + 1)
}
