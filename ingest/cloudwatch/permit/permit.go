// Package permit knows which actions of AWS the reading of an account needs,
// as an IAM policy and one by one, and tries them.
//
// The list is here once: what `check --aws` tries and prints, the customer's
// approval and the CloudFormation template are all held against it.
package permit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/kizashi-ops/kizashi/arn"
)

// Feature is what an action is for.
type Feature string

const (
	Metrics   Feature = "metrics"
	Tags      Feature = "tags"
	Instances Feature = "instances"
	Groups    Feature = "groups"
	Agents    Feature = "agents"
	Logs      Feature = "logs"
)

// Action is one permission of a role that reads.
type Action struct {
	Name    string // as IAM names it
	Feature Feature
}

// actions is the whole list. Only those on logs could be narrowed to a resource:
// of the others the service authorization reference has no resource types.
var actions = []Action{
	{"cloudwatch:ListMetrics", Metrics},
	{"cloudwatch:GetMetricData", Metrics},
	{"tag:GetResources", Tags},
	{"ec2:DescribeInstances", Instances},
	{"autoscaling:DescribeAutoScalingGroups", Groups},
	{"autoscaling:DescribeScalingActivities", Groups},
	{"ssm:DescribeInstanceInformation", Agents},
	{"logs:DescribeLogGroups", Logs},
	{"logs:FilterLogEvents", Logs},
}

// All is every action that any configuration can want of an account that is
// read.
func All() []Action { return slices.Clone(actions) }

// Of are the actions of some features; metrics are always among them.
func Of(features ...Feature) []Action {
	var out []Action
	for _, a := range actions {
		if a.Feature == Metrics || slices.Contains(features, a.Feature) {
			out = append(out, a)
		}
	}
	return out
}

// Statement is one of an IAM policy.
type Statement struct {
	Sid       string                       `json:"Sid,omitempty"`
	Effect    string                       `json:"Effect"`
	Principal map[string]string            `json:"Principal,omitempty"`
	Action    []string                     `json:"Action"`
	Resource  []string                     `json:"Resource,omitempty"`
	Condition map[string]map[string]string `json:"Condition,omitempty"`
}

// Policy is an IAM policy.
type Policy struct {
	Version   string      `json:"Version"`
	Statement []Statement `json:"Statement"`
}

// version of IAM's policy language.
const version = "2012-10-17"

// String is the policy as JSON, in the form in which IAM takes it.
func (p Policy) String() string {
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Sprintf("policy: %v", err) // of texts only: it cannot be
	}
	return string(b)
}

// Reading is the smallest policy of a role that is read with.
func Reading(as []Action) Policy {
	s := Statement{Sid: "KizashiReads", Effect: "Allow", Resource: []string{"*"}}
	for _, a := range as {
		s.Action = append(s.Action, a.Name)
	}
	return Policy{version, []Statement{s}}
}

// Tells is what alerts are told by at AWS: with Kizashi's own credentials, never
// with a customer's role.
type Tells struct {
	Topics   []string // of SNS: ARNs
	Buses    []string // of EventBridge: ARNs
	OpsItems bool     // of Systems Manager
}

// Bus is the ARN of an EventBridge bus that is named by it or by its name; of a
// name alone in any account, of one without a region in any.
func Bus(bus, region string) string {
	if strings.HasPrefix(bus, "arn:") {
		return bus
	}
	in := region
	if in == "" {
		in = "*"
	}
	return "arn:" + arn.Partition(region) + ":events:" + in + ":*:event-bus/" + bus
}

// Own is the policy of the credentials that Kizashi runs with: to assume the
// customers' roles, to tag such a session where one has tags, to tell alerts,
// and to read the accounts that have no role. OpsItems have no ARN before they
// are made, and finding them has no resource.
func Own(roles, tagged []string, t Tells, read []Action) Policy {
	p := Policy{Version: version, Statement: []Statement{}}
	add := func(sid string, resources []string, actions ...string) {
		if len(resources) > 0 {
			p.Statement = append(p.Statement, Statement{Sid: sid, Effect: "Allow", Action: actions, Resource: resources})
		}
	}
	add("KizashiAssumes", roles, "sts:AssumeRole")
	add("KizashiTagsSessions", tagged, "sts:TagSession")
	add("KizashiPublishes", t.Topics, "sns:Publish")
	add("KizashiPutsEvents", t.Buses, "events:PutEvents")
	if t.OpsItems {
		add("KizashiKeepsOpsItems", []string{"*"}, "ssm:CreateOpsItem", "ssm:UpdateOpsItem", "ssm:DescribeOpsItems")
	}
	if len(read) > 0 {
		p.Statement = append(p.Statement, Reading(read).Statement...)
	}
	return p
}

// Trust is the trust policy of a customer's role: who may assume it, under
// which external id, and whether with session tags.
func Trust(principal, externalID string, tags bool) Policy {
	s := Statement{Effect: "Allow", Principal: map[string]string{"AWS": principal}, Action: []string{"sts:AssumeRole"}}
	if tags {
		s.Action = append(s.Action, "sts:TagSession")
	}
	if externalID != "" {
		s.Condition = map[string]map[string]string{"StringEquals": {"sts:ExternalId": externalID}}
	}
	return Policy{version, []Statement{s}}
}

// Principal is the ARN of an account, as trust policies want it; one that is
// an ARN already stays what it is.
func Principal(account, region string) string {
	if strings.HasPrefix(account, "arn:") {
		return account
	}
	return "arn:" + arn.Partition(region) + ":iam::" + account + ":root"
}
