package mail

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

const (
	// longestSubject in runes. Readers show some 60; no header line may have
	// more than 998 bytes (RFC 5322, 2.1.1).
	longestSubject = 200
	// largestChart in bytes: a larger one is left out.
	largestChart = 1 << 20
	// chartName is the Content-ID under which the HTML shows the chart.
	chartName = "chart.png"
)

//go:embed layout.html
var layoutText string

var layout = template.Must(template.New("layout.html").Funcs(template.FuncMap{
	"lines": func(s string) []string { return strings.Split(s, "\n") },
	"short": func(s string) bool { return utf8.RuneCountInString(s) <= 24 }, // it may stand on one line
}).Parse(layoutText))

// page is what the layout shows.
type page struct {
	alert.Message
	Lang  string
	Link  string
	Color template.CSS
	Shown bool // there is a chart
}

// compose writes a whole mail.
func (s *Sink) compose(n alert.Notification) ([]byte, error) {
	said := n.Said()
	if c := said.Chart; c != nil && (len(c.PNG) == 0 || len(c.PNG) > largestChart) {
		said.Chart = nil
	}
	// Base64 is shorter for Japanese, and what its readers' programs expect.
	encoding := gomail.EncodingQP
	if n.Lang == "ja" {
		encoding = gomail.EncodingB64
	}
	m := gomail.NewMsg(gomail.WithEncoding(encoding), gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(s.from)
	m.ToMailAddress(s.to...)
	s.headers(m, n, said)
	m.SetBodyString(gomail.TypeTextPlain, crlf(said.Text(n.Link)))
	var html bytes.Buffer
	if err := layout.Execute(&html, page{said, lang(n), alert.WebLink(n.Link), color(n), said.Chart != nil}); err != nil {
		return nil, err
	}
	m.AddAlternativeString(gomail.TypeTextHTML, crlf(html.String()))
	if said.Chart != nil {
		if err := m.EmbedReader(chartName, bytes.NewReader(said.Chart.PNG), gomail.WithFileContentType("image/png")); err != nil {
			return nil, fmt.Errorf("chart: %w", err)
		}
	}
	var out bytes.Buffer
	_, err := m.WriteTo(&out)
	return out.Bytes(), err
}

// headers sets all but From and To.
func (s *Sink) headers(m *gomail.Msg, n alert.Notification, said alert.Message) {
	m.SetDateWithValue(s.cfg.Now())
	m.SetMessageIDWithValue(s.id(n.DedupKey))
	if root := s.id(threadOf(n) + "-1"); root != s.id(n.DedupKey) {
		m.SetGenHeader(gomail.HeaderInReplyTo, "<"+root+">")
		m.SetGenHeader(gomail.HeaderReferences, "<"+root+">")
	}
	set := func(name gomail.Header, value string) {
		// Runs of spaces would be folded into lines of nothing.
		value = strings.Join(strings.Fields(alert.Clean(value)), " ")
		if value = alert.Cut(value, longestSubject); value != "" {
			m.SetGenHeader(name, word(value))
		}
	}
	set(gomail.HeaderSubject, cmp.Or(strings.TrimSpace(said.Title), "Kizashi alert "+n.Alert.ID)) // filters distrust what has none
	// No robot answers, no out-of-office notice comes back (RFC 3834, 5).
	set("Auto-Submitted", "auto-generated")
	set(gomail.HeaderXAutoResponseSuppress, "All")
	if n.Severity == alert.Critical && state(n) == kizashi.Firing {
		m.SetImportance(gomail.ImportanceHigh)
	}
	// For the filters of those who get many.
	set("X-Kizashi-State", string(state(n)))
	set("X-Kizashi-Severity", n.Severity.String())
	set("X-Kizashi-Tenant", n.Alert.Tenant)
	set("X-Kizashi-Thread", threadOf(n))
	set("X-Kizashi-Dedup-Key", n.DedupKey)
}

// id is the Message-ID of a dedup key, the same on every retry. A thread's
// first message has the key THREAD-1; the others answer it.
func (s *Sink) id(key string) string { return hash(s.name, key) + "@" + s.domain }

func threadOf(n alert.Notification) string {
	if n.Thread != nil {
		return n.Thread.ID
	}
	return n.Alert.ID
}

func state(n alert.Notification) kizashi.AlertState {
	if n.Thread != nil {
		return n.Thread.State
	}
	return n.Alert.State
}

func lang(n alert.Notification) string {
	if n.Lang == "ja" {
		return "ja"
	}
	return "en"
}

// color of the bar at the head.
func color(n alert.Notification) template.CSS {
	switch {
	case state(n) == kizashi.Resolved:
		return "#2e7d4f"
	case n.Severity == alert.Critical:
		return "#b3261e"
	case n.Severity == alert.Warning:
		return "#b26a00"
	}
	return "#1b3a57"
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// word makes text fit for a header: as it stands where it is plain ASCII,
// else in encoded words of at most 75 characters that do not divide a
// character (RFC 2047). What looks like an encoded word is encoded once more,
// so that it is shown as it was written.
func word(s string) string {
	plain := isASCII(s) && !strings.Contains(s, "=?")
	if plain {
		return s
	}
	const most = 36 // bytes: words of 60 characters, so that the first one has room behind Subject
	var words []string
	for len(s) > 0 {
		n := min(most, len(s))
		for n < len(s) && !utf8.RuneStart(s[n]) {
			n--
		}
		words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(words, " ")
}
