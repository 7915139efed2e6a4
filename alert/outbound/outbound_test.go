package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// serve answers with f; the client may reach it.
func serve(t *testing.T, c Config, f http.HandlerFunc) *Client {
	t.Helper()
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	c.Name, c.Private = "webhook", loopback
	c.URL = srv.URL + c.URL
	cl, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return cl
}

func TestPost(t *testing.T) {
	c := serve(t, Config{URL: "/hook?x=1"}, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", r.Method+" "+r.URL.String()+" "+r.Header.Get("User-Agent")+" "+r.Header.Get("A")+" "+string(body))
		fmt.Fprint(w, "ok")
	})
	header := http.Header{"A": {"b"}}
	a, err := c.Post(t.Context(), header, []byte("hello"))
	if err != nil || string(a.Body) != "ok" || !a.Whole || a.Header.Get("X-Seen") != "POST /hook?x=1 kizashi b hello" {
		t.Errorf("%+v, %v", a, err)
	}
	if len(header) != 1 {
		t.Errorf("the caller's own header became %v", header)
	}
}

// What an answer means: Permanent only where it speaks of what was sent.
func TestAnswers(t *testing.T) {
	for code, want := range map[int]string{
		200: "taken", 202: "taken", 204: "taken", 400: "permanent", 413: "permanent", 415: "permanent", 422: "permanent", 431: "permanent",
		301: "again", 308: "again", 401: "again", 403: "again", 404: "again", 408: "again", 410: "again", 429: "again", 500: "again", 503: "again",
	} {
		c := serve(t, Config{}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
		_, err := c.Post(t.Context(), nil, nil)
		if got := meaning(err); got != want {
			t.Errorf("%d: %s, want %s (%v)", code, got, want, err)
		}
	}
}

func meaning(err error) string {
	var p alert.Permanent
	var l alert.Later
	switch {
	case err == nil:
		return "taken"
	case errors.As(err, &p):
		return "permanent"
	case errors.As(err, &l):
		return "later " + l.After.String()
	}
	return "again"
}

func TestRetryAfter(t *testing.T) {
	noon := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		code        int
		after, date string
		want        string
	}{
		{429, "30", "", "later 30s"}, {503, " 120 ", "", "later 2m0s"}, {500, "5", "", "later 5s"},
		{429, "0", "", "later 1s"}, {429, "86400", "", "later 1h0m0s"}, {429, "99999999999999999999", "", "again"}, {429, "-1", "", "again"}, {429, "soon", "", "again"}, {429, "1.5", "", "again"},
		{503, "Wed, 25 Nov 2026 12:10:00 GMT", "-", "later 10m0s"},
		{503, "Wed, 25 Nov 2026 12:10:00 GMT", "Wed, 25 Nov 2026 12:09:00 GMT", "later 1m0s"}, // by the place's own clock
		{503, "Wed, 25 Nov 2026 11:00:00 GMT", "-", "later 1s"},
		{400, "30", "", "permanent"}, {200, "30", "", "taken"},
	} {
		cl := serve(t, Config{Now: func() time.Time { return noon }}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", c.after)
			if c.date != "" {
				w.Header()["Date"] = nil
			}
			if c.date != "" && c.date != "-" {
				w.Header().Set("Date", c.date)
			}
			w.WriteHeader(c.code)
		})
		_, err := cl.Post(t.Context(), nil, nil)
		if got := meaning(err); got != c.want {
			t.Errorf("%d, Retry-After %q, Date %q: %s, want %s (%v)", c.code, c.after, c.date, got, c.want, err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	for to, want := range map[string]string{
		"http://169.254.169.254/latest/meta-data/": "it redirects to 169.254.169.254, and redirects are not followed (169.254.169.254 is the cloud's metadata service",
		"http://[::ffff:10.0.0.1]/":                "it redirects to [::ffff:10.0.0.1], and redirects are not followed (10.0.0.1 is a private address",
		"https://other.example/x":                  "it redirects to other.example, and redirects are not followed",
		"/hook/elsewhere":                          "it redirects to 127.0.0.1",
	} {
		asked := 0
		c := serve(t, Config{URL: "/hook"}, func(w http.ResponseWriter, r *http.Request) {
			asked++
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		})
		_, err := c.Post(t.Context(), nil, []byte("x"))
		if err == nil || !strings.Contains(err.Error(), want) || asked != 1 || meaning(err) != "again" {
			t.Errorf("to %s: asked %d times, %v", to, asked, err)
		}
	}
}

func TestAnEndlessAnswerIsCut(t *testing.T) {
	written := make(chan int, 1)
	c := serve(t, Config{}, func(w http.ResponseWriter, _ *http.Request) {
		n := 0
		for n < 64<<20 { // no socket buffers hold this much
			k, err := w.Write(make([]byte, 64<<10))
			n += k
			if err != nil {
				break
			}
		}
		written <- n
	})
	a, err := c.Post(t.Context(), nil, nil)
	if err != nil || len(a.Body) != 64<<10 || a.Whole {
		t.Errorf("%d bytes, whole %t, %v", len(a.Body), a.Whole, err)
	}
	if n := <-written; n >= 64<<20 {
		t.Errorf("the place could write all of its %d bytes: the connection stays open", n)
	}
}

func TestASlowDripEnds(t *testing.T) {
	for _, code := range []int{200, 500} {
		c := serve(t, Config{Timeout: 100 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(code)
			fmt.Fprint(w, "o")
			w.(http.Flusher).Flush()
			<-r.Context().Done() // and never another byte
		})
		start := time.Now()
		a, err := c.Post(t.Context(), nil, nil)
		if meaning(err) != "again" || a.Whole || time.Since(start) > time.Minute {
			t.Errorf("%d: after %s %+v, %v", code, time.Since(start), a, err)
		}
		if code == 200 && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("an answer of 200 that never ends: %v", err)
		}
	}
	c := serve(t, Config{Timeout: 100 * time.Millisecond}, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	if _, err := c.Post(t.Context(), nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no answer: %v", err)
	}
}

// A byte now and then keeps no connection open for longer than the exchange may
// take, and an answer that breaks off says nothing.
func TestAnAnswerOf200ThatDoesNotEnd(t *testing.T) {
	for name, f := range map[string]http.HandlerFunc{
		"drips": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				fmt.Fprint(w, " ")
				w.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(5 * time.Millisecond): // the place's own pace
				}
			}
		},
		"breaks off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, `{"ok":`)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
	} {
		c := serve(t, Config{Timeout: 200 * time.Millisecond}, f)
		if _, err := c.Post(t.Context(), nil, nil); meaning(err) != "again" || !strings.Contains(err.Error(), "the answer did not end") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A place of our own may be anywhere, but is led nowhere else.
func TestInside(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "/", http.StatusFound)
		}
	}))
	defer srv.Close()
	for path, want := range map[string]string{"/": "taken", "/away": "again"} {
		c, err := New(Config{Name: "alertmanager", URL: srv.URL + path, Inside: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Post(t.Context(), nil, nil); meaning(err) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A token may stand where a user's name stands.
func TestAUserAloneIsASecret(t *testing.T) {
	c := serve(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(500)
		fmt.Fprintf(w, "no: %s", r.Header.Get("Authorization"))
	})
	for _, user := range []string{"canaryTOKEN123", "canaryTOKEN123:"} {
		c, err := New(Config{Name: "webhook", URL: strings.Replace(c.url, "http://", "http://"+user+"@", 1), Private: loopback})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Post(t.Context(), nil, nil)
		if err == nil || !strings.Contains(err.Error(), "no: Basic ***") {
			t.Errorf("%s: %v", user, err)
		}
		if said := c.Quote([]byte("canaryTOKEN123")); said != "***" {
			t.Errorf("%s: quoted as %s", user, said)
		}
	}
}

// A place behind a proxy: the name is the proxy's to resolve; an address of
// the inside is refused all the same.
func TestProxy(t *testing.T) {
	var seen *http.Request
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { seen = r }))
	defer proxy.Close()
	at := strings.Replace(proxy.URL, "http://", "http://user:proxy-secret@", 1)
	c, err := New(Config{Name: "webhook", URL: "http://hooks.invalid/x", Proxy: at})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Post(t.Context(), nil, nil); err != nil || seen.URL.String() != "http://hooks.invalid/x" || seen.Header.Get("Proxy-Authorization") == "" {
		t.Errorf("the proxy saw %+v, %v", seen, err)
	}
	if _, err := New(Config{Name: "webhook", URL: "http://10.0.0.1/x", Proxy: at}); err == nil {
		t.Error("a private address by a proxy")
	}
	proxy.Close()
	if _, err := c.Post(t.Context(), nil, nil); err == nil || strings.Contains(err.Error(), "proxy-secret") {
		t.Errorf("the proxy is gone: %v", err)
	}
}

