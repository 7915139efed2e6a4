package awsfake

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const listPerPage = 500

// recent is how far back RecentlyActive PT3H looks: AWS documents that what
// is listed may have had its last point up to 50 minutes before that.
const recent = 3*time.Hour + 50*time.Minute

// offset reads a NextToken, which is the number of items told already.
func offset(v any) (int, error) {
	s := text(v)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(s, "after-"))
	if err != nil || n < 0 {
		return 0, fmt.Errorf("NextToken %q is not known", s)
	}
	return n, nil
}

func token(n int) string { return "after-" + strconv.Itoa(n) }

// pageOf cuts a list: the items after those of the token, at most per of
// them, and the token of the next page, "" if this is the last.
func pageOf[T any](all []T, tok any, per int) (page []T, next string, err error) {
	skip, err := offset(tok)
	if err != nil {
		return nil, "", err
	}
	skip = min(skip, len(all))
	end := min(skip+per, len(all))
	if end < len(all) {
		next = token(end)
	}
	return all[skip:end], next, nil
}

// listMetrics names metrics from DiscoveryLag after their first point on,
// until they had none for DiscoveryMemory.
func listMetrics(q *request) (object, error) {
	skip, err := offset(q.in["NextToken"])
	if err != nil {
		return nil, err
	}
	if r := text(q.in["RecentlyActive"]); r != "" && r != "PT3H" {
		return nil, fmt.Errorf("RecentlyActive %q: want PT3H", r)
	}
	if q.effect.empty() {
		return object{{"Metrics", []any{}}, {"NextToken", token(skip)}}, nil
	}
	regions := []*Region{q.region}
	linked, _ := flag(q.in["IncludeLinkedAccounts"])
	if linked {
		for _, a := range q.region.account.sources() {
			regions = append(regions, a.Region(q.region.name))
		}
	}
	type owned struct {
		*series
		owner string
	}
	var found []owned
	owner := text(q.in["OwningAccount"])
	for _, r := range regions {
		if owner != "" && owner != r.account.id {
			continue
		}
		for _, s := range r.all() {
			if q.lists(r, s) {
				found = append(found, owned{s, r.account.id})
			}
		}
	}
	page, next, err := pageOf(found, q.in["NextToken"], listPerPage)
	if err != nil {
		return nil, err
	}
	metrics, owners := []any{}, []any{}
	for _, s := range page {
		metrics, owners = append(metrics, s.listed()), append(owners, s.owner)
	}
	out := object{{"Metrics", metrics}}
	if linked {
		out = append(out, field{"OwningAccounts", owners})
	}
	if next != "" {
		out = append(out, field{"NextToken", next})
	}
	return out, nil
}

// lists says whether a ListMetrics call names a series.
func (q *request) lists(r *Region, s *series) bool {
	if ns := text(q.in["Namespace"]); ns != "" && ns != s.namespace {
		return false
	}
	if n := text(q.in["MetricName"]); n != "" && n != s.name {
		return false
	}
	for _, f := range list(q.in["Dimensions"]) {
		value, said := dict(f)["Value"]
		if !s.has(text(dict(f)["Name"]), text(value), said) {
			return false
		}
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	v := q.effect.view(q.now, s.name)
	first := s.firstSeen(v)
	lag := q.cloud.lag + q.effect.discovery()
	if first == 0 || q.now.UnixNano() < first+int64(lag) {
		return false
	}
	memory := q.cloud.memory
	if text(q.in["RecentlyActive"]) != "" {
		memory = recent
	}
	if memory == 0 {
		return true
	}
	_, ok := s.lastAt(v, q.now.Add(-memory).Unix())
	return ok
}

// has says whether the series has a dimension, of that value if one is said.
func (s *series) has(name, value string, said bool) bool {
	for _, d := range s.dims {
		if d.name == name {
			return !said || d.value == value
		}
	}
	return false
}

func (s *series) listed() object {
	return object{{"Namespace", s.namespace}, {"MetricName", s.name}, {"Dimensions", wireDims(s.dims)}}
}

func wireDims(ds []dim) []any {
	out := []any{}
	for _, d := range ds {
		out = append(out, object{{"Name", d.name}, {"Value", d.value}})
	}
	return out
}
