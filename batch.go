package kizashi

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Kind says what a partition carries.
type Kind string

const (
	Metrics  Kind = "metrics"
	Logs     Kind = "logs"
	Commands Kind = "commands" // what people and the runner decide
)

// Partition is what shares tenant, account, region, kind, period and settling
// delay, and therefore one Until. It is comparable and serves as a map key. A
// back-fill is a partition of its own: it differs in Backfill.
type Partition struct {
	Tenant   string        `json:"tenant"`
	Account  string        `json:"account,omitempty"`
	Region   string        `json:"region,omitempty"`
	Kind     Kind          `json:"kind"`
	Period   time.Duration `json:"period,omitempty"` // 0 = not known (files)
	Settle   time.Duration `json:"settle,omitempty"` // how long after its end a point may still change
	Source   string        `json:"source,omitempty"` // tells apart partitions that would be equal otherwise
	Backfill string        `json:"backfill,omitempty"`
}

// String is canonical and sorts like the partition.
func (p Partition) String() string {
	return strings.Join([]string{p.Tenant, p.Account, p.Region, string(p.Kind), p.Period.String(), p.Settle.String(), p.Source, p.Backfill}, "/")
}

// Class is a settling class. A group never spans classes, so that a daily
// metric delays no minute's alert.
type Class uint8

const (
	Fast  Class = iota // settles within 15 minutes
	Slow               // within 3 hours
	Daily              // later than that
)

// Class of the partition, from its settling delay.
func (p Partition) Class() Class { return ClassOf(p.Settle) }

// ClassOf a settling delay.
func ClassOf(settle time.Duration) Class {
	switch {
	case settle <= 15*time.Minute:
		return Fast
	case settle <= 3*time.Hour:
		return Slow
	}
	return Daily
}

// Sample is one point of one series: it covers [At, At+Period), in the
// series' statistic and unit.
type Sample struct {
	Series SeriesID
	At     Time
	Period time.Duration // 0 = not known
	Value  float64       // finite; beyond MaxValue it is counted, not judged
	Late   bool          // it came behind its partition's Until: judged, kept out of cross-series stages
}

// End is the first instant after the sample: At+Period.
func (s Sample) End() Time { return s.At.Add(s.Period) }

// Line is one log event.
type Line struct {
	Series   SeriesID `json:"series"` // the log group's
	At       Time     `json:"at"`
	Ingested Time     `json:"ingested"`
	ID       string   `json:"id"` // the source's own event id
	Text     string   `json:"text"`
}

// Batch is what a source delivers and the journal keeps: one record.
type Batch struct {
	Partition Partition
	// Pos grows within its partition. A batch not after the last journalled
	// Pos is acknowledged and dropped.
	Pos uint64
	// Until promises: no later batch of this partition brings a sample with
	// End() <= Until. Samples may run ahead of it.
	Until    Time
	Roster   []RosterEntry
	Declare  []Declaration
	Samples  []Sample // in the order in which they are to be judged, per series
	Lines    []Line
	Status   *Status
	Commands []Command
}

// Declaration gives a series its meta from a time on: it applies to samples
// with At >= From. A series must be declared before its first sample.
type Declaration struct {
	From Time `json:"from"`
	Meta Meta `json:"meta"`
}

// Status says that a partition is out: the ticks in (From, Through] run
// without it, and it rejoins after Through.
type Status struct {
	From    Time   `json:"from"`
	Through Time   `json:"through"`
	Reason  string `json:"reason"`
}

// RosterOp is what happens to a partition's membership of its tenant.
type RosterOp string

const (
	Join     RosterOp = "join"     // from At on the tenant's groups wait for it
	Close    RosterOp = "close"    // it delivers nothing after At
	HandOver RosterOp = "handover" // a back-fill ends at At; the samples of To's series from then on wait for it
)

// RosterEntry changes which partitions gate a tenant. It takes effect when
// its batch is stepped, before the batch's samples; At says from which event
// time.
type RosterEntry struct {
	Op        RosterOp  `json:"op"`
	Partition Partition `json:"partition"`
	At        Time      `json:"at"`
	To        Partition `json:"to,omitzero"` // HandOver: the main partition
}

// Op is what a command does.
type Op string

const (
	Exclude  Op = "exclude"  // [From, To) is not learned
	Include  Op = "include"  // revokes exclusions over [From, To)
	Expect   Op = "expect"   // [From, To) is judged against a scaled band
	Feedback Op = "feedback" // an alert was right or wrong
	Approve  Op = "approve"  // a threshold range was agreed
	Reload   Op = "reload"   // Body holds the new configuration
	Target   Op = "target"   // Value is R in seconds for the series matched
)

// Command changes outcomes, so it is input: it comes from the command
// partition, and a series applies its commands in (At, Pos) order before its
// first later sample.
type Command struct {
	Op     Op              `json:"op"`
	Tenant string          `json:"tenant,omitempty"` // "" = every tenant
	At     Time            `json:"at"`               // in force for samples with At >= this
	Match  Matchers        `json:"match,omitempty"`  // which series; none = all of the tenant
	From   Time            `json:"from,omitempty"`   // the stretch it names, if any
	To     Time            `json:"to,omitempty"`     // exclusive
	Value  float64         `json:"value,omitempty"`  //
	Alert  string          `json:"alert,omitempty"`  // Feedback
	Reason string          `json:"reason,omitempty"` //
	Author string          `json:"author,omitempty"` //
	Body   json.RawMessage `json:"body,omitempty"`   // Reload
}

// Check says what is wrong with a command, if anything is.
func (c Command) Check() error {
	switch c.Op {
	case Exclude, Include, Expect:
		if c.To <= c.From {
			return fmt.Errorf("command %s: its stretch [%s, %s) is empty", c.Op, c.From, c.To)
		}
	case Feedback, Approve, Reload:
	case Target:
		if c.Value <= 0 {
			return fmt.Errorf("command %s: the period must be positive, not %v s", c.Op, c.Value)
		}
	default:
		return fmt.Errorf("command %q: unknown", c.Op)
	}
	return nil
}
