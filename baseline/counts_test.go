package baseline

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kizashi-ops/kizashi/wire"
)

// Counts in 16 bits are, where a threshold looks, those of a histogram that fades in
// floating point: over 60 days of a sample a minute, with a restart in between.
func TestCountsFadeAsFloatsDo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var c counts
	var want [bins]float64
	for hour := range 60 * 24 {
		for range 60 {
			i := min(int(r.ExpFloat64()*2), bins-1)
			c.add(i)
			want[i]++
		}
		by := decay
		if hour == 20*24 {
			by = 1. / 160
		}
		c.fade(by)
		for i := range want {
			want[i] *= by
		}
	}
	for i, w := range want {
		got := c.of(i)
		switch {
		case w > 450: // it may be full
			if got < 400 {
				t.Errorf("bin %d holds %.1f, want many", i, got)
			}
		case math.Abs(got-w) > .01*w+.05:
			t.Errorf("bin %d holds %.2f, want %.2f", i, got, w)
		}
	}
}

func TestCountsComeBack(t *testing.T) {
	var a, b counts
	for i := range 5000 {
		a.add(i % 7)
	}
	a.fade(decay)
	rest := wire.Read(a.append(nil))
	if err := b.read(rest); err != nil || a != b || len(rest.Left()) > 0 {
		t.Fatalf("%v, %v, want %v", err, b, a)
	}
	if err := b.read(wire.Read([]byte{0, 0, 0, 0x7f})); err == nil {
		t.Error("a unit that nobody can have written was read")
	}
}

// Numbers of half a byte stand beside each other, and in JSON are numbers.
func TestTwoInAByte(t *testing.T) {
	var c dayCounts
	for i := range int32(daySlots) {
		c.set(i, uint8(i%15))
	}
	c.set(4, 9)
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var d dayCounts
	if err := json.Unmarshal(b, &d); err != nil || d != c || d.at(3) != 3 || d.at(4) != 9 || d.at(5) != 5 {
		t.Errorf("%s: %v, %v", b, err, d)
	}
}
