package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// answer is what `aws cloudwatch get-metric-data` prints. It holds neither
// dimensions nor period; those are in the request.
type answer struct {
	MetricDataResults []result
	NextToken         string
	Messages          []message
}

type result struct {
	Id, Label, StatusCode string
	Timestamps            []json.RawMessage
	Values                []json.RawMessage
	Messages              []message
}

type message struct{ Code, Value string }

// readAnswer reads all pages of an answer and joins the results of one Id.
// doubts are what the answer says of not being all there is.
func readAnswer(b []byte) (out []result, doubts []string, err error) {
	at := map[string]int{}
	dec := json.NewDecoder(bytes.NewReader(b))
	last := ""
	for {
		begin := dec.InputOffset()
		var a answer
		switch err := dec.Decode(&a); {
		case errors.Is(err, io.EOF) && len(out) > 0:
			return out, append(doubts, unfinished(out, last)...), nil
		case errors.Is(err, io.EOF):
			return nil, nil, errors.New("no rows: the answer holds no results")
		case err != nil:
			return nil, nil, unreadable(b, begin, err)
		}
		last = a.NextToken
		for _, m := range a.Messages {
			doubts = append(doubts, fmt.Sprintf("CloudWatch says %s: %s", m.Code, m.Value))
		}
		for _, m := range a.MetricDataResults {
			if err := m.check(); err != nil {
				return nil, nil, err
			}
			i, ok := at[m.Id]
			if !ok {
				at[m.Id] = len(out)
				out = append(out, m)
				continue
			}
			out[i].StatusCode = m.StatusCode
			out[i].Timestamps = append(out[i].Timestamps, m.Timestamps...)
			out[i].Values = append(out[i].Values, m.Values...)
		}
	}
}

// unfinished tells of results whose last page is not there.
func unfinished(all []result, token string) (doubts []string) {
	if token != "" {
		doubts = append(doubts, "it ends with a NextToken: later pages are missing")
	}
	for _, m := range all {
		if m.StatusCode == "PartialData" {
			doubts = append(doubts, "result "+m.Id+" ends with PartialData: it is not complete")
		}
	}
	return doubts
}

// unreadable names the line at which JSON cannot be read: where the decoder says,
// or the last where the text ends too early. begin is where the value began.
func unreadable(b []byte, begin int64, err error) error {
	at := begin
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		at = int64(len(b))
		err = errors.New("the answer breaks off: unexpected EOF")
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &typ):
		at = begin + typ.Offset
	}
	at = min(max(at, 0), int64(len(b)))
	return fmt.Errorf("line %d: %w", 1+bytes.Count(bytes.TrimRight(b[:at], "\n"), []byte("\n")), err)
}

// check refuses a result that failed: a failed fetch is not an absence of
// data.
func (m result) check() error {
	if m.Id == "" {
		return errors.New("a result has no Id")
	}
	if len(m.Timestamps) != len(m.Values) {
		return fmt.Errorf("result %s: %d timestamps, but %d values", m.Id, len(m.Timestamps), len(m.Values))
	}
	switch m.StatusCode {
	case "", "Complete", "PartialData":
		return nil
	}
	why := m.StatusCode
	for _, x := range m.Messages {
		why += ": " + x.Value
	}
	return fmt.Errorf("result %s: CloudWatch answered %s", m.Id, why)
}

// names are what a column of the mapping may call the result.
func (m result) names() []string {
	if m.Label == "" || m.Label == m.Id {
		return []string{m.Id}
	}
	return []string{m.Id, m.Label}
}

// answerDecoder turns the columns of an answer into rows: one for each instant
// at which any of the results has a value, the oldest first.
type answerDecoder struct {
	rows []record
	n    int
}

// newAnswer lines up the results with the given Ids.
func newAnswer(results []result, ids []string, c *clock) (*answerDecoder, error) {
	d := &answerDecoder{}
	var order []kizashi.Time
	row := map[kizashi.Time][]record{}
	for i, id := range ids {
		for _, m := range results {
			if m.Id != id {
				continue
			}
			for j, ts := range m.Timestamps {
				text := scalar(ts)
				at, kind, _ := c.parse(text)
				if kind == unread {
					return nil, fmt.Errorf("result %s: timestamp %d, %q, cannot be read", id, j+1, cut(string(text)))
				}
				if len(row[at]) == 0 {
					order = append(order, at)
				}
				row[at] = place(row[at], text, i, len(ids), scalar(m.Values[j]))
			}
		}
	}
	sort.Slice(order, func(i, j int) bool { return order[i] < order[j] })
	for _, at := range order {
		d.rows = append(d.rows, row[at]...)
	}
	return d, nil
}

// place puts a value into the first row of its instant that has no other
// there; a second value of one instant thus becomes a row that repeats it.
func place(rows []record, stamp []byte, col, width int, v []byte) []record {
	for k := range rows {
		if rows[k].cells[col] == nil {
			rows[k].cells[col] = v
			return rows
		}
	}
	cells := make([][]byte, width)
	cells[col] = v
	return append(rows, record{stamp: stamp, cells: cells})
}

func (d *answerDecoder) next(r *record) error {
	if d.n == len(d.rows) {
		return io.EOF
	}
	*r = d.rows[d.n]
	d.n++
	r.line = d.n
	return nil
}

// answerLayout lists the results of an answer as columns.
func answerLayout(results []result, w wish) (layout, []string, error) {
	var l layout
	names := make([][]string, len(results))
	for i, m := range results {
		names[i] = m.names()
	}
	wanted := map[int]bool{}
	for _, v := range w.values {
		i, err := findColumn(names, v)
		if err != nil {
			return l, nil, fmt.Errorf("%w (results are named by Id or label)", err)
		}
		wanted[i] = true
	}
	var ids []string
	rows := 0
	for i, m := range results {
		if len(wanted) > 0 && !wanted[i] {
			l.ignored = append(l.ignored, m.Id)
			continue
		}
		rows += len(m.Timestamps)
		ids = append(ids, m.Id)
		l.names, l.aliases = append(l.names, m.Id), append(l.aliases, names[i])
	}
	if rows == 0 {
		return l, nil, fmt.Errorf("no rows: the results %s hold no values", strings.Join(ids, ", "))
	}
	return l, ids, nil
}
