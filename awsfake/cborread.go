package awsfake

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// textReader reads a request without making maps.
type textReader struct {
	cborReader
	sc *scratch
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
	if err == nil && major != 3 {
		err = errors.New("cbor: not a string")
	}
	if err != nil {
		return "", err
	}
	return d.cborReader.text(n, open)
}

func (d *textReader) flag() (bool, error) {
	major, low, _, _, err := d.head()
	if err == nil && (major != 7 || low != 20 && low != 21) {
		err = errors.New("cbor: not true or false")
	}
	return low == 21, err
}

func (d *textReader) number() (float64, error) {
	major, low, n, _, err := d.head()
	switch {
	case err != nil:
		return 0, err
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
	_, err := d.value(0)
	return err
}
