package kizashi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// A tenant's target: false notifications a week over all its series of class
// act.
const (
	DefaultWeekly = 1.
	// LeastWeekly is one in nineteen years, MostWeekly one in ten minutes: what
	// lies outside is no wish but a slip of the pen.
	LeastWeekly = 0.001
	MostWeekly  = 1000.
)

// The bounds of an R that a division leads to. Below a day no limit would lie
// beyond the four samples a day from which tails are counted (docs/method.md,
// section 6); beyond 250 years a time.Duration ends.
const (
	ShortestR = 24 * time.Hour
	LongestR  = 250 * 365 * 24 * time.Hour
)

// ClassAct is the class of series on whose alerts somebody acts: those that
// share their tenant's target.
const ClassAct = "act"

// Division is how the target of a tenant is divided over its series: each of
// them gets the same part. It is the Body of a Target that concerns the series
// that share it: of class act, with no period of their own by a rule or a
// command. A series that is declared after the command, or comes to the class
// then, shares it too.
type Division struct {
	Weekly float64 `json:"weekly"` // false notifications a week that the tenant accepts over all of them
	Series int     `json:"series"` // that shared it when it was divided
}

// R is the period of one series, in whole seconds: Series weeks over Weekly,
// not below ShortestR nor above LongestR.
func (d Division) R() Duration {
	const week = 7 * 24 * 60 * 60
	s := float64(d.Series) * week / d.Weekly
	s = min(max(s, ShortestR.Seconds()), LongestR.Seconds())
	return Duration(time.Duration(s) * time.Second)
}

// Check says what is wrong with it, if anything is.
func (d Division) Check() error {
	if !(d.Weekly >= LeastWeekly && d.Weekly <= MostWeekly) {
		return fmt.Errorf("%v false notifications a week: want %v to %v", d.Weekly, LeastWeekly, MostWeekly)
	}
	if d.Series < 1 {
		return fmt.Errorf("a target over %d series: want at least 1", d.Series)
	}
	return nil
}

// Target is the command that puts a division in force.
func (d Division) Target(tenant string) (Command, error) {
	b, err := json.Marshal(d)
	if err != nil {
		return Command{}, err
	}
	c := Command{Op: Target, Tenant: tenant, Value: time.Duration(d.R()).Seconds(), Body: b, Author: "kizashi",
		Reason: fmt.Sprintf("%v false notifications a week over %d series", d.Weekly, d.Series)}
	return c, c.Check()
}

// Divides returns the division that a Target puts in force; nil = none.
func (c Command) Divides() (*Division, error) {
	if c.Op != Target || len(c.Body) == 0 {
		return nil, nil
	}
	d, r := Division{}, json.NewDecoder(bytes.NewReader(c.Body))
	r.DisallowUnknownFields()
	if err := r.Decode(&d); err != nil {
		return nil, fmt.Errorf("command %s: division: %w", c.Op, err)
	}
	if err := d.Check(); err != nil {
		return nil, fmt.Errorf("command %s: %w", c.Op, err)
	}
	return &d, nil
}

func (c Command) checkTarget() error {
	if !(c.Value > 0 && c.Value <= LongestR.Seconds()) {
		return fmt.Errorf("command %s: the period must be positive and at most %v s, not %v s", c.Op, LongestR.Seconds(), c.Value)
	}
	d, err := c.Divides()
	if err == nil && d != nil && c.Value != time.Duration(d.R()).Seconds() {
		err = fmt.Errorf("command %s: its period is %v s, and that of its division %v s", c.Op, c.Value, time.Duration(d.R()).Seconds())
	}
	return err
}
