package service

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/alert/explain/chart"
	"github.com/kizashi-ops/kizashi/alert/handling"
	"github.com/kizashi-ops/kizashi/alert/route"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// mostTold of a thread's members have a line in its message; the others are
// counted.
const mostTold = 12

// render writes a thread for its lane: the message in the receiver's language,
// else in the tenant's.
func (s *Service) render(ctx context.Context, t alert.Thread) (alert.Notification, error) {
	switch t.Reason {
	case alert.ReasonDigest:
		return s.digest(ctx, t)
	case alert.ReasonAsk:
		return s.ask(t)
	}
	w, err := s.writerOf(ctx, t)
	if err != nil {
		return alert.Notification{}, err
	}
	lead := w.letter.Members[0]
	n := alert.Notification{Alert: lead.Alert, Severity: lead.Severity, Lang: string(w.style.Lang), Justification: lead.Alert.Justify,
		Rule: ruleOf(&lead.Justification)}
	if n.Message, err = explain.Compose(w.letter, w.style); err != nil {
		return n, err
	}
	text, err := explain.Text(lead.Alert, lead.Justification, w.style)
	if err != nil {
		return n, err
	}
	n.Fields = map[string]string{"manager": text.Manager}
	if n.Title, n.Summary = text.Title, text.Summary; len(t.Members) > 1 || t.Statement() {
		n.Title = n.Message.Title
		n.Summary = strings.Join(append([]string{n.Message.Lead}, n.Message.Lines...), "\n")
	}
	if w.pictured {
		n.Message.Chart, err = s.chart(&lead)
	}
	return n, err
}

// writing is what a message is written with.
type writing struct {
	letter   explain.Letter
	style    explain.Style
	pictured bool // the place shows pictures
}

func (s *Service) writerOf(ctx context.Context, t alert.Thread) (w writing, err error) {
	s.mu.Lock()
	cfg := s.config
	s.mu.Unlock()
	r, sink := wayOf(cfg, t.Lane)
	w.style = explain.Style{Lang: cmp.Or(r.Language, cfg.LanguageOf(t.Tenant))}
	w.pictured = sink.Kind == "mail"
	w.letter = explain.Letter{Thread: t, Terms: t.Terms, Owner: t.Owner}
	if w.letter.Members, err = s.members(ctx, t); err != nil {
		return w, err
	}
	lead := w.letter.Members[0].Alert
	if o := ownersRule(cfg, &lead, t.Owner); o != nil {
		w.letter.Runbook = o.Runbook
		if o.Next != "" {
			w.letter.Next = []string{o.Next}
		}
	}
	if w.letter.Links, err = s.links(&lead, w.style.Lang, t.Changed); err != nil {
		return w, err
	}
	if t.Reason == alert.ReasonReminder || t.Reason == alert.ReasonEscalated {
		if w.letter.Acked, err = s.acked(t); err != nil {
			return w, err
		}
	}
	w.letter.Act, err = s.actOf(t.By)
	return w, err
}

// acked counts the members that fire and that somebody had acknowledged when
// the message became due.
func (s *Service) acked(t alert.Thread) (n int, err error) {
	said, err := s.allActs()
	if err != nil {
		return 0, err
	}
	of, book := map[string]bool{}, handling.New(handling.Rules{})
	for _, a := range said {
		switch a.Kind {
		case alert.ActAck, alert.ActFeedback:
			of[a.Alert] = true
			book.Add(handling.Said{Act: a})
		case alert.ActUndo:
			book.Add(handling.Said{Act: a})
		}
	}
	page := book.At(t.Changed)
	for _, m := range t.Members {
		if m.Turn.State != kizashi.Firing || !of[m.Alert] {
			continue
		}
		a, err := s.store.Ledger().Alert(m.Alert)
		if err != nil {
			return 0, err
		}
		if _, ok := page.Acked(&a); ok {
			n++
		}
	}
	return n, nil
}

// ownersRule is what the configuration says of an owner for an alert: the rule
// that matches it, else, as after a reassignment, the first of that owner; nil
// = nothing.
func ownersRule(cfg *config.Config, a *kizashi.Alert, owner string) (first *config.Owner) {
	labels := route.Labels(a, a.Class, "", "")
	for i := range cfg.Owners {
		o := &cfg.Owners[i]
		switch {
		case owner == "" || o.Owner != owner:
		case o.Match.Matches(labels):
			return o
		case first == nil:
			first = o
		}
	}
	return first
}

