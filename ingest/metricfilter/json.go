package metricfilter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// expr is a test, or several of them joined by && or ||.
type expr struct {
	or   bool
	kids []*expr // none = test
	test *test
}

// test is one comparison.
type test struct {
	path  []step // of a JSON pattern
	field int    // of a space-delimited one
	op    op
	lit   literal
}

// step goes from a JSON value to one within it.
type step struct {
	key   []byte // of an object
	index int    // of an array, where key is nil; anyIndex = all of them
}

const anyIndex = -1

// maxDepth bounds how deep parentheses nest.
const maxDepth = 64

// json reads { ... }.
func (p *parser) json() (*expr, error) {
	p.at++
	e, err := p.either(p.jsonTest)
	if err != nil {
		return nil, err
	}
	p.blank()
	if !p.take("}") {
		return nil, p.fail(p.at, "&&, || or the closing }")
	}
	p.blank()
	if p.at < len(p.src) {
		return nil, p.fail(p.at, "nothing after the closing }")
	}
	return e, nil
}

// either reads tests joined by ||, each of them joined by &&.
func (p *parser) either(one func() (*expr, error)) (*expr, error) {
	return p.joined("||", true, func() (*expr, error) {
		return p.joined("&&", false, func() (*expr, error) {
			p.blank()
			if p.peek() != '(' {
				return one()
			}
			at := p.at
			p.at++
			if p.depth++; p.depth > maxDepth {
				return nil, p.fail(at, fmt.Sprintf("parentheses at most %d deep", maxDepth))
			}
			e, err := p.either(one)
			if err != nil {
				return nil, err
			}
			p.depth--
			p.blank()
			if !p.take(")") {
				return nil, p.fail(p.at, fmt.Sprintf("&&, || or a ) that closes the ( at character %d", 1+utf8.RuneCountInString(p.src[:at])))
			}
			return e, nil
		})
	})
}

func (p *parser) joined(by string, or bool, one func() (*expr, error)) (*expr, error) {
	e, err := one()
	if err != nil {
		return nil, err
	}
	all := []*expr{e}
	for p.blank(); p.take(by); p.blank() {
		if e, err = one(); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return &expr{or: or, kids: all}, nil
}

// jsonTest reads $.a = 1, $.a IS NULL, $.a NOT EXISTS.
func (p *parser) jsonTest() (*expr, error) {
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	t := &test{path: path}
	p.blank()
	at := p.at
	switch {
	case p.word("IS"):
		p.blank()
		switch at := p.at; {
		case p.word("NULL"):
			t.op = isNull
		case p.word("TRUE"):
			t.op = isTrue
		case p.word("FALSE"):
			t.op = isFalse
		default:
			return nil, p.fail(at, "NULL, TRUE or FALSE after IS")
		}
		return &expr{test: t}, nil
	case p.word("NOT"):
		p.blank()
		if !p.word("EXISTS") {
			return nil, p.fail(p.at, "EXISTS after NOT")
		}
		t.op = notExists
		return &expr{test: t}, nil
	case p.word("EXISTS"):
		return nil, p.fail(at, `an operator, IS or NOT EXISTS; for a field that exists write $.field = "*"`)
	}
	if t.op, err = p.operator(); err != nil {
		if e, ok := err.(*SyntaxError); ok {
			e.Want += ", IS NULL, IS TRUE, IS FALSE or NOT EXISTS"
		}
		return nil, err
	}
	t.lit, err = p.literalFor(t.op)
	return &expr{test: t}, err
}

// path reads $.a.b[0], $['a.b'], $.a[*].
func (p *parser) path() ([]step, error) {
	p.blank()
	if !p.take("$") {
		return nil, p.fail(p.at, "a field such as $.a.b[0], or (")
	}
	var steps []step
	for {
		dot := p.take(".")
		switch {
		case p.peek() == '[':
			s, err := p.index()
			if err != nil {
				return nil, err
			}
			steps = append(steps, s)
			continue
		case dot:
			from := p.at
			for p.at < len(p.src) && (isName(p.src[p.at]) || p.src[p.at] == '-' || p.src[p.at] == '@' || p.src[p.at] == ':' || p.src[p.at] == '/') {
				p.at++
			}
			if from == p.at {
				return nil, p.fail(from, "the name of a field after the dot")
			}
			steps = append(steps, step{key: []byte(p.src[from:p.at])})
			continue
		case len(steps) == 0:
			return nil, p.fail(p.at, "a . or [ after $")
		}
		return steps, nil
	}
}

// index reads [0], [*], ['a.b'].
func (p *parser) index() (step, error) {
	p.at++
	from := p.at
	switch c := p.peek(); {
	case p.take("*]"):
		return step{index: anyIndex}, nil
	case c == '"' || c == '\'':
		k := strings.IndexByte(p.src[p.at+1:], c)
		if k < 0 {
			return step{}, p.fail(len(p.src), "the quote that closes the name of a field")
		}
		s := step{key: []byte(p.src[p.at+1 : p.at+1+k])}
		if p.at += k + 2; !p.take("]") {
			return step{}, p.fail(p.at, "]")
		}
		return s, nil
	}
	for p.peek()-'0' <= 9 && p.at < len(p.src) {
		p.at++
	}
	n, err := strconv.Atoi(p.src[from:p.at])
	if err != nil || n > 1<<20 {
		return step{}, p.fail(from, "a number, * or the quoted name of a field between [ and ]")
	}
	if !p.take("]") {
		return step{}, p.fail(p.at, "]")
	}
	return step{index: n}, nil
}

// holds says whether the line, which is valid JSON, meets the expression.
func (e *expr) holds(line []byte) bool {
	if e.test != nil {
		if e.test.op == notExists {
			return !e.test.walk(line, e.test.path)
		}
		return e.test.walk(line, e.test.path)
	}
	for _, k := range e.kids {
		if k.holds(line) == e.or {
			return e.or
		}
	}
	return !e.or
}

// walk says whether one of the values that the steps lead to meets the test.
func (t *test) walk(v []byte, path []step) bool {
	if len(path) == 0 {
		return t.meets(v)
	}
	s := path[0]
	if s.key == nil && s.index == anyIndex {
		for x := range elements(v) {
			if t.walk(x, path[1:]) {
				return true
			}
		}
		return false
	}
	x := s.into(v)
	return x != nil && t.walk(x, path[1:])
}

// meets says whether a JSON value meets the test.
func (t *test) meets(v []byte) bool {
	switch t.op {
	case isNull:
		return string(v) == "null"
	case isTrue:
		return string(v) == "true"
	case isFalse:
		return string(v) == "false"
	case notExists:
		return true // it is there
	}
	if v[0] == '-' || v[0]-'0' <= 9 {
		n, ok := number(v)
		switch {
		case ok && t.lit.isNum:
			return t.lit.compare(t.op, n)
		case t.lit.re != nil || t.lit.pieces != nil:
			return t.lit.is(v) == (t.op == equal) // as it is written
		}
		return t.op == unequal
	}
	if v[0] == '"' && !t.lit.isNum {
		s := unquote(v)
		return t.op == equal && t.lit.is(s) || t.op == unequal && !t.lit.is(s)
	}
	return t.op == unequal
}

// unquote returns the text of a JSON string.
func unquote(v []byte) []byte {
	in := v[1 : len(v)-1]
	if bytes.IndexByte(in, '\\') < 0 && utf8.Valid(in) {
		return in
	}
	var s string
	if json.Unmarshal(v, &s) != nil {
		return in
	}
	return []byte(s)
}
