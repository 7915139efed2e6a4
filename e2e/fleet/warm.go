package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/e2e/virtual"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// defaultLearning is what series have seen when the hour begins: as much as a
// baseline holds.
const defaultLearning = 15 * 24 * time.Hour

// places opens a source for each account and region.
type places struct {
	clock    *virtual.Clock
	sessions []*access.Session
	sources  []ingest.Source
}

func open(ctx context.Context, url string, s size, clock *virtual.Clock) (*places, error) {
	p := &places{clock: clock}
	for a := range s.Accounts {
		session, err := clock.Session(ctx, url, tenant(a), virtual.Number(a), 0, nil)
		if err != nil {
			return nil, errors.Join(err, p.close())
		}
		p.sessions = append(p.sessions, session)
		for _, name := range regionNames[:s.Regions] {
			src, err := cloudwatch.New(ctx, s.config(session, name, clock))
			if err != nil {
				return nil, errors.Join(err, p.close())
			}
			p.sources = append(p.sources, src)
		}
	}
	return p, nil
}

func (s size) config(session *access.Session, region string, clock *virtual.Clock) cloudwatch.Config {
	wait := settle
	cfg := cloudwatch.Config{Session: session, Region: region, Zone: "Asia/Tokyo", Backfill: -1, Classify: class, Poll: map[string]time.Duration{}, Now: clock.Now, Sleep: clock.Sleep}
	for _, c := range classes {
		if s.Mixed || c.name == "act" {
			cfg.Namespaces = append(cfg.Namespaces, cloudwatch.Namespace{Name: "Fleet/" + c.name, Settle: &wait, GroupBy: "Service",
				Metrics: []cloudwatch.Metric{{Name: "Load", Statistic: "Average"}}})
			cfg.Poll[c.name] = c.poll
		}
	}
	return cfg
}

func (p *places) close() error {
	var errs []error
	for _, s := range p.sessions {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// follow keeps the fake's clock with ours. An error ends the process: nothing
// measured after it would mean anything.
func follow(f *fake, at time.Time) *virtual.Clock {
	c := virtual.NewClock(at)
	tell := func(at time.Time) {
		if err := f.post("/virtual/clock", at); err != nil {
			fmt.Fprintln(os.Stderr, "fleet: the fake's clock:", err)
			os.Exit(1)
		}
	}
	tell(at)
	c.OnMove(tell)
	return c
}

// warm writes a snapshot of a pipeline that has watched the fleet for so long.
// The sources say which partitions and series there are, and where these
// stand; what was seen is stepped without asking the fake for each point. One
// series of each group has seen all of it, the others begin as its likes.
func warm(ctx context.Context, f *fake, s size, learning time.Duration, file string) error {
	from := begin.Add(-learning)
	clock := follow(f, from)
	places, err := open(ctx, f.url, s, clock)
	if err != nil {
		return err
	}
	seen := first{}
	err = virtual.Run{Clock: clock, Sources: places.sources, Append: seen.take}.To(ctx, from.Add(s.longest()+time.Minute))
	if err := errors.Join(err, places.close()); err != nil {
		return err
	}
	p, err := pipeline.New(pipeline.Config{Shards: 2}, models.All(), pipeline.NewMemory())
	if err != nil {
		return err
	}
	n := 0
	for part, x := range seen {
		if n += len(x.metas); len(x.metas) > 0 {
			if err := x.learn(p, part); err != nil {
				return err
			}
		}
	}
	if n != s.series() {
		return fmt.Errorf("%d series were declared of %d", n, s.series())
	}
	b, err := p.Save()
	if err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o600)
}

// longest time between two polls.
func (s size) longest() time.Duration {
	if s.Mixed {
		return classes[len(classes)-1].poll
	}
	return classes[0].poll
}

// first is what the sources said at first, by partition.
type first map[kizashi.Partition]*told

type told struct {
	roster []kizashi.RosterEntry
	metas  []kizashi.Meta
	batch  kizashi.Batch // the first
}

func (f first) take(bs []kizashi.Batch) error {
	for _, b := range bs {
		if b.Status != nil {
			return fmt.Errorf("%s is out: %s", b.Partition, b.Status.Reason)
		}
		x := f[b.Partition]
		if x == nil {
			x = &told{batch: b}
			f[b.Partition] = x
		}
		x.roster = append(x.roster, b.Roster...)
		for _, d := range b.Declare {
			x.metas = append(x.metas, d.Meta)
		}
	}
	return nil
}

// A source's position is its Until in seconds over a count of 20 bits.
const countBits = 20

func untilOf(pos uint64) kizashi.Time { return kizashi.Time(pos>>countBits) * 1000 }

// together is how long all series are watched at the end, each for itself.
const together = 30 * time.Minute

// learn steps what was seen up to the last poll before the hour.
func (x *told) learn(p *pipeline.Pipeline, part kizashi.Partition) error {
	if untilOf(x.batch.Pos) != x.batch.Until {
		return fmt.Errorf("%s: position %d of a batch until %s is not made as known here", part, x.batch.Pos, x.batch.Until)
	}
	end := kizashi.TimeOf(begin).Add(-part.Settle).Add(-max(part.Poll, part.Period)).Floor(part.Period)
	donors := map[string]kizashi.SeriesID{}
	var some []kizashi.Meta
	var known, likes []kizashi.Declaration
	at, later := x.batch.Until, end.Add(-together)
	for _, m := range x.metas {
		d := kizashi.Declaration{From: later, Meta: m, Like: donors[m.Group]}
		if d.Like != 0 {
			likes = append(likes, d)
			continue
		}
		d.From, donors[m.Group] = at, m.Series
		some, known = append(some, m), append(known, d)
	}
	if err := step(p, part, some, kizashi.Batch{Roster: x.roster, Declare: known}, at, later); err != nil {
		return err
	}
	return step(p, part, x.metas, kizashi.Batch{Declare: likes}, later, end)
}

// step steps the points of series that end in (at, end], the first batch with
// what it has beside.
func step(p *pipeline.Pipeline, part kizashi.Partition, metas []kizashi.Meta, b kizashi.Batch, at, end kizashi.Time) error {
	values := make([]func(time.Time) (float64, bool), len(metas))
	for i, m := range metas {
		n, err := number(m)
		if err != nil {
			return err
		}
		values[i] = n
	}
	var res pipeline.Result
	for at < end {
		to := min(at.Add(12*time.Hour), end)
		b.Partition, b.Pos, b.Until, b.Samples = part, uint64(to/1000)<<countBits, to, b.Samples[:0]
		for ; at < to; at = at.Add(part.Period) {
			for i := range metas {
				v, _ := values[i](at.UTC())
				b.Samples = append(b.Samples, kizashi.Sample{Series: metas[i].Series, At: at, Period: part.Period, Value: v})
			}
		}
		if err := p.Step(b, &res); err != nil {
			return err
		}
		b.Roster, b.Declare = nil, nil
	}
	return nil
}

// number gives a series its values.
func number(m kizashi.Meta) (func(time.Time) (float64, bool), error) {
	var a, n int
	_, err := fmt.Sscanf(m.Labels.Get("account"), "1%d", &a)
	_, err2 := fmt.Sscanf(m.Labels.Get("dim_Host"), "host-%d", &n)
	if err := errors.Join(err, err2); err != nil {
		return nil, fmt.Errorf("series %s: %w", m.Name(), err)
	}
	return value(a, region(m.Labels.Get("region")), n), nil
}

func region(name string) int {
	for i, r := range regionNames {
		if r == name {
			return i
		}
	}
	panic("a region that the fleet does not have: " + name)
}
