// Package outbound is the HTTP client for places that a configuration names:
// webhooks, chat. Such an address may be a mistake or a trick, so the client
// follows no redirect, reaches no private address that it was not allowed to
// (checked on the address that is dialled, whatever the name resolved to),
// reads a bounded answer in a bounded time, and never lets the address, which
// is often a key, into an error.
package outbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

const (
	// longestAnswer is what is read of an answer. An answer says that it was
	// taken, or why not; nothing of use is longer.
	longestAnswer = 64 << 10
	// defaultTimeout bounds an exchange, from the name's look-up to the
	// answer's last byte.
	defaultTimeout = 10 * time.Second
)

// Config is one place.
type Config struct {
	// Name stands before every error.
	Name string
	// URL is posted to. Its path, query and password are secrets.
	URL string
	// Private lists addresses that may be reached although they are not on the
	// public internet: an own chat server's network, say.
	Private []netip.Prefix
	// Proxy is the URL of a proxy through which all goes where a network has
	// no other way out. The proxy then resolves names, and what they may
	// resolve to is for it to guard. "" = none; the environment is not asked.
	Proxy string
	// Inside says that the place is one of those who run Kizashi themselves, such
	// as an Alertmanager: it may be at any address, and behind the proxy that the
	// environment names.
	Inside bool
	// Secrets are further texts that no error may hold: tokens, signing keys.
	Secrets []string
	// Timeout bounds an exchange, whatever the context allows. 0 = 10 s.
	Timeout time.Duration
	// Now is the wall clock; nil = the machine's.
	Now func() time.Time
}

// Client posts to one place.
type Client struct {
	name  string
	url   string
	host  string
	now   func() time.Time
	hider *strings.Replacer
	http  *http.Client
	guard guard
}

// New checks the configuration; it sends nothing and resolves nothing.
func New(c Config) (*Client, error) {
	u, err := webURL(c.URL)
	if err != nil {
		return nil, fmt.Errorf("%s: url: %w", c.Name, err)
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	g := guard{allowed: c.Private, open: c.Inside}
	if err := g.host(u.Hostname()); err != nil {
		return nil, fmt.Errorf("%s: url: %w", c.Name, err)
	}
	secrets := append(keys(u), c.Secrets...)
	dialer := &net.Dialer{Timeout: c.Timeout, Control: g.control}
	var proxy func(*http.Request) (*url.URL, error)
	if c.Inside {
		proxy = http.ProxyFromEnvironment
	}
	if c.Proxy != "" {
		p, err := webURL(c.Proxy)
		if err != nil {
			return nil, fmt.Errorf("%s: proxy: %w", c.Name, err)
		}
		secrets = append(secrets, keys(p)...)
		dialer.Control = nil // it dials the proxy alone, which somebody named
		proxy = http.ProxyURL(p)
	}
	return &Client{
		name: c.Name, url: u.String(), host: u.Host, now: c.Now, hider: Hider(secrets), guard: g,
		http: &http.Client{
			Timeout: c.Timeout,
			Transport: &http.Transport{
				Proxy: proxy, DialContext: dialer.DialContext, TLSHandshakeTimeout: c.Timeout,
				IdleConnTimeout: 90 * time.Second, MaxIdleConnsPerHost: 1,
				MaxResponseHeaderBytes: longestAnswer, DisableCompression: true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// webURL reads an address without ever quoting it.
func webURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	var ue *url.Error
	switch {
	case errors.As(err, &ue):
		return nil, errors.New("it cannot be read as an address") // the cause quotes parts of it
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("want it to begin with http:// or https://")
	case u.Hostname() == "":
		return nil, errors.New("it names no host")
	}
	return u, nil
}

// Host is the place's host, with its port where one was given.
func (c *Client) Host() string { return c.host }

// Answer is what a place said to a request that it took.
type Answer struct {
	Header http.Header
	Body   []byte // its first 64 KiB
	Whole  bool   // Body is all that came: no more than that
}

// Post sends a body. It fails unless the answer is 2xx, with an
// alert.Permanent, an alert.Later, or an error that may be tried again. So does
// an answer of 2xx that breaks off or does not end in time: what its body would
// have said nobody knows. One that goes on and on is taken by its start.
func (c *Client) Post(ctx context.Context, header http.Header, body []byte) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return Answer{}, c.Error(err)
	}
	req.Header = header.Clone()
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Set("User-Agent", "kizashi")
	resp, err := c.http.Do(req)
	if err != nil {
		return Answer{}, c.Error(err)
	}
	// What is left unread closes the connection.
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, longestAnswer+1))
	a := Answer{Header: resp.Header, Body: said[:min(len(said), longestAnswer)], Whole: err == nil && len(said) <= longestAnswer}
	switch {
	case resp.StatusCode/100 != 2:
		return a, c.refused(resp, a)
	case err != nil && len(said) <= longestAnswer:
		return a, c.Error(fmt.Errorf("answered %s, and the answer did not end: %w", resp.Status, err))
	}
	return a, nil
}
