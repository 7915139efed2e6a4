// Package inventory knows what exists in an account's region: the metrics that
// CloudWatch lists, and the resources behind them with their tags, state,
// Auto Scaling group and agent. It says which metrics a selection watches and
// why not the others, which resources have ended and why, and what changed
// between two scans.
package inventory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// Options of a scan.
type Options struct {
	Region     *access.Region
	Namespaces []string // none = all
	Linked     bool     // a monitoring account (OAM): metrics of the accounts it sees as well
	// What to read beside the list of metrics. What is denied or fails is no
	// error of the scan: Snapshot.Blind names it.
	Tags      bool // of all resources that are or were tagged
	Instances bool // of EC2: state, tags
	Groups    bool // of Auto Scaling: members, capacity, activities
	Agents    bool // of Systems Manager: whether they answer
	// Last is the scan before this one: resources that it knew and that are
	// listed no more have ended, and since-when stays what it was.
	Last *Snapshot
	Now  func() time.Time // nil = time.Now
}

// Snapshot is what a scan found: metrics and resources are sorted, and are not
// changed afterwards. It is safe for several goroutines.
type Snapshot struct {
	Account   string     `json:"account"`
	Region    string     `json:"region"`
	At        time.Time  `json:"at"`
	Read      []string   `json:"read"` // actions that were read to the end
	Metrics   []Metric   `json:"metrics"`
	Resources []Resource `json:"resources"`
	Blind     []Blind    `json:"blind,omitempty"`

	once     sync.Once
	byARN    map[string]int
	byName   map[[3]string]int // account, type, id or name
	isListed map[string]bool   // Metric.Key
}

// Metric is one that exists.
type Metric struct {
	Account    string            `json:"account"` // that owns it
	Namespace  string            `json:"namespace"`
	Name       string            `json:"name"`
	Dimensions map[string]string `json:"dimensions,omitempty"`
}

// Key tells metrics apart.
func (m Metric) Key() string {
	return strings.Join([]string{m.Account, m.Namespace, m.Name, kizashi.LabelsOf(m.Dimensions).String()}, "\x00")
}

// String is namespace, name and the values of the dimensions.
func (m Metric) String() string {
	s := m.Namespace + " " + m.Name
	for _, n := range slices.Sorted(maps.Keys(m.Dimensions)) {
		s += " " + m.Dimensions[n]
	}
	return s
}

// Resource is what metrics are about.
type Resource struct {
	ARN     string            `json:"arn"`
	Type    string            `json:"type"` // service:kind, as in ec2:instance
	ID      string            `json:"id"`
	Name    string            `json:"name,omitempty"` // that people gave it; "" = none
	Account string            `json:"account,omitempty"`
	Tags    map[string]string `json:"tags,omitempty"`
	Seen    []string          `json:"seen"`            // by whom it is listed: metrics, tags, instances, groups, agents
	State   string            `json:"state,omitempty"` // of an instance, in EC2's words
	Group   string            `json:"group,omitempty"` // Auto Scaling group that it belongs to
	Started time.Time         `json:"started,omitzero"`

	Ping         string    `json:"ping,omitempty"` // of its agent: Online, ConnectionLost, Inactive
	Pinged       time.Time `json:"pinged,omitzero"`
	AgentVersion string    `json:"agent_version,omitempty"`

	Capacity *Capacity `json:"capacity,omitempty"` // of an Auto Scaling group
	Failed   []Failed  `json:"failed,omitempty"`   // activities of an Auto Scaling group, newest first

	Ended  kizashi.Ending `json:"ended,omitempty"`
	By     By             `json:"by,omitempty"`     // who ended it, where that is known
	Reason string         `json:"reason,omitempty"` // in AWS's words
	Since  time.Time      `json:"since,omitzero"`   // when it ended; where AWS does not say, when that was first seen
}

// By is who ended a resource.
type By string

const (
	ByUser     By = "user"     // somebody, or some program, called EC2
	ByGroup    By = "group"    // its Auto Scaling group
	BySchedule By = "schedule" // a scheduled action, or an instance under a schedule that was stopped
	ByAWS      By = "aws"      // EC2 itself: a spot interruption, a fault of the host
)

// Capacity of an Auto Scaling group, in instances.
type Capacity struct {
	Min       int `json:"min"`
	Max       int `json:"max"`
	Desired   int `json:"desired"`
	InService int `json:"in_service"`
}

