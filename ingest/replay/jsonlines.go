package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
)

// jsonDecoder reads one JSON object a line.
type jsonDecoder struct {
	in    *lines
	stamp string
	names []string
}

func (d *jsonDecoder) next(r *record) error {
	for {
		b, err := d.in.next()
		if err != nil {
			return err
		}
		if blank(b) {
			continue
		}
		r.line, r.fault, r.stamp = d.in.line, "", nil
		r.cells = make([][]byte, len(d.names))
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(b, &fields); err != nil || fields == nil {
			r.fault = BadJSON
			return nil
		}
		if s, ok := fields[d.stamp]; ok {
			r.stamp = scalar(s)
		}
		for i, n := range d.names {
			if v, ok := fields[n]; ok {
				r.cells[i] = scalar(v)
			}
		}
		return nil
	}
}

// scalar is the text of a JSON value; null is empty.
func scalar(v json.RawMessage) []byte {
	if string(v) == "null" {
		return []byte{}
	}
	if len(v) > 0 && v[0] == '"' {
		var s string
		if json.Unmarshal(v, &s) == nil {
			return trim([]byte(s))
		}
	}
	return v
}

// jsonLayout finds the columns of a file of JSON lines.
func jsonLayout(b []byte, full bool, w wish, c *clock) (layout, error) {
	var rows []map[string]json.RawMessage
	var h head
	keys := map[string]bool{}
	for line := 1; len(b) > 0 && len(rows) < headRows; line++ {
		i := bytes.IndexByte(b, '\n')
		if i < 0 && !full {
			if len(rows) == 0 {
				return layout{}, fmt.Errorf("line %d is longer than %d KiB: want one JSON object on each line, or an answer of CloudWatch", line, len(b)>>10)
			}
			break
		}
		l := b
		if b = nil; i >= 0 {
			l, b = l[:i], l[i+1:]
		}
		var fields map[string]json.RawMessage
		if blank(l) {
			continue
		}
		if json.Unmarshal(l, &fields) != nil {
			if len(rows) == 0 {
				return layout{}, fmt.Errorf("line %d: neither a JSON object on one line nor an answer of get-metric-data: %q", line, cut(string(l)))
			}
			continue
		}
		rows, h.lines = append(rows, fields), append(h.lines, line)
		for k := range fields {
			keys[k] = true
		}
	}
	if len(rows) == 0 {
		return layout{}, fmt.Errorf("no rows")
	}
	names := make([]string, 0, len(keys))
	for k := range keys {
		names = append(names, k)
	}
	sort.Strings(names)
	return choose(named(names), h.of(rows, names), 0, w, c)
}

// of makes a table of objects.
func (h head) of(rows []map[string]json.RawMessage, names []string) head {
	for _, r := range rows {
		cells := make([]string, len(names))
		for i, n := range names {
			cells[i] = string(scalar(r[n]))
		}
		h.rows = append(h.rows, cells)
	}
	return h
}
