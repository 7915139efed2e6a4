package logs

import (
	"math"
	"slices"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/wire"
)

// What people say of stretches that are over. A profile is made of sums that decay, so
// what an hour gave to it can be taken out again, or what was kept from it put in, at the
// weight that it has by now. What counts scatter and how long waits were stays as it was
// learned.

// withheld is what an hour had beyond what was learned of it.
type withheld struct {
	At    kizashi.Time // the hour
	Lines float32
	Kind  string // of its day
}

const (
	mostWithheld = 48       // hours of a key that are remembered
	correctsBack = 60 * day // how far back a person's word is followed: four fifths of an hour's weight are gone by then
)

// withhold remembers an hour of which something else was learned than came.
func (k *key) withhold(at kizashi.Time, lines float32, kind string) {
	if math.Abs(float64(lines)) < half {
		return
	}
	if len(k.kept) == mostWithheld {
		k.kept = append(k.kept[:0], k.kept[1:]...)
	}
	k.kept = append(k.kept, withheld{at, lines, kind})
}

// weights are what is left of an hour in a profile, of its hour of the week and of the
// day, when the hour before an instant was the last that was learned.
func weights(hourAt, now kizashi.Time) (week, ofDay float32) {
	last := now.Floor(hour).Add(-hour)
	n := func(each kizashi.Time) float64 { return math.Floor(float64(last-hourAt) / float64(each)) }
	return float32(math.Pow(float64(weekKeeps), n(kizashi.Time((7 * day).Milliseconds())))), float32(math.Pow(float64(dayKeeps), n(kizashi.Time(day.Milliseconds()))))
}

// put adds lines to an hour that was learned.
func (p *profile) put(h int, week, ofDay, n float32) {
	p.Week[h] = max(0, p.Week[h]+week*n)
	p.Day[h%dayHours] = max(0, p.Day[h%dayHours]+ofDay*n)
}

// admit takes in what was kept out of [from, to): it was as it should be. It returns how
// many hours changed.
func (g *group) admit(k *key, from, to, now kizashi.Time) (n int) {
	kept := k.kept[:0]
	for _, w := range k.kept {
		if w.At >= to || w.At.Add(hour) <= from || k.usual == nil {
			kept = append(kept, w)
			continue
		}
		n++
		h := hourOfWeek(int64(w.At), g.loc)
		if o := k.kinds[w.Kind]; w.Kind != "" && o != nil && o.N[h%dayHours] > 0 {
			o.Mean[h%dayHours] = max(0, o.Mean[h%dayHours]+w.Lines/float32(o.N[h%dayHours]))
		} else if w.Kind == "" {
			week, ofDay := weights(w.At, now)
			k.usual.put(h, week, ofDay, w.Lines)
		}
	}
	k.kept = kept
	if s := &k.out; s.All > 0 && s.From < to && s.To > from {
		f := float32(math.Pow(float64(windowKeeps), math.Floor(float64(now.Sub(s.To))/float64(window))))
		k.part.Mine, k.part.All = k.part.Mine+s.Mine*f, k.part.All+s.All*f
		*s = shareOut{}
		n++
	}
	return n + k.gaps.admit(from, to)
}

// shareOut is what was kept out of a share in its last episode.
type shareOut struct {
	From, To  kizashi.Time
	Mine, All float32
}

func (s *shareOut) add(mine, all float64, end kizashi.Time) {
	if end.Sub(s.To) > quiet {
		*s = shareOut{From: end.Add(-window)}
	}
	s.To, s.Mine, s.All = end, s.Mine+float32(mine), s.All+float32(all)
}

// admit lets a wait in that was told: it was no longer than it may be.
func (g *gaps) admit(from, to kizashi.Time) int {
	switch {
	case g.Said && g.Last < to:
		g.Admit = true // when it ends
	case g.Out > 0 && g.OutFrom < to && g.OutTo > from:
		g.learn(g.Out)
		g.Out = 0
	default:
		return 0
	}
	return 1
}

