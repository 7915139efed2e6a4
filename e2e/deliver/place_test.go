package deliver

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/webhook"
)

// failure is how a place fails while it is down.
type failure string

const (
	broken    failure = "500"
	throttled failure = "429 with Retry-After"
	timeout   failure = "time-out"
	reset     failure = "reset"
	halfOpen  failure = "half-open"
	slowDrip  failure = "slow drip"
)

// retryAfter is what a throttled place asks for.
const retryAfter = 5 * time.Minute

// impatience is what a send has while a place is down, in real time: what
// hangs would take its 10 s a try.
const impatience = 40 * time.Millisecond

// place is a webhook's receiver on a real socket, with the sink that leads
// there.
type place struct {
	*webhook.Sink
	fails failure
	now   func() time.Time

	mu    sync.Mutex
	down  bool
	tries int // while down
	heard []heard
}

// heard is a message that was taken.
type heard struct {
	At      time.Time // of the delivery clock
	Key     string
	Thread  string
	Seq     int
	State   kizashi.AlertState
	Reason  alert.Reason
	Members []string
}

func newPlace(t *testing.T, lane string, fails failure, now func() time.Time) *place {
	t.Helper()
	p := &place{fails: fails, now: now}
	srv := httptest.NewUnstartedServer(p)
	srv.Listener = &door{Listener: srv.Listener, p: p}
	srv.Start()
	t.Cleanup(srv.Close)
	var err error
	if p.Sink, err = webhook.New(webhook.Config{Name: lane, URL: srv.URL, Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Now: now}); err != nil {
		t.Fatal(err)
	}
	return p
}

// Send is the sink's, with less patience while the place is down.
func (p *place) Send(ctx context.Context, n alert.Notification) error {
	if p.isDown() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, impatience)
		defer cancel()
	}
	return p.Sink.Send(ctx, n)
}

func (p *place) set(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down && p.fails != ""
}

func (p *place) isDown() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.down
}

// door lets nobody in while its place is half-open: the connection stands, and
// there is nobody behind it.
type door struct {
	net.Listener
	p *place
}

func (d *door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil || d.p.fails != halfOpen || !d.p.isDown() {
			return c, err
		}
		d.p.tried()
		// It is let go when who came has given up.
		go func() { _, _ = io.Copy(io.Discard, c); _ = c.Close() }()
	}
}

func (p *place) tried() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tries++
}

func (p *place) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // who sent it has given up
	}
	if p.isDown() {
		p.tried()
		p.fail(w, r)
		return
	}
	var b struct {
		State    kizashi.AlertState
		Reason   alert.Reason
		DedupKey string `json:"dedup_key"`
		Thread   alert.Thread
	}
	if err := json.Unmarshal(body, &b); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h := heard{At: p.now(), Key: b.DedupKey, Thread: b.Thread.ID, Seq: b.Thread.Seq, State: b.State, Reason: b.Reason}
	for _, m := range b.Thread.Members {
		h.Members = append(h.Members, m.Alert)
	}
	p.mu.Lock()
	p.heard = append(p.heard, h)
	p.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func (p *place) fail(w http.ResponseWriter, r *http.Request) {
	switch p.fails {
	case broken:
		http.Error(w, "no", http.StatusInternalServerError)
	case throttled:
		w.Header().Set("Retry-After", fmt.Sprint(int(retryAfter.Seconds())))
		http.Error(w, "later", http.StatusTooManyRequests)
	case reset:
		c := seize(w)
		_ = c.(*net.TCPConn).SetLinger(0) // without it the connection is only closed
		_ = c.Close()
	case slowDrip:
		// Of an answer that has not come as far as its status nobody knows
		// whether the message was taken.
		c := seize(w)
		for _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nX-Drip: "); err == nil; _, err = io.WriteString(c, ".") {
			time.Sleep(5 * time.Millisecond) // the drip is the network's, not the test's
		}
		_ = c.Close()
	default:
		<-r.Context().Done()
	}
}

// seize takes the connection from the server.
func seize(w http.ResponseWriter) net.Conn {
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	return c
}
