// Package config reads the service's one YAML file, strictly: what it does
// not know, and what cannot be, is an error that names file, line and field,
// and all faults of a file are told at once.
//
// It opens nothing but that file and decides nothing: it gives each part the
// configuration that the part itself defines.
package config

import (
	"fmt"
	"net"
	"os"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/yamlstrict"
)

// Config is what the file says, with the defaults filled in.
type Config struct {
	File     string
	Language explain.Lang
	Tenants  []Tenant
	Detect   detect.Config
	Sinks    Sinks
	Storage  Storage
	Web      Web
}

// Tenant is one customer: what is read for it, and in which language its
// alerts are written.
type Tenant struct {
	Name     string
	Zone     string // IANA name; "" = UTC
	Language explain.Lang
	Accounts []Account
}

// Account is one account in one region.
type Account struct {
	Line   int // in the file, for errors that only show later
	Source cloudwatch.Config
}

// Sinks are who is told of alerts.
type Sinks struct {
	Alertmanager *Alertmanager
	SNS          *SNS
	Stdout       bool
}

// Alertmanager is a cluster of them; each peer is told everything.
type Alertmanager struct {
	URLs   []string
	Resend time.Duration // how often what fires is told again
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

// Load reads a file.
func Load(file string) (*Config, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return Parse(file, b)
}

// LoadRules reads the rules of a file that may be without tenants, for a
// backtest of files.
func LoadRules(file string) (detect.Config, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return detect.Config{}, fmt.Errorf("config: %w", err)
	}
	c, err := parse(&walker{Walker: yamlstrict.Walker{File: file}, rulesOnly: true}, b)
	if err != nil {
		return detect.Config{}, err
	}
	return c.Detect, nil
}

// Parse reads b; file is named in errors.
func Parse(file string, b []byte) (*Config, error) {
	return parse(&walker{Walker: yamlstrict.Walker{File: file}}, b)
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
	w.config(c, root)
	if err := w.Err(); err != nil {
		return nil, err
	}
	c.inherit()
	return c, nil
}

// walker reads this file's nodes.
type walker struct {
	yamlstrict.Walker
	rulesOnly bool // the file may be without tenants: files are judged, no account is read
}

func (w *walker) config(c *Config, root *yaml.Node) {
	w.Fields(root, "the configuration", map[string]func(*yaml.Node){
		"language": w.language(&c.Language, "language"),
		"tenants": w.List("tenants", func(n *yaml.Node, name string) {
			c.Tenants = append(c.Tenants, w.tenant(n, name))
		}),
		"detect": func(n *yaml.Node) {
			w.Fields(n, "detect", map[string]func(*yaml.Node){
				"rules": w.List("detect.rules", func(n *yaml.Node, name string) {
					c.Detect.Rules = append(c.Detect.Rules, w.rule(n, name))
				}),
			})
		},
		"sinks": func(n *yaml.Node) { w.sinks(&c.Sinks, n) },
		"storage": func(n *yaml.Node) {
			w.Fields(n, "storage", map[string]func(*yaml.Node){"path": w.needed(&c.Storage.Path, "storage.path")})
		},
		"web": func(n *yaml.Node) {
			w.Fields(n, "web", map[string]func(*yaml.Node){"listen": w.listen(&c.Web.Listen)})
		},
	})
	if len(c.Tenants) == 0 && !w.rulesOnly {
		w.Fail(root, "tenants: want at least one, each with a name and accounts")
	}
	w.apart(c, root)
}

// apart checks that no two tenants, and no two accounts of a tenant, share a
// name: their series would be taken for the same.
func (w *walker) apart(c *Config, root *yaml.Node) {
	tenants := map[string]bool{}
	for _, t := range c.Tenants {
		if t.Name != "" && tenants[t.Name] {
			w.Fail(root, "tenants: two are named %q", t.Name)
		}
		tenants[t.Name] = true
		seen := map[string]bool{}
		for _, a := range t.Accounts {
			k := a.Source.Account + " in " + a.Source.Region
			if seen[k] {
				w.Fail(&yaml.Node{Line: a.Line}, "tenant %s: account %s stands twice", t.Name, k)
			}
			seen[k] = true
		}
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
			t.Accounts[j].Source.Tenant, t.Accounts[j].Source.Zone = t.Name, t.Zone
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