// take keeps what came in [from, to) out of what is usual, as if what is usual at those
// hours had come. counts are those of the stored minutes. It returns how many hours
// changed: none on special days, and none of those that were kept out when they came.
func (g *group) take(k *key, from, to, now kizashi.Time, counts []kizashi.Sample) (n int) {
	type part struct {
		at          kizashi.Time
		h           int
		raw, in     float32
		week, ofDay float32
	}
	var ps []part
	others := g.seen
	from, to = max(from, g.start, now.Add(-correctsBack)), min(to, now.Floor(hour))
	for at := from.Floor(hour); at < to; at = at.Add(hour) {
		p := part{at: at, h: hourOfWeek(int64(at), g.loc)}
		if g.kindOn(at, now) != "" || slices.ContainsFunc(k.kept, func(w withheld) bool { return w.At == at }) {
			continue // of another kind, or kept out already
		}
		for _, s := range counts {
			if s.At >= at && s.At < at.Add(hour) {
				p.raw += float32(s.Value)
				if s.At >= from && s.At < to {
					p.in += float32(s.Value)
				}
			}
		}
		p.week, p.ofDay = weights(at, now)
		k.usual.put(p.h, p.week, p.ofDay, -p.raw)
		others.Week[p.h] = max(0, others.Week[p.h]-p.week)
		others.Day[p.h%dayHours] = max(0, others.Day[p.h%dayHours]-p.ofDay)
		ps = append(ps, p)
	}
	rates := make([]float32, len(ps))
	for i, p := range ps {
		rates[i] = float32(k.usual.hourly(p.h, &others))
	}
	for i, p := range ps {
		out := float32(min(to, p.at.Add(hour)).Sub(max(from, p.at)).Hours())
		learned := p.raw - p.in + rates[i]*out
		k.usual.put(p.h, p.week, p.ofDay, learned)
		k.withhold(p.at, p.raw-learned, "")
	}
	return len(ps)
}

// kindOn is the kind of the day of an hour, as far back as kinds are known.
func (g *group) kindOn(at, now kizashi.Time) string {
	date := func(t kizashi.Time) int {
		_, off := t.UTC().In(g.loc).Zone()
		return int((t.UTC().Unix() + int64(off)) / 86400)
	}
	if d := date(now) - date(at); d >= 0 && d < len(g.about.Days) {
		return g.about.Days[d]
	}
	return ""
}

// heard follows a person's word on a stretch that is over, or of which a part is, and says
// what came of it.
func (g *group) heard(e *Engine, c *kizashi.Command, admit bool, now kizashi.Time, out *Out) error {
	if c.From >= now || c.To <= g.start {
		return nil // it is followed as it comes, or is of before the group was read
	}
	hours, concerned := 0, false
	of := g.meta.Series
	var err error
	g.each(func(k *key) {
		if err != nil || !g.concerns(c, k) && (c.Series == 0 || c.Series != k.series) {
			return
		}
		concerned = true
		if c.Series == k.series && k.series != 0 {
			of = k.series
		}
		if admit {
			hours += g.admit(k, c.From, c.To, now)
			return
		}
		if k.usual == nil || k.whole != nil || k.series == 0 {
			return
		}
		var counts []kizashi.Sample
		if counts, err = e.counts(k.series, c.From.Floor(hour), min(c.To.Ceil(hour), now), out); err == nil {
			hours += g.take(k, c.From, c.To, now, counts)
		}
	})
	if err != nil || !concerned {
		return err
	}
	g.each(func(k *key) { // what is usual in the hour in hand follows
		if g.known && k.usual != nil {
			k.begin(hourOfWeek(int64(now), g.loc), &g.seen, g.kind)
		}
	})
	out.Notes = append(out.Notes, Note{of, now, kizashi.Evidence{Claim: kizashi.ClaimLogSaid, Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None(), Count: hours, From: c.From, To: min(c.To, now)}})
	return nil
}

// counts of a series as they are stored, and those that this step made.
func (e *Engine) counts(id kizashi.SeriesID, from, to kizashi.Time, out *Out) ([]kizashi.Sample, error) {
	var got []kizashi.Sample
	if e.past != nil {
		var err error
		if got, err = e.past(id, from, to); err != nil {
			return nil, err
		}
	}
	last := kizashi.Never
	if len(got) > 0 {
		last = got[len(got)-1].At
	}
	for _, s := range out.Counts {
		if s.Series == id && s.At > last && s.At >= from && s.At < to {
			got = append(got, s)
		}
	}
	return got, nil
}

// UsePast sets what reads the stored counts of a series, oldest first.
func (e *Engine) UsePast(past func(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error)) {
	e.past = past
}

func (k *key) appendSaid(b []byte) []byte {
	b = wire.U8(b, len(k.kept))
	for _, w := range k.kept {
		b = wire.Text(wire.F32(wire.U64(b, w.At), w.Lines), w.Kind)
	}
	b = wire.F32(wire.U64(wire.U64(b, k.out.From), k.out.To), k.out.Mine, k.out.All)
	g := &k.gaps
	return wire.Bool(wire.F32(wire.U64(wire.U64(b, g.OutFrom), g.OutTo), g.Out), g.Admit)
}

func (k *key) readSaid(r *wire.Reader) {
	for n := int(r.U8()); n > 0 && r.Err() == nil; n-- {
		k.kept = append(k.kept, withheld{kizashi.Time(r.I64()), r.F32(), r.Text()})
	}
	k.out = shareOut{kizashi.Time(r.I64()), kizashi.Time(r.I64()), r.F32(), r.F32()}
	g := &k.gaps
	g.OutFrom, g.OutTo, g.Out, g.Admit = kizashi.Time(r.I64()), kizashi.Time(r.I64()), r.F32(), r.Bool()
}
