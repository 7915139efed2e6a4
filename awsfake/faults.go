package awsfake

import "net/http"

// Fault is one thing that goes wrong, for a number of calls. A zero field
// does nothing; several may be set together.
type Fault struct {
	Op    string // GetMetricData, ListMetrics; "" = either
	Times int    // for this many calls; negative = until Heal

	Error  string // error code of the whole call, e.g. Throttling, AccessDenied
	Status int    // its HTTP status; 0 = 400
	Note   string // message of Error, of Result or of Message

	Empty   bool   // an empty page that has a NextToken
	Points  int    // page of GetMetricData cut after so many points: PartialData
	Result  string // StatusCode of results: InternalError or Forbidden, without values
	Metric  string // Result and Omit only for metrics of this name; "" = all
	Omit    bool   // results are left out
	Message string // code of a message about the whole call
}

// Throttle refuses n calls.
func Throttle(n int) Fault {
	return Fault{Times: n, Error: "Throttling", Note: "Rate exceeded"}
}

// Denied refuses calls of op for lack of permission, until Heal.
func Denied(op string) Fault {
	return Fault{Op: op, Times: -1, Error: "AccessDenied", Status: http.StatusForbidden,
		Note: "User is not authorized to perform: cloudwatch:" + op}
}

// Down fails n calls as a broken service does.
func Down(n int) Fault {
	return Fault{Times: n, Error: "InternalFailure", Status: http.StatusInternalServerError, Note: "internal failure"}
}

// Script appends faults. The first one that fits a call and is not used up
// is what happens to it.
func (c *CloudWatch) Script(faults ...Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range faults {
		c.faults = append(c.faults, &faults[i])
	}
}

// Heal drops all faults.
func (c *CloudWatch) Heal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = nil
}

// next returns the fault for a call of op, the zero Fault if there is none.
func (c *CloudWatch) next(op string) Fault {
	for _, f := range c.faults {
		if f.Times == 0 || f.Op != "" && f.Op != op {
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		return *f
	}
	return Fault{}
}
