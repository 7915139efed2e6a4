package scenario

import (
	"fmt"
	"sort"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// told is an alert of the story, by the number that the story gives it.
type told struct {
	number int
	alert  kizashi.Alert
}

// line is something that happened.
type line struct {
	at     kizashi.Time
	series kizashi.SeriesID
	text   string
	slots  int          // of relearned quarters, told in one line
	to     kizashi.Time // the last quarter's end
}

// keep takes what a Step produced.
func (s *Story) keep(r *pipeline.Result) {
	for i := range r.Judgements {
		j := r.Judgements[i]
		s.judged[j.Series] = append(s.judged[j.Series], j)
	}
	for _, x := range r.Records {
		s.records[x.Series] = append(s.records[x.Series], x)
	}
	for _, k := range r.Checkpoints {
		s.checkpoints[k.Series] = append(s.checkpoints[k.Series], k)
	}
	for _, j := range r.Justifications {
		s.just[j.Alert] = j
	}
	for _, n := range r.Notes {
		s.note(n)
	}
	for _, a := range r.Alerts {
		s.changed(a)
	}
}

// note tells what happened to a baseline. Quarters of an hour that are
// learned again one after the other are one line.
func (s *Story) note(n detect.Note) {
	f := n.Fact
	if f.Claim == kizashi.ClaimRelearn {
		for i := range s.lines {
			if l := &s.lines[i]; l.slots > 0 && l.series == n.Series && l.to == f.From {
				l.to, l.at = f.To, n.At
				l.slots++
				return
			}
		}
		s.lines = append(s.lines, line{at: n.At, series: n.Series, slots: 1, text: s.wall(f.From), to: f.To})
		return
	}
	text, err := explain.Fact(f, s.meta(n.Series), explain.Style{Lang: explain.English})
	if err != nil {
		text = err.Error()
	}
	s.lines = append(s.lines, line{at: n.At, series: n.Series, text: text})
}

func (s *Story) meta(id kizashi.SeriesID) kizashi.Meta {
	for _, x := range s.series {
		if x.meta.Series == id {
			return x.meta
		}
	}
	return kizashi.Meta{}
}

// changed tells a change of an alert's state.
func (s *Story) changed(a kizashi.Alert) {
	t := s.find(a.ID)
	if t == nil {
		t = &told{number: len(s.alerts) + 1}
		s.alerts = append(s.alerts, t)
	}
	before := t.alert
	t.alert = a
	text := fmt.Sprintf("#%d %s", t.number, a.State)
	switch {
	case a.Seq == before.Seq:
		text = fmt.Sprintf("#%d now", t.number)
		if a.Models[0] == string(kizashi.ClaimBlind) {
			text += s.sight(a)
		} else {
			facts := a.Facts
			if n := len(facts); n > 0 && n == len(before.Facts) && facts[n-1].From == before.Facts[n-1].From && facts[n-1].Count == before.Facts[n-1].Count {
				facts = nil // told before: it is the peak that has grown
			}
			for _, f := range facts {
				if f.Count > 0 {
					text += fmt.Sprintf("; %d more", f.Count)
					continue
				}
				text += fmt.Sprintf("; %s at %s corrected to %s", s.value(a.Series, f.Low), s.wall(f.From), s.value(a.Series, f.Value))
			}
			text += fmt.Sprintf("; peak %s at %s", s.value(a.Series, a.Peak.Value), s.wall(a.Peak.At))
		}
	case a.State == kizashi.Resolved:
		text += fmt.Sprintf(" (%s), last vote until %s", a.Ended, s.wall(a.To))
		if a.Peak.Value.Ok() {
			text += fmt.Sprintf(", peak %s at %s", s.value(a.Series, a.Peak.Value), s.wall(a.Peak.At))
		}
	case a.Reopened > before.Reopened:
		text += fmt.Sprintf(" again, from %s", s.wall(a.From))
	case before.ID == "":
		text += s.opening(a)
	default:
		text += fmt.Sprintf(", from %s", s.wall(a.From))
	}
	at := a.Changed
	if a.Seq == before.Seq {
		at = max(at, a.To)
	}
	s.lines = append(s.lines, line{at: at, series: a.Series, text: text})
}

// opening tells what opened an alert.
func (s *Story) opening(a kizashi.Alert) string {
	m := a.Opening
	if len(m.Verdict.Votes) == 0 {
		return s.sight(a)
	}
	var votes []string
	for _, v := range m.Verdict.Votes {
		text := fmt.Sprintf("%s %.3g over %.3g", v.Model, v.Stat, v.Limit)
		if v.Unit == "" {
			text = v.Model
		}
		switch {
		case v.Side == kizashi.Up && v.Upper.Ok():
			text += ", limit " + s.value(a.Series, v.Upper)
		case v.Side == kizashi.Down && v.Lower.Ok():
			text += ", limit " + s.value(a.Series, v.Lower)
		}
		votes = append(votes, text)
	}
	value := "no sample"
	if m.Value.Ok() {
		value = s.value(a.Series, m.Value)
	}
	late := ""
	if a.Revised {
		late = " (late)"
		if a.Models[0] == string(kizashi.ClaimRevision) {
			late = " (corrected)"
		}
	}
	return fmt.Sprintf(" %s: %s at %s%s; %s", a.Side, value, s.wall(m.At), late, strings.Join(votes, "; "))
}

// sight tells an alert about ourselves: its labels, and what is known.
func (s *Story) sight(a kizashi.Alert) string {
	var words []string
	for _, l := range a.Labels {
		if l.Name != "name" {
			words = append(words, l.Value)
		}
	}
	text := fmt.Sprintf(": blind since %s: %s", s.wall(a.From), strings.Join(words, ", "))
	for _, f := range a.Facts {
		text += "; " + f.Text
	}
	return text
}

func (s *Story) value(id kizashi.SeriesID, v kizashi.Num) string {
	return explain.Value(v, s.meta(id).Unit)
}

func (s *Story) find(id string) *told {
	for _, t := range s.alerts {
		if t.alert.ID == id {
			return t
		}
	}
	return nil
}

// story writes what happened since the last one.
func (s *Story) story(before map[string]int) string {
	var b strings.Builder
	sort.SliceStable(s.lines, func(i, j int) bool { return s.lines[i].at < s.lines[j].at })
	for _, l := range s.lines {
		text := l.text
		if l.slots > 0 {
			text = fmt.Sprintf("learned again: %d quarters from %s", l.slots, l.text)
		}
		name := s.meta(l.series).Name()
		if len(s.series) == 1 || name == "{}" {
			name = ""
		} else {
			name += " "
		}
		fmt.Fprintf(&b, "%s  %s%s\n", s.wall(l.at), name, text)
	}
	after := s.count()
	var counts []string
	for _, k := range countNames {
		if n := after[k] - before[k]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, k))
		}
	}
	fmt.Fprintf(&b, "until %s: %s\n", s.wall(s.told), strings.Join(counts, ", "))
	return b.String()
}

var countNames = []string{string(kizashi.Warming), string(kizashi.Judged), string(kizashi.NoOpinion), string(kizashi.HeldOut), string(kizashi.LateSample)}

// count is how many samples were judged how.
func (s *Story) count() map[string]int {
	n := map[string]int{}
	for _, js := range s.judged {
		for i := range js {
			n[string(js[i].State)]++
		}
	}
	return n
}
