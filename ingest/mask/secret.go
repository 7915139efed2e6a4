package mask

import "bytes"

// accessKey finds AKIA and 16 more capital letters and digits, at i. A secret
// access key that stands within a few bytes after it is masked too: see
// secretBeside.
func (s *scan) accessKey(i int) (span, bool) {
	t := s.text[i:]
	if len(t) < 20 || t[3] != 'A' || isWord(s.before(i)) {
		return span{}, false
	}
	switch string(t[:4]) {
	case "AKIA", "ASIA", "ABIA":
	default:
		if string(t[:3]) != "ACC" {
			return span{}, false
		}
	}
	for _, c := range t[4:20] {
		if !isUpper(c) && !isDigit(c) {
			return span{}, false
		}
	}
	if len(t) > 20 && isWord(t[20]) {
		return span{}, false
	}
	s.key = i + 20
	return span{awsKey, i, i + 20}, true
}

// secretLength is how long an AWS secret access key is.
const secretLength = 40

// secretBeside finds 40 letters of base64 between from and to that stand alone:
// what follows an access key id within a few bytes.
func (s *scan) secretBeside(from, to int) (span, bool) {
	for i := from; i < min(to, len(s.text)); {
		n := run(s.text[i:], isBase64)
		if n == secretLength && mixed(s.text[i:i+n]) {
			return span{awsSecret, i, i + n}, true
		}
		i += n + 1
	}
	return span{}, false
}

func run(b []byte, in func(byte) bool) int {
	for i, c := range b {
		if !in(c) {
			return i
		}
	}
	return len(b)
}

func isBase64(c byte) bool { return isAlnum(c) || c == '+' || c == '/' || c == '=' }

// isToken is the alphabet of bearer tokens (RFC 6750), with ":" "%" as they are
// met too.
func isToken(c byte) bool {
	return isAlnum(c) || c == '-' || c == '.' || c == '_' || c == '~' || c == '+' || c == '/' || c == '=' || c == ':' || c == '%'
}

func isURLBase64(c byte) bool { return isAlnum(c) || c == '-' || c == '_' }

// mixed says whether b holds capital and small letters and digits.
func mixed(b []byte) bool {
	var u, l, d bool
	for _, c := range b {
		u, l, d = u || isUpper(c), l || isLower(c), d || isDigit(c)
	}
	return u && l && d
}

// jwt finds eyJ... with at least two parts, of which i is the J. It looks on
// from the beginning of a run of such letters only.
func (s *scan) jwt(i int) (span, bool) {
	from := i - 2
	if from < s.floor || s.text[from] != 'e' || s.text[from+1] != 'y' {
		return span{}, false
	}
	if isURLBase64(s.before(from)) && !s.escaped(from) {
		return span{}, false
	}
	to := from + run(s.text[from:], isURLBase64)
	parts := 1
	for parts < 5 && to < len(s.text) && s.text[to] == '.' {
		n := run(s.text[to+1:], isURLBase64)
		if n == 0 && parts == 1 {
			break
		}
		to += 1 + n
		parts++
	}
	if parts < 2 || to-from < 24 {
		return span{}, false
	}
	return span{jwt, from, to}, true
}

// escaped says whether i stands after an escaped byte of a URL, such as %20.
func (s *scan) escaped(i int) bool {
	return i-3 >= s.floor && s.text[i-3] == '%' && isHex(s.text[i-2]) && isHex(s.text[i-1])
}

func isHex(c byte) bool { return isDigit(c) || (c|0x20)-'a' <= 5 }

// bearer finds what follows the word Bearer. Prose ("bearer of bad news") is
// told by its short words without a digit.
func (s *scan) bearer(i int) (span, bool) {
	t := s.text[i:]
	if len(t) < 15 || !foldPrefix(t, "bearer") || isWord(s.before(i)) && !s.escaped(i) {
		return span{}, false
	}
	n := 6
	switch {
	case t[6] == ' ' || t[6] == '+':
		n += run(t[6:], func(c byte) bool { return c == ' ' || c == '+' })
	case bytes.HasPrefix(t[6:], []byte("%20")):
		n += 3
	default:
		return span{}, false
	}
	k := run(t[n:], isToken)
	v := t[n : n+k]
	if k < 8 || k < 20 && bytes.IndexAny(v, "0123456789") < 0 {
		return span{}, false
	}
	return span{token, i + n, i + n + k}, true
}

