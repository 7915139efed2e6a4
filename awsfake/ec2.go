package awsfake

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

var _ = register("ec2", map[string]handler{"DescribeInstances": describeInstances, "DescribeRegions": describeRegions})

// stateCodes of EC2's instance states.
var stateCodes = map[string]int{"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}

// describeInstances tells of one instance a reservation.
func describeInstances(q *request) (object, error) {
	ids := texts(q.in["InstanceId"])
	n, err := q.limit("MaxResults", 5, 1000, 1000)
	if err != nil {
		return nil, err
	}
	if len(ids) > 0 && q.in["MaxResults"] != nil {
		return nil, &failure{http.StatusBadRequest, "InvalidParameterCombination", "The parameter instancesSet cannot be used with the parameter maxResults"}
	}
	q.region.mu.RLock()
	defer q.region.mu.RUnlock()
	for _, id := range ids {
		if _, ok := q.region.state.instances[id]; !ok {
			return nil, &failure{http.StatusBadRequest, "InvalidInstanceID.NotFound", fmt.Sprintf("The instance ID '%s' does not exist", id)}
		}
	}
	by := filters(q.in["Filter"], "Name", "Value")
	var found []any
	for _, id := range sortedKeys(q.region.state.instances) {
		x := q.region.state.instances[id]
		ok, err := x.fits(by)
		if err != nil {
			return nil, err
		}
		if ok && (len(ids) == 0 || slices.Contains(ids, id)) {
			found = append(found, object{{"reservationId", "r-" + strings.TrimPrefix(id, "i-")}, {"ownerId", q.region.account.id}, {"groupSet", []any{}},
				{"instancesSet", []any{x.wire()}}})
		}
	}
	return q.paged("reservationSet", found, "nextToken", q.in["NextToken"], n)
}

// fits applies filters; values may have * and ?.
func (x Instance) fits(by map[string][]string) (bool, error) {
	for name, values := range by {
		var have []string
		switch key, isTag := strings.CutPrefix(name, "tag:"); {
		case isTag:
			if v, ok := x.Tags[key]; ok {
				have = []string{v}
			}
		case name == "tag-key":
			have = sortedKeys(x.Tags)
		case name == "instance-state-name":
			have = []string{x.State}
		case name == "instance-id":
			have = []string{x.ID}
		case name == "instance-type":
			have = []string{x.Type}
		case name == "vpc-id":
			have = []string{x.VPC}
		default:
			return false, fmt.Errorf("the filter '%s' is invalid", name)
		}
		if !slices.ContainsFunc(have, func(h string) bool {
			return slices.ContainsFunc(values, func(v string) bool { return wild(v, h) })
		}) {
			return false, nil
		}
	}
	return true, nil
}

// wild says whether a text is as a pattern: * is any characters, ? is one.
func wild(pattern, s string) bool {
	for i, c := range pattern {
		switch c {
		case '*':
			rest := strings.TrimLeft(pattern[i:], "*")
			for at := range s {
				if wild(rest, s[at:]) {
					return true
				}
			}
			return wild(rest, "")
		case '?':
			if s == "" {
				return false
			}
			_, n := utf8.DecodeRuneInString(s)
			s = s[n:]
		default:
			var ok bool
			if s, ok = strings.CutPrefix(s, string(c)); !ok {
				return false
			}
		}
	}
	return s == ""
}

func (x Instance) wire() object {
	o := given(object{{"instanceId", x.ID}, {"imageId", x.ImageID}, {"instanceType", x.Type}, {"privateIpAddress", x.PrivateIP}, {"vpcId", x.VPC}, {"subnetId", x.Subnet},
		{"platform", x.Platform}, {"instanceState", object{{"code", stateCodes[x.State]}, {"name", x.State}}}, {"reason", x.Reason}, {"launchTime", x.Launched},
		{"placement", given(object{{"availabilityZone", x.Zone}})}, {"tagSet", tagList(x.Tags, "key", "value")}})
	if x.ReasonCode != "" {
		o = append(o, field{"stateReason", object{{"code", x.ReasonCode}, {"message", x.ReasonText}}})
	}
	return o
}

// regionNames are those of the partition aws that DescribeRegions tells of,
// by whether an account has to opt in.
var regionNames = map[string]bool{
	"us-east-1": false, "us-east-2": false, "us-west-1": false, "us-west-2": false, "ca-central-1": false, "sa-east-1": false,
	"eu-west-1": false, "eu-west-2": false, "eu-west-3": false, "eu-central-1": false, "eu-north-1": false,
	"ap-northeast-1": false, "ap-northeast-2": false, "ap-northeast-3": false, "ap-southeast-1": false, "ap-southeast-2": false, "ap-south-1": false,
	"ap-east-1": true, "af-south-1": true, "eu-south-1": true, "me-south-1": true, "ap-southeast-3": true,
}

// describeRegions tells of the regions an account can use: those that need no
// opt-in and those that were asked for here, unless they are disabled; of all
// with AllRegions.
func describeRegions(q *request) (object, error) {
	all, _ := flag(q.in["AllRegions"])
	names := texts(q.in["RegionName"])
	a := q.region.account
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, n := range names {
		if _, ok := regionNames[n]; !ok {
			return nil, &failure{http.StatusBadRequest, "InvalidParameterValue", "Invalid region names provided: " + n}
		}
	}
	found := []any{}
	for _, n := range sortedKeys(regionNames) {
		status := "opt-in-not-required"
		if regionNames[n] {
			status = "not-opted-in"
			if a.regions[n] != nil {
				status = "opted-in"
			}
		}
		if a.disabled[n] {
			status = "not-opted-in"
		}
		if (all || status != "not-opted-in") && (len(names) == 0 || slices.Contains(names, n)) {
			found = append(found, object{{"regionName", n}, {"regionEndpoint", "ec2." + n + ".amazonaws.com"}, {"optInStatus", status}})
		}
	}
	return object{{"regionInfo", found}}, nil
}
