package baseline

import (
	"math"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// What members share is the same to all of them, whatever season and transform each
// has chosen.
func TestAlike(t *testing.T) {
	const usual, spread, flat = 80., 4., 5. // at this time of the day; the scale of a season's residuals, and of none's
	near := func(center float64) *State {   // its quarter expects a center
		s := &State{}
		s.rec.Slots[1] = slot{Center: center, Scale: spread}
		return s
	}
	day := near(usual)
	day.Season, day.Error = daily, [seasons]float64{flat, spread, spread}
	none := near(100)
	none.rec.Slots[1].Scale, none.Error = flat, day.Error
	none.rec.Slots[1].Off[daily] = (usual - 100) / flat
	week := near(usual - 6)
	week.Season, week.Error2 = weekly, [seasons]float64{flat, spread, spread / 2}
	week.rec.Slots[1].Scale, week.rec.Slots[1].Off[daily] = spread/2, 6/(spread/2)
	log := near(forth(usual))
	log.Log, log.Season, log.Error = true, daily, day.Error
	log.rec.Slots[1].Scale = spread / (1 + usual)
	for name, s := range map[string]*State{"daily": day, "none": none, "weekly": week, "logarithmic": log} {
		s.rec.Daily = s.asDaily()
		for _, x := range []float64{usual, usual + 9, usual - 30} {
			if got := s.Alike(&kizashi.Sample{Value: x}, &View{Slot: 1, usual: s.back(s.rec.Slots[1].Center)}); math.Abs(got-(x-usual)/spread) > 1e-6 {
				t.Errorf("%s: %g lies %g scales off, want %g", name, x, got, (x-usual)/spread)
			}
		}
	}
}

// The range of the first week is that of before the hour; afterwards there is none.
func TestSeen(t *testing.T) {
	s := &State{}
	s.freezeSeen()
	s.see(3)
	if s.seenBefore() != nil {
		t.Error("a range is stated before there is one")
	}
	s.freezeSeen()
	s.see(-2)
	s.see(7)
	if seen := s.seenBefore(); seen == nil || *seen != (kizashi.Seen{Low: 3, High: 3}) {
		t.Errorf("seen before the hour: %v", seen)
	}
	s.Hour = s.First.at().Add(firstWeek - hour)
	s.freezeSeen()
	seen := s.seenBefore()
	if seen == nil || *seen != (kizashi.Seen{Low: -2, High: 7}) || seen.Outside(7, kizashi.Up) || seen.Outside(8, kizashi.Down) || !seen.Outside(8, kizashi.Up) || !seen.Outside(-3, kizashi.Down) {
		t.Errorf("in its last hour: %v", seen)
	}
	s.Hour = s.First.at().Add(firstWeek)
	s.freezeSeen()
	if s.seenBefore() != nil || s.Seen != nil || !s.seenBefore().Outside(0, kizashi.Up) {
		t.Error("it is stated after a week")
	}
}
