package service

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

const (
	// ahead is how far in advance recurring exclusions and expectations are
	// journalled: a service that is down for less misses none of them.
	ahead = 7 * 24 * time.Hour
	// mostSpans of one act are journalled in advance.
	mostSpans = 100
	// journalEvery is how often what comes is looked at.
	journalEvery = 10 * time.Minute
)

// effect names what one command does for one act.
type effect struct {
	act      string
	op       kizashi.Op
	from, to kizashi.Time
}

func effectOf(c kizashi.Command) effect { return effect{c.Act, c.Op, c.From, c.To} }

func (e effect) compare(o effect) int {
	return cmp.Or(cmp.Compare(e.from, o.from), cmp.Compare(e.act, o.act), cmp.Compare(e.op, o.op), cmp.Compare(e.to, o.to))
}

// journalActs gives the journal what acts and the configuration say that it
// must have, and what takes back what they say no more; each once. It compares
// what is said with what was journalled, so that a kill at any moment leaves
// nothing to repair. The caller holds acting.
func (s *Service) journalActs() error {
	now := s.opt.Now()
	j, acts, err := s.journalled()
	if err != nil {
		return err
	}
	for _, a := range acts {
		cs, err := s.commandsOf(a, now)
		if err != nil {
			s.opt.Log.Warn("what an act says is not in force", "act", a.ID, "err", err)
			continue
		}
		for _, c := range cs {
			if _, ok := j.commands[effectOf(c)]; !ok {
				s.pushed(c)
			}
		}
	}
	for _, e := range slices.SortedFunc(maps.Keys(j.commands), effect.compare) {
		s.takeBack(j.commands[e], j, now)
	}
	s.journalAt = now
	return nil
}

// journalComing looks now and then at what recurring acts will need.
func (s *Service) journalComing(now time.Time) error {
	s.acting.Lock()
	defer s.acting.Unlock()
	if now.Sub(s.journalAt) < journalEvery && !now.Before(s.journalAt) {
		return nil
	}
	return s.journalActs()
}

// takeBack revokes a journalled command whose act holds no more: what was
// undone wholly, and of what the configuration no longer says only what is
// still to come.
func (s *Service) takeBack(c kizashi.Command, j journalled, now time.Time) {
	u, undone := j.undone[c.Act]
	if !undone && (j.said[c.Act] || c.To <= kizashi.TimeOf(now)) {
		return
	}
	r, ok := revocation(c)
	if _, done := j.commands[effectOf(r)]; !ok || done {
		return
	}
	r.Author, r.Reason = fromConfig, "the configuration says it no more"
	if undone {
		r.Author, r.Reason = u.Author, u.Reason
	}
	s.pushed(r)
}

// fromConfig is the author of what a changed configuration takes back.
const fromConfig = "configuration"

// revocation is the command that takes another one back; ok is false for one
// that takes back itself.
func revocation(c kizashi.Command) (r kizashi.Command, ok bool) {
	r = kizashi.Command{Tenant: c.Tenant, Match: c.Match, From: c.From, To: c.To, Alert: c.Alert, Act: c.Act}
	switch c.Op {
	case kizashi.Exclude:
		r.Op = kizashi.Include
	default:
		return r, false
	}
	return r, true
}

// pushed gives a command to the journal, and remembers that.
func (s *Service) pushed(c kizashi.Command) {
	s.pushedYet[effectOf(c)] = c
	s.commands.Push(c)
}

// journalled is what the journal was given, and what of it is no longer said.
type journalled struct {
	commands map[effect]kizashi.Command // those still on their way included
	said     map[string]bool            // ids of acts, undone or not, and of what the configuration says
	undone   map[string]alert.Act       // what took an act back, by that one's id
}

