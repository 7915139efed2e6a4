package mask

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
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

// BenchmarkOrdinaryLines measures beside a loop that looks each byte up, in
// turns, and takes the best round of each: the ratio says more than the time.
func BenchmarkOrdinaryLines(b *testing.B) {
	var lines [][]byte
	for _, ls := range loghub(b) {
		lines = append(lines, ls...)
	}
	m, err := New(Config{})
	if err != nil {
		b.Fatal(err)
	}
	dst := make([]byte, 0, 1<<20)
	sum := uint8(0)
	// By hundreds of lines: a short round is seldom interrupted.
	const part = 100
	mask, loop := make([]time.Duration, len(lines)/part), make([]time.Duration, len(lines)/part)
	best := func(was *time.Duration, lines [][]byte, f func(l []byte)) {
		from := time.Now()
		for _, l := range lines {
			f(l)
		}
		if took := time.Since(from); *was == 0 || took < *was {
			*was = took
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range mask {
			ls := lines[i*part : (i+1)*part]
			best(&mask[i], ls, func(l []byte) { dst = m.Append(dst[:0], l) })
			best(&loop[i], ls, func(l []byte) { sum |= classes(l) })
		}
	}
	_ = sum
	var a, c time.Duration
	for i := range mask {
		a, c = a+mask[i], c+loop[i]
	}
	n := float64(len(mask) * part)
	b.ReportMetric(float64(a)/n, "ns/line")
	b.ReportMetric(float64(c)/n, "loop-ns/line")
	b.ReportMetric(float64(a)/float64(c), "times-the-loop")
}

func classes(l []byte) (sum uint8) {
	for _, c := range l {
		sum |= class[c]
	}
	return sum
}
