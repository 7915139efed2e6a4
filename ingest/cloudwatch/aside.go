package cloudwatch

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
)

// asidePrefix begins the Source of a partition of what is set aside; the cause
// follows.
const asidePrefix = "aside"

// aside is what cannot be seen for one cause while the rest of the region can:
// series whose query is refused, lists that are denied. It is a partition of
// its own, which says by its Status what a Status of the others would stop
// them for. It never joins, so nobody's ticks wait for it.
type aside struct {
	cursor
	cause kizashi.Cause
	what  map[string]unread // by id of the series, or action
	said  time.Time
	keep  time.Time      // taken over from an earlier run: not over before it was met anew, or had its time to be
	since kizashi.Time   // of one that was taken over: out since then
	other *kizashi.Cause // something of it cannot be read still, for another cause
	back  bool           // something of it was read again
}

// closed says that nothing is told of it, or nothing any more.
func (a *aside) closed() bool { return a.Over() }

// unread is one of them.
type unread struct {
	s    *series // nil = a list
	list string  // what it would have told
	why  string
}

// tells is what each action tells, as an alert names it.
var tells = map[string]string{inventory.ListMetrics: "new series", inventory.GetResources: "tags", inventory.Instances: "state of instances",
	inventory.Groups: "Auto Scaling groups", inventory.Activities: "Auto Scaling activities", inventory.Agents: "agents"}

func isAside(k kizashi.Partition) bool { return strings.HasPrefix(k.Source, asidePrefix+"/") }

// asideOf is the partition of a cause, made when it is first needed.
func (s *Source) asideOf(c kizashi.Cause) *aside {
	for _, a := range s.asides {
		if a.cause == c {
			return a
		}
	}
	k := kizashi.Partition{Tenant: s.tenant, Account: s.account, Region: s.cfg.Region, Kind: kizashi.Metrics,
		Source: strings.Join([]string{asidePrefix, string(c.Kind), c.Name}, "/")}
	a := &aside{cursor: cursor{Self: k, Told: kizashi.Never}, cause: c, what: map[string]unread{}}
	s.asides = append(s.asides, a)
	slices.SortFunc(s.asides, func(a, b *aside) int { return cmp.Compare(a.Self.Source, b.Self.Source) })
	return a
}

// resumeAsides takes up those of an earlier run: an alert that it opened ends
// when what it is about can be read, not by a start. Which series it was about
// nobody wrote down; they have had no sample since.
func (s *Source) resumeAsides(now time.Time) {
	for _, k := range sorted(s.from) {
		if !isAside(k) {
			continue
		}
		kind, name, _ := strings.Cut(strings.TrimPrefix(k.Source, asidePrefix+"/"), "/")
		a := s.asideOf(kizashi.Cause{Kind: kizashi.CauseKind(kind), Name: name})
		a.cursor, a.keep, a.back = position.Resume(k, s.from[k]), now.Add(idleEvery), true
		if a.since = a.Told; tells[name] != "" {
			// A list that is not asked for any more is not seen again either.
			a.back = name == inventory.ListMetrics || slices.Contains(s.last.Read, name)
		}
	}
}

// unseen says from when on nothing may have been read of a series of an earlier
// run, as it may be one of those that were set aside; Never = it is none.
func (s *Source) unseen(p *part, w *earlier) kizashi.Time {
	since := kizashi.Forever
	for _, a := range s.asides {
		if tells[a.cause.Name] == "" && !a.closed() && w.Last < a.since {
			since = min(since, a.since)
		}
	}
	if since == kizashi.Forever || w.Ended != "" {
		return kizashi.Never
	}
	// It was refused when its partition had come to some time before that.
	from := since.Add(-behind(p.Self.Class()) - 2*p.every).Floor(p.Self.Period)
	if w.Last != kizashi.Never {
		from = max(from, w.Last.Add(p.Self.Period))
	}
	return from
}

// forsake notes that a series of an earlier run is watched no more: what had
// set it aside is not over because it can be read again.
func (s *Source) forsake(w *earlier) {
	for _, a := range s.asides {
		if tells[a.cause.Name] == "" && w.Last < a.since {
			a.back = false
		}
	}
}

// setAside notes what cannot be read, since when.
func (s *Source) setAside(c kizashi.Cause, key string, u unread, since time.Time) {
	a := s.asideOf(c)
	if a.closed() {
		a.Begin(kizashi.TimeOf(since).Floor(time.Minute))
		a.other = nil
	}
	for _, o := range s.asides {
		if _, ok := o.what[key]; ok && o != a {
			delete(o.what, key)
			o.other, o.said = &c, time.Time{}
		}
	}
	if old, ok := a.what[key]; !ok || old.why != u.why {
		a.said = time.Time{} // it is news
	}
	a.what[key] = u
}

// seen says that what was set aside can be read again, or is there no more.
func (s *Source) seen(key string, back bool) {
	for _, a := range s.asides {
		if _, ok := a.what[key]; ok {
			delete(a.what, key)
			a.back, a.said = back, time.Time{}
		}
	}
}

// tellAsides says what is set aside, at once when that changes and else now
// and then, and ends what is over.
func (s *Source) tellAsides(now time.Time) {
	minute := kizashi.TimeOf(now).Floor(time.Minute)
	for _, a := range s.asides {
		switch {
		case len(a.what) > 0 && now.Sub(a.said) >= lookEvery:
			a.said = now
			s.tell(&a.cursor, minute, a.cause, a.reason(), a.resources())
		case a.over(now) && a.other == nil:
			if a.back && minute > a.Told {
				s.push(&a.cursor, kizashi.Batch{Until: minute})
			}
			s.close(&a.cursor)
		}
	}
	for _, a := range s.asides {
		if a.over(now) && a.other != nil { // which has been told by now
			s.tell(&a.cursor, minute, *a.other, "", "")
			s.close(&a.cursor)
		}
	}
}

// over says that nothing is left of it, and that this is to be told.
func (a *aside) over(now time.Time) bool {
	return len(a.what) == 0 && !a.closed() && !now.Before(a.keep)
}

// reasonsTold is how many of what is set aside are named.
const reasonsTold = 3

func (a *aside) reason() string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(a.what)) {
		out = append(out, a.what[k].why)
	}
	slices.Sort(out)
	if n := len(out) - reasonsTold; n > 0 {
		out = append(out[:reasonsTold], fmt.Sprintf("and %d more", n))
	}
	return strings.Join(out, "; ")
}

func (a *aside) resources() string {
	var ss []*series
	var lists []string
	for _, u := range a.what {
		if u.s != nil {
			ss = append(ss, u.s)
		} else {
			lists = append(lists, u.list)
		}
	}
	slices.Sort(lists)
	if len(ss) > 0 {
		lists = append(lists, resources(ss))
	}
	return strings.Join(lists, ", ")
}
