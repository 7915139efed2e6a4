//go:build amd64 || arm64

package ahead

import "unsafe"

//go:noescape
func lines(p unsafe.Pointer, n uintptr)

//go:noescape
func at(p unsafe.Pointer, places *Places)
