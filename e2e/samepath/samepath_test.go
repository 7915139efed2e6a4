// Package samepath holds the promise that live and replayed data go the same
// way: what a CloudWatch account delivers, back-fill first and then minute by
// minute, gives the alerts that its files give.
package samepath

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/replay"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

const settle = 3 * time.Minute

// minutely are the account's series of one minute: a partition.
func minutely(a *gen.Account) []*gen.Series {
	var out []*gen.Series
	for _, s := range a.Series {
		if s.Period == time.Minute {
			s.Settle = settle
			out = append(out, s)
		}
	}
	return out
}

// fake is CloudWatch holding the series; all points are there, and the source
// asks only for those that its clock has reached.
func fake(t *testing.T, series []*gen.Series, now func() time.Time) string {
	t.Helper()
	cw := awsfake.NewCloudWatch(now)
	for _, s := range series {
		m := awsfake.Metric{Namespace: s.Namespace, Name: s.Metric, Dimensions: s.Dimensions.Map()}
		for i, v := range s.Values {
			if !math.IsNaN(v) {
				cw.Put(m, s.At(i).UTC(), v)
			}
		}
	}
	srv := httptest.NewServer(cw)
	t.Cleanup(srv.Close)
	return srv.URL
}

// namespaces configures the source for exactly these series.
func namespaces(series []*gen.Series) []cloudwatch.Namespace {
	by := map[string]*cloudwatch.Namespace{}
	var out []cloudwatch.Namespace
	var names []string
	for _, s := range series {
		n := by[s.Namespace]
		if n == nil {
			wait := settle
			n = &cloudwatch.Namespace{Name: s.Namespace, Period: time.Minute, Settle: &wait, Group: s.Group}
			by[s.Namespace], names = n, append(names, s.Namespace)
		}
		m := cloudwatch.Metric{Name: s.Metric, Statistic: s.Statistic, Unit: s.Unit, Lower: bound(s.Lower), Upper: bound(s.Upper)}
		n.Metrics = append(n.Metrics, m)
	}
	sort.Strings(names)
	for _, name := range names {
		out = append(out, *by[name])
	}
	return out
}

func bound(n kizashi.Num) *float64 {
	if !n.Ok() {
		return nil
	}
	v := float64(n)
	return &v
}

// live runs the source over the account, with a clock that a sleep moves on,
// until the account's end.
func live(t *testing.T, a *gen.Account, series []*gen.Series, start time.Time, poll time.Duration) *seen {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	now := start
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	nap := func(_ context.Context, d time.Duration) error {
		mu.Lock()
		defer mu.Unlock()
		if now = now.Add(d); now.After(a.To.UTC()) {
			cancel()
			return context.Canceled
		}
		return nil
	}
	session, err := access.Open(ctx, access.Account{Tenant: a.Tenant, ID: a.ID, Endpoint: fake(t, series, clock)}, access.Options{Now: clock, Sleep: nap})
	if err != nil {
		t.Fatal(err)
	}
	src, err := cloudwatch.New(ctx, cloudwatch.Config{
		Session: session, Region: a.Region, Zone: a.Zone, Namespaces: namespaces(series), Backfill: 14 * 24 * time.Hour,
		Poll: map[string]time.Duration{"act": poll, "check": poll, "record": poll, "guard": poll}, Now: clock, Sleep: nap,
	})
	if err != nil {
		t.Fatal(err)
	}
	return through(ctx, t, src)
}

// seen is what came of a run: every change of state and every justification,
// as JSON, and the span that was judged.
type seen struct {
	changes     map[string]string
	first, last kizashi.Time
}

func newSeen() *seen { return &seen{map[string]string{}, kizashi.Forever, kizashi.Never} }

func (s *seen) note(t *testing.T, r *pipeline.Result) {
	for _, j := range r.Judgements {
		s.first, s.last = min(s.first, j.At), max(s.last, j.At)
	}
	for _, a := range r.Alerts {
		s.changes[a.ID+" "+string(a.State)+" "+a.Changed.String()] = text(t, a)
	}
	for _, j := range r.Justifications {
		s.changes[j.Alert+" justification"] = text(t, j)
	}
}

