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

// cut takes over bytes off the longest texts, down to one length. JSON needs a
// byte or more for each byte of text, so one cut takes away enough if there is
// enough text. It says whether there was any.
func (b *Body) cut(over int) bool {
	var sizes []int
	for _, s := range b.texts() {
		sizes = append(sizes, len(*s))
	}
	for _, v := range b.Fields {
		sizes = append(sizes, len(v))
	}
	slices.SortFunc(sizes, func(a, b int) int { return b - a })
	if sizes[0] == 0 {
		return false
	}
	most := level(sizes, over)
	for _, s := range b.texts() {
		*s = Head(*s, most)
	}
	for name, v := range b.Fields {
		b.Fields[name] = Head(v, most)
	}
	return true
}

// level is the length to which the longest of sizes, the largest first, are cut
// so that over is taken away in all; 0 where that is not enough.
func level(sizes []int, over int) int {
	for i, size := range sizes {
		next := 0
		if i+1 < len(sizes) {
			next = sizes[i+1]
		}
		if n := i + 1; (size-next)*n >= over {
			return size - (over+n-1)/n
		}
		over -= (size - next) * (i + 1)
	}
	return 0
}

// texts are what may be cut, but for the fields: prose, and what labels hold.
func (b *Body) texts() []*string {
	m := &b.Message
	out := []*string{&b.Title, &b.Summary, &m.Title, &m.Lead, &m.More, &m.Foot}
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
