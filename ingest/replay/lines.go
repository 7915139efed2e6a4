package replay

import (
	"bytes"
	"fmt"
	"io"
)

const (
	// maxLine is far beyond any row of numbers; what is longer is no table.
	maxLine    = 512 << 10
	chunk      = 256 << 10
	smallChunk = 32 << 10 // of a file that is merged with others
)

// lines cuts a stream into lines and counts them. A line is valid until the
// next call.
type lines struct {
	r        io.Reader
	buf      []byte
	pos, end int
	line     int
	ragged   bool  // the line returned last had no line feed
	err      error // of r
}

func newLines(r io.Reader, size int) *lines { return &lines{r: r, buf: make([]byte, size)} }

// next returns the next line without its end. A last line without a line feed
// counts, unless the stream broke there: then it may be half a number.
func (l *lines) next() ([]byte, error) {
	scanned := 0
	for {
		if i := bytes.IndexByte(l.buf[l.pos+scanned:l.end], '\n'); i >= 0 {
			b := l.buf[l.pos : l.pos+scanned+i]
			l.pos += scanned + i + 1
			l.line++
			return l.cut(b)
		}
		scanned = l.end - l.pos
		if scanned > maxLine {
			return nil, l.tooLong()
		}
		if l.err != nil {
			return l.rest()
		}
		l.fill()
	}
}

// cut drops the carriage return and refuses what is too long.
func (l *lines) cut(b []byte) ([]byte, error) {
	if len(b) > maxLine {
		l.line--
		return nil, l.tooLong()
	}
	if n := len(b); n > 0 && b[n-1] == '\r' {
		b = b[:n-1]
	}
	return b, nil
}

func (l *lines) tooLong() error {
	return fmt.Errorf("line %d is longer than %d KiB: that is no table of numbers", l.line+1, maxLine>>10)
}

func (l *lines) rest() ([]byte, error) {
	if l.err != io.EOF {
		return nil, fmt.Errorf("line %d: the input breaks off: %w", l.line+1, l.err)
	}
	if l.pos == l.end {
		return nil, io.EOF
	}
	b := l.buf[l.pos:l.end]
	l.pos = l.end
	l.line++
	l.ragged = true
	return l.cut(b)
}

// fill reads more, making room first.
func (l *lines) fill() {
	if l.pos > 0 {
		l.end = copy(l.buf, l.buf[l.pos:l.end])
		l.pos = 0
	}
	if l.end == len(l.buf) {
		l.buf = append(l.buf, make([]byte, len(l.buf))...)
	}
	n, err := l.r.Read(l.buf[l.end:])
	l.end += n
	l.err = err
}

// blank says whether a line holds nothing but white space.
func blank(b []byte) bool { return len(bytes.TrimSpace(b)) == 0 }
