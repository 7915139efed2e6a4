package mask

import "bytes"

// maxKey bounds the name of a key that is looked at.
const maxKey = 48

// name is the end of a key's name, in lower case and without _ - and dots.
type name struct {
	buf  [maxKey]byte
	n    int // letters, from the end of buf
	from int // where it begins in the text
}

func (n *name) end(word string) bool {
	return n.n >= len(word) && string(n.buf[maxKey-len(word):]) == word
}

// nameBefore reads the name that ends at i, backwards.
func (s *scan) nameBefore(i int, n *name) {
	n.n = 0
	for i > s.floor && n.n < maxKey {
		c := lower(s.text[i-1])
		switch {
		case isLower(c) || isDigit(c):
			n.n++
			n.buf[maxKey-n.n] = c
		case c != '_' && c != '-' && c != '.':
			n.from = i
			return
		}
		i--
	}
	n.from = i
}

// secretKeys are the ends of names whose values are secret, longest first of
// those that end alike.
var secretKeys = []struct {
	end  string
	kind int
}{
	{"password", password}, {"passwd", password}, {"pwd", password}, {"passphrase", password}, {"passcode", password}, {"pass", password},
	{"secretaccesskey", awsSecret}, {"awssecretkey", awsSecret}, {"awssecret", awsSecret}, {"secretkey", awsSecret},
	{"token", token}, {"secret", token}, {"apikey", token}, {"accesskey", token}, {"privatekey", token}, {"accountkey", token},
	{"encryptionkey", token}, {"masterkey", token}, {"sharedkey", token}, {"signature", token}, {"credential", token}, {"credentials", token},
	{"sessid", token}, {"jsessionid", token}, {"bearer", token}, {"authorization", authorization}, {"cookie", cookie},
}

// Forms of value with a grammar of their own, and names that may mean something
// else.
const (
	authorization = kinds + 1 + iota
	cookie
	pass  // tests pass too
	pwd   // which is a directory too
	noKey = -1
)

// endings holds the last three letters of secretKeys: nearly all names are told
// by them alone.
var endings = func() (t [1 << 15]bool) {
	for _, k := range secretKeys {
		n := len(k.end)
		t[ending(k.end[n-3], k.end[n-2], k.end[n-1])] = true
	}
	return t
}()

func ending(a, b, c byte) int { return int(a&31)<<10 | int(b&31)<<5 | int(c&31) }

// kindOf says what the value of a key is; noKey = nothing secret.
func (n *name) kindOf() int {
	for i := range secretKeys {
		k := &secretKeys[i]
		if !n.end(k.end) {
			continue
		}
		if k.end == "pass" && !passWords[string(n.buf[maxKey-n.n:])] {
			return noKey
		}
		if n.n == len(k.end) && k.end == "pass" {
			return pass
		}
		if n.n == len(k.end) && k.end == "pwd" {
			return pwd
		}
		return k.kind
	}
	return noKey
}

// passWords are names that end in pass and hold a password; bypass and compass
// do not.
var passWords = map[string]bool{}

func init() {
	for _, before := range []string{"", "db", "user", "admin", "login", "root", "my", "smtp", "ftp", "mysql", "redis", "pg", "auth", "http", "proxy"} {
		passWords[before+"pass"] = true
	}
}

// Japanese names of secrets.
var wideKeys = []struct {
	word []byte
	kind int
}{
	{[]byte("パスワード"), password}, {[]byte("暗証番号"), password}, {[]byte("パスフレーズ"), password},
	{[]byte("トークン"), token}, {[]byte("シークレット"), token}, {[]byte("秘密鍵"), token}, {[]byte("APIキー"), token}, {[]byte("アクセスキー"), token},
}

// keyBefore says what the value after i is, by the name that stands before i,
// which may be quoted.
func (s *scan) keyBefore(i int) (kind, from int) {
	for i > s.floor && (s.text[i-1] == '"' || s.text[i-1] == '\'' || s.text[i-1] == '\\' || s.text[i-1] == ' ' || s.text[i-1] == ']') {
		i--
	}
	if i <= s.floor {
		return noKey, i
	}
	if s.text[i-1] >= 0x80 {
		for _, k := range wideKeys {
			if bytes.HasSuffix(s.text[s.floor:i], k.word) {
				return k.kind, i - len(k.word)
			}
		}
		return noKey, i
	}
	if i < s.floor+3 || !endings[ending(s.text[i-3], s.text[i-2], s.text[i-1])] {
		return noKey, i
	}
	var n name
	s.nameBefore(i, &n)
	return n.kindOf(), n.from
}

