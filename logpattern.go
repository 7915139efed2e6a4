package kizashi

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
	Samples  []LogLine `json:"samples,omitempty"`  // oldest first
}

// ownLabels tell the series of a count from its log group.
var ownLabels = [...]string{"lines", "level", "status", "pattern", "slot", "value", "numbers"}

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
