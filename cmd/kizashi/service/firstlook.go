package service

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/alert/explain/firstlook"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store/durable"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

const (
	usualHistory = 14 * 24 * time.Hour // a back-fill that the configuration says nothing of
	mostFound    = 20                  // alerts that a first look lists
	// silentSource is how long a tenant's report waits for a region that says
	// nothing at all.
	silentSource = 30 * time.Minute
)

// word is the last that was said of a series.
type word struct {
	state kizashi.State
	why   kizashi.Claim
}

// looks are the first looks that are still to be taken: by tenant, what was
// said of its series. They belong to the runner's goroutine.
type looks struct {
	since time.Time
	words map[string]map[kizashi.SeriesID]word
}

// begin finds the tenants that had no first look yet.
func (s *Service) beginLooks(now time.Time) error {
	s.looks = looks{since: now, words: map[string]map[kizashi.SeriesID]word{}}
	for _, t := range s.config.Tenants {
		said, err := s.store.Ledger().Alerts(ledger.Filter{Tenant: t.Name, Group: ownGroup})
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(said, func(a kizashi.Alert) bool { return slices.Contains(a.Models, string(kizashi.ClaimFirstLook)) }) {
			s.looks.words[t.Name] = map[kizashi.SeriesID]word{}
		}
	}
	return nil
}

// note takes in what was said of a tenant's series.
func (l looks) note(r *pipeline.Result) {
	words := l.words[r.Partition.Tenant]
	if words == nil {
		return
	}
	for i := range r.Judgements {
		if j := &r.Judgements[i]; j.Sample() {
			words[j.Series] = word{j.State, j.Why}
		}
	}
}

// look takes the first looks whose time has come.
func (s *Service) look(now time.Time) error {
	for _, t := range s.config.Tenants {
		if s.looks.words[t.Name] == nil {
			continue
		}
		until, ok := s.readings.filled(t.Name)
		if !ok || now.Sub(s.looks.since) < silentSource && !s.allHeard(t) {
			continue
		}
		if err := s.firstLook(t, until, now); err != nil {
			return err
		}
		delete(s.looks.words, t.Name)
	}
	return nil
}

func (s *Service) allHeard(t config.Tenant) bool {
	for _, a := range t.Accounts {
		for _, r := range a.Regions {
			if !s.readings.heard(t.Name, a.ID, r) {
				return false
			}
		}
	}
	return true
}

// firstLook writes a tenant's report and says that it is there.
func (s *Service) firstLook(t config.Tenant, until kizashi.Time, now time.Time) error {
	l, total, err := s.lookAt(t, until, now)
	if err != nil {
		return fmt.Errorf("first look at tenant %s: %w", t.Name, err)
	}
	if err := os.MkdirAll(filepath.Join(s.opt.Config.Storage.Path, "reports"), 0o700); err != nil {
		return fmt.Errorf("first look: %w", err)
	}
	for ext, write := range map[string]func(io.Writer) error{"html": l.HTML, "txt": l.Text} {
		if err := durable.WriteFile(s.lookFile(t.Name, ext), nil, write); err != nil {
			return fmt.Errorf("first look: %w", err)
		}
	}
	none := kizashi.None()
	series := 0
	for _, g := range l.Groups {
		series += g.Series
	}
	fact := kizashi.Evidence{Claim: kizashi.ClaimFirstLook, Value: none, Low: none, High: none, From: l.From, To: l.To, Count: series, Of: total,
		Text: "/api/firstlook/" + url.PathEscape(t.Name)}
	s.opt.Log.Info("first look", "tenant", t.Name, "series", series, "alerts", total, "report", s.lookFile(t.Name, "html"))
	return s.say(newNote(t.Name, map[string]string{"name": "first look"}, until, kizashi.TimeOf(now), []kizashi.Evidence{fact}))
}

func (s *Service) lookFile(tenant, ext string) string {
	return filepath.Join(s.opt.Config.Storage.Path, "reports", "firstlook-"+url.PathEscape(tenant)+"."+ext)
}

