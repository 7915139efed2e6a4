// Package ahead asks the processor to fetch memory before it is needed. Where
// many states are looked at in turn, each of them lies in no cache: asked for
// while others are worked on, it has come when its turn does. It changes where memory is
// kept, and nothing that is in it.
package ahead

import "unsafe"

// Line is how many bytes come at once.
const Line = 64

// Of asks for n bytes from p on, which is not read.
func Of(p unsafe.Pointer, n uintptr) {
	if n > 0 {
		lines(p, n)
	}
}

// Places are some lines of memory, by how many bytes from somewhere on they begin: as
// many as at asks for on each processor.
type Places [4]uint16

// At asks for the lines at places counted from p on, which are not read.
func At(p unsafe.Pointer, places *Places) { at(p, places) }
