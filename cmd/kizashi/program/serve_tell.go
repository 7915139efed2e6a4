package program

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest/catalogue"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
	"github.com/kizashi-ops/kizashi/ingest/metricfilter"
)

// tellConfig says what a configuration means.
func tellConfig(w io.Writer, cfg *config.Config, lanes []service.Lane, k known) error {
	fmt.Fprintf(w, "%s is sound.\n", cfg.File)
	for _, t := range cfg.Tenants {
		zone := t.Zone
		if zone == "" {
			zone = "UTC"
		}
		fmt.Fprintf(w, "\nTenant %s: wall time %s, alerts in %s%s%s\n", t.Name, zone, languages[t.Language], lifeOf(t), capOf(", ", t.Cap))
		tellTarget(w, &t, k)
		for _, a := range t.Accounts {
			for _, region := range a.Regions {
				tellAccount(w, a, region, cfg.Catalogue)
			}
		}
	}
	if k.why != nil {
		fmt.Fprintf(w, "\nThe series that are known cannot be counted: %s\n", k.why)
	}
	for _, o := range k.off {
		fmt.Fprintf(w, "\nWARNING the detector %s is off for all series since %s, by %s: %s\n", o.Model, o.Command.At, explain.Clean(o.Command.Author), explain.Clean(o.Command.Reason))
	}
	fmt.Fprintln(w, "\nRules, later ones over earlier ones:")
	if err := tellRule(w, "every series", detect.Rule{}, true); err != nil {
		return err
	}
	for _, r := range cfg.Detect.Rules {
		who := matchOf(r.Match)
		if r.Tenant != "" {
			who += " of " + r.Tenant
		}
		if err := tellRule(w, who, r, false); err != nil {
			return err
		}
	}
	tellLife(w, cfg, lanes)
	tellHeart(w, cfg)
	_, err := fmt.Fprintf(w, "\nData in %s, HTTP on %s\n", cfg.Storage.Path, cfg.Web.Listen)
	return err
}

var languages = map[explain.Lang]string{explain.English: "English", explain.Japanese: "Japanese"}

// tellHeart says who is told of Kizashi's own health.
func tellHeart(w io.Writer, cfg *config.Config) {
	h := cfg.Heartbeat
	if !h.On() {
		fmt.Fprintln(w, "\nNo heartbeat is configured: nobody notices when Kizashi is gone.")
		return
	}
	fmt.Fprintf(w, "\nA heartbeat goes out every %s to:\n", explain.Duration(h.Every, explain.English))
	for _, u := range h.Alertmanager {
		fmt.Fprintln(w, "  alertmanager "+config.HostOf(u))
	}
	if h.HTTP.Set() {
		fmt.Fprintf(w, "  http %s %s\n", h.Method, config.HostOf(h.HTTP))
	}
	if h.SNS != nil {
		fmt.Fprintln(w, "  sns "+h.SNS.Topic)
	}
}

// tellAccount says what is read of an account in one region, and as whom.
func tellAccount(w io.Writer, a config.Account, region string, known *catalogue.Catalogue) {
	fmt.Fprintf(w, "  account %s%s\n", a.In(region), asWhom(a))
	for _, line := range accountLines(a) {
		fmt.Fprintln(w, "    "+line)
	}
	if len(a.Namespaces) == 0 {
		fmt.Fprintln(w, "    every namespace that the catalogue knows and the account has")
	}
	for _, n := range a.Namespaces {
		names := []string{}
		for _, m := range n.Metrics {
			names = append(names, m.Name)
		}
		if len(names) == 0 {
			names = watched(known, n.Name)
		}
		fmt.Fprintf(w, "    %-20s %s\n", n.Name, few(names))
	}
	for _, s := range a.Series {
		fmt.Fprintf(w, "    declared             %s %s %s\n", s.Namespace, s.Metric, kizashi.LabelsOf(s.Dimensions))
	}
	for _, e := range a.Expressions {
		fmt.Fprintf(w, "    expression           %s = %s\n", e.Name, e.Expression)
	}
	tellLogRules(w, a.Logs)
}

