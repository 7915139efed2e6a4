package replay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/catalogue"
	"github.com/kizashi-ops/kizashi/ingest/logfile"
	"github.com/kizashi-ops/kizashi/yamlstrict"
)

// Mapping says what files are: which series of which account, in which unit.
type Mapping struct {
	Path    string
	Entries []Entry // the first that matches a file counts
}

// Entry describes the files that it matches.
//
// With a tenant the files are metrics of that tenant and have the identity of
// the live series. Without one each file stays a tenant of its own, and the
// entry only says how to read it.
type Entry struct {
	Line      int    // in the mapping's file
	Match     string // glob over the path as reports name it; without a slash over its last part
	Request   string // file with the request (MetricDataQueries) that the JSON answers
	Tenant    string
	Account   string
	Region    string
	Period    time.Duration // 0 = not known
	Settle    time.Duration
	Zone      string // of timestamps without one, and of the series' wall time
	Timestamp string // column
	Encoding  string
	Select    kizashi.Matchers  // of series with labels those that it describes; none = all
	Type      string            // of them: gauge or counter; "" = as declared, or by their names
	LogGroup  string            // it is a log: the group's name; * = the groups that payloads name
	Year      int               // of times in a log that have none
	First     string            // regular expression that the first row of an event in a log matches; "" = see package logfile
	first     *regexp.Regexp    // First
	Column    Column            // of the only value column, and the default of Columns
	Columns   map[string]Column // by the column's name; the others are not read
	queries   map[string]query  // of Request, by Id
	known     *catalogue.Catalogue
}

// Column describes one series.
type Column struct {
	Namespace, Metric, Statistic, Unit, Group string
	Dimensions, Labels                        map[string]string
	Lower, Upper                              kizashi.Num
}

// LoadMapping reads a mapping. A JSON file with MetricDataQueries, the request
// of get-metric-data, is one too: it describes every answer under the tenant
// "default".
func LoadMapping(file string) (*Mapping, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("mapping: %w", err)
	}
	return parseMapping(file, b)
}

