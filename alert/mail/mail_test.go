package mail

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/html"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func newSink(t *testing.T, c Config) *Sink {
	t.Helper()
	if c.From == "" {
		c.From = "Kizashi 監視 <kizashi@ops.example>"
	}
	if c.To == nil {
		c.To = []string{"当番 <oncall@shop.example>", "boss@shop.example"}
	}
	c.Now = func() time.Time { return noon }
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// told reads what a server has as who reads mail would.
func told(t *testing.T, mails []received) []sinktest.Told {
	var out []sinktest.Told
	for _, m := range mails {
		o := open(t, m.data)
		key := o.header.Get("X-Kizashi-Dedup-Key")
		id, _, _ := strings.Cut(key, "-")
		out = append(out, sinktest.Told{Key: o.header.Get("Message-Id"), Alert: id, State: o.header.Get("X-Kizashi-State"), Text: o.subject + "\n\n" + o.text + o.html, Raw: m.data})
	}
	return out
}

func place(t *testing.T, s *server, c Config) sinktest.Place {
	c.Server, c.Roots = s.addr, s.roots
	return sinktest.Place{
		Sink: newSink(t, c), Set: s.set,
		Received: func() []sinktest.Told {
			s.mu.Lock()
			defer s.mu.Unlock()
			return told(t, s.mails)
		},
		Moods: []sinktest.Mood{sinktest.Busy, sinktest.Refusing, sinktest.Silent, sinktest.Absent},
	}
}

func TestContract(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Place { return place(t, newServer(t, false), Config{}) })
}

func TestContractOfADirectory(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Place {
		dir := filepath.Join(t.TempDir(), "mails")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		order := map[string]int{}
		return sinktest.Place{
			Sink: newSink(t, Config{Dir: dir}),
			Set: func(m sinktest.Mood) {
				if m == sinktest.Busy {
					os.Remove(dir)
				} else {
					os.Mkdir(dir, 0o700)
				}
			},
			Received: func() []sinktest.Told {
				files, err := filepath.Glob(filepath.Join(dir, "*"))
				if err != nil {
					t.Fatal(err)
				}
				var mails []received
				for _, f := range files {
					if order[f] == 0 {
						order[f] = len(order) + 1
					}
				}
				slices.SortFunc(files, func(a, b string) int { return order[a] - order[b] })
				for _, f := range files {
					data, err := os.ReadFile(f)
					if err != nil {
						t.Fatal(err)
					}
					mails = append(mails, received{data: data})
				}
				return told(t, mails)
			},
			Moods: []sinktest.Mood{sinktest.Busy},
		}
	})
}

// usual are the headers that a mail has, each once.
var usual = []string{"Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To", "X-Auto-Response-Suppress",
	"X-Kizashi-Dedup-Key", "X-Kizashi-State", "X-Kizashi-Thread"}

// Whatever a stranger wrote: the headers are ours, the recipients those
// configured, and the HTML holds no element, attribute or link but the layout's.
func TestCanaries(t *testing.T) {
	srv := newServer(t, false)
	sinktest.RunCanaries(t, func(t *testing.T) sinktest.Place { return place(t, srv, Config{}) }, func(t *testing.T, told sinktest.Told) {
		srv.mu.Lock()
		last := srv.mails[len(srv.mails)-1]
		srv.mu.Unlock()
		if last.from != "kizashi@ops.example" || !slices.Equal(last.to, []string{"oncall@shop.example", "boss@shop.example"}) {
			t.Errorf("from %s to %s", last.from, last.to)
		}
		oursAlone(t, told.Raw)
	})
}

// oursAlone checks that the headers of a mail are ours, each short and once, and
// that its HTML does nothing.
func oursAlone(t *testing.T, raw []byte) {
	t.Helper()
	o := open(t, raw)
	var names []string
	for name, values := range o.header {
		switch name {
		case "In-Reply-To", "References", "Importance", "Priority", "X-Priority", "X-Msmail-Priority", "X-Kizashi-Severity", "X-Kizashi-Tenant":
		default:
			names = append(names, name)
		}
		if len(values) != 1 {
			t.Errorf("%s stands %d times", name, len(values))
		}
	}
	if slices.Sort(names); !slices.Equal(names, usual) {
		t.Errorf("headers %v, want %v", names, usual)
	}
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for line := range strings.Lines(string(head)) {
		if len(line) > 200 || strings.ContainsFunc(strings.TrimRight(line, "\r\n"), func(r rune) bool { return r < ' ' || r > '~' }) || strings.TrimSpace(line) == "" {
			t.Errorf("a header line %q", line)
		}
	}
	inert(t, o.html)
}