// tellLogRules says which log groups are read, and how.
func tellLogRules(w io.Writer, l *config.Logs) {
	if l == nil {
		return
	}
	long := func(d time.Duration) string { return explain.Duration(d, explain.English) }
	history := "no history"
	if l.Backfill >= 0 {
		history = fmt.Sprintf("history of %s within %s", long(cmp.Or(l.Backfill, logs.DefaultBackfill)), sizeText(float64(cmp.Or(l.Budget, logs.DefaultBudget))))
	}
	fmt.Fprintf(w, "    logs                 %s, read again by %s for late events\n", history, long(cmp.Or(l.Overlap, logs.DefaultOverlap)))
	for _, r := range l.Rules {
		how := "held back " + long(r.Hold())
		if r.Skip {
			how = "not read"
		}
		fmt.Fprintf(w, "    log groups           %s: %s\n", r.Choice(), how)
		for _, m := range r.Metrics {
			fmt.Fprintf(w, "      metric filter      %s\n", filterText(m))
		}
	}
	for _, r := range l.Mask.Own {
		fmt.Fprintf(w, "    masked too           <%s>: %s\n", r.Name, explain.Clean(r.Pattern))
	}
	if n := len(l.Mask.Off); n > 0 {
		fmt.Fprintf(w, "    NOT masked           %v\n", l.Mask.Off)
	}
}

// filterText says what a metric filter makes of which lines.
func filterText(m metricfilter.Metric) string {
	s := fmt.Sprintf("%s %s, %s of %s", m.Namespace, m.Name, cmp.Or(m.Statistic, "Sum"), m.Value)
	if len(m.Dimensions) > 0 {
		s += " by " + strings.Join(slices.Sorted(maps.Keys(m.Dimensions)), ", ")
	}
	return explain.Clean(s + ": " + cmp.Or(m.Filter, "every line"))
}

func asWhom(a config.Account) string {
	s := ""
	if a.Role != "" {
		s = ", as " + a.Role
	}
	if a.Role != "" && a.ExternalID == "" {
		s += " (without an external id)"
	}
	if a.Endpoint != "" {
		s += ", at " + a.Endpoint
	}
	return s
}

// accountLines are what an account says of the way it is read.
func accountLines(a config.Account) (out []string) {
	add := func(on bool, format string, args ...any) {
		if on {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	add(a.Cap > 0, "%s", capOf("", a.Cap))
	add(a.Share > 0, "at most %v %% of each API's quota", 100*a.Share)
	add(a.Monitoring, "a monitoring account, which sees %s", linkedOf(a))
	if len(a.Poll) > 0 {
		var each []string
		for _, c := range slices.Sorted(maps.Keys(a.Poll)) {
			each = append(each, c+" every "+explain.Duration(a.Poll[c], explain.English))
		}
		add(true, "polled: %s", strings.Join(each, ", "))
	}
	add(len(a.Select) > 0, "only what matches %s", anyOf(a.Select))
	add(len(a.Drop) > 0, "without what matches %s", anyOf(a.Drop))
	add(a.GroupBy != "", "grouped by %s", a.GroupBy)
	var off []string
	for _, d := range []struct {
		name string
		on   bool
	}{{"tags", a.Discover.Tags}, {"instances", a.Discover.Instances}, {"groups", a.Discover.Groups}, {"agents", a.Discover.Agents}} {
		if !d.on {
			off = append(off, d.name)
		}
	}
	add(len(off) > 0, "without looking at %s", strings.Join(off, ", "))
	add(a.Backfill < 0, "no history is read first")
	add(a.Backfill > 0, "%s of history are read first", explain.Duration(max(a.Backfill, time.Second), explain.English))
	const minutes = 14 * 24 * time.Hour // of the 15 days that CloudWatch keeps
	add(a.Backfill > minutes, "points of a minute go back %s at the most: CloudWatch keeps them for 15 days", explain.Duration(minutes, explain.English))
	return out
}

func linkedOf(a config.Account) string {
	if len(a.Linked) == 0 {
		return "every account that is linked to it"
	}
	return strings.Join(a.Linked, ", ")
}

func anyOf(ms []kizashi.Matchers) string {
	var each []string
	for _, m := range ms {
		each = append(each, matchOf(m))
	}
	return strings.Join(each, " or ")
}

func capOf(sep string, usd float64) string {
	if usd == 0 {
		return ""
	}
	return fmt.Sprintf("%sat most %.2f USD a day", sep, usd)
}

// watched are the metrics of a namespace that are read where the
// configuration names none: those on which somebody acts or looks.
func watched(known *catalogue.Catalogue, namespace string) (out []string) {
	for _, m := range known.Metrics(namespace) {
		if m.Class != "record" {
			out = append(out, m.Name)
		}
	}
	return out
}

// few names the first ones.
func few(names []string) string {
	const shown = 6
	if len(names) <= shown+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d others", strings.Join(names[:shown], ", "), len(names)-shown)
}
