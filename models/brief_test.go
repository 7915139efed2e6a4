package models_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// The engine asks in short: a state of the table that cannot be would be asked at
// length on every sample.
func TestEveryStateIsBrief(t *testing.T) {
	for _, r := range models.All() {
		if _, ok := r.Model.New(&kizashi.Meta{}, &kizashi.Settings{}).(detect.Brief); !ok {
			t.Errorf("%s is not", r.Name)
		}
	}
}

// twin is a row's state twice over: one that is asked as the engine does, and one that
// works everything out for itself.
type twin struct {
	row         detect.Row
	told, alone detect.State
	said        [3]int // how often by Said
	onsets      int
}

// judge asks both about the case, and says whether they agree.
func (w *twin) judge(t *testing.T, c detect.Case, draft *detect.Draft) {
	t.Helper()
	c.Share = w.row.Share
	if h, ok := w.told.(detect.Hourly); ok && c.View.Begins {
		h.Begin(&c)
		w.alone.(detect.Hourly).Begin(&c)
		if a, b := w.told.AppendBinary(nil), w.alone.AppendBinary(nil); !bytes.Equal(a, b) {
			t.Fatalf("%s at %s: what was learned by a draft is not what is learned without", w.row.Name, c.Sample.At)
		}
	}
	var want, got kizashi.Vote
	opinion := w.alone.Judge(&c, &want)
	c.Draft = draft
	said, onset := w.told.(detect.Brief).Brief(&c)
	if (said != detect.NoOpinion) != opinion || (said == detect.Stands) != (opinion && want.Crossed) || onset != want.Onset {
		t.Fatalf("%s at %s: in short %d and onset %g, but %t and %+v", w.row.Name, c.Sample.At, said, onset, opinion, want)
	}
	if w.told.Judge(&c, &got) != opinion || opinion && !same(got, want) {
		t.Fatalf("%s at %s: asked again it says %+v, not %+v", w.row.Name, c.Sample.At, got, want)
	}
	if w.said[said]++; onset > 0 {
		w.onsets++
	}
}

// same says that votes are the same; numbers that there are not are equal.
func same(a, b kizashi.Vote) bool {
	for _, p := range [...][2]*kizashi.Num{{&a.Center, &b.Center}, {&a.Lower, &b.Lower}, {&a.Upper, &b.Upper}} {
		if !p[0].Ok() && !p[1].Ok() {
			*p[0], *p[1] = 0, 0
		}
	}
	return a == b
}

func (w *twin) learn(c detect.Case, draft *detect.Draft, held bool) {
	c.Share = w.row.Share
	w.alone.Learn(&c, held)
	c.Draft = draft
	w.told.Learn(&c, held)
}

// incidents puts all that detectors look for into the last two weeks of five.
func incidents(samples []kizashi.Sample, sigma float64) []kizashi.Sample {
	end, day := samples[len(samples)-1].End(), 24*time.Hour
	shift := func(back, lasts time.Duration, by float64) {
		for i := range samples {
			if at := samples[i].At; at >= end.Add(-back) && at < end.Add(-back+lasts) {
				samples[i].Value += by * sigma
			}
		}
	}
	for d := range 35 {
		if d != 30 { // a job that does not run on one night
			shift(time.Duration(35-d)*day-3*time.Hour, 30*time.Minute, 12)
		}
	}
	shift(13*day+5*time.Hour, 20*time.Minute, 900)
	shift(12*day, 10*time.Minute, -40)
	shift(11*day, 9*time.Hour, 2.5)
	shift(34*day-11*time.Hour, 15*time.Minute, 300) // on the second day
	for i := range samples {
		switch left := end.Sub(samples[i].At); {
		case left < 10*day && left > 10*day-4*time.Hour:
			samples[i].Value = 3.25
		case left < 9*day && left > 9*day-3*time.Hour && i%2 == 0:
			samples[i].Value += 9 * sigma
		case left < 5*day:
			samples[i].Value += (1 - float64(left)/float64(5*day)) * 25 * sigma
		}
	}
	return samples
}

