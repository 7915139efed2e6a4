package service

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/alert/handling"
	"github.com/kizashi-ops/kizashi/alert/route"
	"github.com/kizashi-ops/kizashi/alert/severity"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// severity of an alert as it stands, with its terms; firing are those of its
// tenant that fire beside it.
func (s *Service) severity(a *kizashi.Alert, firing beside) severity.Result {
	cfg := s.configNow()
	rules, owner := severityOf(cfg), ""
	for _, o := range cfg.Owners {
		if o.Match.Matches(route.Labels(a, a.Class, "", "")) {
			owner = o.Owner
			break
		}
	}
	return rules.Of(severity.Case{Alert: a, Labels: route.Labels(a, a.Class, "", owner), Firing: firing[severity.AlikeOf(a)], Of: s.siblings.count(a), Now: s.opt.Now()})
}

// beside counts the alerts that fire by what makes them alike: their group,
// metric and side.
type beside map[severity.Alike]int

// firing counts those of a tenant; of one group, or of all for "". It reads
// each that fires, so a digest asks once and not for each of its alerts.
func (s *Service) firing(tenant, group string) (beside, error) {
	as, err := s.store.Ledger().Alerts(ledger.Filter{Tenant: tenant, Group: group, State: kizashi.Firing})
	if err != nil {
		return nil, err
	}
	n := beside{}
	for i := range as {
		n[severity.AlikeOf(&as[i])]++
	}
	return n, nil
}

// ask writes the question whether an act is still wanted.
func (s *Service) ask(t alert.Thread) (n alert.Notification, err error) {
	a, err := s.actByID(t.By)
	if err != nil {
		return n, err
	}
	r, _ := wayOf(s.configNow(), t.Lane)
	lang := cmp.Or(r.Language, s.configNow().LanguageOf(t.Tenant))
	m, err := explain.Ask(explain.Question{Act: a, Zone: s.zoneOf(t.Tenant), Next: t.Opened.Add(handling.AskAgain)}, explain.Style{Lang: lang})
	return alert.Notification{Message: m, Title: m.Title, Summary: m.Lead, Lang: string(lang)}, err
}

// digest writes a tenant's day, up to the moment at which the digest was due.
func (s *Service) digest(ctx context.Context, t alert.Thread) (n alert.Notification, err error) {
	cfg := s.configNow()
	r, _ := wayOf(cfg, t.Lane)
	lang := cmp.Or(r.Language, cfg.LanguageOf(t.Tenant))
	d := explain.Day{Tenant: t.Tenant, Zone: s.zoneOf(t.Tenant), To: kizashi.TimeOf(t.Opened)}
	if d.From, err = dayBefore(t.Opened, d.Zone); err != nil {
		return n, err
	}
	said, err := s.said()
	if err != nil {
		return n, err
	}
	blind, err := s.dayAlerts(ctx, &d, hearing(cfg, said, t.Opened, r.Tenant))
	if err != nil {
		return n, err
	}
	if err := s.dayJobs(&d, blind); err != nil {
		return n, err
	}
	if err := s.dayHeldBack(&d, t.Lane); err != nil {
		return n, err
	}
	acts, err := s.store.Ledger().Acts(ledger.ActFilter{Tenant: t.Tenant, Holds: t.Opened})
	if err != nil {
		return n, err
	}
	holds := map[string]bool{}
	for _, a := range acts {
		holds[a.ID] = true
	}
	for _, a := range said {
		in := a.Window == nil && a.Act.Window == "" && !a.From.After(t.Opened) // a window that cannot be read holds nothing
		if a.Window != nil {
			_, in = a.Window.At(t.Opened)
		}
		if _, due := handling.RemindedAt(a.Act, t.Opened); due && holds[a.ID] {
			d.Asked = append(d.Asked, a.Act)
		}
		switch {
		case !holds[a.ID] || !in:
		case a.Kind == alert.ActMute:
			d.Muted = append(d.Muted, a.Act)
		case a.Kind == alert.ActWatch:
			d.Watched = append(d.Watched, a.Act)
		}
	}
	for _, c := range cfg.Declared {
		if _, in := c.Window.At(t.Opened); in && c.Act.Tenant == t.Tenant && c.Act.Kind == alert.ActMute {
			d.Muted = append(d.Muted, c.Act)
		}
	}
	m, err := explain.Digest(d, explain.Style{Lang: lang})
	n = alert.Notification{Message: m, Title: m.Title, Summary: strings.Join(append([]string{m.Lead}, m.Lines...), "\n"), Lang: string(lang)}
	return n, err
}

// dayBefore is the same wall time of the day before: where the clock was
// changed between, a day has 23 or 25 hours, and the digest before it ended
// then.
func dayBefore(at time.Time, name string) (kizashi.Time, error) {
	zone, err := calendar.Load(name)
	if err != nil {
		return 0, err
	}
	at = at.In(zone.Location())
	y, m, d := at.Date()
	return kizashi.TimeOf(time.Date(y, m, d-1, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), zone.Location())), nil
}

// hearing says of an alert whether a receiver may hear of it: of one in mode
// shadow nobody does, of one in mode internal only who is of no tenant.
func hearing(cfg *config.Config, said []handling.Said, at time.Time, tenant string) func(*kizashi.Alert, severity.Result) bool {
	book := handling.New(handlingOf(cfg))
	book.Add(said...)
	page := book.At(at)
	return func(a *kizashi.Alert, r severity.Result) bool {
		owner, _ := page.Owner(a, route.Labels(a, a.Class, "", ""))
		mode := page.Mode(a, route.Labels(a, r.Class, r.Severity.String(), owner))
		return mode == alert.Live || mode == alert.Internal && tenant == ""
	}
}

// dayAlerts lists what began in a day and what stood at its end, as far as the
// reader may hear of it; blind is what could not be read, whoever hears of it.
func (s *Service) dayAlerts(ctx context.Context, d *explain.Day, hears func(*kizashi.Alert, severity.Result) bool) (blind []kizashi.Alert, err error) {
	as, err := s.store.Ledger().Alerts(ledger.Filter{Tenant: d.Tenant, From: d.From, To: d.To})
	if err != nil {
		return nil, err
	}
	firing, err := s.firing(d.Tenant, "")
	if err != nil {
		return nil, err
	}
	nobody := map[string]bool{}
	for _, id := range s.dispatch.undeliverable() {
		nobody[id] = true
	}
	for _, a := range as {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if a.State == kizashi.Pending {
			continue
		}
		if slices.Contains(a.Models, string(kizashi.ClaimBlind)) {
			blind = append(blind, a)
		}
		r := s.severity(&a, firing)
		if !hears(&a, r) {
			continue
		}
		e := explain.Episode{Alert: a, Severity: r.Severity, Class: r.Class}
		if e.Justification, err = s.grounds(a, false); err != nil {
			return nil, err
		}
		if a.Opened >= d.From {
			d.Begun = append(d.Begun, e)
		}
		if a.State == kizashi.Firing || a.To > d.To {
			d.Open = append(d.Open, e)
		}
		if nobody[a.ID] {
			d.Stranded++
		}
	}
	return blind, nil
}
