// Package backfill reads the history of an account with the real source, store
// and pipeline in virtual time, kills it on the way, and holds what comes of it
// against the run that nobody killed.
package backfill

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/e2e/virtual"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

const (
	account = "111111111111"
	tenant  = "acme"
	region  = "ap-northeast-1"
	day     = 24 * time.Hour
)

var begin = time.Date(2026, 9, 8, 9, 0, 0, 0, time.UTC)

func soak() bool { return os.Getenv("KIZASHI_SOAK") == "1" }

func TestMain(m *testing.M) {
	if err := virtual.Credentials(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// world is one account with so many series, and what was asked of it.
type world struct {
	*virtual.Clock
	t      *testing.T
	series int
	url    string

	mu     sync.Mutex
	last   awsfake.Call   // that was answered
	asked  map[uint64]int // requests for history, by what they say
	points int64          // of history that were answered
	calls  map[string]int // by the length of their window: "history", "live"
}

func newWorld(t *testing.T, series int) *world {
	w := &world{t: t, Clock: virtual.NewClock(begin), series: series, asked: map[uint64]int{}, calls: map[string]int{}}
	cloud := awsfake.NewCloud(w.Now)
	r := virtual.Grant(cloud, tenant, account).Region(region)
	for n := range series {
		r.Generate(metric(n), time.Minute, begin.Add(-460*day), time.Time{}, value(n))
	}
	cloud.OnCall(func(c awsfake.Call) { w.last = c })
	srv := httptest.NewServer(w.counting(cloud))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	return w
}

func metric(n int) awsfake.Metric {
	return awsfake.Metric{Namespace: "Shop", Name: "Load", Dimensions: map[string]string{"Host": fmt.Sprintf("host-%04d", n)}}
}

// value has incidents in every tenth series: one in the history, one in the
// hours after the beginning.
func value(n int) func(time.Time) (float64, bool) {
	if n%10 > 0 {
		return func(at time.Time) (float64, bool) { return virtual.Level(uint64(n), at), true }
	}
	past, now := begin.Add(-3*day+time.Duration(n%50)*11*time.Minute), begin.Add(40*time.Minute+time.Duration(n%10)*time.Minute)
	return func(at time.Time) (float64, bool) {
		v := virtual.Level(uint64(n), at)
		for _, from := range []time.Time{past, now} {
			if d := at.Sub(from); d >= 0 && d < 15*time.Minute {
				v *= 2
			}
		}
		return v, true
	}
}

// counting tells requests for history apart from those for the present, and
// one that was made before from a new one. One request at a time: there is one
// source.
func (w *world) counting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.t.Errorf("a request's body: %v", err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.last = awsfake.Call{}
		next.ServeHTTP(rw, r)
		switch c := w.last; {
		case c.Op != "GetMetricData":
		case c.To.Sub(c.From) < 100*time.Minute:
			w.calls["live"]++
		default:
			w.calls["history"]++
			w.points += int64(c.Returned)
			h := fnv.New64a()
			if _, err := h.Write(body); err != nil {
				w.t.Error(err)
			}
			w.asked[h.Sum64()]++
		}
	})
}

// again counts the requests for history that were made before.
func (w *world) again() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range w.asked {
		n += k - 1
	}
	return n
}

// source opens the account, at its whole quota: 50 calls a second.
func (w *world) source() (*cloudwatch.Source, func() error, error) {
	ctx := w.t.Context()
	session, err := w.Session(ctx, w.url, tenant, account, 1, func(access.Call) {})
	if err != nil {
		return nil, nil, err
	}
	wait := 2 * time.Minute
	src, err := cloudwatch.New(ctx, cloudwatch.Config{Session: session, Region: region, Zone: "Asia/Tokyo", Backfill: 15 * day, Coarse: true, Now: w.Now, Sleep: w.Sleep,
		Namespaces: []cloudwatch.Namespace{{Name: "Shop", Settle: &wait, Group: "shop", Metrics: []cloudwatch.Metric{{Name: "Load", Statistic: "Average"}}}},
		Poll:       map[string]time.Duration{"check": time.Minute}})
	return src, session.Close, err
}