// briefSettings ask for every vote there is, sides from both to none but one.
func briefSettings(side kizashi.Side) kizashi.Settings {
	return kizashi.Settings{R: kizashi.Duration(7 * 24 * time.Hour), Direction: side, OptIn: []string{"novelty"}, Silence: true,
		Guards:   []kizashi.Limit{{Side: kizashi.Up, Value: 30, M: 1, N: 1}, {Side: kizashi.Down, Value: -30, M: 1, N: 1}},
		Static:   []kizashi.Limit{{Side: kizashi.Up, Value: 9, M: 2, N: 3}},
		Change:   []kizashi.Change{{Side: kizashi.Both, By: 20, Over: kizashi.Duration(10 * time.Minute)}, {Part: 400, Over: kizashi.Duration(time.Hour)}},
		Forecast: []kizashi.Ahead{{Side: kizashi.Up, Value: 60, Within: kizashi.Duration(7 * 24 * time.Hour)}},
		Floor:    &kizashi.Floor{By: .01}}
}

// stanceOf a sample by what commands might say: mostly nothing.
func stanceOf(i int) baseline.Stance {
	switch {
	case i%997 < 7:
		return baseline.Excluded
	case i%1499 < 30:
		return baseline.Admitted
	}
	return baseline.AsJudged
}

func TestBriefSaysWhatJudgeSays(t *testing.T) {
	said, onsets := map[string][3]int{}, map[string]int{}
	for i, name := range []string{"gauss", "seasonal", "poisson8", "ar", "t3"} {
		side := [...]kizashi.Side{kizashi.Both, kizashi.Up, kizashi.Both, kizashi.Down, kizashi.Both}[i]
		for _, w := range twins(t, incidents(family(t, name, 3, 5*time.Minute, 5), 1), briefSettings(side)) {
			n := said[w.row.Name]
			for k := range n {
				n[k] += w.said[k]
			}
			said[w.row.Name], onsets[w.row.Name] = n, onsets[w.row.Name]+w.onsets
		}
	}
	for _, r := range models.All() {
		n := said[r.Name]
		if r.Name == "silence" || r.Name == "sibling" { // they speak where no sample comes, and on the tick
			if n[detect.Inside]+n[detect.Stands] > 0 {
				t.Errorf("%s speaks of samples: %d", r.Name, n)
			}
			continue
		}
		if n[detect.NoOpinion] == 0 && r.Name != "guard" && r.Name != "static" || n[detect.Stands] == 0 || n[detect.Inside] == 0 && r.Name != "early" {
			t.Errorf("%s has no opinion %d times, is inside %d, stands %d: not all was seen", r.Name, n[0], n[1], n[2])
		}
		if r.Weight > 0 && onsets[r.Name] == 0 {
			t.Errorf("%s ranks no moment", r.Name)
		}
	}
}

// twins takes samples past all rows; a tenth of a week is missing.
func twins(t *testing.T, samples []kizashi.Sample, set kizashi.Settings) []*twin {
	t.Helper()
	zone, err := calendar.Load("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	meta := &kizashi.Meta{Series: 1, Period: kizashi.Duration(5 * time.Minute), Zone: "Asia/Tokyo", Lower: kizashi.None(), Upper: kizashi.None()}
	var ws []*twin
	rest := 0.
	for _, r := range models.All() {
		ws = append(ws, &twin{row: r, told: r.Model.New(meta, &set), alone: r.Model.New(meta, &set)})
		rest += r.Share
	}
	base, view, drafts := baseline.New(meta, &set, zone), &baseline.View{}, make([]detect.Draft, len(ws))
	base.SetRest(rest)
	for i := range samples {
		if i%2016 > 1800 || i%53 == 7 {
			continue
		}
		base.Look(&samples[i], view, nil)
		c := detect.Case{Sample: samples[i], Meta: meta, Settings: &set, View: view, Base: base, Stance: stanceOf(i)}
		for k, w := range ws {
			drafts[k].Set = false
			w.judge(t, c, &drafts[k])
		}
		base.Learn(&samples[i], view, c.Stance)
		held := c.Stance == baseline.Excluded || view.Held()
		for k, w := range ws {
			w.learn(c, &drafts[k], held)
		}
	}
	return ws
}
