package baseline

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/wire"
)

// What is written by hand is what encoding/json writes, of an empty state and of one
// that has something of everything.
func TestACheckpointIsThatOfTheLibrary(t *testing.T) {
	s, next := taught(t, 20, &kizashi.Meta{Series: 1})
	same := func(when string) {
		t.Helper()
		w := &Room{}
		doc := s.saved(w, next.At)
		want, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if got := doc.append(nil); string(got) != string(want) {
			t.Errorf("%s:\n%s\nand by the library\n%s", when, got, want)
		}
	}
	same("after 20 days")
	s.hold(&next, &View{isHeld: true})
	s.troubled().HeldSlots = []heldSlot{{3, 2, 20000}}
	*s.trouble = trouble{Held: s.trouble.Held, HeldSlots: s.trouble.HeldSlots, Streak: -3, StreakSum: -1e-7, StreakN: 4e22}
	s.known().Again, s.known().Ratio, s.Recurs = [tails]float32{1, 2.5, 1e-9, 3e30}, [7]float32{.1, 1, 2}, [tails]bool{true, false, true}
	s.own().informed = &informed{next.At, next.At.Add(-time.Hour), next.At.Add(1), 400}
	s.profileOf("五十日 <&>").N[3] = 2
	s.own().heir = &heritage{Inherited: kizashi.Inherited{Series: 2, Name: "a \"b\" <c>", At: next.At, Hours: 50}}
	s.see(-3)
	s.Level, s.RunMean = [seasons]float64{math.Copysign(0, -1), 1e21, -123456.789e-12}, math.SmallestNonzeroFloat64
	same("with something of everything")
	s = New(&kizashi.Meta{}, &kizashi.Settings{}, nil)
	same("empty")
}

// What is damaged where a number lies is refused when it is read; what is read can be
// written down.
func TestDamagedNumbersAreRefused(t *testing.T) {
	s, next := taught(t, 20, &kizashi.Meta{Series: 1})
	s.hold(&next, &View{isHeld: true})
	s.troubled().StreakN = 3
	s.known().Ratio[1] = .5
	s.see(-3)
	raw := s.AppendBinary(nil)
	refused := 0
	for at := range len(raw) - 8 {
		for _, what := range [][]byte{wire.F64(nil, math.NaN()), wire.F64(nil, math.Inf(1)), wire.F32(nil, float32(math.Inf(-1)))} {
			b := slices.Clone(raw)
			copy(b[at:], what)
			n := empty(0)
			if _, err := n.Decode(b); err != nil {
				refused++
				continue
			}
			n.saved(&Room{}, next.At).append(nil) // it panics at what is no number
		}
	}
	if numbers := 3 * len(s.saved(&Room{}, next.At).Recent); refused < numbers {
		t.Errorf("of %d bytes %d were refused", len(raw), refused)
	}
	s.Level[daily] = math.NaN()
	if _, err := empty(0).Decode(s.AppendBinary(nil)); !errors.Is(err, errNumber) {
		t.Errorf("a level that is no number: %v", err)
	}
}
