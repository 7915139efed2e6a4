package pattern

// What a word of a header may end at.
const (
	atSpace uint8 = 1 << iota // and NUL, which is behind the line
	atColon
	atOpen  // [
	atClose // ]
	atParen // (
	atQuote // " and =
	atComma
	atBar
)

var stops = func() (t [256]uint8) {
	t[0], t[' '], t['\t'] = atSpace, atSpace, atSpace
	t[':'], t['['], t[']'], t['('], t['"'], t['='], t[','], t['|'] = atColon, atOpen, atClose, atParen, atQuote, atQuote, atComma, atBar
	return t
}()

// until returns the first position from p on that holds one of these.
func (l *lexer) until(p int, at uint8) int {
	for ; p < l.n && stops[l.buf[p]]&at == 0; p++ {
	}
	return p
}

// levelWord looks for the level among the next few words and groups: ids,
// names in capitals or with dots and bracketed groups may stand before it.
func (l *lexer) levelWord(p int, h *header) (int, bool) {
	var component, pid, host span
	for range 5 {
		p = l.dash(p)
		if p >= l.n {
			return p, false
		}
		if q := l.group(p); q > p {
			if lv := l.levelIn(p+1, q-1); lv != None {
				h.level = lv
				return l.found(q, h, component, pid, host), true
			}
			if l.buf[p] == '[' && allDigits(l.buf[p+1:q-1]) {
				pid = span{p + 1, q - 1}
			}
			p = q
			continue
		}
		e := l.until(p, atSpace|atOpen|atBar|atComma)
		if e == p {
			return p, false
		}
		w := e
		if l.buf[w-1] == ':' {
			w--
		}
		if lv := l.levelAt(p, w, e); lv != None {
			h.level = lv
			return l.found(e, h, component, pid, host), true
		}
		if w < e { // "name:" before a level is a component, and the message follows
			return p, false
		}
		switch b := l.buf[p:w]; {
		case allDigits(b):
			pid = span{p, w}
		case l.capitals(p, w) && isUpper(b[0]) && !anyDigit(b):
			component = span{p, w}
		case indexDot(b) > 0 && !anyDigit(b), l.dashBehind(e):
			component = span{p, w}
		case len(b) == 36 && b[8] == '-' && b[13] == '-' || len(b) >= 3 && b[0] == '-': // a request's id; ---
		case anyDigit(b):
			host = span{p, w}
		default:
			return p, false
		}
		p = e
	}
	return p, false
}

func (l *lexer) found(p int, h *header, component, pid, host span) int {
	h.component, h.pid, h.host = component, pid, host
	return p
}

func (l *lexer) dashBehind(p int) bool {
	return p+2 < l.n && l.buf[p] == ' ' && l.buf[p+1] == '-' && l.buf[p+2] == ' '
}

func indexDot(b []byte) int {
	for i, c := range b {
		if c == '.' {
			return i
		}
	}
	return -1
}

// levelIn returns the level that a bracketed group is: [notice], [core:error].
func (l *lexer) levelIn(s, e int) Level {
	for s < e && isSpace(l.buf[s]) {
		s++
	}
	for e > s && isSpace(l.buf[e-1]) {
		e--
	}
	for i := s; i < e; i++ {
		if l.buf[i] == ':' {
			s = i + 1
		}
	}
	if e-s < 3 || e-s > 16 {
		return None
	}
	return classes.of(hashAt(&l.buf, s, e)).level()
}

// levelAt returns the level of the word buf[s:w]; e is behind its colon, if it
// has one. A level in small letters must be set off; one letter must be
// followed by a component.
func (l *lexer) levelAt(s, w, e int) Level {
	if w-s == 1 {
		return l.levelLetter(s, e)
	}
	if w-s < 3 || w-s > 13 {
		return None
	}
	c := classes.of(hashAt(&l.buf, s, w)).level()
	if c == None {
		return None
	}
	if l.capitals(s, w) || w < e || e >= l.n || l.buf[e] == '\t' || l.buf[e] == ',' || l.buf[e] == '|' || isSpace(l.buf[e]) && isSpace(l.buf[e+1]) || l.dashBehind(e) {
		if e >= l.n { // the whole message
			return None
		}
		return c
	}
	return None
}

