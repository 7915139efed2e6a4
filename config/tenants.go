package config

import (
	"maps"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// Tenant is one customer: what is read for it, what that may cost, and in
// which language its alerts are written.
type Tenant struct {
	Line     int // in the file
	Name     string
	Zone     string // IANA name; "" = UTC
	Language explain.Lang
	Cap      float64    // USD that a UTC day may cost at AWS; 0 = no cap
	Mode     alert.Mode // who hears of its alerts
	Digest   string     // "08:30", wall time of the zone: when its day is told; "" = not at all
	Calendar string     // by whose days its series are judged, unless a rule names another; "" = all days alike
	Weekly   float64    // false notifications a week that are acceptable over all its series of class act
	Accounts []Account
}

// Account is one AWS account, in one region or in several.
type Account struct {
	Line           int    // in the file, for errors that only show later
	Zone           string // of its tenant
	access.Account        // how to get there
	Regions        []string
	Cap            float64 // USD that a UTC day may cost; 0 = no cap of its own

	Labels      map[string]string
	Namespaces  []cloudwatch.Namespace // none = what the catalogue knows and the account has
	Series      []cloudwatch.Declared
	Expressions []cloudwatch.Expression
	Select      []kizashi.Matchers // a series that none of them matches is not watched; none = every series
	Drop        []kizashi.Matchers // one that any of them matches is not
	GroupBy     string             // label whose value is the group
	Monitoring  bool               // it sees metrics of other accounts (Observability Access Manager)
	Linked      []string           // those accounts; none = all that it sees
	Discover    Discover
	Poll        map[string]time.Duration // by class; what is missing has the source's default
	Backfill    time.Duration            // 0 = the default, negative = none
	Overlap     time.Duration
	Coarse      bool  // the coarser history of up to 455 days is read too
	Logs        *Logs // nil = no log group is read
}

// Discover says what is read beside the list of metrics.
type Discover struct {
	Tags      bool // of resources
	Instances bool // state of EC2's
	Groups    bool // of Auto Scaling
	Agents    bool // Systems Manager's word on instances
}

// Classes are how much a series matters to the reading of it: each has a poll
// interval of its own, and gives way to a cap in its turn.
func Classes() []string { return []string{"act", "check", "record", "guard"} }

// In says how the account's line calls it in errors and reports.
func (a Account) In(region string) string { return a.ID + " in " + region }

func (w *walker) tenant(c *Config, n *yaml.Node, name string) Tenant {
	t := Tenant{Line: n.Line, Mode: alert.Live, Weekly: kizashi.DefaultWeekly}
	w.Fields(n, name, map[string]func(*yaml.Node){
		"name":     w.Text(&t.Name, name+".name"),
		"zone":     w.zone(&t.Zone, name+".zone"),
		"language": w.language(&t.Language, name+".language"),
		"cap":      w.cap(&t.Cap, name+".cap"),
		"mode":     w.mode(&t.Mode, name+".mode"),
		"digest":   w.timeOfDay(&t.Digest, name+".digest"),
		"calendar": func(n *yaml.Node) {
			w.needed(&t.Calendar, name+".calendar")(n)
			of := t.Calendar
			w.afterwards = append(w.afterwards, func() { w.daysOf(c, n, name+".calendar", of) })
		},
		"accounts": w.List(name+".accounts", func(n *yaml.Node, name string) {
			t.Accounts = append(t.Accounts, w.account(c, n, name))
		}),
		"false_notifications_per_week": w.weekly(&t.Weekly, name+".false_notifications_per_week"),
	})
	if t.Name == "" {
		w.Fail(n, "%s: name is missing", name)
	}
	if len(t.Accounts) == 0 {
		w.Fail(n, "%s: accounts: want at least one", name)
	}
	return t
}

func (w *walker) account(c *Config, n *yaml.Node, name string) Account {
	a, before := Account{Line: n.Line, Discover: Discover{true, true, true, true}}, w.Faults()
	coarse := new(bool)
	fields := map[string]func(*yaml.Node){
		"account":      w.accountID(&a.ID, name+".account"),
		"region":       w.region(&a.Regions, name+".region"),
		"regions":      w.regions(&a.Regions, name+".regions"),
		"role":         w.Text(&a.Role, name+".role"),
		"external_id":  w.externalID(&a.ExternalID, name+".external_id"),
		"session_tags": w.sessionTags(&a.Tags, name+".session_tags"),
		"endpoint":     w.url(&a.Endpoint, name+".endpoint"),
		"protocol":     w.oneOf(&a.Protocol, name+".protocol", "cbor", "json", "query"),
		"share":        w.share(&a.Share, name+".share"),
		"cap":          w.cap(&a.Cap, name+".cap"),
		"poll":         w.poll(&a.Poll, name+".poll"),
		"backfill":     w.backfill(&a.Backfill, name+".backfill"),
		"overlap":      w.Duration(&a.Overlap, name+".overlap"),
		"coarse":       func(n *yaml.Node) { w.Bool(coarse, name+".coarse")(n); a.Coarse = *coarse; coarse = nil },
		"labels":       w.Texts(&a.Labels, name+".labels"),
		"logs":         w.logs(&a.Logs, name+".logs"),
	}
	maps.Copy(fields, w.watch(c, &a, name))
	w.Fields(n, name, fields)
	if coarse != nil {
		a.Coarse = a.Backfill >= 0 // who wants no history at all wants no coarse one either
	}
	if a.Logs != nil { // its log groups have them too
		w.logLabels(n, a.Labels, name)
	}
	if before == w.Faults() {
		w.whole(n, a, name)
	}
	return a
}

// watch are the keys that say what is read of an account.
func (w *walker) watch(c *Config, a *Account, name string) map[string]func(*yaml.Node) {
	return map[string]func(*yaml.Node){
		"namespaces": w.List(name+".namespaces", func(n *yaml.Node, name string) {
			a.Namespaces = append(a.Namespaces, w.namespace(c, n, name))
		}),
		"series": w.List(name+".series", func(n *yaml.Node, name string) {
			a.Series = append(a.Series, w.declared(c, n, name))
		}),
		"expressions": w.List(name+".expressions", func(n *yaml.Node, name string) {
			a.Expressions = append(a.Expressions, w.expression(c, n, name))
		}),
		"select":     w.alternatives(&a.Select, name+".select"),
		"drop":       w.alternatives(&a.Drop, name+".drop"),
		"group_by":   w.needed(&a.GroupBy, name+".group_by"),
		"monitoring": w.Bool(&a.Monitoring, name+".monitoring"),
		"linked": w.List(name+".linked", func(n *yaml.Node, name string) {
			var id string
			w.accountID(&id, name)(n)
			a.Linked = append(a.Linked, id)
		}),
		"discover": func(n *yaml.Node) {
			w.Fields(n, name+".discover", map[string]func(*yaml.Node){
				"tags":      w.Bool(&a.Discover.Tags, name+".discover.tags"),
				"instances": w.Bool(&a.Discover.Instances, name+".discover.instances"),
				"groups":    w.Bool(&a.Discover.Groups, name+".discover.groups"),
				"agents":    w.Bool(&a.Discover.Agents, name+".discover.agents"),
			})
		},
	}
}

// whole checks what needs more than one field of an account.
func (w *walker) whole(n *yaml.Node, a Account, name string) {
	if a.ID == "" {
		w.Fail(n, "%s: account is missing", name)
	}
	if len(a.Regions) == 0 {
		w.Fail(n, "%s: region is missing", name)
	}
	if a.Role == "" && (a.ExternalID != "" || len(a.Tags) > 0) {
		w.Fail(n, "%s: external_id and session_tags go with a role, and there is none", name)
	}
	if a.Role != "" {
		w.role(n, a, name)
	}
	if len(a.Linked) > 0 && !a.Monitoring {
		w.Fail(n, "%s: linked names accounts, so monitoring must be true", name)
	}
	for i, d := range a.Series {
		if d.Account != "" && d.Account != a.ID && !a.Monitoring {
			w.Fail(n, "%s.series[%d]: account %s is seen by a monitoring account only, and monitoring is not true", name, i, d.Account)
		}
	}
	if slices.Contains(a.Linked, a.ID) {
		w.Fail(n, "%s: linked names the account itself", name)
	}
}

// apart checks that no two tenants share a name or an account, and that no
// account of a tenant is read twice: its series would be taken for the same,
// or one customer's for another's.
func (w *walker) apart(c *Config, root *yaml.Node) {
	tenants, owner := map[string]bool{}, map[string]string{}
	for _, t := range c.Tenants {
		if t.Name != "" && tenants[t.Name] {
			w.Fail(&yaml.Node{Line: t.Line}, "tenants: two are named %q", t.Name)
		}
		tenants[t.Name] = true
		seen := map[string]string{} // account and region, to how it is read
		for _, a := range t.Accounts {
			for _, id := range append([]string{a.ID}, a.Linked...) {
				if of, ok := owner[id]; ok && of != t.Name && id != "" {
					w.Fail(&yaml.Node{Line: a.Line}, "account %s belongs to tenant %q and to tenant %q; each account has one tenant", id, of, t.Name)
					continue
				}
				owner[id] = t.Name
			}
			w.once(t, a, seen)
		}
	}
}

// once checks that a tenant's account is read once in a region: by itself, or
// through one monitoring account.
func (w *walker) once(t Tenant, a Account, seen map[string]string) {
	for _, region := range a.Regions {
		for _, id := range append([]string{a.ID}, a.Linked...) {
			k := id + " in " + region
			through, twice := seen[k]
			switch {
			case twice && through == a.ID:
				w.Fail(&yaml.Node{Line: a.Line}, "tenant %s: account %s stands twice", t.Name, k)
			case twice:
				w.Fail(&yaml.Node{Line: a.Line}, "tenant %s: account %s would be read twice: through %s and through %s", t.Name, k, through, a.ID)
			}
			seen[k] = a.ID
		}
	}
}