// inert checks that HTML holds nothing that acts or leads elsewhere.
func inert(t *testing.T, page string) {
	t.Helper()
	elements := strings.Fields("html head meta title body table tbody tr td h1 a p br ul li img span code")
	attributes := strings.Fields("lang charset name content style role width cellpadding cellspacing border align valign href src alt")
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("a comment %q", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		if !slices.Contains(elements, n.Data) {
			t.Errorf("an element %s", n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case !slices.Contains(attributes, a.Key):
				t.Errorf("%s has %s=%q", n.Data, a.Key, a.Val)
			case a.Key == "href" && !strings.HasPrefix(a.Val, "https://kizashi.example/"), a.Key == "src" && a.Val != "cid:chart.png":
				t.Errorf("%s leads to %s", n.Data, a.Val)
			case a.Key == "style" && !strings.Contains(layoutText, strings.TrimSuffix(a.Val, ";white-space:nowrap")) && !strings.Contains(a.Val, "border-top:5px solid #"):
				t.Errorf("style %q", a.Val)
			}
		}
	}
}

func TestSecrets(t *testing.T) {
	x := sinktest.Secrets.SMTP
	sinktest.RunSecrets(t, func(t *testing.T) sinktest.Place {
		return place(t, newServer(t, false, withLogin("kizashi", x)), Config{User: "kizashi", Password: x})
	}, x)
	// The server repeats the password that it refuses.
	s := newServer(t, false, withLogin("kizashi", "another"))
	err := newSink(t, Config{Server: s.addr, Roots: s.roots, User: "kizashi", Password: x}).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing))
	if _, permanent := err.(alert.Permanent); err == nil || permanent || strings.Contains(err.Error(), x) || !strings.Contains(err.Error(), "*** ***") {
		t.Errorf("a wrong password: %v", err)
	}
}

func TestProtection(t *testing.T) {
	for _, c := range []struct {
		tls      string
		implicit bool
		opts     []option
		want     string // "" = taken
		secure   bool
	}{
		{tls: "", secure: true}, {tls: StartTLS, secure: true}, {tls: Implicit, implicit: true, secure: true}, {tls: NoTLS},
		{tls: StartTLS, opts: []option{withoutTLS}, want: "offers no STARTTLS"},
		{tls: StartTLS, opts: []option{withLogin("kizashi", "right")}, secure: true},
		{tls: NoTLS, opts: []option{withLogin("kizashi", "right")}}, // by the loopback
	} {
		s := newServer(t, c.implicit, c.opts...)
		cfg := Config{Server: s.addr, Roots: s.roots, TLS: c.tls, User: s.user, Password: s.password}
		err := newSink(t, cfg).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing))
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) || len(s.mails) != 0 {
				t.Errorf("%q: %v, want %q", c.tls, err, c.want)
			}
			continue
		}
		if err != nil || len(s.secure) != 1 || s.secure[0] != c.secure {
			t.Errorf("%q: by TLS %v, %v", c.tls, s.secure, err)
		}
	}
	// A certificate of somebody else's is refused.
	for _, kind := range []string{StartTLS, Implicit} {
		s := newServer(t, kind == Implicit)
		err := newSink(t, Config{Server: s.addr, TLS: kind}).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing))
		if _, permanent := err.(alert.Permanent); err == nil || permanent || len(s.mails) != 0 || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s, an unknown authority: %v", kind, err)
		}
	}
}

// What a server's answers mean: 5xx about the mail is for good, everything
// else may be tried again.
func TestAnswers(t *testing.T) {
	both := func(code int) map[string]error {
		e := &smtp.SMTPError{Code: code, Message: "because"}
		return map[string]error{"RCPT oncall@shop.example": e, "RCPT boss@shop.example": e}
	}
	at := func(step string, code int) map[string]error {
		return map[string]error{step: &smtp.SMTPError{Code: code, Message: "because"}}
	}
	for _, c := range []struct {
		answers   map[string]error
		permanent bool
	}{
		{at("MAIL", 451), false}, {at("MAIL", 421), false}, {at("MAIL", 550), true}, {at("MAIL", 530), false}, {both(450), false}, {both(550), true},
		{at("DATA", 452), false}, {at("DATA", 552), true}, {at("DATA", 554), true}, {at("DATA", 421), false},
	} {
		s := newServer(t, false)
		s.answers = c.answers
		err := newSink(t, Config{Server: s.addr, Roots: s.roots}).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing))
		if _, permanent := err.(alert.Permanent); err == nil || permanent != c.permanent || !strings.Contains(err.Error(), "because") {
			t.Errorf("%v: permanent %t: %v", c.answers, permanent, err)
		}
	}
}

