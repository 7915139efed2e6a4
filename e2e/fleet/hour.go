package main

import (
	"context"
	"errors"
	"maps"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/e2e/virtual"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// measured is what an hour came to.
type measured struct {
	Size      size
	Points    int64         // judged
	Opinions  int64         // of these, with limits
	Due       int64         // points that ended in the hour's reads
	Twice     int64         // judged more than once, or out of turn
	CPU       time.Duration // user and system, of source, merge and pipeline
	Real      time.Duration
	Load      time.Duration // of the snapshot
	Snapshot  int64         // bytes
	Peak      int64         // bytes resident
	Loaded    int64         // bytes resident after the snapshot was loaded
	Calls     int64         // that the fake counted
	Data      int64         // of these, GetMetricData
	Least     int64
	Metrics   int64 // requested
	Statuses  int
	Lag       map[string]time.Duration // worst, of each tenant's prompt groups
	Forced    int                      // moves of the clock while somebody worked: lags mean nothing then
	Alerts    int
	GCs       uint32
	AllocsPer float64 // bytes allocated a point
}

// perPoint is the cost of a series and minute.
func (m measured) perPoint() time.Duration { return m.CPU / time.Duration(max(m.Points, 1)) }

func (m measured) calls() float64 { return float64(m.Calls) / float64(m.Least) }

// runHour runs the hour from a snapshot.
func runHour(ctx context.Context, f *fake, s size, file, profile string, faults []awsfake.Fault) (m measured, err error) {
	m = measured{Size: s, Lag: map[string]time.Duration{}}
	clock := follow(f, begin)
	if err := f.post("/virtual/faults", faults); err != nil {
		return m, err
	}
	p, err := m.load(file)
	if err != nil {
		return m, err
	}
	places, err := open(ctx, f.url, s, clock)
	if err != nil {
		return m, err
	}
	w := newWatch(&m, clock, p)
	if profile != "" {
		out, err := os.Create(profile)
		if err != nil {
			return m, err
		}
		defer func() { err = errors.Join(err, out.Close()) }()
		if err := pprof.StartCPUProfile(out); err != nil {
			return m, err
		}
		defer pprof.StopCPUProfile()
	}
	var mem0, mem1 runtime.MemStats
	runtime.ReadMemStats(&mem0)
	cpu, err := virtual.Used()
	if err != nil {
		return m, err
	}
	began := time.Now()
	err = virtual.Run{Clock: clock, Sources: places.sources, Pipeline: p, Append: w.read, Keep: w.keep}.To(ctx, begin.Add(hour-time.Second))
	used, e1 := virtual.Used()
	m.CPU, m.Real = used-cpu, time.Since(began)
	runtime.ReadMemStats(&mem1)
	m.GCs, m.AllocsPer = mem1.NumGC-mem0.NumGC, float64(mem1.TotalAlloc-mem0.TotalAlloc)/float64(max(m.Points, 1))
	peak, e2 := virtual.Peak()
	m.Peak, m.Forced = peak, clock.Forced()
	w.finish()
	counts, e3 := f.counts()
	m.count(s, counts)
	return m, errors.Join(err, e1, e2, e3, places.close())
}

func (m *measured) load(file string) (*pipeline.Pipeline, error) {
	began := time.Now()
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	m.Snapshot = int64(len(b))
	p, err := pipeline.Load(b, models.All(), runtime.GOMAXPROCS(0), pipeline.NewMemory())
	m.Load = time.Since(began)
	peak, e := virtual.Peak()
	m.Loaded = peak
	return p, errors.Join(err, e)
}

// count compares what the fake counted with the least there could be: for each
// minute in which something is due one call for 500 metrics, and once the
// pages of the list.
func (m *measured) count(s size, counts []counted) {
	for _, c := range counts {
		if c.Action == "sts:AssumeRole" {
			continue
		}
		m.Calls += c.Calls
		if c.Action == "cloudwatch:GetMetricData" {
			m.Data += c.Calls
			m.Metrics += c.Metrics
		}
	}
	m.Least = int64(s.Accounts*s.Regions) * s.least()
}

// least calls for a region.
func (s size) least() int64 {
	const page, queries = 500, 500
	n := int64(s.Series+page-1) / page
	for minute := range int(hour / time.Minute) {
		due := 0
		for k := range s.Series {
			every := 1
			if s.Mixed {
				for _, c := range classes {
					if s.namespace(k) == "Fleet/"+c.name {
						every = int(c.poll / time.Minute)
					}
				}
			}
			if minute%every == 0 {
				due++
			}
		}
		n += int64(due+queries-1) / queries
	}
	return n
}

// watch looks at what is judged.
type watch struct {
	m       *measured
	clock   *virtual.Clock
	next    map[kizashi.SeriesID]kizashi.Time  // At of the next sample
	start   map[kizashi.Partition]kizashi.Time // where the snapshot left it
	until   map[kizashi.Partition]kizashi.Time // at the end
	members map[kizashi.Partition]int64
	ran     map[string]kizashi.Time // of each tenant's prompt groups
}

func newWatch(m *measured, clock *virtual.Clock, p *pipeline.Pipeline) *watch {
	w := &watch{m: m, clock: clock, next: map[kizashi.SeriesID]kizashi.Time{}, start: map[kizashi.Partition]kizashi.Time{},
		members: map[kizashi.Partition]int64{}, ran: map[string]kizashi.Time{}}
	for part, pos := range p.Positions() {
		w.start[part] = untilOf(pos)
		if part.Class() == kizashi.Prompt {
			w.ran[part.Tenant] = w.start[part]
		}
	}
	w.until = maps.Clone(w.start)
	return w
}

func (w *watch) read(bs []kizashi.Batch) error {
	for i := range bs {
		b := &bs[i]
		if b.Status != nil {
			w.m.Statuses++
		}
		w.until[b.Partition] = max(w.until[b.Partition], b.Until)
		for _, d := range b.Declare {
			if _, ok := w.next[d.Meta.Series]; !ok {
				w.next[d.Meta.Series] = w.start[b.Partition]
				w.members[b.Partition]++
			}
		}
	}
	return nil
}

// finish says how many points there were between the snapshot and where the
// reads have come, and how far behind each tenant is at last.
func (w *watch) finish() {
	for part, n := range w.members {
		w.m.Due += n * int64(w.until[part].Sub(w.start[part])/part.Period)
	}
	for t := range w.ran {
		w.behind(t)
	}
}

// behind notes how far a tenant's groups are behind the clock.
func (w *watch) behind(tenant string) {
	w.m.Lag[tenant] = max(w.m.Lag[tenant], w.clock.Now().Sub(w.ran[tenant].UTC()))
}

func (w *watch) keep(r *pipeline.Result) error {
	for i := range r.Judgements {
		j := &r.Judgements[i]
		if !j.Sample() {
			continue
		}
		w.m.Points++
		if j.State == kizashi.Judged || j.State == kizashi.HeldOut {
			w.m.Opinions++
		}
		if next, ok := w.next[j.Series]; !ok || j.At != next {
			w.m.Twice++
		}
		w.next[j.Series] = j.End
	}
	w.m.Alerts += len(r.Alerts)
	if t := r.Partition.Tenant; r.Partition.Class() == kizashi.Prompt && r.Ran > w.ran[t] && r.Ran != kizashi.Forever {
		w.behind(t) // just before it was told
		w.ran[t] = r.Ran
	}
	return nil
}

// lags are the best and the worst of all tenants but one.
func (m measured) lags(but string) (least, most time.Duration) {
	var all []time.Duration
	for t, d := range m.Lag {
		if t != but {
			all = append(all, d)
		}
	}
	if len(all) == 0 {
		return 0, 0
	}
	return slices.Min(all), slices.Max(all)
}
