package program

import (
	"fmt"
	"io"
	"strings"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/config"
)

// lifeOf says how a tenant is told, where that is not as usual.
func lifeOf(t config.Tenant) string {
	s := ""
	if t.Mode != alert.Live {
		s += ", delivery mode " + string(t.Mode)
	}
	if t.Digest != "" {
		s += ", digest at " + t.Digest
	}
	if t.Calendar != "" {
		s += ", calendar " + t.Calendar
	}
	return s
}

// tellLife says what becomes of alerts: who is told of which, when, and what
// keeps them from being told.
func tellLife(w io.Writer, cfg *config.Config, lanes []service.Lane) {
	fmt.Fprintln(w, "\nAlerts go to:")
	for _, r := range cfg.Receivers {
		indent := "  "
		if r.Name != config.DefaultReceiver || len(cfg.Receivers) > 1 {
			fmt.Fprintf(w, "  receiver %s%s\n", r.Name, receiverOf(r))
			indent = "    "
		}
		for _, l := range lanes {
			if l.Receiver.Name == r.Name {
				fmt.Fprintf(w, "%s%s\n", indent, strings.TrimPrefix(l.Sink.Name(), r.Name+" "))
			}
		}
	}
	if len(lanes) == 0 {
		fmt.Fprintln(w, "  nobody; they can be read at /api/alerts")
	}
	if len(cfg.Routes) > 0 {
		fmt.Fprintln(w, "\nRoutes, the first that matches takes an alert:")
		tellRoutes(w, cfg.Routes, "  ")
	}
	tellHeld(w, cfg)
	if cfg.External != "" {
		fmt.Fprintf(w, "\nLinks in messages lead to %s\n", cfg.External)
	}
}

func receiverOf(r config.Receiver) string {
	s := ", internal"
	if r.Tenant != "" {
		s = ", of tenant " + r.Tenant + " only"
	}
	if r.Language != "" {
		s += ", in " + languages[r.Language]
	}
	if len(r.GroupBy) > 0 {
		s += ", together by " + strings.Join(r.GroupBy, ", ")
	}
	if r.Hours != "" && len(r.Waits) > 0 {
		s += fmt.Sprintf(", outside %s %s wait", r.Hours, strings.Join(r.Waits, " and "))
	}
	if r.Repeat > 0 {
		s += ", reminded every " + explain.Duration(r.Repeat, explain.English)
	}
	if r.Escalate != nil {
		s += fmt.Sprintf(", then %s after %s", r.Escalate.To, explain.Duration(r.Escalate.After, explain.English))
	}
	for _, c := range []struct {
		n    int
		what string
	}{{r.Caps.Series, "series"}, {r.Caps.Service, "service"}, {r.Caps.Tenant, "tenant"}, {r.Caps.Day, ""}} {
		if c.n > 0 {
			s += strings.TrimSuffix(fmt.Sprintf(", at most %d a day and %s", c.n, c.what), " and ")
		}
	}
	return s
}

func tellRoutes(w io.Writer, routes []config.Route, indent string) {
	for _, r := range routes {
		match, to := "every alert", "those above"
		if len(r.Match) > 0 {
			match = matchOf(r.Match)
		}
		if len(r.Receivers) > 0 {
			to = strings.Join(r.Receivers, ", ")
		}
		if r.Continue {
			to += ", and the next that matches"
		}
		fmt.Fprintf(w, "%s%s: %s\n", indent, match, to)
		tellRoutes(w, r.Routes, indent+"  ")
	}
}

// tellHeld says what is declared of times, and of what holds alerts back.
func tellHeld(w io.Writer, cfg *config.Config) {
	for _, c := range cfg.Calendars {
		from, to := c.Days.Known()
		fmt.Fprintf(w, "\nCalendar %s: holidays are known from %s to %s\n", c.Name, from, to)
	}
	for _, h := range cfg.Hours {
		fmt.Fprintf(w, "\nHours %s: %s in %s\n", h.Name, strings.Join(h.Open, ", "), h.Zone)
	}
	if len(cfg.Jobs) > 0 {
		fmt.Fprintln(w, "\nJobs, told in the digest:")
	}
	for _, j := range cfg.Jobs {
		fmt.Fprintf(w, "  %s of %s, %s: done when %s is above zero\n", j.Name, j.Tenant, j.Spec, matchOf(j.Match))
	}
	if len(cfg.Declared)+len(cfg.Inhibit) > 0 {
		fmt.Fprintln(w, "\nDeclared:")
	}
	for _, d := range cfg.Declared {
		fmt.Fprintf(w, "  %s %s of %s, %s: %s\n", d.Act.Kind, matchOf(d.Act.Match), d.Act.Tenant, strings.TrimSpace(d.Act.Value+" "+d.Act.Window), d.Act.Reason)
	}
	for _, i := range cfg.Inhibit {
		fmt.Fprintf(w, "  %s holds back %s with the same %s\n", matchOf(i.Source), matchOf(i.Target), strings.Join(i.Equal, ", "))
	}
}
