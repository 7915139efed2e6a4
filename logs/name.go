package logs

import (
	"strconv"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// what a key counts.
type what uint8

const (
	all        what = iota // every line
	level                  // those of a level
	withStatus             // those with an HTTP status
	status                 // those of a class of them
	byPattern              // those of a pattern
	value                  // those of a pattern that have a value in a slot
	high20                 // those with a number in a slot above which one in twenty was
	low20                  // or below
)

// name is what makes a key itself within its log group.
type name struct {
	what    what
	pattern pattern.ID
	slot    int32
	value   string
}

// labels are what tell the key's series from that of its log group.
func (n name) labels() map[string]string {
	m := map[string]string{}
	switch n.what {
	case all:
		m["lines"] = "all"
	case level:
		m["level"] = n.value
	case withStatus:
		m["status"] = "any"
	case status:
		m["status"] = n.value
	case byPattern, value, high20, low20:
		m["pattern"] = n.pattern.String()
	}
	switch n.what {
	case value:
		m["slot"], m["value"] = strconv.Itoa(int(n.slot)), n.value
	case high20, low20:
		m["slot"], m["numbers"] = strconv.Itoa(int(n.slot)), [...]string{"high", "low"}[n.what-high20]
	}
	return m
}

// metaOf is the meta of a key's series: that of its log group, and what it counts.
func metaOf(of *kizashi.Meta, n name) kizashi.Meta {
	id, ls := of.Identity.Map(), of.Labels.Map()
	for k, v := range n.labels() {
		id[k], ls[k] = v, v
	}
	m := *of
	m.Identity, m.Labels = kizashi.LabelsOf(id), kizashi.LabelsOf(ls)
	m.Series = kizashi.IDOf(of.Tenant, m.Identity)
	m.Unit, m.Statistic, m.Period = "Count", "Sum", kizashi.Duration(minute)
	m.Lower, m.Upper = 0, kizashi.None()
	m.Hints = kizashi.Hints{Class: of.Hints.Class, Sparse: true}
	return m
}
