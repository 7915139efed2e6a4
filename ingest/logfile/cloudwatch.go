package logfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// formatOf tells a format by the beginning of a file. An export is told by the
// name that CloudWatch gives its files too: 000000.gz in a folder named after
// the stream.
func formatOf(head, name string) Format {
	t := strings.TrimSpace(head)
	switch {
	case strings.HasPrefix(t, "{") && strings.Contains(t, `"messageType"`) && strings.Contains(t, `"logEvents"`),
		strings.HasPrefix(t, "{") && strings.Contains(t[:min(len(t), 64)], `"awslogs"`),
		strings.HasPrefix(t, "H4sI"): // base64 of gzip
		return Subscription
	case strings.HasPrefix(t, "{") && strings.Contains(t[:min(len(t), 64)], `"events"`) && strings.Contains(t[:min(len(t), 64)], "["):
		return FilterEvents
	case exported(name) && exportStamp([]byte(head[:min(len(head), 64)])) > 0:
		return Export
	case strings.HasPrefix(t, "{") && json.Valid([]byte(strings.SplitN(t, "\n", 2)[0])):
		return JSONLines
	}
	return Text
}

// exported says whether a file is named as those of an export are.
func exported(name string) bool {
	base, ok := strings.CutSuffix(path.Base(name), ".gz")
	return ok && len(base) == 6 && strings.Trim(base, "0123456789") == ""
}

// maxPayload bounds one payload, unpacked: what a subscription sends is at most
// 6 MiB for a function, and 1 MiB for a stream.
const maxPayload = 64 << 20

// payload is what a subscription filter sends.
type payload struct {
	MessageType string    `json:"messageType"`
	Owner       string    `json:"owner"`
	LogGroup    string    `json:"logGroup"`
	LogStream   string    `json:"logStream"`
	LogEvents   []message `json:"logEvents"`
	AWSLogs     struct {
		Data string `json:"data"`
	} `json:"awslogs"` // as a function gets it
}

type message struct {
	ID        string `json:"id"`
	EventID   string `json:"eventId"` // of filter-log-events
	Timestamp int64  `json:"timestamp"`
	Ingestion int64  `json:"ingestionTime"`
	Stream    string `json:"logStreamName"`
	Message   string `json:"message"`
}

// payloads reads one payload behind the other, with or without line feeds
// between them, each as JSON, or as gzip in base64.
type payloads struct {
	f    *Reader
	json *json.Decoder
	rows *bufio.Reader // of base64
	lim  *limited
	now  payload
	at   int // the next of its events
	n    int // events so far
}

func newPayloads(f *Reader, packed bool) *payloads {
	p := &payloads{f: f, lim: &limited{r: f.in}}
	if packed {
		p.rows = bufio.NewReaderSize(p.lim, 64<<10)
		return p
	}
	p.json = json.NewDecoder(p.lim)
	return p
}

// limited refuses to read on and on for one value.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(b []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("a value is larger than %d MiB: that is no payload", maxPayload>>20)
	}
	n, err := l.r.Read(b[:min(int64(len(b)), l.left)])
	l.left -= int64(n)
	return n, err
}

func (p *payloads) next(e *Event) error {
	for p.at == len(p.now.LogEvents) {
		if err := p.load(); err != nil {
			return err
		}
	}
	m := &p.now.LogEvents[p.at]
	p.at++
	p.n++
	e.Group, e.Account, e.Stream, e.ID, e.Row = p.now.LogGroup, p.now.Owner, p.now.LogStream, m.ID, p.n
	m.fill(e)
	p.f.rep.Rows += e.Rows
	return nil
}

// fill puts a message into an event.
func (m *message) fill(e *Event) {
	e.Text = bytes.TrimRight([]byte(m.Message), "\r\n")
	e.Rows = 1 + bytes.Count(e.Text, []byte("\n"))
	if at := kizashi.Time(m.Timestamp); at >= earliest && at < latest {
		e.At = at
	}
	if m.Ingestion > 0 {
		e.Ingested = kizashi.Time(m.Ingestion)
	}
}

// load reads the next payload into p.now.
func (p *payloads) load() error {
	p.lim.left = maxPayload
	p.now, p.at = payload{}, 0
	if p.rows != nil {
		row, err := p.rows.ReadString('\n')
		if row = strings.TrimSpace(row); row == "" {
			return err
		}
		return p.unpack(row)
	}
	if err := p.json.Decode(&p.now); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			p.f.rep.Skipped++
			p.now = payload{}
			return nil
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("it is cut short")
		}
		return err
	}
	if d := p.now.AWSLogs.Data; d != "" {
		p.now = payload{}
		return p.unpack(d)
	}
	p.told()
	return nil
}

// unpack reads a payload of gzip in base64.
func (p *payloads) unpack(data string) error {
	b, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return fmt.Errorf("base64: %w", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("gzip: %w", err)
	}
	b, err = io.ReadAll(io.LimitReader(z, maxPayload+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("gzip: it is cut short")
	case err != nil:
		return fmt.Errorf("gzip: %w", err)
	case len(b) > maxPayload:
		return fmt.Errorf("gzip: a payload is larger than %d MiB", maxPayload>>20)
	}
	if err := json.Unmarshal(b, &p.now); err != nil {
		p.now = payload{}
		p.f.rep.Skipped++
		return nil
	}
	p.told()
	return nil
}

// told drops what a payload says about the subscription itself.
func (p *payloads) told() {
	switch p.now.MessageType {
	case "DATA_MESSAGE":
	case "CONTROL_MESSAGE":
		p.f.rep.Control += max(1, len(p.now.LogEvents))
		p.now = payload{}
	default:
		p.f.rep.Skipped++
		p.now = payload{}
	}
}

// answer reads what filter-log-events and get-log-events print: an object with
// a list of events. Several may stand behind one another.
type answer struct {
	f    *Reader
	json *json.Decoder
	lim  *limited
	in   bool // inside of a list of events
	deep int  // objects and lists that are open
	n    int
}

func newAnswer(f *Reader) *answer {
	a := &answer{f: f, lim: &limited{r: f.in}}
	a.json = json.NewDecoder(a.lim)
	return a
}

func (a *answer) next(e *Event) error {
	for {
		a.lim.left = maxPayload
		if !a.in {
			if err := a.find(); err != nil {
				return err
			}
		}
		if !a.json.More() {
			if _, err := a.json.Token(); err != nil {
				return short(err)
			}
			a.in = false
			a.deep--
			continue
		}
		var m message
		if err := a.json.Decode(&m); err != nil {
			var wrong *json.UnmarshalTypeError
			if errors.As(err, &wrong) {
				a.f.rep.Skipped++
				continue
			}
			return short(err)
		}
		a.n++
		e.ID, e.Stream, e.Row = m.EventID, m.Stream, a.n
		m.fill(e)
		a.f.rep.Rows += e.Rows
		return nil
	}
}

func short(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("it is cut short")
	}
	return err
}

// find goes to the next list of events.
func (a *answer) find() error {
	for key := true; ; {
		t, err := a.json.Token()
		if err != nil && a.deep > 0 {
			return short(err)
		} else if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'):
			a.deep++
		case json.Delim('['):
			if a.deep++; a.deep == 2 && key {
				a.in = true
				return nil
			}
		case json.Delim('}'), json.Delim(']'):
			a.deep--
		}
		key = t == "events" && a.deep == 1
	}
}