// Failed is an activity of an Auto Scaling group that did not succeed.
type Failed struct {
	At      time.Time `json:"at"`
	Text    string    `json:"text"`              // what was to be done
	Message string    `json:"message,omitempty"` // why it failed
	Cause   string    `json:"cause,omitempty"`   // why it was to be done
}

// Blind is a read that failed: what it would have told is not known.
type Blind struct {
	Action string        `json:"action"` // as IAM names it
	Cause  kizashi.Cause `json:"cause"`
	Text   string        `json:"text"`
}

// Actions that a scan needs, as IAM names them.
const (
	ListMetrics  = "cloudwatch:ListMetrics"
	GetResources = "tag:GetResources"
	Instances    = "ec2:DescribeInstances"
	Groups       = "autoscaling:DescribeAutoScalingGroups"
	Activities   = "autoscaling:DescribeScalingActivities"
	Agents       = "ssm:DescribeInstanceInformation"
)

// Scan reads what exists. The list of metrics must be readable; what else
// fails is in Snapshot.Blind.
func Scan(ctx context.Context, o Options) (*Snapshot, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Snapshot{Account: o.Region.Account().ID, Region: o.Region.Name(), At: o.Now().UTC().Truncate(time.Millisecond)}
	sc := &scan{Options: o, s: s, found: map[string]*Resource{}}
	if err := sc.metrics(ctx); err != nil {
		return nil, err
	}
	for _, r := range []struct {
		action string
		wanted bool
		read   func(context.Context) error
	}{
		{GetResources, o.Tags, sc.tags},
		{Instances, o.Instances, sc.instances},
		{Groups, o.Groups, sc.groups},
		{Activities, o.Groups, sc.activities},
		{Agents, o.Agents, sc.agents},
	} {
		if !r.wanted {
			continue
		}
		if err := r.read(ctx); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			sc.blind(r.action, err)
			continue
		}
		s.Read = append(s.Read, r.action)
	}
	sc.finish()
	return s, nil
}

// scan is a snapshot while it is read.
type scan struct {
	Options
	s     *Snapshot
	found map[string]*Resource // by ARN
}

func (sc *scan) blind(action string, err error) {
	b := Blind{Action: action, Cause: kizashi.Cause{Kind: kizashi.NoRegion}, Text: err.Error()}
	var f *access.Failure
	if errors.As(err, &f) {
		b.Cause = f.Cause
	}
	sc.s.Blind = append(sc.s.Blind, b)
}

// see returns the resource of an ARN and notes by whom it is listed.
func (sc *scan) see(arn, by string) *Resource {
	r := sc.found[arn]
	if r == nil {
		typ, id, account := splitARN(arn)
		if account == "" {
			account = sc.s.Account
		}
		r = &Resource{ARN: arn, Type: typ, ID: id, Account: account}
		sc.found[arn] = r
	}
	if !slices.Contains(r.Seen, by) {
		r.Seen = append(r.Seen, by)
	}
	return r
}

// tag adds tags; those of the resource's own service win.
func (r *Resource) tag(tags map[string]string, own bool) {
	if r.Tags == nil {
		r.Tags = map[string]string{}
	}
	for k, v := range tags {
		if _, ok := r.Tags[k]; !ok || own {
			r.Tags[k] = v
		}
	}
	if n := r.Tags["Name"]; n != "" {
		r.Name = n
	}
	if g := r.Tags["aws:autoscaling:groupName"]; g != "" && r.Type == instanceType {
		r.Group = g
	}
}

// Lists says whether the metric is listed.
func (s *Snapshot) Lists(m Metric) bool {
	s.once.Do(s.index)
	return s.isListed[m.Key()]
}

// read says whether an action was read to the end.
func (s *Snapshot) read(action string) bool { return slices.Contains(s.Read, action) }

// pages follows the tokens of a paged call. Pages may be empty and have a
// token all the same, also the one before; too many of them in a row, or a
// token that comes again after a page with items, is an error and no end.
func pages(action string, page func(token *string) (n int, next *string, err error)) error {
	var token *string
	seen := map[string]bool{}
	for empty := 0; ; {
		n, next, err := page(token)
		if err != nil {
			return err
		}
		if next == nil || *next == "" {
			return nil
		}
		if empty++; n > 0 {
			empty = 0
		}
		switch {
		case empty == emptyPages:
			return fmt.Errorf("%s: the pages do not end: %d empty ones in a row", action, empty)
		case n > 0 && seen[*next]:
			return fmt.Errorf("%s: the pages do not end: a token comes again", action)
		}
		seen[*next], token = true, next
	}
}

// emptyPages in a row that are taken for an endless list.
const emptyPages = 100
