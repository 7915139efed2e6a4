package metricfilter

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// op is a comparison.
type op uint8

const (
	equal op = iota
	unequal
	more
	atLeast
	less
	atMost
	isNull
	isTrue
	isFalse
	notExists
)

// literal is the right side of a comparison: a text with * in it or without, a
// number, a regular expression.
type literal struct {
	text   []byte
	pieces [][]byte // of a text with *: what stands between them; else nil
	number float64
	isNum  bool
	re     *regexp.Regexp
}

// operator reads one.
func (p *parser) operator() (op, error) {
	at := p.at
	for _, o := range []struct {
		s string
		o op
	}{{">=", atLeast}, {"<=", atMost}, {"!=", unequal}, {"=", equal}, {">", more}, {"<", less}} {
		if p.take(o.s) {
			if p.peek() == '=' {
				return 0, p.fail(p.at, "a value after the operator: = != > >= < <= are all there are")
			}
			return o.o, nil
		}
	}
	return 0, p.fail(at, "an operator: = != > >= < <=")
}

// literalFor reads the right side of a comparison.
func (p *parser) literalFor(o op) (literal, error) {
	p.blank()
	at := p.at
	var l literal
	switch p.peek() {
	case '"':
		s, err := p.quoted()
		if err != nil {
			return l, err
		}
		l = textLiteral(s)
	case '%':
		re, err := p.regexp()
		if err != nil {
			return l, err
		}
		l.re = re
	default:
		s := p.bare()
		if s == "" {
			return l, p.fail(at, `a value: a number, a word, "a text" or %a regular expression%`)
		}
		l = textLiteral(s)
		if v, err := strconv.ParseFloat(s, 64); err == nil && isNumber(s) {
			l.number, l.isNum = v, true
		}
	}
	if o >= more && !l.isNum {
		return l, p.fail(at, "a number after > >= < <=")
	}
	return l, nil
}

// bare reads a word without quotes.
func (p *parser) bare() string {
	from := p.at
	for p.at < len(p.src) {
		c := p.src[p.at]
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '"' || c == ',' || c == ')' || c == '(' || c == ']' || c == '}' || c == '=' || c == '<' || c == '>' ||
			strings.HasPrefix(p.src[p.at:], "&&") || strings.HasPrefix(p.src[p.at:], "||") {
			break
		}
		p.at++
	}
	return p.src[from:p.at]
}

// isNumber says whether a word is a number as JSON writes it, or with a plus
// sign; strconv takes more (Inf, 0x1, 1_0).
func isNumber(s string) bool {
	s = strings.TrimLeft(s, "+-")
	return s != "" && (s[0]-'0' <= 9 || s[0] == '.') && strings.Trim(s, "0123456789.eE+-") == ""
}

func textLiteral(s string) literal {
	l := literal{text: []byte(s)}
	if strings.Contains(s, "*") {
		l.pieces = bytes.Split(l.text, []byte("*"))
	}
	return l
}

// regexp reads %...%.
func (p *parser) regexp() (*regexp.Regexp, error) {
	from := p.at
	p.at++
	for {
		k := strings.IndexAny(p.src[p.at:], `%\`)
		if k < 0 || p.src[p.at+k] == '\\' && p.at+k+1 >= len(p.src) {
			return nil, p.fail(len(p.src), fmt.Sprintf("a %% that closes the one at character %d", 1+utf8.RuneCountInString(p.src[:from])))
		}
		p.at += k + 1
		if p.src[p.at-1] == '%' {
			break
		}
		p.at++ // what is escaped
	}
	body := strings.ReplaceAll(p.src[from+1:p.at-1], `\%`, "%")
	if p.regexps++; p.regexps > MostRegexps {
		return nil, p.fail(from, fmt.Sprintf("at most %d regular expressions in a pattern", MostRegexps))
	}
	if body == "" {
		return nil, p.fail(from+1, "a regular expression between the %")
	}
	if strings.Contains(body, "(?") {
		return nil, p.fail(from+1+strings.Index(body, "(?"), "no (?...): CloudWatch knows no flags and nothing that looks around")
	}
	re, err := regexp.Compile(body)
	if err != nil {
		return nil, p.fail(from+1, "a regular expression: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}

// is says whether a text equals the literal.
func (l *literal) is(b []byte) bool {
	switch {
	case l.re != nil:
		return l.re.Match(b)
	case l.pieces == nil:
		return bytes.Equal(b, l.text)
	}
	return glob(l.pieces, b)
}

// glob says whether b is the pieces in their order, with anything between them.
func glob(pieces [][]byte, b []byte) bool {
	first, last := pieces[0], pieces[len(pieces)-1]
	if !bytes.HasPrefix(b, first) {
		return false
	}
	b = b[len(first):]
	for _, p := range pieces[1 : len(pieces)-1] {
		i := bytes.Index(b, p)
		if i < 0 {
			return false
		}
		b = b[i+len(p):]
	}
	return bytes.HasSuffix(b, last)
}

// compare says whether v stands to the literal's number as o says.
func (l *literal) compare(o op, v float64) bool {
	switch o {
	case equal:
		return v == l.number
	case unequal:
		return v != l.number
	case more:
		return v > l.number
	case atLeast:
		return v >= l.number
	case less:
		return v < l.number
	case atMost:
		return v <= l.number
	}
	return false
}

// number reads a number as JSON writes it; false = it is none, or beyond
// float64.
func number(b []byte) (float64, bool) {
	if len(b) == 0 || len(b) > 64 || b[0] != '-' && b[0]-'0' > 9 {
		return 0, false
	}
	if b[0] == '-' && len(b) > 1 && b[1]-'0' > 9 {
		return 0, false
	}
	for _, c := range b {
		if c-'0' > 9 && c != '.' && c != 'e' && c != 'E' && c != '+' && c != '-' {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(string(b), 64)
	return v, err == nil
}
