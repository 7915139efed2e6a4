// Package detect puts every sample before the detectors and decides what may
// be learned from it: the series loop. Each series' baseline says what is
// usual, each row of the table of models gives its vote, and what stood over
// a limit leaves as a Crossing for the group loop.
//
// Judge comes before learn: the sample under test is never inside its own
// yardstick. Samples are taken in the order given; nothing here sorts them,
// reads a clock, or lets one series look at another.
//
// This file is what detectors are written against, Kizashi's and those of others:
// the contract, of which [API] is the version (docs/own-detectors.md). All else here
// is the loop around it, and may change.
package detect

import (
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/calendar"
)

// Case is all that a model may look at.
type Case struct {
	Sample   kizashi.Sample
	Meta     *kizashi.Meta
	Settings *kizashi.Settings
	View     *baseline.View  // what the baseline expected
	Base     *baseline.State // read only; no part of the contract: it changes with any version
	Share    float64         // of the row in hand: Row.Share
	Stance   baseline.Stance // how the sample will be learned
	Draft    *Draft          // of the row in hand; nil = nobody keeps any
}

// Draft is what a Judge worked out, for the Learn of the same sample to read. It
// is no state: where it is not Set the Learn works it out for itself.
type Draft struct {
	Set bool
	F   [2]float64
	B   [8]int8
	U   [2]uint32
}

// Learns says whether the sample, as far as commands and the calendar go, is
// one to learn what is usual from.
func (c *Case) Learns() bool { return c.Stance != baseline.Excluded && !c.View.Special }

// Gap is the time from one sample to the next: the period declared, or the
// running median; 0 = not known yet.
func (c *Case) Gap() time.Duration { return c.Base.Gap() }

// Model makes the state that one series needs of a detector.
type Model interface {
	// New returns the state before any sample. It must not keep the pointers'
	// contents beyond Meta's and Settings' identity: both are replaced when the
	// configuration changes, and the Case always holds the ones in force.
	New(meta *kizashi.Meta, set *kizashi.Settings) State
}

// State is what a detector remembers of one series.
type State interface {
	// Judge fills in its vote on the case and returns true, or returns false:
	// no opinion, which is not the same as normal. The vote arrives zeroed but
	// for its Model and Kind. Judge changes nothing and allocates nothing.
	Judge(c *Case, v *kizashi.Vote) bool
	// Learn takes the sample in, after it was judged. held says that a band or
	// spike vote stands or that a command excludes the sample.
	Learn(c *Case, held bool)
	// Explain gives the facts behind the vote on the case just judged, before
	// it is learned. It may allocate. A detector that is not Kizashi's is told by
	// its Row's Words, and what it returns here is passed over.
	Explain(c *Case) []kizashi.Evidence
	// AppendBinary appends the state so that Decode continues bit-identically.
	AppendBinary(b []byte) []byte
	// Decode reads what AppendBinary wrote and returns the rest.
	Decode(b []byte) ([]byte, error)
}

// Brief is a State that can say in short what its Judge would: hardly a vote is ever
// looked at, and filling one in costs more than knowing that it does not stand.
type Brief interface {
	State
	// Brief returns whether Judge would have an opinion on the case and whether its
	// vote would stand, and its Onset, 0 where there is none. It keeps the Draft as Judge
	// does, changes nothing and allocates nothing. Where a vote stands, and where somebody
	// asks, Judge is called on the same case after it.
	Brief(c *Case) (said Said, onset float64)
}

// Said is a vote in short.
type Said uint8

const (
	NoOpinion Said = iota
	Inside
	Stands // Crossed
)

// Timed is a State that has something to say when no sample comes.
type Timed interface {
	State
	// Due is when it will, if no sample comes before; kizashi.Forever = never.
	Due() kizashi.Time
	// Absent fills in the vote at Due, and what it rests on.
	Absent(c *Case, v *kizashi.Vote) *kizashi.Rhythm
	// Said is called when the vote was given, so that it is given once.
	Said()
	// Unseen says that no sample could be seen before an instant: what is
	// missing up to there is no absence.
	Unseen(to kizashi.Time)
	// Schedule says in which hours samples are expected, and how late the first
	// of an opening may be, 0 = as any silence; nil = by the series' own rhythm.
	Schedule(h *calendar.Hours, late time.Duration)
	// Expected says that samples of a series that had ended are expected again
	// from an instant on: what was said before ended with the series.
	Expected(from kizashi.Time)
}

// Hourly is a State that freezes its limit with the baseline's record.
type Hourly interface {
	State
	// Begin is called before Judge when the case is the first of a new hour; the
	// samples of the hours before are all learned.
	Begin(c *Case)
}

// Grounded is a State of evidence votes whose limits can be computed again.
type Grounded interface {
	State
	// Ground gives what the vote on the case just judged rests on, before it is
	// learned. It may allocate.
	Ground(c *Case) *kizashi.Ground
}

// Idler is a Model that says on which series it has nothing to do with samples, so
// that it is not asked.
type Idler interface {
	// Idle says that by the settings Judge has no opinion on any sample, and that
	// Learn has nothing to do that Judge or a later Learn would miss.
	Idle(set *kizashi.Settings) (judge, learn bool)
}

// Movable marks a Model whose New returns the same for every series: a pointer to a
// struct that may be copied, as it does not point into itself. Slices, maps and
// pointers in it are nil, or lead to constants that all series share and none changes:
// each series has a copy of the one. What a series has of it then lies in one piece of
// memory.
type Movable interface{ Movable() }

// LeastTimer is how long after the end of a sample, or after Unseen, a Timed
// is due at the earliest.
const LeastTimer = 15 * time.Minute

// Row is a detector's place in the table of models.
type Row struct {
	Name    string
	Kind    kizashi.VoteKind
	Model   Model
	About   string  // one line: what it finds
	Source  string  // paper, or page, or "ours"
	OptIn   bool    // it votes only where a rule asks for it; elsewhere it ranks moments
	Outside bool    // its votes stand outside the false-alert target
	Long    string  // a paragraph: how it judges, and when it has no opinion
	Params  []Param // what it is set by

	// Words is the sentence in which a detector that is not Kizashi's is told; those
	// of Kizashi have theirs in alert/explain.
	Words kizashi.Words
	// Limit says where the limits of its value votes can be computed again.
	Limit kizashi.Published

	// Share is what each vote of a calibrated row has of the false-alert target,
	// in the unit of baseline.State.SetRest; 0 = it stands outside the target, but
	// for band and spike, whose shares are the baseline's own.
	Share float64
	// Weight is that of the row's surprise in the Onset of a judgement.
	Weight float64
}

// off says that the row does not vote on a series with the settings.
func (r *Row) off(set *kizashi.Settings) bool {
	return slices.Contains(set.Off, r.Name) || r.OptIn && !slices.Contains(set.OptIn, r.Name)
}

// Param is a constant or a setting of a detector.
type Param struct {
	Name  string
	Value string // with its unit
	About string
}
