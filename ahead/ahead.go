// Package ahead asks the processor to fetch memory before it is needed. Where
// many states are looked at in turn, each of them lies in no cache: asked for
// while the one before is worked on, it has come when its turn does. It changes
// what is known to a cache, and nothing else.
package ahead

import "unsafe"

// Of asks for n bytes from p on, which is not read.
func Of(p unsafe.Pointer, n uintptr) {
	if n > 0 {
		lines(p, n)
	}
}
