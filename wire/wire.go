// Package wire writes the numbers of a state in little endian, one after the
// other, and reads them again. What is written by hand needs no reflection: a
// snapshot is of a hundred thousand states.
package wire

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
)

// ErrShort says that a state ends early, or goes on where it should end.
var ErrShort = errors.New("state ends early")

// Int is a whole number of any of these sizes.
type Int interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// U8 appends the low byte of v.
func U8[T Int](b []byte, v T) []byte { return append(b, byte(v)) }

// U16 appends the low two bytes.
func U16[T Int](b []byte, v T) []byte { return binary.LittleEndian.AppendUint16(b, uint16(v)) }

// U32 appends the low four bytes.
func U32[T Int](b []byte, v T) []byte { return binary.LittleEndian.AppendUint32(b, uint32(v)) }

// U64 appends eight bytes.
func U64[T Int](b []byte, v T) []byte { return binary.LittleEndian.AppendUint64(b, uint64(v)) }

// Bool appends 1 or 0.
func Bool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// F64 appends numbers of eight bytes each.
func F64[T ~float64](b []byte, vs ...T) []byte {
	for _, v := range vs {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(v)))
	}
	return b
}

// F32 appends numbers of four bytes each.
func F32(b []byte, vs ...float32) []byte {
	n := len(b)
	b = slices.Grow(b, 4*len(vs))[:n+4*len(vs)]
	for i, v := range vs {
		binary.LittleEndian.PutUint32(b[n+4*i:], math.Float32bits(v))
	}
	return b
}

// U16s appends numbers of two bytes each.
func U16s[T ~int16 | ~uint16](b []byte, vs []T) []byte {
	n := len(b)
	b = slices.Grow(b, 2*len(vs))[:n+2*len(vs)]
	for i, v := range vs {
		binary.LittleEndian.PutUint16(b[n+2*i:], uint16(v))
	}
	return b
}

// Text appends a string, its length before it.
func Text[T ~string](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// Bytes appends bytes, their number before them.
func Bytes(b, v []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

// Reader reads what was written. Behind the end all numbers are 0, and Err says
// so.
type Reader struct {
	b     []byte
	short bool
}

// Read begins to read b.
func Read(b []byte) *Reader { return &Reader{b: b} }

// Left is what was not read.
func (r *Reader) Left() []byte { return r.b }

// Err is ErrShort where more was read than there was.
func (r *Reader) Err() error {
	if r.short {
		return ErrShort
	}
	return nil
}

func (r *Reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		return r.none(n)
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

// none is what is read behind the end.
func (r *Reader) none(n int) []byte {
	r.b, r.short = nil, true
	return make([]byte, min(max(n, 0), 16))
}

// U8 reads a byte.
func (r *Reader) U8() uint8 {
	b := r.b
	if len(b) < 1 {
		b = r.none(1)
	} else {
		r.b = b[1:]
	}
	return b[0]
}

// U16 reads two bytes.
func (r *Reader) U16() uint16 {
	b := r.b
	if len(b) < 2 {
		b = r.none(2)
	} else {
		r.b = b[2:]
	}
	return binary.LittleEndian.Uint16(b)
}

// U32 reads four bytes.
func (r *Reader) U32() uint32 {
	b := r.b
	if len(b) < 4 {
		b = r.none(4)
	} else {
		r.b = b[4:]
	}
	return binary.LittleEndian.Uint32(b)
}

// I32 reads four bytes of a number with a sign.
func (r *Reader) I32() int32 { return int32(r.U32()) }

// U64 reads eight bytes.
func (r *Reader) U64() uint64 {
	b := r.b
	if len(b) < 8 {
		b = r.none(8)
	} else {
		r.b = b[8:]
	}
	return binary.LittleEndian.Uint64(b)
}

// I64 reads eight bytes of a number with a sign.
func (r *Reader) I64() int64 { return int64(r.U64()) }

// Bool reads a byte: 0 is false.
func (r *Reader) Bool() bool { return r.U8() != 0 }

// F64 reads a number of eight bytes.
func (r *Reader) F64() float64 { return math.Float64frombits(r.U64()) }

// F32 reads a number of four bytes.
func (r *Reader) F32() float32 { return math.Float32frombits(r.U32()) }

// F64s reads numbers of eight bytes each.
func (r *Reader) F64s(vs ...*float64) {
	for _, v := range vs {
		*v = r.F64()
	}
}

// F32s reads numbers of four bytes each.
func (r *Reader) F32s(vs []float32) {
	b := r.take(4 * len(vs))
	if r.short {
		clear(vs)
		return
	}
	for i := range vs {
		vs[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
}

// Fill reads bytes into v.
func (r *Reader) Fill(v []byte) {
	if b := r.take(len(v)); !r.short {
		copy(v, b)
	}
}

// ReadU16s reads numbers of two bytes each.
func ReadU16s[T ~int16 | ~uint16](r *Reader, vs []T) {
	b := r.take(2 * len(vs))
	if r.short {
		clear(vs)
		return
	}
	for i := range vs {
		vs[i] = T(binary.LittleEndian.Uint16(b[2*i:]))
	}
}

// Bytes reads bytes, their number before them. They are those of the state.
func (r *Reader) Bytes() []byte {
	n, k := binary.Uvarint(r.b)
	if k <= 0 || n > uint64(len(r.b)-k) {
		r.b, r.short = nil, true
		return nil
	}
	r.b = r.b[k:]
	return r.take(int(n))
}

// Text reads a string.
func (r *Reader) Text() string { return string(r.Bytes()) }

// Count reads a number of things that have at least size bytes each, so that what
// is damaged asks for no more memory than it has bytes.
func (r *Reader) Count(size int) int {
	n, k := binary.Uvarint(r.b)
	if k <= 0 || n > uint64(len(r.b)-k)/uint64(max(size, 1)) {
		r.b, r.short = nil, true
		return 0
	}
	r.b = r.b[k:]
	return int(n)
}

// Count appends a number that Reader.Count reads.
func Count(b []byte, n int) []byte { return binary.AppendUvarint(b, uint64(n)) }
