package mail

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

// server is a real SMTP server with moods.
type server struct {
	addr  string
	roots *x509.CertPool

	mu       sync.Mutex
	mood     sinktest.Mood
	moved    chan struct{}
	user     string // wanted to log in, with password; "" = nobody has to
	password string
	by       []string         // mechanisms that were used
	secure   []bool           // whether each mail came by TLS
	answers  map[string]error // to MAIL, RCPT address, DATA
	mails    []received
	cut      int // mails to take and then to break the connection before the answer
}

type received struct {
	from string
	to   []string
	data []byte
}

// option changes a server before it starts.
type option func(*server, *smtp.Server)

func withLogin(user, password string) option {
	return func(s *server, _ *smtp.Server) { s.user, s.password = user, password }
}

func withoutTLS(_ *server, srv *smtp.Server) { srv.TLSConfig = nil }

func newServer(t *testing.T, implicit bool, opts ...option) *server {
	t.Helper()
	s := &server{mood: sinktest.Well, moved: make(chan struct{}), answers: map[string]error{}}
	cert := httptest.NewTLSServer(nil)
	cert.Close()
	s.roots = x509.NewCertPool()
	s.roots.AddCert(cert.Certificate())
	srv := smtp.NewServer(s)
	srv.Domain, srv.AllowInsecureAuth = "mx.example", true
	srv.TLSConfig = &tls.Config{Certificates: cert.TLS.Certificates}
	srv.ErrorLog = log.New(io.Discard, "", 0)
	for _, o := range opts {
		o(s, srv)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	if implicit {
		l = tls.NewListener(l, srv.TLSConfig)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() {
		s.set(sinktest.Well)
		srv.Close()
		l.Close() // where Serve has not come so far as to know of it
		if err := <-served; err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Error(err)
		}
	})
	return s
}

func (s *server) set(m sinktest.Mood) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mood = m
	close(s.moved)
	s.moved = make(chan struct{})
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{s: s, c: c}, nil }

type session struct {
	s    *server
	c    *smtp.Conn
	mail received
	in   bool // logged in
}

func (x *session) Reset()        { x.mail = received{} }
func (x *session) Logout() error { return nil }

func (x *session) AuthMechanisms() []string {
	if x.s.user == "" {
		return nil
	}
	return []string{sasl.Plain, sasl.Login}
}

func (x *session) Auth(mech string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		x.s.mu.Lock()
		defer x.s.mu.Unlock()
		x.s.by = append(x.s.by, mech)
		if user != x.s.user || password != x.s.password {
			return &smtp.SMTPError{Code: 535, Message: "no: " + user + " " + password + " " + base64.StdEncoding.EncodeToString([]byte(password))}
		}
		x.in = true
		return nil
	}), nil
}

func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	if x.s.user != "" && !x.in {
		return smtp.ErrAuthRequired
	}
	x.mail.from = from
	return x.s.answer("MAIL")
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	err := x.s.answer("RCPT " + to)
	if err == nil {
		x.mail.to = append(x.mail.to, to)
	}
	return err
}

func (s *server) answer(to string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answers[to]
}

func (x *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	x.mail.data = data
	s := x.s
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.mood {
	case sinktest.Silent:
		moved := s.moved
		s.mu.Unlock()
		<-moved
		s.mu.Lock()
		return errors.New("too late")
	case sinktest.Busy:
		return &smtp.SMTPError{Code: 451, Message: "try again later: " + s.password}
	case sinktest.Refusing:
		return &smtp.SMTPError{Code: 554, Message: "not like this: " + s.password}
	case sinktest.Absent:
		return x.c.Conn().Close()
	}
	if err := s.answers["DATA"]; err != nil {
		return err
	}
	_, secure := x.c.TLSConnectionState()
	s.secure = append(s.secure, secure)
	s.mails = append(s.mails, x.mail)
	if s.cut > 0 {
		s.cut--
		return x.c.Conn().Close()
	}
	return nil
}

// opened is a mail taken apart.
type opened struct {
	header     netmail.Header
	subject    string
	text, html string
	chart      []byte
	kinds      []string // of its parts, in their order
}

// open takes a mail apart as a reader's program does.
func open(t *testing.T, data []byte) opened {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("it is no mail: %v\n%s", err, data)
	}
	o := opened{header: m.Header}
	if o.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Errorf("subject: %v", err)
	}
	o.part(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	return o
}

func (o *opened) part(t *testing.T, kind, encoding string, body io.Reader) {
	t.Helper()
	media, params, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatalf("%q: %v", kind, err)
	}
	o.kinds = append(o.kinds, media)
	if strings.HasPrefix(media, "multipart/") {
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			o.part(t, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
		}
	}
	switch encoding {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	default:
		t.Errorf("%s: encoding %q", media, encoding)
	}
	all, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	switch media {
	case "text/plain":
		o.text = string(all)
	case "text/html":
		o.html = string(all)
	case "image/png":
		o.chart = all
	default:
		t.Errorf("a part of %s", media)
	}
}
