package logfile

import "bytes"

// within is how far into an event its time is looked for.
const within = 128

// look finds the first time in the beginning of an event.
func (c *clock) look(text []byte, s *stamp) bool {
	b := text
	if len(b) > within {
		b = b[:within]
	}
	if len(b) > 0 && b[0] == '{' {
		if c.json(text, s) {
			return true
		}
	}
	for i := 0; i < len(b); i++ {
		ch := b[i]
		if ch-'0' <= 9 {
			if i == 0 || begins(b[i-1]) {
				if digitsAt(b[i:], s) {
					return true
				}
			}
			for i+1 < len(b) && b[i+1]-'0' <= 9 {
				i++
			}
			continue
		}
		if ch >= 'A' && ch <= 'Z' && (i == 0 || begins(b[i-1])) {
			if monthFirst(b[i:], s) {
				return true
			}
		}
		if ch == 0xE4 && bytes.HasPrefix(b[i:], []byte("令和")) && era(b[i+6:], s) {
			return true
		}
	}
	return false
}

// begins says whether a time may begin after a byte.
func begins(c byte) bool {
	switch c {
	case ' ', '\t', '[', '(', '<', '>', '"', '\'', '=', '|', ',', ';', '{':
		return true
	}
	return c >= 0x80
}

// number reads up to most digits.
func number(b []byte, most int) (v, n int) {
	for n < len(b) && n < most && b[n]-'0' <= 9 {
		v = v*10 + int(b[n]-'0')
		n++
	}
	return v, n
}

// digitsAt reads a time that begins with a digit.
func digitsAt(b []byte, s *stamp) bool {
	v, n := number(b, 20)
	next := byte(0)
	if n < len(b) {
		next = b[n]
	}
	switch {
	case n == 4 && (next == '-' || next == '/' || next == '.'):
		return yearFirst(b, v, next, s)
	case n == 4 && bytes.HasPrefix(b[n:], []byte("年")):
		return kanji(b[n+3:], v, s)
	case n == 2 && next == '/':
		return slashed(b, v, s)
	case n == 2 && (next == '-' || next == '.'):
		return monthDay(b, v, next, s)
	case n == 8 && (next == 'T' || next == '-' || next == ' '), n == 6 && next == ' ':
		return compact(b, n, s)
	case n == 10 || n == 13 || n == 16 || n == 19:
		return epoch(b, n, next, s)
	case n <= 2 && n > 0 && next == ' ':
		return dayMonth(b[n+1:], v, s)
	}
	return false
}

// yearFirst reads 2026-01-02T03:04:05.678+09:00 and what is like it.
func yearFirst(b []byte, year int, sep byte, s *stamp) bool {
	m, n := number(b[5:], 2)
	i := 5 + n
	if n == 0 || i >= len(b) || b[i] != sep {
		return false
	}
	d, n := number(b[i+1:], 2)
	i += 1 + n
	if n == 0 || !s.date(year, m, d) {
		return false
	}
	return s.timeAfter(b[i:])
}

// kanji reads 2026年1月2日 3時4分5秒, and 3:04:05 after the day.
func kanji(b []byte, year int, s *stamp) bool {
	m, n := number(b, 2)
	if n == 0 || !bytes.HasPrefix(b[n:], []byte("月")) {
		return false
	}
	b = b[n+3:]
	d, n := number(b, 2)
	if n == 0 || !bytes.HasPrefix(b[n:], []byte("日")) || !s.date(year, m, d) {
		return false
	}
	b = b[n+3:]
	if len(b) > 4 && b[0] == '(' || bytes.HasPrefix(b, []byte("（")) { // the day of the week
		if k := bytes.IndexByte(b, ' '); k > 0 && k < 12 {
			b = b[k:]
		}
	}
	b = bytes.TrimLeft(b, " ")
	h, n := number(b, 2)
	if n == 0 || !bytes.HasPrefix(b[n:], []byte("時")) {
		return s.clockTime(b)
	}
	b = b[n+3:]
	min, n := number(b, 2)
	if n == 0 || !bytes.HasPrefix(b[n:], []byte("分")) {
		return false
	}
	b = b[n+3:]
	sec, n := number(b, 2)
	if n > 0 && !bytes.HasPrefix(b[n:], []byte("秒")) {
		return false
	}
	return s.hms(h, min, sec)
}

// era reads the year of 令和 (1 = 2019).
func era(b []byte, s *stamp) bool {
	y, n := number(b, 2)
	if bytes.HasPrefix(b, []byte("元")) {
		y, n = 1, 3
	}
	if n == 0 || !bytes.HasPrefix(b[n:], []byte("年")) {
		return false
	}
	return kanji(b[n+3:], 2018+y, s)
}

