package awsfake

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of GetMetricData, as its documentation states them.
const (
	MaxQueries = 500     // of one call
	MaxPoints  = 100_800 // of one page
)

// dataRequest is a GetMetricData request.
type dataRequest struct {
	from, to time.Time
	queries  []query
	scan     string
	token    string
	max      int // MaxDatapoints; 0 = not said
}

// query is one MetricDataQuery. The place of its metric's series is found
// once, when the request is read.
type query struct {
	id, label, expr, account string
	namespace, name          string
	stat, unit               string
	dims                     []dim
	period                   int64 // seconds
	metric                   bool  // has a MetricStat
	hidden                   bool  // ReturnData false
	st                       statistic
	region                   *Region // that the series is of
	series                   *series // nil = there is none
	forbidden                bool    // of an account that is not linked
}

// row is one MetricDataResult: points lo to hi of the scratch.
type row struct {
	id, label, status string
	lo, hi            int
	code, note        string // of a message; "" = none
}

// dataAnswer is a GetMetricData answer.
type dataAnswer struct {
	rows       []row
	next       string
	code, note string
}

// getMetricData is the one operation with its own reader and writer: it makes
// up nearly all that a fleet asks for.
func (q *request) getMetricData(sc *scratch) (reply, error) {
	in, err := q.dataRequest(sc)
	if err != nil {
		return reply{}, err
	}
	q.log.Queries, q.log.From, q.log.To, q.log.Scan = len(in.queries), in.from, in.to, strings.Clone(in.scan)
	if err := q.prepare(in, sc); err != nil {
		return reply{}, err
	}
	at, err := readCursor(in.token, len(in.queries))
	if err != nil {
		return reply{}, err
	}
	if in.token == "" {
		at.split = min(q.effect.split(), MaxPoints)
	}
	var out dataAnswer
	switch f := q.effect; {
	case f.empty():
		out.next = at.String()
	case at.split > 0:
		out = q.splitPage(in, sc, at)
	default:
		out = q.page(in, sc, at, f.room(cmp.Or(in.max, MaxPoints)))
	}
	if in.maths() && !q.effect.empty() {
		out.next = "" // "NextToken is not returned if you are performing a math expression"
	}
	if q.wrong != nil {
		return reply{}, q.wrong
	}
	out.code, out.note = q.effect.message()
	q.log.Returned = len(sc.values)
	return q.dataReply(out, sc)
}

// idOK says whether an Id is a lowercase letter, then letters, digits and _.
func idOK(id string) bool {
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (i == 0 || c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z')) {
			return false
		}
	}
	return id != ""
}

// prepare checks a request and finds the series.
func (q *request) prepare(in *dataRequest, sc *scratch) error {
	if !in.from.Before(in.to) {
		return fmt.Errorf("the parameter StartTime must be less than the parameter EndTime")
	}
	if n := len(in.queries); n == 0 || n > MaxQueries {
		return fmt.Errorf("MetricDataQueries: %d queries, want 1 to %d", n, MaxQueries)
	}
	if in.max < 0 || in.max > MaxPoints {
		return fmt.Errorf("MaxDatapoints %d: want 1 to %d", in.max, MaxPoints)
	}
	seen := make(map[string]bool, len(in.queries))
	for i := range in.queries {
		x := &in.queries[i]
		if err := x.check(seen); err != nil {
			return fmt.Errorf("MetricDataQueries.member.%d: %w", i+1, err)
		}
		if !x.metric {
			continue
		}
		q.log.Metrics++
		q.log.Points += int(int64(in.to.Sub(in.from)/time.Second) / x.period)
		x.region = q.region
		if own := q.region.account; x.account != "" && x.account != own.id {
			a := own.source(x.account)
			if x.forbidden = a == nil; x.forbidden {
				continue
			}
			x.region = a.Region(q.region.name)
		}
		sc.key = appendKey(sc.key[:0], x.namespace, x.name, x.dims)
		x.series, _ = x.region.find(sc.key, x.unit)
	}
	return nil
}

// find returns a series and its unit: none if the call wants another unit.
func (r *Region) find(key []byte, unit string) (*series, string) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	s := r.series[string(key)]
	if s == nil || unit != "" && unit != s.unit {
		return nil, ""
	}
	return s, s.unit
}

func (x *query) check(seen map[string]bool) error {
	switch {
	case !idOK(x.id):
		return fmt.Errorf("the value %q for parameter Id is invalid: it must start with a lowercase letter", x.id)
	case seen[x.id]:
		return fmt.Errorf("the Id %s is used by another query", x.id)
	case x.metric == (x.expr != ""):
		return fmt.Errorf("query %s: want MetricStat or Expression, and not both", x.id)
	}
	seen[x.id] = true
	if !x.metric {
		return nil
	}
	if x.stat == "" || x.name == "" || x.namespace == "" {
		return fmt.Errorf("Id, Stat, Namespace and MetricName are required")
	}
	if !periodOK(x.period) {
		return fmt.Errorf("Period %v: want 1, 5, 10, 20, 30 or a multiple of 60", x.period)
	}
	var err error
	x.st, err = readStatistic(x.stat)
	return err
}

// periodOK says whether CloudWatch has a period. What is longer than points
// are kept would hold no more than they do: the bound is ours.
func periodOK(p int64) bool {
	return p > 0 && p <= int64(retention(3600)/time.Second) && (p%60 == 0 || p == 1 || p == 5 || p == 10 || p == 20 || p == 30)
}

