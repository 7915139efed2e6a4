package logs_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
	"github.com/kizashi-ops/kizashi/ingest/sourcetest"
)

var _ ingest.Source = (*logs.Source)(nil)

const (
	acme  = "111122223333"
	tokyo = "ap-northeast-1"
)

// noon is when the tests begin.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// clock moves only when somebody sleeps.
type clock struct {
	mu   sync.Mutex
	at   time.Time
	late func(now time.Time) // told of each step; nil = nobody is
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
	if c.late != nil {
		c.late(c.at)
	}
	return ctx.Err()
}

// world is an emulated account with log groups, its clock, a source over it,
// and the journal of what the source delivered.
type world struct {
	*clock
	t       *testing.T
	cloud   *awsfake.Cloud
	account *awsfake.Account
	region  *awsfake.Region
	cfg     logs.Config
	acc     access.Account
	src     *logs.Source
	journal []kizashi.Batch
	logged  strings.Builder
	calls   map[string]int
}

// newWorld reads all groups with a hold-back of two minutes and an hour of
// back-fill; edit changes that.
func newWorld(t *testing.T, edit func(*world)) *world {
	t.Helper()
	for k, v := range map[string]string{"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"} {
		t.Setenv(k, v) // the machine's own configuration stays out of it
	}
	w := &world{t: t, clock: &clock{at: noon}, calls: map[string]int{}}
	w.cloud = awsfake.NewCloud(w.Now)
	w.account = w.cloud.Account(acme)
	w.region = w.account.Region(tokyo)
	server := httptest.NewServer(w.cloud)
	t.Cleanup(server.Close)
	id, secret := w.account.Keys()
	t.Setenv("AWS_ACCESS_KEY_ID", id)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
	w.acc = access.Account{Tenant: "acme", ID: acme, Endpoint: server.URL, Share: 1}
	w.cfg = logs.Config{Region: tokyo, Rules: []logs.Rule{{}}, Backfill: time.Hour, Now: w.Now, Sleep: w.Sleep,
		Log: slog.New(slog.NewTextHandler(&w.logged, nil))}
	w.cfg.Journal = w.recall
	if edit != nil {
		edit(w)
	}
	return w
}

// recall is what a source is told of the journal.
func (w *world) recall(fn func(kizashi.Batch) error) error {
	for _, b := range w.journal {
		if err := fn(b); err != nil {
			return err
		}
	}
	return nil
}

// open starts a source where the journal ends.
func (w *world) open() {
	w.t.Helper()
	s, err := access.Open(w.t.Context(), w.acc, access.Options{Now: w.Now, Sleep: w.Sleep, OnCall: func(c access.Call) { w.calls[c.Action]++ }})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			w.t.Error(err)
		}
	})
	cfg := w.cfg
	cfg.Session = s
	src, err := logs.New(w.t.Context(), cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := src.Open(sourcetest.Positions(w.journal)); err != nil {
		w.t.Fatal(err)
	}
	w.src = src
}

// next reads one batch and journals it.
func (w *world) next() kizashi.Batch {
	w.t.Helper()
	return w.nextOf(w.t.Context())
}

func (w *world) nextOf(ctx context.Context) kizashi.Batch {
	w.t.Helper()
	b, err := w.src.Next(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.src.Ack(b.Partition, b.Pos); err != nil {
		w.t.Fatal(err)
	}
	w.journal = append(w.journal, b)
	return b
}

// run reads until the main partitions have all come to at.
func (w *world) run(at time.Time) (bs []kizashi.Batch) {
	w.t.Helper()
	ctx, stop := context.WithCancel(w.t.Context())
	defer stop()
	w.late = func(now time.Time) {
		if now.After(at.Add(6 * time.Hour)) {
			stop()
		}
	}
	for len(bs) < 50_000 {
		b := w.nextOf(ctx)
		bs = append(bs, b)
		if least, ok := w.least(); ok && least >= kizashi.TimeOf(at) {
			return bs
		}
	}
	w.t.Fatalf("not at %s after %d batches", at, len(bs))
	return nil
}

// least Until of the main partitions that are open.
func (w *world) least() (kizashi.Time, bool) {
	until, open := map[kizashi.Partition]kizashi.Time{}, map[kizashi.Partition]bool{}
	for _, b := range w.journal {
		until[b.Partition] = b.Until
		for _, e := range b.Roster {
			switch e.Op {
			case kizashi.Join:
				open[e.Partition] = true
			case kizashi.Close:
				delete(open, e.Partition)
			}
		}
	}
	least, any := kizashi.Forever, false
	for k := range open {
		if k.Backfill != "" {
			return 0, false
		}
		least, any = min(least, until[k]), true
	}
	return least, any
}

// check has the contract of every source checked over the journal.
func (w *world) check() {
	w.t.Helper()
	var bs []kizashi.Batch
	for _, b := range w.journal {
		if !strings.HasPrefix(b.Partition.Source, "aside/") { // which never joins
			bs = append(bs, b)
		}
	}
	if err := sourcetest.Check(bs); err != nil {
		w.t.Error(err)
	}
}

// lines of batches, by text, each once; a text that comes twice is an error.
func lines(t *testing.T, bs []kizashi.Batch) map[string]kizashi.Line {
	t.Helper()
	out := map[string]kizashi.Line{}
	for _, b := range bs {
		for _, l := range b.Lines {
			if old, ok := out[l.Text]; ok {
				t.Fatalf("%q came twice: %+v and %+v", l.Text, old, l)
			}
			out[l.Text] = l
		}
	}
	return out
}

// story is what batches say beside lines, one item a line of text.
func story(bs []kizashi.Batch) (out []string) {
	say := func(b kizashi.Batch, format string, a ...any) {
		name := b.Partition.Source
		switch {
		case b.Partition.Backfill != "":
			name, _, _ = strings.Cut(b.Partition.Backfill, "-")
		case name == "":
			name = "main " + b.Partition.Settle.String()
		}
		line := name + ": " + fmt.Sprintf(format, a...)
		if n := len(out); n == 0 || out[n-1] != line {
			out = append(out, line)
		}
	}
	at := func(t kizashi.Time) string { return t.UTC().Format("15:04") }
	for _, b := range bs {
		for _, e := range b.Roster {
			say(b, "%s at %s", e.Op, at(e.At))
		}
		for _, d := range b.Declare {
			ended := ""
			if d.Ended != "" {
				ended = " ended: " + string(d.Ended)
			}
			say(b, "%s from %s%s", d.Meta.Labels.Get("log_group"), at(d.From), ended)
		}
		if b.Status != nil {
			say(b, "out, %s %s: %s", b.Status.Cause.Kind, b.Status.Cause.Name, b.Status.Resources)
		}
	}
	return out
}

func wantStory(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func minutes(n int) *time.Duration { d := time.Duration(n) * time.Minute; return &d }

// names of the groups that were declared.
func names(bs []kizashi.Batch) []string {
	set := map[string]bool{}
	for _, b := range bs {
		for _, d := range b.Declare {
			set[d.Meta.Name()] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}
