package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/ingest/catalogue"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

// discovery is a run of the command.
type discovery struct {
	env
	cfg       *config.Config
	json      bool
	tenant    string
	account   string
	region    string
	old       []*inventory.Snapshot // to compare with
	comparing bool
	found     []*inventory.Snapshot
	reports   []discovered
	failed    int
}

// discovered is what the command says of one region, as JSON.
type discovered struct {
	Tenant   string              `json:"tenant"`
	Account  string              `json:"account"`
	Region   string              `json:"region"`
	Error    string              `json:"error,omitempty"` // it could not be read
	Coverage *inventory.Coverage `json:"coverage,omitempty"`
	Changes  []inventory.Change  `json:"changes,omitempty"`
	Logs     []discoveredLogs    `json:"logs,omitempty"` // where the configuration reads logs
}

// discoverCommand asks AWS what exists, and says what of it is watched, and why
// the rest is not. At AWS it only reads. An account that cannot be read stops
// no other.
func discoverCommand(ctx context.Context, e env, args []string) error {
	fs := flagSet(e, "discover", "--config FILE [--tenant NAME] [--account ID] [--region R] [--save FILE] [--diff FILE] [--json]")
	file := fs.String("config", "", "the configuration `file`")
	save := fs.String("save", "", "write what was found to this `file`, to compare with later")
	diff := fs.String("diff", "", "say what changed since this `file` was saved")
	d := &discovery{env: e}
	fs.BoolVar(&d.json, "json", false, "write JSON")
	fs.StringVar(&d.tenant, "tenant", "", "only this tenant: its `name`")
	fs.StringVar(&d.account, "account", "", "only this account: its twelve `digits`")
	fs.StringVar(&d.region, "region", "", "only this `region`")
	rest, err := parse(fs, args)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return errUsage{fmt.Errorf("%q is not understood", rest[0])}
	case *file == "":
		return errUsage{errors.New("--config is needed")}
	}
	if d.cfg, err = e.load(*file); err != nil {
		return err
	}
	if d.tenant != "" {
		if _, err := oneTenant(d.cfg, d.tenant); err != nil {
			return err
		}
	}
	if d.comparing = *diff != ""; d.comparing {
		if d.old, err = inventory.Load(*diff); err != nil {
			return err
		}
	}
	if err := d.all(ctx); err != nil {
		return err
	}
	if err := d.tell(); err != nil {
		return err
	}
	if *save != "" && len(d.found) > 0 {
		if err := inventory.Save(*save, d.found); err != nil {
			return err
		}
	}
	if d.failed > 0 {
		return fmt.Errorf("%d of %d regions could not be read", d.failed, len(d.reports))
	}
	return nil
}

// all regions of all accounts that were asked for.
func (d *discovery) all(ctx context.Context) error {
	for _, t := range d.cfg.Tenants {
		for _, a := range t.Accounts {
			if d.tenant != "" && t.Name != d.tenant || d.account != "" && a.ID != d.account {
				continue
			}
			if err := d.one(ctx, t, a); err != nil {
				return err
			}
		}
	}
	if len(d.reports) == 0 {
		return errUsage{fmt.Errorf("--account %q --region %q: the configuration has no such account and region (there are %s)", d.account, d.region, strings.Join(d.places(), ", "))}
	}
	return nil
}

// places that the configuration has.
func (d *discovery) places() (out []string) {
	for _, t := range d.cfg.Tenants {
		for _, a := range t.Accounts {
			for _, region := range a.Regions {
				out = append(out, a.In(region))
			}
		}
	}
	return out
}

// one account.
func (d *discovery) one(ctx context.Context, t config.Tenant, a config.Account) (err error) {
	s, err := access.Open(ctx, a.Account, access.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, region := range a.Regions {
		if d.region != "" && region != d.region {
			continue
		}
		r := discovered{Tenant: t.Name, Account: a.ID, Region: region}
		snap, err := inventory.Scan(ctx, inventory.Options{Region: s.Region(region), Linked: a.Monitoring,
			Tags: a.Discover.Tags, Instances: a.Discover.Instances, Groups: a.Discover.Groups, Agents: a.Discover.Agents, Last: d.before(a.ID, region), Now: time.Now})
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			r.Error = err.Error()
			d.failed++
		default:
			d.found = append(d.found, snap)
			groups := groupsOf(a, snap)
			c := snap.Coverage(snap.Choose(selection(a, d.cfg.Catalogue)), groups)
			r.Coverage = &c
			if old := d.before(a.ID, region); old != nil {
				r.Changes = inventory.Diff(old, snap, groups)
			}
		}
		if r.Error == "" && a.Logs != nil {
			if r.Logs, err = d.logs(ctx, a, s.Region(region)); ctx.Err() != nil {
				return ctx.Err()
			} else if err != nil {
				r.Error = err.Error()
				d.failed++
			}
		}
		d.reports = append(d.reports, r)
	}
	return nil
}

