package heartbeat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Ping asks a URL at each beat, as services that watch for silence want it. An
// answer of 2xx is a beat that was taken.
type Ping struct {
	method string
	url    string
	name   string
	client *http.Client
}

// NewPing checks the URL; nothing is sent. The method is GET or POST.
func NewPing(method, address string) (*Ping, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("heartbeat: the ping's address cannot be read") // the cause quotes parts of it
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("heartbeat: the ping's address begins with http:// or https:// and names a host")
	}
	if method != http.MethodGet && method != http.MethodPost {
		return nil, fmt.Errorf("heartbeat: method %q: want GET or POST", method)
	}
	return &Ping{method: method, url: u.String(), name: "http " + u.Host, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Name holds the host only: the path of such an address is a key.
func (p *Ping) Name() string { return p.name }

// Beat implements Target.
func (p *Ping) Beat(ctx context.Context, _ time.Time) error {
	req, err := http.NewRequestWithContext(ctx, p.method, p.url, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, hide(err))
	}
	req.Header.Set("User-Agent", "kizashi")
	resp, err := p.client.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, hide(err))
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)); err != nil && resp.StatusCode/100 == 2 {
		return nil // it was taken, whatever it says
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s: answered %s", p.name, resp.Status)
	}
	return nil
}

// hide takes the address out of an error: it may hold a key.
func hide(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
