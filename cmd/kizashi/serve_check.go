package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
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
	return tellConfig(e.out, cfg, names)
}

func tellConfig(w io.Writer, cfg *config.Config, sinks []string) error {
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
	if err := tellRule(w, "every series", detect.Rule{}, true); err != nil {
		return err
	}
	for _, r := range cfg.Detect.Rules {
		if err := tellRule(w, matchOf(r.Match), r, false); err != nil {
			return err
		}
	}
	fmt.Fprintln(w, "\nAlerts go to:")
	for _, s := range sinks {
		fmt.Fprintln(w, "  "+s)
	}
	if len(sinks) == 0 {
		fmt.Fprintln(w, "  nobody; they can be read at /api/alerts")
	}
	_, err := fmt.Fprintf(w, "\nData in %s, HTTP on %s\n", cfg.Storage.Path, cfg.Web.Listen)
	return err
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

// tellRule says what a rule makes of the defaults; of the empty rule, all of
// them.
func tellRule(w io.Writer, who string, r detect.Rule, all bool) error {
	r.Match = nil
	base := detect.Defaults()
	set, _, err := detect.Config{Rules: []detect.Rule{r}}.Resolve(&kizashi.Meta{})
	if err != nil {
		return err
	}
	var parts []string
	add := func(on bool, format string, a ...any) {
		if on {
			parts = append(parts, fmt.Sprintf(format, a...))
		}
	}
	long := func(d kizashi.Duration) string { return explain.Duration(time.Duration(d), explain.English) }
	add(all || set.Class != base.Class, "class %s", set.Class)
	add(all || set.R != base.R, "one false alert in %s, on average", long(set.R))
	add(all || set.Direction != base.Direction, "direction %s", set.Direction)
	add(all || set.Silence != base.Silence, "silence said: %t", set.Silence)
	add(set.M > 0, "%d of %d samples", set.M, set.N)
	add(set.For > 0, "for %s", long(set.For))
	add(set.Recover > 0, "over after %d samples", set.Recover)
	for _, l := range set.Static {
		add(true, "static limit %s %v, %d of %d", l.Side, l.Value, l.M, l.N)
	}
	for _, l := range set.Guards {
		add(true, "guard %s %v, %d of %d", l.Side, l.Value, l.M, l.N)
	}
	add(r.Zone != "", "wall time %s", r.Zone)
	add(len(set.Off) > 0, "without %s", strings.Join(set.Off, ", "))
	_, err = fmt.Fprintf(w, "  %s: %s\n", who, strings.Join(parts, "; "))
	return err
}