// One of two is put off: the other has the mail once, whatever becomes of it.
func TestSomeRecipients(t *testing.T) {
	for code, want := range map[int]string{450: "put off", 550: "refused"} {
		s := newServer(t, false)
		s.answers = map[string]error{"RCPT boss@shop.example": &smtp.SMTPError{Code: code, Message: "because"}}
		var warned []error
		k := newSink(t, Config{Server: s.addr, Roots: s.roots, Warn: func(err error) { warned = append(warned, err) }})
		n := sinktest.Notice("a1", 1, kizashi.Firing)
		var errs []error
		for range 3 {
			errs = append(errs, k.Send(t.Context(), n))
			if errs[len(errs)-1] == nil {
				break
			}
		}
		if code == 550 {
			if len(errs) != 1 || errs[0] != nil || len(s.mails) != 1 || len(warned) != 1 || !strings.Contains(warned[0].Error(), "boss@shop.example") {
				t.Errorf("%d: %v, warned %v, %d mails", code, errs, warned, len(s.mails))
			}
			continue
		}
		if len(s.mails) != 1 || len(errs) != 3 || errs[2] == nil || !strings.Contains(errs[2].Error(), want) || !strings.Contains(errs[2].Error(), "boss@shop.example") {
			t.Errorf("%d: %v, %d mails", code, errs, len(s.mails))
		}
		s.answers = nil
		if err := k.Send(t.Context(), n); err != nil || len(s.mails) != 2 || !slices.Equal(s.mails[1].to, []string{"boss@shop.example"}) {
			t.Errorf("then: %v, %+v", err, s.mails)
		}
		if len(k.done) != 0 {
			t.Errorf("remembered for good: %v", k.done)
		}
	}
}

