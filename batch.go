package kizashi

import (
	"encoding/json"
	"fmt"
	"strconv"
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
	Poll     time.Duration `json:"poll,omitempty"`   // between two reads, where that is longer than Period; 0 = as often as there are points
	Source   string        `json:"source,omitempty"` // tells apart partitions that would be equal otherwise
	Backfill string        `json:"backfill,omitempty"`
}

// String is canonical and sorts like the partition.
func (p Partition) String() string {
	return strings.Join([]string{p.Tenant, p.Account, p.Region, string(p.Kind), p.Period.String(), p.Settle.String(), p.Poll.String(), p.Source, p.Backfill}, "/")
}

// The names of back-fills begin with what they carry: samples at the series'
// own period, which are judged, or a coarser history, which is kept beside
// them and informs the baseline from a stated moment on.
const (
	BackfillInitial = "initial" // what there was when the partition began
	BackfillFound   = "found"   // of series that were found later
	BackfillCoarse  = "coarse"  // 5-minute and 1-hour points older than that
)

// Coarse says that the partition carries history at a coarser period than that
// of its series: it is stored, never judged, and gates nothing.
func (p Partition) Coarse() bool { return strings.HasPrefix(p.Backfill, BackfillCoarse) }

// Class says how far behind the clock a partition is at the most: its settling
// delay and the time between two reads. A group never spans classes, so that
// a daily metric, or one that is read seldom to save money, delays no minute's
// alert.
type Class uint8

const (
	Prompt Class = iota // at most 5 minutes behind
	Fast                // 15 minutes
	Slow                // 3 hours
	Daily               // more than that
)

// Class of the partition.
func (p Partition) Class() Class { return ClassOf(p.Settle + p.Poll) }

// ClassOf how far a partition is behind.
func ClassOf(behind time.Duration) Class {
	switch {
	case behind <= 5*time.Minute:
		return Prompt
	case behind <= 15*time.Minute:
		return Fast
	case behind <= 3*time.Hour:
		return Slow
	}
	return Daily
}

