package awsfake

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kizashi-ops/kizashi/clock"
)

// Cloud is AWS at one address: every service, account and region that was
// put into it. What a request is for follows from its signature's credential
// scope: the access key names the account, and the scope region and service.
// The signature itself is not computed. It is safe for several goroutines;
// regions do not wait for each other.
type Cloud struct {
	now    func() time.Time
	lag    time.Duration // until ListMetrics names a new metric
	memory time.Duration // after which it forgets one without points; 0 = never
	open   *Region       // of NewCloudWatch: takes every signed request

	mu       sync.RWMutex
	accounts map[string]*Account
	keys     map[string]*principal
	issued   int // session credentials so far
	wall     func() time.Time
	sleep    func(context.Context, time.Duration) error
	watch    func(Call)

	faults  atomic.Pointer[[]*fault]
	quotas  atomic.Pointer[map[string]quota]
	counter atomic.Uint64 // of request ids
}

// Discovery of ListMetrics, as its documentation states it.
const (
	DiscoveryLag    = 15 * time.Minute
	DiscoveryMemory = 14 * 24 * time.Hour
)

// NewCloud returns an empty cloud whose clock is now: retention, expiry,
// faults and quotas follow it.
func NewCloud(now func() time.Time) *Cloud {
	return &Cloud{now: now, lag: DiscoveryLag, memory: DiscoveryMemory, wall: time.Now, sleep: clock.Sleep,
		accounts: map[string]*Account{}, keys: map[string]*principal{}}
}

// Clocks sets what is not virtual by default: wall is the clock that
// signatures are checked against while a Fault has Skew (nil = time.Now),
// and sleep is how a slow answer waits (nil = in real time).
func (c *Cloud) Clocks(wall func() time.Time, sleep func(context.Context, time.Duration) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if wall != nil {
		c.wall = wall
	}
	if sleep != nil {
		c.sleep = sleep
	}
}

// OnCall has f told of every call that is answered, refused ones included.
// f is called by the goroutine of the request, before the answer is sent.
func (c *Cloud) OnCall(f func(Call)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watch = f
}

// Account returns an account, made when first asked for. id is its twelve
// digits.
func (c *Cloud) Account(id string) *Account {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.account(id)
}

func (c *Cloud) account(id string) *Account {
	a := c.accounts[id]
	if a == nil {
		a = &Account{cloud: c, id: id, partition: "aws", regions: map[string]*Region{}, roles: map[string]*role{},
			denied: map[string]bool{}, disabled: map[string]bool{}, linked: map[string]*Account{}}
		c.accounts[id] = a
		key, _ := a.Keys()
		c.keys[key] = &principal{account: a, arn: a.arn("iam", "", "user/kizashi"), id: "AIDA" + id}
	}
	return a
}

// request is one call with all that its handler may ask.
type request struct {
	call
	cloud  *Cloud
	who    *principal
	region *Region
	now    time.Time
	effect effect
	log    Call
	wrong  error // of an expression
}

// handler answers one operation.
type handler func(*request) (object, error)

// operations by service, as the credential scope names it.
var operations = map[string]map[string]handler{}

// register adds the operations of a service.
func register(service string, ops map[string]handler) struct{} {
	operations[service] = ops
	return struct{}{}
}

// ServeHTTP answers one request.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in, broken := readCall(r)
	q := &request{call: in, cloud: c, now: c.now()}
	sc := scratches.Get().(*scratch)
	defer sc.free()
	reply, there := c.reply(q, r, broken, sc)
	if !there {
		reset(w)
	}
	if !there || !c.send(w, r, q, reply) {
		// The connection is cut, which the client sees as a broken read.
		panic(http.ErrAbortHandler)
	}
}

// reply decides what the answer is. broken is what kept the request from
// being read. there false = the host is gone: nothing happens, and nothing is
// counted.
func (c *Cloud) reply(q *request, r *http.Request, broken error, sc *scratch) (out reply, there bool) {
	err := c.identify(q, r)
	if err != nil {
		return q.refused(err, sc), true
	}
	action := q.action()
	q.effect = c.fitting(q)
	if first(q.effect, func(f *fault) bool { return f.Gone }) {
		return reply{}, false
	}
	q.log = Call{Op: q.op, Protocol: q.proto, Account: q.region.account.id, Region: q.region.name, Action: action}
	if err = broken; err == nil {
		out, err = c.handle(q, r, sc)
	}
	if err != nil {
		out = q.refused(err, sc)
	}
	q.region.count(action, q.log)
	c.mu.RLock()
	watch := c.watch
	c.mu.RUnlock()
	if watch != nil {
		watch(q.log)
	}
	return out, true
}

// handle answers a call of a known principal.
func (c *Cloud) handle(q *request, r *http.Request, sc *scratch) (reply, error) {
	if err := c.admit(q, r); err != nil {
		return reply{}, err
	}
	if q.service == "monitoring" && q.op == "GetMetricData" {
		return q.getMetricData(sc)
	}
	h := operations[q.service][q.op]
	if h == nil {
		return reply{}, &failure{Status: http.StatusBadRequest, Code: "InvalidAction",
			Text: "operation \"" + q.service + ":" + q.op + "\" is not known here"}
	}
	out, err := h(q)
	if err != nil {
		return reply{}, err
	}
	return q.answered(out, sc)
}

// failure is an error answer.
type failure struct {
	Status     int
	Code, Text string
}

func (f *failure) Error() string { return f.Code + ": " + f.Text }

// detailed is a failure that has members beside code and text.
type detailed struct {
	*failure
	More object
}

func (d *detailed) Unwrap() error { return d.failure }

// refused makes any error the answer: one that is no failure is a bad
// parameter.
func (q *request) refused(err error, sc *scratch) reply {
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{Status: http.StatusBadRequest, Code: q.code(codeValidation), Text: err.Error()}
	}
	q.log.Code = f.Code
	var d *detailed
	if errors.As(err, &d) {
		return q.refusal(f, sc, d.More...)
	}
	return q.refusal(f, sc)
}
