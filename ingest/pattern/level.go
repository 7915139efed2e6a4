package pattern

import (
	"bytes"
	"math/bits"
)

// levelAmong is among how many first words of a message a level is looked for.
const levelAmong = 12

// wordLevel is the level that a message's own first words say: in capitals,
// before a colon, or in Japanese. Of several the worst.
func (l *lexer) wordLevel(first int) Level {
	worst := None
	if !l.high && l.levelBits>>first == 0 {
		return None
	}
	for i := first; i < min(l.nt, first+levelAmong); i++ {
		t := &l.toks[i]
		if t.kind != constant {
			continue
		}
		lv := t.class.level()
		switch {
		case l.buf[t.s] >= 0x80:
			if lv == None {
				lv = kanjiLevel(l.buf[t.s:t.e])
			}
		case lv == None:
			continue
		case t.elem&elemCaps == 0 && l.buf[t.e] != ':' && !(t.flags&tokValue != 0 && lv > Info) && !(i == first && isUpper(l.buf[t.s]) && lv >= Warn):
			continue
		}
		worst = max(worst, lv)
	}
	return worst
}

var kanjiLevels = []struct {
	word  []byte
	level Level
}{
	{[]byte("異常終了"), Fatal}, {[]byte("致命"), Fatal}, {[]byte("異常"), Error}, {[]byte("失敗"), Error}, {[]byte("障害"), Error}, {[]byte("エラー"), Error}, {[]byte("警告"), Warn},
}

// kanjiLevel looks for the level inside a compound: 接続失敗.
func kanjiLevel(b []byte) Level {
	for _, k := range kanjiLevels {
		if bytes.Contains(b, k.word) {
			return k.level
		}
	}
	return None
}

var statusKeys = func() map[uint64]bool {
	m := map[uint64]bool{}
	for w := range set("status Status STATUS status_code statusCode http_status code ステータス") {
		m[hashBytes([]byte(w))&^uint64(elemFlags|elemDigit)] = true
	}
	return m
}()

// status is the HTTP status of the line: a number of three digits behind the
// word status, or behind a request.
func (l *lexer) status(first int) int32 {
	for b := l.threeBits >> (first + 1) << (first + 1); b != 0; b &= b - 1 {
		i := bits.TrailingZeros64(b)
		if s := statusOf(l.buf[l.toks[i].s:]); s != 0 && l.statusAt(i) {
			return s
		}
	}
	return 0
}

// statuses returns how many places there are where a status may stand, and the
// last of them.
func (l *lexer) statuses(first int) (n, at int) {
	for b := l.threeBits >> (first + 1) << (first + 1); b != 0; b &= b - 1 {
		if i := bits.TrailingZeros64(b); l.statusAt(i) {
			n, at = n+1, int(l.toks[i].s)
		}
	}
	return n, at
}

// statusAt says whether what stands before a token makes it a status.
func (l *lexer) statusAt(i int) bool {
	o := &l.toks[i-1]
	b := l.buf[o.s:o.e]
	return o.kind == constant && statusKeys[uint64(o.elem&^(elemFlags|elemDigit))] || len(b) >= 6 && string(b[:5]) == "HTTP/" && l.buf[o.e] == '"'
}

// statusOf is what three digits say, 0 where they are none from 100 to 599.
func statusOf(b []byte) int32 {
	if b[0]-'1' > 4 {
		return 0
	}
	return int32(b[0]-'0')*100 + int32(b[1]-'0')*10 + int32(b[2]-'0')
}
