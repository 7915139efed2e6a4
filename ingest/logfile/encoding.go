package logfile

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	textenc "golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// encoding of a file.
type encoding uint8

const (
	utf8Enc encoding = iota
	utf16le
	utf16be
	shiftJIS
	eucJP
	unknown // ASCII so far
)

var encodingNames = [...]string{"utf-8", "utf-16le", "utf-16be", "shift_jis", "euc-jp", "utf-8"}

// String is as reports name it.
func (e encoding) String() string { return encodingNames[e] }

// wide says whether line feeds take two bytes.
func (e encoding) wide() bool { return e == utf16le || e == utf16be }

func (e encoding) decoder() *textenc.Decoder {
	switch e {
	case utf16le:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
	case utf16be:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder()
	case eucJP:
		return japanese.EUCJP.NewDecoder()
	}
	return japanese.ShiftJIS.NewDecoder()
}

// encodingOf takes what is stated, or looks at the head of a file. A head of
// ASCII alone leaves it open.
func encodingOf(head []byte, stated string) (encoding, error) {
	switch s := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(stated)); s {
	case "":
	case "utf8", "ascii":
		return utf8Enc, nil
	case "utf16le":
		return utf16le, nil
	case "utf16be":
		return utf16be, nil
	case "shiftjis", "sjis", "cp932", "windows31j", "ms932":
		return shiftJIS, nil
	case "eucjp", "ujis":
		return eucJP, nil
	default:
		return 0, fmt.Errorf("encoding %q: unknown (want utf-8, utf-16le, utf-16be, shift_jis or euc-jp)", stated)
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return utf16le, nil
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return utf16be, nil
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return utf8Enc, nil
	}
	return guess(head), nil
}

// CheckEncoding says whether an encoding is known.
func CheckEncoding(name string) error {
	_, err := encodingOf(nil, name)
	return err
}

// guess tells UTF-8 from the Japanese encodings by what is broken as each of
// them, and between those two by kana: text without any is rare. A file with
// broken bytes as all of them is UTF-8 with broken bytes.
func guess(b []byte) encoding {
	if i := bytes.LastIndexByte(b, '\n'); i > 0 {
		b = b[:i]
	}
	if ascii(b) {
		return unknown
	}
	good, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		if _, n := utf8.DecodeRune(b[i:]); n > 1 {
			good++
			i += n
			continue
		}
		bad++
		i++
	}
	if bad == 0 || good > 4*bad {
		return utf8Enc
	}
	sjis, euc := score(b, shiftJIS), score(b, eucJP)
	switch {
	case sjis <= 0 && euc <= 0:
		return utf8Enc
	case euc >= sjis:
		return eucJP
	}
	return shiftJIS
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// score says how much like Japanese text b is in an encoding.
func score(b []byte, e encoding) int {
	t, err := e.decoder().Bytes(b)
	if err != nil {
		return 0
	}
	n := 0
	for _, r := range string(t) {
		switch {
		case r == utf8.RuneError:
			n -= 20
		case r >= 0x3041 && r <= 0x30FF: // kana
			n += 4
		case r >= 0x4E00 && r <= 0x9FFF:
			n++
		case r >= 0xFF61 && r <= 0xFF9F: // half-width kana: what EUC-JP looks like as Shift_JIS
			n--
		}
	}
	return n
}
