// Package config reads the service's one YAML file, strictly: what it does
// not know, and what cannot be, is an error that names file, line and field,
// and all faults of a file are told at once.
//
// It opens nothing but that file and decides nothing: it gives each part the
// configuration that the part itself defines.
package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest/catalogue"
	"github.com/kizashi-ops/kizashi/yamlstrict"
)

// Config is what the file says, with the defaults filled in.
type Config struct {
	File       string
	Language   explain.Lang
	Tenants    []Tenant
	Detect     detect.Config
	External   string     // URL under which people reach this service; "" = not at all
	Receivers  []Receiver // the default one first, if there is one
	Routes     []Route
	Hours      []Hours
	Calendars  []Calendar
	Inhibit    []Inhibition
	Declared   []Declared // mutes, exclusions and expectations
	Jobs       []Job
	Owners     []Owner // the first that matches
	Redundancy []Redundancy
	Severities []SeverityRule
	Modes      []ModeRule // the last that matches, over the tenant's
	Heartbeat  Heartbeat
	BlindAfter time.Duration        // how long Kizashi may see nothing before it says so; 0 = the pipeline's default
	Catalogue  *catalogue.Catalogue // what is known of metrics, with the file's own additions
	Prices     *cost.Prices         // what AWS asks, with the file's own additions
	Storage    Storage
	Web        Web
}

// SNS is one topic.
type SNS struct {
	Topic    string // ARN
	Region   string // "" = that of the ARN
	Endpoint string // "" = AWS's own
}

// Storage is where the service keeps what must survive.
type Storage struct {
	Path string // data directory
}

// Web is the service's HTTP side.
type Web struct {
	Listen string // host:port
}

// Defaults of what the file leaves out.
const (
	DefaultListen  = "127.0.0.1:9690" // loopback: nobody else sees it unless asked for
	DefaultPath    = "data"
	DefaultResend  = time.Minute
	shortestResend = time.Second
)

// Load reads a file. own are the names of detectors beside those of
// [models.All].
func Load(file string, own ...string) (*Config, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return Parse(file, b, own...)
}

// LoadRules reads the rules of a file that may be without tenants, for a
// backtest of files.
func LoadRules(file string, own ...string) (detect.Config, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return detect.Config{}, fmt.Errorf("config: %w", err)
	}
	c, err := parse(&walker{Walker: yamlstrict.Walker{File: file}, rulesOnly: true, own: own}, b)
	if err != nil {
		return detect.Config{}, err
	}
	return c.Detect, nil
}

// Parse reads b; file is named in errors.
func Parse(file string, b []byte, own ...string) (*Config, error) {
	return parse(&walker{Walker: yamlstrict.Walker{File: file}, own: own}, b)
}

func parse(w *walker, b []byte) (*Config, error) {
	file := w.File
	root, err := w.Parse(b)
	if err != nil {
		return nil, err
	}
	if root == nil {
		return nil, fmt.Errorf("%s: empty: want tenants:", file)
	}
	c := &Config{File: file, Language: explain.English, Storage: Storage{Path: DefaultPath}, Web: Web{Listen: DefaultListen}}
	if c.Catalogue, err = catalogue.Load(); err != nil {
		return nil, err
	}
	if c.Prices, err = cost.Load(); err != nil {
		return nil, err
	}
	w.config(c, root)
	c.judging()
	for _, check := range w.afterwards {
		check()
	}
	if err := errors.Join(w.Err(), errors.Join(w.files...)); err != nil {
		return nil, err
	}
	c.inherit()
	return c, nil
}

// walker reads this file's nodes.
type walker struct {
	yamlstrict.Walker
	rulesOnly  bool     // the file may be without tenants: files are judged, no account is read
	afterwards []func() // checks that need the whole file, in the order of what they are about
	files      []error  // faults of the files that this one names
	own        []string // names of detectors that are not Kizashi's
}

