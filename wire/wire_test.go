package wire_test

import (
	"errors"
	"math"
	"testing"

	"github.com/kizashi-ops/kizashi/wire"
)

func TestWhatIsWrittenIsRead(t *testing.T) {
	b := wire.U64(wire.U32(wire.U16(wire.U8(wire.Bool(nil, true), -1), 500), -7), int64(-1)<<40)
	b = wire.F64(wire.F32(b, 1.5, float32(math.Inf(1))), math.MaxFloat64)
	b = wire.Bytes(wire.Text(wire.U16s(b, []int16{-3, 4}), "名前"), []byte{1, 2})
	all := wire.Count(b, 3)
	all = append(all, 9, 9, 9)
	r := wire.Read(all)
	if !r.Bool() || int8(r.U8()) != -1 || r.U16() != 500 || r.I32() != -7 || r.I64() != -1<<40 {
		t.Error("whole numbers came back as others")
	}
	var f [2]float32
	if r.F32s(f[:]); f[0] != 1.5 || !math.IsInf(float64(f[1]), 1) || r.F64() != math.MaxFloat64 {
		t.Error("numbers came back as others")
	}
	var s [2]int16
	if wire.ReadU16s(r, s[:]); s != [2]int16{-3, 4} || r.Text() != "名前" || len(r.Bytes()) != 2 || r.Count(1) != 3 {
		t.Error("texts came back as others")
	}
	if r.Err() != nil || len(r.Left()) != 3 {
		t.Errorf("%v, %d bytes are left", r.Err(), len(r.Left()))
	}
	for n := range b {
		if r := wire.Read(all[:n]); true {
			drain(r)
			if !errors.Is(r.Err(), wire.ErrShort) {
				t.Errorf("%d of %d bytes are no state, and nobody says so", n, len(b))
			}
		}
	}
}

func drain(r *wire.Reader) {
	r.Bool()
	r.U8()
	r.U16()
	r.I32()
	r.I64()
	r.F32s(make([]float32, 2))
	r.F64()
	wire.ReadU16s(r, make([]int16, 2))
	_ = r.Text()
	r.Bytes()
	r.Count(1)
}

// A number of things that cannot be there asks for no memory.
func TestCountIsBounded(t *testing.T) {
	r := wire.Read(wire.Count(nil, 1<<40))
	if n := r.Count(1); n != 0 || r.Err() == nil {
		t.Errorf("%d things in no bytes, %v", n, r.Err())
	}
}
