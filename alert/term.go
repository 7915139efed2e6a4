package alert

import "github.com/kizashi-ops/kizashi"

// Term is one of the grounds of a severity: what it was computed from, as data.
// alert/explain has words for each name in English and in Japanese.
type Term struct {
	Name  TermName    `json:"name"`
	Value kizashi.Num `json:"value"`           // effect: how many times the distance from the expected value to the limit; duration: seconds
	Count int         `json:"count,omitempty"` // breadth: how many fire; redundancy: how many are lost
	Of    int         `json:"of,omitempty"`    // breadth: of how many; redundancy: how many may be lost
	Text  string      `json:"text,omitempty"`  // class: its name; override: who set it
	Moves int         `json:"moves,omitempty"` // by how many steps it raises (or lowers) the severity; 0 = it sets it, or is only told
}

// TermName names a ground.
type TermName string

const (
	TermClass      TermName = "class"      // what the configuration or the catalogue says of the metric
	TermGuard      TermName = "guard"      // a hard limit is crossed
	TermEffect     TermName = "effect"     // how far beyond the limit
	TermDuration   TermName = "duration"   // how long it has stood
	TermBreadth    TermName = "breadth"    // how many of its group
	TermRedundancy TermName = "redundancy" // how many of a group that can lose some
	TermOverride   TermName = "override"   // a rule says so
)
