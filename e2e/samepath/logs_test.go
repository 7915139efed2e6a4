package samepath

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	cloudlogs "github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// logClock moves when somebody sleeps.
type logClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *logClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *logClock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return ctx.Err()
}

// told steps batches and gathers the alerts that came, their first and last words, and
// how many lines were counted.
type told struct {
	p      *pipeline.Pipeline
	mem    *pipeline.Memory
	alerts map[string]string
	just   map[string]string
	lines  int
}

func newTold(t *testing.T) *told {
	mem := pipeline.NewMemory()
	p, err := pipeline.New(pipeline.Config{}, models.All(), mem)
	if err != nil {
		t.Fatal(err)
	}
	return &told{p: p, mem: mem, alerts: map[string]string{}, just: map[string]string{}}
}

func (o *told) step(t *testing.T, b kizashi.Batch) {
	t.Helper()
	var r pipeline.Result
	if err := o.p.Step(b, &r); err != nil {
		t.Fatal(err)
	}
	for _, j := range r.Justifications {
		b, err := json.Marshal(j)
		if err != nil {
			t.Fatal(err)
		}
		o.just[j.Alert] = string(b)
	}
	o.lines += r.Lines
	for _, a := range r.Alerts {
		o.alerts[a.ID] = strings.Join(a.Models, " ") + " " + a.Opened.String() + " to " + a.To.String() + " " + a.Justify
	}
	if err := o.mem.Keep(&r); err != nil {
		t.Fatal(err)
	}
}

// What a log group brings by FilterLogEvents, history first and then live, gives the
// alerts that the same lines give in one piece.
func TestLogsLiveAndReplayed(t *testing.T) {
	const account, region, group = "111122223333", "ap-northeast-1", "/ecs/shop"
	begin := gen.LogStart
	bad := begin.Add(4*24*time.Hour + 5*time.Hour)
	end := begin.Add(4*24*time.Hour + 8*time.Hour)
	shop := gen.NewLogGroup(group, 5, 240, gen.LogIncident{Kind: gen.LogNewError, From: bad, To: bad.Add(10 * time.Minute)}, gen.LogIncident{Kind: gen.LogBeat, From: bad.Add(time.Hour), To: bad.Add(2 * time.Hour)})
	clock := &logClock{at: begin.Add(4 * 24 * time.Hour).UTC()}
	cloud := awsfake.NewCloud(clock.now)
	server := httptest.NewServer(cloud)
	t.Cleanup(server.Close)
	var lines []kizashi.Line
	for m := begin; m < end; m = m.Add(time.Minute) {
		for _, l := range shop.Minute(m) {
			lines = append(lines, l)
			cloud.Account(account).Region(region).LogSeen(group, "one", l.At.UTC(), l.Text, l.At.UTC().Add(5*time.Second))
		}
	}
	live := readLive(t, cloud, server.URL, account, region, clock, end)

	replayed := newTold(t)
	id := kizashi.LabelsOf(map[string]string{"account": account, "region": region, "log_group": group})
	meta, ok := live.p.Engine().Meta(kizashi.IDOf("acme", id))
	if !ok {
		t.Fatal("the live source declared no such log group")
	}
	part := kizashi.Partition{Tenant: "acme", Account: account, Region: region, Kind: kizashi.Logs, Period: time.Minute, Settle: time.Minute}
	for i := range lines {
		lines[i].Series = meta.Series
	}
	// Live reading begins two minutes, its hold-back, before the history that was asked for.
	replayed.step(t, kizashi.Batch{Partition: part, Pos: 1, Until: begin.Add(-2 * time.Minute), Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: part, At: begin}}, Declare: []kizashi.Declaration{{From: kizashi.Never, Meta: meta}}})
	replayed.step(t, kizashi.Batch{Partition: part, Pos: 2, Until: end, Lines: lines})

	if live.lines != len(lines) {
		t.Errorf("live brought %d lines of %d", live.lines, len(lines))
	}
	if len(replayed.alerts) < 2 {
		t.Fatalf("only %v: the test would show nothing", replayed.alerts)
	}
	var ids []string
	for a := range replayed.alerts {
		ids = append(ids, a)
	}
	for a := range live.alerts {
		if replayed.alerts[a] == "" {
			ids = append(ids, a)
		}
	}
	sort.Strings(ids)
	for _, a := range ids {
		if live.alerts[a] != replayed.alerts[a] {
			t.Errorf("alert %s\n  live      %q\n  replayed  %q\n%s", a, live.alerts[a], replayed.alerts[a], firstDiff(live.just[a], replayed.just[a]))
		}
	}
}

// readLive takes what a source over the cloud brings until an instant.
func readLive(t *testing.T, cloud *awsfake.Cloud, url, account, region string, clock *logClock, end kizashi.Time) *told {
	t.Helper()
	id, secret := cloud.Account(account).Keys()
	for k, v := range map[string]string{"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"} {
		t.Setenv(k, v)
	}
	s, err := access.Open(t.Context(), access.Account{Tenant: "acme", ID: account, Endpoint: url, Share: 1}, access.Options{Now: clock.now, Sleep: clock.sleep})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	src, err := cloudlogs.New(t.Context(), cloudlogs.Config{Session: s, Region: region, Zone: "", Rules: []cloudlogs.Rule{{}}, Backfill: 4 * 24 * time.Hour, Now: clock.now, Sleep: clock.sleep})
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Open(nil); err != nil {
		t.Fatal(err)
	}
	out := newTold(t)
	for {
		b, err := src.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		out.step(t, b)
		if b.Partition.Kind == kizashi.Logs && b.Partition.Source == "" && b.Partition.Backfill == "" && b.Until >= end {
			return out
		}
	}
}

// firstDiff shows where two texts part.
func firstDiff(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	show := func(s string) string { return s[max(0, i-80):min(len(s), i+120)] }
	return "  " + show(a) + "\n  " + show(b)
}
