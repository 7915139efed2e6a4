package cloudwatch

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/kizashi-ops/kizashi"
)

// Revision is a point that differs from what was delivered. It is no sample:
// a point is judged once.
type Revision struct {
	Series kizashi.SeriesID
	At     kizashi.Time
	Old    kizashi.Num  // what was delivered; None = nothing, the point came behind its series' last one
	New    float64      //
	Seen   kizashi.Time // when it was read
}

// point is one value as CloudWatch gave it.
type point struct {
	at    kizashi.Time
	value float64
}

// series is what is known of one series.
type series struct {
	meta  kizashi.Meta
	stat  types.MetricStat
	since kizashi.Time // declared from here on
	last  kizashi.Time // At of the last one delivered; Never = none
	// seeded says that recent holds all that was delivered of the overlap. It
	// is false after a restart until the first read: what that finds behind
	// Until has been delivered before.
	seeded bool
	met    bool    // appeared while its partition runs: to be read from since, once
	recent []point // delivered or reported, within the overlap, by time
}

func byID(a, b *series) int { return cmp.Compare(a.meta.Series, b.meta.Series) }

// take sorts out what was read. Points ending after until are new; others are
// late, revised, or known.
func (s *series) take(read []point, until kizashi.Time, seen kizashi.Time, tell func(Revision)) []kizashi.Sample {
	var out []kizashi.Sample
	step := time.Duration(s.meta.Period)
	for _, p := range read {
		behind := p.at.Add(step) <= until
		i := sort.Search(len(s.recent), func(i int) bool { return s.recent[i].at >= p.at })
		known := i < len(s.recent) && s.recent[i].at == p.at
		switch {
		case known && s.recent[i].value == p.value:
			continue
		case known:
			tell(Revision{s.meta.Series, p.at, kizashi.Num(s.recent[i].value), p.value, seen})
			s.recent[i].value = p.value
			continue
		case behind && !s.seeded:
			s.last = max(s.last, p.at)
		case p.at <= s.last:
			tell(Revision{s.meta.Series, p.at, kizashi.None(), p.value, seen})
		default:
			out = append(out, kizashi.Sample{Series: s.meta.Series, At: p.at, Period: step, Value: p.value, Late: behind})
			s.last = p.at
		}
		s.recent = slices.Insert(s.recent, i, p)
	}
	s.seeded, s.met = true, false
	return out
}

// forget drops what no later read can bring again.
func (s *series) forget(before kizashi.Time) {
	i := sort.Search(len(s.recent), func(i int) bool { return s.recent[i].at >= before })
	s.recent = append(s.recent[:0], s.recent[i:]...)
}
