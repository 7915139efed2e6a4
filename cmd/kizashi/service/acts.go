package service

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// What is wrong with what somebody says.
var (
	errForeign = errors.New("it is of another tenant")      // the alert, or the act to be undone
	errBadAct  = errors.New("it cannot be done")            // the act itself
	errTwice   = errors.New("it was taken back already")    // undo
	errEarly   = errors.New("the service is not ready yet") // what was said before is not known yet
)

var actID = regexp.MustCompile(`^[0-9a-f]{12}$`)

// Say does what somebody asks for: it becomes a row of the audit trail, holds
// at once, and where it changes outcomes it goes into the journal. It is
// durable when Say returns, and comes into force even if the process is killed
// right then. The act is returned as it was kept.
func (s *Service) Say(a alert.Act) (alert.Act, error) {
	if !s.ready.Load() {
		return a, errEarly
	}
	s.acting.Lock()
	defer s.acting.Unlock()
	a, err := s.whole(a)
	if err != nil {
		return a, err
	}
	if err := s.store.Ledger().Act(a); err != nil {
		if errors.Is(err, ledger.ErrTaken) {
			err = fmt.Errorf("%w: %w", errBadAct, err)
		}
		return a, err
	}
	s.opt.Log.Info("said", "act", a.ID, "kind", string(a.Kind), "tenant", a.Tenant, "alert", a.Alert, "author", a.Author, "via", a.Via)
	if err := s.journalActs(); err != nil {
		return a, err
	}
	s.dispatch.say(s.saidOf(a))
	return a, nil
}

// allActs are all that were said, in order.
func (s *Service) allActs() ([]alert.Act, error) {
	return s.store.Ledger().Acts(ledger.ActFilter{})
}

// whole fills in what the author of an act need not say, and checks it.
func (s *Service) whole(a alert.Act) (alert.Act, error) {
	a.At, a.Command = s.opt.Now().UTC().Truncate(time.Millisecond), nil
	if a.ID == "" {
		var b [6]byte
		_, _ = rand.Read(b[:]) // it never fails: crypto/rand ends the program first
		a.ID = hex.EncodeToString(b[:])
	}
	if !actID.MatchString(a.ID) {
		return a, fmt.Errorf("%w: id %q: want 12 hexadecimal digits, or none", errBadAct, a.ID)
	}
	a.Reason, a.Author = strings.TrimSpace(a.Reason), strings.TrimSpace(a.Author)
	for _, t := range []string{a.Reason, a.Author, a.Request, a.Ticket, a.Value, a.Window} {
		if len(t) > longestText {
			return a, fmt.Errorf("%w: a text of %d bytes; %d are the most", errBadAct, len(t), longestText)
		}
	}
	if a.Kind == alert.ActUndo {
		return s.wholeUndo(a)
	}
	if a.Alert != "" {
		if err := s.store.Ahead(a.Alert); err != nil { // in a storm it may wait to be stored
			return a, err
		}
		of, err := s.store.Ledger().Alert(a.Alert)
		if err != nil {
			return a, err
		}
		if a.Tenant != "" && a.Tenant != of.Tenant {
			return a, fmt.Errorf("alert %s: %w, not of %s", of.ID, errForeign, a.Tenant)
		}
		a.Alert, a.Tenant = of.ID, of.Tenant
		if a.Kind == alert.ActWatch { // what it must grow beyond to come back at once
			firing, err := s.firing(of.Tenant, of.Group)
			if err != nil {
				return a, err
			}
			a.Value = alert.MeasureOf(&of, s.severity(&of, firing).Severity).String()
		}
	} else if !s.isTenant(a.Tenant) && a.Tenant != "" {
		return a, fmt.Errorf("%w: there is no tenant %q", errBadAct, a.Tenant)
	}
	if err := s.wholeWindow(&a); err != nil {
		return a, fmt.Errorf("%w: %w", errBadAct, err)
	}
	if err := a.Check(); err != nil {
		return a, fmt.Errorf("%w: %w", errBadAct, err)
	}
	if err := s.readEffects(); err != nil {
		return a, err
	}
	if cs, err := s.commandsOf(a, a.At); err != nil {
		return a, fmt.Errorf("%w: %w", errBadAct, err)
	} else if len(cs) == 1 && a.Window == "" {
		a.Command = &cs[0]
	}
	return a, nil
}

