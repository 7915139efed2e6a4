package replay

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/transform"
)

// headSize is how much of a file is looked at to tell what it is.
const headSize = 128 << 10

// Encodings of text, as reports name them.
const (
	UTF8  = "utf-8"
	CP932 = "cp932"
)

// stream is an input on its way to being text: unpacked, its head read, its
// encoding known.
type stream struct {
	head     []byte // the beginning, decoded, without byte order mark
	full     bool   // head is all there is
	rest     io.Reader
	gzip     bool
	encoding string
}

// openStream reads the head of r. encoding may state what else is found.
func openStream(r io.Reader, encoding string) (*stream, error) {
	s := &stream{}
	raw, rest, err := peek(r)
	if err != nil {
		return nil, err
	}
	if len(raw) > 2 && raw[0] == 0x1f && raw[1] == 0x8b {
		s.gzip = true
		z, err := gzip.NewReader(io.MultiReader(bytes.NewReader(raw), rest))
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
		if raw, rest, err = peek(z); err != nil {
			return nil, err
		}
	}
	s.full = rest == io.Reader(ended{})
	if s.encoding, err = findEncoding(raw, s.full, encoding); err != nil {
		return nil, err
	}
	s.head, s.rest = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")), rest
	if s.encoding == CP932 {
		all := transform.NewReader(io.MultiReader(bytes.NewReader(raw), rest), japanese.ShiftJIS.NewDecoder())
		if s.head, s.rest, err = peek(all); err != nil {
			return nil, err
		}
		s.full = s.rest == io.Reader(ended{})
	}
	if len(bytes.TrimSpace(s.head)) == 0 && s.full {
		return nil, errors.New("no rows: the file is empty")
	}
	return s, nil
}

// all reads the stream from its beginning, once.
func (s *stream) all() io.Reader { return io.MultiReader(bytes.NewReader(s.head), s.rest) }

// maxWhole bounds what is read into memory as a whole, unpacked: answers of
// CloudWatch, and OpenMetrics text that can be read once only. It is far beyond
// the 100,800 points of a page; a gzip bomb ends there.
const maxWhole = 1 << 30

// whole reads all there is, at most so many bytes of it, and leaves it to be
// read again.
func (s *stream) whole(most int64) ([]byte, error) {
	if _, ok := s.rest.(ended); ok {
		return s.head, nil
	}
	b, err := io.ReadAll(io.LimitReader(s.all(), most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("larger than %d MiB: split it", most>>20)
	}
	if err != nil {
		return nil, err
	}
	s.head, s.rest = b, ended{}
	return b, nil
}

// ended is the rest of a stream that has none.
type ended struct{}

func (ended) Read([]byte) (int, error) { return 0, io.EOF }

// peek reads the head of r. A stream that breaks within its head is an error
// only if there is not one whole line before; else the error comes where the
// reading gets there, so that the rows before it are not lost.
func peek(r io.Reader) (head []byte, rest io.Reader, err error) {
	head = make([]byte, headSize)
	n, err := io.ReadFull(r, head)
	head = head[:n]
	switch {
	case err == nil:
		return head, r, nil
	case errors.Is(err, io.EOF), err == io.ErrUnexpectedEOF && !broken(r):
		return head, ended{}, nil
	case bytes.IndexByte(head, '\n') < 0:
		return nil, nil, fmt.Errorf("line 1: the input breaks off: %w", err)
	}
	return head, failing{err}, nil
}

// broken tells a short read from a gzip stream that is cut: ReadFull says
// ErrUnexpectedEOF of both.
func broken(r io.Reader) bool {
	_, err := r.Read(make([]byte, 1))
	return err != io.EOF
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// findEncoding tells UTF-8 from CP932 (Shift_JIS as Windows writes it), or
// says that this is no text.
func findEncoding(b []byte, full bool, stated string) (string, error) {
	if len(b) >= 2 && (b[0] == 0xff && b[1] == 0xfe || b[0] == 0xfe && b[1] == 0xff) {
		return "", errors.New("the text is UTF-16: save it as UTF-8")
	}
	for i, c := range b {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			return "", fmt.Errorf("line %d: a binary file, not a table (byte %#02x at offset %d)", 1+bytes.Count(b[:i], []byte("\n")), c, i)
		}
	}
	switch strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(stated)) {
	case "utf8":
		return UTF8, nil
	case "cp932", "shiftjis", "sjis", "windows31j", "ms932":
		return CP932, nil
	case "":
	default:
		return "", fmt.Errorf("encoding %q: unknown (want utf-8 or cp932)", stated)
	}
	if utf8.Valid(wholeRunes(b, full)) {
		return UTF8, nil
	}
	if t, err := japanese.ShiftJIS.NewDecoder().Bytes(b); err == nil {
		if i := bytes.IndexRune(t, utf8.RuneError); i < 0 || !full && i >= len(t)-3 {
			return CP932, nil
		}
	}
	return "", errors.New("the text is neither UTF-8 nor CP932")
}

// wholeRunes drops a rune that the end of the head cut in two.
func wholeRunes(b []byte, full bool) []byte {
	for i := 1; !full && i <= 3 && i <= len(b); i++ {
		if utf8.RuneStart(b[len(b)-i]) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}
