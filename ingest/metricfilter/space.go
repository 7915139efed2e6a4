package metricfilter

import (
	"bytes"
	"fmt"
)

// spacePattern is fields: those before an ellipsis, and those after it.
type spacePattern struct {
	names    []string
	tests    []*expr // nil = anything
	ellipsis int     // how many fields stand before it; -1 = there is none
}

// part is one field of a line.
type part []byte

// space reads [ ... ].
func (p *parser) space() (s spacePattern, err error) {
	p.at++
	s.ellipsis = -1
	for {
		p.blank()
		switch at := p.at; {
		case p.take("..."):
			if s.ellipsis >= 0 {
				return s, p.fail(at, "one ellipsis (...) at most")
			}
			s.ellipsis = len(s.names)
		default:
			if err := p.spaceField(&s); err != nil {
				return s, err
			}
		}
		p.blank()
		switch {
		case p.take(","):
			continue
		case p.take("]"):
			p.blank()
			if p.at < len(p.src) {
				return s, p.fail(p.at, "nothing after the closing ]")
			}
			return s, nil
		}
		return s, p.fail(p.at, "a comma, &&, || or the closing ]")
	}
}

// spaceField reads a name, or tests of it.
func (p *parser) spaceField(s *spacePattern) error {
	at := p.at
	field := len(s.names)
	name := ""
	one := func() (*expr, error) {
		p.blank()
		at := p.at
		n := p.fieldName()
		switch {
		case n == "":
			return nil, p.fail(at, "the name of a field, or ...")
		case name == "":
			name = n
		case name != n:
			return nil, p.fail(at, fmt.Sprintf("the name of this field, %s", name))
		}
		p.blank()
		switch p.peek() {
		case '=', '!', '<', '>':
		default:
			return nil, nil
		}
		t := &test{field: field}
		var err error
		if t.op, err = p.operator(); err != nil {
			return nil, err
		}
		t.lit, err = p.literalFor(t.op)
		return &expr{test: t}, err
	}
	e, err := p.either(one)
	if err != nil {
		return err
	}
	if e != nil && e.empty() {
		return p.fail(p.at, "a test on each side of && and ||")
	}
	for _, n := range s.names {
		if n == name {
			return p.fail(at, fmt.Sprintf("another name: there is a field %s already", name))
		}
	}
	s.names, s.tests = append(s.names, name), append(s.tests, e)
	return nil
}

// empty says whether an expression lacks a test somewhere.
func (e *expr) empty() bool {
	for _, k := range e.kids {
		if k == nil || k.empty() {
			return true
		}
	}
	return false
}

func (p *parser) fieldName() string {
	from := p.at
	for p.at < len(p.src) && (isName(p.src[p.at]) || p.src[p.at] == '-' || p.src[p.at] == '.') {
		p.at++
	}
	return p.src[from:p.at]
}

// split takes a line apart at blanks; what stands in [] or "" is one part.
func split(parts []part, line []byte) []part {
	open := [2]bool{true, true} // a quote, a bracket may be closed after here
	for i := 0; i < len(line); {
		if boundary(line, i) {
			i++
			continue
		}
		if c := line[i]; c == '"' && open[0] {
			if k := closing(line, i+1, '"'); k >= 0 {
				parts = append(parts, line[i+1:k])
				i = k + 1
				continue
			}
			open[0] = false
		} else if c == '[' && open[1] {
			if k := closing(line, i+1, ']'); k >= 0 {
				parts = append(parts, line[i+1:k])
				i = k + 1
				continue
			}
			open[1] = false
		}
		k := i
		for !boundary(line, k) {
			k++
		}
		parts = append(parts, line[i:k])
		i = k
	}
	return parts
}

// closing returns where c ends a part that begins at i; -1 = nowhere.
func closing(line []byte, i int, c byte) int {
	for {
		k := bytes.IndexByte(line[i:], c)
		if k < 0 {
			return -1
		}
		if i += k; boundary(line, i+1) && line[i-1] != '\\' {
			return i
		}
		i++
	}
}

// boundary says whether a part may end before i.
func boundary(line []byte, i int) bool {
	return i >= len(line) || line[i] == ' ' || line[i] == '\t' || line[i] == '\n' || line[i] == '\r'
}

// place returns which part a field is; false = the line has another number of
// parts.
func (s *spacePattern) place(field, parts int) (int, bool) {
	n := len(s.names)
	switch {
	case s.ellipsis < 0:
		return field, parts == n
	case field < s.ellipsis:
		return field, parts >= n
	}
	return parts - n + field, parts >= n
}

func (s *spacePattern) holds(f *Filter) bool {
	if _, ok := s.place(0, len(f.parts)); !ok {
		return false
	}
	for _, e := range s.tests {
		if e != nil && !e.spaceHolds(f) {
			return false
		}
	}
	return true
}

func (e *expr) spaceHolds(f *Filter) bool {
	if e.test != nil {
		i, _ := f.space.place(e.test.field, len(f.parts))
		return e.test.spaceMeets(f.parts[i])
	}
	for _, k := range e.kids {
		if k.spaceHolds(f) == e.or {
			return e.or
		}
	}
	return !e.or
}

// spaceMeets says whether a field's text meets the test.
func (t *test) spaceMeets(b []byte) bool {
	if t.lit.isNum {
		if v, ok := number(b); ok {
			return t.lit.compare(t.op, v)
		}
		if t.op >= more {
			return false
		}
	}
	return t.lit.is(b) == (t.op == equal)
}