// longestText of an act, in bytes.
const longestText = 4000

// wholeWindow checks when an act holds. A window that comes once becomes From
// and Until, so that the act is over when it is.
func (s *Service) wholeWindow(a *alert.Act) error {
	if a.Kind == alert.ActExpect {
		low, high, err := config.Scale(a.Value)
		if err != nil {
			return err
		}
		a.Value = fmt.Sprintf("%v..%v", low, high)
	}
	if a.Window == "" {
		return nil
	}
	w, err := s.configNow().Window(a.Window, "")
	if err != nil {
		return err
	}
	if !onceForm.MatchString(a.Window) {
		if _, ok := w.Next(a.At); !ok {
			if _, ok := w.At(a.At); !ok {
				return fmt.Errorf("window %q never comes again", a.Window)
			}
		}
		return nil
	}
	spans := w.Spans(time.Unix(0, 0), a.At.AddDate(10, 0, 0))
	if len(spans) != 1 {
		return fmt.Errorf("window %q: want one stretch of time, within ten years", a.Window)
	}
	a.Window, a.From, a.Until = "", spans[0].From.UTC(), spans[0].To.UTC()
	return nil
}

// onceForm is that of a window that comes once: FROM/TO.
var onceForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}[^/]*/[0-9]{4}-`)

// wholeUndo finds what is taken back. What the configuration says is taken
// back there.
func (s *Service) wholeUndo(a alert.Act) (alert.Act, error) {
	of, err := s.actByID(a.Undoes)
	if err != nil {
		return a, err
	}
	if a.Tenant != "" && a.Tenant != of.Tenant {
		return a, fmt.Errorf("act %s: %w, not of %s", of.ID, errForeign, a.Tenant)
	}
	a.Tenant, a.Alert, a.Undoes = of.Tenant, of.Alert, of.ID
	if of.Kind == alert.ActUndo {
		return a, fmt.Errorf("%w: act %s took another one back; say that one anew", errBadAct, of.ID)
	}
	if of.Kind == alert.ActPattern {
		return a, fmt.Errorf("%w: lines were counted by what act %s decided; decide anew", errBadAct, of.ID)
	}
	all, err := s.store.Ledger().Acts(ledger.ActFilter{Tenant: of.Tenant, Kind: alert.ActUndo})
	if err != nil {
		return a, err
	}
	for _, u := range all {
		if u.Undoes == of.ID && u.ID != a.ID {
			return a, fmt.Errorf("act %s: %w, by %s at %s", of.ID, errTwice, u.Author, u.At.UTC().Format(time.RFC3339))
		}
	}
	if err := a.Check(); err != nil {
		return a, fmt.Errorf("%w: %w", errBadAct, err)
	}
	return a, nil
}

// actByID finds an act by its id or the first digits of it.
func (s *Service) actByID(id string) (alert.Act, error) {
	if len(id) < 4 {
		return alert.Act{}, fmt.Errorf("%w: %q: want an act's id, or its first digits, four at least", errBadAct, id)
	}
	as, err := s.store.Ledger().Acts(ledger.ActFilter{})
	if err != nil {
		return alert.Act{}, err
	}
	var found []alert.Act
	for _, a := range as {
		if strings.HasPrefix(a.ID, id) {
			found = append(found, a)
		}
	}
	switch len(found) {
	case 0:
		return alert.Act{}, fmt.Errorf("act %s: %w", id, ledger.ErrNotFound)
	case 1:
		return found[0], nil
	}
	return alert.Act{}, fmt.Errorf("%w: act %s: %d begin so", errBadAct, id, len(found))
}

func (s *Service) isTenant(name string) bool {
	for _, t := range s.configNow().Tenants {
		if t.Name == name {
			return true
		}
	}
	return false
}

// configNow is the configuration in force.
func (s *Service) configNow() *config.Config {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.config
}
