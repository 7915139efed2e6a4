// Package mail sends notifications as mail, in text and in HTML with the chart
// in it, by SMTP or into a directory. From and To come from the configuration
// alone; nothing that a stranger wrote can become a header, a link or markup.
package mail

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/outbound"
)

// Config is one list of recipients. Either Server or Dir is needed.
type Config struct {
	// Name of the sink, by which the outbox knows it. "" = "mail" and the
	// recipients.
	Name string
	// From and To are addresses, with or without a display name.
	From string
	To   []string
	// Server is HOST:PORT. It may be in a private network: a relay mostly is.
	Server string
	// TLS is how the connection is protected: starttls ("" means it: refuse a
	// server that does not offer it), implicit, none.
	TLS string
	// User and Password log in; without a user nobody does.
	User, Password string
	// Dir is a directory into which each mail is written as an .eml file
	// instead.
	Dir string
	// Roots are the authorities that a server's certificate may come from;
	// nil = the machine's.
	Roots *x509.CertPool
	// Timeout of one mail, from the connection to the end; 0 = 30 s.
	Timeout time.Duration
	// Now is the wall clock; nil = the machine's.
	Now func() time.Time
	// Warn is told of recipients that a server refused for good while it took
	// the mail for others; nil = nobody.
	Warn func(error)
}

// How a connection is protected.
const (
	StartTLS = "starttls"
	Implicit = "implicit"
	NoTLS    = "none"
)

// Sink sends to one list of recipients.
type Sink struct {
	name   string
	from   *netmail.Address
	to     []*netmail.Address
	cfg    Config
	domain string // of From: that of the Message-IDs, and ours in EHLO
	hider  *strings.Replacer

	mu   sync.Mutex
	done map[string]map[string]bool // recipients that have a mail which others do not have yet, by its key
}

// New checks the configuration; it sends nothing.
func New(c Config) (*Sink, error) {
	name := cmp.Or(c.Name, "mail "+strings.Join(c.To, ","))
	bad := func(format string, args ...any) (*Sink, error) {
		return nil, fmt.Errorf("%s: "+format, append([]any{alert.Clean(name)}, args...)...)
	}
	s := &Sink{name: alert.Clean(name), done: map[string]map[string]bool{}}
	var err error
	if s.from, err = address(c.From); err != nil {
		return bad("from %q: %w", c.From, err)
	}
	if len(c.To) == 0 {
		return bad("to: nobody is named")
	}
	for _, t := range c.To {
		a, err := address(t)
		if err != nil {
			return bad("to %q: %w", t, err)
		}
		s.to = append(s.to, a)
	}
	_, s.domain, _ = strings.Cut(s.from.Address, "@")
	if err := c.checkTransport(); err != nil {
		return bad("%w", err)
	}
	c.TLS, c.Timeout = cmp.Or(c.TLS, StartTLS), cmp.Or(c.Timeout, 30*time.Second)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Warn == nil {
		c.Warn = func(error) {}
	}
	s.cfg, s.hider = c, outbound.Hider(logins(c.User, c.Password))
	return s, nil
}

// address reads one address and refuses what would be more than one.
func address(s string) (*netmail.Address, error) {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, errors.New("it holds a control character, such as a line break")
	}
	a, err := netmail.ParseAddress(s)
	if err != nil {
		return nil, fmt.Errorf("want an address such as Kizashi <kizashi@example.com>: %w", err)
	}
	return a, nil
}

func (c Config) checkTransport() error {
	if c.Dir != "" {
		if c.Server != "" {
			return errors.New("it has a server and a directory; want one of them")
		}
		info, err := os.Stat(c.Dir)
		if err == nil && !info.IsDir() {
			err = errors.New("it is no directory")
		}
		if err != nil {
			return fmt.Errorf("dir: %w", err)
		}
		return nil
	}
	host, port, err := net.SplitHostPort(c.Server)
	switch {
	case err != nil || host == "" || port == "":
		return fmt.Errorf("server is %q, want HOST:PORT", c.Server)
	case c.TLS != "" && c.TLS != StartTLS && c.TLS != Implicit && c.TLS != NoTLS:
		return fmt.Errorf("tls is %q, want starttls, implicit or none", c.TLS)
	case c.User == "" && c.Password != "":
		return errors.New("it has a password and no user")
	case c.User != "" && c.TLS == NoTLS && !loopback(host):
		return errors.New("tls is none: the password would be readable on its way to " + host)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Name is the sink's.
func (s *Sink) Name() string { return s.name }

// Send sends one mail to all recipients that do not have it yet. What a server
// refuses for good (5xx) about the mail, its sender or each of its recipients
// is Permanent; what it refuses for now (4xx), all about the connection and
// the login, and an end before its last answer may be tried again. A mail that
// is sent twice has the same Message-ID.
func (s *Sink) Send(ctx context.Context, n alert.Notification) error {
	if err := ctx.Err(); err != nil {
		return s.error(n, err)
	}
	mail, err := s.compose(n)
	if err != nil {
		return alert.Permanent{Err: s.error(n, err)}
	}
	if s.cfg.Dir != "" {
		if err := put(s.cfg.Dir, fileName(s.name, n.DedupKey), mail); err != nil {
			return s.error(n, err)
		}
		return nil
	}
	return s.mail(ctx, n, mail)
}

// error names the sink and the alert and holds no secret.
func (s *Sink) error(n alert.Notification, err error) error {
	text := alert.Clean(fmt.Sprintf("%s: alert %s: %v", s.name, n.Alert.ID, err))
	e := failed{text: s.hider.Replace(alert.Cut(text, 1000))}
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, end) {
			e.cause = end
		}
	}
	return e
}

// failed is an error that says no more than its text.
type failed struct {
	text  string
	cause error // the end of a context, or nil
}

func (f failed) Error() string { return f.text }
func (f failed) Unwrap() error { return f.cause }
