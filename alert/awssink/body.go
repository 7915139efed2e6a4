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
	dropped   bool
}

// fewMembers of a thread stay where not all fit.
const fewMembers = 100

// JSON writes the body in at most limit bytes. What is too long is cut: most of
// a thread's members, then the longest text again and again, then what labels
// and members are left. It fails where nothing is left to cut.
func JSON(n alert.Notification, limit int) (string, error) {
	b := Body{Notification: n}
	b.Fields, b.Alert.Labels = maps.Clone(n.Fields), slices.Clone(n.Alert.Labels)
	if n.Thread != nil {
		t := *n.Thread
		t.Key = slices.Clone(t.Key)
		b.Thread = &t
	}
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
			b.keep(fewMembers)
		case b.cut(over), b.drop():
		default:
			return "", fmt.Errorf("%d bytes without any text, want at most %d", len(body), limit)
		}
	}
}

// keep leaves the thread so many members.
func (b *Body) keep(n int) {
	if b.Thread == nil || len(b.Thread.Members) <= n {
		return
	}
	b.Thread.Members = b.Thread.Members[:n]
}

// drop leaves out what names things, once.
func (b *Body) drop() bool {
	if b.dropped {
		return false
	}
	b.dropped = true
	if b.Thread != nil {
		b.Thread.Members, b.Thread.Key = nil, nil
	}
	b.Alert.Labels, b.Alert.Facts, b.Fields, b.Message = nil, nil, nil, alert.Message{Title: b.Message.Title}
	return true
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

// texts are what may be cut, but for the fields: prose, and what labels hold.
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
	for i := range b.Alert.Labels {
		out = append(out, &b.Alert.Labels[i].Value)
	}
	if b.Thread != nil {
		for i := range b.Thread.Key {
			out = append(out, &b.Thread.Key[i].Value)
		}
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