func TestConfig(t *testing.T) {
	for address, want := range map[string]string{
		"": "want it to begin with", "ftp://h/secret-Key1": "want it to begin with", "https:///secret-Key1": "it names no host", "http://h/secret-Key1\x7f": "cannot be read",
		"http://127.0.0.1/secret-Key1": "loopback", "http://[::1]:80/": "loopback", "https://[fe80::1%25eth0]/": "link-local", "http://[::ffff:192.168.1.1]/": "private", "http://h:secret-Key1/": "cannot be read",
	} {
		_, err := New(Config{Name: `webhook "ops"`, URL: address})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `webhook "ops": url: `) || strings.Contains(err.Error(), "secret-Key1") {
			t.Errorf("%q: %v, want %q", address, err, want)
		}
	}
	if _, err := New(Config{Name: "w", URL: "https://h", Proxy: "socks://secret-Key1"}); err == nil || strings.Contains(err.Error(), "secret-Key1") {
		t.Errorf("proxy: %v", err)
	}
}

// An answer may repeat what it was asked: no form of a secret gets through.
func TestNoSecretInErrors(t *testing.T) {
	const path = "/services/T012345/B0 ß&'\"/x9XXcanaryPATHxxxx"
	canaries := []string{"canary-TOKEN-1&'<\"", "canaryPATH", "canaryQUERY", "canaryPASS"}
	answers := map[string]http.HandlerFunc{
		"echo": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(404)
			user, pass, _ := r.BasicAuth()
			fmt.Fprintf(w, "Cannot POST %s %s %s %s %s %q %x", r.URL, r.RequestURI, r.URL.Path, r.Header.Get("Authorization"), user+pass, canaries[0], 1)
		},
		"last segment": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(400)
			fmt.Fprint(w, "no hook x9XXcanaryPATHxxxx, token=canary-TOKEN-1%26%27%3C%22 canary-TOKEN-1&amp;&#39;&lt;&#34; x9XX\x00canaryPATHxxxx")
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.String(), 302) },
		"cut":      func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"silent": func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		},
	}
	for name, f := range answers {
		srv := httptest.NewServer(f)
		u, _ := url.Parse(srv.URL)
		u.Path, u.RawQuery, u.User = path, "key=canaryQUERY", url.UserPassword("bot", "canaryPASS")
		c, err := New(Config{Name: "webhook", URL: u.String(), Private: loopback, Secrets: canaries[:1], Timeout: 200 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Post(t.Context(), nil, nil)
		srv.Close()
		_, gone := c.Post(t.Context(), nil, nil)
		for _, e := range []error{err, gone} {
			if e == nil {
				t.Errorf("%s: no error", name)
				continue
			}
			for ; e != nil; e = errors.Unwrap(e) {
				for _, canary := range append(canaries, "canary-TOKEN", "Ym90OmNhbmFyeVBBU1M") {
					if said := fmt.Sprintf("%v %+v %#v", e, e, e); strings.Contains(said, canary) {
						t.Errorf("%s: %s shows in %s", name, canary, said)
					}
				}
			}
		}
	}
}
