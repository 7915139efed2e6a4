//go:build !amd64 && !arm64

package ahead

import "unsafe"

// lines has no word for it on other processors.
func lines(unsafe.Pointer, uintptr) {}
