package ahead

import (
	"syscall"
	"unsafe"
)

const hugePage = 14 // MADV_HUGEPAGE

const largePage = 2 << 20 // bytes; where it is another, less of what is asked for is heard

// Large asks the system to keep n bytes from p on, of which none was touched yet, in
// large pages where it can: with a hundred thousand states hardly a look at one finds
// its page known to the processor (madvise(2)). What lies about them on the first page
// and the last comes along, and stays in memory with them, as a page is large as a whole
// or not at all; the heap lies in arenas that begin and end at edges of such pages. Where
// the system will not, it is as if nobody had asked.
func Large(p unsafe.Pointer, n uintptr) {
	if n == 0 {
		return
	}
	from := uintptr(p) &^ (largePage - 1)
	to := (uintptr(p) + n + largePage - 1) &^ (largePage - 1)
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, to-from, hugePage) // a wish
}