// foldPrefix says whether b begins with a word in lower case, in any case.
func foldPrefix(b []byte, word string) bool {
	if len(b) < len(word) {
		return false
	}
	for i := range len(word) {
		if lower(b[i]) != word[i] {
			return false
		}
	}
	return true
}

var (
	pemBegin = []byte("-----BEGIN ")
	pemEnd   = []byte("-----END ")
)

// pem finds a private key, of which i is the B of BEGIN: to its END, or where
// there is none to the end of what looks like one.
func (s *scan) pem(i int) (span, bool) {
	from := i - 5
	if from < s.floor || !bytes.HasPrefix(s.text[from:], pemBegin) {
		return span{}, false
	}
	head := s.text[i:min(i+64, len(s.text))]
	k := bytes.Index(head, []byte("PRIVATE KEY"))
	if k < 0 || bytes.Contains(head[:k], []byte("--")) {
		return span{}, false
	}
	body := i + k + len("PRIVATE KEY")
	if end := s.pemEnd(body); end > 0 {
		return span{privateKey, from, end}, true
	}
	return span{privateKey, from, s.pemBody(body)}, true
}

// pemEnd returns where the END line of a key is over, 0 = there is none.
func (s *scan) pemEnd(i int) int {
	if s.noEnd {
		return 0
	}
	k := bytes.Index(s.text[i:], pemEnd)
	if k < 0 {
		s.noEnd = true
		return 0
	}
	i += k + len(pemEnd)
	i += run(s.text[i:], func(c byte) bool { return isUpper(c) || c == ' ' })
	return i + run(s.text[i:], func(c byte) bool { return c == '-' })
}

// pemBody returns where rows of base64 end that no END line follows.
func (s *scan) pemBody(i int) int {
	i += run(s.text[i:], func(c byte) bool { return c == '-' || isUpper(c) || c == ' ' })
	first := true
	for {
		from := i + s.margin(i)
		n := run(s.text[from:], isBase64)
		last := n > 0 && !first && (from+n == len(s.text) || s.text[from+n-1] == '=')
		if n < 16 && !last {
			return i
		}
		i, first = from+n, false
	}
}

// margin is the length of what stands between two rows of a key: line feeds,
// also as JSON writes them, blanks, the headers of old keys.
func (s *scan) margin(i int) int {
	from := i
	for i < len(s.text) {
		switch c := s.text[i]; {
		case isSpace(c) || c == '|' || c == '>' || c == '"' || c == ',':
			i++
		case c == '\\':
			i += min(2, len(s.text)-i)
		case bytes.HasPrefix(s.text[i:], []byte("Proc-Type:")) || bytes.HasPrefix(s.text[i:], []byte("DEK-Info:")):
			i += run(s.text[i:], func(c byte) bool { return c != '\n' && c != '\\' })
		default:
			return i - from
		}
	}
	return i - from
}

// keyRow finds a row of a private key whose rows came as lines of their own:
// 64 or 76 letters of base64, mixed, and nothing else.
func (s *scan) keyRow(i int) (span, bool) {
	t := s.text
	for i < len(t) && isSpace(t[i]) && i < 16 {
		i++
	}
	if len(t)-i < 64 || len(t)-i > 64+32 || !isBase64(t[i]) {
		return span{}, false
	}
	n := run(t[i:], isBase64)
	if n != 64 && n != 70 && n != 76 || run(t[i+n:], isSpace) != len(t)-i-n || !mixed(t[i:i+n]) {
		return span{}, false
	}
	return span{privateKey, i, i + n}, true
}