func (w *walker) config(c *Config, root *yaml.Node) {
	fields := w.life(c)
	maps.Copy(fields, map[string]func(*yaml.Node){
		"language": w.language(&c.Language, "language"),
		"tenants": w.List("tenants", func(n *yaml.Node, name string) {
			c.Tenants = append(c.Tenants, w.tenant(c, n, name))
		}),
		"detect": func(n *yaml.Node) {
			w.Fields(n, "detect", map[string]func(*yaml.Node){
				"rules": w.List("detect.rules", func(n *yaml.Node, name string) {
					c.Detect.Rules = append(c.Detect.Rules, w.rule(c, n, name))
				}),
			})
		},
		"sinks":       func(n *yaml.Node) { w.sinks(c, n) },
		"catalogue":   w.override(c.Catalogue.Override, "catalogue"),
		"prices":      w.override(c.Prices.Override, "prices"),
		"heartbeat":   func(n *yaml.Node) { w.heartbeat(&c.Heartbeat, n) },
		"blind_after": w.atLeast(&c.BlindAfter, time.Minute, "blind_after"),
		"storage": func(n *yaml.Node) {
			w.Fields(n, "storage", map[string]func(*yaml.Node){"path": w.needed(&c.Storage.Path, "storage.path")})
		},
		"web": func(n *yaml.Node) {
			w.Fields(n, "web", map[string]func(*yaml.Node){"listen": w.listen(&c.Web.Listen)})
		},
	})
	w.Fields(root, "the configuration", fields)
	if len(c.Tenants) == 0 && !w.rulesOnly {
		w.Fail(root, "tenants: want at least one, each with a name and accounts")
	}
	w.apart(c, root)
	w.calendars(c)
	w.wayOut(c)
	w.beats(c, root)
}

// life are the keys of what becomes of an alert.
func (w *walker) life(c *Config) map[string]func(*yaml.Node) {
	return map[string]func(*yaml.Node){
		"external_url": w.external(&c.External),
		"receivers":    w.List("receivers", func(n *yaml.Node, name string) { c.Receivers = append(c.Receivers, w.receiver(n, name)) }),
		"routes":       w.List("routes", func(n *yaml.Node, name string) { c.Routes = append(c.Routes, w.route(n, name)) }),
		"hours":        w.List("hours", func(n *yaml.Node, name string) { w.hours(c, n, name) }),
		"calendars":    w.List("calendars", func(n *yaml.Node, name string) { c.Calendars = append(c.Calendars, w.calendar(n, name)) }),
		"inhibit":      w.List("inhibit", func(n *yaml.Node, name string) { c.Inhibit = append(c.Inhibit, w.inhibition(n, name)) }),
		"mutes":        w.says(c, alert.ActMute, "mutes"),
		"exclude":      w.says(c, alert.ActExclude, "exclude"),
		"expect":       w.says(c, alert.ActExpect, "expect"),
		"jobs":         w.List("jobs", func(n *yaml.Node, name string) { w.job(c, n, name) }),
		"owners":       w.List("owners", func(n *yaml.Node, name string) { c.Owners = append(c.Owners, w.owner(n, name)) }),
		"severity":     func(n *yaml.Node) { w.severity(c, n) },
		"modes":        w.List("modes", func(n *yaml.Node, name string) { w.modeRule(c, n, name) }),
	}
}

// external reads the address that links begin with.
func (w *walker) external(into *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		before := w.Faults()
		w.url(into, "external_url")(n)
		if u, err := url.Parse(*into); before == w.Faults() && (err != nil || u.RawQuery != "" || u.Fragment != "" || u.User != nil) {
			w.Fail(n, "external_url: want an address without user, query or fragment, such as https://kizashi.example.com")
		}
		*into = strings.TrimRight(*into, "/")
	}
}

// inherit gives tenants the file's language, and accounts what their tenant
// says.
func (c *Config) inherit() {
	for i := range c.Tenants {
		t := &c.Tenants[i]
		if t.Language == "" {
			t.Language = c.Language
		}
		for j := range t.Accounts {
			t.Accounts[j].Tenant, t.Accounts[j].Zone = t.Name, t.Zone
		}
	}
}

// LanguageOf is the language of a tenant's alerts.
func (c *Config) LanguageOf(tenant string) explain.Lang {
	for _, t := range c.Tenants {
		if t.Name == tenant {
			return t.Language
		}
	}
	return c.Language
}

func (w *walker) language(into *explain.Lang, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		l := explain.Lang(yamlstrict.Resolve(n).Value)
		if (explain.Style{Lang: l}).Check() != nil || l == "" {
			w.Fail(n, "%s: want en or ja, not %q", name, l)
			return
		}
		*into = l
	}
}

// zone reads an IANA name that this machine knows.
func (w *walker) zone(into *string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := w.Scalar(n, name)
		if _, err := calendar.Load(s); ok && err != nil {
			w.Fail(n, "%s: %s", name, err)
		}
		*into = s
	}
}

// needed reads a text that must not be empty.
func (w *walker) needed(into *string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := w.Scalar(n, name)
		if ok && s == "" {
			w.Fail(n, "%s: must not be empty", name)
		}
		*into = s
	}
}

func (w *walker) listen(into *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := w.Scalar(n, "web.listen")
		if _, _, err := net.SplitHostPort(s); ok && err != nil {
			w.Fail(n, "web.listen: want host:port such as %s, not %q", DefaultListen, s)
		}
		*into = s
	}
}
