package ahead_test

import (
	"math"
	"testing"
	"unsafe"

	"github.com/kizashi-ops/kizashi/ahead"
)

// Whatever is asked for, and at whatever edge, nothing that can be read is another.
func TestNothingChanges(t *testing.T) {
	b := make([]byte, 4096)
	for i := range b {
		b[i] = byte(i)
	}
	for _, n := range []uintptr{0, 1, 63, 64, 65, 4096} {
		for _, from := range []int{0, 1, 63, 4095} {
			ahead.Of(unsafe.Pointer(&b[from]), n)
			ahead.At(unsafe.Pointer(&b[from]), &ahead.Places{0, uint16(n), math.MaxUint16})
			ahead.Large(unsafe.Pointer(&b[from]), n-min(n, uintptr(from)))
		}
	}
	for i := range b {
		if b[i] != byte(i) {
			t.Fatalf("byte %d is %d", i, b[i])
		}
	}
}

// A place that is none is no fault: it is not read.
func TestNoPlace(*testing.T) {
	ahead.Of(nil, 64)
	ahead.At(nil, &ahead.Places{0, 64, math.MaxUint16})
}
