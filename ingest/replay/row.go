package replay

import "github.com/kizashi-ops/kizashi"

// Fault is why a row or a value of it made no good sample.
type Fault string

const (
	BadTime     Fault = "unreadable time"
	SkippedTime Fault = "time that the clock of this zone skips"
	BadNumber   Fault = "not a number"
	NotFinite   Fault = "NaN or infinite"
	NoValue     Fault = "no value"
	FewColumns  Fault = "too few columns"
	ManyColumns Fault = "too many columns"
	BadQuote    Fault = "quote without an end"
	BadJSON     Fault = "not a JSON object"
	Repeated    Fault = "repeated time"
	Backwards   Fault = "time goes back"
	Outside     Fault = "outside the range asked for"

	// Of series with labels: OpenMetrics text and TSDBs.
	BadLine    Fault = "not a line of OpenMetrics"
	CutLine    Fault = "last line without an end"
	BelowEOF   Fault = "below # EOF"
	NoTime     Fault = "no timestamp"
	Histogram  Fault = "part of a histogram"
	Stale      Fault = "mark of a series that ended"
	FirstCount Fault = "first value of a counter"
	OverGap    Fault = "increase over a gap"
)

// Row is one row of an input as it stood: what it takes to mirror the file.
// It is valid until the call of OnRow returns.
type Row struct {
	File   string             // as in FileReport.Path
	Line   int                // from 1; of CloudWatch JSON and of a TSDB the number of the instant
	At     kizashi.Time       // Never = unreadable
	Stamp  []byte             // the timestamp as it stood; of series with labels Unix milliseconds
	Series []kizashi.SeriesID // one for each value column; of series with labels those that have a value at this instant
	Texts  [][]byte           // the values as they stood, one for each column; nil = none
	Faults []Fault            // one for each column; "" = a good value
	Fault  Fault              // of the row as a whole; "" = none
	// Skipped says that the row delivered no sample at all. A row that goes
	// back or repeats a time is delivered, marked Late, where a file is a
	// tenant of its own: Fault then says which, and Skipped is false.
	Skipped bool
}

// record is what a decoder reads: texts, not yet numbers. Its slices are valid
// until the next call.
type record struct {
	line  int
	stamp []byte
	cells [][]byte // one for each value column; nil = none
	fault Fault    // the row could not be taken apart

	// A sparse row has cells only for some columns. The slices stand beside
	// cells, except skipped: lines of values that belong to no column.
	sparse  bool
	cols    []int
	lines   []int
	faults  []Fault
	skipped []int
}

// clear makes an empty sparse row of r.
func (r *record) clear(line int) {
	r.line, r.stamp, r.fault, r.sparse = line, nil, "", true
	r.cells, r.cols, r.lines, r.faults, r.skipped = r.cells[:0], r.cols[:0], r.lines[:0], r.faults[:0], r.skipped[:0]
}

// decoder takes an input apart into rows. It returns io.EOF at the end; any
// other error ends the file and names the line.
type decoder interface {
	next(*record) error
}
