package inventory

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/kizashi-ops/kizashi/ingest"
)

var notInLabel = regexp.MustCompile(`[^A-Za-z0-9_]`)

// Labels of the metric's resource: tag_<key> for each tag, with each character
// outside [A-Za-z0-9_] turned into _; stack, its CloudFormation stack; asg, its
// Auto Scaling group; resource, its name or id. Where two keys turn into one
// label, the second in their order ends in _2. A reserved label is none of
// them.
func (s *Snapshot) Labels(m Metric) map[string]string {
	out := map[string]string{}
	r := s.ResourceOf(m)
	if g := m.Dimensions["AutoScalingGroupName"]; g != "" {
		out["asg"] = g
	}
	if r == nil {
		return out
	}
	for _, k := range slices.Sorted(maps.Keys(r.Tags)) {
		name := "tag_" + notInLabel.ReplaceAllString(k, "_")
		free := name
		for n := 2; out[free] != ""; n++ {
			free = fmt.Sprintf("%s_%d", name, n)
		}
		out[free] = r.Tags[k]
	}
	out["stack"] = r.Tags["aws:cloudformation:stack-name"]
	if r.Group != "" {
		out["asg"] = r.Group
	}
	out["resource"] = r.ID
	if r.Name != "" {
		out["resource"] = r.Name
	}
	for n, v := range out {
		if v == "" || ingest.Reserved(n) {
			delete(out, n)
		}
	}
	return out
}
