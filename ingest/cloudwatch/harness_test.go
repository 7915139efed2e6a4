package cloudwatch_test

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

var _ ingest.Source = (*cloudwatch.Source)(nil)

// noon is when the tests begin.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// clock moves only when somebody sleeps.
type clock struct {
	mu    sync.Mutex
	at    time.Time
	slept []time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	c.slept = append(c.slept, d)
	return ctx.Err()
}

// world is an emulated account, its clock, and a source over it.
type world struct {
	*clock
	t    *testing.T
	aws  *awsfake.CloudWatch
	cfg  cloudwatch.Config
	acc  access.Account
	src  *cloudwatch.Source
	http *httptest.Server
	last map[kizashi.Partition]uint64 // Pos of the batches that were read
	revs []kizashi.Revision
}

// newWorld has an ALB namespace with settling delay 3 minutes and 1 hour of
// back-fill; edit changes that.
func newWorld(t *testing.T, edit func(*cloudwatch.Config)) *world {
	t.Helper()
	environment(t)
	w := &world{t: t, clock: &clock{at: noon}, last: map[kizashi.Partition]uint64{}}
	w.aws = awsfake.NewCloudWatch(w.Now)
	server := httptest.NewServer(w.aws)
	w.http = server
	t.Cleanup(server.Close)
	w.acc = access.Account{Tenant: "acme", ID: "111122223333", Endpoint: server.URL}
	w.cfg = cloudwatch.Config{
		Region:     "ap-northeast-1",
		Namespaces: []cloudwatch.Namespace{{Name: "AWS/ApplicationELB", Metrics: []cloudwatch.Metric{{Name: "RequestCount"}}}},
		Backfill:   time.Hour, Now: w.Now, Sleep: w.Sleep,
		Poll: map[string]time.Duration{"check": time.Minute},
	}
	if edit != nil {
		edit(&w.cfg)
	}
	return w
}

// environment keeps the machine's own AWS configuration out of the test.
func environment(t *testing.T) {
	for k, v := range map[string]string{"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"} {
		t.Setenv(k, v)
	}
}

func (w *world) session() *access.Session {
	w.t.Helper()
	s, err := access.Open(w.t.Context(), w.acc, access.Options{Now: w.Now, Sleep: w.Sleep})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			w.t.Error(err)
		}
	})
	return s
}

// open starts a source where the last one stopped.
func (w *world) open() {
	w.t.Helper()
	w.cfg.Session = w.session()
	src, err := cloudwatch.New(w.t.Context(), w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := src.Open(w.last); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := src.Close(); err != nil {
			w.t.Error(err)
		}
	})
	w.src = src
}

// next reads one batch, checks what every batch must keep, and acknowledges.
func (w *world) next() kizashi.Batch {
	w.t.Helper()
	b, err := w.src.Next(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if b.Pos <= w.last[b.Partition] {
		w.t.Fatalf("%s: Pos %d after %d", b.Partition, b.Pos, w.last[b.Partition])
	}
	for i, x := range b.Samples {
		if i > 0 && (x.At < b.Samples[i-1].At || x.At == b.Samples[i-1].At && x.Series <= b.Samples[i-1].Series) {
			w.t.Fatalf("%s: sample %d is out of order: %v after %v", b.Partition, i, x, b.Samples[i-1])
		}
		if x.End() > b.Until {
			w.t.Fatalf("%s: sample %v ends after Until %s", b.Partition, x, b.Until)
		}
	}
	if err := w.src.Ack(b.Partition, b.Pos); err != nil {
		w.t.Fatal(err)
	}
	w.last[b.Partition] = b.Pos
	w.revs = append(w.revs, b.Revised...)
	return b
}

// until reads batches until the main partition has come to at.
func (w *world) until(at time.Time) (bs []kizashi.Batch) {
	w.t.Helper()
	for len(bs) < 20_000 {
		b := w.next()
		bs = append(bs, b)
		if b.Partition.Backfill == "" && b.Until >= kizashi.TimeOf(at) {
			return bs
		}
	}
	w.t.Fatalf("not at %s after %d batches", at, len(bs))
	return nil
}

// alb is a load balancer's metric; values are minute(at).
func alb(name string) awsfake.Metric {
	return awsfake.Metric{Namespace: "AWS/ApplicationELB", Name: "RequestCount", Dimensions: map[string]string{"LoadBalancer": name}}
}

// fill puts a point a minute into [from, to), each seen when its minute ends.
func (w *world) fill(m awsfake.Metric, from, to time.Time) {
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		w.aws.PutSeen(m, at, minute(at), at.Add(time.Minute))
	}
}

func minute(at time.Time) float64 { return float64(at.Unix()/60) / 8 }

// samples of batches, by series, and a check that each series ascends.
func samples(t *testing.T, bs []kizashi.Batch) map[kizashi.SeriesID][]kizashi.Sample {
	t.Helper()
	out := map[kizashi.SeriesID][]kizashi.Sample{}
	for _, b := range bs {
		for _, x := range b.Samples {
			if xs := out[x.Series]; len(xs) > 0 && xs[len(xs)-1].At >= x.At {
				t.Fatalf("series %s: %s after %s", x.Series, x.At, xs[len(xs)-1].At)
			}
			out[x.Series] = append(out[x.Series], x)
		}
	}
	return out
}

// wantMinutes checks that xs is one sample a minute over [from, to).
func wantMinutes(t *testing.T, xs []kizashi.Sample, from, to time.Time) {
	t.Helper()
	if want := int(to.Sub(from) / time.Minute); len(xs) != want {
		t.Fatalf("%d samples, want %d", len(xs), want)
	}
	for i, x := range xs {
		at := from.Add(time.Duration(i) * time.Minute)
		if x.At != kizashi.TimeOf(at) || x.Value != minute(at) || x.Period != time.Minute || x.Late {
			t.Fatalf("sample %d is %+v at %s, want %v at %s", i, x, x.At, minute(at), at)
		}
	}
}

func logTo(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
