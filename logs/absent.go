package logs

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// rhythmDays is on how many days a pattern must have come for its absence to mean
// something.
const rhythmDays = 3

// rhythm says whether the key comes often enough for that.
func (k *key) rhythm() bool {
	return k.whole == nil && k.usual != nil && k.gaps.N >= leastGaps && k.days >= rhythmDays
}

// How much longer than any wait so far one must be, at the least.
const (
	longerBy    = 1.1
	longerWaits = 0.1
)

// longest is the limit of a wait, in mean gaps, for one false alert per r, of which
// the key has the share w.
func (k *key) longest(r time.Duration, w float64, s *seen) float64 {
	perHour := k.usual.total() / max(s.total(), 1) / max(float64(k.gaps.Per), 1)
	shape, mean := k.gaps.shape()
	k.often = int(math.Ceil(min(max(perHour/mean*r.Hours(), 1), 1e15)))
	long := k.gaps.Long.get()
	return max(mean*waits(shape, min(w/float64(k.often), .5)), longerBy*long, long+longerWaits)
}

// wait adds the window to the waits of what did not come, or not since.
func (g *group) wait(end kizashi.Time) {
	g.each(func(k *key) {
		if k.whole != nil || k.gaps.Last == kizashi.Never {
			return
		}
		since := max(k.gaps.Last.Add(minute), end.Add(-window))
		k.gaps.waits(since, end, k.low/60)
	})
}

// forgets is how long after it was missed a rhythm is one of the past.
const forgets = 14 * day

// missing says what is due and does not come. Where nothing at all comes, that is all
// there is to say.
func (g *group) missing(end kizashi.Time, found *findings, out *Out) {
	if g.off(Absent) {
		return
	}
	g.each(func(k *key) {
		if k.gaps.Said && end.Sub(k.gaps.Last) >= forgets {
			out.Notes = append(out.Notes, Note{k.series, end, kizashi.Evidence{Claim: kizashi.ClaimForgot, Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None(), From: k.gaps.Last}})
			k.gaps = gaps{Last: k.gaps.Last, Waited: k.gaps.Waited, Due: k.gaps.Due}
		}
		if k.limit == 0 || k.window > 0 || k.gaps.Said || float64(k.gaps.Waited) <= k.limit || k != g.whole && g.whole.gaps.Said {
			return
		}
		limit := k.longest(time.Duration(g.about.Settings.R), k.wait, &g.seen) // of the gaps up to now, which are what is stated
		if float64(k.gaps.Waited) <= limit {
			return
		}
		k.gaps.Said = true
		shape, mean := k.gaps.shape()
		per := max(float64(k.gaps.Per), 1)
		found.add(k, finding{kind: Absent, share: k.wait, side: kizashi.Down, stat: float64(k.gaps.Waited), limit: limit, of: float64(k.gaps.Waited) * per, usual: kizashi.Num(mean), scale: kizashi.Num(shape),
			past: &kizashi.Past{From: k.first, To: k.gaps.Last, Count: int(k.gaps.N), Of: k.often, Low: kizashi.Num(per), High: kizashi.Num(k.gaps.Long.get())},
			from: k.gaps.Last.Add(minute)})
	})
}
