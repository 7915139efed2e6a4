package chart

import (
	"time"

	"gonum.org/v1/plot"
)

// wallTicks marks round wall times of a zone.
type wallTicks struct{ zone *time.Location }

// mostTicks fit beside each other with their labels.
const mostTicks = 9

// steps between marks, in minutes; from a day on they count days.
var steps = [...]int{1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2 * 1440, 7 * 1440, 14 * 1440, 30 * 1440, 91 * 1440, 365 * 1440}

// Ticks returns marks between two times in seconds since the epoch.
func (w wallTicks) Ticks(low, high float64) []plot.Tick {
	step := steps[len(steps)-1]
	for _, s := range steps {
		if (high-low)/60/float64(s) <= mostTicks {
			step = s
			break
		}
	}
	from, end := time.Unix(int64(low), 0).In(w.zone), time.Unix(int64(high), 0)
	var out []plot.Tick
	for at := w.first(from); !at.After(end); at = w.next(at, step) {
		if at.Before(from) {
			continue
		}
		out = append(out, plot.Tick{Value: float64(at.Unix()), Label: label(at, step)})
	}
	return out
}

// first is the midnight before, from which steps are counted on the wall.
func (w wallTicks) first(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, w.zone)
}

// next is a step later on the wall, so that marks stay round when the clocks
// change; where the wall stands still, a step later in time.
func (w wallTicks) next(t time.Time, step int) time.Time {
	n := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute()+step, 0, 0, w.zone)
	if !n.After(t) {
		return t.Add(time.Duration(step) * time.Minute)
	}
	return n
}

func label(t time.Time, step int) string {
	switch {
	case step >= 365*1440:
		return t.Format("2006-01")
	case step >= 1440 || t.Hour() == 0 && t.Minute() == 0:
		return t.Format("01-02")
	}
	return t.Format("15:04")
}