// journalled compares; acts are those that change outcomes and were not taken
// back, those of the configuration included. One that is over still counts: a
// command that a kill kept from the journal goes there late rather than never.
func (s *Service) journalled() (j journalled, acts []alert.Act, err error) {
	if s.pushedYet == nil {
		cs, err := s.store.Ledger().Commands()
		if err != nil {
			return j, nil, err
		}
		s.pushedYet = map[effect]kizashi.Command{}
		for _, c := range cs {
			if c.Act != "" {
				s.pushedYet[effectOf(c)] = c
			}
		}
	}
	j = journalled{s.pushedYet, map[string]bool{}, map[string]alert.Act{}}
	all, err := s.store.Ledger().Acts(ledger.ActFilter{})
	for _, a := range all {
		if a.Kind == alert.ActUndo {
			j.undone[a.Undoes] = a
		}
		j.said[a.ID] = true
	}
	for _, d := range s.configNow().Declared {
		all = append(all, d.Act)
		j.said[d.Act.ID] = true
	}
	for _, a := range all {
		if _, undone := j.undone[a.ID]; !undone {
			acts = append(acts, a)
		}
	}
	return j, acts, err
}

// commandsOf are the commands that an act leads to, those of a recurring one
// for the time ahead.
func (s *Service) commandsOf(a alert.Act, now time.Time) ([]kizashi.Command, error) {
	c := kizashi.Command{Tenant: a.Tenant, Match: a.Match, Reason: a.Reason, Author: a.Author, Act: a.ID}
	switch a.Kind {
	case alert.ActExclude:
		c.Op = kizashi.Exclude
	case alert.ActExpect:
		c.Op = kizashi.Expect
		low, high, err := config.Scale(a.Value)
		if err != nil {
			return nil, err
		}
		if c.Body, err = json.Marshal(map[string]float64{"low": low, "high": high}); err != nil {
			return nil, err
		}
	case alert.ActFeedback:
		if a.Value == "owner" {
			return nil, nil // it says nothing of the values
		}
		c.Op, c.Alert = kizashi.Feedback, a.Alert
		var err error
		c.Body, err = json.Marshal(map[string]string{"feedback": a.Value})
		return []kizashi.Command{c}, err
	default:
		return nil, nil
	}
	spans, err := s.spansOf(a, now)
	var out []kizashi.Command
	for _, sp := range spans {
		c.From, c.To = kizashi.TimeOf(sp[0]), kizashi.TimeOf(sp[1])
		out = append(out, c)
	}
	return out, err
}

// spansOf an act: its one stretch, or those of its window that are not over
// and begin within the time ahead.
func (s *Service) spansOf(a alert.Act, now time.Time) ([][2]time.Time, error) {
	if a.Window == "" {
		from := a.From
		if from.IsZero() {
			from = a.At
		}
		until := a.Until
		if until.IsZero() {
			until = time.UnixMilli(int64(openEnd)).UTC()
		}
		if !until.After(from) {
			return nil, fmt.Errorf("%s: it ends at %s, before it begins", a.Kind, until.UTC().Format(time.RFC3339))
		}
		return [][2]time.Time{{from, until}}, nil
	}
	w, err := s.configNow().Window(a.Window, s.calendarOf(a))
	if err != nil {
		return nil, err
	}
	var out [][2]time.Time
	for at := now; len(out) < mostSpans; {
		sp, ok := w.At(at)
		if !ok {
			if sp, ok = w.Next(at); !ok || sp.From.After(now.Add(ahead)) {
				break
			}
		}
		out = append(out, [2]time.Time{sp.From, sp.To})
		at = sp.To
	}
	return out, nil
}

// openEnd is the end of what holds until further notice: the last instant of
// the year 9999, which RFC 3339 can still write.
const openEnd = kizashi.Time(253_402_300_799_000)

// calendarOf is the calendar of a declared act, "" of others.
func (s *Service) calendarOf(a alert.Act) string {
	for _, d := range s.configNow().Declared {
		if d.Act.ID == a.ID {
			return d.Calendar
		}
	}
	return ""
}
