package alert

import (
	"time"

	"github.com/kizashi-ops/kizashi"
)

// What a justification says of alerts about log lines: their series are counts, of
// which a minute without a sample is a 0 if the log group was read in it.

// EachMinute lays out the counts of lines of a series: a sample for each minute that
// the log group was read, which is one that the count of all its lines, read, has a
// sample in. Both are in order; own may be nil.
func EachMinute(read, own []kizashi.Sample) []kizashi.Sample {
	out := make([]kizashi.Sample, 0, len(read))
	for _, s := range read {
		for len(own) > 0 && own[0].At < s.At {
			own = own[1:]
		}
		s.Value = 0
		if len(own) > 0 && own[0].At == s.At {
			s = own[0]
		}
		out = append(out, s)
	}
	return out
}

// readLines lays out the series' counts since an instant.
func (j *justifier) readLines(h History, from kizashi.Time) error {
	read := j.all
	if all := j.Meta.AllLines(); all != j.Meta.Series {
		var err error
		if read, err = h.Samples(all, from, j.t0); err != nil {
			return err
		}
	}
	j.all, j.period = EachMinute(read, j.all), time.Duration(j.Meta.Period)
	return nil
}

// like says that a vote of log lines compares a stretch with the same one of other days.
func like(model string) bool {
	switch kizashi.Claim(model) {
	case kizashi.ClaimLogSurge, kizashi.ClaimLogShare, kizashi.ClaimLogDrop:
		return true
	}
	return false
}

// compareLines counts the lines of the same stretch of the wall on the days before, of
// those of the same kind on which it was read in full.
func (j *justifier) compareLines() {
	j.Comparable = []kizashi.Comparable{}
	if j.vote == nil || !like(j.vote.Model) {
		return
	}
	g := j.ground(j.vote)
	if g == nil {
		return
	}
	span, t := g.To.Sub(g.From), time.UnixMilli(int64(g.From)).In(j.zone.Location())
	for d := int(Span / (24 * time.Hour)); d >= 1; d-- {
		if len(j.Days) > d && j.Days[d] != j.Days[0] {
			continue
		}
		from := kizashi.TimeOf(time.Date(t.Year(), t.Month(), t.Day()-d, t.Hour(), t.Minute(), 0, 0, t.Location()))
		c := kizashi.Comparable{From: from, To: from.Add(span)}
		lines := 0.
		for _, s := range between(j.all, c.From, c.To) {
			lines += s.Value
			c.Count++
		}
		if time.Duration(c.Count)*time.Minute == span {
			c.Low, c.Median, c.High = kizashi.Num(lines), kizashi.Num(lines), kizashi.Num(lines)
			j.Comparable = append(j.Comparable, c)
		}
	}
}

// detectLines is how long it takes to see such a thing: of an absence as long as this
// one waited, of others from the first minute of the stretch that is judged, or the
// last, to when it was judged.
func (j *justifier) detectLines() {
	settle := time.Duration(j.Meta.Settle)
	if j.vote == nil {
		return
	}
	g := j.ground(j.vote)
	if g == nil {
		return
	}
	span, least := g.To.Sub(g.From), j.period
	if g.Model == string(kizashi.ClaimLogAbsent) {
		least = span
	}
	j.Shortest, j.Longest = kizashi.Duration(least+settle), kizashi.Duration(span+settle+max(j.period, tick))
}

// targetOfLines tells what the vote that is told first is set for, and how well that is
// known.
func (j *justifier) targetOfLines() {
	if j.vote == nil {
		return
	}
	g := j.ground(j.vote)
	if g == nil || g.Model == string(kizashi.ClaimLogMany) {
		return
	}
	r := float64(g.R) / 1e9
	e := kizashi.Evidence{Claim: kizashi.ClaimTarget, Value: kizashi.Num(r), Low: kizashi.None(), High: kizashi.None(), Unit: "s"}
	t := g.Tail
	if t != nil {
		low, high := interval(t, r)
		e.Low, e.High = kizashi.Num(low), kizashi.Num(high)
	}
	j.add(e)
	if d := j.Settings.Division; d != nil && g.R == d.R() {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimShared, Value: kizashi.Num(d.Weekly), Count: d.Series})
	}
	if t == nil {
		if age, asked := g.Stat*86400, r/g.Share; spaced(g.Model) && g.Past != nil && g.Past.Count == 0 && g.Limit*86400 < asked {
			j.add(kizashi.Evidence{Claim: kizashi.ClaimExtrapolated, Value: kizashi.Num(age), High: kizashi.Num(asked), Unit: "s"})
		}
		return
	}
	if most := Supported(t); r > most {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimUnsupported, Value: kizashi.Num(most), High: kizashi.Num(r), Unit: "s"})
	}
	if t.N < 20 {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimPrior, Count: int(t.N)})
	}
	if f := t.Young(); f >= youngTold {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimYoung, Value: kizashi.Num(f)})
	}
}

// spaced says that of a vote only the time since the last one of its kind is judged.
func spaced(model string) bool {
	switch kizashi.Claim(model) {
	case kizashi.ClaimLogNew, kizashi.ClaimLogRare, kizashi.ClaimLogValue:
		return true
	}
	return false
}
