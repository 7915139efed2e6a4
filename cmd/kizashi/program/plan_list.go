package program

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
	"github.com/kizashi-ops/kizashi/yamlstrict"
)

// counted is one row of a list: a metric, or so many of its name that nobody
// told apart.
type counted struct {
	tenant, account, region string
	namespace, metric       string
	dims                    map[string]string // nil = not told
	count                   int64
}

// listColumns are those that a row may have.
var listColumns = []string{"tenant", "account", "region", "namespace", "metric", "dimensions", "count"}

// readList reads a list of metrics: CSV with a header, JSON lines, or what
// `aws cloudwatch list-metrics` prints. What a row does not say of tenant,
// account and region is taken from def.
func readList(file string, def counted) ([]counted, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	read := readCSV
	if t := bytes.TrimSpace(b); len(t) > 0 && t[0] == '{' {
		read = readJSON
	}
	rows, err := read(b, def)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: no metric stands in it", file)
	}
	return rows, nil
}

func readCSV(b []byte, def counted) ([]counted, error) {
	r := csv.NewReader(bufio.NewReader(bytes.NewReader(b)))
	r.TrimLeadingSpace = true
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty; want a list of metrics")
	} else if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, h := range head {
		h = strings.ToLower(strings.TrimSpace(h))
		if _, twice := at[h]; twice {
			return nil, fmt.Errorf("line 1: column %q stands twice", h)
		}
		at[h] = i
		if !contains(listColumns, h) {
			return nil, fmt.Errorf("line 1: unknown column %q%s", h, yamlstrict.Nearest(h, append([]string(nil), listColumns...)))
		}
	}
	var out []counted
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, cutCSV(err)
		}
		line, _ := r.FieldPos(0)
		c, err := rowOf(def, func(column string) string {
			if i, ok := at[column]; ok {
				return strings.TrimSpace(row[i])
			}
			return ""
		})
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		out = append(out, c)
	}
}

// cutCSV says what a row without all its fields most likely is.
func cutCSV(err error) error {
	if errors.Is(err, csv.ErrFieldCount) || errors.Is(err, csv.ErrQuote) {
		return fmt.Errorf("%w: is the file cut there?", err)
	}
	return err
}

func rowOf(def counted, get func(column string) string) (counted, error) {
	c := def
	c.tenant, c.account, c.region = cmp.Or(get("tenant"), def.tenant), cmp.Or(get("account"), def.account), cmp.Or(get("region"), def.region)
	c.namespace, c.metric, c.count = get("namespace"), get("metric"), 1
	if s := get("dimensions"); s != "" {
		c.dims = map[string]string{}
		for _, d := range strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == '|' }) {
			name, value, ok := strings.Cut(d, "=")
			if !ok || name == "" {
				return c, fmt.Errorf("dimensions: want Name=Value;Name=Value, not %q", s)
			}
			c.dims[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	if s := get("count"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 1 || n > 1e9 {
			return c, fmt.Errorf("count: want a number of metrics, not %q", s)
		}
		c.count = n
	}
	return c, c.check()
}

var accountForm = regexp.MustCompile(`^[0-9]{12}$`)

func (c counted) check() error {
	switch {
	case c.namespace == "" || c.metric == "":
		return errors.New("want a namespace and a metric")
	case !accountForm.MatchString(c.account):
		return fmt.Errorf("account: want twelve digits, not %q", c.account)
	case c.dims != nil && c.count != 1:
		return errors.New("dimensions name one metric, and count says that there are more")
	}
	return nil
}

// readJSON reads one value after the other: a metric, or a page of them.
func readJSON(b []byte, def counted) ([]counted, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	var out []counted
	for {
		var v map[string]json.RawMessage
		err := dec.Decode(&v)
		line := 1 + bytes.Count(b[:min(dec.InputOffset(), int64(len(b)))], []byte("\n"))
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, fmt.Errorf("the file is cut: its JSON does not end (begun on line %d)", line)
		case err != nil:
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		rows := []map[string]json.RawMessage{v}
		if page, ok := v["Metrics"]; ok {
			if t := text(v["NextToken"]); t != "" {
				return nil, fmt.Errorf("line %d: this is one page of several, as it has a NextToken; want the whole list (without --max-items and --no-paginate)", line)
			}
			rows = nil
			if err := json.Unmarshal(page, &rows); err != nil {
				return nil, fmt.Errorf("line %d: Metrics: %w", line, err)
			}
		}
		for _, row := range rows {
			c, err := jsonRow(row, def)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", line, err)
			}
			out = append(out, c)
		}
	}
}

// jsonNames are the keys of a row in AWS's words.
var jsonNames = map[string]string{"Namespace": "namespace", "MetricName": "metric", "Dimensions": "dimensions"}

func jsonRow(v map[string]json.RawMessage, def counted) (counted, error) {
	dims := v["dimensions"]
	got := map[string]string{}
	for k, raw := range v {
		name := cmp.Or(jsonNames[k], k)
		switch {
		case !contains(listColumns, name):
			return counted{}, fmt.Errorf("unknown key %q%s", k, yamlstrict.Nearest(k, append([]string(nil), listColumns...)))
		case name == "dimensions":
			dims = raw
		default:
			got[name] = text(raw)
		}
	}
	c, err := rowOf(def, func(column string) string { return got[column] })
	if err != nil || len(dims) == 0 {
		return c, err
	}
	c.dims = map[string]string{}
	if json.Unmarshal(dims, &c.dims) == nil {
		return c, c.check()
	}
	var list []struct{ Name, Value string }
	if err := json.Unmarshal(dims, &list); err != nil {
		return c, fmt.Errorf("dimensions: want an object, or a list of Name and Value: %w", err)
	}
	for _, d := range list {
		c.dims[d.Name] = d.Value
	}
	return c, c.check()
}

// text of a JSON string or number; "" of anything else.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}

// metric of a row. Of one that stands for many the dimensions are those under
// which it would be watched, without values.
func (c counted) listed(first []string) inventory.Metric {
	m := inventory.Metric{Account: c.account, Namespace: c.namespace, Name: c.metric, Dimensions: c.dims}
	if c.dims == nil {
		m.Dimensions = map[string]string{}
		for _, d := range first {
			m.Dimensions[d] = ""
		}
	}
	return m
}
