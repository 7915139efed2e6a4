package models_test

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/models"
)

// BenchmarkRows is what each row costs a five-minute sample, hot: Begin, Brief and
// Learn over six weeks of a season with noise, of which the baseline's views are at hand.
func BenchmarkRows(b *testing.B) {
	n, err := gen.Family("seasonal", 3, gen.Options{Start: monday, Period: 5 * time.Minute, Weeks: 6})
	if err != nil {
		b.Fatal(err)
	}
	zone, err := calendar.Load("UTC")
	if err != nil {
		b.Fatal(err)
	}
	samples := n.Samples(1)
	meta := &kizashi.Meta{Series: 1, Period: kizashi.Duration(5 * time.Minute), Lower: kizashi.None(), Upper: kizashi.None()}
	set := &kizashi.Settings{R: kizashi.Duration(28 * 24 * time.Hour), Silence: true}
	base, views := baseline.New(meta, set, zone), make([]baseline.View, len(samples))
	base.SetRest(5)
	for i := range samples {
		base.Look(&samples[i], &views[i], nil)
		base.Learn(&samples[i], &views[i], baseline.AsJudged)
	}
	for _, r := range models.All() {
		if m, ok := r.Model.(detect.Idler); ok {
			if judge, learn := m.Idle(set); judge && learn {
				continue
			}
		}
		b.Run(r.Name, func(b *testing.B) {
			for range b.N {
				var vote kizashi.Vote
				state, draft := r.Model.New(meta, set), &detect.Draft{}
				c := detect.Case{Meta: meta, Settings: set, Base: base, Share: r.Share}
				for i := range samples {
					c.Sample, c.View = samples[i], &views[i]
					if h, ok := state.(detect.Hourly); ok && c.View.Begins {
						c.Draft = nil
						h.Begin(&c)
					}
					draft.Set = false
					c.Draft = draft
					if s, ok := state.(detect.Brief); ok {
						s.Brief(&c)
					} else {
						vote = kizashi.Vote{Model: r.Name, Kind: r.Kind}
						state.Judge(&c, &vote)
					}
					state.Learn(&c, c.View.Held())
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N*len(samples)), "ns/sample")
		})
	}
}
