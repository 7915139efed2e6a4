package replay

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/logfile"
	"github.com/kizashi-ops/kizashi/ingest/mask"
)

// Log is a file of log lines: see package logfile for what they are.
const Log Format = "log"

// holdBack is how far the lines of a file may go back in time and still be
// counted in their own minute, where no mapping says otherwise.
const holdBack = time.Minute

// anyGroup as the log group of a mapping's entry are those that the file names.
const anyGroup = "*"

var logName = regexp.MustCompile(`(?i)(\.log([.-][^/]*)?|(^|/)[0-9]{6}\.gz)$`)

// isLog says whether a file is named as log files are: app.log, app.log.1,
// app.log-20261130.gz, and 000000.gz of an export of CloudWatch.
func isLog(name string) bool { return logName.MatchString(name) }

// errLog says that what was taken for a table is a log.
var errLog = errors.New("it is a log")

// logStem drops the endings of a path that say only that it is a log.
func logStem(rel string) string {
	s := strings.TrimSuffix(strings.TrimSuffix(rel, ".gz"), ".zst")
	if t := strings.TrimSuffix(s, ".log"); t != "" && !strings.HasSuffix(t, "/") {
		return t
	}
	return s
}

// loggish says whether an input is read as a log, by its entry or its name.
func (f *file) loggish() bool {
	if e := f.entry; e != nil && (e.LogGroup != "" || !f.own()) {
		return e.LogGroup != ""
	}
	return isLog(f.rel)
}

// listLog makes a log group of a file. What can be read once only is kept open.
func (f *file) listLog(tenant string, o *Options, once io.Reader, source io.Closer) ([]*file, error) {
	e := f.entry
	if e == nil {
		e = &Entry{}
	}
	f.log = true
	f.rep = &FileReport{Path: f.rel, Format: Log, Mapped: !f.own(), First: kizashi.Never, Last: kizashi.Never}
	f.part = kizashi.Partition{Tenant: e.Tenant, Account: e.Account, Region: e.Region, Kind: kizashi.Logs, Period: time.Minute, Settle: e.Settle}
	if f.part.Settle == 0 {
		f.part.Settle = holdBack
	}
	name := e.LogGroup
	if f.own() {
		f.part.Tenant = tenant
		if name == "" {
			name = path.Base(logStem(f.rel))
		}
	}
	f.rep.Tenant = f.part.Tenant
	f.group = name
	if name != anyGroup {
		f.columns = []output{{meta: f.logGroup(name, f.part.Account)}}
	}
	if once != nil {
		r, err := logfile.Open(once, f.logOptions(o, kizashi.Never))
		if err != nil {
			return nil, err
		}
		f.tailed, f.source = r, source
		return []*file{f}, f.describeLog(r)
	}
	r, raw, err := f.openLog(o)
	if err != nil {
		return nil, err
	}
	return []*file{f}, errors.Join(f.describeLog(r), raw.Close())
}

// describeLog notes what a file is, before it is read.
func (f *file) describeLog(r *logfile.Reader) error {
	x := r.Report()
	f.rep.Encoding, f.rep.Gzip, f.rep.Log = x.Encoding, x.Packed == "gzip", &x
	if rows := x.Format != logfile.Subscription && x.Format != logfile.FilterEvents; rows && r.First() == kizashi.Never {
		return errors.New("a log, but no time is found in its beginning: without times nothing can be counted by the minute")
	}
	if f.group == anyGroup && x.Format != logfile.Subscription {
		return fmt.Errorf("the mapping's line %d leaves the log group to the file, but this is %s, which names none", f.entry.Line, x.Format)
	}
	return nil
}

// logGroup is what a log group is declared as: the live source gives the same
// one the same identity.
func (f *file) logGroup(name, account string) kizashi.Meta {
	id := map[string]string{"log_group": name, "account": account, "region": f.part.Region}
	labels := map[string]string{}
	group := name
	if e := f.entry; e != nil {
		maps.Copy(labels, e.Column.Labels)
		if e.Column.Group != "" {
			group = e.Column.Group
		}
	}
	maps.Copy(labels, id)
	labels["name"] = name
	if f.own() {
		labels["file"] = f.rel
	}
	m := kizashi.Meta{Tenant: f.part.Tenant, Identity: kizashi.LabelsOf(id), Labels: kizashi.LabelsOf(labels), Group: group,
		Period: kizashi.Duration(time.Minute), Settle: kizashi.Duration(f.part.Settle), Lower: kizashi.None(), Upper: kizashi.None(), Zone: f.zone}
	m.Series = kizashi.IDOf(m.Tenant, m.Identity)
	return m
}

