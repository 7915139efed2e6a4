package cloudwatch

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Progress is how far a back-fill has come.
type Progress struct {
	Partition       kizashi.Partition
	From, Until, To kizashi.Time  // Until of [From, To) is read
	Calls           int           // in this run
	Left            int           // calls still to come, about
	Estimate        time.Duration // until it is over, as it went so far; 0 = not known yet
}

// Progress of the back-fills that are not over. It may be asked by any
// goroutine.
func (s *Source) Progress() []Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.progress)
}

// note keeps the progress for who asks.
func (s *Source) note() {
	now := s.cfg.Now()
	out := make([]Progress, 0, len(s.fills))
	for _, f := range s.fills {
		p := Progress{Partition: f.Self, From: f.begin, Until: f.until, To: f.end(now), Calls: f.calls}
		window := time.Duration(max(maxPoints/max(weigh(f.members), 1), 1)) * f.step
		p.Left = int((max(p.To.Sub(p.Until), 0) + window - 1) / window)
		if f.calls > 0 {
			p.Estimate = now.Sub(f.first) / time.Duration(f.calls) * time.Duration(p.Left)
		}
		out = append(out, p)
	}
	s.mu.Lock()
	s.progress = out
	s.mu.Unlock()
}

func sorted[V any](m map[kizashi.Partition]V) []kizashi.Partition {
	return slices.SortedFunc(maps.Keys(m), func(a, b kizashi.Partition) int { return strings.Compare(a.String(), b.String()) })
}

func sortedIDs(m map[kizashi.SeriesID]*series) []kizashi.SeriesID {
	return slices.SortedFunc(maps.Keys(m), func(a, b kizashi.SeriesID) int { return cmp.Compare(a, b) })
}

func with(ss []*series, q *series) []*series {
	i, ok := slices.BinarySearchFunc(ss, q, byID)
	if ok {
		ss[i] = q
		return ss
	}
	return slices.Insert(ss, i, q)
}

func without(ss []*series, q *series) []*series {
	return slices.DeleteFunc(ss, func(r *series) bool { return r == q })
}
