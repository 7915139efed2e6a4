package pattern

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"
)

func slotsOf(t *testing.T, template string, lines ...string) []SlotStats {
	t.Helper()
	m, _ := mine(lines...)
	return find1(t, m, template).Slots
}

func TestSlotTellsItsFrequentValues(t *testing.T) {
	var lines []string
	for i := range 1000 {
		status := 200
		if i%10 == 3 {
			status = 503
		}
		lines = append(lines, fmt.Sprintf(`10.0.%d.%d "GET /item/%d HTTP/1.1" status: %d took %d ms`, i%200, i%9, i, status, 1+i%100))
	}
	s := slotsOf(t, `<*> "GET <*> HTTP/<*>" status: <*> took <*> ms`, lines...)
	if len(s) != 5 {
		t.Fatalf("%d slots, want 5: %+v", len(s), s)
	}
	if s[0].Kind != IP || s[1].Kind != Path || s[3].Kind != Num {
		t.Errorf("kinds %s %s %s", s[0].Kind, s[1].Kind, s[3].Kind)
	}
	st := s[3]
	if len(st.Heavy) != 2 || st.Heavy[0].Text != "200" || st.Heavy[0].Lines != 900 || st.Heavy[0].Over != 0 || st.Heavy[1].Text != "503" || st.Heavy[1].Lines != 100 {
		t.Errorf("status: %+v", st.Heavy)
	}
	if st.Distinct < 1.9 || st.Distinct > 2.2 {
		t.Errorf("status: %.1f values, want 2", st.Distinct)
	}
	ms := s[4]
	if ms.Min != 1 || ms.Max != 100 || ms.Numbers != 1000 || ms.Sum != 50500 {
		t.Errorf("ms: %+v", ms)
	}
	for _, q := range []struct{ p, want, off float64 }{{.5, 50, .25}, {.9, 90, .25}, {0, 1, .5}, {1, 100, .01}} {
		if got := ms.Quantile(q.p); math.Abs(got-q.want) > q.off*q.want+1 {
			t.Errorf("quantile %g of ms is %g, want about %g", q.p, got, q.want)
		}
	}
	if d := s[1].Distinct; d < 700 || d > 1300 {
		t.Errorf("1000 paths are estimated as %.0f", d)
	}
}

func addText(s *slot, v string) {
	var b [8]byte
	copy(b[:], v)
	s.add(hashBytes([]byte(v)), binary.LittleEndian.Uint64(b[:]), len(v))
}

// A value over so many others that no count is exact is still told within what
// the slot says it may be off.
func TestHeavyHittersAreBounded(t *testing.T) {
	var s slot
	exact := map[string]int{}
	for i := range 10_000 {
		v := fmt.Sprint("v", i%700)
		if i%3 == 0 {
			v = "often"
		}
		exact[v]++
		addText(&s, v)
	}
	h := s.stats(0).Heavy
	if len(h) == 0 || h[0].Text != "often" {
		t.Fatalf("%+v", h)
	}
	for _, v := range h {
		if n := uint64(exact[v.Text]); n > v.Lines || n < v.Lines-v.Over {
			t.Errorf("%s: %d lines, told %d at the most and %d at the least", v.Text, n, v.Lines, v.Lines-v.Over)
		}
	}
}

// Two slots merged are as one that saw the values of both.
func TestSlotsMerge(t *testing.T) {
	for _, scale := range []float64{1, 1e9, 1e-6} {
		var a, b, both slot
		for i := range 2000 {
			v := scale * float64(1+i*i%977)
			for _, s := range []*slot{&both, []*slot{&a, &b}[i%2]} {
				s.add(mix(uint64(i%50)), 0, 0)
				s.number(v)
			}
		}
		a.merge(&b)
		if a.n != both.n || a.numbers != both.numbers || a.min != both.min || a.max != both.max || a.registers != both.registers {
			t.Errorf("scale %g: %+v\n and %+v", scale, a, both)
		}
		total := 0
		for _, n := range a.bins {
			total += int(n)
		}
		if total != 2000 {
			t.Errorf("scale %g: the histogram has %d numbers of 2000", scale, total)
		}
		for _, p := range []float64{.1, .5, .9} {
			if x, y := a.quantile(p), both.quantile(p); math.Abs(x-y) > .2*y {
				t.Errorf("scale %g: quantile %g is %g merged, %g together", scale, p, x, y)
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, n := range []uint64{0, 7, 10, 999, 12345, 87654321, 10000000} {
		var b [8]byte
		s := fmt.Sprint(n)
		copy(b[:], s+"xxxxxxx")
		if got, ok := eightDigits(binary.LittleEndian.Uint64(b[:]), len(s)); got != n || !ok {
			t.Errorf("%d is read as %d, %v", n, got, ok)
		}
	}
	for _, s := range []string{"-1", "1.5", "12345678", "x", "9:", "/0"} {
		var b [8]byte
		copy(b[:], s)
		if _, ok := eightDigits(binary.LittleEndian.Uint64(b[:]), len(s)); ok != allDigits([]byte(s)) {
			t.Errorf("%s: digits alone %v", s, ok)
		}
	}
	for s, want := range map[string]float64{"17": 17, "-3.25": -3.25, "+8": 8, "99%": 99, "0x1": 0, "123456789012345678901": 1.2345678901234568e20, "0.001": .001} {
		if got := parseNumber([]byte(s)); math.Abs(got-want) > 1e-9*math.Abs(want) {
			t.Errorf("%s is read as %g, want %g", s, got, want)
		}
	}
}

// A value that is longer than what is kept of it says so, in a state too and when
// slots become one.
func TestLongHeavyHittersAreMarked(t *testing.T) {
	var s, o slot
	for _, v := range []string{"12345678", "123456789", "日本語の名前"} {
		addText(&o, v)
		s.merge(&o)
		o = slot{}
	}
	s.tame() // as a state is read
	var got []string
	for _, h := range s.stats(0).Heavy {
		got = append(got, h.Text)
	}
	if want := []string{"12345678", "12345678…", "日本…"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
