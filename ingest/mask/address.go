package mask

import "bytes"

// Limits of an address: RFC 5321, 4.5.3.1.
const (
	maxLocal  = 64
	maxDomain = 255
)

// email finds the address around the @ at i, which takes n bytes.
func (s *scan) email(i, n int) (span, bool) {
	from := s.local(i)
	if from == i {
		return span{}, false
	}
	to, ok := s.domain(i + n)
	if !ok {
		return span{}, false
	}
	return span{email, from, to}, true
}

// local returns where the local part that ends at i begins.
func (s *scan) local(i int) int {
	end, from := i, i
	if i > s.floor+1 && s.text[i-1] == '"' { // "john doe"@example.com
		if k := bytes.LastIndexByte(s.text[max(s.floor, i-maxLocal):i-1], '"'); k >= 0 {
			return max(s.floor, i-maxLocal) + k
		}
	}
	for i > s.floor && end-i < 3*maxLocal {
		c, n := foldBefore(s.text, i)
		if i-n < s.floor || !isAlnum(c) && c != '.' && c != '_' && c != '-' && c != '+' && c != '%' {
			break
		}
		i -= n
		if c != '.' && c != '-' {
			from = i // it does not begin with one of these
		}
	}
	return from
}

// domain returns where the domain at i ends. Its last part must be letters, and
// not the ending of a file or a unit: icon@2x.png, getty@tty1.service.
func (s *scan) domain(i int) (to int, ok bool) {
	start, label := i, i
	var last [12]byte // the label so far, in lower case
	n, dots, letters := 0, 0, true
	for i < len(s.text) && i-start < 3*maxDomain {
		c, w := fold(s.text, i)
		switch {
		case isAlnum(c) || c == '-':
			letters = letters && isLetter(c)
			if n < len(last) {
				last[n] = lower(c)
			}
			n++
		case c == '.' && i > label:
			if dots > 0 && letters && n >= 2 && !nextLabel(s.text, i+w) {
				return i, !notDomain[string(last[:min(n, len(last))])]
			}
			dots++
			n, letters, label = 0, true, i+w
		default:
			return s.domainEnd(i, label, dots, letters, last[:min(n, len(last))], n)
		}
		i += w
	}
	return s.domainEnd(i, label, dots, letters, last[:min(n, len(last))], n)
}

func (s *scan) domainEnd(i, label, dots int, letters bool, last []byte, n int) (int, bool) {
	if n == 0 && dots > 0 { // the dot of a sentence
		return 0, false
	}
	return i, dots > 0 && letters && n >= 2 && n <= 24 && !notDomain[string(last)]
}

// nextLabel says whether a name goes on at i.
func nextLabel(t []byte, i int) bool {
	if i >= len(t) {
		return false
	}
	c, _ := fold(t, i)
	return isAlnum(c)
}

var notDomain = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range []string{"png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "js", "ts", "css", "html", "htm", "json", "xml", "yaml", "yml", "txt", "log", "so", "dll", "exe", "jar", "class", "java", "kt", "go", "rb", "php",
		"service", "socket", "timer", "target", "mount", "automount", "slice", "device", "scope", "path", "swap"} {
		m[w] = true
	}
	return m
}()

// maxUser bounds what may stand before the @ of a URL.
const maxUser = 512

// url finds what stands between :// and the last @ of a URL's authority, of
// which i is the colon.
func (s *scan) url(i int) (span, bool) {
	from, to := i+3, 0
	t := s.text
	open := true // the authority is not over, or its password may hold a slash
	for k := from; k < len(t) && k-from < maxUser; k++ {
		switch c := t[k]; c {
		case '@':
			to = k
		case '/', '?', '#':
			if to > 0 || !openPassword(t[from:k]) {
				open = false
			}
		case '"', '\'', '<', '>', ',', ';':
			open = open && to == 0 && (c == ',' || c == ';') && openPassword(t[from:k])
		default:
			open = open && !isSpace(c)
		}
		if !open {
			break
		}
	}
	return span{userInfo, from, to}, to > from
}

// openPassword says whether what stands before the first slash of a URL is a
// user and the beginning of a password, and not a host with a port.
func openPassword(v []byte) bool {
	_, port, ok := bytes.Cut(v, []byte(":"))
	return ok && run(port, isDigit) != len(port)
}
