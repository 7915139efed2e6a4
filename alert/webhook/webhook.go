// Package webhook posts notifications as JSON to a URL, signed as Standard
// Webhooks says (https://www.standardwebhooks.com), so that a receiver can
// check with a library that it has. A template of the user's may make the
// body another one. docs/webhook.md describes both for those who receive.
package webhook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/outbound"
)

// Config is one webhook.
type Config struct {
	// Name of the sink, by which the outbox knows it. "" = "webhook" and the
	// host.
	Name string
	// URL is posted to; a secret.
	URL string
	// Secret signs what is sent; several, a line each, while it is being
	// changed. One that begins with whsec_ is base64, as Standard
	// Webhooks writes them. "" = not signed.
	Secret string
	// Headers are sent along: an Authorization, say. Content-Type is that of
	// what the template makes; without it application/json. Values are secrets.
	Headers map[string]string
	// Template makes the body from a Body, in Go's text/template; "" = the
	// Body as JSON. TemplateName names it in errors.
	Template, TemplateName string
	// Expect is a regular expression that an answer's body matches if the
	// notification was taken. "" = none is needed; then a body that speaks of
	// an error is a failure nevertheless, see complaint.
	Expect string
	// Private and Proxy are outbound's.
	Private []netip.Prefix
	Proxy   string
	// Timeout of a request; 0 = 10 s.
	Timeout time.Duration
	// Now is the wall clock; nil = the machine's.
	Now func() time.Time
	// Warn is told when a template failed and the plain body went out in its
	// stead; nil = nobody.
	Warn func(error)
}

// Sink posts to one URL.
type Sink struct {
	name    string
	client  *outbound.Client
	keys    [][]byte
	headers map[string]string
	kind    string // Content-Type of the template's body
	layout  *layout
	expect  *regexp.Regexp
	now     func() time.Time
	warn    func(error)
}

// New checks the configuration, and tries the template with a made-up
// notification; it sends nothing.
func New(c Config) (*Sink, error) {
	s := &Sink{now: c.Now, warn: c.Warn, kind: "application/json"}
	secrets := []string{c.Secret}
	for _, v := range c.Headers {
		secrets = append(secrets, v)
	}
	var err error
	if s.client, err = outbound.New(outbound.Config{
		Name: cmp.Or(c.Name, "webhook"), URL: c.URL, Private: c.Private, Proxy: c.Proxy, Secrets: append(secrets, parts(secrets)...), Timeout: c.Timeout, Now: c.Now,
	}); err != nil {
		return nil, err
	}
	s.name = cmp.Or(c.Name, "webhook "+s.client.Host())
	bad := func(field string, err error) (*Sink, error) { return nil, fmt.Errorf("%s: %s: %w", s.name, field, err) }
	if s.keys, err = signingKeys(c.Secret); err != nil {
		return bad("secret", err)
	}
	if s.headers, err = checkHeaders(c.Headers); err != nil {
		return bad("headers", err)
	}
	s.kind = cmp.Or(s.headers["Content-Type"], s.kind)
	delete(s.headers, "Content-Type")
	if c.Template != "" {
		if s.layout, err = newLayout(cmp.Or(c.TemplateName, "template"), c.Template, s.kind); err != nil {
			return bad("template", err)
		}
	}
	if c.Expect != "" {
		if s.expect, err = regexp.Compile(c.Expect); err != nil {
			return bad("expect", err)
		}
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.warn == nil {
		s.warn = func(error) {}
	}
	return s, nil
}

// Name is the sink's.
func (s *Sink) Name() string { return s.name }

// Send posts the notification. An answer of 2xx that says that it was not
// taken is a failure that may be tried again.
func (s *Sink) Send(ctx context.Context, n alert.Notification) error {
	r, failed := s.request(n)
	if r.Body == nil {
		return alert.Permanent{Err: fmt.Errorf("%s: alert %s: %w", s.name, alert.Clean(n.Alert.ID), failed)}
	}
	if failed != nil {
		s.warn(fmt.Errorf("%s: alert %s: the plain body goes out: %w", s.name, alert.Clean(n.Alert.ID), failed))
	}
	for name, v := range s.headers {
		r.Header.Set(name, v)
	}
	sign(r.Header, s.keys, r.Body, s.now())
	answer, err := s.client.Post(ctx, r.Header, r.Body)
	if err != nil {
		return err
	}
	return s.judge(answer)
}

// Request is what would be sent of a notification.
type Request struct {
	Header http.Header // without the signature and without Config.Headers: they are secrets
	Body   []byte
}

// Preview returns what Send would post. Its error says why the template
// failed; the request is then the one that goes out in its stead.
func (s *Sink) Preview(n alert.Notification) (Request, error) { return s.request(n) }

// request makes header and body. Without a body nothing can be sent; with one
// and an error, the template failed.
func (s *Sink) request(n alert.Notification) (Request, error) {
	r := Request{Header: http.Header{}}
	key := headerKey(n.DedupKey)
	r.Header.Set("Webhook-Id", key)
	r.Header.Set("Idempotency-Key", `"`+key+`"`)
	b := bodyOf(n)
	var failed error
	if s.layout != nil {
		r.Header.Set("Content-Type", s.kind)
		if r.Body, failed = s.layout.lay(b); failed == nil {
			return r, nil
		}
		b.TemplateError = alert.Cut(alert.Clean(failed.Error()), 500)
		r.Header.Set("Kizashi-Template", "failed")
	}
	r.Header.Set("Content-Type", "application/json")
	var err error
	if r.Body, err = b.marshal(); err != nil {
		r.Body = nil
		return r, err
	}
	return r, failed
}

// judge looks whether an answer of 2xx means what it says.
func (s *Sink) judge(a outbound.Answer) error {
	why := ""
	switch {
	case s.expect == nil:
		why = complaint(a.Body)
	case !s.expect.Match(a.Body) && a.Whole:
		why = "what is expected is not in it"
	case !s.expect.Match(a.Body):
		why = "what is expected is not in the part of it that was read"
	}
	if why == "" {
		return nil
	}
	return s.client.Error(errors.New("answered that all is well, with a body that says otherwise (" + why + "): " + s.client.Quote(a.Body)))
}
