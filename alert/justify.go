package alert

import (
	"math"
	"sort"
	"strconv"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// Span is how far back a justification looks.
const Span = 14 * 24 * time.Hour

// dayBefore is how much further back the same hour of the wall may begin on
// the window's first day.
const dayBefore = 26 * time.Hour

// episodeGap joins crossings that are told as one.
const episodeGap = time.Hour

// History gives what a justification needs of the past of a series. Samples
// returns those with from <= At < to as they were judged, oldest first;
// Records those of the hours that overlap [from, to), oldest first; Limits the
// same, of which only Series, Hour, Ready and Slots need be filled in. All are
// called from several goroutines.
type History interface {
	Samples(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error)
	Records(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error)
	Limits(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error)
}

// Justify freezes the justification of an alert that has just opened; the
// definitions are in docs/justification.md. Its hash goes into the alert.
func Justify(ch Change, h History) (kizashi.Justification, error) {
	p, a := ch.Proof, ch.Alert
	j := justifier{Justification: kizashi.Justification{
		Format: kizashi.JustificationFormat, Alert: a.ID, Meta: p.Meta, Settings: p.Settings, Config: p.Config, Opening: a.Opening,
		Expect: p.Expect, Volume: p.Volume, Days: p.Days, Record: p.Record, Recent: p.Recent, Run: p.Run, Rhythm: p.Rhythm, Grounds: p.Grounds, Routine: p.Routine, Log: p.Log, Own: p.Own,
		LimitLow: kizashi.None(), LimitHigh: kizashi.None(),
	}, side: a.Side, t0: a.Opened}
	var err error
	if j.zone, err = calendar.Load(p.Meta.Zone); err != nil {
		return j.Justification, err
	}
	from := a.Opened.Add(-Span)
	if j.all, err = h.Samples(a.Series, from.Add(-dayBefore), a.Opened); err != nil {
		return j.Justification, err
	}
	if j.Log != nil {
		if err = j.readLines(h, from.Add(-dayBefore)); err != nil {
			return j.Justification, err
		}
	}
	j.samples = between(j.all, from, a.Opened)
	// Records of later hours may be there already, or not: they are left out.
	if j.records, err = h.Limits(a.Series, from.Add(-dayBefore), a.Opened+1); err != nil {
		return j.Justification, err
	}
	j.deciding()
	j.window(p.Held)
	j.comparable()
	j.limitRange()
	j.fired()
	j.nearby()
	j.detection()
	j.evidence(p.Evidence)
	return j.Justification, nil
}

// justifier is a justification in the making.
type justifier struct {
	kizashi.Justification
	side    kizashi.Side
	t0      kizashi.Time
	zone    *calendar.Zone
	all     []kizashi.Sample // those of the window, and of the same hour on its first day
	samples []kizashi.Sample // those of the window
	records []kizashi.Record
	vote    *kizashi.Vote // the first standing value vote, or the first that stands
	m, n    int           // of its rule
	period  time.Duration
}

// deciding finds the vote that is told first, and its M of N.
func (j *justifier) deciding() {
	votes := j.Opening.Verdict.Votes
	for i := range votes {
		if votes[i].Kind == kizashi.Value {
			j.vote = &votes[i]
			break
		}
	}
	if j.vote == nil && len(votes) > 0 {
		j.vote = &votes[0]
	}
	switch {
	case j.Record != nil:
		j.period = time.Duration(j.Record.Period)
	case j.Rhythm != nil:
		j.period = time.Duration(j.Rhythm.Gap)
	}
	j.m, j.n = 1, 1
	if j.vote == nil {
		return
	}
	switch j.vote.Model {
	case "band":
		j.m, j.n = j.Record.M, j.Record.N
	case "static":
		j.m, j.n = rule(j.Settings.Static, j.vote)
	case "guard":
		j.m, j.n = rule(j.Settings.Guards, j.vote)
	}
}

func rule(ls []kizashi.Limit, v *kizashi.Vote) (m, n int) {
	for _, l := range ls {
		if l.Value == v.Limit && l.Side == v.Side {
			return l.M, l.N
		}
	}
	return 1, 1
}

func (j *justifier) window(held []kizashi.Stretch) {
	w := &j.Window
	w.From, w.To = j.t0.Add(-Span), j.t0
	if len(j.samples) > 0 {
		w.From = j.samples[0].At
	} else {
		w.From = j.t0
	}
	w.Samples = len(j.samples)
	if j.period > 0 {
		w.Expected = int(math.Round(float64(w.To-w.From) / float64(j.period.Milliseconds())))
	}
	w.Missing = max(0, w.Expected-w.Samples)
	w.Held = []kizashi.Stretch{}
	for _, s := range held {
		s.From, s.To = max(s.From, w.From), min(s.To, w.To)
		if s.From >= s.To {
			continue
		}
		s.Count = len(between(j.samples, s.From, s.To))
		w.Held = append(w.Held, s)
		w.HeldOut += s.Count
	}
	sort.SliceStable(w.Held, func(a, b int) bool { return w.Held[a].From < w.Held[b].From })
}

// between returns the samples with from <= At < to.
func between(samples []kizashi.Sample, from, to kizashi.Time) []kizashi.Sample {
	a := sort.Search(len(samples), func(i int) bool { return samples[i].At >= from })
	b := sort.Search(len(samples), func(i int) bool { return samples[i].At >= to })
	return samples[a:max(a, b)]
}

// localHour returns the wall-clock hour of t0, days earlier on the wall.
func (j *justifier) localHour(days int) (from, to kizashi.Time, weekend bool) {
	t := time.UnixMilli(int64(j.t0)).In(j.zone.Location())
	begin := time.Date(t.Year(), t.Month(), t.Day()-days, t.Hour(), 0, 0, 0, j.zone.Location())
	wd := begin.Weekday()
	from = kizashi.TimeOf(begin)
	return from, from.Add(time.Hour), wd == time.Saturday || wd == time.Sunday
}

func (j *justifier) comparable() {
	if j.Log != nil {
		j.compareLines()
		return
	}
	j.Comparable = []kizashi.Comparable{}
	_, _, kind := j.localHour(0)
	for d := 14; d >= 1; d-- {
		from, to, weekend := j.localHour(d)
		switch {
		case len(j.Days) > d && j.Days[d] != j.Days[0]:
			continue
		case len(j.Days) > 0 && j.Days[0] != "": // whatever day of the week
		case j.Record != nil && j.Record.Season == kizashi.Weekly && weekend != kind:
			continue
		}
		in := between(j.all, from, to)
		if len(in) == 0 {
			continue
		}
		c := kizashi.Comparable{From: from, To: to, Count: len(in)}
		c.Low, c.Median, c.High = summary(in)
		for _, s := range j.Window.Held {
			c.Held = c.Held || s.From < to && s.To > from
		}
		j.Comparable = append(j.Comparable, c)
	}
}

func summary(in []kizashi.Sample) (low, median, high kizashi.Num) {
	vs := make([]float64, len(in))
	for i := range in {
		vs[i] = in[i].Value
	}
	sort.Float64s(vs)
	return kizashi.Num(vs[0]), kizashi.Num(middle(vs)), kizashi.Num(vs[len(vs)-1])
}

// middle is the median of sorted values.
func middle(vs []float64) float64 {
	n := len(vs)
	if n%2 == 1 {
		return vs[n/2]
	}
	return vs[n/2-1]/2 + vs[n/2]/2
}

// limit of a slot on the alert's side.
func (j *justifier) limit(s kizashi.Slot) kizashi.Num {
	if j.side == kizashi.Both {
		return kizashi.None()
	}
	return limitOn(j.side, s)
}

func (j *justifier) limitRange() {
	low, high := math.Inf(1), math.Inf(-1)
	for d := 14; d >= 0; d-- {
		from, to, _ := j.localHour(d)
		for i := range j.records {
			r := &j.records[i]
			if !r.Ready || r.Hour >= to || r.Hour.Add(time.Hour) <= from {
				continue
			}
			for _, s := range r.Slots {
				if l := j.limit(s); l.Ok() {
					low, high = min(low, float64(l)), max(high, float64(l))
				}
			}
		}
	}
	if low <= high {
		j.LimitLow, j.LimitHigh = kizashi.Num(low), kizashi.Num(high)
	}
}

func (j *justifier) fired() {
	if j.Record == nil || j.side == kizashi.Both {
		return
	}
	_, j.Fired = j.count(j.Record.M, j.Record.N, j.beyondRecord())
}

// beyondRecord tells of a sample whether it lies beyond its own hour's limit.
func (j *justifier) beyondRecord() func(kizashi.Sample) bool {
	k := 0
	return func(s kizashi.Sample) bool {
		hour := s.At.Floor(time.Hour)
		for k < len(j.records) && j.records[k].Hour < hour {
			k++
		}
		if k == len(j.records) || j.records[k].Hour != hour || !j.records[k].Ready {
			return false
		}
		r := &j.records[k]
		return beyondLimit(j.side, s.Value, j.limit(r.Slots[r.SlotAt(s.At)]))
	}
}

func beyondLimit(side kizashi.Side, v float64, l kizashi.Num) bool {
	if !l.Ok() {
		return false
	}
	if side == kizashi.Down {
		return v < float64(l)
	}
	return v > float64(l)
}

// count returns the samples that are over, and the episodes of M of N of them:
// of the last N samples, none N periods old or older.
func (j *justifier) count(m, n int, over func(kizashi.Sample) bool) (samples, episodes int) {
	recent := make([]kizashi.Time, 0, n+1) // of the last n samples, those over
	prev, span := kizashi.Never, time.Duration(n)*j.period
	for i, s := range j.samples {
		if over(s) {
			samples++
			recent = append(recent, s.At)
		}
		for len(recent) > 0 && (i >= n && recent[0] <= j.samples[i-n].At || span > 0 && s.At.Sub(recent[0]) >= span) {
			recent = append(recent[:0], recent[1:]...)
		}
		if len(recent) < m {
			continue
		}
		if prev == kizashi.Never || s.At.Sub(prev) > episodeGap {
			episodes++
		}
		prev = s.At
	}
	return samples, episodes
}

// nearbyAt are the places of the static limits that are tried, in distances
// of the limit from the center.
var nearbyAt = [...]float64{0.5, 0.75, 1, 1.25, 1.5, 2}

func (j *justifier) nearby() {
	j.Nearby = []kizashi.Nearby{}
	v := j.vote
	if v == nil || v.Kind != kizashi.Value || v.Model == "rate" || !v.Center.Ok() || j.Record == nil {
		return
	}
	limit := v.Upper
	if j.side == kizashi.Down {
		limit = v.Lower
	}
	if !limit.Ok() {
		return
	}
	for _, f := range nearbyAt {
		l := round3(float64(v.Center) + f*float64(limit-v.Center))
		n := kizashi.Nearby{Limit: l}
		n.Samples, n.Episodes = j.count(j.m, j.n, func(s kizashi.Sample) bool {
			return beyondLimit(j.side, s.Value, kizashi.Num(l))
		})
		j.Nearby = append(j.Nearby, n)
	}
}

// round3 rounds to 3 significant digits.
func round3(x float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	if err != nil {
		return x
	}
	return r
}

// tick is the grid of the group loop.
const tick = time.Minute

func (j *justifier) detection() {
	if j.Log != nil {
		j.detectLines()
		return
	}
	settle := time.Duration(j.Meta.Settle)
	if j.Rhythm != nil {
		l := time.Duration(j.Rhythm.Limit)
		j.Shortest, j.Longest = kizashi.Duration(l), kizashi.Duration(l+settle+tick)
		return
	}
	if j.vote != nil && j.ground(j.vote) != nil {
		g := j.ground(j.vote)
		j.Shortest = kizashi.Duration(j.period + settle)
		j.Longest = kizashi.Duration(g.To.Sub(g.From) + settle + max(j.period, tick))
		return
	}
	j.Shortest = kizashi.Duration(time.Duration(j.m)*j.period + settle)
	j.Longest = kizashi.Duration(time.Duration(j.n)*j.period + settle + max(j.period, tick))
}
