package service

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
)

// reading is how far a partition is read, and why not further.
type reading struct {
	kizashi.Partition `json:"-"`
	Until             kizashi.Time    `json:"read_until"`
	Over              bool            `json:"over,omitempty"` // it is closed: a back-fill that is done, or what is read no more
	Out               *kizashi.Status `json:"out,omitempty"`  // it cannot be read
	Filling           *filling        `json:"filling,omitempty"`
}

// filling is the progress of a back-fill that goes on.
type filling struct {
	From  kizashi.Time `json:"from"` // of this run
	To    kizashi.Time `json:"to"`
	Calls int          `json:"calls"` // made in this run
	Left  int          `json:"calls_left"`
	Ends  kizashi.Time `json:"ends_about"` // of the wall; null = there is no pace to go by yet
}

// ratio of it that is read.
func ratio(p cloudwatch.Progress) float64 {
	if p.To <= p.From {
		return 1
	}
	return float64(p.Until.Sub(p.From)) / float64(p.To.Sub(p.From))
}

// readings follows the partitions of all sources. It may be called from any
// goroutine.
type readings struct {
	now      func() time.Time
	progress func() map[kizashi.Partition]cloudwatch.Progress // of the back-fills that go on

	mu    sync.Mutex
	parts map[kizashi.Partition]reading
}

// Gauges of back-fills, which carry initial, found or coarse samples, and of
// what cannot be read.
var (
	fillLabels = []string{"tenant", "account", "region", "carries"}
	fillRatio  = prometheus.NewDesc("kizashi_backfill_progress_ratio", "How much of the back-fills that go on is read, the least of them, by what they carry: initial, found, coarse.", fillLabels, nil)
	fillOpen   = prometheus.NewDesc("kizashi_backfills_open", "Back-fills that go on, by what they carry.", fillLabels, nil)
	partsOut   = prometheus.NewDesc("kizashi_partitions_out", "Partitions that cannot be read, by cause; what is set aside of a region that can is one a cause.", []string{"tenant", "account", "region", "cause"}, nil)
	fillLeft   = prometheus.NewDesc("kizashi_backfill_calls_left", "Calls that the back-fills still have to make, about.", fillLabels, nil)
)

func newReadings(m *metrics, now func() time.Time, progress func() map[kizashi.Partition]cloudwatch.Progress) *readings {
	r := &readings{now: now, progress: progress, parts: map[kizashi.Partition]reading{}}
	m.registry.MustRegister(r)
	return r
}

// progressOf asks the sources.
func (s *Service) progressOf() map[kizashi.Partition]cloudwatch.Progress {
	out := map[kizashi.Partition]cloudwatch.Progress{}
	if s.readers == nil {
		return out
	}
	for _, r := range s.readers.All {
		for _, p := range r.Progress() {
			out[p.Partition] = p
		}
	}
	for _, r := range s.readers.Logs {
		for _, p := range r.Progress() {
			out[p.Partition] = cloudwatch.Progress{Partition: p.Partition, From: p.From, Until: p.Until, To: p.To, Calls: p.Calls, Left: p.Left, Estimate: p.Estimate}
		}
	}
	return out
}

// resume takes up where an earlier run left: a back-fill whose main partition
// has begun is over.
func (r *readings) resume(positions map[kizashi.Partition]uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for p := range positions {
		if p.Kind == kizashi.Commands {
			continue
		}
		main := p
		main.Backfill = ""
		_, begun := positions[main]
		r.parts[p] = reading{Partition: p, Until: kizashi.Never, Over: p.Backfill != "" && begun}
	}
}

