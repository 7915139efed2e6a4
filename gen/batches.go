package gen

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Stream is a series ready for the engine: its meta, made by the caller, and
// its samples in the order in which they come.
type Stream struct {
	Meta    kizashi.Meta
	Samples []kizashi.Sample
}

// Cutter says where a batch ends: it takes the next n of the samples that are
// left (at least one, at most all), and if hold is set the batch's Until
// stays behind, as that of a source that does not yet dare to promise.
type Cutter func(left []kizashi.Sample) (n int, hold bool)

// Every cuts after each n samples.
func Every(n int) Cutter {
	return func(left []kizashi.Sample) (int, bool) { return min(n, len(left)), false }
}

// Spans cuts at the multiples of d, as a source that polls every d does. A
// late sample comes with the one before it.
func Spans(d time.Duration) Cutter {
	return func(left []kizashi.Sample) (int, bool) {
		end := kizashi.Forever
		for i, s := range left {
			switch {
			case s.Late:
			case end == kizashi.Forever:
				end = s.At.Floor(d).Add(d)
			case s.At >= end:
				return i, false
			}
		}
		return len(left), false
	}
}

// Random cuts after 1 to most samples, and holds every fourth Until.
func Random(seed uint64, most int) Cutter {
	r := random(seed, "cutter")
	return func(left []kizashi.Sample) (int, bool) {
		return min(1+r.IntN(most), len(left)), r.IntN(4) == 0
	}
}

// Batches makes the batches of one partition: the first joins it and declares
// the series, the last, which has no samples, closes it. Samples are in the
// order of At, then series; those marked Late come as they stand in their
// stream. Until is the last whole minute that the rest leaves certain. It
// fails on a stream that goes back in time without the mark Late, or holds
// samples of another series.
func Batches(p kizashi.Partition, streams []Stream, cut Cutter) ([]kizashi.Batch, error) {
	samples, err := merge(streams)
	if err != nil {
		return nil, fmt.Errorf("partition %s: %w", p, err)
	}
	if len(samples) == 0 {
		return nil, fmt.Errorf("partition %s: no samples", p)
	}
	certain := untils(samples)
	b := kizashi.Batch{Partition: p, Until: kizashi.Never}
	start := first(samples)
	b.Roster = []kizashi.RosterEntry{{Op: kizashi.Join, Partition: p, At: start}}
	for _, s := range streams {
		b.Declare = append(b.Declare, kizashi.Declaration{From: start, Meta: s.Meta})
	}
	var out []kizashi.Batch
	for i := 0; i < len(samples); {
		n, hold := cut(samples[i:])
		if n < 1 || n > len(samples)-i {
			return nil, fmt.Errorf("partition %s: the cutter took %d of %d samples", p, n, len(samples)-i)
		}
		b.Pos++
		b.Samples = samples[i : i+n : i+n]
		i += n
		if !hold || i == len(samples) {
			b.Until = certain[i-1]
		}
		out = append(out, b)
		b.Roster, b.Declare = nil, nil
	}
	last := certain[len(certain)-1]
	return append(out, kizashi.Batch{
		Partition: p, Pos: b.Pos + 1, Until: last,
		Roster: []kizashi.RosterEntry{{Op: kizashi.Close, Partition: p, At: last}},
	}), nil
}

// merge puts all samples in the order of arrival: by the latest At that their
// stream has reached, then by series.
func merge(streams []Stream) ([]kizashi.Sample, error) {
	type placed struct {
		kizashi.Sample
		reached kizashi.Time
	}
	var all []placed
	for _, st := range streams {
		reached := kizashi.Never
		for _, s := range st.Samples {
			switch {
			case s.Series != st.Meta.Series:
				return nil, fmt.Errorf("series %s: holds a sample of series %s", st.Meta.Name(), s.Series)
			case s.At < reached && !s.Late:
				return nil, fmt.Errorf("series %s: goes back from %s to %s", st.Meta.Name(), reached, s.At)
			}
			reached = max(reached, s.At)
			all = append(all, placed{s, reached})
		}
	}
	sort.SliceStable(all, func(i, j int) bool {
		if all[i].reached != all[j].reached {
			return all[i].reached < all[j].reached
		}
		return all[i].Series < all[j].Series
	})
	out := make([]kizashi.Sample, len(all))
	for i := range all {
		out[i] = all[i].Sample
	}
	return out, nil
}

// untils returns for each sample what may be promised once it has come: the
// last whole minute before the end of any later sample, or after the last one
// the end of them all. A late sample is behind a promise by its nature.
func untils(ss []kizashi.Sample) []kizashi.Time {
	out := make([]kizashi.Time, len(ss))
	end := kizashi.Never
	for _, s := range ss {
		end = max(end, s.End())
	}
	next := end + 1
	for i := len(ss) - 1; i >= 0; i-- {
		if next > end {
			out[i] = end
		} else {
			out[i] = (next - 1).Floor(time.Minute)
		}
		if !ss[i].Late {
			next = min(next, ss[i].End())
		}
	}
	return out
}

func first(ss []kizashi.Sample) kizashi.Time {
	at := kizashi.Forever
	for _, s := range ss {
		at = min(at, s.At)
	}
	return at
}

// Interleave mixes the batches of several partitions at random, each
// partition's in their own order. All partitions join in the first batch, for
// a tenant's partitions must stand in the roster before its first tick.
func Interleave(seed uint64, parts ...[]kizashi.Batch) []kizashi.Batch {
	r := random(seed, "interleave")
	var joins []kizashi.RosterEntry
	queues := make([][]kizashi.Batch, 0, len(parts))
	for _, bs := range parts {
		if len(bs) == 0 {
			continue
		}
		own := append([]kizashi.Batch(nil), bs...)
		joins = append(joins, own[0].Roster...) // the last batch closes, so these only join
		own[0].Roster = nil
		queues = append(queues, own)
	}
	var out []kizashi.Batch
	for len(queues) > 0 {
		i := pick(r, queues)
		out = append(out, queues[i][0])
		if queues[i] = queues[i][1:]; len(queues[i]) == 0 {
			queues = append(queues[:i], queues[i+1:]...)
		}
	}
	if len(out) > 0 {
		out[0].Roster = joins
	}
	return out
}

// pick draws a queue, each as likely as its share of what is left, so that
// all come to their end together.
func pick(r *rand.Rand, queues [][]kizashi.Batch) int {
	total := 0
	for _, q := range queues {
		total += len(q)
	}
	n := r.IntN(total)
	for i, q := range queues {
		if n -= len(q); n < 0 {
			return i
		}
	}
	return len(queues) - 1
}
