package logs

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
)

// aside is what cannot be seen for one cause while the rest can: groups that
// are refused, lists that are denied. It is a partition of its own, which says
// by its Status what a Status of the others would stop them for; it never
// joins.
type aside struct {
	cursor
	cause kizashi.Cause
	what  map[string]string // group or action, to the answer
	said  time.Time
	keep  time.Time // taken over from an earlier run: not over before it had its time to be met anew
}

func isAside(k kizashi.Partition) bool { return strings.HasPrefix(k.Source, asidePrefix+"/") }

func (s *Source) asideOf(c kizashi.Cause) *aside {
	for _, a := range s.asides {
		if a.cause == c {
			return a
		}
	}
	k := kizashi.Partition{Tenant: s.tenant, Account: s.account, Region: s.cfg.Region, Kind: kizashi.Logs, Source: strings.Join([]string{asidePrefix, string(c.Kind), c.Name}, "/")}
	a := &aside{cursor: cursor{Self: k, Told: kizashi.Never}, cause: c, what: map[string]string{}}
	s.asides = append(s.asides, a)
	slices.SortFunc(s.asides, func(a, b *aside) int { return cmp.Compare(a.Self.Source, b.Self.Source) })
	return a
}

// resumeAsides takes up those of an earlier run: an alert that it opened ends
// when what it is about can be read, not by a start.
func (s *Source) resumeAsides(now time.Time) {
	for _, k := range sorted(s.from) {
		if isAside(k) {
			kind, name, _ := strings.Cut(strings.TrimPrefix(k.Source, asidePrefix+"/"), "/")
			a := s.asideOf(kizashi.Cause{Kind: kizashi.CauseKind(kind), Name: name})
			a.cursor, a.keep = position.Resume(k, s.from[k]), now.Add(listEvery+tellEvery)
		}
	}
}

// setAside notes what cannot be read, since when.
func (s *Source) setAside(c kizashi.Cause, key, why string, since time.Time) *aside {
	a := s.asideOf(c)
	if a.Over() {
		a.Begin(kizashi.TimeOf(since).Floor(time.Minute))
	}
	for _, o := range s.asides {
		if _, ok := o.what[key]; ok && o != a {
			delete(o.what, key)
			o.said = time.Time{}
		}
	}
	if a.what[key] != why {
		a.said = time.Time{} // it is news
	}
	a.what[key] = why
	return a
}

// seenAgain says that what was set aside can be read again, or is there no
// more.
func (s *Source) seenAgain(key string) {
	for _, a := range s.asides {
		if _, ok := a.what[key]; ok {
			delete(a.what, key)
			a.said = time.Time{}
		}
	}
}

// tellAsides says what is set aside, at once when that changes and else now
// and then, and ends what is over.
func (s *Source) tellAsides(now time.Time) {
	minute := kizashi.TimeOf(now).Floor(time.Minute)
	for _, a := range s.asides {
		switch {
		case len(a.what) > 0 && now.Sub(a.said) >= tellEvery:
			s.tellAside(a, now)
		case len(a.what) == 0 && !a.Over() && !now.Before(a.keep):
			if minute > a.Told {
				s.push(&a.cursor, kizashi.Batch{Until: minute})
			}
			s.close(&a.cursor)
		}
	}
}

func (s *Source) tellAside(a *aside, now time.Time) {
	a.said = now
	s.tell(&a.cursor, kizashi.TimeOf(now).Floor(time.Minute), a.cause, a.reason(), fmt.Sprintf("log groups (%d)", len(a.what)))
}

// reasonsTold is how many of what is set aside are named.
const reasonsTold = 3

func (a *aside) reason() string {
	out := slices.Sorted(maps.Values(a.what))
	if n := len(out) - reasonsTold; n > 0 {
		out = append(out[:reasonsTold], fmt.Sprintf("and %d more", n))
	}
	return strings.Join(out, "; ")
}
