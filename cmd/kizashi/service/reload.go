package service

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest/catalogue"
)

// Reload reads the file again. New rules of detect become a command, and so
// part of the journal; what else has changed is named, and waits for a
// restart. A file with a fault changes nothing.
func (s *Service) Reload() (waits []string, err error) {
	defer func() { s.metrics.reloaded(err == nil, s.opt.Now()) }()
	next, err := config.Load(s.opt.Config.File, s.ownNames()...)
	if err != nil {
		return nil, err
	}
	if _, err := Policy(next); err != nil {
		return nil, err
	}
	if waits, err = s.adopt(next); err != nil {
		return nil, err
	}
	s.opt.Log.Info("configuration read again", "waits_for_restart", strings.Join(waits, ", "))
	s.dispatch.reload()
	if !s.ready.Load() {
		return waits, nil // what it says of times is journalled at the start
	}
	s.acting.Lock()
	defer s.acting.Unlock()
	return waits, s.journalActs()
}

// adopt puts in force what can be, and names what waits for a restart.
func (s *Service) adopt(next *config.Config) (waits []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := *s.config // others may hold the one that was in force
	for _, p := range []struct {
		name     string
		old, new any
	}{
		{"tenants", unlined(now.Tenants), unlined(next.Tenants)}, {"sinks", sinksOf(&now), sinksOf(next)}, {"language", now.Language, next.Language},
		{"heartbeat", now.Heartbeat, next.Heartbeat}, {"blind_after", now.BlindAfter, next.BlindAfter}, {"catalogue", knownOf(now.Catalogue), knownOf(next.Catalogue)}, {"prices", now.Prices, next.Prices},
		{"storage", now.Storage, next.Storage}, {"web", now.Web, next.Web},
	} {
		if !reflect.DeepEqual(p.old, p.new) {
			waits = append(waits, p.name)
		}
	}
	if err := s.push(now.Detect, next.Detect); err != nil {
		return nil, err
	}
	now.Tenants = targetsOf(now.Tenants, next.Tenants)
	now.Detect, now.Declared, now.Calendars, now.Jobs = next.Detect, next.Declared, next.Calendars, next.Jobs
	now.Inhibit, now.Owners, now.Redundancy, now.Severities, now.Modes, now.External = next.Inhibit, next.Owners, next.Redundancy, next.Severities, next.Modes, next.External
	if !slices.Contains(waits, "sinks") { // the lanes are those that are open
		now.Receivers, now.Routes, now.Hours = next.Receivers, next.Routes, next.Hours
	} else if !reflect.DeepEqual(writtenHours(now.Hours), writtenHours(next.Hours)) {
		waits = append(waits, "hours") // receivers name theirs
	}
	s.config = &now
	return waits, nil
}

// reloadIfChanged makes a file that was changed while the service was down a
// command.
func (s *Service) reloadIfChanged() error {
	have, _ := s.pipeline.Engine().Config()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.push(have, s.config.Detect)
}

// push makes the new configuration a command if it is another one.
func (s *Service) push(have, next detect.Config) error {
	old, err := kizashi.HashOf(have)
	if err != nil {
		return err
	}
	hash, err := kizashi.HashOf(next)
	if err != nil || hash == old {
		return err
	}
	body, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("reload: %w", err)
	}
	s.commands.Push(kizashi.Command{Op: kizashi.Reload, Body: body, Reason: "configuration " + hash, Author: "kizashi"})
	return nil
}

// targetsOf are tenants with the false-alert targets that the next ones of
// their names have: those need no restart.
func targetsOf(ts, next []config.Tenant) []config.Tenant {
	ts = slices.Clone(ts)
	for i := range ts {
		for j := range next {
			if next[j].Name == ts[i].Name {
				ts[i].Weekly = next[j].Weekly
			}
		}
	}
	return ts
}

// unlined are tenants without their place in the file, which a comment moves,
// and without what needs no restart.
func unlined(ts []config.Tenant) []config.Tenant {
	ts = slices.Clone(ts)
	for i := range ts {
		ts[i].Line, ts[i].Weekly, ts[i].Accounts = 0, 0, slices.Clone(ts[i].Accounts)
		for j := range ts[i].Accounts {
			ts[i].Accounts[j].Line = 0
		}
	}
	return ts
}

// writtenHours are hours as the file has them, without their place in it.
func writtenHours(hs []config.Hours) []config.Hours {
	hs = slices.Clone(hs)
	for i := range hs {
		hs[i].Line, hs[i].Hours = 0, nil
	}
	return hs
}

// knownOf is a catalogue as it can be compared: an absent bound is NaN, which
// no comparison finds equal.
func knownOf(c *catalogue.Catalogue) string {
	var b strings.Builder
	for _, n := range c.Namespaces() {
		fmt.Fprintf(&b, "%v\n", c.Metrics(n))
	}
	return b.String()
}

// sinksOf are the lanes of a configuration: they are opened at the start.
func sinksOf(c *config.Config) (out []config.Sink) {
	for _, r := range c.Receivers {
		out = append(out, r.Sinks...)
	}
	return out
}
