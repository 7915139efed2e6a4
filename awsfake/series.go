package awsfake

import (
	"slices"
	"sort"
	"sync/atomic"
	"time"
)

// series is one metric's points: stored ones, generated ones, or both.
type series struct {
	key, namespace, name string
	dims                 []dim
	unit                 string
	points               []point // by time
	gen                  *generator
	first                atomic.Int64 // when the first point was visible, once that is known
}

type point struct {
	at       int64 // Unix second
	versions []version
}

// version is what a point's value is from an instant on: one value, or a
// statistic set over several.
type version struct {
	seen  int64 // Unix nanosecond; 0 = always
	value float64
	set   *set
}

// set is what one PutMetricData entry can hold.
type set struct {
	n, sum, min, max float64
	values, counts   []float64 // nil where only the statistics were put
}

type generator struct {
	period, from, to int64
	f                func(time.Time) (float64, bool)
}

// view is how much of the points a call may see.
type view struct {
	now     time.Time
	late    time.Duration // points come so much later than they did
	early   float64       // factor of values that are younger than settled
	settled time.Duration
}

// shown says whether what came about at an instant can be seen by now.
func (v view) shown(seen int64) bool { return seen+int64(v.late) <= v.now.UnixNano() }

func (v view) value(at int64, x float64) float64 {
	if v.settled > 0 && v.now.Unix()-at < int64(v.settled/time.Second) {
		return x * v.early
	}
	return x
}

// place returns where a time's stored point is or would be.
func (s *series) place(at int64) (i int, ok bool) {
	i = sort.Search(len(s.points), func(i int) bool { return s.points[i].at >= at })
	return i, i < len(s.points) && s.points[i].at == at
}

func (s *series) put(at int64, v version) {
	i, ok := s.place(at)
	if !ok {
		s.points = slices.Insert(s.points, i, point{at: at})
	}
	p := &s.points[i]
	p.versions = append(p.versions, v)
	slices.SortStableFunc(p.versions, func(a, b version) int { return int(min(max(a.seen-b.seen, -1), 1)) })
	s.first.Store(0)
}

// latest returns the version of a stored point that can be seen.
func (p *point) latest(v view) (version, bool) {
	for i := len(p.versions) - 1; i >= 0; i-- {
		seen := p.versions[i].seen
		if v.late > 0 {
			seen = max(seen, p.at*int64(time.Second))
		}
		if v.shown(seen) {
			return p.versions[i], true
		}
	}
	return version{}, false
}

// noTime is after every point, and its negative before.
const noTime = int64(1) << 41

// next returns the first time from at on that may have a point.
func (s *series) next(at int64) int64 {
	t := noTime
	if i, _ := s.place(at); i < len(s.points) {
		t = s.points[i].at
	}
	if g := s.gen; g != nil {
		k := max(at, g.from) + g.period - 1
		if k = k - pmod(k-g.from, g.period); k < g.to {
			t = min(t, k)
		}
	}
	return t
}

// prev returns the last time before at that may have a point.
func (s *series) prev(at int64) int64 {
	t := -noTime
	if i, _ := s.place(at); i > 0 {
		t = s.points[i-1].at
	}
	if g := s.gen; g != nil {
		k := min(at, g.to) - 1
		if k -= pmod(k-g.from, g.period); k >= g.from {
			t = max(t, k)
		}
	}
	return t
}

func pmod(a, b int64) int64 { return ((a % b) + b) % b }

// visible returns the point at a time, if there is one and it can be seen.
func (s *series) visible(at int64, v view) (version, bool) {
	if i, ok := s.place(at); ok {
		x, ok := s.points[i].latest(v)
		return x, ok
	}
	g := s.gen
	if g == nil || !v.shown((at+g.period)*int64(time.Second)) {
		return version{}, false
	}
	x, ok := g.f(time.Unix(at, 0).UTC())
	return version{value: x}, ok
}

// end is after every point that can be seen now: stored ones may be ahead.
func (s *series) end(v view) int64 {
	end := v.now.Unix() + 1
	if n := len(s.points); n > 0 {
		end = max(end, s.points[n-1].at+1)
	}
	return end
}

// firstSeen is when the first point could be seen, in Unix nanoseconds; 0 if
// none can be seen yet.
func (s *series) firstSeen(v view) int64 {
	if t := s.first.Load(); t != 0 {
		return t
	}
	for at := s.next(-noTime); at < noTime && at <= v.now.Unix(); at = s.next(at + 1) {
		if _, ok := s.visible(at, v); !ok {
			continue
		}
		t := at * int64(time.Second)
		if i, stored := s.place(at); stored {
			t = max(t, s.points[i].versions[0].seen)
		} else {
			t += s.gen.period * int64(time.Second)
		}
		s.first.Store(t)
		return t
	}
	return 0
}

// lastAt is the time of the last point that can be seen and is not older
// than oldest.
func (s *series) lastAt(v view, oldest int64) (int64, bool) {
	for at := s.prev(s.end(v)); at >= oldest; at = s.prev(at) {
		if _, ok := s.visible(at, v); ok {
			return at, true
		}
	}
	return 0, false
}