// took notes what a batch says of its partition.
func (r *readings) took(b *kizashi.Batch) {
	if b.Partition.Kind == kizashi.Commands {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	x, ok := r.parts[b.Partition]
	if !ok {
		x = reading{Partition: b.Partition, Until: kizashi.Never}
	}
	x.Until, x.Out, x.Over = max(x.Until, b.Until), b.Status, false
	r.parts[b.Partition] = x
	for _, e := range b.Roster {
		if q, ok := r.parts[e.Partition]; ok && e.Op == kizashi.Close {
			q.Over = true
			r.parts[e.Partition] = q
		}
	}
}

// carries is what a back-fill's name begins with.
func carries(p kizashi.Partition) string {
	name, _, _ := strings.Cut(p.Backfill, "-")
	return name
}

// filled says whether the initial back-fills of a tenant's metrics are over, of which
// there has to be one, and up to when they read.
func (r *readings) filled(tenant string) (until kizashi.Time, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	until = kizashi.Never
	for p, x := range r.parts {
		if p.Tenant != tenant || p.Kind != kizashi.Metrics || carries(p) != kizashi.BackfillInitial {
			continue
		}
		if !x.Over {
			return 0, false
		}
		until, ok = max(until, x.Until), true
	}
	return until, ok
}

// heard says that a source has said anything.
func (r *readings) heard(tenant, account, region string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for p := range r.parts {
		if p.Tenant == tenant && p.Account == account && p.Region == region {
			return true
		}
	}
	return false
}

// all partitions, sorted.
func (r *readings) all() []reading {
	progress := r.progress()
	r.mu.Lock()
	defer r.mu.Unlock()
	out := slices.SortedFunc(maps.Values(r.parts), func(a, b reading) int { return strings.Compare(a.String(), b.String()) })
	for i := range out {
		if p, ok := progress[out[i].Partition]; ok && !out[i].Over {
			out[i].Filling = &filling{From: p.From, To: p.To, Calls: p.Calls, Left: p.Left, Ends: kizashi.Never}
			if p.Estimate > 0 {
				out[i].Filling.Ends = kizashi.TimeOf(r.now().Add(p.Estimate))
			}
		}
	}
	return out
}

// Describe implements prometheus.Collector.
func (r *readings) Describe(c chan<- *prometheus.Desc) {
	c <- fillRatio
	c <- fillOpen
	c <- fillLeft
	c <- partsOut
}

// Collect sums the back-fills by what they carry, and what cannot be read by
// cause.
func (r *readings) Collect(c chan<- prometheus.Metric) {
	r.collectOut(c)
	type key [4]string
	type sum struct {
		least      float64
		open, left int
	}
	sums := map[key]sum{}
	for k, p := range r.progress() {
		id := key{k.Tenant, k.Account, k.Region, carries(k)}
		s, ok := sums[id]
		if !ok {
			s.least = 1
		}
		sums[id] = sum{min(s.least, ratio(p)), s.open + 1, s.left + p.Left}
	}
	for k, s := range sums {
		c <- prometheus.MustNewConstMetric(fillRatio, prometheus.GaugeValue, s.least, k[:]...)
		c <- prometheus.MustNewConstMetric(fillOpen, prometheus.GaugeValue, float64(s.open), k[:]...)
		c <- prometheus.MustNewConstMetric(fillLeft, prometheus.GaugeValue, float64(s.left), k[:]...)
	}
}

// sourced is a reading as /api/sources tells it.
type sourced struct {
	Tenant   string       `json:"tenant"`
	Account  string       `json:"account"`
	Region   string       `json:"region"`
	Kind     kizashi.Kind `json:"kind"`
	Source   string       `json:"source,omitempty"`
	Backfill string       `json:"backfill,omitempty"`
	Period   float64      `json:"period_seconds"`
	Settle   float64      `json:"settle_seconds"`
	Poll     float64      `json:"poll_seconds"` // between two reads, by the configuration
	reading
}

// collectOut counts what cannot be read by cause.
func (r *readings) collectOut(c chan<- prometheus.Metric) {
	out := map[[4]string]int{}
	r.mu.Lock()
	for k, x := range r.parts {
		if x.Out != nil && !x.Over {
			out[[4]string{k.Tenant, k.Account, k.Region, string(x.Out.Cause.Kind)}]++
		}
	}
	r.mu.Unlock()
	for k, n := range out {
		c <- prometheus.MustNewConstMetric(partsOut, prometheus.GaugeValue, float64(n), k[:]...)
	}
}

// answerSources lists what is read, how far, and what cannot be.
func (s *Service) answerSources(w http.ResponseWriter, _ *http.Request) {
	out := []sourced{}
	for _, r := range s.readings.all() {
		p := r.Partition
		out = append(out, sourced{p.Tenant, p.Account, p.Region, p.Kind, p.Source, p.Backfill,
			p.Period.Seconds(), p.Settle.Seconds(), max(p.Period, p.Poll).Seconds(), r})
	}
	s.json(w, http.StatusOK, map[string][]sourced{"sources": out})
}
