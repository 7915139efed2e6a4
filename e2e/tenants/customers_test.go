// Package tenants runs the service for random customers whose accounts fail in
// random ways, and looks in all that it says for one customer's names under
// another's.
package tenants

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/e2e/virtual"
)

var (
	begin   = time.Date(2026, 9, 8, 9, 0, 0, 0, time.UTC)
	regions = []string{"ap-northeast-1", "us-east-1", "eu-west-1"}
	// Names of tenants that are part of each other: whoever takes one for the
	// other by a prefix or a word shows here.
	names = []string{"acme", "acme-eu", "acme-eu-prod", "eu", "me", "acme_eu", "globex", "globe"}
)

// customer is a tenant. Every name that it made carries its mark; its accounts'
// numbers are its own too.
type customer struct {
	tenant   string
	mark     string
	accounts []account
	fault    string // "" = nothing fails
	faults   []awsfake.Fault
	japanese bool
}

type account struct {
	id       string
	regions  []string
	series   int
	external string
	groupBy  bool
	select_  string
	drop     bool
	broken   bool // its role does not take the external id that the configuration has
}

// draw makes customers.
func draw(rnd *rand.Rand, n int) []*customer {
	var out []*customer
	order := rnd.Perm(len(names))
	for i := range n {
		c := &customer{tenant: names[order[i]], mark: word(rnd), japanese: rnd.IntN(2) == 0}
		for k := range 1 + rnd.IntN(2) {
			a := account{id: number(i, k), series: 2 + rnd.IntN(3), groupBy: rnd.IntN(2) == 0, drop: rnd.IntN(3) == 0}
			for _, j := range rnd.Perm(len(regions))[:1+rnd.IntN(2)] {
				a.regions = append(a.regions, regions[j])
			}
			a.external = c.mark + "-external-" + a.id
			switch rnd.IntN(3) {
			case 0:
				a.select_ = `dim_Service=~".*` + c.mark + `.*"`
			case 1:
				a.select_ = `namespace=~".+"`
			}
			c.accounts = append(c.accounts, a)
		}
		out = append(out, c)
	}
	for i, kind := range []string{"revoked", "denied", "down", "throttled", "external"} {
		if i >= n-2 {
			break // two are well in any case
		}
		out[i].fail(kind)
	}
	return out
}

// number of an account: no other number that is shown looks like it.
func number(tenant, n int) string {
	return fmt.Sprintf("%012d", 274_913_580_247+tenant*11_806_037+n*7_913)
}

// fail has something go wrong half an hour after the beginning, for good.
func (c *customer) fail(kind string) {
	c.fault = kind
	from := begin.Add(30 * time.Minute)
	for i := range c.accounts {
		f := awsfake.Fault{Account: c.accounts[i].id, From: from}
		switch kind {
		case "denied":
			f.Op, f.Deny = "GetMetricData", true
		case "down":
			f.Service, f.Down = "monitoring", true
		case "throttled":
			f.Throttle = true
		case "external":
			c.accounts[i].broken = true
			continue
		case "revoked":
			continue // the role itself is
		}
		c.faults = append(c.faults, f)
	}
}

// word is eight letters that no other name holds.
func word(rnd *rand.Rand) string {
	b := []byte("zq")
	for range 8 {
		b = append(b, "bcdfghjkmnpvwx"[rnd.IntN(14)])
	}
	return string(b)
}

func (c *customer) service(n int) string { return fmt.Sprintf("%s-svc-%d", c.mark, n) }

// marks are what nobody else may see.
func (c *customer) marks() []string {
	out := []string{c.mark}
	for _, a := range c.accounts {
		out = append(out, a.id)
	}
	return out
}

func (a account) role(c *customer) string { return "read-" + c.mark }

// fill puts the customer's accounts into the emulated AWS.
func (c *customer) fill(cloud *awsfake.Cloud) {
	for _, a := range c.accounts {
		acct := cloud.Account(a.id)
		external := a.external
		if a.broken {
			external = "another"
		}
		acct.Role(a.role(c), external)
		for _, name := range a.regions {
			r := acct.Region(name)
			for n := range a.series {
				seed := uint64(len(c.mark)) + uint64(n) + uint64(c.mark[3])<<8 + uint64(c.mark[4])<<16 + uint64(c.mark[5])<<24
				gen := func(m awsfake.Metric) {
					r.Generate(m, time.Minute, begin.Add(-6*24*time.Hour), time.Time{}, func(at time.Time) (float64, bool) {
						v := virtual.Level(seed, at)
						if d := at.Sub(begin.Add(10 * time.Minute)); n == 0 && d >= 0 && d < 30*time.Minute {
							v *= 3 // before, and while things fail
						}
						return v, true
					})
				}
				gen(awsfake.Metric{Namespace: "Shop", Name: "Orders", Dimensions: map[string]string{"Service": c.service(n)}})
				lb := "app/" + c.service(n) + "/50dc6c495c0c9188"
				gen(awsfake.Metric{Namespace: "AWS/ApplicationELB", Name: "RequestCount", Dimensions: map[string]string{"LoadBalancer": lb}})
				r.Tag("arn:aws:elasticloadbalancing:"+name+":"+a.id+":loadbalancer/"+lb, map[string]string{"system": c.mark + "-system", "Name": c.mark + "-name"})
			}
		}
	}
}

// yaml is the customer's part of the configuration.
func (c *customer) yaml(url string) string {
	var b strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	line("  - name: %s", c.tenant)
	line("    zone: Asia/Tokyo")
	if c.japanese {
		line("    language: ja")
	}
	line("    cap: 50")
	line("    accounts:")
	for _, a := range c.accounts {
		line("      - account: %q", a.id)
		line("        regions: [%s]", strings.Join(a.regions, ", "))
		line("        role: arn:aws:iam::%s:role/%s", a.id, a.role(c))
		line("        external_id: %s", a.external)
		line("        session_tags: {customer: %s}", c.mark)
		line("        endpoint: %s", url)
		line("        poll: 1m")
		line("        backfill: 52h")
		line("        coarse: false")
		line("        labels: {team: %s-team}", c.mark)
		if a.groupBy {
			line("        group_by: tag_system")
		}
		if a.select_ != "" {
			line("        select: [['%s'], ['namespace=\"AWS/ApplicationELB\"']]", a.select_)
		}
		if a.drop {
			line("        drop: [['dim_Service=\"%s\"']]", c.service(1))
		}
		line("        namespaces:")
		line("          - {name: AWS/ApplicationELB, period: 1m, settle: 2m, group: %s-front, metrics: [RequestCount]}", c.mark)
		line("          - {name: Shop, period: 1m, settle: 2m, group: %s-shop, metrics: [Orders]}", c.mark)
		line("        expressions:")
		line("          - name: %s ratio", c.mark)
		line("            expression: 100 * a / b")
		line("            metrics:")
		line("              a: {namespace: Shop, metric: Orders, dimensions: {Service: %s}, statistic: Average}", c.service(0))
		line("              b: {namespace: Shop, metric: Orders, dimensions: {Service: %s}, statistic: Average}", c.service(1))
		line("            period: 1m")
		line("            settle: 2m")
		line("            group: %s-ratios", c.mark)
	}
	return b.String()
}
