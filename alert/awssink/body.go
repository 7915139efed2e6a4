package awssink

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kizashi-ops/kizashi/alert"
)

// Body is a notification as JSON, and whether its texts were cut to fit.
type Body struct {
	alert.Notification
	Truncated bool `json:"truncated,omitempty"`
}

// JSON writes the body in at most limit bytes. What is too long is cut, the
// longest text first; it fails where there is no text left to cut.
func JSON(n alert.Notification, limit int) (string, error) {
	b := Body{Notification: n}
	b.Fields = maps.Clone(n.Fields)
	b.Message.Facts, b.Message.Lines, b.Message.Next = slices.Clone(n.Message.Facts), slices.Clone(n.Message.Lines), slices.Clone(n.Message.Next)
	for {
		body, err := b.marshal()
		if err != nil {
			return "", err
		}
		over := len(body) - limit
		switch {
		case over <= 0:
			return body, nil
		case !b.Truncated:
			b.Truncated = true // this makes it longer too
		case !b.cut(over):
			return "", fmt.Errorf("%d bytes without any text, want at most %d", len(body), limit)
		}
	}
}

// cut shortens the longest text by over bytes, or to nothing. JSON needs a
// byte or more for each byte of text, so one cut takes away enough if the
// text is long enough. It says whether there was any text.
func (b *Body) cut(over int) bool {
	longest, field := &b.Summary, ""
	for _, s := range b.texts() {
		if len(*s) > len(*longest) {
			longest = s
		}
	}
	size := len(*longest)
	for name, v := range b.Fields {
		if len(v) > size || len(v) == size && field != "" && name < field {
			field, size = name, len(v)
		}
	}
	if size == 0 {
		return false
	}
	if field != "" {
		b.Fields[field] = Head(b.Fields[field], size-over)
		return true
	}
	*longest = Head(*longest, size-over)
	return true
}

// texts are what may be cut, but for the fields.
func (b *Body) texts() []*string {
	m := &b.Message
	out := []*string{&b.Title, &m.Title, &m.Lead, &m.More, &m.Foot}
	for i := range m.Facts {
		out = append(out, &m.Facts[i].Text)
	}
	for i := range m.Lines {
		out = append(out, &m.Lines[i])
	}
	for i := range m.Next {
		out = append(out, &m.Next[i])
	}
	return out
}

func (b *Body) marshal() (string, error) {
	out, err := alert.JSON(b)
	return Printable(string(out)), err
}

// Head is the longest start of s of at most n bytes that ends between runes.
func Head(s string, n int) string {
	n = max(n, 0)
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:min(n, len(s))]
}

// Printable leaves out what XML 1.0, in which some of the services answer and
// deliver, does not allow.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\uFFFE' || r == '\uFFFF' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
