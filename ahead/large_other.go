//go:build !linux

package ahead

import "unsafe"

// Large has no word for it on other systems.
func Large(unsafe.Pointer, uintptr) {}
