package awsfake

import (
	"slices"
	"time"
)

var _ = register("autoscaling", map[string]handler{"DescribeAutoScalingGroups": describeAutoScalingGroups, "DescribeScalingActivities": describeScalingActivities})

// activityMemory is how long scaling activities are told: six weeks.
const activityMemory = 42 * 24 * time.Hour

func describeAutoScalingGroups(q *request) (object, error) {
	n, err := q.limit("MaxRecords", 1, 100, 50)
	if err != nil {
		return nil, err
	}
	names, by := texts(q.in["AutoScalingGroupNames"]), filters(q.in["Filters"], "Name", "Values")
	q.region.mu.RLock()
	defer q.region.mu.RUnlock()
	var found []any
	for _, name := range sortedKeys(q.region.state.groups) {
		g := q.region.state.groups[name]
		if (len(names) == 0 || slices.Contains(names, name)) && g.fits(by) {
			found = append(found, g.wire(q.region))
		}
	}
	return q.paged("AutoScalingGroups", found, "NextToken", q.in["NextToken"], n)
}

// fits applies the filters tag-key, tag-value and tag:<key>.
func (g Group) fits(by map[string][]string) bool {
	for name, values := range by {
		hit := false
		for k, v := range g.Tags {
			hit = hit || name == "tag-key" && slices.Contains(values, k) || name == "tag-value" && slices.Contains(values, v) || name == "tag:"+k && slices.Contains(values, v)
		}
		if !hit {
			return false
		}
	}
	return true
}

func (g Group) wire(r *Region) object {
	members, tags, zones := []any{}, []any{}, []any{}
	for _, m := range g.Members {
		members = append(members, object{{"InstanceId", m.ID}, {"AvailabilityZone", m.Zone}, {"LifecycleState", m.Lifecycle}, {"HealthStatus", m.Health}, {"ProtectedFromScaleIn", false}})
	}
	for _, k := range sortedKeys(g.Tags) {
		tags = append(tags, object{{"ResourceId", g.Name}, {"ResourceType", "auto-scaling-group"}, {"Key", k}, {"Value", g.Tags[k]}, {"PropagateAtLaunch", true}})
	}
	for _, z := range g.Zones {
		zones = append(zones, z)
	}
	return object{{"AutoScalingGroupName", g.Name}, {"AutoScalingGroupARN", g.arn(r)}, {"MinSize", g.Min}, {"MaxSize", g.Max}, {"DesiredCapacity", g.Desired},
		{"DefaultCooldown", 300}, {"AvailabilityZones", zones}, {"HealthCheckType", "EC2"}, {"CreatedTime", g.Created}, {"Instances", members}, {"Tags", tags}}
}

func (g Group) arn(r *Region) string {
	return r.account.arn("autoscaling", r.name, "autoScalingGroup:00000000-0000-0000-0000-000000000000:autoScalingGroupName/"+g.Name)
}

func describeScalingActivities(q *request) (object, error) {
	n, err := q.limit("MaxRecords", 1, 100, 100)
	if err != nil {
		return nil, err
	}
	group, ids := text(q.in["AutoScalingGroupName"]), texts(q.in["ActivityIds"])
	q.region.mu.RLock()
	defer q.region.mu.RUnlock()
	type owned struct {
		Activity
		of Group
	}
	var all []owned
	for _, name := range sortedKeys(q.region.state.groups) {
		g := q.region.state.groups[name]
		for _, a := range g.Activities {
			if (group == "" || group == name) && (len(ids) == 0 || slices.Contains(ids, a.ID)) && !a.Started.After(q.now) && q.now.Sub(a.Started) <= activityMemory {
				all = append(all, owned{a, g})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b owned) int { return b.Started.Compare(a.Started) })
	var found []any
	for _, a := range all {
		o := given(object{{"ActivityId", a.ID}, {"AutoScalingGroupName", a.of.Name}, {"AutoScalingGroupARN", a.of.arn(q.region)}, {"Description", a.Description},
			{"Cause", a.Cause}, {"StartTime", a.Started}, {"StatusCode", a.Status}, {"StatusMessage", a.Message}, {"Progress", a.Progress}})
		if !a.Ended.IsZero() {
			o = append(o, field{"EndTime", a.Ended})
		}
		found = append(found, o)
	}
	return q.paged("Activities", found, "NextToken", q.in["NextToken"], n)
}
