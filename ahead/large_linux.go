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
// and the last comes along, as a page is large as a whole or not at all; memory of the
// heap lies in arenas of a good many of them. Where the system will not, nothing is lost.
func Large(p unsafe.Pointer, n uintptr) {
	if n == 0 {
		return
	}
	from := uintptr(p) &^ (largePage - 1)
	to := (uintptr(p) + n + largePage - 1) &^ (largePage - 1)
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, to-from, hugePage) // a wish
}