func (f *file) logOptions(o *Options, latest kizashi.Time) logfile.Options {
	lo := logfile.Options{Name: f.rel, Encoding: f.encoding(o), Zone: f.zone, Latest: latest}
	if e := f.entry; e != nil {
		lo.Year, lo.First = e.Year, e.first
	}
	return lo
}

func (f *file) openLog(o *Options) (*logfile.Reader, io.Closer, error) {
	raw, err := os.Open(f.path)
	if err != nil {
		return nil, nil, err
	}
	st, err := raw.Stat()
	if err != nil {
		return nil, nil, errors.Join(err, raw.Close())
	}
	r, err := logfile.Open(raw, f.logOptions(o, kizashi.TimeOf(st.ModTime())))
	if err != nil {
		return nil, nil, errors.Join(err, raw.Close())
	}
	return r, raw, nil
}

// tail stands on one line of a log file.
type tail struct {
	f      *file
	opt    *Options
	r      *logfile.Reader
	event  logfile.Event
	raw    io.Closer
	mask   *mask.Masker
	buf    []byte
	texts  *texts
	name   uint64       // the hash of the file's name, with which ids begin
	names  *mask.Masker // of streams: its counts are not those of the lines
	named  [2]string    // a log stream, as it is and masked
	line   kizashi.Line // it stands on this one
	after  *kizashi.Line
	order  int          // of the file in its lane
	top    kizashi.Time // the latest time that was no stray; before there was one, where the file begins
	began  bool         // there was one
	groups map[[2]string]kizashi.Meta
	fresh  []kizashi.Meta // met, not yet declared
	err    error          // behind after
}

func openTail(f *file, o *Options, order int, to *texts) (*tail, error) {
	t := &tail{f: f, opt: o, order: order, texts: to, r: f.tailed, mask: o.masker.Fork(), names: o.masker.Fork(), top: kizashi.Never, groups: map[[2]string]kizashi.Meta{}}
	t.name = hashOf(hashOf(fnvOffset, f.rel), "\x00")
	if t.r == nil {
		var err error
		if t.r, t.raw, err = f.openLog(o); err != nil {
			return nil, fmt.Errorf("%s: %w", f.path, err)
		}
	}
	t.top = t.r.Near(leap)
	return t, nil
}

// leap is how far a line's time may jump before it is asked whether the next
// line agrees: a wrong clock would end all minutes up to there.
const leap = 24 * time.Hour

// wrong is by how much the first rows must lie before those below them to be of a clock
// that was not set: a log may have a line a week.
const wrong = 365 * 24 * time.Hour

// advance goes to the next line; io.EOF after the last one.
func (t *tail) advance() error {
	if t.after != nil {
		t.line, t.after = *t.after, nil
	} else if err := t.read(&t.line); err != nil {
		return err
	}
	if !t.began && t.top != kizashi.Never && t.line.At < t.top.Add(-wrong) {
		t.line.Late = true // the first rows' clock, which the rows below do not bear out
	}
	if t.line.At > t.top.Add(leap) && t.top != kizashi.Never && !t.line.Late {
		var next kizashi.Line
		if t.err = t.read(&next); t.err == nil {
			t.after = &next
			t.line.Late = next.At < t.line.At.Add(-leap)
		}
	}
	if !t.line.Late {
		t.top, t.began = max(t.top, t.line.At), true
	}
	return nil
}

