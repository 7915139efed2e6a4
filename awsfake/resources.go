package awsfake

import (
	"maps"
	"slices"
	"time"
)

// Instance is an EC2 instance.
type Instance struct {
	ID, Type, ImageID, PrivateIP, VPC, Subnet, Zone string
	State                                           string // pending, running, shutting-down, terminated, stopping, stopped
	Reason                                          string // StateTransitionReason, e.g. "User initiated (2026-11-20 12:00:00 GMT)"
	ReasonCode, ReasonText                          string // StateReason, e.g. Client.UserInitiatedShutdown
	Platform                                        string // windows, or ""
	Launched                                        time.Time
	Tags                                            map[string]string
}

// Group is an Auto Scaling group.
type Group struct {
	Name              string
	Min, Max, Desired int
	Created           time.Time
	Tags              map[string]string
	Members           []Member
	Zones             []string
	Activities        []Activity // newest first, as they are told
}

// Member is an instance of a group.
type Member struct{ ID, Lifecycle, Health, Zone string }

// Activity is a scaling activity.
type Activity struct {
	ID, Description, Cause string
	Status                 string // Successful, Failed, InProgress, Cancelled, ...
	Message                string // why it failed
	Started, Ended         time.Time
	Progress               int
}

// Agent is an SSM agent.
type Agent struct {
	Instance     string
	Ping         string // Online, ConnectionLost, Inactive
	Version      string
	LastPing     time.Time
	PlatformType string // Linux, Windows
	PlatformName string
	Latest       bool
}

// resources of a region, beside metrics. The region's lock guards them.
type resources struct {
	tags      map[string]map[string]string // by ARN
	instances map[string]Instance
	groups    map[string]Group
	agents    map[string]Agent
	logs      map[string]*logGroup
	messages  []Message
	ops       []OpsItem
	alarms    []Alarm
}

// Tag sets the tags of a resource, as the tagging API tells them. Without
// tags the resource is there and untagged: the tagging API leaves it out.
func (r *Region) Tag(arn string, tags map[string]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state.tags == nil {
		r.state.tags = map[string]map[string]string{}
	}
	r.state.tags[arn] = maps.Clone(tags)
}

// Untag takes a resource away from the tagging API.
func (r *Region) Untag(arn string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.state.tags, arn)
}

// Instance adds an EC2 instance or changes it, and its tags with it.
func (r *Region) Instance(x Instance) {
	if x.State == "" {
		x.State = "running"
	}
	r.mu.Lock()
	if r.state.instances == nil {
		r.state.instances = map[string]Instance{}
	}
	x.Tags = maps.Clone(x.Tags)
	r.state.instances[x.ID] = x
	r.mu.Unlock()
	arn := r.account.arn("ec2", r.name, "instance/"+x.ID)
	if len(x.Tags) > 0 {
		r.Tag(arn, x.Tags)
	} else {
		r.Untag(arn)
	}
}

// Forget takes an instance away, as EC2 does an hour after its end.
func (r *Region) Forget(instance string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.state.instances, instance)
	delete(r.state.agents, instance)
	delete(r.state.tags, r.account.arn("ec2", r.name, "instance/"+instance))
}

// AutoScalingGroup adds a group or changes it.
func (r *Region) AutoScalingGroup(g Group) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state.groups == nil {
		r.state.groups = map[string]Group{}
	}
	g.Members, g.Activities, g.Zones, g.Tags = slices.Clone(g.Members), slices.Clone(g.Activities), slices.Clone(g.Zones), maps.Clone(g.Tags)
	r.state.groups[g.Name] = g
}

// Agent adds an SSM agent or changes it.
func (r *Region) Agent(x Agent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state.agents == nil {
		r.state.agents = map[string]Agent{}
	}
	r.state.agents[x.Instance] = x
}
