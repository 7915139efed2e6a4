package logs

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

func digits(i int) string { return fmt.Sprintf("%056d", i*7919) }

// No two ids are taken for one, whatever they look like.
func TestIDsAreExact(t *testing.T) {
	var x ids
	all := []string{"", "a", "0", digits(0), digits(1), digits(0)[:55], digits(0) + "0", "+" + digits(0)[1:], digits(0)[:55] + "x",
		digits(0)[:19] + "+" + digits(0)[20:], "18446744073709551616" + digits(0)[20:], digits(0)[:37] + "10" + digits(0)[39:]}
	for _, s := range all {
		if !x.add(60_000, idOf(s)) {
			t.Errorf("%q was taken for another one", s)
		}
	}
	for _, s := range all {
		if x.add(61_000, idOf(s)) {
			t.Errorf("%q was not known again", s)
		}
	}
	if x.add(120_000, idOf("a")) != true || x.n != len(all)+1 || x.oldest() != 60_000 {
		t.Errorf("%d ids, the oldest of %s", x.n, x.oldest())
	}
	if x.forget(119_999); x.n != len(all)+1 {
		t.Errorf("%d ids: a minute that is needed was forgotten", x.n)
	}
	if x.forget(120_000); x.n != 1 || x.oldest() != 120_000 {
		t.Errorf("%d ids, the oldest of %s", x.n, x.oldest())
	}
}

// What one id costs, in time and in memory: a million of them over fifteen
// minutes.
func BenchmarkRemember(b *testing.B) {
	names := make([]string, 1_000_000)
	for i := range names {
		names[i] = digits(i)
	}
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		var x ids
		for i, s := range names {
			x.add(kizashi.Time(i)*kizashi.Time(15*time.Minute/time.Millisecond)/1_000_000, idOf(s))
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		for i, s := range names {
			if x.add(kizashi.Time(i)*kizashi.Time(15*time.Minute/time.Millisecond)/1_000_000, idOf(s)) {
				b.Fatal("not known")
			}
		}
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(names)), "B/id")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(2*len(names)), "ns/id")
}
