package replay

import (
	"fmt"
	"sort"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/logfile"
)

// Format of an input.
type Format string

const (
	CSV        Format = "csv"
	ConsoleCSV Format = "cloudwatch console csv"
	JSONLines  Format = "json lines"
	MetricData Format = "get-metric-data json"
	Statistics Format = "get-metric-statistics json"
	// OpenMetrics is text with timestamps, as promtool tsdb dump-openmetrics
	// writes it.
	OpenMetrics Format = "openmetrics"
	// TSDB is the data directory of a Prometheus server, or a snapshot of it.
	TSDB Format = "prometheus tsdb"
)

// Report says what became of the input.
type Report struct {
	Files   []FileReport `json:"files"`
	Ignored []Ignored    `json:"ignored,omitempty"` // files of a folder that are no input
}

// Ignored is a file that was not read.
type Ignored struct {
	Path string `json:"path"`
	Why  string `json:"why"`
}

// FileReport says what became of one input.
type FileReport struct {
	Path     string   `json:"path"`
	Tenant   string   `json:"tenant"`
	Mapped   bool     `json:"mapped"` // has the identity of live series
	Format   Format   `json:"format"`
	Encoding string   `json:"encoding"`
	Gzip     bool     `json:"gzip,omitempty"`
	Columns  []string `json:"columns"`
	Unread   []string `json:"unread,omitempty"` // columns that are no series
	// Zone is how timestamps without an offset were read; "" = there were
	// none. Assumed says that nobody stated it and UTC was taken.
	Zone    string       `json:"zone,omitempty"`
	Assumed bool         `json:"assumed,omitempty"`
	Rows    int          `json:"rows"`
	Samples int          `json:"samples"` // delivered, late ones too
	Faults  []FaultCount `json:"faults,omitempty"`
	// Of a log: how many lines were delivered, how many of them late, what was
	// masked in words, and what its reader counted.
	Lines     int             `json:"lines,omitempty"`
	LateLines int             `json:"late_lines,omitempty"`
	Masked    string          `json:"masked,omitempty"`
	Log       *logfile.Report `json:"log,omitempty"`
	First     kizashi.Time    `json:"first"` // Never = no sample
	Last      kizashi.Time    `json:"last"`  // the latest, not the one at the end
	Ended     bool            `json:"ended"` // read to its end
	// Cut says that OpenMetrics text ends without # EOF. As it stands series
	// after series, whole series may be missing.
	Cut bool `json:"cut,omitempty"`
	// Doubts are what an answer of CloudWatch itself says of being incomplete.
	Doubts []string `json:"doubts,omitempty"`
	// Broken says where and why the input breaks off. What came before it was
	// delivered.
	Broken string `json:"broken,omitempty"`
}

// FaultCount counts one fault: rows, or values where it is one value's fault.
type FaultCount struct {
	Fault Fault `json:"fault"`
	Count int   `json:"count"`
	Lines []int `json:"lines"` // the first few
	// Late says that the samples were delivered, marked Late: a file that is
	// a tenant of its own is read in the order of its rows.
	Late bool `json:"late,omitempty"`
}

// faultLines is how many lines a report names.
const faultLines = 5

func (r *FileReport) count(f Fault, line int, late bool) {
	for i := range r.Faults {
		c := &r.Faults[i]
		if c.Fault != f {
			continue
		}
		c.Count++
		if n := len(c.Lines); n < faultLines && c.Lines[n-1] != line {
			c.Lines = append(c.Lines, line)
		}
		return
	}
	r.Faults = append(r.Faults, FaultCount{Fault: f, Count: 1, Lines: []int{line}, Late: late})
}

func (r FileReport) copy() FileReport {
	r.Faults = append([]FaultCount(nil), r.Faults...)
	for i := range r.Faults {
		r.Faults[i].Lines = append([]int(nil), r.Faults[i].Lines...)
	}
	sort.Slice(r.Faults, func(i, j int) bool { return r.Faults[i].Fault < r.Faults[j].Fault })
	return r
}

// String is one line for people: "cpu.csv: 4032 rows, 4030 samples, ...".
func (r FileReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, ", r.Path, r.Format)
	if r.Encoding != "" { // a TSDB has none
		fmt.Fprintf(&b, "%s, ", r.Encoding)
	}
	if r.Log != nil {
		r.tellLog(&b)
	} else {
		fmt.Fprintf(&b, "%d rows, %d samples", r.Rows, r.Samples)
	}
	if r.Samples > 0 || r.Lines > r.LateLines {
		fmt.Fprintf(&b, ", %s to %s", r.First, r.Last)
	}
	switch {
	case r.Log != nil && r.Log.Shown:
		b.WriteString("; times without a zone read as " + r.Zone + ", as other rows have it")
	case r.Assumed:
		b.WriteString("; times without a zone read as UTC, as none was stated")
	case r.Zone != "":
		b.WriteString("; times without a zone read as " + r.Zone)
	}
	if r.Cut {
		b.WriteString("; no # EOF at its end: the export may be cut")
	}
	for _, d := range r.Doubts {
		b.WriteString("; " + d)
	}
	for _, f := range r.Faults {
		b.WriteString("; " + f.String())
	}
	if r.Broken != "" {
		b.WriteString("; BROKEN OFF: " + r.Broken)
	}
	return b.String()
}

// tellLog says what became of a log.
func (r FileReport) tellLog(b *strings.Builder) {
	x := r.Log
	fmt.Fprintf(b, "%d rows, %d lines", r.Rows, r.Lines)
	for _, c := range []struct {
		n    int
		what string
	}{{r.LateLines, "late"}, {x.Joined, "rows of the line above"}, {x.Cut, "cut"}, {x.Broken, "with broken bytes"}, {x.NUL, "with NUL bytes"}, {x.NoTime, "without a time of their own"}, {x.Control, "control messages dropped"}, {x.Skipped, "values that are no payload"}} {
		if c.n > 0 {
			fmt.Fprintf(b, ", %d %s", c.n, c.what)
		}
	}
	if r.Masked != "" {
		b.WriteString(", masked in " + r.Masked)
	}
}

// String is "2 skipped: no value (line 3 9)".
func (f FaultCount) String() string {
	verb := "skipped"
	if f.Late {
		verb = "late"
	}
	lines := strings.Trim(fmt.Sprint(f.Lines), "[]")
	if f.Count > len(f.Lines) {
		lines += " ..."
	}
	return fmt.Sprintf("%d %s: %s (line %s)", f.Count, verb, f.Fault, lines)
}
