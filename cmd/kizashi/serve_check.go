package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
)

// checkCommand says what a configuration means, or what is wrong with it. It
// calls nobody.
func checkCommand(ctx context.Context, e env, args []string) error {
	fs := flagSet(e, "check", "--config FILE")
	file := fs.String("config", "", "the configuration `file`")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if *file == "" && len(rest) == 1 {
		*file, rest = rest[0], nil
	}
	switch {
	case len(rest) > 0:
		return errUsage{fmt.Errorf("%q is not understood", rest[0])}
	case *file == "":
		return errUsage{errors.New("--config is needed")}
	}
	cfg, err := config.Load(*file)
	if err != nil {
		return err
	}
	if _, err := service.Sources(ctx, cfg, func(c cloudwatch.Config) cloudwatch.Config { return c }); err != nil {
		return err
	}
	sinks, _, err := service.Sinks(ctx, cfg, service.Options{Now: time.Now})
	if err != nil {
		return err
	}
	var names []string
	for _, s := range sinks {
		names = append(names, s.Name())
	}
	tellConfig(e.out, cfg, names)
	return nil
}

func tellConfig(w io.Writer, cfg *config.Config, sinks []string) {
	fmt.Fprintf(w, "%s is sound.\n", cfg.File)
	for _, t := range cfg.Tenants {
		zone := t.Zone
		if zone == "" {
			zone = "UTC"
		}
		fmt.Fprintf(w, "\nTenant %s: wall time %s, alerts in %s\n", t.Name, zone, t.Language)
		for _, a := range t.Accounts {
			tellAccount(w, a.Source)
		}
	}
	fmt.Fprintln(w, "\nRules, later ones over earlier ones:")
	tellRule(w, "every series", detect.Config{})
	for _, r := range cfg.Detect.Rules {
		tellRule(w, matchOf(r.Match), detect.Config{Rules: []detect.Rule{r}})
	}
	fmt.Fprintln(w, "\nAlerts go to:")
	for _, s := range sinks {
		fmt.Fprintln(w, "  "+s)
	}
	if len(sinks) == 0 {
		fmt.Fprintln(w, "  nobody; they can be read at /api/alerts")
	}
	fmt.Fprintf(w, "\nData in %s, HTTP on %s\n", cfg.Storage.Path, cfg.Web.Listen)
}

func tellAccount(w io.Writer, c cloudwatch.Config) {
	fmt.Fprintf(w, "  account %s in %s", c.Account, c.Region)
	if c.Endpoint != "" {
		fmt.Fprintf(w, ", at %s", c.Endpoint)
	}
	fmt.Fprintln(w)
	known := map[string]cloudwatch.Namespace{}
	for _, n := range cloudwatch.Defaults() {
		known[n.Name] = n
	}
	spaces := c.Namespaces
	if len(spaces) == 0 {
		spaces = cloudwatch.Defaults()
	}
	for _, n := range spaces {
		metrics := n.Metrics
		if len(metrics) == 0 {
			metrics = known[n.Name].Metrics
		}
		var names []string
		for _, m := range metrics {
			names = append(names, m.Name)
		}
		fmt.Fprintf(w, "    %-20s %s\n", n.Name, strings.Join(names, ", "))
	}
}

func matchOf(ms kizashi.Matchers) string {
	if len(ms) == 0 {
		return "every series"
	}
	var out []string
	for _, m := range ms {
		out = append(out, m.String())
	}
	return "{" + strings.Join(out, ", ") + "}"
}

// tellRule says what one rule sets, by what differs from the defaults.
func tellRule(w io.Writer, who string, c detect.Config) {
	base := detect.Defaults()
	set := base
	var parts []string
	if len(c.Rules) > 0 {
		set, _, _ = c.Resolve(&kizashi.Meta{}) // it was validated when it was read
		if s, err := settingsOf(c.Rules[0]); err == nil {
			set = s
		}
	}
	add := func(on bool, format string, a ...any) {
		if on || len(c.Rules) == 0 {
			parts = append(parts, fmt.Sprintf(format, a...))
		}
	}
	add(set.Class != base.Class, "class %s", set.Class)
	add(set.R != base.R, "one false alert in %s", time.Duration(set.R))
	add(set.Direction != base.Direction, "direction %s", set.Direction)
	add(set.Silence != base.Silence, "silence said: %t", set.Silence)
	if set.M > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d samples", set.M, set.N))
	}
	if set.For > 0 {
		parts = append(parts, "for "+time.Duration(set.For).String())
	}
	if set.Recover > 0 {
		parts = append(parts, fmt.Sprintf("over after %d samples", set.Recover))
	}
	for _, l := range append(set.Static, set.Guards...) {
		parts = append(parts, fmt.Sprintf("limit %s %v (%d of %d)", l.Side, l.Value, l.M, l.N))
	}
	if len(set.Off) > 0 {
		parts = append(parts, "without "+strings.Join(set.Off, ", "))
	}
	fmt.Fprintf(w, "  %s: %s\n", who, strings.Join(parts, "; "))
}

// settingsOf is what a rule makes of the defaults, whatever it matches.
func settingsOf(r detect.Rule) (kizashi.Settings, error) {
	r.Match = nil
	set, _, err := detect.Config{Rules: []detect.Rule{r}}.Resolve(&kizashi.Meta{})
	return set, err
}