// The server has the mail, and its answer is lost: it is sent again, and is
// known by its Message-ID.
func TestAnAmbiguousEnd(t *testing.T) {
	s := newServer(t, false)
	s.cut = 1
	k := newSink(t, Config{Server: s.addr, Roots: s.roots})
	n := sinktest.Notice("a1", 1, kizashi.Firing)
	err := k.Send(t.Context(), n)
	if _, permanent := err.(alert.Permanent); err == nil || permanent {
		t.Fatalf("%v", err)
	}
	if err := k.Send(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	got := told(t, s.mails)
	if len(got) != 2 || got[0].Key != got[1].Key || got[0].Key == "" {
		t.Errorf("%d mails with the ids %v", len(got), got)
	}
}

func TestAThreadIsAMailThread(t *testing.T) {
	s := newServer(t, false)
	k := newSink(t, Config{Server: s.addr, Roots: s.roots})
	for _, e := range sinktest.Examples()[:3] {
		if err := k.Send(t.Context(), e.Notice); err != nil {
			t.Fatal(err)
		}
	}
	first := open(t, s.mails[0].data).header
	root := first.Get("Message-Id")
	if first.Get("In-Reply-To") != "" || !regexp.MustCompile(`^<[0-9a-f]{32}@ops\.example>$`).MatchString(root) {
		t.Errorf("the first: %v", first)
	}
	for _, m := range s.mails[1:] {
		if h := open(t, m.data).header; h.Get("In-Reply-To") != root || h.Get("References") != root || h.Get("Message-Id") == root {
			t.Errorf("the next: %v", h)
		}
	}
	// Another list of recipients has a thread of its own.
	other := newSink(t, Config{Name: "mail customers", Server: s.addr, Roots: s.roots})
	if err := other.Send(t.Context(), sinktest.Examples()[0].Notice); err != nil || open(t, s.mails[3].data).header.Get("Message-Id") == root {
		t.Errorf("%v: another sink's mail has the same id", err)
	}
}

func TestSubjects(t *testing.T) {
	k := newSink(t, Config{Dir: t.TempDir()})
	for title, want := range map[string]string{
		"CPU is high":                  "CPU is high",
		"CPU\nis\r\nhigh\x00":          "CPU is  high",
		strings.Repeat("x", 10_000):    strings.Repeat("x", 199) + "…",
		strings.Repeat("障害", 5_000):    strings.Repeat("障害", 99) + "障…",
		"a" + strings.Repeat(" ", 500): "a …",
		"\x1b\x07\u202e":               "Kizashi alert a1",
		"=?utf-8?B?QmNjOiB4?=":         "=?utf-8?B?QmNjOiB4?=",
		"【発報中】CPU使用率 98 %(上限値81 %) 🔥 web": "【発報中】CPU使用率 98 %(上限値81 %) 🔥 web",
	} {
		n := sinktest.Notice("a1", 1, kizashi.Firing)
		n.Title = title
		data, err := k.compose(n)
		if err != nil {
			t.Fatal(err)
		}
		if got := open(t, data).subject; got != strings.Join(strings.Fields(want), " ") {
			t.Errorf("%.40q: subject %q, want %q", title, got, want)
		}
		head, _, _ := bytes.Cut(data, []byte("\r\n\r\n"))
		for line := range strings.Lines(string(head)) {
			if len(line) > 300 || strings.Contains(line, "=?") && len(strings.TrimSpace(line)) > 76 {
				t.Errorf("a header line of %d bytes: %q", len(line), line)
			}
		}
	}
}

func TestConfig(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	to := []string{"a@b.example"}
	for want, c := range map[string]Config{
		`from "": want an address`:                     {To: to, Dir: dir},
		`from "a@b.example, c@d.example": want`:        {From: "a@b.example, c@d.example", To: to, Dir: dir},
		`from "a@b.example\r\nBcc: x@y.example"`:       {From: "a@b.example\r\nBcc: x@y.example", To: to, Dir: dir},
		"to: nobody is named":                          {From: "a@b.example", Dir: dir},
		`to "nobody": want an address`:                 {From: "a@b.example", To: []string{"nobody"}, Dir: dir},
		`server is "mx.example", want HOST:PORT`:       {From: "a@b.example", To: to, Server: "mx.example"},
		`server is "", want HOST:PORT`:                 {From: "a@b.example", To: to},
		`tls is "ssl", want starttls, implicit or`:     {From: "a@b.example", To: to, Server: "mx.example:25", TLS: "ssl"},
		"it has a password and no user":                {From: "a@b.example", To: to, Server: "mx.example:25", Password: "canary"},
		"tls is none: the password would be readable":  {From: "a@b.example", To: to, Server: "mx.example:25", TLS: NoTLS, User: "u", Password: "canary"},
		"it has a server and a directory; want one of": {From: "a@b.example", To: to, Server: "mx.example:25", Dir: dir},
		"dir: it is no directory":                      {From: "a@b.example", To: to, Dir: file},
		"no such file or directory":                    {From: "a@b.example", To: to, Dir: file + "s"},
	} {
		c.Name = "mail ops"
		_, err := New(c)
		if err == nil || !strings.HasPrefix(err.Error(), "mail ops: ") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if s, err := New(Config{From: "a@b.example", To: to, Dir: dir}); err != nil || s.Name() != "mail a@b.example" {
		t.Errorf("%v", err)
	}
}

var boundary = regexp.MustCompile(`[0-9a-f]{60}`)

// Each mail stands as a golden, taken apart: the headers as they go over the
// line, the text, and the HTML, which also stands as a file to look at.
func TestGoldens(t *testing.T) {
	k := newSink(t, Config{Name: "mail oncall", Dir: t.TempDir()})
	for _, e := range sinktest.Examples() {
		data, err := k.compose(e.Notice)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(data), "\r\n") {
			if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("%s: line %d: %q", e.Name, i, line)
			}
		}
		o := open(t, data)
		head, _, _ := strings.Cut(string(data), "\r\n\r\n")
		head = boundary.ReplaceAllString(strings.ReplaceAll(head, "\r\n", "\n"), "BOUNDARY")
		lines := strings.ReplaceAll(o.text, "\r\n", "\n")
		sinktest.Golden(t, e.Name, fmt.Appendf(nil, "%s\n\nsubject: %s\nparts: %s, a chart of %d bytes\n\n%s", head, o.subject, strings.Join(o.kinds, " "), len(o.chart), lines))
		sinktest.Golden(t, e.Name+".html", []byte(strings.ReplaceAll(o.html, "\r\n", "\n")))
		inert(t, o.html)
	}
}

