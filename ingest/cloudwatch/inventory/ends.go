package inventory

import (
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// remember is how long what has ended is kept: CloudWatch lists the metrics of
// what is silent for two weeks.
const remember = 15 * 24 * time.Hour

// End is why a metric has no points any more.
type End struct {
	Ending kizashi.Ending
	By     By
	Reason string // in AWS's words, or in ours: listed no more
	Since  time.Time
}

// Ending says whether the metric has ended: its resource did, or neither the
// metric nor its resource is listed any more.
func (s *Snapshot) Ending(m Metric) (End, bool) {
	r := s.ResourceOf(m)
	switch {
	case r != nil && r.Ended != "":
		return End{r.Ended, r.By, r.Reason, r.Since}, true
	case s.isListed[m.Key()] || r != nil && len(r.Seen) > 0:
		return End{}, false
	}
	return End{Ending: kizashi.Disappeared, Reason: "the metric is listed no more: it has had no point for two weeks", Since: s.At}, true
}

// Health of a machine.
type Health string

const (
	NotKnown         Health = ""
	Running          Health = "running"
	AgentUnreachable Health = "agent unreachable" // EC2 says that the host runs
	HostDown         Health = "host down"         // stopped or terminated
)

// Health tells a host that is down from an agent that does not answer.
func (r *Resource) Health() Health {
	switch {
	case r.State != "" && r.State != "running" && r.State != "pending" || r.Ended != "":
		return HostDown
	case r.Ping == "ConnectionLost" || r.Ping == "Inactive":
		if r.State == "" {
			return NotKnown // nobody says whether the host runs
		}
		return AgentUnreachable
	case r.State == "" && r.Ping == "":
		return NotKnown
	}
	return Running
}

// Missing is how many instances are wanted and not in service.
func (c Capacity) Missing() int { return max(0, c.Desired-c.InService) }

// reads that list the resources of a kind.
var lists = map[string]string{"tags": GetResources, "instances": Instances, "groups": Groups, "agents": Agents}

// finish lays what metrics tell over what was read, and the last scan over
// both.
func (sc *scan) finish() {
	sc.derive()
	sc.gone()
	if sc.Last != nil {
		for i := range sc.Last.Resources {
			sc.follow(&sc.Last.Resources[i])
		}
	}
	for _, r := range sc.found {
		if r.Ended != "" && r.Since.IsZero() {
			r.Since = sc.s.At
		}
		slices.SortFunc(r.Failed, func(a, b Failed) int { return b.At.Compare(a.At) })
	}
	sc.s.Resources = sc.sorted()
}

// unlisted is the reason of an instance that EC2 has forgotten.
const unlisted = "EC2 lists the instance no more"

// gone marks instances that EC2 does not list: it forgets a terminated one
// after an hour, its metrics are listed for two weeks.
func (sc *scan) gone() {
	for _, r := range sc.found {
		if r.Type == instanceType && r.Account == sc.s.Account && r.Ended == "" && sc.s.read(Instances) && !slices.Contains(r.Seen, "instances") {
			r.Ended, r.Reason = kizashi.Terminated, unlisted
		}
	}
}

// follow compares a resource with the last scan.
func (sc *scan) follow(old *Resource) {
	now := sc.found[old.ARN]
	if now == nil {
		copied := *old
		now = &copied
		now.Seen = []string{}
		if old.Ended != "" && sc.s.At.Sub(old.Since) > remember {
			return
		}
	}
	sc.unread(now, old)
	switch {
	case now.Ended != "" && now.Ended == old.Ended:
		sc.keep(now, old)
	case now.Ended == "" && sc.lost(now, old):
		now.Ended, now.Reason, now.Since = kizashi.Disappeared, "the resource is listed no more", sc.s.At
		if old.Type == instanceType && sc.s.read(Instances) {
			now.Ended, now.Reason = kizashi.Terminated, unlisted
		}
		if old.Ended == kizashi.Disappeared {
			now.Since = old.Since
		}
		now.Tags, now.Name, now.Group = old.Tags, old.Name, old.Group
	}
	if sc.found[old.ARN] == nil && (now.Ended != "" || len(now.Seen) > 0) {
		sc.found[old.ARN] = now
	}
}

// unread leaves what was read the last time and could not be read now as it
// was: a read that failed is no sign that anything changed.
func (sc *scan) unread(now, old *Resource) {
	for _, by := range old.Seen {
		if slices.Contains(now.Seen, by) || !sc.failed(lists[by]) {
			continue
		}
		now.Seen = append(slices.Clone(now.Seen), by)
		if by == "tags" || by == "instances" {
			now.tag(old.Tags, false)
		}
		switch by {
		case "instances":
			now.State, now.Started = old.State, old.Started
			if now.Ended == "" {
				now.Ended, now.By, now.Reason, now.Since = old.Ended, old.By, old.Reason, old.Since
			}
		case "groups":
			now.Capacity = old.Capacity
		case "agents":
			now.Ping, now.Pinged, now.AgentVersion = old.Ping, old.Pinged, old.AgentVersion
		}
		if now.Group == "" {
			now.Group = old.Group
		}
	}
}

// failed says that an action was tried and could not be read to the end.
func (sc *scan) failed(action string) bool {
	return slices.ContainsFunc(sc.s.Blind, func(b Blind) bool { return b.Action == action })
}

// keep takes over what the last scan knew better.
func (sc *scan) keep(now, old *Resource) {
	if now.Since.IsZero() || now.By == "" && old.By != "" {
		now.Since, now.By, now.Reason = old.Since, old.By, old.Reason
	}
	if len(now.Tags) == 0 {
		now.Tags, now.Name = old.Tags, old.Name
	}
	if now.Group == "" {
		now.Group = old.Group
	}
}

// lost says that each list that had the resource was read again, and has it
// no more; metrics alone do not keep it.
func (sc *scan) lost(now, old *Resource) bool {
	if old.Ended == kizashi.Disappeared {
		return !slices.ContainsFunc(now.Seen, func(by string) bool { return by != "metrics" })
	}
	had := 0
	for _, by := range old.Seen {
		if by == "metrics" {
			continue
		}
		had++
		if slices.Contains(now.Seen, by) || !sc.s.read(lists[by]) {
			return false
		}
	}
	return had > 0 || len(now.Seen) == 0 && len(old.Seen) > 0
}
