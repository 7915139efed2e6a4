package logs

import "github.com/kizashi-ops/kizashi"

// Kind is a kind of anomaly of log lines: the model of its votes.
type Kind int

// The kinds. New patterns are four, by how bad the line says it is, and by how often
// the pattern goes on to come.
const (
	NewError Kind = iota
	NewWarning
	NewOther
	NewBusy
	Rare
	ManyNew
	Surge
	Drop
	Absent
	Share
	Value
	Ratio
	kinds
)

// Row is a kind's place in the table.
type Row struct {
	Model  string  // of its votes; what Settings.Off names
	Share  float64 // of the log group's target; all add up to 1
	Unit   string  // of statistic and limit
	About  string
	Source string
}

// Table names the kinds.
var Table = [kinds]Row{
	NewError:   {string(kizashi.ClaimLogNew), .25, "d", "a pattern of level error or fatal that was never written before", "ours"},
	NewWarning: {string(kizashi.ClaimLogNew), .10, "d", "a pattern of level warning that was never written before", "ours"},
	NewOther:   {string(kizashi.ClaimLogNew), .05, "d", "any other pattern that was never written before", "ours"},
	NewBusy:    {string(kizashi.ClaimLogNew), .12, "d", "any other pattern that was never written before and comes ten times within its first hour", "ours"},
	Rare:       {string(kizashi.ClaimLogRare), .03, "d", "a warning or error of one day that comes again after a week", "ours"},
	ManyNew:    {string(kizashi.ClaimLogMany), .03, "patterns", "more new patterns within an hour than usual", "ours"},
	Surge:      {string(kizashi.ClaimLogSurge), .14, "decades", "more lines in five minutes than this hour of the week explains", "NB2 regression (Hilbe 2011); peaks over threshold (Pickands 1975)"},
	Drop:       {string(kizashi.ClaimLogDrop), .05, "decades", "fewer lines in an hour than this hour of the week explains", "as log_surge"},
	Absent:     {string(kizashi.ClaimLogAbsent), .08, "waits", "a pattern is due by its own rhythm and does not come", "renewal process with gamma gaps (Cox 1962)"},
	Share:      {string(kizashi.ClaimLogShare), .09, "decades", "of a whole's lines more than usual are of one kind: a level, an HTTP status, a value, numbers far out", "as log_surge"},
	Ratio:      {string(kizashi.ClaimLogRatio), .03, "lines", "of two patterns that keep step, hour by hour, one is short", "invariants (Lou and others 2010)"},
	Value:      {string(kizashi.ClaimLogValue), .03, "d", "a slot with few values has a new one", "ours"},
}
