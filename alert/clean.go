package alert

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text from outside (names, notes, reasons, log lines) fit for a
// terminal and for one line: control characters, escape codes' among them,
// and characters that turn the direction of reading are dropped, line breaks
// and tabs become spaces, and bytes that are no UTF-8 become U+FFFD. What can
// be seen stays.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// CleanLines is Clean for each line of a text that may have several.
func CleanLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = Clean(lines[i])
	}
	return strings.Join(lines, "\n")
}

// Cut returns s if it has at most n runes, else its first n-1 and an ellipsis.
func Cut(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:max(n-1, 0)]) + "…"
}

// JSON is v as JSON on one line without a line break at its end. What a
// terminal would act on, were the line shown there, stands escaped: control
// characters, and those that turn the direction of reading.
func JSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	line := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if bytes.IndexFunc(line, acts) < 0 {
		return line, nil
	}
	out := make([]byte, 0, len(line)+16)
	for _, r := range string(line) {
		if acts(r) { // all are below U+10000, and stand only inside strings
			const hex = "0123456789abcdef"
			out = append(out, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
			continue
		}
		out = utf8.AppendRune(out, r)
	}
	return out, nil
}

func acts(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
