package service

import (
	"cmp"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// noteStands is how long a note about Kizashi's own work counts as current. It
// is shorter than the time after which an Alertmanager repeats itself.
const noteStands = time.Hour

// mostEpisodes of an absence are named in its note; the others are counted.
const mostEpisodes = 5

func noteID(tenant string, labels map[string]string, at kizashi.Time) string {
	return kizashi.AlertID(kizashi.IDOf(tenant, kizashi.LabelsOf(labels)), kizashi.Both, at)
}

// newNote is an alert about Kizashi's own work. Its id follows from tenant,
// labels and at alone, so that what a kill repeats is the same alert.
func newNote(tenant string, labels map[string]string, at, now kizashi.Time, facts []kizashi.Evidence) kizashi.Alert {
	ls := kizashi.LabelsOf(labels)
	id, none := kizashi.IDOf(tenant, ls), kizashi.None()
	m := kizashi.Moment{At: at, Value: none, Verdict: kizashi.Verdict{State: kizashi.NoOpinion, Why: string(facts[0].Claim), Expected: none, Lower: none, Upper: none}}
	return kizashi.Alert{ID: noteID(tenant, labels, at), Series: id, Tenant: tenant, Group: ownGroup, Labels: ls, Class: "check",
		State: kizashi.Firing, Opened: at, From: at, To: max(at, now), Changed: now.Ceil(time.Minute), Seq: 1, Opening: m, Peak: m,
		Models: []string{string(facts[0].Claim)}, Facts: facts}
}

// say stores a note, unless it is there already, and hands it to dispatch.
func (s *Service) say(a kizashi.Alert) error {
	l := s.store.Ledger()
	have, err := l.Changes(a.ID)
	if err != nil || len(have) > 0 {
		return err
	}
	if err := l.Commit(ledger.Changes{Alerts: []kizashi.Alert{a}}); err != nil {
		return err
	}
	s.notes = append(s.notes, a)
	s.dispatch.note(a)
	return nil
}

// standing finds the notes that an earlier run left open.
func (s *Service) standing() error {
	open, err := s.store.Ledger().Alerts(ledger.Filter{Group: ownGroup, State: kizashi.Firing})
	if err != nil {
		return err
	}
	for _, a := range open {
		if isNote(&a) {
			s.notes = append(s.notes, a)
		}
	}
	return nil
}

// isNote says that an alert is a note of Kizashi's own, which time ends.
func isNote(a *kizashi.Alert) bool {
	return a.Group == ownGroup && (slices.Contains(a.Models, string(kizashi.ClaimAway)) || slices.Contains(a.Models, string(kizashi.ClaimFirstLook)) || slices.Contains(a.Models, string(kizashi.ClaimTooSlow)))
}

// closeNotes ends the notes that have stood long enough.
func (s *Service) closeNotes(now kizashi.Time) error {
	var over []kizashi.Alert
	s.notes = slices.DeleteFunc(s.notes, func(a kizashi.Alert) bool {
		if now.Sub(a.Changed) < noteStands {
			return false
		}
		a.State, a.Ended, a.To, a.Changed, a.Seq = kizashi.Resolved, kizashi.ClaimSaid, now, now.Ceil(time.Minute), a.Seq+1
		over = append(over, a)
		return true
	})
	if len(over) == 0 {
		return nil
	}
	if err := s.store.Ledger().Commit(ledger.Changes{Alerts: over}); err != nil {
		return err
	}
	s.dispatch.note(over...)
	return nil
}

// sumUp tells in one note what opened and ended in each absence that its
// tenant has caught up with.
func (s *Service) sumUp(now time.Time) error {
	if s.dispatch.writing.Load() {
		return nil // who was told of what is not all in the ledger; the next time
	}
	ready, err := s.absences.ready(now)
	if err != nil {
		return err
	}
	for _, a := range ready {
		if err := s.sumUpOne(a, now); err != nil {
			return err
		}
		s.dispatch.stir() // what was held goes out
	}
	return nil
}

// sumUpOne tells of an absence. What its note counts as over is written down
// before the note is: after a kill between the two it counts anew, after a kill
// behind the note what has ended since is told by itself.
func (s *Service) sumUpOne(a absence, now time.Time) error {
	labels := map[string]string{"name": "absence", "account": a.Account, "region": a.Region}
	have, err := s.store.Ledger().Changes(noteID(a.Tenant, labels, a.From))
	if err == nil && len(have) == 0 {
		facts, over, err := s.missed(a)
		if err != nil {
			return err
		}
		s.opt.Log.Info("caught up after an absence", "tenant", a.Tenant, "account", a.Account, "from", a.From.String(), "to", a.To.String(),
			"opened_and_ended", facts[0].Count, "fire_still", facts[0].Of)
		if err := s.absences.counted(a, over); err != nil {
			return err
		}
		if facts[0].Count > 0 {
			if err := s.say(newNote(a.Tenant, labels, a.From, kizashi.TimeOf(now), facts)); err != nil {
				return err
			}
		}
	}
	if err != nil {
		return err
	}
	return s.absences.told(a)
}

// missed are the facts of an absence: how many alerts, and the ones that most
// deserve a look; and the ids of all that are over.
func (s *Service) missed(a absence) (facts []kizashi.Evidence, ids []string, err error) {
	l := s.store.Ledger()
	as, err := l.Alerts(ledger.Filter{Tenant: a.Tenant, From: a.From.Add(-settleBefore), To: a.To + 1})
	if err != nil {
		return nil, nil, err
	}
	none := kizashi.None()
	head := kizashi.Evidence{Claim: kizashi.ClaimAway, Value: none, Low: none, High: none, From: a.From, To: a.To, Text: a.Account}
	if a.Region != "" {
		head.Text += " " + a.Region
	}
	var over []kizashi.Alert
	for i := range as {
		x := &as[i]
		switch heard, err := s.heard(x); {
		case err != nil:
			return nil, nil, err
		case heard || !a.about(x):
		case a.over(x):
			over, ids = append(over, *x), append(ids, x.ID)
		case x.State == kizashi.Firing:
			head.Of++
		}
	}
	head.Count = len(over)
	facts = []kizashi.Evidence{head}
	slices.SortStableFunc(over, worseFirst)
	for _, x := range over[:min(len(over), mostEpisodes)] {
		e, err := s.episode(x)
		if err != nil {
			return nil, nil, err
		}
		facts = append(facts, e)
	}
	return facts, ids, nil
}

// heard says that the alert is no news: a sink knows of it, or it never fired.
func (s *Service) heard(a *kizashi.Alert) (bool, error) {
	told, err := s.store.Ledger().Told(a.ID)
	if err != nil {
		return false, err
	}
	for _, t := range told {
		if t.Done.State == kizashi.Firing || !t.Due.None() {
			return true, nil
		}
	}
	changes, err := s.store.Ledger().Changes(a.ID)
	if err != nil {
		return false, err
	}
	return !slices.ContainsFunc(changes, func(c kizashi.Alert) bool { return c.State == kizashi.Firing }), nil
}

// worseFirst orders alerts by class, then by how long they lasted.
func worseFirst(a, b kizashi.Alert) int {
	rank := map[string]int{"act": 0, "check": 1, "record": 2}
	return cmp.Or(cmp.Compare(rank[a.Class], rank[b.Class]), cmp.Compare(b.To.Sub(b.Opened), a.To.Sub(a.Opened)), cmp.Compare(a.ID, b.ID))
}

// episode is an alert as a fact of a note.
func (s *Service) episode(a kizashi.Alert) (kizashi.Evidence, error) {
	meta, err := s.store.Ledger().Meta(a.Series)
	if err != nil {
		return kizashi.Evidence{}, err
	}
	return kizashi.Evidence{Claim: kizashi.ClaimEpisode, Value: a.Peak.Value, Low: kizashi.None(), High: kizashi.None(), From: a.Opened, To: a.To,
		Unit: meta.Unit, Text: a.ID + " " + meta.Name()}, nil
}