// through runs a source to its end, or to the end of ctx.
func through(ctx context.Context, t *testing.T, src ingest.Source) *seen {
	t.Helper()
	mem := pipeline.NewMemory()
	p, err := pipeline.New(pipeline.Config{Shards: 2}, models.All(), mem)
	if err != nil {
		t.Fatal(err)
	}
	s := newSeen()
	keep := func(r *pipeline.Result) error { s.note(t, r); return mem.Keep(r) }
	if err := (pipeline.Runner{Source: src, Pipeline: p, Keep: keep}).Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return s
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// replayed runs the same points from files.
func replayed(t *testing.T, a *gen.Account, series []*gen.Series, from, to kizashi.Time) *seen {
	t.Helper()
	dir := t.TempDir()
	mapping := []string{"files:"}
	for _, s := range series {
		f, err := os.Create(filepath.Join(dir, s.File()))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.WriteCSV(f); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		mapping = append(mapping, entry(t, s))
	}
	file := filepath.Join(t.TempDir(), "mapping.yaml")
	if err := os.WriteFile(file, []byte(strings.Join(mapping, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := replay.LoadMapping(file)
	if err != nil {
		t.Fatal(err)
	}
	src, err := replay.New(replay.Options{Paths: []string{dir}, Mapping: m, From: from, To: to})
	if err != nil {
		t.Fatal(err)
	}
	return through(t.Context(), t, src)
}

// resource is what the live source calls the series' resource, which it finds
// by its dimensions.
func resource(s *gen.Series) string {
	for _, d := range []string{"DBInstanceIdentifier", "TargetGroup", "LoadBalancer", "InstanceId"} {
		if v := s.Dimensions.Get(d); v != "" {
			return strings.TrimPrefix(v, "targetgroup/")
		}
	}
	return ""
}

// entry is the file's line of the mapping; YAML takes JSON.
func entry(t *testing.T, s *gen.Series) string {
	e := map[string]any{"match": s.File(), "tenant": s.Tenant, "account": s.Account, "region": s.Region, "namespace": s.Namespace, "metric": s.Metric,
		"dimensions": s.Dimensions.Map(), "statistic": s.Statistic, "unit": s.Unit, "period": "1m", "settle": settle.String(), "zone": s.Zone, "group": s.Group}
	if name := resource(s); name != "" {
		e["labels"] = map[string]string{"resource": name}
	}
	if b := bound(s.Lower); b != nil {
		e["lower"] = *b
	}
	if b := bound(s.Upper); b != nil {
		e["upper"] = *b
	}
	return "  - " + text(t, e)
}

// TestLiveAndReplayAreTheSame: two weeks of back-fill, then a week polled
// every quarter of an hour, against the same three weeks from files.
func TestLiveAndReplayAreTheSame(t *testing.T) {
	a := gen.NewAccount(7)
	series := minutely(a)
	start := a.From.Add(14*24*time.Hour + 7*time.Minute).UTC()
	got := live(t, a, series, start, 15*time.Minute)
	// Where exactly a back-fill begins is the source's business; the files are cut there.
	want := replayed(t, a, series, got.first, got.last+1)
	if len(want.changes) < 10 {
		t.Errorf("only %d changes: the incidents were not found", len(want.changes))
	}
	compare(t, want.changes, got.changes)
}

// compare holds both against each other.
func compare(t *testing.T, want, got map[string]string) {
	t.Helper()
	bad := 0
	for k, w := range want {
		if g, ok := got[k]; !ok || g != w {
			if bad++; bad <= 5 {
				t.Errorf("%s\nreplay %s\nlive   %s", k, from(w, g), from(g, w))
			}
		}
	}
	for k, g := range got {
		if _, ok := want[k]; !ok {
			if bad++; bad <= 5 {
				t.Errorf("%s only live: %s", k, g)
			}
		}
	}
	t.Logf("%d changes and justifications, %d differ", len(want), bad)
}

// from cuts a text to where it begins to differ from another.
func from(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return a[max(0, i-60):min(len(a), i+120)]
}
