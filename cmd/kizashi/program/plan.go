package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest/catalogue"
)

// planCommand says what watching will cost at AWS, from a list of metrics or
// from what exists.
func planCommand(ctx context.Context, e env, args []string) error {
	var o planOptions
	fs := flagSet(e, "plan", "--list FILE... | --config FILE  [--what-if KEY=VALUE...] [--currency JPY --rate 150]")
	fs.Var(&o.lists, "list", "`file` with metrics: CSV, JSON lines, or what aws cloudwatch list-metrics prints; may be repeated. Nobody is called")
	fs.StringVar(&o.config, "config", "", "the service's configuration `file`; without --list its accounts are asked what exists")
	fs.StringVar(&o.def.tenant, "tenant", "default", "`tenant` of rows that name none")
	fs.StringVar(&o.def.account, "account", "000000000000", "`account` of rows that name none")
	fs.StringVar(&o.def.region, "region", "us-east-1", "`region` of rows that name none")
	fs.Var(&o.whatIfs, "what-if", "another choice, told beside: poll.check=10m, drop=namespace=\"AWS/EBS\", select=..., stat=all, stat.AWS/EC2/CPUUtilization=Average,Maximum, backfill=7d, coarse=false; may be repeated")
	fs.StringVar(&o.prices, "prices", "", "price `file` over the program's own")
	fs.StringVar(&o.currency, "currency", "USD", "`code` of the currency in which amounts are told")
	fs.Float64Var(&o.rate, "rate", 0, "how much of it a dollar is")
	fs.StringVar(&o.rateDay, "rate-as-of", "", "`day` of the rate, such as 2026-11-28")
	asJSON := fs.Bool("json", false, "print JSON")
	lang := fs.String("lang", "", "en or ja (default: from LANG)")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	st, err := style(e, *lang)
	if err != nil {
		return err
	}
	o.lists = append(o.lists, rest...)
	r, err := o.run(ctx, e)
	if err != nil {
		return err
	}
	if *asJSON {
		enc := json.NewEncoder(e.out)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	} else {
		err = tellPlan(e.out, r, st)
	}
	if err == nil && len(r.Blind) > 0 {
		err = errFound
	}
	return err
}

// planOptions are the flags.
type planOptions struct {
	lists, whatIfs paths
	config, prices string
	def            counted
	currency       string
	rate           float64
	rateDay        string
}

// planned is what the command has to say.
type planned struct {
	Plan     cost.Plan  `json:"plan"`
	WhatIf   []compared `json:"what_if"`
	Caps     []overCap  `json:"over_cap"`
	Blind    []string   `json:"blind"` // what could not be asked; the plan is without it
	Typos    []typo     `json:"probably_misspelt"`
	Logs     []logPlan  `json:"logs"` // of accounts that were asked
	Currency currency   `json:"currency"`
	Live     bool       `json:"live"` // from what exists, not from a list
}

// typo is a namespace of a list that the catalogue does not know and that is
// nearly one that it knows.
type typo struct {
	Namespace string `json:"namespace"`
	Nearest   string `json:"did_you_mean"`
}

