package ledger

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// randomRecord is a record of numbers of every length, and of absent ones.
func randomRecord(r *rand.Rand) kizashi.Record {
	rec := kizashi.Record{Transform: kizashi.Log1p, Season: kizashi.Daily24, Ready: r.IntN(2) == 0, Lower: kizashi.None(), Upper: kizashi.None()}
	num := func() kizashi.Num {
		switch r.IntN(4) {
		case 0:
			return kizashi.None()
		case 1:
			return kizashi.Num(r.IntN(100))
		}
		return kizashi.Num(r.NormFloat64() * 1e9)
	}
	for i := range rec.Slots {
		rec.Slots[i] = kizashi.Slot{Center: r.NormFloat64(), Scale: r.ExpFloat64() * 1e-7, Lower: num(), Upper: num()}
	}
	return rec
}

// TestLimitsAreThoseOfTheRecord: reading in part gives what reading in full
// does.
func TestLimitsAreThoseOfTheRecord(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var buf bytes.Buffer
	for range 500 {
		want := randomRecord(r)
		p, err := packRecord(want)
		if err != nil {
			t.Fatal(err)
		}
		var got kizashi.Record
		if buf.Reset(); inflate(p[1:], &buf) != nil || !scanLimits(buf.Bytes(), &got) {
			t.Fatalf("not read in part: %s", buf.String())
		}
		same := got.Ready == want.Ready
		for i, w := range want.Slots {
			g := got.Slots[i]
			same = same && g.Center == w.Center && g.Scale == w.Scale && alike(g.Lower, w.Lower) && alike(g.Upper, w.Upper)
		}
		if !same {
			t.Fatalf("got %+v, want %+v", got.Slots, want.Slots)
		}
	}
	if _, err := unpackLimits([]byte{packing, 1, 2, 3}, &buf); err == nil {
		t.Fatal("damaged bytes were read")
	}
	if _, err := unpackLimits([]byte{packing + 1}, &buf); err == nil {
		t.Fatal("a packing that is not known was read")
	}
}

func alike(a, b kizashi.Num) bool { return a == b || !a.Ok() && !b.Ok() }

func BenchmarkUnpack(b *testing.B) {
	p, err := packRecord(randomRecord(rand.New(rand.NewPCG(3, 4))))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("record", func(b *testing.B) {
		for b.Loop() {
			if _, err := unpackRecord(p); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("limits", func(b *testing.B) {
		var buf bytes.Buffer
		for b.Loop() {
			if _, err := unpackLimits(p, &buf); err != nil {
				b.Fatal(err)
			}
		}
	})
}
