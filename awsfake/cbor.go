package awsfake

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// The part of CBOR (RFC 8949) that the Smithy RPC v2 protocol uses. It is
// written apart from the SDK's codec, so that the two check each other.

// field is one member of an object; objects keep the order of their members.
type field struct {
	Name  string
	Value any
}

// object is a structure in an answer.
type object []field

// dictionary is a map in an answer: XML writes its entries apart.
type dictionary []field

// maxDepth bounds nesting: a request of CloudWatch has 6 levels.
const maxDepth = 32

var errCBOR = errors.New("cbor: the input ends too early")

// appendCBOR appends v: nil, bool, int, float64, string, time.Time, object or
// a list of these ([]any).
func appendCBOR(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, 0xf6), nil
	case bool:
		if v {
			return append(b, 0xf5), nil
		}
		return append(b, 0xf4), nil
	case int:
		if v < 0 {
			return appendHead(b, 1, uint64(-1-v)), nil
		}
		return appendHead(b, 0, uint64(v)), nil
	case float64:
		return binary.BigEndian.AppendUint64(append(b, 0xfb), math.Float64bits(v)), nil
	case string:
		return append(appendHead(b, 3, uint64(len(v))), v...), nil
	case time.Time:
		return appendCBOR(appendHead(b, 6, 1), float64(v.UnixMilli())/1000)
	case []any:
		var err error
		b = appendHead(b, 4, uint64(len(v)))
		for i := range v {
			if b, err = appendCBOR(b, v[i]); err != nil {
				return nil, err
			}
		}
		return b, nil
	case dictionary:
		return appendObject(b, object(v))
	case object:
		return appendObject(b, v)
	}
	return nil, fmt.Errorf("cbor: no form for %T", v)
}

func appendObject(b []byte, v object) ([]byte, error) {
	var err error
	b = appendHead(b, 5, uint64(len(v)))
	for _, f := range v {
		b = append(appendHead(b, 3, uint64(len(f.Name))), f.Name...)
		if b, err = appendCBOR(b, f.Value); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return b, nil
}

// appendHead appends a major type and its argument in the shortest form.
func appendHead(b []byte, major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n <= math.MaxUint8:
		return append(b, major|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}

// decodeCBOR reads one value: nil, bool, float64, string, map[string]any or
// []any. Every number becomes a float64; a tag is read as what it tags.
func decodeCBOR(b []byte) (any, error) {
	d := &cborReader{s: string(b)}
	v, err := d.value(0)
	if err == nil && d.at < len(d.s) {
		err = fmt.Errorf("cbor: %d bytes after the value", len(d.s)-d.at)
	}
	return v, err
}

// cborReader reads out of one string, whose memory its strings share. at is
// how far it has read: to move an index is cheaper than to move a string,
// whose pointer the garbage collector watches.
type cborReader struct {
	s  string
	at int
}

// head reads major type, low bits and argument. open says that the length is
// not known: only strings, lists and maps may be so.
func (d *cborReader) head() (major, low byte, n uint64, open bool, err error) {
	if d.at >= len(d.s) {
		return 0, 0, 0, false, errCBOR
	}
	major, low = d.s[d.at]>>5, d.s[d.at]&31
	d.at++
	switch {
	case low < 24:
		return major, low, uint64(low), false, nil
	case low == 31 && major >= 2 && major <= 5:
		return major, low, 0, true, nil
	case low > 27:
		return 0, 0, 0, false, fmt.Errorf("cbor: the byte %#x at %d is not known here", d.s[d.at-1], d.at-1)
	case len(d.s)-d.at < 1<<(low-24):
		return 0, 0, 0, false, errCBOR
	}
	for range 1 << (low - 24) {
		n = n<<8 | uint64(d.s[d.at])
		d.at++
	}
	return major, low, n, false, nil
}

// ended takes the break of an open list or map.
func (d *cborReader) ended() bool {
	if d.at < len(d.s) && d.s[d.at] == 0xff {
		d.at++
		return true
	}
	return false
}

// text takes a string of n bytes.
func (d *cborReader) text(n uint64, open bool) (string, error) {
	if open {
		return "", errors.New("cbor: a string in pieces is not supported")
	}
	if n > uint64(len(d.s)-d.at) {
		return "", errCBOR
	}
	d.at += int(n)
	return d.s[d.at-int(n) : d.at], nil
}

func (d *cborReader) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("cbor: more than %d levels", maxDepth)
	}
	major, low, n, open, err := d.head()
	if err != nil {
		return nil, err
	}
	switch major {
	case 0:
		return float64(n), nil
	case 1:
		return -1 - float64(n), nil
	case 2, 3:
		return d.text(n, open)
	case 4:
		return d.list(n, open, depth)
	case 5:
		return d.dict(n, open, depth)
	case 6:
		return d.value(depth + 1)
	}
	return simple(low, n)
}

func simple(low byte, n uint64) (any, error) {
	switch low {
	case 20, 21:
		return low == 21, nil
	case 22, 23:
		return nil, nil
	case 26:
		return float64(math.Float32frombits(uint32(n))), nil
	case 27:
		return math.Float64frombits(n), nil
	}
	return nil, fmt.Errorf("cbor: simple value %d is not supported", low)
}

func (d *cborReader) list(n uint64, open bool, depth int) ([]any, error) {
	var out []any
	for i := uint64(0); open || i < n; i++ {
		if open && d.ended() {
			break
		}
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (d *cborReader) dict(n uint64, open bool, depth int) (map[string]any, error) {
	out := map[string]any{}
	for i := uint64(0); open || i < n; i++ {
		if open && d.ended() {
			break
		}
		k, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		name, ok := k.(string)
		if !ok {
			return nil, errors.New("cbor: a key that is no string")
		}
		if out[name], err = d.value(depth + 1); err != nil {
			return nil, err
		}
	}
	return out, nil
}
