package logfile

import (
	"bytes"
	"strings"
)

// date takes a day in; false = there is none such. year 0 = not known.
func (s *stamp) date(year, month, day int) bool {
	if month < 1 || month > 12 || day < 1 || day > 31 {
		return false
	}
	s.year, s.month, s.day, s.ms, s.offset, s.zoned = year, month, day, 0, 0, false
	return true
}

func (s *stamp) hms(h, m, sec int) bool {
	if h > 23 || m > 59 || sec > 60 {
		return false
	}
	s.ms = int64(h*3600+m*60+sec) * 1000
	return true
}

// timeAfter reads the time of day after a date and what parts the two.
func (s *stamp) timeAfter(b []byte) bool {
	k := 0
	for k < len(b) && k < 3 && (b[k] == ' ' || b[k] == 'T' || b[k] == 't' || b[k] == ':' || b[k] == ',' || b[k] == '-' || b[k] == '_') {
		k++
	}
	return k > 0 && s.clockTime(b[k:])
}

// clockTime reads 15:04:05.678 and the zone after it.
func (s *stamp) clockTime(b []byte) bool {
	h, n := number(b, 2)
	if n == 0 || len(b) < n+3 || b[n] != ':' && b[n] != '.' {
		return false
	}
	sep := b[n]
	m, k := number(b[n+1:], 2)
	if k != 2 {
		return false
	}
	n += 3
	if n >= len(b) || b[n] != sep {
		if sep != ':' || !s.hms(h, m, 0) {
			return false
		}
		s.zone(b[n:])
		return true
	}
	sec, k := number(b[n+1:], 2)
	if k != 2 || !s.hms(h, m, sec) {
		return false
	}
	b = b[n+3:]
	s.zone(b[s.fraction(b):])
	return true
}

// fraction reads .678, ,678 or :678 and returns its length.
func (s *stamp) fraction(b []byte) int {
	if len(b) < 2 || b[0] != '.' && b[0] != ',' && b[0] != ':' || b[1]-'0' > 9 {
		return 0
	}
	scale, n := int64(100), 1
	for ; n < len(b) && b[n]-'0' <= 9; n++ {
		s.ms += int64(b[n]-'0') * scale
		scale /= 10
	}
	return n
}

// zone reads what follows a time of day, if it is a zone. Others than UTC and
// Japan's (PST, CET) are read as if they were not there: the same letters stand for
// several.
func (s *stamp) zone(b []byte) {
	if len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	if len(b) == 0 {
		return
	}
	if c := b[0]; c == '+' || c == '-' {
		h, n := number(b[1:], 2)
		rest := b[1+n:]
		if n != 2 || h > 14 {
			return
		}
		rest = bytes.TrimPrefix(rest, []byte(":"))
		m, k := number(rest, 2)
		if k != 0 && k != 2 || len(rest) > k && rest[k]-'0' <= 9 || k == 0 && len(rest) > 0 && rest[0] != ' ' && rest[0] != ']' {
			return
		}
		s.zoned, s.offset = true, int64(h*60+m)*60_000
		if c == '-' {
			s.offset = -s.offset
		}
		return
	}
	var offset int64
	n := 0
	switch b[0] {
	case 'Z':
		n = 1
	case 'U', 'G', 'J':
		switch string(b[:min(len(b), 3)]) {
		case "JST":
			n, offset = 3, 9*3_600_000
		case "UTC", "GMT":
			n = 3
		}
	}
	if n > 0 && (n == len(b) || (b[n]|0x20)-'a' > 25) {
		s.zoned, s.offset = true, offset
	}
}

const (
	months   = "JanFebMarAprMayJunJulAugSepOctNovDec"
	weekdays = "SunMonTueWedThuFriSat"
)

// month reads the English name of a month, of three letters; 0 = none.
func month(b []byte) int {
	if len(b) < 3 {
		return 0
	}
	if k := strings.Index(months, string(b[:3])); k >= 0 && k%3 == 0 {
		return k/3 + 1
	}
	return 0
}

func weekday(b []byte) bool {
	k := strings.Index(weekdays, string(b[:3]))
	return k >= 0 && k%3 == 0
}

// stampKeys are the keys of JSON under which the time of an event stands.
var stampKeys = map[string]bool{"timestamp": true, "@timestamp": true, "time": true, "ts": true, "datetime": true, "date": true, "eventtime": true, "event_time": true, "asctime": true, "t": true, "timemillis": true, "日時": true, "時刻": true}

// jsonWithin is how far into a JSON event its time is looked for.
const jsonWithin = 4096

// json finds the time among the first keys of a JSON object, at its first level.
func (c *clock) json(text []byte, s *stamp) bool {
	b := text[:min(len(text), jsonWithin)]
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			from := i + 1
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if depth != 1 || i >= len(b) {
				continue
			}
			v := bytes.TrimLeft(b[i+1:], " \t")
			if len(v) == 0 || v[0] != ':' || i-from > 16 {
				continue
			}
			var key [16]byte
			for k, c := range b[from:i] {
				if key[k] = c; c-'A' <= 25 {
					key[k] |= 0x20
				}
			}
			if !stampKeys[string(key[:i-from])] {
				continue
			}
			v = bytes.TrimLeft(v[1:], " \t\"")
			if len(v) > within {
				v = v[:within]
			}
			if len(v) > 0 && (v[0]-'0' <= 9 && digitsAt(v, s) || monthFirst(v, s)) {
				return true
			}
		}
	}
	return false
}
