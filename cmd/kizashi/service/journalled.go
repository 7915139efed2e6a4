package service

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
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
	// openEnd is the end of what holds until further notice: the last second
	// of the year 9999, which RFC 3339 can still write.
	openEnd = kizashi.Time(253_402_300_799_000)
	// fromConfig is the author of what a changed configuration takes back.
	fromConfig = "configuration"
)

// effect names what one command does for one act.
type effect struct {
	act      string // its id, and of a recurring one the stretch: each is taken back by itself
	op       kizashi.Op
	from, to kizashi.Time
}

func effectOf(c kizashi.Command) effect { return effect{c.Act, c.Op, c.From, c.To} }

func (e effect) compare(o effect) int {
	return cmp.Or(cmp.Compare(e.from, o.from), cmp.Compare(e.act, o.act), cmp.Compare(e.op, o.op), cmp.Compare(e.to, o.to))
}

// id of the act.
func (e effect) id() string {
	id, _, _ := strings.Cut(e.act, "@")
	return id
}

// effects are those in force by what the journal was given.
type effects map[effect]kizashi.Command

// take notes that the journal has a command.
func (es effects) take(c kizashi.Command) {
	if c.Act == "" {
		return
	}
	if c.Op == kizashi.Revoke {
		maps.DeleteFunc(es, func(e effect, _ kizashi.Command) bool { return e.act == c.Act })
		return
	}
	es[effectOf(c)] = c
}

