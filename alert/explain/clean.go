package explain

import (
	"strings"

	"github.com/kizashi-ops/kizashi/alert"
)

// Clean makes text from outside fit for a terminal and for one line, as
// [alert.Clean] says.
func Clean(s string) string { return alert.Clean(s) }

// ascii replaces what is not printable ASCII by question marks.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
