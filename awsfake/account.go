package awsfake

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Account is one AWS account. It is safe for several goroutines.
type Account struct {
	cloud *Cloud
	id    string

	mu        sync.RWMutex
	partition string
	regions   map[string]*Region
	roles     map[string]*role
	denied    map[string]bool
	disabled  map[string]bool
	linked    map[string]*Account // OAM sources, by id
}

// role is an IAM role. epoch counts revocations: sessions of an older epoch
// are refused.
type role struct {
	name, external string
	gone           bool
	epoch          int
	sessions       []Session
}

// Session is what one AssumeRole was asked with.
type Session struct {
	Role, Name string
	Tags       map[string]string
	At, Until  time.Time
}

// principal is who a key belongs to.
type principal struct {
	account *Account
	arn, id string
	token   string // of session credentials
	role    *role
	epoch   int
	until   time.Time // zero: never lapses
}

// ID returns the twelve digits.
func (a *Account) ID() string { return a.id }

// Keys returns static credentials of the account, those of its user
// "kizashi": AKIA and the twelve digits.
func (a *Account) Keys() (id, secret string) { return "AKIA" + a.id, "secret-of-" + a.id }

// Partition moves the account to a partition: aws (the default), aws-cn or
// aws-us-gov. ARNs carry it.
func (a *Account) Partition(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.partition = name
}

func (a *Account) arn(service, region, resource string) string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return "arn:" + a.partition + ":" + service + ":" + region + ":" + a.id + ":" + resource
}

// Role makes a role that anyone with keys of the cloud may assume, and
// returns its ARN. externalID "" asks for none. A role that was revoked is
// there again; sessions of before stay refused.
func (a *Account) Role(name, externalID string) (arn string) {
	a.mu.Lock()
	r := a.roles[name]
	if r == nil {
		r = &role{name: name}
		a.roles[name] = r
	}
	r.external, r.gone = externalID, false
	a.mu.Unlock()
	return a.arn("iam", "", "role/"+name)
}

// Revoke deletes a role: nobody assumes it any more, and what sessions of it
// ask for is denied.
func (a *Account) Revoke(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r := a.roles[name]; r != nil {
		r.gone = true
		r.epoch++
	}
}

// Sessions returns the sessions of a role so far, oldest first.
func (a *Account) Sessions(role string) []Session {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if r := a.roles[role]; r != nil {
		return slices.Clone(r.sessions)
	}
	return nil
}

// Deny takes the permission for actions from everybody in the account.
// "cloudwatch:GetMetricData" is one action, "cloudwatch:*" all of a service.
func (a *Account) Deny(actions ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, x := range actions {
		a.denied[x] = true
	}
}

// Allow gives back what Deny took.
func (a *Account) Allow(actions ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, x := range actions {
		delete(a.denied, x)
	}
}

// denies says whether an action is denied.
func (a *Account) denies(action string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if len(a.denied) == 0 {
		return false
	}
	service, _, _ := strings.Cut(action, ":")
	return a.denied[action] || a.denied[service+":*"] || a.denied["*"]
}

// DisableRegion refuses every request to a region, as an opt-in region does
// that the account has not enabled.
func (a *Account) DisableRegion(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.disabled[name] = true
}

// EnableRegion takes DisableRegion back.
func (a *Account) EnableRegion(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.disabled, name)
}

// Link makes a a monitoring account that sees the metrics of source, in each
// region (OAM).
func (a *Account) Link(source *Account) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.linked[source.id] = source
}

// Unlink takes Link back.
func (a *Account) Unlink(source *Account) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.linked, source.id)
}

// sources returns the linked accounts by id.
func (a *Account) sources() []*Account {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.SortedFunc(maps.Values(a.linked), func(x, y *Account) int { return cmp.Compare(x.id, y.id) })
}

func (a *Account) source(id string) *Account {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.linked[id]
}

// Region returns a region of the account, made when first asked for.
func (a *Account) Region(name string) *Region {
	a.mu.RLock()
	r := a.regions[name]
	a.mu.RUnlock()
	if r != nil {
		return r
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if r = a.regions[name]; r == nil {
		r = newRegion(a, name)
		a.regions[name] = r
	}
	return r
}

func (a *Account) enabled(region string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return !a.disabled[region]
}