func (l *lexer) levelLetter(s, e int) Level {
	p := l.blank(e)
	if p == e || p >= l.n {
		return None
	}
	q := l.until(p, atSpace|atColon)
	if q = l.blank(q); q >= l.n || l.buf[q] != ':' {
		return None
	}
	switch l.buf[s] {
	case 'V', 'T':
		return Trace
	case 'D':
		return Debug
	case 'I', 'N':
		return Info
	case 'W':
		return Warn
	case 'E':
		return Error
	case 'F', 'A', 'C':
		return Fatal
	}
	return None
}

// afterLevel reads thread and component behind the level.
func (l *lexer) afterLevel(p int, h *header) int {
	p = l.dash(p)
	// 1234 --- [main] c.e.App : started
	if e := l.end(p, l.n); allDigits(l.buf[p:e]) {
		if q := l.blank(e); q+3 < l.n && l.buf[q] == '-' && l.buf[q+1] == '-' && l.buf[q+2] == '-' {
			h.pid = span{p, e}
			p = l.blank(q + 3)
		}
	}
	if q := l.group(p); q > p && l.buf[p] == '[' && l.isThread(p, q, h) {
		if allDigits(l.buf[p+1 : q-1]) {
			h.pid = span{p + 1, q - 1}
		}
		if p = l.dash(q); p != l.blank(q) { // [main] - message
			return p
		}
	}
	if h.component.e > 0 {
		return p
	}
	if q, ok := l.componentAt(p, h); ok {
		return q
	}
	return p
}

// isThread says whether a group behind the level is a thread's, not the
// message's: one word, or something that a component or a dash follows.
func (l *lexer) isThread(p, q int, h *header) bool {
	if l.buf[p-1] == ']' || l.buf[p-1] == ' ' && p > 1 && l.buf[p-2] == ']' { // [error] [client 1.2.3.4] ...
		return len(l.buf[p:q]) > 5 && string(l.buf[p+1:p+5]) == "pid "
	}
	spaces := false
	for _, c := range l.buf[p:q] {
		spaces = spaces || isSpace(c)
	}
	if !spaces {
		return true
	}
	var no header
	_, ok := l.componentAt(l.dash(q), &no)
	return ok || l.dash(q) != l.blank(q)
}

// componentAt reads a component at p: "name: ", "name : ", "name[pid]: ", a
// name with dots before a bracketed group, or a column of its own. It returns
// where the message begins.
func (l *lexer) componentAt(p int, h *header) (int, bool) {
	e := l.until(p, atSpace|atColon|atOpen|atQuote|atComma)
	for e > p && e+1 < l.n && l.buf[e] == ':' && stops[l.buf[e+1]]&(atSpace|atOpen) == 0 { // a.go:12
		e = l.until(e+1, atSpace|atColon|atOpen|atQuote|atComma)
	}
	if e == p || isDigit(l.buf[p]) || isCode(l.buf[p:e]) || classes.of(hashAt(&l.buf, p, min(e, p+64))).level() != None {
		return p, false
	}
	q := e
	if g := l.group(q); g > q {
		if allDigits(l.buf[q+1 : g-1]) {
			h.pid = span{q + 1, g - 1}
		}
		q = g
	}
	switch b := l.buf[p:e]; {
	case q < l.n && l.buf[q] == ':' && (q+1 >= l.n || isSpace(l.buf[q+1])):
		h.component = span{p, e}
		return l.blank(q + 1), true
	case q+1 < l.n && isSpace(l.buf[q]) && l.buf[l.blank(q)] == ':' && isSpace(l.buf[l.blank(q)+1]): // "art     : "
		h.component = span{p, e}
		return l.blank(l.blank(q) + 1), true
	case q == e && indexDot(b) > 0 && l.buf[e] == ' ' && l.buf[e+1] == '[' && l.group(e+1) > e+1:
		h.component = span{p, e}
		return l.blank(l.group(e + 1)), true
	case q == e && p > 2 && isSpace(l.buf[p-1]) && isSpace(l.buf[p-2]) && isSpace(l.buf[e]) && isSpace(l.buf[e+1]) && e-p >= 2 && e-p <= 24:
		h.component = span{p, e}
		return l.blank(e), true
	case q == e && l.dashBehind(e) && indexDot(b) > 0:
		h.component = span{p, e}
		return e + 3, true
	}
	return p, false
}

