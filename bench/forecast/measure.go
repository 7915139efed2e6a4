package forecast

import (
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// runner drives the detector alone.
type runner struct {
	state detect.State
	c     detect.Case
	hour  kizashi.Time
}

func newRunner(limits ...kizashi.Ahead) (*runner, error) {
	meta := &kizashi.Meta{Series: 1, Lower: kizashi.None(), Upper: kizashi.None()}
	set := &kizashi.Settings{Forecast: limits}
	for _, r := range models.All() {
		if r.Name == "forecast" {
			return &runner{state: r.Model.New(meta, set), hour: kizashi.Never,
				c: detect.Case{Meta: meta, Settings: set, View: &baseline.View{}}}, nil
		}
	}
	return nil, fmt.Errorf("the table has no forecast")
}

// take judges and learns a sample; the vote stands or not.
func (r *runner) take(at kizashi.Time, period time.Duration, v float64) bool {
	r.c.Sample = kizashi.Sample{Series: 1, At: at, Period: period, Value: v}
	if h := at.Floor(time.Hour); h != r.hour {
		r.hour = h
		r.state.(detect.Hourly).Begin(&r.c)
	}
	var vote kizashi.Vote
	r.state.Judge(&r.c, &vote)
	return vote.Crossed
}

func (r *runner) learn() { r.state.Learn(&r.c, false) }

// Found is what became of a leak.
type Found struct {
	Leak     *Leak
	Told     kizashi.Time // when it was told first; 0 = not before it crossed
	Forecast kizashi.Forecast
	False    int // alerts before it began
	Alerts   int // from then to the crossing: episodes more than an hour apart
}

// Covers says that the interval holds the true date.
func (f *Found) Covers() bool {
	return f.Forecast.Early <= f.Leak.Crosses && f.Leak.Crosses <= f.Forecast.Late
}

// Run takes a leak through the detector.
func Run(l *Leak) (*Found, error) {
	r, err := newRunner(l.Limit)
	if err != nil {
		return nil, err
	}
	f := &Found{Leak: l}
	last := kizashi.Never
	at := l.Start
	for _, v := range l.Values {
		if at >= l.Crosses {
			break
		}
		if r.take(at, l.Period, v) {
			anew := last == kizashi.Never || at.Sub(last) > 3*max(time.Hour, l.Period)
			switch {
			case at < l.Begins:
				if anew {
					f.False++
				}
			default:
				if anew {
					f.Alerts++
				}
				if f.Told == 0 && anew {
					g := r.state.(detect.Grounded).Ground(&r.c)
					f.Told, f.Forecast = at, *g.Ahead
				}
			}
			last = at
		}
		r.learn()
		at = at.Add(l.Period)
	}
	return f, nil
}
