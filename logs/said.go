package logs

import (
	"cmp"
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
	Act   string // the person's word that keeps it out; "" = it was kept out when it came
	In    bool   // it was let in all the same,
	By    string // by this word
}

const (
	mostWithheld = 96       // hours of a key that are remembered
	correctsBack = 14 * day // how far back a person's word is followed: so far kinds of days are known
)

// withhold remembers an hour of which something else was learned than came. Where it must
// forget one, no word is followed any more that is about hours up to that.
func (k *key) withhold(w withheld) {
	if math.Abs(float64(w.Lines)) < half {
		return
	}
	for len(k.kept) > 0 && (len(k.kept) >= mostWithheld || k.kept[0].At < w.At.Add(-correctsBack)) {
		if old := k.kept[0].At.Add(hour); len(k.kept) >= mostWithheld {
			k.since = max(k.since, old)
		}
		k.kept = append(k.kept[:0], k.kept[1:]...)
	}
	at, _ := slices.BinarySearchFunc(k.kept, w.At, func(o withheld, at kizashi.Time) int { return cmp.Compare(o.At, at) })
	k.kept = slices.Insert(k.kept, at, w)
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

// learnWithheld puts lines of an hour into what was learned of it, or takes them out.
func (g *group) learnWithheld(k *key, w *withheld, lines float32, now kizashi.Time) {
	h := hourOfWeek(int64(w.At), g.loc)
	if o := k.kinds[w.Kind]; w.Kind != "" && o != nil && o.N[h%dayHours] > 0 {
		o.Mean[h%dayHours] = max(0, o.Mean[h%dayHours]+lines/float32(o.N[h%dayHours]))
	} else if w.Kind == "" {
		week, ofDay := weights(w.At, now)
		k.usual.put(h, week, ofDay, lines)
	}
}

// admit takes in what was kept out of [from, to): it was as it should be. act is the word
// that says so. It returns how many hours, shares and waits changed.
func (g *group) admit(k *key, from, to, now kizashi.Time, act string) (n int) {
	for i := range k.kept {
		w := &k.kept[i]
		if w.At >= to || w.At.Add(hour) <= from || k.usual == nil || w.In {
			continue
		}
		n++
		g.learnWithheld(k, w, w.Lines, now)
		w.In, w.By = true, act
	}
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

// unsay takes back what a word changed in what was learned: hours that it kept out come
// in, unless another one keeps them out too, and those that it let in go out.
func (g *group) unsay(k *key, act string, now kizashi.Time) (n int) {
	kept := k.kept[:0]
	for _, w := range k.kept {
		switch {
		case k.usual == nil:
		case w.In && w.By == act:
			g.learnWithheld(k, &w, -w.Lines, now)
			w.In, w.By = false, ""
			n++
		case w.Act == act && !w.In:
			if o := g.excluder(k, w.At, w.At.Add(hour)); o != nil {
				w.Act = o.Act
				break
			}
			g.learnWithheld(k, &w, w.Lines, now)
			n++
			continue // it is as it came
		}
		kept = append(kept, w)
	}
	k.kept = kept
	return n
}

// stored are the counts of a key and of all lines, by the minute.
type stored struct{ of, all []kizashi.Sample }

// take keeps what came in [from, to) out of what is usual, as if what is usual at those
// hours had come. It returns how many hours changed: of those that were read in full,
// on ordinary days, since the profile is of these lines, and that are not out already.
func (g *group) take(k *key, from, to, now kizashi.Time, counts stored, act string) (n int) {
	type part struct {
		at          kizashi.Time
		h           int
		raw, in     float32
		week, ofDay float32
	}
	var ps []part
	others := g.seen
	for at := max(from, k.since.Ceil(hour)).Floor(hour); at < min(to, now.Floor(hour)); at = at.Add(hour) {
		if i := slices.IndexFunc(k.kept, func(w withheld) bool { return w.At == at }); i >= 0 {
			if w := &k.kept[i]; w.In {
				g.learnWithheld(k, w, -w.Lines, now)
				w.In, w.By, w.Act = false, "", act
				n++
			}
			continue
		}
		if g.kindOn(at, now) != "" || len(within(counts.all, at, at.Add(hour))) < int(hour/minute) {
			continue
		}
		p := part{at: at, h: hourOfWeek(int64(at), g.loc)}
		for _, s := range within(counts.of, at, at.Add(hour)) {
			p.raw += float32(s.Value)
			if s.At >= from && s.At < to {
				p.in += float32(s.Value)
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
		k.withhold(withheld{At: p.at, Lines: p.raw - learned, Act: act})
	}
	return n + len(ps)
}

// within are the samples of [from, to), of some in the order of their times.
func within(ss []kizashi.Sample, from, to kizashi.Time) []kizashi.Sample {
	at := func(t kizashi.Time) int {
		i, _ := slices.BinarySearchFunc(ss, t, func(s kizashi.Sample, t kizashi.Time) int { return cmp.Compare(s.At, t) })
		return i
	}
	return ss[at(from):at(to)]
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
// what came of it. What is usual follows when the next hour begins.
func (g *group) heard(e *Engine, c *kizashi.Command, admit bool, now kizashi.Time, out *Out) error {
	from, to := max(c.From, g.start, now.Add(-correctsBack)), min(c.To, now)
	if to.Sub(from) < window {
		return nil // it is followed as it comes, or is of before what can be followed
	}
	var all []kizashi.Sample // read once for all keys, if any needs it
	return g.correct(c, now, out, func(k *key) (int, error) {
		if admit {
			return g.admit(k, from, to, now, c.Act), nil
		}
		if k.usual == nil || k.whole != nil || k.series == 0 {
			return 0, nil
		}
		n := 0
		if to > now.Floor(hour) && g.ordinary(k) {
			n++ // the hour in hand: see learnHour
		}
		of, err := e.counts(k.series, from.Floor(hour), to.Ceil(hour), out)
		if err != nil {
			return 0, err
		}
		if all == nil {
			if all, err = e.counts(g.whole.series, from.Floor(hour), to.Ceil(hour), out); err != nil {
				return 0, err
			}
		}
		return n + g.take(k, from, to, now, stored{of, all}, c.Act), nil
	})
}

// correct changes what was learned of the keys that a command concerns, and notes how much.
func (g *group) correct(c *kizashi.Command, now kizashi.Time, out *Out, change func(*key) (int, error)) (err error) {
	changed, concerned, of := 0, false, g.meta.Series
	g.each(func(k *key) {
		if err != nil || !g.concerns(c, k) {
			return
		}
		concerned = true
		if c.Series == k.series && k.series != 0 {
			of = k.series
		}
		var n int
		n, err = change(k)
		changed += n
	})
	if err != nil || !concerned {
		return err
	}
	out.Notes = append(out.Notes, Note{of, now, kizashi.Evidence{Claim: kizashi.ClaimLogSaid, Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None(), Count: changed, From: c.From, To: min(c.To, now)}})
	return nil
}

// sayOfHour finds what was said within the hour that ends, of a part of it that had come
// already: it is learned as what is usual, all of it.
func (g *group) sayOfHour(e *Engine, end kizashi.Time) {
	g.ofHour = g.ofHour[:0]
	begin := end.Add(-hour)
	for i := g.obeyed - 1; i >= 0 && e.commands[i].At > begin; i-- {
		c := &e.commands[i]
		out := c.Op == kizashi.Exclude || c.Op == kizashi.Feedback && c.As == kizashi.SaidTrue
		if !out || min(c.To, c.At).Sub(max(c.From, begin)) < window || slices.ContainsFunc(e.commands[:g.obeyed], func(o kizashi.Command) bool { return o.Op == kizashi.Revoke && o.Act == c.Act }) {
			continue
		}
		g.ofHour = append(g.ofHour, c)
	}
}

// outOfHour is the word that keeps the hour that ends out of what is usual of a key.
func (g *group) outOfHour(k *key) *kizashi.Command {
	for _, c := range g.ofHour {
		if g.concerns(c, k) {
			return c
		}
	}
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
		b = wire.Text(wire.Text(wire.F32(wire.U64(b, w.At), w.Lines), w.Kind), w.Act)
		b = wire.Text(wire.Bool(b, w.In), w.By)
	}
	b = wire.U64(b, k.since)
	b = wire.F32(wire.U64(wire.U64(b, k.out.From), k.out.To), k.out.Mine, k.out.All)
	g := &k.gaps
	return wire.Bool(wire.F32(wire.U64(wire.U64(b, g.OutFrom), g.OutTo), g.Out), g.Admit)
}

func (k *key) readSaid(r *wire.Reader) {
	for n := int(r.U8()); n > 0 && r.Err() == nil; n-- {
		k.kept = append(k.kept, withheld{kizashi.Time(r.I64()), r.F32(), r.Text(), r.Text(), r.Bool(), r.Text()})
	}
	k.since = kizashi.Time(r.I64())
	k.out = shareOut{kizashi.Time(r.I64()), kizashi.Time(r.I64()), r.F32(), r.F32()}
	g := &k.gaps
	g.OutFrom, g.OutTo, g.Out, g.Admit = kizashi.Time(r.I64()), kizashi.Time(r.I64()), r.F32(), r.Bool()
}
