package detect

import (
	"fmt"
	"slices"

	"github.com/kizashi-ops/kizashi"
)

// Fault says that a model panicked, or gave a vote that is no number. It
// abstained; its state was made anew, and after mostFaults it is left out of the
// series for good.
type Fault struct {
	Series kizashi.SeriesID `json:"series"`
	At     kizashi.Time     `json:"at"`
	Model  string           `json:"model"`
	What   string           `json:"what"`
	Out    bool             `json:"out,omitempty"` // it is left out from now on
}

// mostFaults of a model on one series.
const mostFaults = 3

// absent stands where a model was left out.
type absent struct{}

// Judge has no opinion.
func (absent) Judge(*Case, *kizashi.Vote) bool { return false }

// Brief has no opinion.
func (absent) Brief(*Case) (Said, float64) { return NoOpinion, 0 }

// Learn does nothing.
func (absent) Learn(*Case, bool) {}

// Explain says nothing.
func (absent) Explain(*Case) []kizashi.Evidence { return nil }

// AppendBinary appends nothing.
func (absent) AppendBinary(b []byte) []byte { return b }

// Decode reads nothing.
func (absent) Decode(b []byte) ([]byte, error) { return b, nil }

// fault notes what a model did and makes its state anew; what it had worked out is of
// the one before.
func (j *judge) fault(row int, what any) {
	s, name := j.s, j.e.rows[row].Name
	if s.faults == nil {
		s.own().faults = map[string]int{}
	}
	s.faults[name]++
	f := Fault{Series: s.meta.Series, At: j.c.Sample.At, Model: name, What: fmt.Sprint(what), Out: s.faults[name] >= mostFaults}
	j.e.anew(row, s)
	j.drafts[row].Set = false
	s.findTimed(j.e)
	j.out.Faults = append(j.out.Faults, f)
}

// fresh makes a state; one that cannot even be made is left out.
func (e *Engine) fresh(row int, s *series) (m State) {
	defer func() {
		if recover() != nil {
			m = absent{}
		}
	}()
	if s.leftOut(e.rows[row].Name) {
		return absent{}
	}
	return e.rows[row].Model.New(&s.meta, &s.set.Settings)
}

// leftOut says that a model has failed too often, or was switched off.
func (s *series) leftOut(name string) bool {
	return s.faults[name] >= mostFaults || slices.Contains(s.without, name)
}

// each calls a row's part of some work for rows from one on; where it panics, the
// next call goes on behind it.
func (j *judge) each(rows []int, do func(j *judge, row int)) {
	for k := 0; k < len(rows); {
		k = j.some(rows, k, do)
	}
}

func (j *judge) some(rows []int, k int, do func(j *judge, row int)) (next int) {
	defer func() {
		if what := recover(); what != nil {
			j.fault(rows[next], what)
			next++
		}
	}()
	for next = k; next < len(rows); next++ {
		j.soon.some()
		do(j, rows[next])
	}
	return next
}

// number says that a vote holds finite numbers.
func number(v *kizashi.Vote) bool {
	return v.Stat-v.Stat == 0 && v.Limit-v.Limit == 0 && v.Onset-v.Onset == 0
}

// dueOf a timed state; of one that cannot say, never.
func dueOf(m State) (due kizashi.Time) {
	defer func() {
		if recover() != nil {
			due = kizashi.Forever
		}
	}()
	if t, ok := m.(Timed); ok {
		return t.Due()
	}
	return kizashi.Forever
}

// eachTimed tells the states with timers something; one that panics has heard it.
func (s *series) eachTimed(e *Engine, tell func(Timed)) {
	for _, i := range s.timed {
		func() {
			defer func() { _ = recover() }() // what it does next is guarded, and counted
			if m, ok := e.layout.state(s, i).(Timed); ok {
				tell(m)
			}
		}()
	}
}
