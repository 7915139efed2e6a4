package logfile

import (
	"bytes"
	"unicode/utf8"
)

// rows reads events that are rows of text. The rows of an event stand in buf
// one behind the other; one that is too long for that is moved to long.
type rows struct {
	f        *Reader
	enc      encoding
	buf      []byte
	from     int   // of the event in buf
	stop     int   // where its text ends
	at       int   // of the next row
	end      int   // of what was read
	base     int64 // offset of buf in the file
	row      int   // rows so far
	err      error // of reading
	spilled  bool  // the event's text is in long, and buf before at is of no use
	full     bool  // no more of its text is kept
	cut      int64 // bytes that were not kept
	long     []byte
	other    []byte // its text, where that differs from what is written
	rule     rule
	exported bool // rows begin with the time of an export, which is no part of them
}

const (
	// bufSize holds some hundred rows. It grows to hold an event; thousands of files
	// may be open at once.
	bufSize = 64 << 10
	// rowHead is how much of a row must be there to tell whether it goes on.
	rowHead = 512
)

func newRows(f *Reader, enc encoding) *rows {
	return &rows{f: f, enc: enc, buf: make([]byte, bufSize), exported: f.rep.Format == Export}
}

func (r *rows) next(e *Event) error {
	r.from, r.spilled, r.full, r.cut, r.long = r.at, false, false, 0, r.long[:0]
	e.Offset, e.Row = r.base+int64(r.at), r.row+1
	if err := r.take(); err != nil {
		return err
	}
	e.Rows = 1
	if !r.f.opt.Single {
		r.rule.begin(r.first(r.from, r.stop))
		for r.goesOn() {
			if e.Rows == MaxRows {
				r.spill()
				r.full = true
			}
			if r.take() != nil {
				break // it comes with the next event
			}
			e.Rows++
		}
	}
	r.f.rep.Rows = r.row
	text := r.long
	if !r.spilled {
		text = r.buf[r.from:r.stop]
	}
	if r.cut > 0 {
		r.f.rep.Cut++
		r.f.rep.CutBytes += r.cut
	}
	r.finish(e, text)
	return nil
}

// take adds the row at r.at to the event.
func (r *rows) take() error {
	begun := r.end > r.at
	if r.spilled {
		r.keep([]byte("\n"))
	}
	for scan := r.at; ; {
		if i := bytes.IndexByte(r.buf[scan:r.end], '\n'); i >= 0 {
			r.stop, r.at = scan+i, scan+i+1
			break
		}
		scan = r.end
		if r.err != nil {
			if !begun && scan == r.at {
				return r.err
			}
			r.stop, r.at = r.end, r.end
			break
		}
		if r.end-r.from > MaxText {
			r.stop = r.end
			r.spill()
			r.at = r.end
		}
		scan -= r.fill()
		begun = begun || r.end > r.at
	}
	r.row++
	if r.spilled || r.stop-r.from > MaxText {
		r.spill()
	}
	return nil
}

// spill moves what buf has of the event to long.
func (r *rows) spill() {
	r.keep(r.buf[r.from:max(r.from, r.stop)])
	r.spilled = true
	r.from, r.stop = max(r.at, r.stop), max(r.at, r.stop)
}

// keep adds text to long, as far as it is kept.
func (r *rows) keep(b []byte) {
	n := min(len(b), MaxText-len(r.long))
	if r.full {
		n = 0
	}
	r.long = append(r.long, b[:n]...)
	r.cut += int64(len(b) - n)
}

// fill reads more, making room first, and returns by how much what stands in
// buf has moved.
func (r *rows) fill() (moved int) {
	if r.from > 0 && r.end == len(r.buf) {
		moved = r.from
		copy(r.buf, r.buf[r.from:r.end])
		r.at, r.stop, r.end, r.from = r.at-moved, r.stop-moved, r.end-moved, 0
		r.base += int64(moved)
	}
	if r.end == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	n, err := r.f.in.Read(r.buf[r.end:])
	r.end += n
	r.err = err
	return moved
}

// goesOn says whether the row at r.at belongs to the event.
func (r *rows) goesOn() bool {
	for r.end-r.at < rowHead && r.err == nil && bytes.IndexByte(r.buf[r.at:r.end], '\n') < 0 {
		r.fill()
	}
	if r.at == r.end {
		return false
	}
	stop := min(r.end, r.at+rowHead)
	if i := bytes.IndexByte(r.buf[r.at:stop], '\n'); i >= 0 {
		stop = r.at + i
	}
	row := r.first(r.at, stop)
	switch {
	case r.exported:
		return exportStamp(row) == 0
	case r.f.opt.First != nil:
		if r.enc > utf8Enc && !utf8.Valid(row) {
			row, _ = r.enc.decoder().Bytes(row) // what is broken is a replacement character
		}
		return !r.f.opt.First.Match(row)
	}
	return r.rule.goesOn(row)
}

// first is the beginning of a row, without what ends it.
func (r *rows) first(from, stop int) []byte {
	return bytes.TrimSuffix(r.buf[from:min(stop, from+rowHead)], []byte("\r"))
}

// finish gives the event its text and its time.
func (r *rows) finish(e *Event, text []byte) {
	for len(text) > 0 && (text[len(text)-1] == '\n' || text[len(text)-1] == '\r') {
		text = text[:len(text)-1]
	}
	if e.Rows > 1 && bytes.IndexByte(text, '\r') >= 0 {
		r.other = append(r.other[:0], bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))...)
		text = r.other
	}
	if !utf8.Valid(text) {
		text = r.decoded(text)
	}
	if r.exported {
		if n := exportStamp(text); n > 0 {
			e.At, _ = r.f.clock.find(text[:n])
			e.Text = text[n:]
			return
		}
	}
	e.Text = text
	r.stamp(e)
}

func (r *rows) stamp(e *Event) {
	at, bad := r.f.clock.find(e.Text)
	if bad {
		r.f.rep.BadTime++
	}
	e.At = at
}

// decoded returns the text as UTF-8, if the file's encoding says how, and counts
// what is broken.
func (r *rows) decoded(text []byte) []byte {
	if r.enc == unknown {
		r.enc = guess(append(append([]byte{}, text...), r.buf[r.at:r.end]...))
		if r.enc == unknown {
			r.enc = utf8Enc
		}
		r.f.rep.Encoding = r.enc.String()
	}
	if r.enc == utf8Enc || r.enc.wide() {
		r.f.rep.Broken++
		return text
	}
	t, err := r.enc.decoder().Bytes(text)
	if err != nil || bytes.ContainsRune(t, utf8.RuneError) {
		r.f.rep.Broken++
	}
	if err != nil {
		return text
	}
	return t
}

// exportStamp is the length of what CloudWatch puts before each event that it
// exports: its time and a blank. 0 = it is not there.
func exportStamp(row []byte) int {
	const form = "0000-00-00T00:00:00.000Z "
	if len(row) < len(form)-1 {
		return 0
	}
	for i := range len(form) - 1 {
		if form[i] == '0' && row[i]-'0' > 9 || form[i] != '0' && row[i] != form[i] {
			return 0
		}
	}
	if len(row) == len(form)-1 {
		return len(form) - 1 // the message is empty
	}
	if row[len(form)-1] != ' ' {
		return 0
	}
	return len(form)
}
