package awsfake

import (
	"cmp"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// Fault is one thing that goes wrong. A zero field does nothing; several may
// be set together.
//
// A fault with Times is an event: those that fit a call form a queue, and the
// first that is not used up happens to it, alone. A fault without Times is a
// condition: all that fit a call apply to it, the event included; where two
// set the same field, the one scripted first has it.
type Fault struct {
	// Which calls. "" fits all.
	Account string
	Region  string
	Service string    // as the credential scope names it: monitoring, logs, sts, sns, tagging, ec2, autoscaling, ssm
	Op      string    // GetMetricData, ListMetrics, ...
	From    time.Time // in virtual time: zero = always ...
	Until   time.Time // ... zero = without end
	Times   int       // for this many calls; 0 or negative = for all

	// Errors of the whole call. The first that is set is the answer.
	Deny     bool   // access denied, in AWS's words
	Throttle bool   // the service's throttling error: a burst of them with Times or Until
	Down     bool   // 503, the service is not available
	Error    string // any error code, e.g. InternalFailure
	Status   int    // HTTP status of Error; 0 = 400
	Note     string // text of Error, Throttle, Result or Message

	Lapse bool          // session credentials are expired before their time
	Skew  time.Duration // the service's clock is wrong by that: signatures more than 5 min away from it are refused (with Error's code, if that is set), and Date tells its time

	// The connection.
	Slow   time.Duration // before the answer; in virtual time if Cloud.Clocks has a sleep
	Cut    bool          // cut before the answer
	CutIn  bool          // cut in the middle of the answer
	Gone   bool          // reset at once, as by a host that is not there: nothing happens, and nothing is counted
	Silent bool          // never answered: until the client gives up

	// Answers of GetMetricData and, for Empty, of all that have pages.
	Empty   bool   // an empty page that has a token
	Points  int    // page cut after so many points (PartialData), or log events
	Again   int    // a page of log events begins with so many of the page before
	Split   int    // so many points of every metric on each page: PartialData
	Result  string // StatusCode of results: InternalError or Forbidden, without values
	Omit    bool   // results are left out
	Message string // code of a message about the whole call

	// Points. They are as they would be again once the fault is over.
	Late       time.Duration // points can be seen so much later than they would
	Revised    float64       // a young point is told as this factor of its value ...
	RevisedFor time.Duration // ... until it is so old
	Unlisted   time.Duration // ListMetrics names new metrics so much later still

	Metric string // Result, Omit, Late and Revised only for metrics of this name; "" = all
	About  string // Result and Omit only for metrics of which a dimension has this value, and all of it only for calls about this log group; "" = all
}

// fault is a scripted Fault and how often it may still happen.
type fault struct {
	Fault
	left atomic.Int64
}

// Throttle refuses n calls.
func Throttle(n int) Fault {
	return Fault{Times: n, Error: "Throttling", Note: "Rate exceeded"}
}

// Denied refuses calls of op for lack of permission, until Heal.
func Denied(op string) Fault {
	return Fault{Op: op, Error: "AccessDenied", Status: http.StatusForbidden,
		Note: "User is not authorized to perform: cloudwatch:" + op}
}

// Down fails n calls as a broken service does.
func Down(n int) Fault {
	return Fault{Times: n, Error: "InternalFailure", Status: http.StatusInternalServerError, Note: "internal failure"}
}

// Script appends faults.
func (c *Cloud) Script(faults ...Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []*fault
	if old := c.faults.Load(); old != nil {
		all = append(all, *old...)
	}
	for _, f := range faults {
		x := &fault{Fault: f}
		x.left.Store(int64(max(f.Times, 0)))
		all = append(all, x)
	}
	c.faults.Store(&all)
}

// Heal drops all faults.
func (c *Cloud) Heal() { c.faults.Store(nil) }

// fits says whether a fault is for a call.
func (f *fault) fits(q *request) bool {
	return (f.Account == "" || f.Account == q.region.account.id) &&
		(f.Region == "" || f.Region == q.region.name) &&
		(f.Service == "" || f.Service == q.service) &&
		(f.Op == "" || f.Op == q.op) &&
		(f.About == "" || q.service != "logs" || f.About == text(q.in["logGroupName"])) &&
		(f.From.IsZero() || !q.now.Before(f.From)) &&
		(f.Until.IsZero() || q.now.Before(f.Until))
}

// take uses one of an event's times.
func (f *fault) take() bool {
	if f.left.Add(-1) >= 0 {
		return true
	}
	f.left.Store(0)
	return false
}

// effect is what happens to one call.
type effect []*fault

// fitting returns the event and the conditions for a call.
func (c *Cloud) fitting(q *request) effect {
	all := c.faults.Load()
	if all == nil {
		return nil
	}
	var out effect
	taken := false
	for _, f := range *all {
		if !f.fits(q) {
			continue
		}
		if f.Times > 0 {
			if taken || f.left.Load() <= 0 || !f.take() {
				continue
			}
			taken = true
		}
		out = append(out, f)
	}
	return out
}

// first returns a field of the first fault that sets it.
func first[T comparable](e effect, field func(*fault) T) T {
	var zero T
	for _, f := range e {
		if v := field(f); v != zero {
			return v
		}
	}
	return zero
}

func (e effect) skew() time.Duration { return first(e, func(f *fault) time.Duration { return f.Skew }) }
func (e effect) lapsed() bool        { return first(e, func(f *fault) bool { return f.Lapse }) }
func (e effect) empty() bool         { return first(e, func(f *fault) bool { return f.Empty }) }
func (e effect) split() int          { return first(e, func(f *fault) int { return f.Split }) }
func (e effect) discovery() time.Duration {
	return first(e, func(f *fault) time.Duration { return f.Unlisted })
}

// room is how many points a page may have.
func (e effect) room(n int) int {
	if p := first(e, func(f *fault) int { return f.Points }); p > 0 {
		return min(p, n)
	}
	return n
}

func (e effect) message() (code, note string) {
	for _, f := range e {
		if f.Message != "" {
			return f.Message, f.Note
		}
	}
	return "", ""
}

// result is what becomes of the results of a metric.
func (e effect) result(metric string, dims []dim) (code, note string, omit, hit bool) {
	for _, f := range e {
		about := f.About == "" || slices.ContainsFunc(dims, func(d dim) bool { return d.value == f.About })
		if (f.Result != "" || f.Omit) && (f.Metric == "" || f.Metric == metric) && about {
			return f.Result, f.Note, f.Omit, true
		}
	}
	return "", "", false, false
}

// view is what may be seen of a metric's points.
func (e effect) view(now time.Time, metric string) view {
	v := view{now: now}
	for _, f := range e {
		if f.Metric != "" && f.Metric != metric {
			continue
		}
		if v.late == 0 {
			v.late = f.Late
		}
		if v.settled == 0 {
			v.early, v.settled = f.Revised, f.RevisedFor
		}
	}
	return v
}

// refusal is the scripted error of a call.
func (e effect) refusal(q *request) error {
	for _, f := range e {
		switch {
		case f.Deny:
			action := q.action()
			return q.denied(action, "because no identity-based policy allows the "+action+" action")
		case f.Throttle:
			q.log.Throttled = true
			return throttled(q, cmp.Or(f.Note, "Rate exceeded"))
		case f.Down:
			return &failure{http.StatusServiceUnavailable, q.code(codeUnavailable), cmp.Or(f.Note, "Service is unable to handle request.")}
		case f.Error != "" && f.Skew == 0:
			q.log.Throttled = f.Error == "Throttling" || f.Error == "ThrottlingException" || f.Error == "RequestLimitExceeded"
			return &failure{cmp.Or(f.Status, http.StatusBadRequest), f.Error, f.Note}
		}
	}
	return nil
}
