package cloudwatch

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/kizashi-ops/kizashi"
)

// point is one value as CloudWatch gave it.
type point struct {
	at    kizashi.Time
	value float64
}

// series is what is known of one series.
type series struct {
	id      kizashi.SeriesID
	space   string                  // its namespace
	queries []types.MetricDataQuery // of one read; the last one returns the points
	period  time.Duration
	print   uint64       // of what was declared last
	since   kizashi.Time // it is known since then
	last    kizashi.Time // At of the last one delivered; Never = none
	floor   kizashi.Time // what is older is a back-fill's
	// seeded says that recent holds all that was delivered of the overlap. It
	// is false after a restart until the first read that goes so far back:
	// what that finds behind Until has been delivered before.
	seeded  bool
	met     kizashi.Time // to be read from here on, once; Never = from its partition's Until
	recent  []point      // delivered or reported, within the overlap, by time
	ended   kizashi.Ending
	idle    bool         // ended: read seldom, and after an hour no more
	endedAt kizashi.Time // ended since then
	stirred bool         // it had points after that, and is to be ended again
	goneBy  kizashi.Time // when that was listed: points of before are no sign that it is back
	missed  int          // lists in a row that did not name it
	broken  string       // why it is not read until the series are listed anew; "" = it is
	again   time.Time    // it is tried before that, from then on; zero = it is not
	fails   int          // reads in a row in which its query failed alone
	left    bool         // set aside: its partition went on without it from met on
	denied  bool         // for a permission
	meta    kizashi.Meta // as declared
}

func byID(a, b *series) int { return cmp.Compare(a.id, b.id) }

// taken is what came of a read.
type taken struct {
	samples []kizashi.Sample // in order of time and series once they are sorted
	late    []kizashi.Sample
	revised []kizashi.Revision
}

// take sorts out what was read of [from, to). Points ending after until are
// new; others are late, revised, or known.
func (s *series) take(read []point, from, until, to, seen kizashi.Time, t *taken) {
	for _, p := range read {
		end := p.at.Add(s.period)
		if p.at < from || end > to || p.at < s.floor {
			continue
		}
		i := len(s.recent)
		if i > 0 && s.recent[i-1].at >= p.at {
			i = sort.Search(i, func(i int) bool { return s.recent[i].at >= p.at })
			if s.recent[i].at == p.at {
				if s.recent[i].value != p.value {
					t.revised = append(t.revised, kizashi.Revision{Series: s.id, At: p.at, Period: s.period, Old: kizashi.Num(s.recent[i].value), New: p.value, Seen: seen})
					s.recent[i].value = p.value
				}
				continue
			}
		}
		behind := end <= until
		switch {
		case behind && !s.seeded:
			s.last = max(s.last, p.at)
		case p.at <= s.last:
			t.revised = append(t.revised, kizashi.Revision{Series: s.id, At: p.at, Period: s.period, Old: kizashi.None(), New: p.value, Seen: seen})
		default:
			x := kizashi.Sample{Series: s.id, At: p.at, Period: s.period, Value: p.value, Late: behind}
			if behind {
				t.late = append(t.late, x)
			} else {
				t.samples = append(t.samples, x)
			}
			s.last = p.at
		}
		s.recent = slices.Insert(s.recent, i, p)
	}
}

// forget drops what no later read can bring again.
func (s *series) forget(before kizashi.Time) {
	i := 0
	for i < len(s.recent) && s.recent[i].at < before {
		i++
	}
	if i > 0 {
		s.recent = s.recent[:copy(s.recent, s.recent[i:])]
	}
}

// byTime sorts what stands series by series, each on the grid of step within
// [from, to), by time, then series: in one pass, as a page is large.
func byTime(xs []kizashi.Sample, from, to kizashi.Time, step time.Duration) []kizashi.Sample {
	ms := kizashi.Time(step / time.Millisecond)
	place := make([]int, (to-from+ms-1)/ms+1) // where the next sample of a time goes
	for i := range xs {
		place[(xs[i].At-from)/ms+1]++
	}
	for i := 1; i < len(place); i++ {
		place[i] += place[i-1]
	}
	out := make([]kizashi.Sample, len(xs))
	for i := range xs {
		k := (xs[i].At - from) / ms
		out[place[k]] = xs[i]
		place[k]++
	}
	return out
}

// inOrder sorts by time, then series. A read that brought one point of each
// series is in order already.
func inOrder(xs []kizashi.Sample) []kizashi.Sample {
	by := func(a, b kizashi.Sample) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Series, b.Series))
	}
	if !slices.IsSortedFunc(xs, by) {
		slices.SortFunc(xs, by)
	}
	return xs
}
