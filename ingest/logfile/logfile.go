// Package logfile reads log files into events: plain text, JSON lines, what
// CloudWatch Logs exports to S3, payloads of its subscriptions, and what
// `aws logs filter-log-events` prints; plain, gzip or zstd, in UTF-8, UTF-16,
// Shift_JIS or EUC-JP.
//
// An event is one row and those after it that go on with it: the rows of a
// stack trace. Its time is found in its text. Nothing is lost silently: what is
// cut, what has no time, and where a file breaks off is counted and said.
package logfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Limits of an event. What is beyond is counted, and belongs to the same event.
const (
	MaxText = 1 << 20 // bytes that are kept
	MaxRows = 1 << 10 // rows whose text is kept
)

// Options say how to read a file. The zero value finds out by itself.
type Options struct {
	Name     string         // of the file, as errors and the form of an export's name have it
	Encoding string         // utf-8, utf-16le, utf-16be, shift_jis, euc-jp; "" = found
	First    *regexp.Regexp // matches the first row of an event; nil = rows that are indented, "Caused by:" and the like go on
	Single   bool           // each row is an event
	Zone     string         // IANA name, of times that name none; "" = the one offset that other times in the beginning of the file have, or UTC, and the report says so
	Year     int            // of times without one, at the beginning of the file; 0 = so that the last is not after Latest
	Live     bool           // it is still written: what is there now is enough to tell what it is
	Latest   kizashi.Time   // when the file was written last; Never or 0 = not known
}

// Event is one log event. Its slices are valid until the next call.
type Event struct {
	Text     []byte
	At       kizashi.Time // Never = none was found, here or above
	Found    bool         // the time is its own, not that of the event above
	Row      int          // of its first row in the file, from 1; of JSON from CloudWatch the number of the event
	Rows     int          // rows that it takes
	Offset   int64        // of its first byte in the unpacked file
	ID       string       // of CloudWatch; "" = none
	Stream   string       // of CloudWatch; "" = none
	Group    string       // the log group that a payload names
	Account  string       // and its account
	Ingested kizashi.Time // Never = not known
}

// Format of a file.
type Format string

const (
	Text         Format = "log"
	JSONLines    Format = "json lines"
	Export       Format = "cloudwatch export"       // of a log group to S3
	Subscription Format = "cloudwatch subscription" // payloads of a subscription filter
	FilterEvents Format = "filter-log-events json"
)

// Report says what became of a file so far.
type Report struct {
	Format   Format `json:"format"`
	Encoding string `json:"encoding"`
	Packed   string `json:"packed,omitempty"` // gzip, zstd
	Bytes    int64  `json:"bytes"`            // unpacked
	Rows     int    `json:"rows"`
	Events   int    `json:"events"`
	Joined   int    `json:"joined,omitempty"`    // rows that go on with the event above
	Cut      int    `json:"cut,omitempty"`       // events of which a part was not kept
	CutBytes int64  `json:"cut_bytes,omitempty"` // of them
	Broken   int    `json:"broken,omitempty"`    // rows with bytes that the encoding does not have
	NUL      int    `json:"nul,omitempty"`       // events with NUL bytes: holes of a file that was cut while it was written
	NoTime   int    `json:"no_time,omitempty"`   // events without a time of their own
	BadTime  int    `json:"bad_time,omitempty"`  // of them those whose time cannot be: before 1990, after 2100
	Back     int    `json:"back,omitempty"`      // events whose time lies before that of the event above
	Control  int    `json:"control,omitempty"`   // messages of a subscription about itself: dropped
	Skipped  int    `json:"skipped,omitempty"`   // values that are no payload: dropped
	Zone     string `json:"zone,omitempty"`      // how times without one were read; "" = there were none
	Assumed  bool   `json:"assumed,omitempty"`   // nobody stated it: UTC
	Shown    bool   `json:"shown,omitempty"`     // nobody stated it, but it is that of all rows in the beginning that have one
	Year     int    `json:"year,omitempty"`      // how times without a year were read, at the beginning; 0 = there were none
	BrokeOff string `json:"broke_off,omitempty"` // where and why the file ends before its end
}