// value finds the secret value that stands after the separator at i, which
// takes n bytes: password=x, "token": "x", Authorization: Bearer x.
func (s *scan) value(i, n int) (span, bool) {
	kind, _ := s.keyBefore(i)
	if kind == noKey {
		return span{}, false
	}
	prose := s.text[i] == ':'
	i += n
	if i < len(s.text) && s.text[i] == '>' { // =>
		i++
	}
	for i < len(s.text) && (s.text[i] == ' ' || s.text[i] == '\t') {
		i++
	}
	switch kind {
	case authorization:
		return s.authorization(i)
	case cookie:
		return s.cookie(i)
	}
	return s.secret(i, kind, prose)
}

// secret finds the value at i.
func (s *scan) secret(i, kind int, prose bool) (span, bool) {
	from, to, quoted := s.extent(i)
	v := s.text[from:to]
	switch kind {
	case pass:
		if prose || run(v, isDigit) == len(v) {
			return span{}, false
		}
		kind = password
	case pwd:
		if len(v) > 0 && (v[0] == '/' || v[0] == '~') {
			return span{}, false
		}
		kind = password
	}
	if len(v) == 0 || masked(v) || !secretive(v, kind, prose && !quoted) {
		return span{}, false
	}
	if kind == awsSecret && len(v) != secretLength {
		kind = token
	}
	return span{kind, from, to}, true
}

// secretive says whether a value is one, and not a word about it.
func secretive(v []byte, kind int, prose bool) bool {
	if len(v) < 20 {
		word := string(bytes.ToLower(v))
		if noSecret[word] || run(v, func(c byte) bool { return c == '*' || c == 'x' || c == 'X' }) == len(v) {
			return false
		}
	}
	if kind == password {
		return true
	}
	if len(v) < 6 {
		return false
	}
	return !prose || len(v) >= 12 || run(v, isLower) != len(v)
}

// noSecret are values that say something about a secret.
var noSecret = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range []string{"null", "nil", "none", "true", "false", "yes", "no", "undefined", "empty", "missing", "required", "invalid", "expired", "incorrect",
		"wrong", "unknown", "denied", "failed", "rejected", "not", "is", "was", "has", "must", "the", "for", "redacted", "[redacted]", "hidden", "masked", "filtered", "[filtered]",
		"authentication", "too", "unset", "set", "-", "?", "...", "%s", "%v", "%d", "{}", "[]"} {
		m[w] = true
	}
	return m
}()

// extent returns where the value at i begins and ends, and whether quotes are
// around it.
func (s *scan) extent(i int) (from, to int, quoted bool) {
	t := s.text
	slashes := run(t[i:], func(c byte) bool { return c == '\\' })
	if k := i + slashes; k < len(t) && (t[k] == '"' || t[k] == '\'' || t[k] == '`') {
		return k + 1, closing(t, k+1, t[k], slashes), true
	}
	return i, s.bareEnd(i), false
}

// closing returns where a quoted value ends: at the quote with as many
// backslashes before it as the opening one had, or else at the end of the row.
func closing(t []byte, i int, quote byte, slashes int) int {
	n := 0
	for ; i < len(t); i++ {
		switch t[i] {
		case '\\':
			n++
			continue
		case quote:
			if n == slashes || n < slashes {
				return i - n
			}
		case '\n':
			return i
		}
		n = 0
	}
	return i
}

// bareEnd returns where a value without quotes ends.
func (s *scan) bareEnd(i int) int {
	t := s.text
	for i < len(t) {
		switch c := t[i]; c {
		case ' ', '\t', '\n', '\r', '\f', '\v', '&':
			return i
		case '<':
			n := placeholder(t, i)
			if n == 0 {
				return i
			}
			i += n
			continue
		case ',', ';', ')', ']', '}', '"', '\'', '>', '|', '\\':
			if closes(t, i) {
				return i
			}
		case 0xE3:
			if _, n := fold(t, i); n == 3 || bytes.HasPrefix(t[i:], []byte("、")) || bytes.HasPrefix(t[i:], []byte("。")) || bytes.HasPrefix(t[i:], []byte("」")) {
				return i
			}
		}
		i++
	}
	return i
}

// closes says whether the punctuation at i ends a value: what follows is more
// punctuation, a blank, or the next key. Passwords may hold such bytes too.
func closes(t []byte, i int) bool {
	i += run(t[i:min(len(t), i+4)], func(c byte) bool {
		return c == ',' || c == ';' || c == ')' || c == ']' || c == '}' || c == '"' || c == '\'' || c == '>' || c == '|' || c == '\\'
	})
	if i >= len(t) || isSpace(t[i]) || t[i] == '<' {
		return true
	}
	n := run(t[i:min(len(t), i+maxKey)], func(c byte) bool { return isWord(c) || c == '-' || c == '.' || c == '"' })
	return n > 0 && i+n < len(t) && (t[i+n] == '=' || t[i+n] == ':') || i+n == len(t) && n > 0 && t[i-1] == '|'
}