// cursor is where a page begins: at a query, and in it after the points up to
// an instant; or, of an answer that is split, at a page of so many points a
// query. A NextToken is its text, so that a request that a fault met goes on
// alike when the fault is over.
type cursor struct {
	query int
	after int64 // Unix second of the last point that was told; 0 = none
	split int   // points of every query a page; 0 = not split
	page  int   // of a split answer
}

func (c cursor) String() string {
	if c.split > 0 {
		return fmt.Sprintf("split-%d-%d", c.split, c.page)
	}
	return fmt.Sprintf("after-%d-%d", c.query, c.after)
}

func readCursor(token string, queries int) (cursor, error) {
	if token == "" {
		return cursor{}, nil
	}
	parts := strings.Split(token, "-")
	unknown := fmt.Errorf("NextToken %q is not known", token)
	if len(parts) != 3 {
		return cursor{}, unknown
	}
	n, err := strconv.Atoi(parts[1])
	at, err2 := strconv.ParseInt(parts[2], 10, 64)
	switch {
	case err != nil || err2 != nil || n < 0 || at < 0:
	case parts[0] == "after" && n < queries:
		return cursor{query: n, after: at}, nil
	case parts[0] == "split" && n > 0 && at <= MaxPoints && n <= MaxPoints:
		return cursor{split: n, page: int(at)}, nil
	}
	return cursor{}, unknown
}

// page answers from a cursor on with at most room points. What is cut short
// is PartialData and goes on in the next page.
func (q *request) page(in *dataRequest, sc *scratch, at cursor, room int) dataAnswer {
	for i := at.query; i < len(in.queries); i++ {
		x := &in.queries[i]
		if x.hidden {
			continue
		}
		before, rows := len(sc.values), len(sc.rows)
		more := q.rows(in, sc, x, at.after, room-before)
		at.after = 0
		if more && len(sc.values) == before && before > 0 {
			sc.rows = sc.rows[:rows]
			return dataAnswer{rows: sc.rows, next: cursor{query: i}.String()}
		}
		if more {
			sc.rows[len(sc.rows)-1].status = "PartialData"
			return dataAnswer{rows: sc.rows, next: cursor{query: i, after: sc.times[len(sc.times)-1]}.String()}
		}
	}
	return dataAnswer{rows: sc.rows}
}

// splitPage tells some points of every query, so that each metric's points
// are spread over pages. A search is told whole, on the first.
func (q *request) splitPage(in *dataRequest, sc *scratch, at cursor) dataAnswer {
	out, n, pages := dataAnswer{}, at.split, at.page
	for i := range in.queries {
		x := &in.queries[i]
		if x.hidden || pages > 0 && x.searches() {
			continue
		}
		begin, rows := len(sc.values), len(sc.rows)
		more := q.rows(in, sc, x, 0, (pages+1)*n)
		told := begin + pages*n
		if pages > 0 && told >= len(sc.values) {
			sc.rows = sc.rows[:rows] // all of it was told on an earlier page
			continue
		}
		if len(sc.rows) > rows {
			sc.rows[rows].lo = max(sc.rows[rows].lo, told)
		}
		if more {
			sc.rows[rows].status = "PartialData"
			out.next = cursor{split: n, page: pages + 1}.String()
		}
	}
	out.rows = sc.rows
	return out
}

// rows appends the results of one query: one of a metric, any number of an
// expression. more says that the limit cut the last one.
func (q *request) rows(in *dataRequest, sc *scratch, x *query, after int64, limit int) (more bool) {
	if code, note, omit, hit := q.effect.result(x.name, x.dims); hit {
		if !omit {
			at := len(sc.values)
			sc.rows = append(sc.rows, row{id: x.id, label: x.labelled(), status: code, lo: at, hi: at, code: code, note: note})
		}
		return false
	}
	if !x.metric {
		return q.expressionRows(in, sc, x, after, limit)
	}
	r := row{id: x.id, label: x.labelled(), status: "Complete", lo: len(sc.values)}
	switch {
	case x.forbidden:
		r.status, r.code, r.note = "Forbidden", "Forbidden", "account "+x.account+" is not linked to this monitoring account"
	case x.series != nil:
		p := spanOf(in.from, in.to, q.now, x.period, in.scan != "TimestampAscending", limit)
		more = q.read(sc, x, p, after)
	}
	r.hi = len(sc.values)
	sc.rows = append(sc.rows, r)
	return more
}

// read appends the points of a metric after those that were told.
func (q *request) read(sc *scratch, x *query, p span, after int64) (more bool) {
	switch {
	case after != 0 && p.desc:
		p.to = after
	case after != 0:
		p.from = after + p.step
	}
	v := q.effect.view(q.now, x.name)
	x.region.mu.RLock()
	defer x.region.mu.RUnlock()
	return x.series.bins(sc, x.st, p, v)
}

// maths says whether a request has an expression.
func (in *dataRequest) maths() bool {
	return slices.ContainsFunc(in.queries, func(x query) bool { return !x.metric })
}

// labelled is the Label of a result: the query's, or the metric's name.
func (x *query) labelled() string {
	switch {
	case x.label != "":
		return x.label
	case x.metric:
		return x.name
	}
	return x.id
}
