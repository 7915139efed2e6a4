package main

import (
	"fmt"
	"regexp"
	"time"

	"github.com/kizashi-ops/kizashi/awsfake"
	"go.yaml.in/yaml/v3"
)

// account of a world file.
type account struct {
	ID       string
	Roles    []struct{ Name, ExternalID string }
	Deny     []string
	Disabled []string
	Linked   []string
}

// metric of a region, a generated one.
type metric struct {
	Namespace, Name, Unit string
	Dimensions            map[string]string
	Period                time.Duration
	Base, Swing, Noise    float64
	Seed                  int
	From, To              time.Time
}

// region of an account.
type region struct {
	Metrics   []metric
	Instances []awsfake.Instance
	Groups    []awsfake.Group
	Agents    []awsfake.Agent
	Tagged    []struct {
		ARN  string
		Tags map[string]string
	}
	Logs []struct {
		Group, Stream, Message string
		At                     time.Time
	}
}

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// readWorld fills a cloud out of a file and returns the accounts' ids.
func readWorld(cloud *awsfake.Cloud, file string, b []byte, start time.Time) ([]string, error) {
	r := &reader{}
	r.File = file
	root, err := r.Parse(b)
	if err != nil || root == nil {
		return nil, orEmpty(err, file)
	}
	var ids []string
	r.Fields(root, "the world", map[string]func(*yaml.Node){
		"limits": func(n *yaml.Node) {
			r.Pairs(n, "limits", func(k, v *yaml.Node) {
				var calls int
				r.Int(&calls, "limits "+k.Value)(v)
				if calls <= 0 {
					r.Fail(v, "limits %s: want at least 1 call a second", k.Value)
				}
				cloud.Limit(k.Value, float64(calls), float64(calls))
			})
		},
		"accounts": r.List("accounts", func(n *yaml.Node, name string) {
			if id := r.account(cloud, n, name, start); id != "" {
				ids = append(ids, id)
			}
		}),
	})
	return ids, r.Err()
}

func orEmpty(err error, file string) error {
	if err == nil {
		err = fmt.Errorf("%s: the file is empty", file)
	}
	return err
}

func (r *reader) account(cloud *awsfake.Cloud, n *yaml.Node, name string, start time.Time) string {
	var x account
	regions := map[string]region{}
	r.into(n, name, &x, map[string]func(*yaml.Node){"regions": func(n *yaml.Node) {
		r.Pairs(n, name+" regions", func(k, v *yaml.Node) {
			var at region
			r.into(v, name+" "+k.Value, &at, nil)
			r.check(v, name+" "+k.Value, at)
			regions[k.Value] = at
		})
	}})
	if !accountID.MatchString(x.ID) {
		r.Fail(n, "%s: id %q: want twelve digits", name, x.ID)
		return ""
	}
	a := cloud.Account(x.ID)
	for _, role := range x.Roles {
		a.Role(role.Name, role.ExternalID)
	}
	a.Deny(x.Deny...)
	for _, d := range x.Disabled {
		a.DisableRegion(d)
	}
	for _, l := range x.Linked {
		if !accountID.MatchString(l) {
			r.Fail(n, "%s: linked %q: want twelve digits", name, l)
			continue
		}
		a.Link(cloud.Account(l))
	}
	for _, k := range sorted(regions) {
		regions[k].fill(a.Region(k), start)
	}
	return x.ID
}

// check tells what no AWS would have.
func (r *reader) check(n *yaml.Node, name string, x region) {
	for i, m := range x.Metrics {
		if m.Namespace == "" || m.Name == "" {
			r.Fail(n, "%s metrics[%d]: want namespace and name", name, i)
		}
		if m.Period < 0 || m.Period%time.Second != 0 {
			r.Fail(n, "%s metrics[%d]: period %s: want whole seconds", name, i, m.Period)
		}
	}
}

func (x region) fill(r *awsfake.Region, start time.Time) {
	for _, m := range x.Metrics {
		if m.Period == 0 {
			m.Period = time.Minute
		}
		if m.From.IsZero() {
			m.From = start.AddDate(-2, 0, 0).Truncate(time.Hour)
		}
		name := awsfake.Metric{Namespace: m.Namespace, Name: m.Name, Dimensions: m.Dimensions}
		r.Generate(name, m.Period, m.From, m.To, awsfake.Daily(m.Base, m.Swing, m.Noise, uint64(m.Seed)))
		if m.Unit != "" {
			r.Unit(name, m.Unit)
		}
	}
	for _, i := range x.Instances {
		r.Instance(i)
	}
	for _, g := range x.Groups {
		r.AutoScalingGroup(g)
	}
	for _, a := range x.Agents {
		r.Agent(a)
	}
	for _, t := range x.Tagged {
		r.Tag(t.ARN, t.Tags)
	}
	for _, l := range x.Logs {
		r.Log(l.Group, l.Stream, l.At, l.Message)
	}
}

// readFaults reads a list of faults.
func readFaults(file string, b []byte) ([]awsfake.Fault, error) {
	r := &reader{}
	r.File = file
	root, err := r.Parse(b)
	if err != nil || root == nil {
		return nil, orEmpty(err, file)
	}
	var out []awsfake.Fault
	r.List("faults", func(n *yaml.Node, name string) {
		var f awsfake.Fault
		r.into(n, name, &f, nil)
		out = append(out, f)
	})(root)
	return out, r.Err()
}
