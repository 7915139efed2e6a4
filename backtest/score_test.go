package backtest

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// watched is a series judged from judged on, sampled from from to to.
func watched(t *testing.T, name, from, judged, to string) Series {
	s := *named(name, name+".csv")
	s.From, s.To, s.Samples, s.Judged = at(t, from), at(t, to), 100, kizashi.Never
	if judged != "" {
		s.Judged = at(t, judged)
	}
	return s
}

func alertOf(t *testing.T, s *Series, id, from, to string) kizashi.Alert {
	return kizashi.Alert{ID: id, Series: s.Meta.Series, Opened: at(t, from), To: at(t, to)}
}

func label(t *testing.T, series, from, to string) Label {
	return Label{Series: series, From: at(t, from), To: at(t, to)}
}

// Two weeks of web, one of them judged; db is never judged; idle has no rows.
func outcomeByHand(t *testing.T) *Outcome {
	web, db := watched(t, "web", "2026-01-01", "2026-01-08", "2026-01-15"), watched(t, "db", "2026-01-01", "", "2026-01-08")
	idle := *named("idle", "idle.csv")
	idle.Judged = kizashi.Never
	return &Outcome{Series: []Series{db, idle, web}, Alerts: []kizashi.Alert{
		alertOf(t, &web, "a1", "2026-01-09 10:10", "2026-01-09 10:40"),
		alertOf(t, &web, "a2", "2026-01-09 10:50", "2026-01-09 11:30"), // the same label again
		alertOf(t, &web, "a3", "2026-01-10 11:00", "2026-01-10 11:05"), // nothing was wrong
		alertOf(t, &web, "a4", "2026-01-11 09:00", "2026-01-11 12:00"), // began before the label
		alertOf(t, &web, "a5", "2026-01-12 11:00", "2026-01-12 12:00"), // begins as the label ends
	}}
}

func TestEvaluate(t *testing.T) {
	o := outcomeByHand(t)
	labels := []Label{
		label(t, "web", "2026-01-09 10:00", "2026-01-09 11:00"),
		label(t, "web", "2026-01-11 10:00", "2026-01-11 11:00"),
		label(t, "web", "2026-01-12 10:00", "2026-01-12 11:00"),
		label(t, "web", "2026-01-13 10:00", "2026-01-13 11:00"),
		label(t, "web", "2026-01-03 10:00", "2026-01-03 11:00"),
		label(t, "db", "2026-01-03 10:00", "2026-01-03 11:00"),
		label(t, "web", "2026-02-01", "2026-02-02"),
		label(t, "idle", "2026-01-09", "2026-01-10"),
		label(t, "mail", "2026-01-09", "2026-01-10"),
		label(t, "", "2026-01-09 10:30", "2026-01-09 10:35"),
		label(t, "web", "2026-01-07", "2026-01-08"), // its last instant was judged
	}
	o.Evaluate(labels, nil)
	for i, want := range []struct{ fate, alert string }{
		{Caught, "a1"}, {Caught, "a4"}, {Caught, "a5"}, {Missed, ""}, {Undecided, ""}, {Undecided, ""}, {NoData, ""}, {NoData, ""}, {NoSeries, ""}, {Caught, "a1"}, {Missed, ""},
	} {
		if f := o.Score.Labels[i]; f.Fate != want.fate || f.Alert != want.alert {
			t.Errorf("label %d, %s %s: %s by %q, want %s by %q", i, labels[i].Series, labels[i].From, f.Fate, f.Alert, want.fate, want.alert)
		}
	}
	// Delays: a1 10 min, a4 0, a5 60 min, a1 in the label of all series 0.
	// Weeks: web 2, db 1.
	want := Tally{Alerts: 5, Weeks: 3, Weekly: 5. / 3, Outside: 1, Caught: 4, Missed: 2, Undecided: 2, Delay: kizashi.Duration(10 * time.Minute)}
	if o.Score.Ours != want {
		t.Errorf("in all:\n got %+v\nwant %+v", o.Score.Ours, want)
	}
	if n := o.Score.Ours.Labels(); n != 8 {
		t.Errorf("%d labels count, want 8: three lie outside the data", n)
	}
	if o.Score.Inherited != nil || o.Score.Series[0].Inherited != nil {
		t.Error("there was no inherited alarm, and it has a tally")
	}
}

// By series a label of all series counts for each of them, in all once.
func TestEvaluateBySeries(t *testing.T) {
	o := outcomeByHand(t)
	o.Evaluate([]Label{label(t, "", "2026-01-07 10:30", "2026-01-09 10:35")}, nil)
	if got := o.Score.Ours; got.Caught != 1 || got.Labels() != 1 || got.Outside != 4 {
		t.Errorf("in all %+v, want the one label caught once and 4 alerts outside", got)
	}
	for i, want := range []struct {
		name                       string
		caught, undecided, outside int
	}{{"db", 0, 1, 0}, {"idle", 0, 0, 0}, {"web", 1, 0, 4}} {
		got := o.Score.Series[i]
		if got.Name != want.name || got.Ours.Caught != want.caught || got.Ours.Undecided != want.undecided || got.Ours.Outside != want.outside || got.Ours.Missed != 0 {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if w := o.Score.Series[1].Ours; w.Weeks != 0 || w.Weekly != 0 {
		t.Errorf("a series without rows was watched %v weeks, %v alerts a week", w.Weeks, w.Weekly)
	}
}

// Without labels alerts are counted, and none of them is explained.
func TestEvaluateWithoutLabels(t *testing.T) {
	o := outcomeByHand(t)
	o.Evaluate(nil, nil)
	if got := o.Score.Ours; got.Alerts != 5 || got.Outside != 5 || got.Labels() != 0 || got.Delay != 0 {
		t.Errorf("%+v", got)
	}
}
