package metricfilter

import (
	"bytes"
	"regexp"
	"strings"
)

// textPattern is terms: all of must, none of not; of any one, where there is
// nothing else.
type textPattern struct{ must, not, any []term }

// term is a text or a regular expression.
type term struct {
	text []byte
	re   *regexp.Regexp
}

// String is the term as a pattern would have it.
func (t term) String() string {
	if t.re != nil {
		return "%" + t.re.String() + "%"
	}
	if strings.ContainsAny(string(t.text), " \"") {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(string(t.text)) + `"`
	}
	return string(t.text)
}

func (t *term) in(line []byte) bool {
	if t.re != nil {
		return t.re.Match(line)
	}
	return bytes.Contains(line, t.text)
}

func (t *textPattern) holds(line []byte) bool {
	for i := range t.not {
		if t.not[i].in(line) {
			return false
		}
	}
	for i := range t.must {
		if !t.must[i].in(line) {
			return false
		}
	}
	if len(t.must)+len(t.not) > 0 || len(t.any) == 0 {
		return true
	}
	for i := range t.any {
		if t.any[i].in(line) {
			return true
		}
	}
	return false
}

// text reads terms.
func (p *parser) text() (t textPattern, err error) {
	for {
		p.blank()
		if p.at == len(p.src) {
			return t, nil
		}
		to := &t.must
		switch p.peek() {
		case '?':
			p.at++
			to = &t.any
		case '-':
			p.at++
			to = &t.not
		}
		at := p.at
		x, err := p.term()
		if err != nil {
			return t, err
		}
		if x.re == nil && len(bytes.TrimSpace(x.text)) == 0 {
			if to != &t.must {
				return t, p.fail(at, "a term that is not blank after ? or -")
			}
			continue // " " matches every line
		}
		*to = append(*to, x)
	}
}

func (p *parser) term() (term, error) {
	switch p.peek() {
	case '"':
		s, err := p.quoted()
		if err == nil && p.at < len(p.src) && p.peek() != ' ' && p.peek() != '\t' && p.peek() != '\n' {
			err = p.fail(p.at, "a blank after the quote")
		}
		return term{text: []byte(s)}, err
	case '%':
		re, err := p.regexp()
		return term{re: re}, err
	}
	from := p.at
	for p.at < len(p.src) && !strings.ContainsRune(" \t\r\n", rune(p.src[p.at])) {
		if c := p.src[p.at]; strings.IndexByte(`"[]{}()`, c) >= 0 {
			return term{}, p.fail(p.at, `double quotes around a term with "[]{}()`)
		}
		p.at++
	}
	if from == p.at {
		return term{}, p.fail(p.at, "a term")
	}
	return term{text: []byte(p.src[from:p.at])}, nil
}
