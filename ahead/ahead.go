// Package ahead asks the processor to fetch memory before it is needed. Where
// many states are looked at in turn, each of them lies in no cache: asked for
// while others are worked on, it has come when its turn does. It changes what is
// known to a cache, and nothing else.
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

// At asks for the lines of memory at some places, counted in bytes from p on, which are
// not read.
func At(p unsafe.Pointer, places []uint16) {
	if len(places) > 0 {
		at(p, &places[0], len(places))
	}
}
