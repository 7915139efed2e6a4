package backtest

import (
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Tally is what alerts were worth against labels.
type Tally struct {
	Alerts    int              `json:"alerts"`
	Weeks     float64          `json:"weeks"`  // watched, all series together
	Weekly    float64          `json:"weekly"` // alerts a week
	Outside   int              `json:"outside"`
	Caught    int              `json:"caught"`
	Missed    int              `json:"missed"`
	Undecided int              `json:"undecided"` // nothing of the label was judged
	Delay     kizashi.Duration `json:"delay"`     // median, from the label's begin to the alert
}

// Labels counts them.
func (t Tally) Labels() int { return t.Caught + t.Missed + t.Undecided }

// SeriesTally is that of one series.
type SeriesTally struct {
	Name      string `json:"name"`
	File      string `json:"file"`
	Ours      Tally  `json:"ours"`
	Inherited *Tally `json:"inherited,omitempty"`
}

// Fate is what became of a label.
type Fate struct {
	Label     Label  `json:"label"`
	Fate      string `json:"fate"` // caught, missed, undecided, outside the data, no such series
	Alert     string `json:"alert,omitempty"`
	Inherited string `json:"inherited,omitempty"`
}

// The fates.
const (
	Caught    = "caught"
	Missed    = "missed"
	Undecided = "undecided"
	NoData    = "outside the data"
	NoSeries  = "no such series"
)

// Score is a backtest held against labels.
type Score struct {
	Ours      Tally         `json:"ours"`
	Inherited *Tally        `json:"inherited,omitempty"`
	Alarm     string        `json:"alarm,omitempty"` // the inherited one
	Series    []SeriesTally `json:"series"`
	Labels    []Fate        `json:"labels,omitempty"`
}

// episode is an alert of ours or of the inherited alarm.
type episode struct {
	id       string
	from, to kizashi.Time
}

// Evaluate scores the outcome: in all, where a label counts once however many
// series it covers, and by series. alarm may be nil.
func (o *Outcome) Evaluate(labels []Label, alarm *Alarm) {
	sc := &Score{}
	ours := map[kizashi.SeriesID][]episode{}
	for _, a := range o.Alerts {
		ours[a.Series] = append(ours[a.Series], episode{a.ID, a.Opened, a.To})
	}
	sc.Ours = tally(o.Series, labels, ours)
	if alarm != nil {
		t := tally(o.Series, labels, alarm.episodes)
		sc.Inherited, sc.Alarm = &t, alarm.Text
	}
	for i := range o.Series {
		s := o.Series[i : i+1]
		st := SeriesTally{Name: s[0].Name(), File: s[0].File, Ours: o.tallyOne(s, labels, ours)}
		if alarm != nil {
			t := o.tallyOne(s, labels, alarm.episodes)
			st.Inherited = &t
		}
		sc.Series = append(sc.Series, st)
	}
	for _, l := range labels {
		f := Fate{Label: l}
		f.Fate, f.Alert, _ = fate(&l, o.Series, ours)
		if alarm != nil {
			f.Inherited, _, _ = fate(&l, o.Series, alarm.episodes)
		}
		sc.Labels = append(sc.Labels, f)
	}
	o.Score = sc
}

// tallyOne is the tally of one series. A label over several series that another
// one of them caught is no miss of this one.
func (o *Outcome) tallyOne(s []Series, labels []Label, eps map[kizashi.SeriesID][]episode) Tally {
	t := tally(s, labels, eps)
	for i := range labels {
		if one, _, _ := fate(&labels[i], s, eps); one != Missed {
			continue
		}
		if all, _, _ := fate(&labels[i], o.Series, eps); all == Caught {
			t.Missed--
		}
	}
	return t
}

func tally(series []Series, labels []Label, eps map[kizashi.SeriesID][]episode) Tally {
	var t Tally
	for i := range series {
		s := &series[i]
		if !s.Part || len(series) == 1 {
			t.Weeks += s.Weeks()
		}
		for _, e := range eps[s.Meta.Series] {
			t.Alerts++
			if !explained(e, s, labels) {
				t.Outside++
			}
		}
	}
	if t.Weeks > 0 {
		t.Weekly = float64(t.Alerts) / t.Weeks
	}
	var delays []time.Duration
	for i := range labels {
		f, _, delay := fate(&labels[i], series, eps)
		switch f {
		case Caught:
			t.Caught++
			delays = append(delays, delay)
		case Missed:
			t.Missed++
		case Undecided:
			t.Undecided++
		}
	}
	sort.Slice(delays, func(i, j int) bool { return delays[i] < delays[j] })
	if n := len(delays); n > 0 {
		t.Delay = kizashi.Duration(delays[n/2])
	}
	return t
}

// explained says that the episode overlaps a label of its series.
func explained(e episode, s *Series, labels []Label) bool {
	for i := range labels {
		if labels[i].Covers(s) && e.from <= labels[i].To && e.to >= labels[i].From {
			return true
		}
	}
	return false
}

// fate of a label over the series that it covers: the first alert that stood
// within it catches it.
func fate(l *Label, series []Series, eps map[kizashi.SeriesID][]episode) (fate, alert string, delay time.Duration) {
	fate = NoSeries
	first := kizashi.Forever
	for i := range series {
		s := &series[i]
		if !l.Covers(s) {
			continue
		}
		if fate == NoSeries {
			fate = NoData
		}
		if s.Samples == 0 || l.To < s.From || l.From >= s.To {
			continue
		}
		if fate == NoData {
			fate = Undecided
		}
		if s.Judged != kizashi.Never && s.Judged <= l.To && fate == Undecided {
			fate = Missed
		}
		for _, e := range eps[s.Meta.Series] {
			if e.from <= l.To && e.to >= l.From && e.from < first {
				first, alert = e.from, e.id
			}
		}
	}
	if first != kizashi.Forever {
		return Caught, alert, max(0, first.Sub(l.From))
	}
	return fate, "", 0
}
