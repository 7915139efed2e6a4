package kizashi

import "slices"

// LogLine is a log line that is shown: masked, and cut where it is long.
type LogLine struct {
	At   Time   `json:"at"`
	Text string `json:"text"`
}

// LogFacts is what an alert about log lines shows of what it counts.
type LogFacts struct {
	Group    string    `json:"group"`              // the log group's name
	Pattern  string    `json:"pattern,omitempty"`  // its id, 16 hex digits; "" = it is of no single one
	Template string    `json:"template,omitempty"` // its words, <*> for what varies
	Level    string    `json:"level,omitempty"`    // the worst that its lines say
	First    Time      `json:"first"`              // its first line
	Lines    int64     `json:"lines"`              // so far
	Part     string    `json:"part,omitempty"`     // of a share: level, status, value, high, low
	Of       string    `json:"of,omitempty"`       // and which: error, 5xx, a value
	Slot     int       `json:"slot,omitempty"`     // of a value or number: which of the template's, from 1
	Bound    Num       `json:"bound"`              // of high and low: what the numbers lie beyond
	Day      *LogDay   `json:"day,omitempty"`      // where the day is not like the others of its week, and a count is judged by what is usual
	Due      *Time     `json:"due,omitempty"`      // of a line that is missing: when the usual wait was over
	Samples  []LogLine `json:"samples,omitempty"`  // oldest first
}

// LogDay is what is usual of a count in an hour of a special day, in lines an hour.
type LogDay struct {
	Kind     string  `json:"kind"`     // as SpecialDay's
	Days     int     `json:"days"`     // how many earlier ones are known in this hour, at most 8
	Mean     float64 `json:"mean"`     // lines that they had on average
	Ordinary float64 `json:"ordinary"` // what would be usual if the day were none of its kind
	Least    float64 `json:"least"`    // between these lies one of which no earlier one is known
	Most     float64 `json:"most"`
	Low      float64 `json:"low"` // between these lies what is usual
	High     float64 `json:"high"`
}

// ownLabels tell the series of a count from its log group.
var ownLabels = [...]string{"lines", "level", "status", "pattern", "slot", "value", "numbers"}

// LineLabel says that a label tells the series of a count of log lines from its log
// group, so that nobody may give it another meaning.
func LineLabel(name string) bool { return slices.Contains(ownLabels[:], name) }

// AllLines is the series of all lines of the log group that m, a count of its lines,
// is of. It has a sample for each minute that was read; in those that have none of
// another of the group's counts, that is 0.
func (m *Meta) AllLines() SeriesID {
	ls := m.Identity.Map()
	for _, l := range ownLabels {
		delete(ls, l)
	}
	ls["lines"] = "all"
	return IDOf(m.Tenant, LabelsOf(ls))
}
