package mail

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"github.com/kizashi-ops/kizashi/alert"
)

// mail makes one transaction. Where a server takes the mail for some and puts
// others off, those who have it are remembered, so that the retry is for the
// others alone; not over a restart.
func (s *Sink) mail(ctx context.Context, n alert.Notification, mail []byte) error {
	to := s.missing(n.DedupKey)
	took, err := s.transaction(ctx, to, mail)
	var r refusal
	if errors.As(err, &r) && r.lasting {
		return alert.Permanent{Err: s.error(n, err)}
	}
	if err != nil {
		return s.error(n, err)
	}
	var later, never []string
	for _, t := range to {
		switch err := took[t]; {
		case err == nil:
			s.has(n.DedupKey, t)
		case lasting(err):
			never = append(never, t+": "+err.Error())
		default:
			later = append(later, t+": "+err.Error())
		}
	}
	if len(later) > 0 {
		return s.error(n, errors.New("put off: "+strings.Join(append(later, never...), "; ")))
	}
	had := len(s.missing(n.DedupKey)) < len(s.to)
	s.forget(n.DedupKey)
	if len(never) == 0 {
		return nil
	}
	refused := s.error(n, errors.New("refused: "+strings.Join(never, "; ")))
	if !had {
		return alert.Permanent{Err: refused}
	}
	s.cfg.Warn(refused)
	return nil
}

// refusal is an answer to a command of the transaction.
type refusal struct {
	said    error
	lasting bool
}

func (r refusal) Error() string { return r.said.Error() }

// lasting says that a server would answer the same again: 5xx, but for those
// that speak of the login.
func lasting(err error) bool {
	var e *textproto.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case 530, 534, 535, 538:
		return false
	}
	return e.Code/100 == 5
}

// transaction gives the mail to the server. Without an error it says of each
// recipient whether it was taken for them.
func (s *Sink) transaction(ctx context.Context, to []string, mail []byte) (map[string]error, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.cfg.Server)
	if err != nil {
		return nil, ended(ctx, err)
	}
	// The client is locked while it waits for an answer: only its connection
	// can be cut.
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	c, err := s.greet(&listening{Conn: conn, left: longestTalk})
	if err != nil {
		return nil, ended(ctx, err)
	}
	if err := s.login(c); err != nil {
		return nil, ended(ctx, err)
	}
	took, err := s.give(c, to, mail)
	if err != nil {
		return nil, ended(ctx, err)
	}
	farewell := time.AfterFunc(longestFarewell, func() { conn.Close() })
	defer farewell.Stop()
	_ = c.Quit() // the mail is theirs, whatever they say now
	return took, nil
}

const (
	// longestTalk in bytes of what a server says in one transaction, its
	// certificates and an answer to each of many recipients among it.
	longestTalk = 1 << 20
	// longestFarewell is what its last answer may take: it is worth nothing.
	longestFarewell = time.Second
)

// listening reads no more of a server than it has reason to say: the client
// keeps an answer of many lines in memory until its last one.
type listening struct {
	net.Conn
	left int
}

func (l *listening) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("the server says more than %d bytes", longestTalk)
	}
	n, err := l.Conn.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// ended makes the end of ctx the cause where it is what broke the connection.
func ended(ctx context.Context, err error) error {
	if e := ctx.Err(); e != nil && !errors.Is(err, e) {
		return fmt.Errorf("%w: %w", e, err)
	}
	return err
}

// greet returns a client that has been greeted, by TLS if it should be.
func (s *Sink) greet(conn net.Conn) (*smtp.Client, error) {
	host, _, _ := net.SplitHostPort(s.cfg.Server) // New has looked
	protect := &tls.Config{ServerName: host, RootCAs: s.cfg.Roots, MinVersion: tls.VersionTLS12}
	if s.cfg.TLS == Implicit {
		conn = tls.Client(conn, protect)
	}
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return nil, err
	}
	if err := c.Hello(s.domain); err != nil {
		return nil, err
	}
	if s.cfg.TLS != StartTLS {
		return c, nil
	}
	if ok, _ := c.Extension("STARTTLS"); !ok {
		return nil, errors.New("the server offers no STARTTLS; tls: implicit, or none, does without it")
	}
	if err := c.StartTLS(protect); err != nil {
		return nil, fmt.Errorf("STARTTLS: %w", err)
	}
	return c, nil
}

// login takes the best mechanism that the server offers.
func (s *Sink) login(c *smtp.Client) error {
	if s.cfg.User == "" {
		return nil
	}
	host, _, _ := net.SplitHostPort(s.cfg.Server)
	_, offered := c.Extension("AUTH")
	user, pass := s.cfg.User, s.cfg.Password
	for _, m := range []struct {
		name string
		auth func() smtp.Auth
	}{
		{"SCRAM-SHA-256", func() smtp.Auth { return smtp.ScramSHA256Auth(user, pass) }},
		{"SCRAM-SHA-1", func() smtp.Auth { return smtp.ScramSHA1Auth(user, pass) }},
		{"PLAIN", func() smtp.Auth { return smtp.PlainAuth("", user, pass, host, false) }},
		{"LOGIN", func() smtp.Auth { return smtp.LoginAuth(user, pass, host, false) }},
		{"CRAM-MD5", func() smtp.Auth { return smtp.CRAMMD5Auth(user, pass) }},
	} {
		if strings.Contains(" "+offered+" ", " "+m.name+" ") {
			if err := c.Auth(m.auth()); err != nil {
				return fmt.Errorf("login by %s: %w", m.name, err)
			}
			return nil
		}
	}
	return fmt.Errorf("the server offers no login that we know: %q", offered)
}

// give is the transaction itself.
func (s *Sink) give(c *smtp.Client, to []string, mail []byte) (map[string]error, error) {
	step := func(what string, err error) error {
		if err == nil {
			return nil
		}
		return refusal{fmt.Errorf("%s: %w", what, err), lasting(err)}
	}
	c.SkipSMTPUTF8(isASCII(s.from.Address + strings.Join(to, "")))
	if err := c.Mail("<" + s.from.Address + ">"); err != nil {
		return nil, step("MAIL FROM", err)
	}
	took := map[string]error{}
	taken := 0
	for _, t := range to {
		err := c.Rcpt("<" + t + ">")
		var answer *textproto.Error
		if err != nil && !errors.As(err, &answer) {
			return nil, step("RCPT TO", err) // the connection is gone
		}
		if took[t] = err; err == nil {
			taken++
		}
	}
	if taken == 0 {
		return took, nil
	}
	w, err := c.Data()
	if err != nil {
		return nil, step("DATA", err)
	}
	if _, err := w.Write(mail); err != nil {
		return nil, step("DATA", err)
	}
	// Without this answer nobody knows who has the mail: it is sent again.
	return took, step("the end of DATA", w.Close())
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

// missing are the recipients that do not have the mail of this key.
func (s *Sink) missing(key string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, t := range s.to {
		if !s.done[key][t.Address] {
			out = append(out, t.Address)
		}
	}
	return out
}

// mostDone keys are remembered; beyond, some recipients get a mail twice.
const mostDone = 1000

func (s *Sink) has(key, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done[key] == nil {
		if len(s.done) >= mostDone {
			clear(s.done)
		}
		s.done[key] = map[string]bool{}
	}
	s.done[key][to] = true
}

func (s *Sink) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.done, key)
}

// logins are the forms in which a password goes over the line.
func logins(user, password string) []string {
	if password == "" {
		return nil
	}
	code := base64.StdEncoding.EncodeToString
	return []string{password, code([]byte(password)), code([]byte("\x00" + user + "\x00" + password))}
}
