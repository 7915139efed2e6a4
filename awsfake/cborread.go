package awsfake

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// textReader reads CBOR out of one string without making maps: strings of
// the answer share its memory. at is how far it has read: to move an index is
// cheaper than to move a string, whose pointer the garbage collector watches.
type textReader struct {
	s  string
	at int
	sc *scratch
}

// head is cborReader.head over a string.
func (d *textReader) head() (major, low byte, n uint64, open bool, err error) {
	if d.at >= len(d.s) {
		return 0, 0, 0, false, errCBOR
	}
	major, low = d.s[d.at]>>5, d.s[d.at]&31
	d.at++
	if low < 24 {
		return major, low, uint64(low), false, nil
	}
	if low == 31 {
		return major, low, 0, true, nil
	}
	if low > 27 || len(d.s)-d.at < 1<<(low-24) {
		return 0, 0, 0, false, errCBOR
	}
	for range 1 << (low - 24) {
		n = n<<8 | uint64(d.s[d.at])
		d.at++
	}
	return major, low, n, false, nil
}

// ended takes the break of an open list or map.
func (d *textReader) ended() bool {
	if d.at < len(d.s) && d.s[d.at] == 0xff {
		d.at++
		return true
	}
	return false
}

// each calls f for every key of a map; f reads the value.
func (d *textReader) each(f func(key string) error) error {
	major, _, n, open, err := d.head()
	if err == nil && major != 5 {
		err = errors.New("cbor: not a structure")
	}
	for i := uint64(0); err == nil && (open || i < n); i++ {
		if open && d.ended() {
			return nil
		}
		var key string
		if key, err = d.text(); err == nil {
			err = f(key)
		}
		if err != nil && key != "" {
			err = fmt.Errorf("%s: %w", key, err)
		}
	}
	return err
}

// items calls f for every member of a list; f reads it.
func (d *textReader) items(f func() error) error {
	major, _, n, open, err := d.head()
	if err == nil && major != 4 {
		err = errors.New("cbor: not a list")
	}
	for i := uint64(0); err == nil && (open || i < n); i++ {
		if open && d.ended() {
			return nil
		}
		err = f()
	}
	return err
}

func (d *textReader) text() (string, error) {
	major, _, n, open, err := d.head()
	switch {
	case err != nil:
		return "", err
	case major != 3 || open:
		return "", errors.New("cbor: not a string")
	case n > uint64(len(d.s)-d.at):
		return "", errCBOR
	}
	s := d.s[d.at : d.at+int(n)]
	d.at += int(n)
	return s, nil
}

func (d *textReader) flag() (bool, error) {
	major, low, _, _, err := d.head()
	if err == nil && (major != 7 || low != 20 && low != 21) {
		err = errors.New("cbor: not true or false")
	}
	return low == 21, err
}

func (d *textReader) number() (float64, error) {
	major, low, n, open, err := d.head()
	switch {
	case err != nil:
		return 0, err
	case open:
	case major == 0:
		return float64(n), nil
	case major == 1:
		return -1 - float64(n), nil
	case major == 7 && low == 26:
		return float64(math.Float32frombits(uint32(n))), nil
	case major == 7 && low == 27:
		return math.Float64frombits(n), nil
	}
	return 0, errors.New("cbor: not a number")
}

func (d *textReader) seconds(to *int64) error {
	v, err := d.number()
	*to = int64(v)
	return err
}

// instant reads a number tagged as epoch seconds.
func (d *textReader) instant() (time.Time, error) {
	major, _, n, _, err := d.head()
	if err == nil && (major != 6 || n != 1) {
		err = errors.New("cbor: not an instant")
	}
	if err != nil {
		return time.Time{}, err
	}
	v, err := d.number()
	return time.UnixMilli(int64(math.Round(v * 1000))).UTC(), err
}

// skip reads over one value.
func (d *textReader) skip() error {
	r := cborReader{b: []byte(d.s[d.at:])}
	_, _, err := r.value(0)
	d.at = len(d.s) - len(r.b)
	return err
}
