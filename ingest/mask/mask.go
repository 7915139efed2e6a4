// Package mask replaces personal data and secrets in log lines by typed
// placeholders. It is each log source's last step, before the journal: what it
// replaces is never written down.
//
// A placeholder is the kind's name between angle brackets: <email>, <card>,
// <token>. The same kind always gives the same one, so that the pattern of a
// line does not depend on whose data it holds. Masking what is masked changes
// nothing.
//
// One scan finds bytes at which something may begin (a digit, "@", "=", ...),
// and only there more is looked at, within bounds: the time is linear in the
// length of the line, whatever it holds. Lines need be no valid UTF-8.
package mask

// Config says what is masked. Its zero value masks every kind.
type Config struct {
	Off []Kind // kinds that are left as they are
	Own []Rule // the user's own rules, tried before the kinds
}

// Masker masks lines. It is for one goroutine; Fork gives one for another.
type Masker struct {
	off    [kinds]bool
	own    []ownRule
	counts Counts
	spans  []span
	scan   scan
	a, b   []byte
}

// New makes a Masker. Its error names every kind that is unknown and every
// rule that cannot be used.
func New(c Config) (*Masker, error) {
	m := &Masker{}
	if err := m.turnOff(c.Off); err != nil {
		return nil, err
	}
	own, err := compile(c.Own)
	if err != nil {
		return nil, err
	}
	m.own = own
	m.counts.Own = make([]OwnCount, len(own))
	for i, r := range own {
		m.counts.Own[i].Name = r.name
	}
	return m, nil
}

// Fork returns a Masker with the same rules and no counts.
func (m *Masker) Fork() *Masker {
	f := &Masker{off: m.off, own: m.own}
	f.counts.Own = make([]OwnCount, len(m.own))
	for i, r := range m.own {
		f.counts.Own[i].Name = r.name
	}
	return f
}

// span is a stretch of a line that is masked. Kinds from own on are the
// user's rules.
type span struct {
	kind     int
	from, to int
}

// own is the kind of the first of the user's rules.
const own = int(kinds)

// passes bounds how often a line is looked at again: where one thing is masked,
// what stood against it may only then be seen for what it is.
const passes = 8

// keep is what a Masker keeps of memory between lines.
const keep = 1 << 20

// Append appends text to dst, masked, and counts.
func (m *Masker) Append(dst, text []byte) []byte {
	m.counts.Lines++
	m.find(text)
	if len(m.spans) == 0 {
		return append(dst, text...)
	}
	m.counts.Masked++
	for range passes {
		for _, s := range m.spans {
			m.counts.add(s.kind)
		}
		m.a = m.replace(m.a[:0], text)
		m.a, m.b = m.b, m.a
		text = m.b
		if m.find(text); len(m.spans) == 0 {
			break
		}
	}
	dst = append(dst, text...)
	if cap(m.a) > keep || cap(m.b) > keep || cap(m.spans) > keep/32 {
		m.a, m.b, m.spans = nil, nil, nil
	}
	return dst
}

// Find calls f with each stretch of text that would be masked, in order, and
// counts nothing. Where one is masked, Append looks at the line again and may
// find more.
func (m *Masker) Find(text []byte, f func(k Kind, from, to int)) {
	m.find(text)
	for _, s := range m.spans {
		f(m.name(s.kind), s.from, s.to)
	}
}

func (m *Masker) name(kind int) Kind {
	if kind >= own {
		return Kind(m.own[kind-own].name)
	}
	return names[kind]
}

// replace appends text with its spans replaced.
func (m *Masker) replace(dst, text []byte) []byte {
	at := 0
	for _, s := range m.spans {
		dst = append(dst, text[at:s.from]...)
		dst = append(dst, '<')
		dst = append(dst, m.name(s.kind)...)
		dst = append(dst, '>')
		at = s.to
	}
	return append(dst, text[at:]...)
}

// find lays the spans of text into m.spans: those of the user's rules, and
// those of the kinds where no rule has spoken.
func (m *Masker) find(text []byte) {
	m.spans = m.spans[:0]
	m.findOwn(text)
	n := len(m.spans)
	s := &m.scan
	s.text, s.off, s.floor, s.noEnd, s.key = text, &m.off, 0, false, 0
	for i := 0; i < len(text); {
		found, ok := s.next(i)
		if !ok {
			break
		}
		i = max(found.to, found.from+1)
		s.floor = i
		if !m.off[found.kind] && !overlaps(m.spans[:n], found) {
			m.spans = append(m.spans, found)
		}
	}
	s.text = nil
	if n > 0 && len(m.spans) > n {
		sortSpans(m.spans)
	}
}

// placeholder returns the length of the placeholder at i, 0 = there is none.
func placeholder(text []byte, i int) int {
	if i >= len(text) || text[i] != '<' {
		return 0
	}
	for k := i + 1; k < len(text) && k <= i+maxName+1; k++ {
		switch c := text[k]; {
		case c == '>' && k > i+1:
			return k + 1 - i
		case c == '-' && k > i+1:
		case c < 'a' || c > 'z':
			return 0
		}
	}
	return 0
}

// masked says whether b is nothing but placeholders.
func masked(b []byte) bool {
	for i := 0; i < len(b); {
		n := placeholder(b, i)
		if n == 0 {
			return false
		}
		i += n
	}
	return len(b) > 0
}
