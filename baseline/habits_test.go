package baseline

import (
	"math"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/wire"
)

// What only some series show is written and read whole.
func TestHabitsComeBackWhole(t *testing.T) {
	want := habits{Again: [tails]float32{1, 2, 3, 4}, AgainDay: [tails]uint16{5, 6, 7, 8}, Recurs: [tails]bool{true, false, false, true},
		Ratio: [7]float32{.1, .2, .3, .4, .5, .6, .7}, RatioN: [7]uint8{11, 12, 13, 14, 15, 16, 17}}
	var to habits
	if to.read(wire.Read(want.append(nil))); to != want {
		t.Errorf("%+v", to)
	}
	from := State{habits: &want}
	if from.apart(); from.habits == &want || *from.habits != want {
		t.Error("a copy is another with the same")
	}
}

// A weekend that varies twice as much as the other days of its slots has twice
// their scale after some weeks, and weekdays keep theirs.
func TestWeekdaysHaveTheirPartInTheScale(t *testing.T) {
	zone, err := calendar.Load("")
	if err != nil {
		t.Fatal(err)
	}
	s := New(&kizashi.Meta{Series: 1}, &kizashi.Settings{}, zone)
	s.Season = weekly
	for i := range daySlots {
		s.Abs.set(int32(i), 1)
		s.AbsN.set(int32(i), 1000)
	}
	w := &Room{}
	parts := &w.parts
	for range 5 {
		for h := range int32(weekHours) {
			for q := range parts {
				parts[q] = part{Slot: h%24*slots + int32(q), Week: h, LearnN: 4, LearnAbs: 4}
				if day := h / 24; day == 0 || day == 6 {
					parts[q].LearnAbs = 8
				}
			}
			s.learnRatio(w)
		}
	}
	for d, want := range [7]float64{2, 1, 1, 1, 1, 1, 2} {
		if got := s.ratio(d); math.Abs(got-want) > .1 {
			t.Errorf("day %d: %.2f times the scale, want %.2f", d, got, want)
		}
	}
	if s.Season = daily; s.ratio(0) != 1 {
		t.Error("without weeks all days are alike")
	}
}

// A level that begins within an hour counts from that hour on, if its last quarter
// with samples was held.
func TestALevelBeginsWithinAnHour(t *testing.T) {
	var s State
	w := &Room{}
	parts := &w.parts
	for _, c := range []struct {
		up, down [slots]float64
		want     int32
	}{
		{up: [slots]float64{0, 0, 5, 10}, want: 1},
		{down: [slots]float64{0, 0, 0, 5}, want: -1},
		{up: [slots]float64{10, 10, 10, 4}},
	} {
		for q := range parts {
			parts[q] = part{N: 10, HeldUp: c.up[q], HeldDown: c.down[q]}
		}
		if got := s.lastQuarter(w); got != c.want {
			t.Errorf("held %v, %v: %d, want %d", c.up, c.down, got, c.want)
		}
	}
	if parts[3].N, parts[2].HeldUp = 0, 10; s.lastQuarter(w) != 1 {
		t.Error("a quarter without samples says nothing")
	}
}

// A season that is chosen brings the scale that its own errors had: what was measured
// about another center is too wide by then.
func TestARestartTakesTheScaleOfItsSeason(t *testing.T) {
	zone, err := calendar.Load("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		season int
		want   float64
	}{{daily, .5}, {weekly, .25}} {
		s := New(&kizashi.Meta{Series: 1}, &kizashi.Settings{}, zone)
		s.Error, s.ErrorN = [seasons]float64{200, 50, 0}, 100
		s.Error2, s.Error2N = [seasons]float64{100, 25, 12.5}, 50
		s.AllAbs = 2
		for i := range daySlots {
			s.Abs.set(int32(i), 2)
			s.AbsN.set(int32(i), 1000)
		}
		s.restart(new(Room), c.season, 0)
		if s.AllAbs != c.want || s.Abs.at(7) != c.want || s.AbsN.at(7) != shrink || s.Restarts != 1 {
			t.Errorf("season %d: scale %v, of a slot %v by %v samples, want %v by %d", c.season, s.AllAbs, s.Abs.at(7), s.AbsN.at(7), c.want, shrink)
		}
	}
}

// A level may begin within an hour: the hour's last quarter says so, and nothing of
// that hour counts for where the level is. A quarter in the middle is none.
func TestWhereALevelBegins(t *testing.T) {
	zone, err := calendar.Load("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		up, down [slots]float64
		want     int32
	}{
		{up: [slots]float64{0, 0, 0, 15}, want: 1},
		{down: [slots]float64{0, 0, 0, 8}, want: -1},
		{up: [slots]float64{0, 15, 0, 0}, want: 0},
		{up: [slots]float64{0, 0, 15, 15}, want: 1},
	} {
		s := New(&kizashi.Meta{Series: 1}, &kizashi.Settings{}, zone)
		w := &Room{}
		for i := range w.parts {
			w.parts[i].N, w.parts[i].Sum, w.parts[i].HeldUp, w.parts[i].HeldDown = 15, 150, c.up[i], c.down[i]
		}
		if s.adopt(w, 60); s.late().Streak != c.want {
			t.Errorf("held up %v, down %v: a streak of %d, want %d", c.up, c.down, s.late().Streak, c.want)
		}
		if half := c.up[2] > 0; (s.late().StreakN > 0) != half {
			t.Errorf("held up %v, down %v: %v samples count for the level", c.up, c.down, s.late().StreakN)
		}
	}
}

// What was far on four days is of the tail from then on, until fewer than two are left
// of them; before and after that it is an incident.
func TestWhatRecursIsOfTheTail(t *testing.T) {
	zone, err := calendar.Load("")
	if err != nil {
		t.Fatal(err)
	}
	s := New(&kizashi.Meta{Series: 1}, &kizashi.Settings{}, zone)
	w := &Room{}
	nan := math.NaN()
	burst := func(day int) *Tail {
		x := &s.Tails[spikeUp]
		*x = Tail{Last: kizashi.Never, U: 2}
		v := View{Band: [2]float64{nan, nan}, BandTheta: [2]float64{5, 5}, Spike: [2]float64{50, nan}, SpikeTheta: [2]float64{5, 5}}
		s.takeStats(kizashi.Time(day)*24*3_600_000, &v, AsJudged)
		return x
	}
	facts := 0
	for day := 1; day <= 4; day++ {
		if x := burst(day); !x.Far {
			t.Errorf("on day %d it is no incident any more", day)
		}
		s.recurrences(w)
		facts += len(w.told())
		if s.recurs(spikeUp) != (day == 4) {
			t.Errorf("after day %d it recurs: %v", day, s.recurs(spikeUp))
		}
	}
	if x := burst(5); x.Far || x.Peak != 48 || facts != 1 {
		t.Errorf("what recurs: far %v, a peak of %v, announced %d times", x.Far, x.Peak, facts)
	}
	for range 20 * 24 {
		s.recurrences(w)
	}
	if x := burst(40); s.recurs(spikeUp) || !x.Far {
		t.Errorf("twenty days without it, and it still is of the tail")
	}
}
