package mask

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// corpus is where the samples of logs of many systems lie.
const corpus = "../../../shared/data/loghub"

func loghub(t testing.TB) map[string][][]byte {
	t.Helper()
	files, err := filepath.Glob(corpus + "/*/*.log")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("LOUD: ../shared/data/loghub is not there, so nothing was tested on real logs")
	}
	out := map[string][][]byte{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(f)] = bytes.Split(bytes.TrimSuffix(b, []byte("\n")), []byte("\n"))
	}
	return out
}

// Addresses in these logs are addresses. Anything else that is masked in them
// is no secret and nobody's data: they were published.
func TestFewFalseMaskings(t *testing.T) {
	m, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	lines, falsely, addresses := 0, 0, 0
	for name, ls := range loghub(t) {
		for i, l := range ls {
			lines++
			wrong := false
			m.Find(l, func(k Kind, from, to int) {
				if k == Email {
					addresses++
					t.Logf("%s:%d: %s %q", name, i+1, k, l[from:to])
					return
				}
				wrong = true
				t.Logf("%s:%d: %s %q in %s", name, i+1, k, l[from:to], l)
			})
			if wrong {
				falsely++
			}
		}
	}
	t.Logf("%d lines, %d addresses, %d lines falsely masked (%.3f %%)", lines, addresses, falsely, 100*float64(falsely)/float64(lines))
	if 1000*falsely > lines {
		t.Errorf("%d of %d lines are falsely masked: want at most 0.1 %%", falsely, lines)
	}
}

func BenchmarkOrdinaryLines(b *testing.B) {
	var lines [][]byte
	bytesIn := 0
	for _, ls := range loghub(b) {
		for _, l := range ls {
			lines = append(lines, l)
			bytesIn += len(l)
		}
	}
	m, err := New(Config{})
	if err != nil {
		b.Fatal(err)
	}
	dst := make([]byte, 0, 1<<20)
	b.SetBytes(int64(bytesIn / len(lines)))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		dst = m.Append(dst[:0], lines[i])
		if i++; i == len(lines) {
			i = 0
		}
	}
}

// BenchmarkByteClasses is the yardstick: one look-up for each byte.
func BenchmarkByteClasses(b *testing.B) {
	var lines [][]byte
	for _, ls := range loghub(b) {
		lines = append(lines, ls...)
	}
	sum, i := uint8(0), 0
	for b.Loop() {
		for _, c := range lines[i] {
			sum |= class[c]
		}
		if i++; i == len(lines) {
			i = 0
		}
	}
	_ = sum
}
