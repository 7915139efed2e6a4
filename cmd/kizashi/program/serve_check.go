package program

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
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// checkCommand says what a configuration means, or what is wrong with it. It
// calls nobody unless --aws says so.
func checkCommand(ctx context.Context, e env, args []string) error {
	fs := flagSet(e, "check", "--config FILE")
	file := fs.String("config", "", "the configuration `file`")
	onAWS := fs.Bool("aws", false, "try each permission that the configuration needs; this asks AWS for one metric in each region")
	lang := fs.String("request", "", "print the page for the customer's approval instead, in `language` ja or en")
	tenant := fs.String("tenant", "", "`name` of the tenant that --aws or --request is about (default: all; for --request the only one)")
	trusted := fs.String("trusted", "", "`account` or ARN that will assume the role, for --request and the policies of --aws")
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
	case *lang != "" && *onAWS:
		return errUsage{errors.New("--aws and --request are two things")}
	}
	cfg, err := e.load(*file)
	if err != nil {
		return err
	}
	lanes, err := sound(ctx, cfg)
	if err != nil {
		return err
	}
	switch {
	case *lang != "":
		s, err := style(e, *lang)
		if err != nil {
			return err
		}
		return writeRequest(e.out, cfg, *tenant, *trusted, s.Lang)
	case *onAWS:
		return checkAWS(ctx, e.out, cfg, *tenant, *trusted)
	}
	if err := tellConfig(e.out, cfg, lanes, knownTo(e, cfg)); err != nil {
		return err
	}
	return warnIdle(e.out, cfg, time.Now())
}

// sound lets each part look at its configuration and returns the ways to tell
// people.
func sound(ctx context.Context, cfg *config.Config) ([]service.Lane, error) {
	readers, err := service.Sources(ctx, cfg, access.Options{}, service.Refine{})
	if err != nil {
		return nil, err
	}
	if err := readers.Close(); err != nil {
		return nil, err
	}
	lanes, err := service.Sinks(ctx, cfg, service.Options{Now: time.Now})
	if err != nil {
		return nil, err
	}
	if _, err := service.Policy(cfg); err != nil {
		return nil, err
	}
	if err := service.CheckWays(cfg); err != nil {
		return nil, err
	}
	if _, err := service.Beats(ctx, cfg, service.Options{Now: time.Now}); err != nil {
		return nil, err
	}
	return lanes, nil
}

func matchOf(ms kizashi.Matchers) string {
	if len(ms) == 0 {
		return "every series"
	}
	return ms.String()
}

// byTenant says where a tenant's target stands instead of a series' own.
func byTenant(all bool) string {
	if all {
		return " (class act: by the tenant's target)"
	}
	return ", whatever the tenant's target"
}

// leadOf says how long the remedy takes.
func leadOf(a kizashi.Ahead) string {
	if a.Lead == 0 {
		return ""
	}
	return ", lead time " + explain.Duration(time.Duration(a.Lead), explain.English)
}

// tellRule says what a rule makes of the defaults; of the empty rule, all of
// them.
func tellRule(w io.Writer, who string, r detect.Rule, all bool) error {
	r.Match, r.Tenant = nil, ""
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
	add(all || r.R != nil, "one false alert in %s, on average%s", long(set.R), byTenant(all))
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
	for _, c := range set.Change {
		if c.Part > 0 {
			add(true, "change %s by more than %v %% within %s", c.Side, 100*c.Part, long(c.Over))
		} else {
			add(true, "change %s by more than %v within %s", c.Side, c.By, long(c.Over))
		}
	}
	for _, a := range set.Forecast {
		add(true, "forecast %s %v within %s%s", a.Side, a.Value, long(a.Within), leadOf(a))
	}
	add(set.Forecast != nil && len(set.Forecast) == 0, "no forecasts")
	add(set.HalfLife > 0, "the past loses half its weight in %s", long(set.HalfLife))
	add(r.Zone != "", "wall time %s", r.Zone)
	add(len(set.Off) > 0, "without %s", strings.Join(set.Off, ", "))
	add(r.Calendar != "", "by the days of calendar %s", r.Calendar)
	if h := r.Schedule; h != nil {
		add(true, "silences count in the hours %s, from %s after their opening on", h.Hours, long(h.Late))
	}
	if f := r.Floor; f != nil {
		add(true, "told from %v and %v %% beyond the expected value on", f.By, 100*f.Part)
	}
	if v := r.Volume; v != nil {
		add(true, "judged from %v %s on", v.Least, v.Of)
	}
	_, err = fmt.Fprintf(w, "  %s: %s\n", who, strings.Join(parts, "; "))
	return err
}