// isCode says whether a word is a message's code: AH00098, ORA-01017.
func isCode(b []byte) bool {
	i := 0
	for i < len(b) && (isUpper(b[i]) || b[i] == '-') {
		i++
	}
	return i > 0 && len(b)-i >= 3 && allDigits(b[i:])
}

// klog reads "    7 controller.go:114] " behind the time of day.
func (l *lexer) klog(p int, h *header) (int, bool) {
	if !isUpper(l.buf[0]) || !isDigit(l.buf[1]) {
		return p, false
	}
	s := l.blank(p)
	e := s
	for isDigit(l.buf[e]) {
		e++
	}
	at := l.blank(e)
	q := l.until(at, atSpace|atOpen|atClose)
	if e == s || q == at || q >= l.n || l.buf[q] != ']' || !isDigit(l.buf[q-1]) {
		return p, false
	}
	colon := q - 1
	for colon > at && isDigit(l.buf[colon]) {
		colon--
	}
	if l.buf[colon] != ':' {
		return p, false
	}
	h.pid, h.component = span{s, e}, span{at, colon}
	switch l.buf[0] {
	case 'I':
		h.level = Info
	case 'W':
		h.level = Warn
	case 'E':
		h.level = Error
	case 'F':
		h.level = Fatal
	}
	return l.blank(q + 1), true
}

// syslog reads host and process: "host name[pid]: ".
func (l *lexer) syslog(p int, h *header) int {
	p = l.blank(p)
	e := l.until(p, atSpace|atQuote)
	if e == p || l.buf[e-1] == ':' || l.buf[p] == '[' { // no host
		return l.processOr(p, h)
	}
	h.host = span{p, e}
	return l.processOr(l.dash(e), h)
}

func (l *lexer) processOr(p int, h *header) int {
	q, _ := l.process(p, h)
	return q
}

// process reads "name[pid]: ", "name(more)[pid]: ", "name 1.4.1: ",
// "name[pid] (more): ".
func (l *lexer) process(p int, h *header) (int, bool) {
	e := l.until(p, atSpace|atOpen|atColon|atParen|atQuote)
	if e == p {
		return p, false
	}
	name, q := span{p, e}, e
	pid := h.pid
	for range 3 { // groups, with one space before them or none; a version
		g := q
		if g < l.n && l.buf[g] == ' ' {
			g++
		}
		if to := l.group(g); to > g {
			if l.buf[g] == '[' && allDigits(l.buf[g+1:to-1]) {
				pid = span{g + 1, to - 1}
			}
			q = to
			continue
		}
		if g > q && isDigit(l.buf[g]) {
			to := g
			for to < l.n && (isDigit(l.buf[to]) || l.buf[to] == '.') {
				to++
			}
			if l.buf[to] == ':' {
				q = to
			}
		}
		break
	}
	if q < l.n && l.buf[q] == ':' && (q+1 >= l.n || isSpace(l.buf[q+1])) {
		h.component, h.pid = name, pid
		return l.blank(q + 1), true
	}
	return p, false
}

// hostAndProcess is syslog's order behind a stamp of another form: taken only
// where the process has its id.
func (l *lexer) hostAndProcess(p int, h *header) (int, bool) {
	e := l.until(p, atSpace)
	if e >= l.n || e == p {
		return p, false
	}
	try := header{}
	if q, ok := l.process(l.blank(e), &try); ok && try.pid.e > 0 {
		h.host, h.component, h.pid = span{p, e}, try.component, try.pid
		return q, true
	}
	return p, false
}

// dashed reads a component that ends in " - ": "chrome.exe *64 - ...".
func (l *lexer) dashed(p int, h *header) (int, bool) {
	e := p
	for range 2 {
		e = l.until(e, atSpace|atColon|atOpen|atQuote)
		if e == p || e >= l.n || l.buf[e] != ' ' {
			return p, false
		}
		if l.dashBehind(e) {
			h.component = span{p, e}
			return e + 3, true
		}
		e++
	}
	return p, false
}