func parseMapping(file string, b []byte) (*Mapping, error) {
	if t := bytes.TrimSpace(b); len(t) > 0 && t[0] == '{' && bytes.Contains(t, []byte(`"MetricDataQueries"`)) {
		qs, err := parseRequest(file, b)
		if err != nil {
			return nil, err
		}
		e := Entry{Line: 1, Match: "*", Tenant: "default", Request: file, Column: noColumn(), queries: qs}
		return &Mapping{Path: file, Entries: []Entry{e}}, nil
	}
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(b))
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: empty: want files:", file)
	} else if err != nil {
		return nil, fmt.Errorf("%s: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	m := &Mapping{Path: file}
	w := &walker{yamlstrict.Walker{File: file}}
	w.Fields(doc.Content[0], "the mapping", map[string]func(*yaml.Node){
		"files": func(n *yaml.Node) {
			if n.Kind != yaml.SequenceNode {
				w.Fail(n, "files: want a list of entries, each with match:")
				return
			}
			for _, e := range n.Content {
				m.Entries = append(m.Entries, w.entry(e))
			}
		},
	})
	if err := w.Err(); err != nil {
		return nil, err
	}
	if len(m.Entries) == 0 {
		return nil, fmt.Errorf("%s: no entries: want files:", file)
	}
	return m, nil
}

func noColumn() Column { return Column{Lower: kizashi.None(), Upper: kizashi.None()} }

func (w *walker) entry(n *yaml.Node) Entry {
	e := Entry{Line: n.Line, Column: noColumn()}
	var columns *yaml.Node
	set := w.column(&e.Column)
	for k, f := range map[string]func(*yaml.Node){
		"match": w.Text(&e.Match, "match"), "request": w.Text(&e.Request, "request"),
		"tenant": w.Text(&e.Tenant, "tenant"), "account": w.Text(&e.Account, "account"), "region": w.Text(&e.Region, "region"),
		"period": w.Duration(&e.Period, "period"), "settle": w.Duration(&e.Settle, "settle"),
		"zone": w.Text(&e.Zone, "zone"), "timestamp": w.Text(&e.Timestamp, "timestamp"), "encoding": w.Text(&e.Encoding, "encoding"),
		"select": w.Matchers(&e.Select, "select"), "type": w.Text(&e.Type, "type"),
		"log_group": w.Text(&e.LogGroup, "log_group"), "year": w.Int(&e.Year, "year"), "first_row": w.Text(&e.First, "first_row"),
		"columns": func(n *yaml.Node) { columns = n },
	} {
		set[k] = f
	}
	w.Fields(n, "an entry", set)
	if columns != nil {
		w.columns(&e, columns)
	}
	w.check(&e, n)
	return e
}

// columns are read after the rest of the entry, as it holds their defaults.
func (w *walker) columns(e *Entry, n *yaml.Node) {
	e.Columns = map[string]Column{}
	w.Pairs(n, "columns", func(k, v *yaml.Node) {
		c := e.Column
		if v.Kind == yaml.ScalarNode && v.Tag != "!!null" {
			c.Metric = v.Value
		} else {
			w.Fields(v, "column "+k.Value, w.column(&c))
		}
		e.Columns[k.Value] = c
	})
}

func (w *walker) column(c *Column) map[string]func(*yaml.Node) {
	return map[string]func(*yaml.Node){
		"namespace": w.Text(&c.Namespace, "namespace"), "metric": w.Text(&c.Metric, "metric"),
		"statistic": w.Text(&c.Statistic, "statistic"), "unit": w.Text(&c.Unit, "unit"), "group": w.Text(&c.Group, "group"),
		"dimensions": w.Texts(&c.Dimensions, "dimensions"), "labels": w.Texts(&c.Labels, "labels"),
		"lower": w.Number(&c.Lower, "lower"), "upper": w.Number(&c.Upper, "upper"),
	}
}

// check says what an entry lacks or has too much of.
func (w *walker) check(e *Entry, n *yaml.Node) {
	if e.Match == "" {
		w.Fail(n, "an entry has no match: (a glob such as \"alb-*.csv\")")
	} else if _, err := path.Match(e.Match, "x"); err != nil {
		w.Fail(n, "match: %q is not a glob", e.Match)
	}
	if err := checkZone("zone", e.Zone); err != nil {
		w.Fail(n, "%s", err)
	}
	if _, ok := kindNames[e.Type]; e.Type != "" && !ok {
		w.Fail(n, "type: %q: want gauge or counter", e.Type)
	}
	if _, err := findEncoding(nil, true, e.Encoding); err != nil && logfile.CheckEncoding(e.Encoding) != nil {
		w.Fail(n, "%s", err)
	}
	all := []Column{e.Column}
	for _, c := range e.Columns {
		all = append(all, c)
	}
	for _, c := range all {
		if c.Lower.Ok() && c.Upper.Ok() && c.Lower >= c.Upper {
			w.Fail(n, "lower %v is not below upper %v", c.Lower, c.Upper)
		}
		for l := range c.Labels {
			if ingest.Reserved(l) {
				w.Fail(n, "labels: %q is set by the metric itself", l)
			}
		}
	}
	w.checkLog(e, n)
	w.checkTenant(e, all, n)
	if e.Request != "" {
		w.loadRequest(e, n)
	}
}

// checkLog says what is wrong with what an entry says of a log.
func (w *walker) checkLog(e *Entry, n *yaml.Node) {
	if e.LogGroup != "" && (e.Column.Metric != "" || e.Column.Namespace != "" || len(e.Columns) > 0 || len(e.Select) > 0 || e.Request != "" || e.Timestamp != "") {
		w.Fail(n, "an entry is of a log (log_group:) or of metrics, not of both")
	}
	if e.Year != 0 && (e.Year < 1990 || e.Year > 2100) {
		w.Fail(n, "year: %d: want one from 1990 to 2100", e.Year)
	}
	if e.First == "" {
		return
	}
	var err error
	if e.first, err = regexp.Compile(e.First); err != nil {
		w.Fail(n, "first_row: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
}

func (w *walker) checkTenant(e *Entry, all []Column, n *yaml.Node) {
	if e.Tenant == "" {
		named := e.Account != "" || e.Region != "" || e.Request != ""
		for _, c := range all {
			named = named || c.Metric != "" || c.Namespace != "" || len(c.Dimensions) > 0
		}
		if named {
			w.Fail(n, "an entry that names a metric needs a tenant:")
		}
		return
	}
	if e.Request != "" || e.LogGroup != "" {
		return
	}
	if len(e.Columns) == 0 && e.Column.Metric == "" && len(e.Select) == 0 {
		w.Fail(n, "an entry with a tenant needs metric:, columns:, select:, request: or log_group:")
	}
	for name, c := range e.Columns {
		if c.Metric == "" {
			w.Fail(n, "column %q has no metric:", name)
		}
	}
}

// loadRequest reads the request named by an entry, relative to the mapping.
func (w *walker) loadRequest(e *Entry, n *yaml.Node) {
	file := e.Request
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(w.File), file)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		w.Fail(n, "request: %s", err)
		return
	}
	if e.queries, err = parseRequest(file, b); err != nil {
		w.Fail(n, "request: %s", err)
	}
}

// entryFor returns the first entry that matches a file, or nil.
func (m *Mapping) entryFor(name string) *Entry {
	if es := m.entriesFor(name); len(es) > 0 {
		return es[0]
	}
	return nil
}

// entriesFor returns all entries that match a file: one that holds series with
// labels may need several.
func (m *Mapping) entriesFor(name string) (es []*Entry) {
	if m == nil {
		return nil
	}
	for i := range m.Entries {
		if m.Entries[i].matches(name) {
			es = append(es, &m.Entries[i])
		}
	}
	return es
}

func (e *Entry) matches(name string) bool {
	for _, n := range []string{name, strings.TrimSuffix(name, ".gz")} {
		if !strings.Contains(e.Match, "/") {
			n = path.Base(n)
		}
		if ok, err := path.Match(e.Match, n); ok && err == nil {
			return true
		}
	}
	return false
}
