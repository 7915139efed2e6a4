// Package alertmanager tells a Prometheus Alertmanager of alerts, by its API
// v2. Alertmanager keeps state and forgets it when it restarts, so that a lane
// must send what fires again and again (deliver.Config.Resend); each peer of a
// cluster is a sink of its own and is told everything.
package alertmanager

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/outbound"
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
	ahead  time.Duration
	now    func() time.Time
	client *outbound.Client
}

// path is where alerts are posted.
const path = "/api/v2/alerts"

// New checks the configuration; it sends nothing.
func New(c Config) (*Sink, error) {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("alertmanager %q: url: it cannot be read as an address", c.Name) // the cause quotes parts of it
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("alertmanager %q: url is %q, want http://host:port or https://host:port", c.Name, u.Redacted())
	case c.Resend <= 0:
		return nil, fmt.Errorf("alertmanager %q: resend is %s, want more than 0", c.Name, c.Resend)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	prefix := strings.TrimRight(u.Path, "/")
	u.Path, u.RawPath = prefix+path, ""
	name := cmp.Or(c.Name, "alertmanager") + " " + u.Host + prefix
	client, err := outbound.New(outbound.Config{Name: name, URL: u.String(), Inside: true, Timeout: c.Timeout, Now: c.Now})
	if err != nil {
		return nil, err
	}
	return &Sink{name: name, ahead: 4 * c.Resend, now: c.Now, client: client}, nil
}

// Name tells the peers of a cluster apart.
func (s *Sink) Name() string { return s.name }

// Send posts one alert. What the answer says of the alert itself is Permanent;
// what it says of the place, a redirect, a password, a proxy without the right
// path, can be mended and is tried again.
func (s *Sink) Send(ctx context.Context, n alert.Notification) error {
	return s.post(ctx, s.postable(n))
}

// post sends one alert. A body of an answer of 2xx says nothing: it has been
// taken.
func (s *Sink) post(ctx context.Context, p postable) error {
	body, err := json.Marshal([]postable{p})
	if err != nil {
		return alert.Permanent{Err: s.client.Error(err)}
	}
	_, err = s.client.Post(ctx, http.Header{"Content-Type": {"application/json"}}, body)
	return err
}
