package kizashi

import (
	"slices"
	"time"
)

// Routine is what a series does at a time of the day, day after day: it goes beyond a
// level and comes back, as with a nightly job. It is looked for in a window of the
// wall's day; all times follow from samples (docs/method.md, section 17).
type Routine struct {
	From     Time         `json:"from"` // the window of the sample's own day: From <= At < To
	To       Time         `json:"to"`   //
	Side     Side         `json:"side"`
	Level    float64      `json:"level"`              // it runs where samples in a row lie beyond
	Run      int          `json:"run"`                // so many
	Workdays bool         `json:"workdays,omitempty"` // Days are Mondays to Fridays only
	Days     []RoutineDay `json:"days"`               // of the 14 before, those that were watched, oldest first
	Usual    Duration     `json:"usual"`              // since From: the median of when it began
	Jitter   Duration     `json:"jitter"`             // how far from that it ever began
	Lasts    Duration     `json:"lasts"`              // the median of how long it ran
	Wait     Duration     `json:"wait"`               // since Usual: then it is missed; 0 = it never is
}

// RoutineDay is the window of an earlier day.
type RoutineDay struct {
	From  Time `json:"from"`
	To    Time `json:"to"`
	Began Time `json:"began,omitzero"` // At of the first sample of the run; 0 = it did not come
	Ended Time `json:"ended,omitzero"` // At of the last sample of the window that lies beyond the level
}

// What a routine must have shown.
const (
	routineNamed  = 5               // days on which it came before it is told of
	routineMissed = 7               // and before its absence is, on all of them
	routineLeast  = 5 * time.Minute // that it is waited for
	routineTimes  = 3               // times the jitter, and periods, that it is
)

// Came is on how many of its days it did.
func (r *Routine) Came() int {
	n := 0
	for i := range r.Days {
		if r.Days[i].Began != 0 {
			n++
		}
	}
	return n
}

// Named says that it came often enough to be told of.
func (r *Routine) Named() bool { return r.Came() >= routineNamed && 5*r.Came() >= 4*len(r.Days) }

// Fact tells of it.
func (r *Routine) Fact() Evidence {
	e := Evidence{Claim: ClaimRegular, Count: r.Came(), Of: len(r.Days), From: r.From.Add(time.Duration(r.Usual)), Value: Num(time.Duration(r.Jitter).Seconds()),
		Low: None(), High: None(), Unit: "s"}
	e.To = e.From.Add(time.Duration(r.Lasts))
	if r.Workdays {
		e.Text = "workdays"
	}
	return e
}

// Sum fills in what follows from the days; period is that of the samples.
func (r *Routine) Sum(period time.Duration) {
	r.Usual, r.Jitter, r.Lasts, r.Wait = 0, 0, 0, 0
	var began, lasts []Duration
	for _, d := range r.Days {
		if d.Began != 0 {
			began = append(began, Duration(d.Began.Sub(d.From)))
			lasts = append(lasts, Duration(d.Ended.Sub(d.Began)+period))
		}
	}
	if len(began) == 0 {
		return
	}
	r.Usual, r.Lasts = mid(began), mid(lasts)
	for _, b := range began {
		r.Jitter = max(r.Jitter, b-r.Usual, r.Usual-b)
	}
	if len(began) == len(r.Days) && len(began) >= routineMissed {
		r.Wait = Duration(max(routineLeast, routineTimes*time.Duration(r.Jitter), routineTimes*period))
	}
}

// mid is the upper middle one.
func mid(ds []Duration) Duration {
	slices.Sort(ds)
	return ds[len(ds)/2]
}