// typosIn finds the namespaces that are probably misspelt.
func typosIn(rows []counted, c *catalogue.Catalogue) []typo {
	out := []typo{}
	for _, r := range rows {
		near := c.Nearest(r.namespace)
		t := typo{r.namespace, near}
		if near != "" && near != r.namespace && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// overCap is a daily cap that the plan does not fit.
type overCap struct {
	Tenant  string     `json:"tenant"`
	Account string     `json:"account,omitempty"` // "" = of the tenant
	Cap     float64    `json:"cap"`
	Day     cost.Money `json:"day"`
}

// currency in which amounts are told. The plan itself is in USD.
type currency struct {
	Code string  `json:"code"`
	Rate float64 `json:"rate"`            // of it to a dollar
	AsOf string  `json:"as_of,omitempty"` // "" = nobody said
}

var currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)

func (o *planOptions) money() (currency, error) {
	c := currency{Code: o.currency, Rate: o.rate, AsOf: o.rateDay}
	switch {
	case !currencyForm.MatchString(o.currency):
		return c, fmt.Errorf("--currency: want three capital letters such as JPY, not %q", o.currency)
	case o.currency == "USD" && o.rate == 0:
		c.Rate = 1
	case o.currency == "USD" && o.rate != 1:
		return c, errors.New("--rate needs a --currency beside USD")
	case o.rate == 0:
		return c, fmt.Errorf("--currency %s needs --rate: how many %s a dollar is", o.currency, o.currency)
	case o.rate < 0 || math.IsNaN(o.rate) || math.IsInf(o.rate, 0):
		return c, fmt.Errorf("--rate: want more than 0, not %v", o.rate)
	}
	if o.rateDay != "" {
		if _, err := time.Parse(time.DateOnly, o.rateDay); err != nil {
			return c, fmt.Errorf("--rate-as-of: want a day such as 2026-11-28, not %q", o.rateDay)
		}
	}
	return c, nil
}

func (o *planOptions) run(ctx context.Context, e env) (r planned, err error) {
	if r.Currency, err = o.money(); err != nil {
		return r, errUsage{err}
	}
	var ifs []whatIf
	for _, text := range o.whatIfs {
		w, err := parseWhatIf(text)
		if err != nil {
			return r, errUsage{err}
		}
		ifs = append(ifs, w)
	}
	scopes, cfg, err := o.scopes(ctx, e, &r)
	if err != nil {
		return r, err
	}
	if o.prices != "" {
		if err := cfg.Prices.Override(o.prices); err != nil {
			return r, err
		}
	}
	if r.Plan, err = planOf(ctx, scopes, cfg.Prices); err != nil {
		return r, err
	}
	r.Caps = capsOver(cfg, r.Plan)
	r.WhatIf = []compared{}
	add := func(name string, what ...whatIf) error {
		p, err := planOf(ctx, changed(scopes, what...), cfg.Prices)
		if err != nil {
			return fmt.Errorf("--what-if %s: %w", name, err)
		}
		c, err := compare(name, r.Plan.Total, p.Total)
		if err != nil {
			return errUsage{err}
		}
		r.WhatIf = append(r.WhatIf, c)
		return nil
	}
	for _, w := range ifs {
		if err := add(w.text, w); err != nil {
			return r, err
		}
	}
	if len(ifs) > 1 {
		err = add(allOfThem, ifs...)
	}
	return r, err
}

// allOfThem is the name of all what-ifs together.
const allOfThem = "all"

// scopes are those of the lists, or else of the configuration's accounts.
func (o *planOptions) scopes(ctx context.Context, e env, r *planned) ([]*scope, *config.Config, error) {
	r.Blind, r.Caps, r.Typos, r.Logs = []string{}, []overCap{}, []typo{}, []logPlan{}
	cfg := &config.Config{}
	var err error
	switch {
	case o.config != "":
		cfg, err = e.load(o.config)
	case len(o.lists) == 0:
		return nil, nil, errUsage{errors.New("want --list with what exists, or --config to ask AWS")}
	default:
		if cfg.Catalogue, err = catalogue.Load(); err == nil {
			cfg.Prices, err = cost.Load()
		}
	}
	if err != nil {
		return nil, nil, err
	}
	if len(o.lists) == 0 {
		r.Live = true
		scopes, err := liveScopes(ctx, cfg, r)
		return scopes, cfg, err
	}
	var rows []counted
	for _, file := range o.lists {
		more, err := readList(file, o.def)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, more...)
	}
	r.Typos = typosIn(rows, cfg.Catalogue)
	scopes, err := scopesOf(ctx, rows, cfg)
	return scopes, cfg, err
}

// capsOver are the caps that a day would not keep to if nothing gave way.
func capsOver(cfg *config.Config, p cost.Plan) []overCap {
	out := []overCap{}
	for _, t := range cfg.Tenants {
		for _, r := range p.Tenants {
			if r.Tenant == t.Name && t.Cap > 0 && r.Day.USD > t.Cap {
				out = append(out, overCap{t.Name, "", t.Cap, r.Day})
			}
		}
		seen := map[string]bool{}
		for _, a := range t.Accounts {
			for _, r := range p.Accounts {
				if r.Tenant == t.Name && r.Account == a.ID && !seen[a.ID] && a.Cap > 0 && r.Day.USD > a.Cap {
					seen[a.ID] = true
					out = append(out, overCap{t.Name, a.ID, a.Cap, r.Day})
				}
			}
		}
	}
	return out
}

// zeroDigits are currencies without a smaller coin.
var zeroDigits = map[string]bool{"JPY": true, "KRW": true, "VND": true, "CLP": true}

// write an amount: two digits, none of a currency that has no smaller coin,
// and a mark where a price in it is unverified.
func (c currency) write(m cost.Money) string {
	digits, least := 2, 0.01
	if zeroDigits[c.Code] {
		digits, least = 0, 1
	}
	v := m.USD * c.Rate
	s := grouped(v, digits)
	if a := math.Abs(v); a > 0 && a < least/2 {
		s = "<" + grouped(least, digits)
	}
	if m.Unverified {
		s += "*"
	}
	return s
}

// grouped writes a number with so many digits and its thousands apart.
func grouped(v float64, digits int) string {
	s := fmt.Sprintf("%.*f", digits, math.Abs(v))
	whole, frac, _ := strings.Cut(s, ".")
	out := explain.Count(int(mustInt(whole)))
	if frac != "" {
		out += "." + frac
	}
	if v < 0 && strings.Trim(s, "0.") != "" {
		out = "-" + out
	}
	return out
}

func mustInt(s string) (n int64) {
	for _, r := range s {
		n = n*10 + int64(r-'0')
	}
	return n
}
