package catalogue

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi/yamlstrict"
)

// reader reads one file into a copy of the catalogue.
type reader struct {
	*yamlstrict.Walker
	user    bool // adds and overrides; else each entry is new and complete
	pages   map[string]string
	metrics map[string]map[string]Metric
	also    map[string]string
	refs    []func()            // checks between entries, once all are read
	bad     map[*yaml.Node]bool // told already: a default is read once per entry
}

// row is what a file says of a metric so far: nodes by field, the nearer over
// the farther.
type row struct{ fields, sources map[string]*yaml.Node }

func (r row) clone() row { return row{maps.Clone(r.fields), maps.Clone(r.sources)} }

// add reads a file. On a fault the catalogue stays as it was.
func (c *Catalogue) add(file string, b []byte, user bool) error {
	r := &reader{Walker: &yamlstrict.Walker{File: file}, user: user, pages: map[string]string{},
		metrics: map[string]map[string]Metric{}, also: maps.Clone(c.also), bad: map[*yaml.Node]bool{}}
	for n, m := range c.metrics {
		r.metrics[n] = maps.Clone(m)
	}
	doc, err := r.Parse(b)
	if err != nil {
		return err
	}
	if doc == nil {
		return fmt.Errorf("%s: the file is empty; want namespaces", file)
	}
	r.file(doc)
	for _, check := range r.refs {
		check()
	}
	if err := r.Err(); err != nil {
		return err
	}
	c.metrics, c.also = r.metrics, r.also
	return nil
}

// file reads pages and defaults first, wherever they stand: the entries need
// them.
func (r *reader) file(doc *yaml.Node) {
	base := row{map[string]*yaml.Node{}, map[string]*yaml.Node{}}
	var spaces *yaml.Node
	r.Fields(doc, "the catalogue", map[string]func(*yaml.Node){
		"pages":      r.Texts(&r.pages, "pages"),
		"defaults":   r.defaults(base, "defaults"),
		"sources":    r.sources(base, "sources"),
		"namespaces": func(n *yaml.Node) { spaces = n },
	})
	if spaces == nil {
		r.Fail(doc, "no namespaces")
		return
	}
	r.Pairs(spaces, "namespaces", func(k, v *yaml.Node) { r.namespace(k, v, base.clone()) })
}

func (r *reader) namespace(key, n *yaml.Node, base row) {
	name := key.Value
	var also []string
	var metrics *yaml.Node
	r.Fields(n, name, map[string]func(*yaml.Node){
		"also":     r.TextList(&also, name+" also"),
		"defaults": r.defaults(base, name+" defaults"),
		"sources":  r.sources(base, name+" sources"),
		"metrics":  func(n *yaml.Node) { metrics = n },
	})
	for _, a := range also {
		r.also[a] = name
	}
	if metrics == nil {
		r.Fail(key, "%s: no metrics", name)
		return
	}
	if r.metrics[name] == nil {
		r.metrics[name] = map[string]Metric{}
	}
	r.Pairs(metrics, name+" metrics", func(k, v *yaml.Node) { r.entry(name, k, v, base.clone()) })
}

// settable is the fields that a file may give: all but those that are keys.
func settable() []string { return append(Fields()[2:], "expression") }

func (r *reader) defaults(into row, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		set := map[string]func(*yaml.Node){}
		for _, f := range settable() {
			set[f] = func(v *yaml.Node) { into.fields[f] = yamlstrict.Resolve(v) }
		}
		r.Fields(n, what, set)
	}
}

func (r *reader) sources(into row, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		set := map[string]func(*yaml.Node){}
		for _, f := range Fields()[1:] {
			set[f] = func(v *yaml.Node) { into.sources[f] = yamlstrict.Resolve(v) }
		}
		r.Fields(n, what, set)
	}
}

// entry reads one metric over the defaults, and a user's over what is there.
func (r *reader) entry(namespace string, key, n *yaml.Node, row row) {
	what := namespace + " " + key.Value
	set := map[string]func(*yaml.Node){"sources": r.sources(row, what+" sources")}
	for _, f := range settable() {
		set[f] = func(v *yaml.Node) { row.fields[f] = yamlstrict.Resolve(v) }
	}
	r.Fields(n, what, set)
	m, there := r.metrics[namespace][key.Value]
	switch {
	case there && !r.user:
		r.Fail(key, "%s stands twice in the catalogue", what)
		return
	case there:
		m = m.clone()
	default:
		m = blank(namespace, key.Value)
	}
	e := &entry{r, what, key, row, &m, !there}
	e.read()
	r.metrics[namespace][key.Value] = m
}

// from resolves a source as it is written: "cdk", "ours", "aws PAGE", either
// with more behind a colon.
func (r *reader) from(n *yaml.Node) string {
	s, ok := r.Scalar(n, "source")
	if !ok {
		return ""
	}
	kind, detail, more := strings.Cut(s, ": ")
	word, key, paged := strings.Cut(kind, " ")
	switch {
	case paged && word == "aws":
		page, ok := r.pages[key]
		if !ok {
			r.Fail(n, "source %q: no such page%s", s, yamlstrict.Nearest(key, slices.Collect(maps.Keys(r.pages))))
			return ""
		}
		kind = "aws: " + page
	case kind == "cdk" || kind == "ours":
	default:
		r.Fail(n, "source %q: want cdk, ours, or aws and the key of a page; a field nobody knows has the value unknown instead", s)
		return ""
	}
	if more {
		kind += ": " + detail
	}
	return kind
}
