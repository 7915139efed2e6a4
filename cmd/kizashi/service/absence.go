package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store/durable"
)

const (
	// absentAfter is how long Kizashi, or an account, has to be out for what
	// ended meanwhile to be summed up.
	absentAfter = 30 * time.Minute
	// settleBefore is how much older than an absence a sample can be that is
	// judged after it: it was not settled yet when the absence began.
	settleBefore = time.Hour
	// refillTime is what an account has, once it can be seen again, for what it
	// missed to be fetched and judged.
	refillTime = 5 * time.Minute
	// patience bounds the wait for a tenant to catch up: what is not there by
	// then is told one by one.
	patience = 2 * time.Hour
)

// absence is a time over which nothing was seen of a tenant, or of one of its
// accounts. Alerts that opened and ended in it are told in one note.
type absence struct {
	Tenant  string       `json:"tenant"`
	Account string       `json:"account,omitempty"` // "" = Kizashi itself was away
	Region  string       `json:"region,omitempty"`  // "" = all
	From    kizashi.Time `json:"from"`
	To      kizashi.Time `json:"to"`
	After   time.Time    `json:"after"`          // of the wall: not summed up before
	Told    bool         `json:"told,omitempty"` // the note is in the ledger, or there was nothing to say
	Over    []string     `json:"over,omitempty"` // the alerts that the note counts as over
}

// about says whether an alert is one of the absence's tenant and account.
func (a absence) about(x *kizashi.Alert) bool {
	return x.Tenant == a.Tenant && x.Group != ownGroup && x.Opened >= a.From.Add(-settleBefore) && x.Opened <= a.To &&
		(a.Account == "" || x.Labels.Get("account") == a.Account && (a.Region == "" || x.Labels.Get("region") == a.Region))
}

// over says that the alert opened and ended while nothing was seen.
// What is found out later than the note is told by itself.
func (a absence) over(x *kizashi.Alert) bool {
	return a.about(x) && x.State == kizashi.Resolved && x.To <= a.To && (!a.Told || slices.Contains(a.Over, x.ID))
}

// ownGroup is the group of alerts about Kizashi itself.
const ownGroup = "kizashi"

// absences are those that are not forgotten yet. They are kept in a file, so
// that a kill while a tenant catches up loses none. It may be called from any
// goroutine.
type absences struct {
	file string

	mu     sync.Mutex
	list   []absence
	fronts map[string]map[kizashi.Class]kizashi.Time // by tenant: up to where it is judged, less what it is behind by nature
	due    map[string][]kizashi.Class                // classes that are still to be heard of
}

// load reads the file.
func (s *absences) load(dir string) error {
	s.file = filepath.Join(dir, "absences.json")
	s.fronts, s.due = map[string]map[kizashi.Class]kizashi.Time{}, map[string][]kizashi.Class{}
	b, err := os.ReadFile(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("absences: %w", err)
	}
	if err := json.Unmarshal(b, &s.list); err != nil {
		return fmt.Errorf("absences: %s: %w", s.file, err)
	}
	return nil
}

// save writes the file. The lock is held.
func (s *absences) save() error {
	err := durable.WriteFile(s.file, nil, func(w io.Writer) error { return json.NewEncoder(w).Encode(s.list) })
	if err != nil {
		return fmt.Errorf("absences: %w", err)
	}
	return nil
}

