package ahead

import (
	"syscall"
	"unsafe"
)

const hugePage = 14 // MADV_HUGEPAGE

// Large asks the system to keep n bytes from p on, of which none was touched yet, in
// large pages where it can: with a hundred thousand states hardly a look at one finds
// its page known to the processor (madvise(2)). Where the system will not, nothing is
// lost.
func Large(p unsafe.Pointer, n uintptr) {
	page := uintptr(syscall.Getpagesize())
	skip := -uintptr(p) % page
	if n < skip+page {
		return
	}
	b := unsafe.Slice((*byte)(unsafe.Add(p, skip)), (n-skip)/page*page)
	_ = syscall.Madvise(b, hugePage) // a wish
}
