package inventory

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Coverage is what of an account's region is watched, and what is not.
type Coverage struct {
	Account   string         `json:"account"`
	Region    string         `json:"region"`
	At        time.Time      `json:"at"`
	Metrics   int            `json:"metrics"` // that exist
	Watched   int            `json:"watched"` // of them
	Spaces    []Space        `json:"namespaces"`
	Groups    []GroupRow     `json:"groups"`
	Unwatched []Unwatched    `json:"unwatched"` // resources of a kind that has metrics, of which none is watched
	Untagged  []string       `json:"untagged"`  // ARNs of resources of such a kind that nobody tagged
	TagsKnown bool           `json:"tags_known"`
	Others    map[string]int `json:"others,omitempty"` // resources of other kinds, by type
	Hosts     []Host         `json:"hosts,omitempty"`
	Short     []Short        `json:"short,omitempty"`
	Blind     []Blind        `json:"blind,omitempty"`
}

// Space is a namespace.
type Space struct {
	Namespace string         `json:"namespace"`
	Metrics   int            `json:"metrics"`
	Watched   int            `json:"watched"`
	Not       map[Why]int    `json:"not,omitempty"`     // why the rest is not
	Example   map[Why]string `json:"example,omitempty"` // one metric for each reason
}

// GroupRow is a group of what is watched.
type GroupRow struct {
	Group     string `json:"group"`
	Series    int    `json:"series"`
	Resources int    `json:"resources"`
}

// Unwatched is a resource of which no metric is watched.
type Unwatched struct {
	ARN    string `json:"arn"`
	Type   string `json:"type"`
	Name   string `json:"name,omitempty"`
	Why    Why    `json:"why"`
	Tagged bool   `json:"tagged"`
}

// NoMetrics is why a resource is not watched of which CloudWatch has nothing:
// it is idle for two weeks, or needs an agent.
const NoMetrics Why = "no metrics"

// Host is a machine that does not run, or whose agent does not answer.
type Host struct {
	ARN    string    `json:"arn"`
	Name   string    `json:"name,omitempty"`
	Health Health    `json:"health"`
	State  string    `json:"state,omitempty"`
	Ping   string    `json:"ping,omitempty"`
	By     By        `json:"by,omitempty"`
	Reason string    `json:"reason,omitempty"`
	Since  time.Time `json:"since,omitzero"`
}

// Short is an Auto Scaling group that has fewer instances than it wants, or
// that could not do what it should.
type Short struct {
	Group   string   `json:"group"`
	Desired int      `json:"desired"`
	Service int      `json:"in_service"`
	Failed  []Failed `json:"failed,omitempty"`
}

// Coverage lays the choices over the snapshot they were made of. groupOf names
// a metric's group; nil = its namespace.
func (s *Snapshot) Coverage(choices []Choice, groupOf func(Metric) string) Coverage {
	if groupOf == nil {
		groupOf = func(m Metric) string { return m.Namespace }
	}
	c := Coverage{Account: s.Account, Region: s.Region, At: s.At, Blind: s.Blind, TagsKnown: s.read(GetResources), Others: map[string]int{}}
	c.spaces(choices)
	c.groups(s, choices, groupOf)
	best := reasons(s, choices)
	for i := range s.Resources {
		r := &s.Resources[i]
		c.host(r)
		if r.Capacity != nil && (r.Capacity.Missing() > 0 || len(r.Failed) > 0) {
			c.Short = append(c.Short, Short{r.ID, r.Capacity.Desired, r.Capacity.InService, r.Failed})
		}
		switch why, has := best[r.ARN]; {
		case !kinds[r.Type]:
			c.Others[r.Type]++
			continue
		case r.Ended != "":
			continue
		case !has:
			c.Unwatched = append(c.Unwatched, Unwatched{r.ARN, r.Type, r.Name, NoMetrics, r.Tagged()})
		case why != Watched:
			c.Unwatched = append(c.Unwatched, Unwatched{r.ARN, r.Type, r.Name, why, r.Tagged()})
		}
		if comparable(s, r) && !r.Tagged() {
			c.Untagged = append(c.Untagged, r.ARN)
		}
	}
	return c
}

