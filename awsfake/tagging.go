package awsfake

import (
	"fmt"
	"slices"
	"strings"
)

var _ = register("tagging", map[string]handler{"GetResources": getResources})

// Limits of GetResources, as its documentation states them.
const (
	maxTagFilters = 50
	maxTagValues  = 20
)

// getResources tells of resources that have tags or, as AWS does, had some:
// of what was never tagged it says nothing.
func getResources(q *request) (object, error) {
	n, err := q.limit("ResourcesPerPage", 1, 100, 50)
	if err != nil {
		return nil, err
	}
	byTag := list(q.in["TagFilters"])
	if len(byTag) > maxTagFilters {
		return nil, fmt.Errorf("TagFilters: %d, want at most %d", len(byTag), maxTagFilters)
	}
	for _, f := range byTag {
		if v := list(dict(f)["Values"]); len(v) > maxTagValues {
			return nil, fmt.Errorf("TagFilters: %d values of %s, want at most %d", len(v), text(dict(f)["Key"]), maxTagValues)
		}
	}
	types, arns := texts(q.in["ResourceTypeFilters"]), texts(q.in["ResourceARNList"])
	q.region.mu.RLock()
	defer q.region.mu.RUnlock()
	var found []any
	for _, arn := range sortedKeys(q.region.state.tags) {
		tags := q.region.state.tags[arn]
		if len(tags) == 0 || !ofTypes(arn, types) || len(arns) > 0 && !slices.Contains(arns, arn) || !tagged(tags, byTag) {
			continue
		}
		found = append(found, object{{"ResourceARN", arn}, {"Tags", tagList(tags, "Key", "Value")}})
	}
	out, err := q.paged("ResourceTagMappingList", found, "PaginationToken", q.in["PaginationToken"], n)
	if err == nil && len(out) == 1 {
		out = append(out, field{"PaginationToken", ""}) // the last page has an empty one
	}
	return out, err
}

// ofTypes says whether an ARN is of a type: "ec2" or "ec2:instance".
func ofTypes(arn string, types []string) bool {
	if len(types) == 0 {
		return true
	}
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		return false
	}
	kind := parts[5]
	if i := strings.IndexAny(kind, "/:"); i >= 0 {
		kind = kind[:i]
	}
	return slices.Contains(types, parts[2]) || slices.Contains(types, parts[2]+":"+kind)
}

// tagged says whether every filter's key has one of its values, or any if
// it names none.
func tagged(tags map[string]string, filters []any) bool {
	for _, f := range filters {
		v, ok := tags[text(dict(f)["Key"])]
		values := texts(dict(f)["Values"])
		if !ok || len(values) > 0 && !slices.Contains(values, v) {
			return false
		}
	}
	return true
}
