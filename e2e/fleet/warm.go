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

// Learning is what series have seen when the hour begins: limits count after
// two days.
const defaultLearning = 50 * time.Hour

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
// stand; what was seen is stepped without asking the fake for each point.
func warm(ctx context.Context, f *fake, s size, learning time.Duration, file string) error {
	from := begin.Add(-learning)
	clock := follow(f, from)
	p, err := pipeline.New(pipeline.Config{Shards: 2}, models.All(), pipeline.NewMemory())
	if err != nil {
		return err
	}
	places, err := open(ctx, f.url, s, clock)
	if err != nil {
		return err
	}
	var seen first
	seen.members = map[kizashi.Partition][]kizashi.Meta{}
	err = virtual.Run{Clock: clock, Sources: places.sources, Pipeline: p, Append: seen.take}.To(ctx, from.Add(16*time.Minute))
	if err := errors.Join(err, seen.whole(s), places.close()); err != nil {
		return err
	}
	if err := seen.learn(s, p); err != nil {
		return err
	}
	b, err := p.Save()
	if err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o600)
}

// first is what the sources said at first.
type first struct {
	members map[kizashi.Partition][]kizashi.Meta
	last    map[kizashi.Partition]kizashi.Batch
}

func (f *first) take(bs []kizashi.Batch) error {
	if f.last == nil {
		f.last = map[kizashi.Partition]kizashi.Batch{}
	}
	for _, b := range bs {
		if b.Status != nil {
			return fmt.Errorf("%s is out: %s", b.Partition, b.Status.Reason)
		}
		for _, d := range b.Declare {
			f.members[b.Partition] = append(f.members[b.Partition], d.Meta)
		}
		b.Samples = nil
		f.last[b.Partition] = b
	}
	return nil
}

func (f *first) whole(s size) error {
	n := 0
	for _, ms := range f.members {
		n += len(ms)
	}
	if n != s.series() {
		return fmt.Errorf("%d series were declared of %d", n, s.series())
	}
	return nil
}

// A source's position is its Until in seconds over a count of 20 bits.
const countBits = 20

func untilOf(pos uint64) kizashi.Time { return kizashi.Time(pos>>countBits) * 1000 }

// position of a partition's batch with another Until. That the source makes
// them so is checked.
func position(b kizashi.Batch, until kizashi.Time) (uint64, error) {
	if untilOf(b.Pos) != b.Until {
		return 0, fmt.Errorf("%s: position %d of a batch until %s is not made as known here", b.Partition, b.Pos, b.Until)
	}
	return uint64(until/1000) << countBits, nil
}

// learn steps what was seen up to the last poll before the hour.
func (f *first) learn(s size, p *pipeline.Pipeline) error {
	numbers := map[string]int{}
	for a := range s.Accounts {
		numbers[virtual.Number(a)] = a
	}
	const stretch = 2 * time.Hour
	var res pipeline.Result
	for part, ms := range f.members {
		var values []func(time.Time) (float64, bool)
		for _, m := range ms {
			var n int
			if _, err := fmt.Sscanf(m.Labels.Get("dim_Host"), "host-%d", &n); err != nil {
				return fmt.Errorf("series %s: %w", m.Name(), err)
			}
			values = append(values, value(numbers[part.Account], region(part.Region), n))
		}
		end := kizashi.TimeOf(begin).Add(-part.Settle).Add(-max(part.Poll, part.Period)).Floor(part.Period)
		at := f.last[part].Until
		for at < end {
			to := min(at.Add(stretch), end)
			b := kizashi.Batch{Partition: part, Until: to}
			var err error
			if b.Pos, err = position(f.last[part], to); err != nil {
				return err
			}
			for ; at < to; at = at.Add(part.Period) {
				for i := range ms {
					v, _ := values[i](at.UTC())
					b.Samples = append(b.Samples, kizashi.Sample{Series: ms[i].Series, At: at, Period: part.Period, Value: v})
				}
			}
			if err := p.Step(b, &res); err != nil {
				return err
			}
		}
	}
	return nil
}

func region(name string) int {
	for i, r := range regionNames {
		if r == name {
			return i
		}
	}
	panic("a region that the fleet does not have: " + name)
}
