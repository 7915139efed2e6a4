package logs

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// group is a log group that is read, or was.
type group struct {
	Found
	id    kizashi.SeriesID
	meta  kizashi.Meta
	print uint64 // of what was declared last
	part  *part
	rule  *Rule
	ended kizashi.Ending // it is read no more

	seen   ids
	latest kizashi.Time // of the lines delivered that were not Late; Never = none
	floor  kizashi.Time // what is older is not read again: nobody knows what of it was delivered

	uncounted map[eventID]bool // delivered ahead of Until by an earlier run: to be counted by metric filters again
	lostTo    kizashi.Time     // what was lost of before that is told
	missed    int              // lists in a row that did not name it
	fails     int              // reads in a row in which it failed alone
	broken    string           // why it is set aside; "" = it is not
	again     time.Time
	left      kizashi.Time // set aside: its partition went on without it from there; Never = it did not
}

// oldest is the first instant that CloudWatch keeps events of.
func (g *group) oldest(now time.Time) kizashi.Time {
	if g.Retention == 0 {
		return kizashi.Never
	}
	return kizashi.TimeOf(now.Add(-g.Retention)).Ceil(time.Minute)
}

// wanted is a group that exists and is to be read.
type wanted struct {
	found Found
	meta  kizashi.Meta
	rule  *Rule
}

func (s *Source) wanted(found []Found) (out []wanted) {
	for i := range found {
		g := &found[i]
		if r := s.cfg.Choose(g); r != nil {
			out = append(out, wanted{*g, s.cfg.Meta(g, r), r})
		}
	}
	return out
}

// fingerprint tells whether a declaration differs from the one before.
func fingerprint(m *kizashi.Meta, e kizashi.Ending) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%v %q %v %q %q", m.Labels, m.Group, m.Settle, m.Zone, e)
	return h.Sum64()
}

// declare tells of a group from an instant on, with its partition's next
// batch.
func (g *group) declare(from kizashi.Time, e kizashi.Ending) {
	g.print = fingerprint(&g.meta, e)
	g.part.fresh = append(g.part.fresh, kizashi.Declaration{From: from, Meta: g.meta, Ended: e})
}

// adopt makes the groups that exist those that are read.
func (s *Source) adopt(ws []wanted, there map[string]bool, now time.Time) {
	listed := map[kizashi.SeriesID]bool{}
	var fresh []*group
	for i := range ws {
		w := &ws[i]
		listed[w.meta.Series] = true
		g := s.groups[w.meta.Series]
		if g == nil {
			g = &group{Found: w.found, id: w.meta.Series, meta: w.meta, rule: w.rule, latest: kizashi.Never, floor: kizashi.Never, left: kizashi.Never}
			g.part = s.partOf(w.rule.Hold(), len(ws), now)
			s.groups[g.id] = g
			fresh = append(fresh, g)
			continue
		}
		s.renew(g, w, len(ws), now)
	}
	for _, id := range slices.SortedFunc(maps.Keys(s.groups), cmp.Compare[kizashi.SeriesID]) {
		g := s.groups[id]
		if listed[id] || g.ended != "" {
			continue
		}
		if g.missed++; g.missed > 1 { // one list alone may be short
			s.farewell(g, there)
		}
	}
	s.meet(fresh, now)
	for _, p := range slices.Clone(s.parts) {
		s.tidy(p)
	}
}

// renew takes in what has changed of a group that is known.
func (s *Source) renew(g *group, w *wanted, n int, now time.Time) {
	g.Found, g.meta, g.rule, g.missed = w.found, w.meta, w.rule, 0
	switch p := s.partOf(w.rule.Hold(), n, now); {
	case g.ended != "":
		// It is there again: what it has since then was read by nobody yet.
		since := g.part.goal()
		g.ended, g.part = "", p
		if c := kizashi.TimeOf(g.Created).Floor(time.Minute); !g.Created.IsZero() {
			since = min(since, max(c, p.goal().Add(-s.cfg.Overlap)))
		}
		g.left, g.latest = min(since, p.goal()), kizashi.Never
		p.groups = with(p.groups, g)
		g.declare(g.left, "")
	case p != g.part:
		g.left = min(g.part.goal(), p.goal())
		g.part.groups = without(g.part.groups, g)
		g.part = p
		p.groups = with(p.groups, g)
		g.declare(p.goal(), "")
	case g.print != fingerprint(&g.meta, "") && g.broken == "":
		g.declare(p.until, "")
		s.cfg.Log.Info("log group declared again", "log_group", g.Name)
	}
}

// farewell ends a group that is read no more: it was deleted, or the
// configuration leaves it out now.
func (s *Source) farewell(g *group, there map[string]bool) {
	why := kizashi.Terminated
	if there[g.Name] {
		why = kizashi.LeftOut
	}
	s.bury(g, why)
}

func (s *Source) bury(g *group, why kizashi.Ending) {
	s.cfg.Log.Info("log group ended", "log_group", g.Name, "why", string(why))
	g.ended, g.seen, g.broken, g.left = why, ids{}, "", kizashi.Never
	g.declare(g.part.until, why)
	g.part.groups = without(g.part.groups, g)
	for _, f := range s.fills {
		f.groups = without(f.groups, g)
	}
	s.seenAgain(g.Name)
}

func byName(a, b *group) int { return strings.Compare(a.Name, b.Name) }

func with(gs []*group, g *group) []*group {
	i, ok := slices.BinarySearchFunc(gs, g, byName)
	if ok {
		return gs
	}
	return slices.Insert(slices.Clone(gs), i, g)
}

func without(gs []*group, g *group) []*group {
	return slices.DeleteFunc(slices.Clone(gs), func(o *group) bool { return o == g })
}
