package detect

import "time"

// What a detector takes is measured on a few samples: the first of each step, so
// that a small installation measures too, and every measureEvery-th after it. The
// engine has no clock of its own, and where it is given none nothing is measured; what
// was measured changes no judgement.

// Budget is what a detector that is not Kizashi's may take for a sample, on
// average: more than ten times what all of Kizashi's take together. At 100,000
// samples a minute it would be 5 s of one core.
const Budget = 50 * time.Microsecond

// measureEvery is chosen so that reading the clock, some 20 times 50 ns, costs a
// nanosecond a sample.
const measureEvery = 1024

// Cost is what one detector took for some samples.
type Cost struct {
	Samples int64
	Took    time.Duration
}

// Measure lets the engine measure what its detectors take, by a clock that only
// moves forward. It is called from several goroutines.
func (e *Engine) Measure(clock func() time.Duration) { e.clock = clock }

// measured does some work for rows, each by the clock.
func (j *judge) measured(rows []int, sample bool, do func(j *judge, row int)) {
	if len(j.out.Costs) == 0 {
		j.out.Costs = append(j.out.Costs, make([]Cost, len(j.e.rows))...)
	}
	for k, row := range rows {
		begin := j.e.clock()
		j.each(rows[k:k+1], do)
		cost := &j.out.Costs[row]
		cost.Took += j.e.clock() - begin
		if sample {
			cost.Samples++
		}
	}
}

// work is each, measured where the sample in hand is one to measure.
func (j *judge) work(rows []int, sample bool, do func(j *judge, row int)) {
	if j.measure {
		j.measured(rows, sample, do)
		return
	}
	j.each(rows, do)
}

// addCosts sums what shards measured.
func addCosts(to, from []Cost) []Cost {
	if len(to) == 0 {
		return append(to, from...)
	}
	for i := range from {
		to[i].Samples += from[i].Samples
		to[i].Took += from[i].Took
	}
	return to
}