// begin notes that Kizashi was away, if it was for long: since the last second
// that its journal knows of, until now.
func (s *absences) begin(positions map[kizashi.Partition]uint64, tenants []string, now time.Time) error {
	pos, ran := positions[commandPart]
	from, to := kizashi.Time(pos).Floor(tick), kizashi.TimeOf(now)
	if !ran || to.Sub(from) <= absentAfter {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range positions {
		if c := p.Class(); p.Kind != kizashi.Commands && p.Backfill == "" && c != kizashi.Daily && !slices.Contains(s.due[p.Tenant], c) {
			s.due[p.Tenant] = append(s.due[p.Tenant], c)
		}
	}
	for _, t := range tenants {
		if len(s.due[t]) > 0 { // else nothing of it was judged before
			s.list = append(s.list, absence{Tenant: t, From: from, To: to, After: now})
		}
	}
	return s.save()
}

// note takes in how far a step has brought a tenant, and accounts that can be
// seen again after long.
func (s *absences) note(r *pipeline.Result, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := r.Partition; p.Kind != kizashi.Commands && r.Ran != kizashi.Never && r.Ran != kizashi.Forever {
		if s.fronts[p.Tenant] == nil {
			s.fronts[p.Tenant] = map[kizashi.Class]kizashi.Time{}
		}
		s.fronts[p.Tenant][p.Class()] = r.Ran.Add(p.Settle + max(p.Period, time.Minute))
		s.due[p.Tenant] = slices.DeleteFunc(s.due[p.Tenant], func(c kizashi.Class) bool { return c == p.Class() })
	}
	return s.ended(r, now)
}

// outages takes in from a step of the replay accounts that can be seen again: a
// kill may have come before they were noted.
func (s *absences) outages(r *pipeline.Result, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended(r, now)
}

// ended notes outages that are over, each once. The lock is held.
func (s *absences) ended(r *pipeline.Result, now time.Time) error {
	changed := false
	for i := range r.Alerts {
		a := &r.Alerts[i]
		if a.State != kizashi.Resolved || !slices.Contains(a.Models, string(kizashi.ClaimBlind)) || a.To.Sub(a.Opened) <= absentAfter || a.Ended == kizashi.ClaimOther {
			continue // or it cannot be seen still: the alert of the other cause has the whole outage
		}
		x := absence{Tenant: a.Tenant, Account: a.Labels.Get("account"), Region: a.Labels.Get("region"), From: a.Opened, To: a.To, After: now.Add(refillTime)}
		if s.find(x) == nil {
			s.list, changed = append(s.list, x), true
		}
	}
	if !changed {
		return nil
	}
	return s.save()
}

// find returns an absence as it is noted, nil if it is not.
func (s *absences) find(a absence) *absence {
	for i, x := range s.list {
		if x.Tenant == a.Tenant && x.Account == a.Account && x.Region == a.Region && x.From == a.From {
			return &s.list[i]
		}
	}
	return nil
}

// behind says that a tenant has not caught up with an absence.
func (s *absences) behind(a absence, now time.Time) bool {
	if now.Before(a.After) {
		return true
	}
	if now.Sub(a.After) > patience {
		return false
	}
	if len(s.due[a.Tenant]) > 0 || len(s.fronts[a.Tenant]) == 0 {
		return true
	}
	for _, t := range s.fronts[a.Tenant] {
		if t < a.To {
			return true
		}
	}
	return false
}

// hold says that an alert is of an absence that is not summed up: whether it is
// over is not known, or the note, which counts what nobody was told of yet,
// is still to be made.
func (s *absences) hold(a kizashi.Alert, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.list, func(x absence) bool { return !x.Told && x.about(&a) && now.Sub(x.After) <= patience })
}

// wants says whether an alert is told by itself.
func (s *absences) wants(a kizashi.Alert) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !slices.ContainsFunc(s.list, func(x absence) bool { return x.over(&a) })
}

// ready are the absences that can be summed up. Those that were long ago are
// forgotten: every sink has settled what belongs to them.
func (s *absences) ready(now time.Time) (out []absence, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.list)
	s.list = slices.DeleteFunc(s.list, func(a absence) bool { return a.Told && now.Sub(a.After) > 24*time.Hour })
	if len(s.list) < n {
		err = s.save()
	}
	for _, a := range s.list {
		if !a.Told && !s.behind(a, now) {
			out = append(out, a)
		}
	}
	return out, err
}

// counted notes which alerts an absence's note is to count as over.
func (s *absences) counted(a absence, over []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if x := s.find(a); x != nil {
		x.Over = over
	}
	return s.save()
}

// told notes that an absence is summed up.
func (s *absences) told(a absence) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if x := s.find(a); x != nil {
		x.Told = true
	}
	return s.save()
}
