// Package cost says in dollars what reading AWS costs: before it is switched
// on (Plan), while it runs (Prices.Of), and how reading gives way to a daily
// cap (Budget). All three price the same thing, a Use, with the same function,
// so they agree.
//
// Prices are data with a date and a source. None in code, and one that nobody
// held against AWS's own page makes every figure it touches unverified, up to
// the sums. The package reads no clock and calls nobody. docs/cost.md tells
// how the figures come about.
package cost

import (
	"fmt"
	"slices"
)

// Use is what was asked of AWS, or will be.
type Use struct {
	Tenant    string `json:"tenant"`
	Account   string `json:"account"`
	Region    string `json:"region"`
	Namespace string `json:"namespace,omitempty"` // "" = not of one alone
	Action    string `json:"action"`              // as IAM names it: "cloudwatch:GetMetricData"
	Calls     int64  `json:"calls"`               // requests
	Metrics   int64  `json:"metrics"`             // metrics requested, of GetMetricData
}

// Actions that the package itself plans. Others go by what the price file says.
const (
	GetMetricData = "cloudwatch:GetMetricData"
	ListMetrics   = "cloudwatch:ListMetrics"
)

// Money is an amount and how sure it is.
type Money struct {
	USD        float64  `json:"usd"`
	Unverified bool     `json:"unverified"`      // some price in it was not held against AWS's own page
	Notes      []string `json:"notes,omitempty"` // the names of those prices, sorted; or what has no price
}

// Plus adds, and keeps the doubts of both.
func (m Money) Plus(o Money) Money {
	m.USD += o.USD
	m.Unverified = m.Unverified || o.Unverified
	if len(o.Notes) > 0 && !slices.Equal(m.Notes, o.Notes) {
		m.Notes = slices.Concat(m.Notes, o.Notes)
		slices.Sort(m.Notes)
		m.Notes = slices.Compact(m.Notes)
	}
	return m
}

// Minus is what is saved by having o instead of m.
func (m Money) Minus(o Money) Money {
	o.USD = -o.USD
	return m.Plus(o)
}

// Times is n times as much.
func (m Money) Times(n float64) Money {
	m.USD *= n
	return m
}

// Of is what a use costs. A price of nothing is a price; an action without one
// counts as nothing, unverified, and the note says so. The free tier is not
// taken off: the account's other tools use it too.
func (p *Prices) Of(u Use) Money {
	name, ok := p.action(u.Action)
	if !ok {
		return Money{Unverified: true, Notes: []string{u.Action + " has no price"}}
	}
	price := p.Price(name, u.Region)
	n := u.Calls
	if units[name] == perMetrics {
		n = u.Metrics
	}
	return price.of(float64(n))
}

// of is the price of n of what it is a price of.
func (p Price) of(n float64) Money {
	m := Money{USD: p.Value * n / per[p.Unit]}
	if !p.Verified {
		m.Unverified, m.Notes = true, []string{p.name()}
	}
	return m
}

// name tells a price in a note: its region too where it has one of its own.
func (p Price) name() string {
	if p.Region == "" {
		return p.Name
	}
	return fmt.Sprintf("%s (%s)", p.Name, p.Region)
}