// slashed reads 17/06/09 20:10:40 (year first) and 10/Oct/2000:13:55:36 -0700.
func slashed(b []byte, v int, s *stamp) bool {
	if m := month(b[3:]); m > 0 && len(b) > 12 && b[6] == '/' {
		y, n := number(b[7:], 4)
		if n != 4 || !s.date(y, m, v) || b[11] != ':' {
			return false
		}
		return s.clockTime(b[12:])
	}
	m, n := number(b[3:], 2)
	if n != 2 || len(b) < 12 || b[5] != '/' {
		return false
	}
	d, n := number(b[6:], 4)
	switch {
	case n == 2 && s.date(2000+v, m, d):
		return s.timeAfter(b[8:])
	case n == 4: // 01/02/2026: of months above 12 one knows which is the day
		if v > 12 {
			v, m = m, v
		}
		return s.date(d, v, m) && s.timeAfter(b[10:])
	}
	return false
}

// monthDay reads 03-17 16:13:38.811 and 10.30 16:49:06: the year is not there;
// and 02.01.2026 03:04:05.
func monthDay(b []byte, m int, sep byte, s *stamp) bool {
	d, n := number(b[3:], 2)
	if n != 2 || len(b) < 11 {
		return false
	}
	if b[5] == sep {
		y, n := number(b[6:], 4)
		return n == 4 && s.date(y, d, m) && s.timeAfter(b[10:])
	}
	if b[5] != ' ' && b[5] != 'T' || !s.date(0, m, d) {
		return false
	}
	return s.timeAfter(b[5:])
}

// compact reads 20260102T030405, 20171223-22:15:29:606 and 081109 203615.
func compact(b []byte, n int, s *stamp) bool {
	at := n - 4
	y, _ := number(b[:at], at)
	if at == 2 {
		y += 2000
	}
	m, _ := number(b[at:], 2)
	d, _ := number(b[at+2:], 2)
	if !s.date(y, m, d) {
		return false
	}
	b = b[n+1:]
	v, k := number(b, 6)
	if k == 6 {
		if len(b) > 6 && b[6]-'0' <= 9 || !s.hms(v/10000, v/100%100, v%100) {
			return false
		}
		s.fraction(b[6:])
		return true
	}
	return n == 8 && s.clockTime(b)
}

// epoch reads seconds, milliseconds, microseconds or nanoseconds from 2000 to
// 2040.
func epoch(b []byte, n int, next byte, s *stamp) bool {
	if next >= 'A' && next <= 'z' || next == '-' || next == ':' || next == '/' {
		return false
	}
	v, _ := number(b, 13)
	ms := int64(v)
	if n == 10 {
		if next == '.' && len(b) > 11 && b[11]-'0' <= 9 {
			if k := 11; k+3 < len(b) && b[k+1] == '.' { // 10.11.10.1
				return false
			}
		}
		ms *= 1000
	}
	if ms < 946_684_800_000 || ms >= 2_208_988_800_000 {
		return false
	}
	s.day, s.epoch, s.zoned = 0, ms, true
	if n == 10 {
		s.ms = 0
		s.fraction(b[10:])
		s.epoch += s.ms
	}
	return true
}

// monthFirst reads Jun 14 15:16:01, Sun Dec 04 04:47:44 2005, Nov 30 2026 15:16:01.
func monthFirst(b []byte, s *stamp) bool {
	m := month(b)
	if m == 0 {
		if len(b) < 8 || !weekday(b) {
			return false
		}
		k := 3
		for k < len(b) && (b[k] == ' ' || b[k] == ',') {
			k++
		}
		if b = b[k:]; len(b) > 0 && b[0]-'0' <= 9 { // Sun, 04 Dec 2005 04:47:44
			d, n := number(b, 2)
			return n > 0 && n < len(b) && dayMonth(b[n+1:], d, s)
		}
		if m = month(b); m == 0 {
			return false
		}
	}
	k := 3
	for k < len(b) && b[k] == ' ' {
		k++
	}
	d, n := number(b[k:], 2)
	k += n
	if n == 0 || k >= len(b) || b[k] != ' ' && b[k] != ',' || k == 3 {
		return false
	}
	k++
	if k < len(b) && b[k] == ' ' {
		k++
	}
	year, n := number(b[k:], 4)
	if n == 4 && k+5 < len(b) {
		return s.date(year, m, d) && s.clockTime(bytes.TrimLeft(b[k+4:], " ,"))
	}
	if !s.date(0, m, d) || !s.clockTime(b[k:]) {
		return false
	}
	// The year of ctime stands behind the time.
	rest := b[min(len(b), k+8):]
	if len(rest) > 4 && rest[0] == ' ' {
		if y, n := number(rest[1:], 5); n == 4 && y >= 1990 && y < 2100 && (len(rest) == 5 || rest[5]-'0' > 9 && rest[5] != ':' && rest[5] != '.') {
			s.year = y
		}
	}
	return true
}

// dayMonth reads what follows the day in 04 Dec 2005 04:47:44.
func dayMonth(b []byte, d int, s *stamp) bool {
	m := month(b)
	if m == 0 || len(b) < 13 || b[3] != ' ' {
		return false
	}
	y, n := number(b[4:], 4)
	return n == 4 && s.date(y, m, d) && s.timeAfter(b[8:])
}