// wayOf finds the receiver and the sink of a lane by its name.
func wayOf(cfg *config.Config, lane string) (r config.Receiver, s config.Sink) {
	for _, r := range cfg.Receivers {
		for _, s := range r.Sinks {
			if s.Name == lane {
				return r, s
			}
		}
	}
	return r, s
}

// mine says whether a lane's receiver may hear of a thread, by the configuration
// in force.
func (s *Service) mine(lane string, t alert.Thread) bool {
	r, _ := wayOf(s.configNow(), lane)
	return r.Tenant == "" || r.Tenant == t.Tenant
}

// named are the members that a thread's message names, worst first, at most
// mostTold.
func named(t alert.Thread) []alert.Member {
	ms := slices.Clone(t.Members)
	slices.SortStableFunc(ms, func(a, b alert.Member) int {
		return cmp.Or(-cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Since, b.Since), owes(a)-owes(b))
	})
	return ms[:min(len(ms), mostTold)]
}

func idsOf(ms []alert.Member) []string {
	ids := make([]string, len(ms))
	for i := range ms {
		ids[i] = ms[i].Alert
	}
	return ids
}

// members are the episodes that a thread tells. They are in the ledger before
// anybody reads of them.
func (s *Service) members(ctx context.Context, t alert.Thread) ([]explain.Episode, error) {
	ms := named(t)
	if err := s.store.Ahead(idsOf(ms)...); err != nil {
		return nil, err
	}
	var out []explain.Episode
	for i, m := range ms {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		a, err := s.store.Ledger().Alert(m.Alert)
		if err != nil {
			return nil, err
		}
		e := explain.Episode{Alert: alert.AsOf(a, m.Turn), Severity: m.Severity}
		if e.Justification, err = s.grounds(a, i == 0); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("thread %s has no member", t.ID)
	}
	return out, nil
}

func owes(m alert.Member) int {
	if m.Owes {
		return 1
	}
	return 0
}

func rank(m alert.Member) int {
	r := int(m.Severity)
	if m.Turn.State == kizashi.Firing {
		r += 10
	}
	return r
}

// grounds of an alert: its justification where it leads, or is about
// ourselves; else its series' meta.
func (s *Service) grounds(a kizashi.Alert, leads bool) (kizashi.Justification, error) {
	if leads || a.Justify == "" || a.Labels.Get("log_group") != "" { // which says what lines it is about
		return s.justification(a)
	}
	m, err := s.store.Ledger().Meta(a.Series)
	return kizashi.Justification{Meta: m}, err
}

// actOf finds the act that a thread's reason refers to, said by somebody or
// declared; nil where it refers to something else, or to nothing.
func (s *Service) actOf(id string) (*alert.Act, error) {
	if id == "" {
		return nil, nil
	}
	for _, d := range s.configNow().Declared {
		if d.Act.ID == id {
			return &d.Act, nil
		}
	}
	as, err := s.store.Ledger().Acts(ledger.ActFilter{ID: id})
	if err != nil || len(as) == 0 {
		return nil, err
	}
	return &as[0], nil
}

// chart draws the alert's series around it; nil where nothing of it is kept.
func (s *Service) chart(e *explain.Episode) (*alert.Chart, error) {
	m := e.Justification.Meta
	if m.Series == 0 {
		return nil, nil
	}
	zone, err := calendar.Load(m.Zone)
	if err != nil {
		return nil, err
	}
	from, to := chart.From(e.Alert, &e.Justification), max(e.Alert.To, e.Alert.Changed)+1
	samples, err := s.store.Samples(m.Series, from, to)
	if err != nil {
		return nil, err
	}
	if e.Justification.Log != nil { // a count: 0 in each minute that was read and has no sample
		read, err := s.store.Samples(m.AllLines(), from, to)
		if err != nil {
			return nil, err
		}
		samples = alert.EachMinute(read, samples)
	}
	if len(samples) == 0 {
		return nil, nil
	}
	records, err := s.store.Records(m.Series, from, to)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := chart.PNG(&b, chart.OfAlert(e.Alert, &e.Justification, samples, records, zone.Location())); err != nil {
		return nil, err
	}
	return &alert.Chart{PNG: b.Bytes(), Alt: explain.Clean(m.Name())}, nil
}

// ruleOf is what the alert's limit was taken over.
func ruleOf(j *kizashi.Justification) alert.Rule {
	r := alert.Rule{Statistic: j.Meta.Statistic, Unit: j.Meta.Unit, Period: j.Meta.Period, M: 1, N: 1}
	if j.Record != nil {
		r.M, r.N = j.Record.M, j.Record.N
		r.Period = cmp.Or(r.Period, j.Record.Period)
	}
	return r
}
