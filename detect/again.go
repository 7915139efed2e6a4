package detect

import (
	"fmt"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/calendar"
)

// relearn builds the baseline, and what the models have learned with it, again
// from stored samples, with the stretches that are excluded now. What the store
// no longer holds is not in it. Of what happens on the way only the checkpoints
// are told: records that were in force stay what they were.
func (j *judge) relearn(at kizashi.Time) error {
	s := j.s
	if j.e.past == nil {
		return fmt.Errorf("series %s: a command names a stretch of the past, and there is no history to learn it from", s.meta.Name())
	}
	learned, err := j.replay(s.hourly, true)
	if err != nil {
		return err
	}
	s.base.Become(learned.base)
	j.out.Relearned = append(j.out.Relearned, Relearned{s.meta.Series, at, s.base.Held()})
	return nil
}

// warmUp lets models that the state did not have learn from stored samples, so
// that they need not wait for weeks to come.
func (j *judge) warmUp() error {
	rows := j.s.cold
	if len(rows) == 0 {
		return nil
	}
	j.s.own().cold = nil
	if j.e.past == nil || !j.s.seen {
		return nil
	}
	done := j.s.done
	_, err := j.replay(rows, false)
	j.s.again(done)
	restarts, moves := j.s.base.Turns()
	for _, i := range rows {
		if m, ok := j.e.layout.state(j.s, i).(turning); ok {
			m.Turned(restarts, moves)
		}
	}
	return err
}

// Lost says that what was known of series is lost, and that their samples may be
// stored: one that is declared anew learns from these before its first sample is judged.
func (e *Engine) Lost() { e.lost = true }

// recall learns a series whose state is lost from what is stored of it before an
// instant.
func (j *judge) recall(at kizashi.Time) error {
	s := j.s
	if j.e.past == nil {
		return nil
	}
	stored, err := j.e.past(s.meta.Series, at-1)
	if err != nil {
		return fmt.Errorf("series %s: learn it anew: %w", s.meta.Name(), err)
	}
	if len(stored) == 0 {
		return nil
	}
	s.seen, s.last = true, stored[len(stored)-1].At
	return j.learnStored(StateLost)
}

// StateLost is the Text of a ClaimRebuilt where there was no state to go on from.
const StateLost = "lost"

// turning is a state that begins anew where the baseline did. What it learned with a
// baseline of its own is of as many turns as the series' baseline has: samples that
// are stored no more had some of them.
type turning interface {
	Turned(restarts int, moves uint16)
}

// replayed is what came of stored samples.
type replayed struct {
	base    *baseline.State
	samples int
	first   kizashi.Time // At of the first one
}

// replay learns the stored samples with a baseline of its own, which it
// returns, and with fresh states of some of the models. tell = the baseline will be
// the series' own, and its checkpoints are wanted.
func (j *judge) replay(rows []int, tell bool) (out replayed, err error) {
	e, s := j.e, j.s
	defer func(measure bool) { j.measure = measure }(j.measure)
	j.measure = false
	samples, err := e.past(s.meta.Series, s.last)
	if err != nil {
		return out, fmt.Errorf("series %s: learn it anew: %w", s.meta.Name(), err)
	}
	samples = j.withStep(samples)
	zone, err := calendar.Load(s.meta.Zone)
	if err != nil {
		return out, err
	}
	base, err := s.base.Anew(&s.meta, &s.set.Settings, zone)
	if err != nil {
		return out, err
	}
	for _, i := range rows {
		e.anew(i, s)
	}
	kept := s.base
	s.base = base
	defer func() { s.base = kept }()
	s.follow(e)
	done := s.done
	s.again(0)
	last := kizashi.Never
	for i := range samples {
		if samples[i].At > s.last {
			break
		}
		if s.done < done {
			if err := j.inform(samples[i].At); err != nil {
				return out, err
			}
		}
		j.learnAgain(&samples[i], last, rows, tell)
		if last = samples[i].At; out.samples == 0 {
			out.first = last
		}
		out.samples++
	}
	out.base = base
	return out, nil
}

// learnAgain takes a stored sample in.
func (j *judge) learnAgain(smp *kizashi.Sample, last kizashi.Time, rows []int, tell bool) {
	s := j.s
	how := s.stance(smp.At)
	j.c = Case{Sample: *smp, Meta: &s.meta, Settings: &s.set.Settings, View: &j.view, Base: s.base, Stance: how}
	s.base.Look(smp, &j.view, s.expects(last, smp.At))
	for _, ev := range j.view.Events() {
		if tell && ev.Checkpoint != nil {
			j.out.Checkpoints = append(j.out.Checkpoints, *ev.Checkpoint)
		}
	}
	if j.view.Begins {
		j.begin(rows)
	}
	s.base.Learn(smp, &j.view, how)
	j.held = how == baseline.Excluded || j.view.Held()
	for _, row := range rows {
		j.drafts[row].Set = false
	}
	j.each(rows, learnRow)
}

// again sets how many coarse histories have informed the series.
func (s *series) again(done int) {
	if s.done != done {
		s.own().done = done
	}
}

// withStep adds to the series' stored samples those that were judged in the
// step in hand: how batches are cut must not matter. Late ones were not judged.
func (j *judge) withStep(samples []kizashi.Sample) []kizashi.Sample {
	last := kizashi.Never
	if len(samples) > 0 {
		last = samples[len(samples)-1].At
	}
	for _, p := range j.before {
		if p.Series == j.s.meta.Series && p.At > last {
			samples, last = append(samples, p), p.At
		}
	}
	return samples
}
