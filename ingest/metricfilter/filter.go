// Package metricfilter counts log lines by the filter patterns of CloudWatch
// metric filters: text, JSON and space-delimited. It accepts their syntax and
// runs over files and history as well as from now on, which theirs do not.
//
// Where their documentation leaves a case open, this package has it so:
//   - a term of a text pattern is found anywhere in the line, also within a word;
//   - of a JSON pattern every comparison, != too, wants the field to be there; a
//     number in the pattern equals numbers alone, and a text strings alone; a text
//     with * and a regular expression are held against numbers as they are written;
//   - of a space-delimited pattern a number equals a field that reads as the same
//     number; the brackets and quotes around a field are not part of it.
//
// A line that is no JSON matches no JSON pattern.
package metricfilter

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits that CloudWatch sets: for a pattern, and for a log group.
const (
	MostRegexps      = 2   // in a pattern
	MostGroupRegexps = 5   // in the patterns of a log group
	MostFilters      = 100 // of a log group
	MostDimensions   = 3
	MostPairs        = 1000 // different names and values of dimensions in an hour
	maxPattern       = 1024 // characters
)

// Filter is a parsed pattern. It is for one goroutine.
type Filter struct {
	pattern string
	kind    kind
	text    textPattern
	json    *expr
	space   spacePattern
	regexps int
	open    []byte // scratch of valid
	parts   []part // of the line judged last, by a space-delimited pattern
}

type kind uint8

const (
	textKind kind = iota
	jsonKind
	spaceKind
)

// SyntaxError says where in a pattern something else was wanted.
type SyntaxError struct {
	Pattern string
	At      int    // byte of Pattern; its length = the end
	Want    string // what would have been right
}

// Error is `filter pattern: at character 9, before "1 }": want ...`.
func (e *SyntaxError) Error() string {
	at := 1 + utf8.RuneCountInString(e.Pattern[:e.At])
	if e.At == len(e.Pattern) {
		return fmt.Sprintf("filter pattern: at its end (character %d): want %s", at, e.Want)
	}
	rest := []rune(e.Pattern[e.At:])
	if len(rest) > 20 {
		rest = append(rest[:20:20], []rune("...")...)
	}
	return fmt.Sprintf("filter pattern: at character %d, before %q: want %s", at, string(rest), e.Want)
}

// Parse reads a pattern. Its error is a *SyntaxError.
func Parse(pattern string) (*Filter, error) {
	p := &parser{src: pattern}
	f := &Filter{pattern: pattern}
	if n := utf8.RuneCountInString(pattern); n > maxPattern {
		return nil, p.fail(len(string([]rune(pattern)[:maxPattern])), fmt.Sprintf("at most %d characters", maxPattern))
	}
	var err error
	p.blank()
	switch {
	case p.peek() == '{':
		f.kind = jsonKind
		f.json, err = p.json()
	case p.peek() == '[':
		f.kind = spaceKind
		f.space, err = p.space()
	default:
		f.text, err = p.text()
	}
	if err != nil {
		return nil, err
	}
	f.regexps = p.regexps
	return f, nil
}

// String is the pattern.
func (f *Filter) String() string { return f.pattern }

// Ignored are the terms of a text pattern that count for nothing: optional ones
// beside others.
func (f *Filter) Ignored() []string {
	if len(f.text.must)+len(f.text.not) == 0 {
		return nil
	}
	var out []string
	for _, t := range f.text.any {
		out = append(out, "?"+t.String())
	}
	return out
}

// Match says whether a line matches.
func (f *Filter) Match(line []byte) bool {
	switch f.kind {
	case jsonKind:
		return f.load(line) && f.json.holds(line)
	case spaceKind:
		return f.load(line) && f.space.holds(f)
	}
	return f.text.holds(line)
}

// load takes a line apart as far as the pattern needs it; false = the line is
// not of the pattern's kind.
func (f *Filter) load(line []byte) bool {
	switch f.kind {
	case jsonKind:
		t := bytes.TrimLeft(line, " \t\r\n")
		if len(t) == 0 || t[0] != '{' && t[0] != '[' {
			return false
		}
		var ok bool
		ok, f.open = valid(t, f.open)
		return ok
	case spaceKind:
		f.parts = split(f.parts[:0], line)
	}
	return true
}

// parser reads a pattern.
type parser struct {
	src     string
	at      int
	regexps int
	depth   int
}

func (p *parser) fail(at int, want string) error {
	return &SyntaxError{Pattern: p.src, At: at, Want: want}
}

// peek is the next byte, 0 at the end.
func (p *parser) peek() byte {
	if p.at < len(p.src) {
		return p.src[p.at]
	}
	return 0
}

func (p *parser) blank() {
	for p.at < len(p.src) && (p.src[p.at] == ' ' || p.src[p.at] == '\t' || p.src[p.at] == '\n' || p.src[p.at] == '\r') {
		p.at++
	}
}

// take passes over s if it comes next.
func (p *parser) take(s string) bool {
	if strings.HasPrefix(p.src[p.at:], s) {
		p.at += len(s)
		return true
	}
	return false
}

// word passes over a keyword, in any case, if it comes next as a whole.
func (p *parser) word(w string) bool {
	rest := p.src[p.at:]
	if len(rest) < len(w) || !strings.EqualFold(rest[:len(w)], w) || len(rest) > len(w) && isName(rest[len(w)]) {
		return false
	}
	p.at += len(w)
	return true
}

func isName(c byte) bool {
	return c-'0' <= 9 || (c|0x20)-'a' <= 25 || c == '_' || c >= 0x80
}

// quoted reads what stands in double quotes; \" and \\ stand for themselves.
func (p *parser) quoted() (string, error) {
	from := p.at
	p.at++
	var b strings.Builder
	for p.at < len(p.src) {
		c := p.src[p.at]
		switch {
		case c == '"':
			p.at++
			return b.String(), nil
		case c == '\\' && p.at+1 < len(p.src) && (p.src[p.at+1] == '"' || p.src[p.at+1] == '\\'):
			p.at++
			c = p.src[p.at]
		}
		b.WriteByte(c)
		p.at++
	}
	return "", p.fail(len(p.src), fmt.Sprintf("a quote \" that closes the one at character %d", 1+utf8.RuneCountInString(p.src[:from])))
}
