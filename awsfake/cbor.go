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
	d := &cborReader{b: b}
	v, _, err := d.value(0)
	if err == nil && len(d.b) > 0 {
		err = fmt.Errorf("cbor: %d bytes after the value", len(d.b))
	}
	return v, err
}

type cborReader struct{ b []byte }

// head reads major type, low bits and argument. indefinite says that the
// length is open.
func (d *cborReader) head() (major, low byte, n uint64, indefinite bool, err error) {
	if len(d.b) == 0 {
		return 0, 0, 0, false, errCBOR
	}
	major, low = d.b[0]>>5, d.b[0]&31
	d.b = d.b[1:]
	if low < 24 {
		return major, low, uint64(low), false, nil
	}
	if low == 31 {
		return major, low, 0, true, nil
	}
	size := 1 << (low - 24)
	if low > 27 || len(d.b) < size {
		return 0, 0, 0, false, errCBOR
	}
	for _, c := range d.b[:size] {
		n = n<<8 | uint64(c)
	}
	d.b = d.b[size:]
	return major, low, n, false, nil
}

// value reads one value; end says that it was the "break" that ends an open
// list or map.
func (d *cborReader) value(depth int) (v any, end bool, err error) {
	if depth > maxDepth {
		return nil, false, fmt.Errorf("cbor: more than %d levels", maxDepth)
	}
	major, low, n, open, err := d.head()
	if err != nil {
		return nil, false, err
	}
	switch major {
	case 0:
		return float64(n), false, nil
	case 1:
		return -1 - float64(n), false, nil
	case 2, 3:
		s, err := d.text(n, open)
		return s, false, err
	case 4:
		v, err = d.list(n, open, depth)
		return v, false, err
	case 5:
		v, err = d.dict(n, open, depth)
		return v, false, err
	case 6:
		return d.value(depth + 1)
	}
	return simple(low, n, open)
}

func simple(low byte, n uint64, open bool) (any, bool, error) {
	switch {
	case open:
		return nil, true, nil
	case low == 20, low == 21:
		return low == 21, false, nil
	case low == 22, low == 23:
		return nil, false, nil
	case low == 26:
		return float64(math.Float32frombits(uint32(n))), false, nil
	case low == 27:
		return math.Float64frombits(n), false, nil
	}
	return nil, false, fmt.Errorf("cbor: simple value %d is not supported", low)
}

func (d *cborReader) text(n uint64, open bool) (string, error) {
	if open {
		return "", errors.New("cbor: a string in pieces is not supported")
	}
	if n > uint64(len(d.b)) {
		return "", errCBOR
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s, nil
}

func (d *cborReader) list(n uint64, open bool, depth int) ([]any, error) {
	var out []any
	for i := uint64(0); open || i < n; i++ {
		v, end, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if end {
			if !open {
				return nil, errors.New("cbor: a break inside a list of known length")
			}
			break
		}
		out = append(out, v)
	}
	return out, nil
}

func (d *cborReader) dict(n uint64, open bool, depth int) (map[string]any, error) {
	out := map[string]any{}
	for i := uint64(0); open || i < n; i++ {
		k, end, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if end && open {
			break
		}
		name, ok := k.(string)
		if !ok {
			return nil, errors.New("cbor: a key that is no string")
		}
		v, end, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if end {
			return nil, fmt.Errorf("cbor: key %q without a value", name)
		}
		out[name] = v
	}
	return out, nil
}