// kinds of resources that have metrics, from the table of places.
var kinds = func() map[string]bool {
	out := map[string]bool{groupType: true, "elasticbeanstalk:environment": true, "ssm:managed-instance": true,
		"states:stateMachine": true, "acm:certificate": true, "elasticloadbalancing:targetgroup": true}
	for _, p := range places {
		if typ, _, _ := splitARN(p.form); typ != "" {
			out[typ] = true
		}
	}
	return out
}()

func (c *Coverage) spaces(choices []Choice) {
	rows := map[string]*Space{}
	last := ""
	for _, ch := range choices {
		r := rows[ch.Metric.Namespace]
		if r == nil {
			r = &Space{Namespace: ch.Metric.Namespace, Not: map[Why]int{}, Example: map[Why]string{}}
			rows[ch.Metric.Namespace] = r
		}
		key := ch.Metric.Key()
		if key == last {
			continue // a second statistic of the same metric
		}
		last = key
		r.Metrics++
		if ch.Why == Watched {
			r.Watched++
			continue
		}
		if r.Not[ch.Why]++; r.Example[ch.Why] == "" {
			r.Example[ch.Why] = ch.Metric.String()
		}
	}
	for _, n := range slices.Sorted(maps.Keys(rows)) {
		c.Spaces = append(c.Spaces, *rows[n])
		c.Metrics += rows[n].Metrics
		c.Watched += rows[n].Watched
	}
}

func (c *Coverage) groups(s *Snapshot, choices []Choice, groupOf func(Metric) string) {
	rows, members := map[string]*GroupRow{}, map[[2]string]bool{}
	for _, ch := range choices {
		if ch.Why != Watched {
			continue
		}
		g := groupOf(ch.Metric)
		if rows[g] == nil {
			rows[g] = &GroupRow{Group: g}
		}
		rows[g].Series++
		if r := s.ResourceOf(ch.Metric); r != nil && !members[[2]string{g, r.ARN}] {
			members[[2]string{g, r.ARN}] = true
			rows[g].Resources++
		}
	}
	for _, g := range slices.Sorted(maps.Keys(rows)) {
		c.Groups = append(c.Groups, *rows[g])
	}
}

// reasons by resource: watched if one of its metrics is, else the reason that
// says most.
func reasons(s *Snapshot, choices []Choice) map[string]Why {
	order := []Why{Watched, Untagged, NotReadable, NoMatch, Dropped, OtherAccount, NotNamed, HasEnded, RecordOnly, OtherDimensions, NotInCatalogue}
	out := map[string]Why{}
	for _, ch := range choices {
		r := s.ResourceOf(ch.Metric)
		if r == nil {
			continue
		}
		was, has := out[r.ARN]
		if !has || slices.Index(order, ch.Why) < slices.Index(order, was) {
			out[r.ARN] = ch.Why
		}
	}
	return out
}

func (c *Coverage) host(r *Resource) {
	if r.Type != instanceType && r.Type != "ssm:managed-instance" {
		return
	}
	h := Host{ARN: r.ARN, Name: cmp.Or(r.Name, r.ID), Health: r.Health(), State: r.State, Ping: r.Ping, By: r.By, Reason: r.Reason, Since: r.Since}
	if strings.HasPrefix(r.ID, "mi-") && (r.Ping == "ConnectionLost" || r.Ping == "Inactive") {
		h.Health = AgentUnreachable // nobody knows more of a machine outside EC2
	}
	if h.Health == AgentUnreachable {
		h.Since = r.Pinged
	}
	if h.Health == HostDown || h.Health == AgentUnreachable {
		c.Hosts = append(c.Hosts, h)
	}
}
