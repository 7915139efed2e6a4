package logfile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/transform"
)

// headSize is how much of a file is looked at to tell what it is.
const headSize = 128 << 10

// A packed file that grows more than bombRatio times, beyond bombSize, is a
// bomb: repeated lines of a log grow some 200 times at the most.
const bombRatio = 500

var bombSize int64 = 1 << 30 // smaller in a test

// counted counts what is read of the file as it lies there.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// unpacked is the file's content, its head read already.
type unpacked struct {
	head   []byte
	rest   io.Reader
	at     int // of head that was read
	raw    *counted
	n      int64 // bytes handed out
	packed string
	live   bool // a short read ends the head
}

func unpack(raw *counted, live bool) (*unpacked, error) {
	u := &unpacked{raw: raw, rest: raw, live: live}
	if err := u.peek(); err != nil {
		return nil, err
	}
	all := io.MultiReader(bytes.NewReader(u.head), u.rest)
	switch {
	case bytes.HasPrefix(u.head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(all)
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
		u.packed, u.rest = "gzip", named{"gzip", z}
	case bytes.HasPrefix(u.head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(all, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
		if err != nil {
			return nil, fmt.Errorf("zstd: %w", err)
		}
		u.packed, u.rest = "zstd", named{"zstd", z}
	default:
		return u, nil
	}
	return u, u.peek()
}

// named says in an error who says it. A short file is no end.
type named struct {
	name string
	r    io.Reader
}

func (n named) Read(b []byte) (int, error) {
	k, err := n.r.Read(b)
	switch {
	case err == nil || err == io.EOF:
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("%s: it is cut short", n.name)
	default:
		err = fmt.Errorf("%s: %w", n.name, err)
	}
	return k, err
}

// peek reads the head. An error within it comes where the reading gets there.
func (u *unpacked) peek() error {
	b := make([]byte, headSize)
	n := 0
	for n < len(b) {
		k, err := u.rest.Read(b[n:])
		n += k
		if err != nil {
			u.rest = failing{err}
			break
		}
		if u.live && n < len(b) {
			break
		}
	}
	u.head = b[:n]
	if f, ok := u.rest.(failing); ok && n == 0 && f.err != io.EOF {
		return f.err
	}
	return nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// decode reads the content as UTF-8 from here on.
func (u *unpacked) decode(e encoding) {
	all := io.MultiReader(bytes.NewReader(u.head), u.rest)
	u.rest = transform.NewReader(all, e.decoder())
	_ = u.peek() // what fails comes where the reading gets there
}

// dropMark passes over a byte order mark.
func (u *unpacked) dropMark() {
	if bytes.HasPrefix(u.head, []byte("\xef\xbb\xbf")) {
		u.at = 3
	}
}

func (u *unpacked) Read(b []byte) (int, error) {
	if u.at < len(u.head) {
		n := copy(b, u.head[u.at:])
		u.at += n
		u.n += int64(n)
		if u.at == len(u.head) {
			u.head, u.at = nil, 0
		}
		return n, nil
	}
	n, err := u.rest.Read(b)
	u.n += int64(n)
	if u.packed != "" && u.n > bombSize && u.n/bombRatio > u.raw.n {
		return 0, fmt.Errorf("%s: %d MiB came out of %d KiB: it is a bomb", u.packed, u.n>>20, u.raw.n>>10)
	}
	return n, err
}