// before is what was saved of a region, or nil.
func (d *discovery) before(account, region string) *inventory.Snapshot {
	i := slices.IndexFunc(d.old, func(s *inventory.Snapshot) bool { return s.Account == account && s.Region == region })
	if i < 0 {
		return nil
	}
	return d.old[i]
}

func (d *discovery) tell() error {
	if d.json {
		enc := json.NewEncoder(d.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(d.reports)
	}
	for i, r := range d.reports {
		if i > 0 {
			fmt.Fprintln(d.out)
		}
		fmt.Fprintf(d.out, "Tenant %s\n", r.Tenant)
		if err := d.regionText(d.out, r); err != nil {
			return err
		}
	}
	return nil
}

func (d *discovery) regionText(w io.Writer, r discovered) error {
	lang := string(d.cfg.LanguageOf(r.Tenant))
	if r.Error != "" {
		_, err := fmt.Fprintln(w, r.Error) // it names account and region
		return err
	}
	if err := r.Coverage.Tell(w, lang); err != nil {
		return err
	}
	if err := tellLogs(w, r.Logs, lang); err != nil || !d.comparing {
		return err
	}
	fmt.Fprintln(w)
	if d.before(r.Account, r.Region) == nil {
		_, err := fmt.Fprintln(w, map[string]string{"en": "This region is not in the saved file: there is nothing to compare with.",
			"ja": "保存したファイルにこのリージョンがないため、比較できません。"}[lang])
		return err
	}
	return inventory.TellChanges(w, r.Changes, lang)
}

// selection is what the configuration of an account watches.
func selection(a config.Account, c *catalogue.Catalogue) inventory.Selection {
	sel := inventory.Selection{Select: a.Select, Drop: a.Drop, Labels: a.Labels, Catalogue: c}
	if len(a.Linked) > 0 {
		sel.Accounts = append([]string{a.ID}, a.Linked...)
	}
	if len(a.Namespaces) == 0 {
		sel.Want = inventory.Default(c)
	}
	for _, n := range a.Namespaces {
		for _, m := range n.Metrics {
			sel.Want = append(sel.Want, wants(n.Name, m, c)...)
		}
		for _, m := range c.Metrics(n.Name) {
			if len(n.Metrics) == 0 && m.Class != "record" {
				sel.Want = append(sel.Want, inventory.WantsOf(m)...)
			}
		}
	}
	return sel
}

// wants of a metric that the configuration names: what it does not say, the
// catalogue does.
func wants(namespace string, m cloudwatch.Metric, c *catalogue.Catalogue) []inventory.Want {
	ws := []inventory.Want{{Namespace: namespace, Metric: m.Name}}
	if known, ok := c.Find(namespace, m.Name); ok {
		ws = inventory.WantsOf(known)
	}
	for i := range ws {
		if m.Statistic != "" {
			ws[i].Statistic = m.Statistic
		}
		if ws[i].Statistic == "" {
			ws[i].Statistic = "Average"
		}
		if len(m.Dimensions) > 0 {
			ws[i].Dimensions = m.Dimensions
		}
	}
	return ws
}

// groupsOf names the group of a metric, as the source does.
func groupsOf(a config.Account, snap *inventory.Snapshot) func(inventory.Metric) string {
	spaces := map[string]cloudwatch.Namespace{}
	for _, n := range a.Namespaces {
		spaces[n.Name] = n
	}
	return func(m inventory.Metric) string {
		n := spaces[m.Namespace]
		if a.GroupBy != "" {
			if v := snap.Series(m, "", a.Labels).Get(a.GroupBy); v != "" {
				return v
			}
		}
		if v := m.Dimensions[n.GroupBy]; n.GroupBy != "" && v != "" {
			return v
		}
		if n.Group != "" {
			return n.Group
		}
		return m.Namespace
	}
}