// read reads the next line that is within the range asked for.
func (t *tail) read(l *kizashi.Line) error {
	if t.err != nil {
		return t.err
	}
	rep, e := t.f.rep, &t.event
	for {
		if err := t.r.Next(e); errors.Is(err, io.EOF) {
			rep.Ended = true
			return err
		} else if err != nil {
			return fmt.Errorf("%s: %w", t.f.path, err)
		}
		if e.At == kizashi.Never {
			if e.At = t.r.Near(leap); e.At == kizashi.Never {
				rep.count(BadTime, e.Row, false)
				continue
			}
		}
		if e.At < t.opt.From || e.At >= t.opt.To {
			rep.count(Outside, e.Row, false)
			continue
		}
		t.lineOf(l, e)
		return nil
	}
}

// lineOf makes a line of an event, masked.
func (t *tail) lineOf(l *kizashi.Line, e *logfile.Event) {
	t.buf = t.mask.Append(t.buf[:0], e.Text)
	*l = kizashi.Line{Series: t.series(e), At: e.At, Ingested: e.Ingested, ID: e.ID, Stream: t.stream(e.Stream), Text: t.texts.keep(t.buf)}
	if e.Rows > 1 {
		l.Rows = e.Rows
	}
	if l.Ingested == kizashi.Never {
		l.Ingested = l.At
	}
	if l.Stream == "" && !t.f.own() {
		l.Stream = t.f.rel
	}
	if l.ID == "" {
		t.buf = appendLineID(t.buf[:0], t.name, e.Offset, e.Row)
		l.ID = t.texts.keep(t.buf)
	}
}

// texts holds what lines of a lane say, many in one piece of memory. Who keeps a line
// for longer than its batch copies it, or the lines beside it stay too.
type texts struct{ b strings.Builder }

const textPiece = 32 << 10

// keep returns b as a string. A builder that need not grow leaves what it has
// given out where it is.
func (t *texts) keep(b []byte) string {
	if len(b) > textPiece/8 {
		return string(b)
	}
	if t.b.Cap()-t.b.Len() < len(b) {
		t.b = strings.Builder{}
		t.b.Grow(textPiece)
	}
	from := t.b.Len()
	t.b.Write(b)
	return t.b.String()[from:]
}

// stream is a log stream's name, masked: who writes the lines gives it. Mostly it
// is that of the line before.
func (t *tail) stream(name string) string {
	if name != t.named[0] {
		t.named = [2]string{name, string(t.names.Append(nil, []byte(name)))}
	}
	return t.named[1]
}

// appendLineID names a line by where it stands: 16 hexadecimal digits of the hash
// of the file's name (given), its offset and its row, with zeros between them.
func appendLineID(b []byte, name uint64, offset int64, row int) []byte {
	var d [48]byte
	at := strconv.AppendInt(d[:0], offset, 10)
	at = strconv.AppendInt(append(at, 0), int64(row), 10)
	h := hashOf(name, at)
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, "0123456789abcdef"[h>>shift&15])
	}
	return b
}

// fnvOffset and fnvPrime are those of the 64 bit FNV-1a hash.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// hashOf goes on with an FNV-1a hash: package hash/fnv cannot go on from one that
// is known.
func hashOf[T string | []byte](h uint64, b T) uint64 {
	for i := range len(b) {
		h = (h ^ uint64(b[i])) * fnvPrime
	}
	return h
}

// series is that of an event's log group.
func (t *tail) series(e *logfile.Event) kizashi.SeriesID {
	if e.Group == "" || t.f.group != anyGroup && !t.f.own() {
		return t.f.columns[0].meta.Series
	}
	key := [2]string{e.Account, e.Group}
	m, ok := t.groups[key]
	if !ok {
		account := e.Account
		if a := t.f.part.Account; a != "" {
			account = a
		}
		m = t.f.logGroup(e.Group, account)
		t.groups[key] = m
		t.fresh = append(t.fresh, m)
	}
	return m.Series
}

// told brings the report up to date.
func (t *tail) told() {
	rep, x, c := t.f.rep, t.r.Report(), t.mask.Counts()
	rep.Log, rep.Rows, rep.Encoding = &x, x.Rows, x.Encoding
	if x.Zone != "" {
		rep.Zone, rep.Assumed = x.Zone, x.Assumed
	}
	if rep.Masked = ""; c.Masked > 0 {
		rep.Masked = c.String()
	}
}

func (t *tail) close() error {
	t.told()
	if t.raw == nil {
		return nil
	}
	err := t.raw.Close()
	t.raw = nil
	return err
}