// says is whether something of an act is in force.
func (es effects) says(act string) bool {
	for e := range es {
		if e.act == act {
			return true
		}
	}
	return false
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

// journalActs gives the journal what acts and the configuration say that it
// must have, and takes back what they say no more; each once. It compares what
// is said with what was journalled, so that a kill at any moment leaves
// nothing to repair. The caller holds acting.
func (s *Service) journalActs() error {
	now := s.opt.Now()
	if err := s.readEffects(); err != nil {
		return err
	}
	said, err := s.sayings()
	if err != nil {
		return err
	}
	want, unread := s.wanted(said.holding, now)
	for _, e := range slices.SortedFunc(maps.Keys(s.effects), effect.compare) {
		if c, ok := s.effects[e]; ok {
			s.takeBack(e, c, said, want.by[e] || unread[e.id()], now)
		}
	}
	for _, c := range want.order { // after what is taken back: a stretch with another end has the same name
		if _, ok := s.effects[effectOf(c)]; !ok {
			s.journals(c)
		}
	}
	s.journalAt = now
	return nil
}

// wants are the commands that acts lead to.
type wants struct {
	order []kizashi.Command
	by    map[effect]bool
}

// wanted are those of the acts that hold; unread are the ids of acts of which
// it is not known, as when the file of a window cannot be read.
func (s *Service) wanted(holding []alert.Act, now time.Time) (w wants, unread map[string]bool) {
	w.by, unread = map[effect]bool{}, map[string]bool{}
	for _, a := range holding {
		cs, err := s.commandsOf(a, now)
		if err != nil {
			s.opt.Log.Warn("what an act says is not in force", "act", a.ID, "err", err)
			unread[a.ID] = true
			continue
		}
		for _, c := range cs {
			w.order, w.by[effectOf(c)] = append(w.order, c), true
		}
	}
	return w, unread
}

// takeBack revokes what is in force and no longer said: of an act that was
// undone all of it, of what the configuration has no more only what is still
// to come; and of a window that has other stretches now, as when its events or
// its holidays were changed, those that have not begun.
func (s *Service) takeBack(e effect, c kizashi.Command, said sayings, wanted bool, now time.Time) {
	u, undone := said.undone[e.id()]
	comes := strings.Contains(e.act, "@") && c.From > kizashi.TimeOf(now) && c.From <= kizashi.TimeOf(now.Add(ahead))
	moved := !wanted && comes
	if !undone && !moved && (said.known[e.id()] || c.To <= kizashi.TimeOf(now)) {
		return
	}
	r := kizashi.Command{Op: kizashi.Revoke, Tenant: c.Tenant, Act: c.Act, Author: fromConfig, Reason: "the configuration says it no more"}
	if undone {
		r.Author, r.Reason = u.Author, u.Reason
	} else if said.known[e.id()] {
		r.Reason = "its window says it no more"
	}
	s.journals(r)
}

// journals gives a command to the journal, and remembers that.
func (s *Service) journals(c kizashi.Command) {
	s.effects.take(c)
	s.commands.Push(c)
}

// readEffects reads once what the journal was given before the start.
func (s *Service) readEffects() error {
	if s.effects != nil {
		return nil
	}
	cs, err := s.store.Ledger().Commands()
	if err != nil {
		return err
	}
	s.effects = effects{}
	for _, c := range cs {
		s.effects.take(c)
	}
	return nil
}

// sayings are what people and the configuration say.
type sayings struct {
	holding []alert.Act          // was not taken back; one that is over counts too: late is better than never
	known   map[string]bool      // ids of them all, taken back or not
	undone  map[string]alert.Act // what took an act back, by that one's id
}

func (s *Service) sayings() (out sayings, err error) {
	all, err := s.store.Ledger().Acts(ledger.ActFilter{})
	if err != nil {
		return out, err
	}
	for _, d := range s.configNow().Declared {
		all = append(all, d.Act)
	}
	out = sayings{known: map[string]bool{}, undone: map[string]alert.Act{}}
	for _, a := range all {
		out.known[a.ID] = true
		if a.Kind == alert.ActUndo {
			out.undone[a.Undoes] = a
		}
	}
	for _, a := range all {
		if _, undone := out.undone[a.ID]; !undone {
			out.holding = append(out.holding, a)
		}
	}
	return out, nil
}

// commandsOf are the commands that an act leads to, those of a recurring one
// for the time ahead.
func (s *Service) commandsOf(a alert.Act, now time.Time) ([]kizashi.Command, error) {
	c := kizashi.Command{Tenant: a.Tenant, Match: a.Match, Reason: a.Reason, Author: a.Author, Act: a.ID}
	switch a.Kind {
	case alert.ActExclude:
		c.Op = kizashi.Exclude
	case alert.ActExpect:
		var err error
		c.Op = kizashi.Expect
		if c.Low, c.High, err = config.Scale(a.Value); err != nil {
			return nil, err
		}
	case alert.ActFeedback:
		return s.feedback(a, c)
	case alert.ActPattern:
		p, err := kizashi.ParsePatternAct(a.Value)
		if err != nil {
			return nil, err
		}
		if c.Body, err = json.Marshal(p); err != nil {
			return nil, err
		}
		c.Op = kizashi.Pattern
		return []kizashi.Command{c}, nil
	default:
		return nil, nil
	}
	spans, err := s.spansOf(a, now)
	var out []kizashi.Command
	for _, sp := range spans {
		c.From, c.To = kizashi.TimeOf(sp.from), kizashi.TimeOf(sp.to)
		if a.Window != "" {
			c.Act = a.ID + "@" + c.From.String()
		}
		out = append(out, c)
	}
	return out, err
}

// feedback names the episode that somebody judged, as far as it has come. One
// that goes on is named again when it is over.
func (s *Service) feedback(a alert.Act, c kizashi.Command) ([]kizashi.Command, error) {
	of, err := s.store.Ledger().Alert(a.Alert)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil, nil // past its time
	}
	if err != nil {
		return nil, err
	}
	if a.Value == string(kizashi.SaidOwner) || of.Series == 0 || of.State != kizashi.Resolved && s.effects.says(a.ID) {
		return nil, nil
	}
	c.Op, c.As, c.Alert, c.Match, c.Series = kizashi.Feedback, kizashi.Said(a.Value), of.ID, nil, of.Series
	c.From, c.To = of.Opened, of.To
	if err := c.Check(); err != nil {
		return nil, err
	}
	return []kizashi.Command{c}, nil
}

// stretch of time [from, to).
type stretch struct{ from, to time.Time }

// spansOf an act: its one stretch, or those of its window that are not over
// and begin within the time ahead.
func (s *Service) spansOf(a alert.Act, now time.Time) ([]stretch, error) {
	if a.Window == "" {
		from, until := a.From, a.Until
		if from.IsZero() {
			from = a.At
		}
		if until.IsZero() {
			until = openEnd.UTC()
		}
		if !until.After(from) {
			return nil, fmt.Errorf("%s: it ends at %s, before it begins", a.Kind, until.UTC().Format(time.RFC3339))
		}
		return []stretch{{from, until}}, nil
	}
	w, err := s.configNow().Window(a.Window, s.calendarOf(a))
	if err != nil {
		return nil, err
	}
	var out []stretch
	for at := now; len(out) < mostSpans; {
		sp, ok := w.At(at)
		if !ok {
			if sp, ok = w.Next(at); !ok || sp.From.After(now.Add(ahead)) {
				break
			}
		}
		out = append(out, stretch{sp.From, sp.To})
		at = sp.To
	}
	return out, nil
}

// calendarOf is the calendar of a declared act, "" of others.
func (s *Service) calendarOf(a alert.Act) string {
	for _, d := range s.configNow().Declared {
		if d.Act.ID == a.ID {
			return d.Calendar
		}
	}
	return ""
}
