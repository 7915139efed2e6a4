package faults

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// shop is one account with databases, watched by one source and a pipeline that
// steps what it delivers at once. Its clock moves when the source sleeps.
type shop struct {
	t      *testing.T
	clock  *own
	region *awsfake.Region
	cfg    cloudwatch.Config
	src    *cloudwatch.Source
	p      *pipeline.Pipeline
	memory *pipeline.Memory
	kept   *inventory.Snapshot // of the last list
	forget bool                // the next start has nothing of it
	alerts map[string]kizashi.Alert
	exists map[string][][2]time.Time // databases: when they had points
}

func newShop(t *testing.T) *shop {
	s := &shop{t: t, clock: &own{at: begin}, memory: pipeline.NewMemory(), alerts: map[string]kizashi.Alert{}, exists: map[string][][2]time.Time{}}
	aws := awsfake.NewCloud(s.clock.Now)
	aws.Account("999999999999")
	arn := aws.Account(one).Role("KizashiRead", "id")
	s.region = aws.Account(one).Region(tokyo)
	srv := httptest.NewServer(aws)
	t.Cleanup(srv.Close)
	session, err := access.Open(t.Context(), access.Account{Tenant: "acme", ID: one, Role: arn, ExternalID: "id", Endpoint: srv.URL}, access.Options{Now: s.clock.Now, Sleep: s.clock.Sleep})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	})
	s.cfg = cloudwatch.Config{Session: session, Region: tokyo, Backfill: 9 * 24 * time.Hour, Now: s.clock.Now, Sleep: s.clock.Sleep, Tags: true,
		Namespaces: []cloudwatch.Namespace{{Name: "AWS/RDS", Metrics: []cloudwatch.Metric{{Name: "DatabaseConnections"}}}},
		Poll:       map[string]time.Duration{"check": time.Minute},
		Earlier:    func() map[kizashi.Partition][]kizashi.Standing { return s.p.Standing() },
		Listed:     func(x *inventory.Snapshot) { s.kept = x }}
	if s.p, err = pipeline.New(pipeline.Config{Detect: rules()}, models.All(), s.memory); err != nil {
		t.Fatal(err)
	}
	return s
}

func arnOf(db string) string { return "arn:aws:rds:" + tokyo + ":" + one + ":db:" + db }

// create makes a database that has points from some time on.
func (s *shop) create(db string, from time.Time) {
	s.region.Tag(arnOf(db), map[string]string{"system": "shop"})
	again := len(s.exists[db]) > 0
	s.exists[db] = append(s.exists[db], [2]time.Time{from, begin.AddDate(1, 0, 0)})
	if again {
		return
	}
	level := value(one, tokyo, len(s.exists))
	s.region.Generate(awsfake.Metric{Namespace: "AWS/RDS", Name: "DatabaseConnections", Dimensions: map[string]string{"DBInstanceIdentifier": db}}, time.Minute, from, time.Time{},
		func(at time.Time) (float64, bool) {
			v, _ := level(at)
			return v, slices.ContainsFunc(s.exists[db], func(x [2]time.Time) bool { return !at.Before(x[0]) && at.Before(x[1]) })
		})
}

// remove deletes a database: CloudWatch goes on to list its metrics.
func (s *shop) remove(db string, at time.Time) {
	s.region.Untag(arnOf(db))
	s.exists[db][len(s.exists[db])-1][1] = at
}

// start starts Kizashi where its journal stands.
func (s *shop) start() {
	s.t.Helper()
	if s.cfg.Last = s.kept; s.forget {
		s.cfg.Last = nil
	}
	blob, err := s.p.Save()
	if err != nil {
		s.t.Fatal(err)
	}
	if s.p, err = pipeline.Load(blob, models.All(), 1, s.memory); err != nil {
		s.t.Fatal(err)
	}
	if s.src, err = cloudwatch.New(s.t.Context(), s.cfg); err != nil {
		s.t.Fatal(err)
	}
	if err := s.src.Open(s.p.Positions()); err != nil {
		s.t.Fatal(err)
	}
}

// run lets it run to an instant.
func (s *shop) run(to time.Time) {
	s.t.Helper()
	var r pipeline.Result
	for s.clock.Now().Before(to) {
		b, err := s.src.Next(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if err := s.p.Step(b, &r); err != nil {
			s.t.Fatal(err)
		}
		if err := s.memory.Keep(&r); err != nil {
			s.t.Fatal(err)
		}
		for _, a := range r.Alerts {
			s.alerts[a.ID] = a
		}
		if err := s.src.Ack(b.Partition, b.Pos); err != nil {
			s.t.Fatal(err)
		}
	}
}

// away lets time pass without Kizashi.
func (s *shop) away(to time.Time) {
	s.clock.at = to
	s.start()
}

// silences are the alerts of a database that opened since some time: what they
// say, and how they ended.
func (s *shop) silences(db string, since time.Time) (out []string) {
	for _, a := range s.alerts {
		if strings.Contains(a.Labels.Get("name"), db) && a.Opened >= kizashi.TimeOf(since) && slices.Contains(a.Models, "silence") {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s", a.State, a.Ended)))
		}
	}
	slices.Sort(out)
	return out
}

func wants(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// A database is deleted, and Kizashi is started again and again: nobody is told of
// its silence, as CloudWatch lists its metrics for two weeks and it stays ended
// all the same. One that goes while Kizashi is stopped ends with the start; one
// that is made anew is watched as before.
func TestEndingsOverRestarts(t *testing.T) {
	for _, forgets := range []bool{false, true} {
		t.Run(fmt.Sprintf("without its file %t", forgets), func(t *testing.T) {
			s := newShop(t)
			for _, q := range []string{"mail", "news", "jobs"} {
				s.create(q, begin.AddDate(0, 0, -11))
			}
			s.start()
			s.run(begin.Add(2*time.Hour + 50*time.Minute))
			s.remove("mail", s.clock.Now())
			s.run(begin.Add(4 * time.Hour))
			deleted := s.silences("mail", begin)
			for _, x := range deleted { // ten minutes before the list there may have been one
				if x != "resolved disappeared" {
					t.Fatalf("deleted: %q", deleted)
				}
			}
			s.forget = forgets
			s.away(begin.Add(5 * time.Hour))
			s.run(begin.Add(9 * time.Hour))
			if forgets {
				if got := s.silences("mail", begin.Add(4*time.Hour)); len(got) == 0 {
					t.Error("nobody is told of the silence even if nothing was kept: the test shows little")
				}
				return
			}
			wants(t, "mail after a restart", s.silences("mail", begin.Add(4*time.Hour)))
			s.remove("news", begin.Add(10*time.Hour))
			s.away(begin.Add(12 * time.Hour))
			s.run(begin.Add(16 * time.Hour))
			for _, x := range s.silences("news", begin) {
				if x != "resolved disappeared" {
					t.Errorf("news, gone while Kizashi was away: %s", x)
				}
			}
			s.create("mail", begin.Add(17*time.Hour))
			s.away(begin.Add(18 * time.Hour))
			s.run(begin.Add(20 * time.Hour))
			wants(t, "mail made anew", s.silences("mail", begin.Add(4*time.Hour)))
			s.remove("jobs", s.clock.Now()) // only its points stop: it is there
			s.region.Tag(arnOf("jobs"), map[string]string{"system": "shop"})
			s.run(begin.Add(23 * time.Hour))
			wants(t, "jobs", s.silences("jobs", begin), "firing")
		})
	}
}

// own is a clock of one who sleeps.
type own struct {
	mu sync.Mutex
	at time.Time
}

func (c *own) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *own) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return ctx.Err()
}
