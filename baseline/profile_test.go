package baseline

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"github.com/kizashi-ops/kizashi"
)

// What a state takes is counted, not measured; and how much of it each sample looks at.
func TestAStateIsNoLarger(t *testing.T) {
	const most, often = 2704, 1472
	if n := unsafe.Sizeof(State{}); n > most || Often > often {
		t.Errorf("a state takes %d bytes, of which each sample looks at %d, want at most %d and %d", n, Often, most, often)
	}
}

// Centers are as near as a unit of their eight: the 32,767th part of the largest, at the
// most the 16,383rd. One that grows takes precision from its eight alone, and
// gives it back.
func TestCentersShareAUnit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var c dayCenters
	var want [daySlots]float64
	set := func(i int32, v float64) {
		c.set(i, v)
		want[i] = v
		unit := c.unit[i/sharing].unit()
		most := 0.
		for k := i / sharing * sharing; k < (i/sharing+1)*sharing; k++ {
			most = max(most, math.Abs(c.at(k)))
		}
		if got := c.at(i); math.Abs(got-v) > unit || most/unit > 32767 || most/unit < 16383 {
			t.Fatalf("slot %d is %v, want %v; a unit of %v for a largest of %v", i, got, v, unit, most)
		}
	}
	for range 3000 {
		set(r.Int32N(daySlots), r.NormFloat64()*math.Exp2(float64(r.IntN(60)-30)))
	}
	for i := range int32(daySlots) {
		set(i, 1+r.Float64())
	}
	set(9, 1e6)
	if math.Abs(c.at(7)-want[7]) > 1e-4 || math.Abs(c.at(10)-want[10]) > 31 {
		t.Errorf("beside a million %v is %v, and of another eight %v is %v", want[10], c.at(10), want[7], c.at(7))
	}
	for i := range int32(sharing) {
		set(8+i, float64(i)/8)
	}
	if c.at(9) != 1./8 || c.at(15) != 7./8 {
		t.Errorf("and after it eighths are %v and %v", c.at(9), c.at(15))
	}
	c.set(0, kizashi.MaxValue)
	c.set(8, math.SmallestNonzeroFloat64)
	if c.at(0) != kizashi.MaxValue || c.at(8) != 0 {
		t.Errorf("the largest number is %v, the least %v", c.at(0), c.at(8))
	}
}

// Deviations have 12 binary digits, however large the largest of their eight is; nine
// decades below it they are 0.
func TestDeviationsHaveTwelveDigits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var d deviations
	for range 3000 {
		i, v := r.Int32N(daySlots), math.Abs(r.NormFloat64())*math.Exp2(float64(r.IntN(24)))
		if d.set(i, v); math.Abs(d.at(i)-v) > v/4096 {
			t.Fatalf("%v is %v", v, d.at(i))
		}
	}
	d = deviations{}
	for i, v := range []float64{3, 4095. / 4096, 1e-6, 5e-10, 1e-12} {
		d.set(int32(i), v)
	}
	d.set(7, 2.5)
	for i, want := range []float64{3, 4095. / 4096, 1e-6, 0, 0, 0, 0, 2.5} {
		if got := d.at(int32(i)); math.Abs(got-want) > want/4096 {
			t.Errorf("number %d is %v, want %v", i, got, want)
		}
	}
	for i := range int32(sharing) {
		d.set(i, 0)
	}
	if d.set(3, 1e-30); d.at(3) == 0 || d.at(0) != 0 {
		t.Error("what was large once leaves no room")
	}
}

// Up to 255 samples are counted one by one, more in units that go with them.
func TestManySamplesAreCountedByTheUnit(t *testing.T) {
	var m many
	for i, v := range []float64{1, 15, 255, 0} {
		m.set(int32(i), v)
	}
	if m.at(0) != 1 || m.at(1) != 15 || m.at(2) != 255 || m.at(3) != 0 {
		t.Errorf("1, 15, 255, 0 are %v, %v, %v, %v", m.at(0), m.at(1), m.at(2), m.at(3))
	}
	m.set(5, 1350)
	if got := m.at(5); math.Abs(got-1350) > 4 || m.at(0) != 8 || m.at(1) != 16 || m.at(3) != 0 || m.at(8) != 0 {
		t.Errorf("1350 samples are %v, the one beside them %v, and the 15 %v", got, m.at(0), m.at(1))
	}
	m.set(5, 1e9)
	if m.at(5) != 65280 {
		t.Errorf("a thousand million samples are %v", m.at(5))
	}
	m.cut(shrink)
	if m.set(6, 7); m.at(5) != shrink || m.at(6) != 7 || m.at(3) != 0 {
		t.Errorf("after a restart they are %v, 7 are %v, and none are %v", m.at(5), m.at(6), m.at(3))
	}
}

// What a checkpoint says of a profile is what it is, to the last digit.
func TestACheckpointHasTheProfileAsItIs(t *testing.T) {
	s, next := taught(t, 20, &kizashi.Meta{Series: 1})
	doc := saved{habits: &habits{}}
	if err := json.Unmarshal(s.saved(&Room{}, next.At).append(nil), &doc); err != nil {
		t.Fatal(err)
	}
	var back State
	if back.take(&doc); back.Day != s.Day || back.Week != s.Week || back.Abs != s.Abs || back.AbsN != s.AbsN {
		t.Error("what was read of it is another")
	}
}

// Whatever values come, the state that is written is read again.
func TestStatesOfHugeValuesLoad(t *testing.T) {
	s, v, rnd := empty(5*time.Minute), View{}, uint64(1)
	for k := range 288 * 6 {
		rnd = rnd*6364136223846793005 + 1442695040888963407
		x := 1e12 * (float64(rnd>>40)/(1<<24) - .5)
		if k/288 >= 3 && k%288 >= 120 && k%288 < 123 { // each day at ten
			x = 1e26 * float64(1-2*(k%2))
		}
		smp := kizashi.Sample{Series: 1, At: kizashi.Time(k) * 300_000, Period: 5 * time.Minute, Value: x}
		s.Look(&smp, &v, nil)
		v.Events()
		s.Learn(&smp, &v, AsJudged)
		if k%12 == 0 {
			if _, err := empty(5 * time.Minute).Decode(s.AppendBinary(nil)); err != nil {
				t.Fatalf("day %d, hour %d: %v (exponent %d)", k/288, k%288/12, err, s.Abs.exp[5])
			}
		}
	}
}

// Where some quarters have hundreds of samples, and those beside them few, the few count.
func TestFewSamplesBesideMany(t *testing.T) {
	var m many
	m.set(0, 1350) // every ten seconds
	for range 100 {
		m.set(1, min(m.at(1), dayDepth)+1) // one a quarter, as learnScale counts
	}
	if n := m.at(1); n < dayDepth/2 || n > dayDepth {
		t.Errorf("after a hundred days %v are counted", n)
	}
}
