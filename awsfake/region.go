package awsfake

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Metric names a metric.
type Metric struct {
	Namespace, Name string
	Dimensions      map[string]string
}

// dim is one dimension; a metric's are sorted by name.
type dim struct{ name, value string }

// dims are the dimensions in the order of their names.
func (m Metric) dims() []dim {
	var out []dim
	for _, k := range slices.Sorted(maps.Keys(m.Dimensions)) {
		out = append(out, dim{k, m.Dimensions[k]})
	}
	return out
}

// appendKey appends what tells one metric from another.
func appendKey(b []byte, namespace, name string, dims []dim) []byte {
	b = append(append(append(b, namespace...), 0), name...)
	for _, d := range dims {
		b = append(append(append(append(b, 0), d.name...), 0), d.value...)
	}
	return b
}

// Region is one region of an account: its metrics and resources. It is safe
// for several goroutines.
type Region struct {
	account *Account
	name    string

	mu     sync.RWMutex
	series map[string]*series
	sorted []*series // by key; nil = to be sorted again

	state    resources
	counts   counters
	throttle buckets
}

func newRegion(a *Account, name string) *Region {
	return &Region{account: a, name: name, series: map[string]*series{}, throttle: buckets{by: map[string]*bucket{}}}
}

// Name returns the region's name.
func (r *Region) Name() string { return r.name }

// Account returns the account that the region is of.
func (r *Region) Account() *Account { return r.account }

// Put stores a point that is visible at once. A second value for the same
// time revises the first.
func (r *Region) Put(m Metric, at time.Time, v float64) { r.PutSeen(m, at, v, time.Time{}) }

// PutSeen stores a point that is visible from an instant on: a late point.
// A second value for the same time revises the first from then on.
func (r *Region) PutSeen(m Metric, at time.Time, v float64, seen time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at(m).put(at.Unix(), version{seen: nanos(seen), value: v})
}

// nanos of the zero time is the least there is: visible always.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// Generate makes a series of one point a period over [from, to) whose values
// are computed when they are asked for; nothing is stored. to zero = without
// end. A point is visible once its period is over. ok false = no point then.
// f must give the same answer for the same time, be safe for several
// goroutines and not call the region. Points that Put stores win over it.
func (r *Region) Generate(m Metric, period time.Duration, from, to time.Time, f func(at time.Time) (v float64, ok bool)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g := &generator{period: int64(period / time.Second), from: from.Unix(), to: to.Unix(), f: f}
	if to.IsZero() {
		g.to = 1 << 40
	}
	r.at(m).gen = g
}

// Unit sets the unit that a metric's points are told with. Queries that ask
// for another unit find nothing, as in CloudWatch.
func (r *Region) Unit(m Metric, unit string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at(m).unit = unit
}

// Drop takes a metric away, points and all.
func (r *Region) Drop(m Metric) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.series, string(appendKey(nil, m.Namespace, m.Name, m.dims())))
	r.sorted = nil
}

// at returns a metric's series, made when first asked for. The lock is held.
func (r *Region) at(m Metric) *series {
	dims := m.dims()
	key := string(appendKey(nil, m.Namespace, m.Name, dims))
	s := r.series[key]
	if s == nil {
		s = &series{key: key, namespace: m.Namespace, name: m.Name, dims: dims, unit: "None"}
		r.series[key] = s
		r.sorted = nil
	}
	return s
}

// all returns the series in the order of their names.
func (r *Region) all() []*series {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sorted == nil {
		r.sorted = slices.SortedFunc(maps.Values(r.series), func(a, b *series) int { return strings.Compare(a.key, b.key) })
	}
	return r.sorted
}
