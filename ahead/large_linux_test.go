package ahead_test

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"

	"github.com/kizashi-ops/kizashi/ahead"
)

// Memory that begins and ends anywhere lies in large pages up to their edges, and no
// further.
func TestLargeUpToTheEdges(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip("this system has no large pages to ask for:", err)
	}
	const large = 2 << 20
	b := make([]byte, 8*large)
	at := uintptr(unsafe.Pointer(&b[0]))
	edge := (at + large - 1) &^ (large - 1) // the first within
	from := edge + large + 4096
	ahead.Large(unsafe.Pointer(&b[from-at]), 2*large)
	for _, c := range []struct {
		at   uintptr
		want bool
	}{{edge + large, true}, {from, true}, {edge + 4*large - 4096, true}, {edge + large - 4096, false}, {edge + 4*large, false}} {
		if got := asked(t, c.at); got != c.want {
			t.Errorf("%+d bytes from what was asked for: asked for %v, want %v", int64(c.at)-int64(from), got, c.want)
		}
	}
	b[0] = 1
}

// asked says whether the page of an address is to be a large one (proc_pid_smaps(5)).
func asked(t *testing.T, at uintptr) bool {
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var from, to uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &from, &to); n == 2 {
			in = from <= at && at < to
		}
		if flags, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && in {
			return strings.Contains(flags+" ", " hg ")
		}
	}
	t.Fatalf("no memory at %x", at)
	return false
}