// lookAt gathers what the report says, and how many alerts there were.
func (s *Service) lookAt(t config.Tenant, until kizashi.Time, now time.Time) (l firstlook.Look, total int, err error) {
	zone, err := calendar.Load(t.Zone)
	if err != nil {
		return l, 0, err
	}
	history := time.Duration(0)
	for _, a := range t.Accounts {
		history = max(history, cmp.Or(a.Backfill, usualHistory))
	}
	l = firstlook.Look{Style: explain.Style{Lang: t.Language}, Tenant: t.Name, Data: s.opt.Config.Storage.Path, Zone: zone.Location(), From: until.Add(-history), To: until}
	l.Groups = s.groupsOf(t.Name)
	if l.Alerts, total, err = s.found(t.Name, until); err != nil {
		return l, 0, err
	}
	l.More = total - len(l.Alerts)
	for _, r := range s.readers.All {
		if r.Tenant == t.Name {
			l.Sources = append(l.Sources, censusOf(r))
		}
	}
	if b := s.meter.tenants[t.Name]; b != nil {
		m := b.Spent(now)
		l.USD, l.Doubtful = m.USD, m.Unverified
	}
	l.Requests = s.meter.requested(t.Name)
	return l, total, nil
}

func censusOf(r Reader) firstlook.Source {
	c := r.Census()
	out := firstlook.Source{Account: r.Account, Region: r.Region, Listed: !c.At.IsZero(), Untagged: c.Untagged, Blind: c.Blind}
	for _, x := range c.Spaces {
		out.Spaces = append(out.Spaces, firstlook.Space{Name: x.Namespace, Metrics: x.Metrics, Watched: x.Watched})
	}
	return out
}

// groupsOf counts a tenant's series by group and by what can be said of them.
func (s *Service) groupsOf(tenant string) []firstlook.Group {
	groups, why := map[string]*firstlook.Group{}, map[string]map[kizashi.Claim]int{}
	e := s.pipeline.Engine()
	for _, id := range e.Series() {
		m, ok := e.Meta(id)
		if !ok || m.Tenant != tenant {
			continue
		}
		g := groups[m.Group]
		if g == nil {
			g = &firstlook.Group{Name: m.Group}
			groups[m.Group], why[m.Group] = g, map[kizashi.Claim]int{}
		}
		g.Series++
		w, said := s.looks.words[tenant][id]
		switch {
		case !said:
			g.Silent++
		case w.state == kizashi.Judged:
			g.Judged++
		case w.state == kizashi.Warming:
			g.Warming++
		default:
			g.None++
		}
		if said && w.state != kizashi.Judged && w.why != "" {
			why[m.Group][w.why]++
		}
	}
	none := kizashi.None()
	var out []firstlook.Group
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		g := groups[name]
		for _, c := range slices.Sorted(maps.Keys(why[name])) {
			g.Why = append(g.Why, kizashi.Evidence{Claim: c, Count: why[name][c], Value: none, Low: none, High: none})
		}
		out = append(out, *g)
	}
	return out
}

// found are the alerts that a tenant's history raised, the worst first, and
// how many there are.
func (s *Service) found(tenant string, until kizashi.Time) ([]firstlook.Found, int, error) {
	as, err := s.store.Ledger().Alerts(ledger.Filter{Tenant: tenant, To: until})
	if err != nil {
		return nil, 0, err
	}
	as = slices.DeleteFunc(as, func(a kizashi.Alert) bool { return a.Group == ownGroup || a.State == kizashi.Pending })
	slices.SortStableFunc(as, worseFirst)
	var out []firstlook.Found
	for _, a := range as[:min(len(as), mostFound)] {
		m, err := s.store.Ledger().Meta(a.Series)
		if err != nil {
			return nil, 0, err
		}
		out = append(out, firstlook.Found{ID: a.ID, Series: explain.Clean(m.Name()), Value: explain.Value(a.Peak.Value, m.Unit), From: a.Opened, To: a.To,
			Class: a.Class, Firing: a.State == kizashi.Firing})
	}
	return out, len(as), nil
}

// answerFirstLook gives a tenant's report: HTML, or text with ?format=txt.
func (s *Service) answerFirstLook(w http.ResponseWriter, r *http.Request) {
	ext, kind := "html", "text/html; charset=utf-8"
	if r.FormValue("format") == "txt" {
		ext, kind = "txt", "text/plain; charset=utf-8"
	}
	b, err := os.ReadFile(s.lookFile(r.PathValue("tenant"), ext))
	if errors.Is(err, fs.ErrNotExist) {
		s.json(w, http.StatusNotFound, map[string]string{"error": "there is no such report yet: it is written when the history is read"})
		return
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	if _, err := w.Write(b); err != nil {
		s.opt.Log.Debug("the reader of an answer is gone", "err", err)
	}
}
