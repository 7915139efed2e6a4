package pattern

import (
	"bufio"
	"fmt"
	"os"
	"testing"
)

func TestDbg(t *testing.T) {
	f, err := os.Open(os.Getenv("DBG"))
	if err != nil {
		t.Skip()
	}
	m := New(Config{})
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		var mt Match
		first := m.read(sc.Bytes(), &mt)
		fmt.Printf("%s\n  head=%q lvl=%v comp=%q host=%q pid=%q\n", sc.Text(), string(m.lx.buf[:m.lx.head]), mt.Level, mt.Facets.Component, mt.Facets.Host, mt.Facets.PID)
		for i := first; i < m.lx.nt && i < first+14; i++ {
			tk := m.lx.toks[i]
			fmt.Printf(" %s:%d", m.lx.buf[tk.s:tk.e], tk.kind)
		}
		fmt.Println()
	}
}