// String is prompt, fast, slow or daily.
func (c Class) String() string {
	switch c {
	case Prompt:
		return "prompt"
	case Fast:
		return "fast"
	case Slow:
		return "slow"
	}
	return "daily"
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

// Line is one log event, masked: what is personal or secret left it before the
// journal.
type Line struct {
	Series   SeriesID `json:"series"` // the log group's
	At       Time     `json:"at"`
	Ingested Time     `json:"ingested"`
	ID       string   `json:"id"`               // the source's own event id
	Stream   string   `json:"stream,omitempty"` // within the group
	Text     string   `json:"text"`
	Rows     int      `json:"rows,omitempty"` // rows of a file that it was read from; 0 = one
	Late     bool     `json:"late,omitempty"` // it came behind its partition's Until: counted, in no minute
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
	Revised  []Revision
	Lines    []Line
	Status   *Status
	Commands []Command
}

// Declaration gives a series its meta from a time on: it applies to samples
// with At >= From. A series must be declared before its first sample.
type Declaration struct {
	From Time `json:"from"`
	Meta Meta `json:"meta"`
	// Like names the series whose baseline a new one starts with: a member of
	// the same group with the same metric. 0 = it starts with nothing. It
	// counts only in the declaration that makes the series known.
	Like SeriesID `json:"like,omitzero"`
	// Ended says that from From on no sample is expected, and why; the alerts
	// of the series end with that reason. A later sample, or a later
	// declaration without it, takes it back.
	Ended Ending `json:"ended,omitempty"`
}

// Standing is a series as a journal leaves it.
type Standing struct {
	Declaration      // the last one, in force already or not
	Last        Time // At of its last sample; Never = it had none
}

// Ending is why a series delivers no more.
type Ending string

const (
	Terminated  Ending = "terminated"  // its resource was terminated
	Stopped     Ending = "stopped"     // its resource was stopped by someone
	Disappeared Ending = "disappeared" // nobody says why: it is listed no more
	LeftOut     Ending = "left out"    // it is there, and the configuration leaves it out now
	Unread      Ending = "unread"      // it is there, and cannot be read: of a log group, no line is no zero
)

// Revision is a value that its source changed after it was delivered, or one
// that came behind its series' last sample. It is no sample: a point is judged
// once.
type Revision struct {
	Series SeriesID      `json:"series"`
	At     Time          `json:"at"`
	Period time.Duration `json:"period"`
	Old    Num           `json:"old"`  // what was delivered; None = nothing
	New    float64       `json:"new"`  // finite
	Seen   Time          `json:"seen"` // when it was read
}

// Status says that a partition is out: the ticks in (From, Through] run
// without it, and it rejoins after Through.
type Status struct {
	From      Time   `json:"from"`
	Through   Time   `json:"through"`
	Cause     Cause  `json:"cause"`
	Reason    string `json:"reason"`              // what was answered, in the words of who answered; it may change while the cause stays
	Resources string `json:"resources,omitempty"` // what cannot be seen, counted: "AWS/EC2 (120 series), AWS/RDS (30 series)"
}

// Cause is what is broken. It stays the same while that is, however often it
// is met: there is one alert a cause.
type Cause struct {
	Kind CauseKind `json:"kind"`
	Name string    `json:"name,omitempty"` // the action of a permission, the role of credentials
}

// CauseKind is a kind of cause.
type CauseKind string

const (
	NoPermission  CauseKind = "permission"  // Name may not be done; concerns the account
	NoCredentials CauseKind = "credentials" // Name cannot be assumed, or nobody is who asks; concerns the account
	NoRegion      CauseKind = "region"      // a region does not answer, answers with errors, or throttles
	CostCap       CauseKind = "cap"         // reading on would cost more than the cap allows; concerns the account
	Forgotten     CauseKind = "forgotten"   // the source no longer keeps the points
	Refused       CauseKind = "query"       // what is asked of single series is refused, or cannot be answered; the others are read
)

// Wide says that the cause concerns an account in all its regions.
func (c Cause) Wide() bool {
	return c.Kind == NoPermission || c.Kind == NoCredentials || c.Kind == CostCap
}

// RosterOp is what happens to a partition's membership of its tenant.
type RosterOp string

const (
	Join     RosterOp = "join"     // from At on the tenant's groups wait for it
	Close    RosterOp = "close"    // it delivers nothing after At
	HandOver RosterOp = "handover" // a back-fill ends at At; the samples of To's series from then on wait for it
	Inform   RosterOp = "inform"   // a coarse history is whole: it informs the baselines of its series from At on
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
	Expect   Op = "expect"   // [From, To) is judged against a band scaled by Low to High, and not learned
	Feedback Op = "feedback" // what a person said (As) of Alert, whose episode is [From, To) of Series
	Revoke   Op = "revoke"   // what the commands of Act did before is taken back
	Approve  Op = "approve"  // a threshold range was agreed
	Reload   Op = "reload"   // Body holds the new configuration
	Without  Op = "without"  // Body holds a Switch: a detector judges no more, for all series
	With     Op = "with"     // Body holds a Switch: it does again
	Pattern  Op = "pattern"  // Body holds a PatternAct: what a person decides of patterns of log lines
	Target   Op = "target"   // Value is R in seconds for the series matched; with a Division as Body, for those that share it
)

// Command changes outcomes, so it is input: it comes from the command
// partition, and a series applies its commands in (At, Pos) order before its
// first later sample.
type Command struct {
	Op     Op              `json:"op"`
	Tenant string          `json:"tenant,omitempty"` // "" = every tenant
	At     Time            `json:"at"`               // in force for samples with At >= this
	Match  Matchers        `json:"match,omitempty"`  // which series; none = all of the tenant
	Series SeriesID        `json:"series,omitzero"`  // 0 = all that match; else the one
	From   Time            `json:"from,omitempty"`   // the stretch it names, if any
	To     Time            `json:"to,omitempty"`     // exclusive
	Value  float64         `json:"value,omitempty"`  // Target
	Low    float64         `json:"low,omitempty"`    // Expect: what is usual is multiplied by Low to High
	High   float64         `json:"high,omitempty"`   //
	Alert  string          `json:"alert,omitempty"`  // Feedback
	As     Said            `json:"as,omitempty"`     // Feedback
	Reason string          `json:"reason,omitempty"` //
	Author string          `json:"author,omitempty"` //
	Act    string          `json:"act,omitempty"`    // what was said, by the id of its row in the audit trail; what takes it back names it too
	Body   json.RawMessage `json:"body,omitempty"`   // Reload: the configuration; Target: a Division, or nothing; Without, With: a Switch; Pattern: a PatternAct
}

// Check says what is wrong with a command, if anything is.
func (c Command) Check() error {
	switch c.Op {
	case Exclude, Include:
		return c.checkStretch()
	case Expect:
		if !(c.Low >= 0 && c.High >= c.Low && c.High <= MostScaled) {
			return fmt.Errorf("command %s: factors %v to %v: want 0 <= low <= high <= %v", c.Op, c.Low, c.High, float64(MostScaled))
		}
		return c.checkStretch()
	case Feedback:
		return c.checkFeedback()
	case Revoke:
		if c.Act == "" {
			return fmt.Errorf("command %s: it names no act to take back", c.Op)
		}
	case Approve, Reload:
	case Pattern:
		_, err := c.PatternAct()
		return err
	case Without, With:
		return c.checkSwitch()
	case Target:
		return c.checkTarget()
	default:
		return fmt.Errorf("command %q: unknown", c.Op)
	}
	return nil
}

// MostScaled is the greatest factor of an Expect: beyond it a band says
// nothing.
const MostScaled = 1000

// Said is what a person says of an alert.
type Said string

const (
	SaidTrue     Said = "true"     // it was right: the episode is not learned
	SaidFalse    Said = "false"    // nothing was wrong: the episode is learned as if no vote had stood
	SaidExpected Said = "expected" // known beforehand, and usual: likewise
	SaidOwner    Said = "owner"    // for somebody else: it changes nothing that is learned
)

func (c Command) checkStretch() error {
	if c.To <= c.From {
		return fmt.Errorf("command %s: its stretch [%s, %s) is empty", c.Op, c.From, c.To)
	}
	return nil
}

func (c Command) checkFeedback() error {
	switch {
	case c.Alert == "":
		return fmt.Errorf("command %s: it names no alert", c.Op)
	case c.As == SaidOwner:
		return nil
	case c.As != SaidTrue && c.As != SaidFalse && c.As != SaidExpected:
		return fmt.Errorf("command %s: %q: want true, false, expected or owner", c.Op, c.As)
	case c.Series == 0:
		return fmt.Errorf("command %s: it names no series", c.Op)
	}
	return c.checkStretch()
}

// Concerns says whether the command is for a series.
func (c Command) Concerns(m *Meta) bool {
	return (c.Tenant == "" || c.Tenant == m.Tenant) && (c.Series == 0 || c.Series == m.Series) && c.Match.Matches(m.Labels)
}

// ParseFactors reads the factors of an Expect: "1..3" (up to three times what
// is usual), "0.5" (half of it).
func ParseFactors(s string) (low, high float64, err error) {
	a, b, ranged := strings.Cut(s, "..")
	if !ranged {
		b = a
	}
	low, errLow := strconv.ParseFloat(strings.TrimSpace(a), 64)
	high, errHigh := strconv.ParseFloat(strings.TrimSpace(b), 64)
	if errLow != nil || errHigh != nil || !(low >= 0 && high >= low && high <= MostScaled) {
		return 0, 0, fmt.Errorf("factors %q: want such as 1..3 (up to three times what is usual) or 0.5 (half of it)", s)
	}
	return low, high, nil
}
