package logs

import (
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
)

// seldom tells an event of which only the spacing is known.
func (g *group) seldom(kind Kind, k *key, m kizashi.Time, n int, out *Out) {
	s := &g.spaced[kind]
	stat, lim := s.ask(m, g.start, time.Duration(g.about.Settings.R), Table[kind].Share)
	past := kizashi.Past{From: g.start, To: m, Count: int(s.Count), Low: kizashi.None(), High: kizashi.None()}
	if s.Last != kizashi.Never {
		past.From = s.Last
	}
	s.note(m)
	if stat <= lim || g.off(kind) {
		return
	}
	from := m
	if kind == NewBusy { // n are those so far
		from = k.first
	}
	g.tell(k, m, m.Add(minute), []finding{{kind: kind, share: Table[kind].Share, side: kizashi.Up, usual: kizashi.None(), scale: kizashi.None(), stat: stat, limit: lim, count: n, past: &past, from: from}}, 1, out)
}

// finding is a vote that stands, with what it rests on.
type finding struct {
	kind        Kind
	side        kizashi.Side
	stat, limit float64
	count       int
	usual       kizashi.Num
	scale       kizashi.Num
	of          float64 // lines that count is a part of; of an absence: that were usual meanwhile
	pair        *pair
	share       float64 // of the target, where no tail says
	past        *kizashi.Past
	tail        *limit
	from        kizashi.Time
}

// findings are those of one moment, by key, in the order of the keys.
type findings struct {
	keys []*key
	of   map[*key][]finding
}

func (f *findings) add(k *key, v finding) {
	if f.of == nil {
		f.of = map[*key][]finding{}
	}
	if f.of[k] == nil {
		f.keys = append(f.keys, k)
	}
	f.of[k] = append(f.of[k], v)
}

// mostTold is how many keys are told of at one moment: those furthest beyond their
// limits. How many there were is in what is told.
const mostTold = 5

// tell tells the most unusual of them.
func (f *findings) tell(g *group, end kizashi.Time, out *Out) {
	far := func(k *key) (most float64) {
		for _, v := range f.of[k] {
			most = max(most, v.stat/v.limit)
		}
		return most
	}
	told := append([]*key(nil), f.keys...)
	sort.SliceStable(told, func(i, j int) bool { return far(told[i]) > far(told[j]) })
	for _, k := range told[:min(len(told), mostTold)] {
		g.tell(k, end.Add(-minute), end, f.of[k], len(told), out)
	}
	for _, k := range told[min(len(told), mostTold):] {
		for _, v := range f.of[k] {
			if v.kind == Absent {
				k.gaps.Said = false // it was not: its turn comes
			}
		}
	}
}

// ending is what ends the alerts of a series, for a reason.
func (g *group) ending(id kizashi.SeriesID, m kizashi.Time, why kizashi.Claim) Crossing {
	return Crossing{kizashi.Crossing{Series: id, At: m, End: m.Add(minute), Value: kizashi.None(), Quiet: kizashi.Duration(quiet), Recover: recover, Ended: why,
		Verdict: kizashi.Verdict{State: kizashi.NoOpinion, Why: string(why), Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None()}}, g.meta.Series}
}

const (
	quiet   = hour // a vote later than this after the last one opens a new alert
	recover = 3    // windows without a vote before it is resolved
	follows = recover << 3
)

// tell hands a crossing on; of = keys that crossed at the same moment.
func (g *group) tell(k *key, at, end kizashi.Time, fs []finding, of int, out *Out) {
	meta := metaOf(&g.meta, k.name)
	g.series(k, at, out)
	meta.Series = k.series
	c := kizashi.Crossing{Series: k.series, At: at, End: end, Value: kizashi.Num(fs[0].count), Quiet: kizashi.Duration(quiet), Recover: recover,
		Verdict: kizashi.Verdict{State: kizashi.Judged, Expected: fs[0].usual, Lower: kizashi.None(), Upper: kizashi.None()}}
	if fs[0].kind != Surge && fs[0].kind != Drop && fs[0].kind != Share {
		c.Verdict.Expected = kizashi.None()
	}
	for _, side := range [...]kizashi.Side{kizashi.Down, kizashi.Up} {
		p := g.about
		p.Side, p.Meta, p.Log = side, meta, g.facts(k)
		if fs[0].byRate() {
			p.Log.Day = k.day
		}
		if fs[0].kind == Absent && k.gaps.Due != kizashi.Never {
			due := k.gaps.Due
			p.Log.Due = &due
		}
		p.Settings.Silence = false                                            // a minute without a line is a zero
		p.Evidence, p.Grounds, p.Held, p.Expect = nil, nil, g.heldOut(k), nil // no count is judged by what a person expects
		for i := range fs {
			if f := &fs[i]; f.side == side {
				c.Verdict.Votes = append(c.Verdict.Votes, f.vote())
				p.Grounds = append(p.Grounds, f.ground(end, p.Settings.R))
				if f.pair != nil {
					p.Log.Part, p.Log.Of = "ratio", g.template(f.pair.other(k))
				}
				p.Evidence = append(p.Evidence, kizashi.Evidence{Claim: kizashi.Claim(Table[f.kind].Model), Value: kizashi.Num(f.stat), High: kizashi.Num(f.limit), Low: kizashi.None(),
					Count: f.count, Of: of, From: f.from, To: end, Unit: Table[f.kind].Unit})
			}
		}
		if len(p.Grounds) > 0 {
			c.Proof = append(c.Proof, p)
		}
	}
	k.calm = follows
	switch f := fs[0]; f.kind {
	case NewError, NewWarning, NewOther, NewBusy, Rare, Value, Absent:
		k.stands = standing{int8(f.kind) + 1, f.stat, f.limit, at}
	}
	out.Crossings = append(out.Crossings, Crossing{c, g.meta.Series})
}

