package mail

import (
	"bytes"
	"testing"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

// longestLine of a mail without its line end (RFC 5322, 2.1.1).
const longestLine = 998

// Whatever texts a mail is made of, its headers are ours, its HTML does
// nothing, and no line is longer than a server takes.
func FuzzCompose(f *testing.F) {
	s, err := New(Config{From: "kizashi@ops.example", To: []string{"boss@shop.example"}, Dir: f.TempDir()})
	if err != nil {
		f.Fatal(err)
	}
	sinktest.Fuzz(f, func(t *testing.T, n alert.Notification) {
		for _, lang := range []string{"en", "ja"} {
			n.Lang = lang
			raw, err := s.compose(n)
			if err != nil {
				t.Fatal(err)
			}
			oursAlone(t, raw)
			for line := range bytes.Lines(raw) {
				if line = bytes.TrimSuffix(line, []byte("\r\n")); len(line) > longestLine || bytes.ContainsAny(line, "\r\n\x00") {
					t.Errorf("a line of %d bytes: %.100q", len(line), line)
				}
			}
		}
	})
}
