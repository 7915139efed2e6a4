package inventory

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Op is what happened to a resource between two scans.
type Op string

const (
	Added    Op = "added"
	Removed  Op = "removed"
	Retagged Op = "retagged"
)

// Change is one resource, or one metric without one, in one group.
type Change struct {
	Group    string      `json:"group"`
	Op       Op          `json:"op"`
	Resource string      `json:"resource"`          // ARN; without one the metric itself
	Metrics  int         `json:"metrics,omitempty"` // that came or went with it
	Tags     []TagChange `json:"tags,omitempty"`
	Reason   string      `json:"reason,omitempty"` // why it went, where that is known
}

// TagChange is a tag that has another value; "" = none.
type TagChange struct {
	Key string `json:"key"`
	Old string `json:"old"`
	New string `json:"new"`
}

// Diff says what was added, removed and retagged between two scans of one
// region, per group. groupOf names a metric's group; nil = its namespace. Tags
// are compared where both scans could read them.
func Diff(old, now *Snapshot, groupOf func(Metric) string) []Change {
	if groupOf == nil {
		groupOf = func(m Metric) string { return m.Namespace }
	}
	d := &difference{groupOf: groupOf, rows: map[string]*Change{}}
	d.metrics(Removed, old, now)
	d.metrics(Added, now, old)
	groups := map[string][]string{} // by ARN
	for _, m := range now.Metrics {
		if r := now.ResourceOf(m); r != nil && !slices.Contains(groups[r.ARN], groupOf(m)) {
			groups[r.ARN] = append(groups[r.ARN], groupOf(m))
		}
	}
	for i := range now.Resources {
		r := &now.Resources[i]
		was := old.Find(r.ARN)
		if was == nil || !comparable(old, was) || !comparable(now, r) {
			continue
		}
		if tags := tagChanges(was.Tags, r.Tags); len(tags) > 0 {
			in := groups[r.ARN]
			if len(in) == 0 {
				in = []string{""} // it has no metrics
			}
			for _, g := range in {
				d.row(g, Retagged, r.ARN).Tags = tags
			}
		}
	}
	return d.sorted()
}

// comparable says whether the tags of a resource were read.
func comparable(s *Snapshot, r *Resource) bool {
	return s.read(GetResources) || slices.Contains(r.Seen, "instances")
}

type difference struct {
	groupOf func(Metric) string
	rows    map[string]*Change
}

func (d *difference) row(group string, op Op, resource string) *Change {
	k := strings.Join([]string{group, string(op), resource}, "\x00")
	if d.rows[k] == nil {
		d.rows[k] = &Change{Group: group, Op: op, Resource: resource}
	}
	return d.rows[k]
}

// metrics that are in one and not in the other.
func (d *difference) metrics(op Op, in, not *Snapshot) {
	not.once.Do(not.index)
	for _, m := range in.Metrics {
		if not.isListed[m.Key()] {
			continue
		}
		name := m.String()
		if r := in.ResourceOf(m); r != nil {
			name = r.ARN
		}
		row := d.row(d.groupOf(m), op, name)
		row.Metrics++
		if e, ok := not.Ending(m); ok && op == Removed {
			row.Reason = string(e.Ending) + ": " + e.Reason
		}
	}
}

func (d *difference) sorted() (out []Change) {
	for _, k := range slices.Sorted(maps.Keys(d.rows)) {
		out = append(out, *d.rows[k])
	}
	slices.SortStableFunc(out, func(a, b Change) int { return cmp.Compare(a.Group, b.Group) })
	return out
}

func tagChanges(old, now map[string]string) (out []TagChange) {
	keys := map[string]bool{}
	for k := range old {
		keys[k] = true
	}
	for k := range now {
		keys[k] = true
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if old[k] != now[k] {
			out = append(out, TagChange{k, old[k], now[k]})
		}
	}
	return out
}