// Reader reads one file.
type Reader struct {
	opt    Options
	raw    *counted
	in     *unpacked
	dec    decoder
	clock  *clock
	rep    Report
	begins []kizashi.Time // the first times that stand in the file
	last   kizashi.Time   // of the event above
	err    error
}

// decoder takes a file apart into events.
type decoder interface {
	next(e *Event) error
}

// Open reads the beginning of a file and finds out what it is.
func Open(r io.Reader, o Options) (*Reader, error) {
	if o.Latest == 0 {
		o.Latest = kizashi.Never
	}
	f := &Reader{opt: o, raw: &counted{r: r}, last: kizashi.Never}
	var err error
	if f.clock, err = newClock(o); err != nil {
		return nil, err
	}
	if f.in, err = unpack(f.raw, o.Live); err != nil {
		return nil, err
	}
	f.rep.Packed = f.in.packed
	if err := f.choose(); err != nil {
		return nil, err
	}
	return f, nil
}

// choose finds the file's encoding and format.
func (f *Reader) choose() error {
	enc, err := encodingOf(f.in.head, f.opt.Encoding)
	if err != nil {
		return err
	}
	if enc.wide() {
		f.in.decode(enc)
	}
	f.rep.Encoding = enc.String()
	head := strings.TrimPrefix(string(f.in.head[:min(len(f.in.head), 64<<10)]), "\xef\xbb\xbf")
	f.in.dropMark()
	switch f.rep.Format = formatOf(head, f.opt.Name); f.rep.Format {
	case Subscription:
		f.dec = newPayloads(f, strings.HasPrefix(strings.TrimSpace(head), "H4sI"))
	case FilterEvents:
		f.dec = newAnswer(f)
	default:
		f.dec = newRows(f, enc)
	}
	f.lookForZone()
	f.begins = f.lookForFirst()
	return nil
}

// Next reads the next event. It returns io.EOF at the end; any other error says
// where and why the file breaks off: what came before it stays.
func (f *Reader) Next(e *Event) error {
	if f.err != nil {
		return f.err
	}
	*e = Event{At: kizashi.Never, Ingested: kizashi.Never}
	if f.err = f.dec.next(e); f.err != nil {
		if !errors.Is(f.err, io.EOF) {
			f.err = fmt.Errorf("row %d: the file breaks off: %w", f.rep.Rows+1, f.err)
			f.rep.BrokeOff = f.err.Error()
		}
		return f.err
	}
	f.rep.Events++
	f.rep.Joined += e.Rows - 1
	if bytes.IndexByte(e.Text, 0) >= 0 {
		f.rep.NUL++
	}
	if e.At == kizashi.Never {
		f.rep.NoTime++
		e.At = f.last
		return nil
	}
	e.Found = true
	if e.At < f.last {
		f.rep.Back++
	}
	f.last = e.At
	return nil
}

// Read says how many bytes of the file, as it lies there, have been read: for
// progress.
func (f *Reader) Read() int64 { return f.raw.n }

// Report says what became of the file so far.
func (f *Reader) Report() Report {
	r := f.rep
	r.Bytes = f.in.n
	f.clock.told(&r)
	return r
}

// First is the first time that stands in the beginning of the file; Never = none
// does. Events above it have none.
func (f *Reader) First() kizashi.Time {
	if len(f.begins) == 0 {
		return kizashi.Never
	}
	return f.begins[0]
}

// Near is the first time in the beginning of the file that the next one lies within d
// of: a clock that was wrong in the first row is not where the file begins. It is First
// where no two are so near.
func (f *Reader) Near(d time.Duration) kizashi.Time {
	for i, at := range f.begins[:max(len(f.begins)-1, 0)] {
		if next := f.begins[i+1]; next <= at.Add(d) && at <= next.Add(d) {
			return at
		}
	}
	return f.First()
}

// mostBegins is how many times of the beginning of a file are looked at.
const mostBegins = 64

// lookForFirst finds the times that stand in the beginning, which is there no more once
// it was read.
func (f *Reader) lookForFirst() (out []kizashi.Time) {
	c := *f.clock
	for row := range bytes.Lines(f.in.head) {
		if at, _ := c.find(row); at != kizashi.Never {
			if out = append(out, at); len(out) == mostBegins {
				break
			}
		}
	}
	return out
}
