package awsfake

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Limits of the service, as its documentation states them.
const (
	MaxQueries  = 500     // of one GetMetricData
	MaxPoints   = 100_800 // of one page of GetMetricData
	listPerPage = 500
)

// Metric names a metric.
type Metric struct {
	Namespace, Name string
	Dimensions      map[string]string
}

func (m Metric) key() string {
	var b strings.Builder
	b.WriteString(m.Namespace + "\x00" + m.Name)
	for _, k := range slices.Sorted(maps.Keys(m.Dimensions)) {
		b.WriteString("\x00" + k + "\x00" + m.Dimensions[k])
	}
	return b.String()
}

// Call is what a client asked for, kept so that tests can check the limits.
type Call struct {
	Op       string
	Protocol Protocol
	Queries  int
	Points   int // that the window of all queries can hold
	From, To time.Time
	Scan     string
}

// CloudWatch answers over HTTP from the points put into it. It is safe for
// several goroutines.
type CloudWatch struct {
	mu     sync.Mutex
	now    func() time.Time
	series map[string]*series
	faults []*Fault
	calls  []Call
}

type series struct {
	metric Metric
	points map[int64][]version // by Unix second
}

// version is what a point's value is from an instant on.
type version struct {
	seen  time.Time
	value float64
}

// NewCloudWatch returns an empty CloudWatch whose clock is now.
func NewCloudWatch(now func() time.Time) *CloudWatch {
	return &CloudWatch{now: now, series: map[string]*series{}}
}

// Put stores a point that is visible at once.
func (c *CloudWatch) Put(m Metric, at time.Time, value float64) {
	c.PutSeen(m, at, value, time.Time{})
}

// PutSeen stores a point that is visible from an instant on: a late point. A
// second value for the same time revises the first from then on.
func (c *CloudWatch) PutSeen(m Metric, at time.Time, value float64, seen time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.series[m.key()]
	if s == nil {
		s = &series{m, map[int64][]version{}}
		c.series[m.key()] = s
	}
	vs := append(s.points[at.Unix()], version{seen, value})
	slices.SortStableFunc(vs, func(a, b version) int { return a.seen.Compare(b.seen) })
	s.points[at.Unix()] = vs
}

// Calls returns what was asked so far.
func (c *CloudWatch) Calls() []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.calls)
}

// ServeHTTP answers one request.
func (c *CloudWatch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in, err := readCall(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") {
		err = in.refuse(w, http.StatusForbidden, "MissingAuthenticationToken", "the request is not signed")
	} else {
		err = c.serve(w, in)
	}
	if err != nil {
		// The answer is cut short, which the client sees as a broken read.
		panic(http.ErrAbortHandler)
	}
}

func (c *CloudWatch) serve(w http.ResponseWriter, in call) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	handle := map[string]func(call, Fault) (object, error){"ListMetrics": c.listMetrics, "GetMetricData": c.getMetricData}[in.op]
	if handle == nil {
		return in.refuse(w, http.StatusBadRequest, "InvalidAction", fmt.Sprintf("operation %q is not known here", in.op))
	}
	f := c.next(in.op)
	if f.Error != "" {
		c.calls = append(c.calls, Call{Op: in.op, Protocol: in.proto})
		return in.refuse(w, cmp.Or(f.Status, http.StatusBadRequest), f.Error, f.Note)
	}
	out, err := handle(in, f)
	if err != nil {
		return in.refuse(w, http.StatusBadRequest, "ValidationError", err.Error())
	}
	return in.answer(w, out)
}

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

func (c *CloudWatch) listMetrics(in call, f Fault) (object, error) {
	c.calls = append(c.calls, Call{Op: in.op, Protocol: in.proto})
	skip, err := offset(in.in["NextToken"])
	if err != nil {
		return nil, err
	}
	if f.Empty {
		return object{{"Metrics", []any{}}, {"NextToken", fmt.Sprint("after-", skip)}}, nil
	}
	var found []any
	for _, k := range slices.Sorted(maps.Keys(c.series)) {
		m := c.series[k].metric
		if ns := text(in.in["Namespace"]); ns != "" && ns != m.Namespace {
			continue
		}
		if n := text(in.in["MetricName"]); n != "" && n != m.Name {
			continue
		}
		if c.visible(c.series[k]) {
			found = append(found, listed(m))
		}
	}
	skip = min(skip, len(found))
	end := min(skip+listPerPage, len(found))
	out := object{{"Metrics", found[skip:end]}}
	if end < len(found) {
		out = append(out, field{"NextToken", fmt.Sprint("after-", end)})
	}
	return out, nil
}

// visible says whether any point can be seen already.
func (c *CloudWatch) visible(s *series) bool {
	for _, vs := range s.points {
		if !vs[0].seen.After(c.now()) {
			return true
		}
	}
	return false
}

func listed(m Metric) object {
	dims := []any{}
	for _, k := range slices.Sorted(maps.Keys(m.Dimensions)) {
		dims = append(dims, object{{"Name", k}, {"Value", m.Dimensions[k]}})
	}
	return object{{"Namespace", m.Namespace}, {"MetricName", m.Name}, {"Dimensions", dims}}
}
