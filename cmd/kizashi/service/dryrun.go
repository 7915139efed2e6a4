package service

import (
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/route"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// Weeks is how far back a dry run looks.
const Weeks = 4

// mostCovered series and alerts are listed of a dry run; the others are
// counted.
const mostCovered = 100

// Covered is what an act would have covered in the last weeks.
type Covered struct {
	Act       alert.Act       `json:"act"`
	From      time.Time       `json:"from"`
	To        time.Time       `json:"to"`
	Always    bool            `json:"always"` // it has not begun: what it would have covered, had it held all that time
	Spans     int             `json:"spans"`  // how often it would have held
	Held      string          `json:"held"`   // for how long in all
	NumAlerts int             `json:"num_alerts"`
	NumSeries int             `json:"num_series"`
	Alerts    []kizashi.Alert `json:"alerts"`
	Series    []string        `json:"series"` // names
}

// Covers says what an act would have covered in the last weeks: for a mute the
// alerts that it would have kept from people, for an exclusion or an
// expectation the series, and the alerts of theirs that stood then.
func (s *Service) Covers(a alert.Act) (c Covered, err error) {
	if k := a.Kind; k != alert.ActMute && k != alert.ActExclude && k != alert.ActExpect {
		return c, fmt.Errorf("%w: only mute, exclude and expect cover anything", errBadAct)
	}
	if a, err = s.whole(a); err != nil {
		return c, err
	}
	c = Covered{Act: a, To: a.At, From: a.At.AddDate(0, 0, -7*Weeks), Alerts: []kizashi.Alert{}, Series: []string{}}
	spans, err := s.pastSpans(&c)
	if err != nil {
		return c, err
	}
	as, err := s.store.Ledger().Alerts(ledger.Filter{Tenant: a.Tenant, From: kizashi.TimeOf(c.From), To: kizashi.TimeOf(c.To)})
	if err != nil {
		return c, err
	}
	for _, of := range as {
		if !covers(a, &of, spans) {
			continue
		}
		if c.NumAlerts++; len(c.Alerts) < mostCovered {
			c.Alerts = append(c.Alerts, of)
		}
	}
	metas, err := s.store.Ledger().Metas()
	for _, m := range metas {
		if a.Alert != "" || m.Tenant != a.Tenant || !a.Match.Matches(m.Labels) {
			continue
		}
		if c.NumSeries++; len(c.Series) < mostCovered {
			c.Series = append(c.Series, m.Name())
		}
	}
	return c, err
}

// covers says whether an act would have covered an alert in one of the spans.
func covers(a alert.Act, of *kizashi.Alert, spans []stretch) bool {
	if a.Alert != "" && a.Alert != of.ID {
		return false
	}
	labels := of.Labels // of the series: what is learned
	if a.Kind == alert.ActMute {
		labels = route.Labels(of, of.Class, "", "")
	}
	if a.Alert == "" && !a.Match.Matches(labels) {
		return false
	}
	for _, sp := range spans {
		if of.Opened.UTC().Before(sp.to) && (of.State != kizashi.Resolved || of.To.UTC().After(sp.from)) {
			return true
		}
	}
	return false
}

// pastSpans are the spans of an act within the time that a dry run looks at;
// all of that time for one that would only begin.
func (s *Service) pastSpans(c *Covered) (out []stretch, err error) {
	a, held := c.Act, time.Duration(0)
	if a.Window != "" {
		w, err := s.configNow().Window(a.Window, s.calendarOf(a))
		if err != nil {
			return nil, err
		}
		for _, sp := range w.Spans(c.From, c.To) {
			out = append(out, stretch{sp.From, sp.To})
		}
	} else if from := a.From; !from.IsZero() && from.Before(c.To) {
		until := a.Until
		if until.IsZero() || until.After(c.To) {
			until = c.To
		}
		if from.Before(c.From) {
			from = c.From
		}
		out = []stretch{{from, until}}
	}
	if len(out) == 0 {
		c.Always, out = true, []stretch{{c.From, c.To}}
	}
	for _, sp := range out {
		held += sp.to.Sub(sp.from)
	}
	c.Spans, c.Held = len(out), held.String()
	return out, nil
}
