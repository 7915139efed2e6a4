// Package alertmanager tells a Prometheus Alertmanager of alerts, by its API
// v2. Alertmanager keeps state and forgets it when it restarts, so that a lane
// must send what fires again and again (deliver.Config.Resend); each peer of a
// cluster is a sink of its own and is told everything.
package alertmanager

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
)

// Config is one Alertmanager.
type Config struct {
	// Name of the sink in the configuration. The outbox knows each peer as
	// "name host:port/path".
	Name string
	// URL is the base, with the path prefix if there is one; /api/v2/alerts is
	// added. It may hold a user and a password.
	URL string
	// Resend is how often a firing alert is sent again. The sink announces its
	// end four times as far ahead, so that Alertmanager resolves it by itself
	// if Kizashi is gone.
	Resend time.Duration
	// Timeout bounds one request, whatever the context allows. 0 = 10 s.
	Timeout time.Duration
	// Now is the wall clock; nil = the machine's.
	Now func() time.Time
}

// Sink sends to one Alertmanager.
type Sink struct {
	name   string
	url    string
	ahead  time.Duration
	now    func() time.Time
	client *http.Client
}

// path is where alerts are posted.
const path = "/api/v2/alerts"

// New checks the configuration; it sends nothing.
func New(c Config) (*Sink, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		var ue *url.Error // quotes the URL, and the password in it
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, fmt.Errorf("alertmanager %q: url: %w", c.Name, err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("alertmanager %q: url is %q, want http://host:port or https://host:port", c.Name, u.Redacted())
	}
	if c.Resend <= 0 {
		return nil, fmt.Errorf("alertmanager %q: resend is %s, want more than 0", c.Name, c.Resend)
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Name == "" {
		c.Name = "alertmanager"
	}
	prefix := strings.TrimRight(u.Path, "/")
	u.Path, u.RawPath = prefix+path, ""
	return &Sink{
		name: c.Name + " " + u.Host + prefix, url: u.String(),
		ahead: 4 * c.Resend, now: c.Now, client: client(c.Timeout),
	}, nil
}

// client follows no redirect: it would turn the POST into a GET, and lead to
// a place that nobody configured.
func client(timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: min(timeout, 5*time.Second)}).DialContext,
			TLSHandshakeTimeout:   min(timeout, 5*time.Second),
			ResponseHeaderTimeout: timeout,
			IdleConnTimeout:       90 * time.Second,
			MaxIdleConnsPerHost:   1,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Name tells the peers of a cluster apart.
func (s *Sink) Name() string { return s.name }

// Send posts one alert. An answer that is 4xx is Permanent, but for 408, 425
// and 429; so is a redirect. All else may be tried again.
func (s *Sink) Send(ctx context.Context, n alert.Notification) error {
	return s.post(ctx, "alert "+n.Alert.ID, s.postable(n))
}

// post sends one alert; what names it in errors.
func (s *Sink) post(ctx context.Context, what string, p postable) error {
	body, err := json.Marshal([]postable{p})
	if err != nil {
		return alert.Permanent{Err: fmt.Errorf("%s: %s: %w", s.name, what, err)}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return alert.Permanent{Err: fmt.Errorf("%s: %w", s.name, err)}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "kizashi")
	resp, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err) // net/http hides the password
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, 1024))
	if resp.StatusCode/100 == 2 {
		return nil // whatever the body is: it has been taken
	}
	if err != nil {
		said = []byte(err.Error())
	}
	err = fmt.Errorf("%s: %s: answered %s: %s", s.name, what, resp.Status, clean(string(said)))
	if lasting(resp.StatusCode) {
		return alert.Permanent{Err: err}
	}
	return err
}

// lasting says that the same request would be answered the same again.
func lasting(code int) bool {
	switch code {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return code < 500
}

// clean makes what a stranger answered one printable line.
func clean(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "?"), func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
}