// byRate says that the vote rests on how many lines are usual at that time.
func (f *finding) byRate() bool {
	switch f.kind {
	case Surge, Drop, Absent:
		return true
	}
	return false
}

func (f *finding) vote() kizashi.Vote {
	return kizashi.Vote{Model: Table[f.kind].Model, Kind: kizashi.EvidenceVote, Side: f.side, Crossed: true, Stat: f.stat, Limit: f.limit, Unit: Table[f.kind].Unit,
		Center: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None()}
}

// ground is what a vote rests on (docs/method.md).
func (f *finding) ground(end kizashi.Time, r kizashi.Duration) kizashi.Ground {
	g := kizashi.Ground{Model: Table[f.kind].Model, Side: f.side, Stat: f.stat, Limit: f.limit, Unit: Table[f.kind].Unit, From: f.from, To: end,
		Parts: []kizashi.Part{{From: f.from, To: end, Count: f.count, Sum: f.of}}, Usual: f.usual, Scale: f.scale, Past: f.past, R: r}
	if p := f.pair; p != nil {
		g.Parts = []kizashi.Part{{From: f.from, To: end, Count: int(p.many.raw), Text: p.many.name.pattern.String()}, {From: f.from, To: end, Count: int(p.few.raw), Text: p.few.name.pattern.String()}}
	}
	if f.tail != nil {
		t := f.tail.Tail.Stated(baseline.Prior{}, f.tail.W, f.tail.Theta)
		g.Tail = &t
	} else {
		g.Share = f.share
	}
	return g
}

// facts are what is shown of what a key counts.
func (g *group) facts(k *key) *kizashi.LogFacts {
	f := &kizashi.LogFacts{Group: g.meta.Name(), First: k.first, Lines: k.count + int64(k.minute), Bound: kizashi.None(), Samples: append([]kizashi.LogLine(nil), k.lines...)}
	if n := g.meta.Labels.Get("log_group"); n != "" {
		f.Group = n
	}
	of := k
	if k.name.what >= value {
		of = k.whole
		f.Slot, f.Of, f.Samples = int(k.name.slot)+1, k.name.value, append([]kizashi.LogLine(nil), of.lines...)
	}
	switch k.name.what {
	case level, status:
		f.Part, f.Of = [...]string{level: "level", status: "status"}[k.name.what], k.name.value
	case value:
		f.Part = "value"
	case high20, low20:
		f.Part, f.Bound, f.Of = [...]string{"high", "low"}[k.name.what-high20], kizashi.Num(k.bound), ""
	}
	if of.index >= 0 {
		f.Pattern, f.Level, f.Template = of.name.pattern.String(), of.level.String(), g.template(of)
	}
	return f
}

// template of a pattern, with the name that a person gave it.
func (g *group) template(k *key) string {
	p, ok := g.miner.Pattern(k.index)
	if !ok {
		return ""
	}
	if p.Name != "" {
		return p.Name + ": " + cut(p.Template, mostText)
	}
	return cut(p.Template, mostText)
}

// standing is a vote that was told and goes on to stand: of what was seldom while its
// lines go on to come, of what is missing while they do not.
type standing struct {
	Kind        int8 // its number in Table, from 1; 0 = none
	Stat, Limit float64
	Since       kizashi.Time
}

// mostStands is how long a vote of what was seldom stands at the most: then its lines
// are usual, which is said.
const mostStands = 12 * hour

// stillStands says whether the vote stands still in a window, and at its end for the first
// time, whether it became usual.
func (k *key) stillStands(end kizashi.Time) (yes, usual bool) {
	switch {
	case k.stands.Kind == 0:
		return false, false
	case Kind(k.stands.Kind-1) == Absent:
		return k.gaps.Said && end == end.Floor(hour), false // once an hour is enough to say how long
	case k.window == 0:
		return false, false
	}
	return true, end.Sub(k.stands.Since) >= mostStands
}

// calmDown tells what follows a vote, for as long as its alert may come back.
func (g *group) calmDown(end kizashi.Time, found *findings, out *Out) {
	g.each(func(k *key) {
		if k.calm == 0 || found.of[k] != nil {
			return
		}
		c := kizashi.Crossing{Series: k.series, At: end.Add(-minute), End: end, Value: kizashi.Num(k.window), Quiet: kizashi.Duration(quiet), Recover: recover,
			Verdict: kizashi.Verdict{State: kizashi.Judged, Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None()}}
		stands, usual := k.stillStands(end)
		switch {
		case stands && !usual:
			f := finding{kind: Kind(k.stands.Kind - 1), side: kizashi.Up, stat: k.stands.Stat, limit: k.stands.Limit}
			if f.kind == Absent {
				f.side = kizashi.Down
			}
			c.Verdict.Votes, k.calm = []kizashi.Vote{f.vote()}, follows
		case k.gaps.Said:
			return
		default:
			k.calm--
			if usual {
				c.Event, k.stands = kizashi.ClaimMoved, standing{}
				out.Notes = append(out.Notes, Note{k.series, end, kizashi.Evidence{Claim: kizashi.ClaimMoved, Value: kizashi.None(), Low: 0, High: kizashi.Num(float64(k.window) * float64(hour/window)), From: end.Add(-mostStands), To: end}})
			}
		}
		if k.moved {
			c.Event, k.moved = kizashi.ClaimMoved, false
		}
		out.Crossings = append(out.Crossings, Crossing{c, g.meta.Series})
	})
}
