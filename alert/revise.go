package alert

import (
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// ReviseWithin is how far back a correction may open or change an alert. Older
// ones are stored and change nothing: who looks then looks at the past.
const ReviseWithin = 72 * time.Hour

// Revise takes in that a source corrected values of a series, by At. in holds
// the meta and the settings in force at the first of them, and what was held
// out. An open episode that has values in it is corrected: its peak, and, where
// no value of it crosses a limit any more, its state. Where no episode stands a
// value beyond the limit of its hour opens an alert of its own, over at once.
func (l *Life) Revise(tick kizashi.Time, vs []kizashi.Revision, in kizashi.Proof, h History, out []Change) ([]Change, error) {
	for _, side := range [...]kizashi.Side{kizashi.Down, kizashi.Up} {
		in.Side = side
		e := l.episodes[key{vs[0].Series, side}]
		var inside []kizashi.Revision
		before := len(out)
		for _, v := range vs {
			var err error
			switch {
			case tick.Sub(v.At) > ReviseWithin:
			case e != nil && e.Alert.State != kizashi.Resolved && v.At >= e.begin(&in) && v.At < e.Alert.To:
				inside = append(inside, v)
			case e != nil && v.At >= e.Alert.Opened.Add(-time.Duration(e.Quiet)) && v.At <= e.Stood.Add(time.Duration(e.Quiet)):
			default:
				out, err = l.openRevised(tick, v, &in, h, out, before)
			}
			if err != nil {
				return out, err
			}
		}
		if len(inside) > 0 {
			var err error
			if out, err = e.correct(tick, inside, &in, h, out); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// note keeps a correction, and tells it among the alert's facts.
func (e *episode) note(v kizashi.Revision) {
	e.Corrected = slices.DeleteFunc(e.Corrected, func(w kizashi.Revision) bool { return w.At == v.At })
	i, _ := slices.BinarySearchFunc(e.Corrected, v.At, func(w kizashi.Revision, t kizashi.Time) int { return int(min(max(w.At-t, -1), 1)) })
	e.Corrected = slices.Insert(e.Corrected, i, v)
	e.Alert.Facts = nil
	for _, w := range e.Corrected[:min(len(e.Corrected), correctionsTold)] {
		e.Alert.Facts = append(e.Alert.Facts, corrected(w))
	}
	if more := len(e.Corrected) - correctionsTold; more > 0 {
		e.Alert.Facts = append(e.Alert.Facts, kizashi.Evidence{Claim: kizashi.ClaimRevised, Count: more,
			Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()})
	}
}

// correctionsTold is how many corrections an alert lists one by one.
const correctionsTold = 5

// begin is the first sample that the vote which opened the episode looked at.
func (e *episode) begin(in *kizashi.Proof) kizashi.Time {
	n := in.Settings.N
	if n == 0 {
		_, n = kizashi.MofN(time.Duration(in.Meta.Period))
	}
	return e.Alert.Opened.Add(-time.Duration(n-1) * time.Duration(in.Meta.Period))
}

func (e *episode) correct(tick kizashi.Time, vs []kizashi.Revision, in *kizashi.Proof, h History, out []Change) ([]Change, error) {
	a := &e.Alert
	for _, v := range vs {
		e.note(v)
	}
	from := max(e.begin(in), a.To.Add(-ReviseWithin))
	samples, err := h.Samples(a.Series, from, a.To)
	if err != nil {
		return out, err
	}
	records, err := h.Records(a.Series, from, a.To)
	if err != nil {
		return out, err
	}
	still, peak := false, a.Peak
	if peak.At >= from {
		peak.Value = kizashi.None()
	}
	for _, s := range samples {
		for _, w := range e.Corrected {
			if w.At == s.At {
				s.Value = w.New
			}
		}
		rec := recordOf(records, s.At)
		still = still || e.crosses(&s, in, rec)
		if m := (kizashi.Moment{At: s.At, Value: kizashi.Num(s.Value)}); s.At >= a.Opened && (!peak.Value.Ok() || beyond(a.Side, m, peak)) {
			m.Verdict = bare(rec, s.At)
			peak = m
		}
	}
	switch {
	case !peak.Value.Ok():
	case peak.At != a.Peak.At:
		a.Peak = peak
	case peak.Value != a.Peak.Value:
		a.Peak.Value, a.Peak.Verdict.Votes = peak.Value, nil
	}
	c := kizashi.Crossing{Series: a.Series, At: vs[0].At}
	if still {
		e.Told = toldOf(a)
		return append(out, Change{Alert: *a, Cross: c}), nil
	}
	e.Calm, e.Moved = 0, false
	a.State, a.Ended = kizashi.Resolved, kizashi.ClaimCorrected
	return e.changed(tick, &c, out), nil
}

// crosses says whether a value lies beyond the limit of its hour, one that a
// person set, or the one of the vote that stood on it.
func (e *episode) crosses(s *kizashi.Sample, in *kizashi.Proof, rec *kizashi.Record) bool {
	side := e.Alert.Side
	if rec != nil && rec.Ready && beyondLimit(side, s.Value, limitOn(side, rec.Slots[rec.SlotAt(s.At)])) {
		return true
	}
	for _, l := range slices.Concat(in.Settings.Static, in.Settings.Guards) {
		if l.Side == side && l.Over(s.Value) {
			return true
		}
	}
	for _, m := range [...]kizashi.Moment{e.Alert.Opening, e.Alert.Peak} {
		for _, v := range m.Verdict.Votes {
			if m.At == s.At && v.Model == "spike" && beyondLimit(side, s.Value, limitOn(side, kizashi.Slot{Lower: v.Lower, Upper: v.Upper})) {
				return true
			}
		}
	}
	return false
}

// openRevised opens an alert on a corrected value, or adds the value to the
// last such alert. Those of out from told on are of the same corrections.
func (l *Life) openRevised(tick kizashi.Time, v kizashi.Revision, in *kizashi.Proof, h History, out []Change, told int) ([]Change, error) {
	if e := in.Expect; e != nil && v.At >= e.From && v.At < e.To {
		return out, nil // what is usual is not expected there
	}
	if d := in.Settings.Direction; d != kizashi.Both && d != in.Side || slices.Contains(in.Settings.Off, "band") {
		return out, nil
	}
	records, err := h.Records(v.Series, v.At, v.At+1)
	if err != nil {
		return out, err
	}
	rec := recordOf(records, v.At)
	if rec == nil || !rec.Ready || !beyondLimit(in.Side, v.New, limitOn(in.Side, rec.Slots[rec.SlotAt(v.At)])) {
		return out, nil
	}
	end, m := v.At.Add(v.Period), revisedMoment(v, in.Side, rec)
	k := key{v.Series, in.Side}
	if e := l.revised[k]; e != nil && v.At >= e.Alert.Opened.Add(-episodeGap) && v.At <= e.Alert.To.Add(episodeGap) {
		a := &e.Alert
		a.To = max(a.To, end)
		e.note(v)
		if beyond(in.Side, m, a.Peak) {
			a.Peak = m
		}
		if a.State == kizashi.Resolved { // else it is told when it ends
			out = again(out, told, *a)
		}
		return out, nil
	}
	p := *in
	p.Record, p.Recent = rec, []kizashi.Scored{scored(v, rec)}
	e := &episode{Stood: v.At, Fired: true, ByCorrection: true, Alert: kizashi.Alert{
		ID: kizashi.AlertID(v.Series, in.Side, v.At), Series: v.Series, Tenant: p.Meta.Tenant, Group: p.Meta.Group, Labels: p.Meta.Labels,
		Side: in.Side, Class: p.Settings.Class, State: kizashi.Firing, Opened: v.At, From: v.At, To: end, Changed: tick, Seq: 1, Revised: true,
		Opening: m, Peak: m, Models: []string{string(kizashi.ClaimRevision)},
	}}
	e.note(v)
	l.revised[k] = e
	return append(out, Change{Alert: e.Alert, Proof: &p}), nil
}

// again tells what became known of an alert, once.
func again(out []Change, told int, a kizashi.Alert) []Change {
	if n := len(out); n > told && out[n-1].Alert.ID == a.ID {
		out = out[:n-1]
	}
	return append(out, Change{Alert: a})
}

// EndRevised resolves the alerts that corrections opened: what follows them was
// judged long since.
func (l *Life) EndRevised(tick kizashi.Time, out []Change) []Change {
	var open []*episode
	for _, e := range l.revised {
		if e.Alert.State != kizashi.Resolved {
			open = append(open, e)
		}
	}
	slices.SortFunc(open, func(a, b *episode) int {
		if a.Alert.ID < b.Alert.ID {
			return -1
		}
		return 1
	})
	for _, e := range open {
		e.Alert.State, e.Alert.Ended = kizashi.Resolved, kizashi.ClaimBack
		out = e.changed(tick, &kizashi.Crossing{Series: e.Alert.Series, At: e.Alert.Opened}, out)
	}
	return out
}

// corrected is the fact that a value was.
func corrected(v kizashi.Revision) kizashi.Evidence {
	return kizashi.Evidence{Claim: kizashi.ClaimRevised, From: v.At, Low: v.Old, Value: kizashi.Num(v.New), High: kizashi.None()}
}

func limitOn(side kizashi.Side, s kizashi.Slot) kizashi.Num {
	if side == kizashi.Down {
		return s.Lower
	}
	return s.Upper
}

func recordOf(rs []kizashi.Record, at kizashi.Time) *kizashi.Record {
	for i := range rs {
		if rs[i].Hour == at.Floor(time.Hour) {
			return &rs[i]
		}
	}
	return nil
}

// bare is a verdict without votes: the band of a moment.
func bare(rec *kizashi.Record, at kizashi.Time) kizashi.Verdict {
	v := kizashi.Verdict{State: kizashi.Judged, Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None()}
	if rec != nil {
		s := rec.Slots[rec.SlotAt(at)]
		v.Expected, v.Lower, v.Upper = kizashi.Num(rec.Transform.Back(s.Center)), s.Lower, s.Upper
	}
	return v
}

func revisedMoment(v kizashi.Revision, side kizashi.Side, rec *kizashi.Record) kizashi.Moment {
	m := kizashi.Moment{At: v.At, Value: kizashi.Num(v.New), Verdict: bare(rec, v.At)}
	s := rec.Slots[rec.SlotAt(v.At)]
	m.Verdict.Votes = []kizashi.Vote{{Model: string(kizashi.ClaimRevision), Kind: kizashi.Value, Side: side, Crossed: true,
		Stat: v.New, Limit: float64(limitOn(side, s)), Center: m.Verdict.Expected, Lower: s.Lower, Upper: s.Upper}}
	return m
}

func scored(v kizashi.Revision, rec *kizashi.Record) kizashi.Scored {
	s := rec.Slots[rec.SlotAt(v.At)]
	return kizashi.Scored{At: v.At, Value: v.New, Center: s.Center, Scale: s.Scale, Score: (rec.Transform.Forth(v.New) - s.Center) / s.Scale}
}
