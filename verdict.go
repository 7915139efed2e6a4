package kizashi

import "fmt"

func errText(what, got, want string) error {
	return fmt.Errorf("%s %q: want one of %s", what, got, want)
}

// VoteKind tells two ways of being odd apart.
type VoteKind string

const (
	// Value votes crossed a limit in the series' own unit that was fixed
	// before the sample came.
	Value VoteKind = "value"
	// EvidenceVote votes have a statistic, a reference set and a limit in that
	// statistic's own unit, never dressed as the series'.
	EvidenceVote VoteKind = "evidence"
)

// Vote is one detector's word on one case.
type Vote struct {
	Model   string   `json:"model"` // its row in the table of models
	Kind    VoteKind `json:"kind"`
	Side    Side     `json:"side"`    // the side that it speaks of
	Crossed bool     `json:"crossed"` // it stands: this opens an alert
	Stat    float64  `json:"stat"`    // the statistic
	Limit   float64  `json:"limit"`   // of the statistic, in the same unit
	Unit    string   `json:"unit"`    // of Stat and Limit; "" = the series' own
	Center  Num      `json:"center"`  // value votes: expected value, in the series' unit
	Lower   Num      `json:"lower"`   // value votes: limits in the series' unit
	Upper   Num      `json:"upper"`   //
	Onset   float64  `json:"onset"`   // how surprising, -log10 of a tail probability; its part of the moment's rank
}

// State says how far a series' judgement can be relied on.
type State string

const (
	Warming    State = "warming up" // too little history for a limit
	Judged     State = "judged"
	NoOpinion  State = "no opinion" // a sample came, and no detector could say anything
	HeldOut    State = "held out"   // judged, and kept out of learning
	LateSample State = "late"       // counted, not judged
)

// Verdict is all that was said of one sample.
type Verdict struct {
	Onset    float64 `json:"onset"` // weighted sum of the models', 0 unless above those just before; it only ranks moments
	State    State   `json:"state"`
	Why      string  `json:"why,omitempty"` // a claim that explains the state
	Expected Num     `json:"expected"`
	Lower    Num     `json:"lower"`
	Upper    Num     `json:"upper"`
	Votes    []Vote  `json:"votes,omitempty"`
}

// Crossing is what the series loop hands to the group loop: a sample on which
// some vote stood, a silence, or a sample that follows one of these closely
// enough to matter to the life of its alert.
type Crossing struct {
	Series  SeriesID `json:"series"`
	At      Time     `json:"at"`    // of the sample; of a silence: the moment it became one
	End     Time     `json:"end"`   // At plus the period
	Value   Num      `json:"value"` // None = a silence
	Late    bool     `json:"late,omitempty"`
	Verdict Verdict  `json:"verdict"`          // Votes: those that stand; none = back inside
	Quiet   Duration `json:"quiet"`            // a vote later than this after the last one opens a new alert
	Recover int      `json:"recover"`          // samples without a vote before an alert is resolved
	Event   Claim    `json:"event,omitempty"`  // what happened to the baseline at this sample
	Ended   Claim    `json:"ended,omitempty"`  // no sample: the series ended, for this reason, and its alerts with it
	Proof   []Proof  `json:"proofs,omitempty"` // for each side that may open an alert here
}

// Proof is what the series loop knew when a vote first stood: the part of a
// justification that later samples would overwrite.
type Proof struct {
	Side     Side         `json:"side"`
	Meta     Meta         `json:"meta"`
	Settings Settings     `json:"settings"`
	Config   string       `json:"config"` // hash of the configuration in force
	Record   *Record      `json:"record,omitempty"`
	Recent   []Scored     `json:"recent,omitempty"`
	Run      *Run         `json:"run,omitempty"`
	Rhythm   *Rhythm      `json:"rhythm,omitempty"`
	Held     []Stretch    `json:"held,omitempty"`
	Evidence []Evidence   `json:"evidence,omitempty"` // what the models say of themselves
	Grounds  []Ground     `json:"grounds,omitempty"`  // what the evidence votes that stand on the side rest on
	Routine  *Routine     `json:"routine,omitempty"`  // what comes at this time of the day
	Own      []Own        `json:"own,omitempty"`      // detectors that are not Kizashi's, of those that stand on the side
	Expect   *Expectation `json:"expect,omitempty"`
	Volume   *Counted     `json:"volume,omitempty"`
	Log      *LogFacts    `json:"log,omitempty"`  // of an alert about log lines: what it counts
	Days     []string     `json:"days,omitempty"` // the kinds of the sample's day and of the 14 before it; none = all ordinary
}

// Stands says whether a vote stands on the side.
func (v Verdict) Stands(side Side) bool {
	for _, w := range v.Votes {
		if w.Crossed && w.Side == side {
			return true
		}
	}
	return false
}
