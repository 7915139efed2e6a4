package mask

import "bytes"

// schemes are what an Authorization header begins with; those marked have more
// words after it.
var schemes = []struct {
	word string
	more bool
}{{"bearer", false}, {"basic", false}, {"token", false}, {"apikey", false}, {"negotiate", false}, {"ntlm", false}, {"digest", true}, {"aws4-hmac-sha256", true}, {"hmac", true}, {"oauth", true}}

// authorization finds what an Authorization header at i carries: the scheme
// stays.
func (s *scan) authorization(i int) (span, bool) {
	from, to, quoted := s.extent(i)
	t := s.text
	for _, sc := range schemes {
		k := from + len(sc.word)
		if !foldPrefix(t[from:], sc.word) || k >= len(t) || t[k] != ' ' && t[k] != '+' && t[k] != '%' {
			continue
		}
		if t[k] == '%' {
			k += min(2, len(t)-k-1)
		}
		k++
		switch {
		case quoted:
		case sc.more:
			to = k + run(t[k:], func(c byte) bool { return c != '\n' && c != '\r' })
		default:
			to = s.bareEnd(k)
		}
		if k >= to || masked(t[k:to]) || to-k < 4 {
			return span{}, false
		}
		return span{token, k, to}, true
	}
	v := t[from:to]
	if masked(v) || len(v) < 8 || bytes.IndexAny(v, "0123456789") < 0 && len(v) < 20 {
		return span{}, false
	}
	return span{token, from, to}, true
}

// cookie finds the cookies of a header at i, to the end of the row or quote.
func (s *scan) cookie(i int) (span, bool) {
	from, to, quoted := s.extent(i)
	if !quoted {
		to = i + run(s.text[i:], func(c byte) bool { return c != '\n' && c != '\r' && c != '"' })
	}
	v := s.text[from:to]
	if k := bytes.IndexByte(v, '='); k < 1 || k > 64 || len(v) < 6 || bytes.IndexByte(v[:k], ' ') >= 0 {
		return span{}, false
	}
	return span{token, from, to}, true
}

// flag finds the value of --password x, of which i is the first dash.
func (s *scan) flag(i int) (span, bool) {
	t := s.text
	if i+4 >= len(t) || t[i+1] != '-' || s.before(i) == '-' || isWord(s.before(i)) {
		return span{}, false
	}
	k := i + 2
	k += run(t[k:min(len(t), k+maxKey)], func(c byte) bool { return isWord(c) || c == '-' })
	if k >= len(t) || t[k] != ' ' || !isLetter(t[k-1]) {
		return span{}, false
	}
	kind, _ := s.keyBefore(k)
	if kind == noKey || kind == authorization || kind == cookie {
		return span{}, false
	}
	k += run(t[k:], func(c byte) bool { return c == ' ' })
	if k < len(t) && t[k] == '-' {
		return span{}, false
	}
	return s.secret(k, kind, true)
}

// element finds the text of <password>x</password>, of which i is the first >.
func (s *scan) element(i int) (span, bool) {
	if !isLetter(s.before(i)) {
		return span{}, false
	}
	kind, from := s.keyBefore(i)
	if kind == noKey || kind == authorization || kind == cookie || s.before(from) != '<' && s.before(from) != ':' {
		return span{}, false
	}
	i++
	to := i + run(s.text[i:min(len(s.text), i+4096)], func(c byte) bool { return c != '<' })
	if to+1 >= len(s.text) || s.text[to] != '<' || s.text[to+1] != '/' {
		return span{}, false
	}
	v := s.text[i:to]
	if kind > kinds { // pass, pwd
		kind = password
	}
	if len(v) == 0 || !secretive(v, kind, false) {
		return span{}, false
	}
	if kind == awsSecret && len(v) != secretLength {
		kind = token
	}
	return span{kind, i, to}, true
}