func TestAChartIsShownOnlyWhereThereIsOne(t *testing.T) {
	k := newSink(t, Config{Dir: t.TempDir()})
	n := sinktest.Examples()[0].Notice
	for _, c := range []struct {
		png   []byte
		shown bool
	}{{nil, false}, {[]byte("PNG"), true}, {make([]byte, largestChart+1), false}} {
		n.Message.Chart = &alert.Chart{PNG: c.png, Alt: "p99"}
		data, err := k.compose(n)
		if err != nil {
			t.Fatal(err)
		}
		o := open(t, data)
		if shown := strings.Contains(o.html, "cid:"); shown != c.shown || (o.chart != nil) != c.shown || c.shown && !bytes.Contains(data, []byte("Content-Id: <chart.png>")) {
			t.Errorf("%d bytes: shown %t, %v", len(c.png), shown, o.kinds)
		}
	}
	if n.Message.Chart.PNG == nil {
		t.Error("the caller's own message was changed")
	}
}

func TestNobodyThere(t *testing.T) {
	k := newSink(t, Config{Server: "127.0.0.1:1"})
	if err := k.Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing)); err == nil || errors.As(err, &alert.Permanent{}) {
		t.Errorf("%v", err)
	}
}

// talker is a server that speaks by itself, one line for each that it hears.
func talker(t *testing.T, talk func(c net.Conn, heard string) (end bool)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				lines := bufio.NewScanner(c)
				for end := talk(c, ""); !end && lines.Scan(); {
					end = talk(c, lines.Text())
				}
			}()
		}
	}()
	return l.Addr().String()
}

// An answer of ever more lines fills no memory.
func TestAServerThatTalksForEver(t *testing.T) {
	said := make(chan int, 1)
	addr := talker(t, func(c net.Conn, heard string) bool {
		if heard == "" {
			fmt.Fprint(c, "220 mx.example\r\n")
			return false
		}
		n := 0
		for line := []byte("250-" + strings.Repeat("x", 4<<10) + "\r\n"); n < 64<<20; {
			k, err := c.Write(line)
			if n += k; err != nil {
				break
			}
		}
		said <- n
		return true
	})
	err := newSink(t, Config{Server: addr, TLS: NoTLS}).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing))
	if err == nil || errors.As(err, &alert.Permanent{}) || !strings.Contains(err.Error(), "says more than") {
		t.Errorf("%v", err)
	}
	if n := <-said; n >= 64<<20 {
		t.Errorf("it could say all of its %d bytes", n)
	}
}

// A server that has the mail and does not say goodbye holds nobody up.
func TestNoFarewell(t *testing.T) {
	data, hung := false, make(chan struct{})
	addr := talker(t, func(c net.Conn, heard string) bool {
		verb, _, _ := strings.Cut(heard, " ")
		switch {
		case heard == "":
			if data {
				return false
			}
			fmt.Fprint(c, "220 mx.example\r\n")
		case data && heard != ".":
		case verb == "DATA":
			data = true
			fmt.Fprint(c, "354 go on\r\n")
		case verb == "QUIT":
			_, _ = io.Copy(io.Discard, c) // until the other side has had enough
			close(hung)
			return true
		default:
			data = false
			fmt.Fprint(c, "250 ok\r\n")
		}
		return false
	})
	start := time.Now()
	if err := newSink(t, Config{Server: addr, TLS: NoTLS, Timeout: 10 * time.Minute}).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing)); err != nil {
		t.Fatal(err)
	}
	<-hung
	if d := time.Since(start); d > 2*time.Minute {
		t.Errorf("it took %s", d)
	}
}

// Two lists of recipients, told of the same alert, may write into one directory.
func TestTwoListsInOneDirectory(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"ja mail", "en mail"} {
		if err := newSink(t, Config{Name: name, Dir: dir}).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing)); err != nil {
			t.Fatal(err)
		}
	}
	if files, err := filepath.Glob(filepath.Join(dir, "a1-1-*.eml")); err != nil || len(files) != 2 {
		t.Errorf("%v, %v", files, err)
	}
}
