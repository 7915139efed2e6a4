package gen

import (
	"slices"

	"github.com/kizashi-ops/kizashi"
)

// Shift adds by to the samples with from <= At < to, in place, and returns how
// many those were.
func Shift(ss []kizashi.Sample, from, to kizashi.Time, by float64) int {
	n := 0
	for i := range ss {
		if ss[i].At >= from && ss[i].At < to {
			ss[i].Value += by
			n++
		}
	}
	return n
}

// Scale multiplies the samples with from <= At < to, in place, and returns how
// many those were.
func Scale(ss []kizashi.Sample, from, to kizashi.Time, by float64) int {
	n := 0
	for i := range ss {
		if ss[i].At >= from && ss[i].At < to {
			ss[i].Value *= by
			n++
		}
	}
	return n
}

// Spike adds by to every sample that covers at, in place, and returns how many
// those were: one a series, or none.
func Spike(ss []kizashi.Sample, at kizashi.Time, by float64) int {
	n := 0
	for i := range ss {
		if covers(ss[i], at) {
			ss[i].Value += by
			n++
		}
	}
	return n
}

// covers says whether at lies in the sample; one without a period covers its
// own instant.
func covers(s kizashi.Sample, at kizashi.Time) bool {
	return s.At == at || s.At <= at && at < s.End()
}

// Drop returns the samples without those with from <= At < to.
func Drop(ss []kizashi.Sample, from, to kizashi.Time) []kizashi.Sample {
	return slices.DeleteFunc(slices.Clone(ss), func(s kizashi.Sample) bool { return s.At >= from && s.At < to })
}

// Late returns the samples with those of from <= At < to marked Late and moved
// behind all samples with At < arrive: they come when arrive is reached. The
// samples are one series', in the order of time.
func Late(ss []kizashi.Sample, from, to, arrive kizashi.Time) []kizashi.Sample {
	out := make([]kizashi.Sample, 0, len(ss))
	var late []kizashi.Sample
	for _, s := range ss {
		if s.At >= from && s.At < to {
			s.Late = true
			late = append(late, s)
			continue
		}
		if s.At >= arrive {
			out = append(out, late...)
			late = nil
		}
		out = append(out, s)
	}
	return append(out, late...)
}
