package pattern

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"
)

func TestStages(t *testing.T) {
	raw, err := os.ReadFile("/tmp/redrawn.txt")
	if err != nil {
		t.Skip()
	}
	lines := bytes.Split(raw, []byte("\n"))[:2000]
	m := New(Config{})
	var mt Match
	for range 2 {
		for _, l := range lines {
			m.Add(l, 0, &mt)
		}
	}
	best := func(name string, f func(l []byte)) {
		b := time.Hour
		for range 60 {
			s := time.Now()
			for _, l := range lines {
				f(l)
			}
			b = min(b, time.Since(s))
		}
		fmt.Printf("%-10s %.0f\n", name, float64(b.Nanoseconds())/float64(len(lines)))
	}
	l := &m.lx
	var or uint64
	best("classes", func(x []byte) {
		for _, c := range x {
			or |= lanes[c]
		}
	})
	best("copy", func(x []byte) {
		n := copy(l.buf[:MaxBytes], x)
		if l.n > n {
			clear(l.buf[n:l.n])
		}
		l.n = n
	})
	best("load", func(x []byte) { l.load(x) })
	best("lex", func(x []byte) { l.load(x); l.lex() })
	best("head", func(x []byte) { l.load(x); l.lex(); l.findHeader() })
	best("read", func(x []byte) { m.read(x, &mt) })
	best("skel", func(x []byte) { f := m.read(x, &mt); l.skeletonOf(f, &m.sk) })
	best("find", func(x []byte) { m.find(x, &mt) })
	best("add", func(x []byte) { m.Add(x, 0, &mt) })
	fmt.Println(l.nt, or == 1)
}
