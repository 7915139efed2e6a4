package baseline

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// shop is a series whose weekends differ: what is usual at an instant.
func shop(zone *calendar.Zone, at kizashi.Time) float64 {
	v := 100 + 40*math.Sin(2*math.Pi*float64(zone.DayMillis(int64(at)))/86_400_000)
	if wd := zone.Weekday(int64(at)); wd == time.Saturday || wd == time.Sunday {
		v *= .6
	}
	return v
}

// taught learns days of 5-minute samples of the shop, and returns the state
// with the first sample of the hour that follows.
func taught(t *testing.T, days int, meta *kizashi.Meta) (*State, kizashi.Sample) {
	t.Helper()
	zone, err := calendar.Load("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	s := New(meta, &kizashi.Settings{R: kizashi.Duration(28 * 24 * time.Hour)}, zone)
	r := rand.New(rand.NewPCG(5, 6))
	var v View
	at := monday
	for ; at < monday.Add(time.Duration(days)*24*time.Hour); at = at.Add(5 * time.Minute) {
		smp := kizashi.Sample{Series: 1, At: at, Period: 5 * time.Minute, Value: shop(zone, at) + 3*r.NormFloat64()}
		s.Look(&smp, &v, nil)
		s.Learn(&smp, &v, AsJudged)
	}
	return s, kizashi.Sample{Series: 1, At: at, Period: 5 * time.Minute, Value: shop(zone, at)}
}

var monday = kizashi.TimeOf(time.Date(2026, 6, 1, 0, 0, 0, 0, time.FixedZone("", 9*3600)))

// year of hour values before monday: of what is usual, times f.
func year(s *State, weeks int, f func(at kizashi.Time) float64) (out []kizashi.Sample) {
	r := rand.New(rand.NewPCG(7, 8))
	for h := weeks * 7 * 24; h > 0; h-- {
		at := monday.Add(-time.Duration(h) * time.Hour)
		out = append(out, kizashi.Sample{Series: 1, At: at, Period: time.Hour, Value: f(at) * (mid(s.zone, at) + r.NormFloat64())})
	}
	return out
}

// mid is the mean of an hour, but for the steps at midnight: its middle.
func mid(zone *calendar.Zone, at kizashi.Time) float64 { return shop(zone, at.Add(1650*time.Second)) }

func one(kizashi.Time) float64 { return 1 }

// inform hands the history over and returns the fact that is told.
func inform(t *testing.T, s *State, next kizashi.Sample, past []kizashi.Sample) (said kizashi.Evidence, cp *kizashi.Checkpoint) {
	t.Helper()
	if !s.Informs(next.At) {
		t.Fatalf("%d hours learned, and no history can be taken in at %s", s.Hours, next.At)
	}
	s.Inform(past)
	var v View
	s.Look(&next, &v, nil)
	for _, e := range v.Events() {
		if e.Fact.Claim == kizashi.ClaimInformed {
			said = e.Fact
		}
		if e.Checkpoint != nil {
			cp = e.Checkpoint
		}
	}
	return said, cp
}

// Four days are no week: with the year before the weekend is expected that the
// series itself has not seen. Its tails stay what they were but for the
// restart that any new season is.
func TestHistoryShowsTheWeekend(t *testing.T) {
	meta := &kizashi.Meta{Statistic: "Average", Lower: kizashi.None(), Upper: kizashi.None()}
	s, next := taught(t, 4, meta)
	saturday := monday.Add(5*24*time.Hour + 12*time.Hour)
	center := func() float64 {
		hour := int(s.zone.DayMillis(int64(saturday)) / 3_600_000)
		return s.back(s.Level[weekly] + s.Week.at(int32(6*24+hour)))
	}
	if s.Season != daily {
		t.Fatalf("season %d after four days, want daily", s.Season)
	}
	said, cp := inform(t, s, next, year(s, 30, one))
	if said.Text != "taken" || said.Count != 30*168 || said.From != monday.Add(-30*7*24*time.Hour) || said.To != monday {
		t.Fatalf("told %+v", said)
	}
	if s.Season != weekly {
		t.Errorf("season %d, want weekly", s.Season)
	}
	if got, want := center(), shop(s.zone, saturday); math.Abs(got-want) > 4 {
		t.Errorf("Saturday noon is expected at %.1f, want about %.1f", got, want)
	}
	state := saved{habits: &habits{}}
	if cp == nil || cp.At != next.At {
		t.Fatalf("checkpoint %v, want one at %s", cp, next.At)
	}
	if err := json.Unmarshal(cp.State, &state); err != nil || state.Informed == nil || *state.Informed != *s.seldom().informed || state.Season != weekly {
		t.Errorf("the checkpoint holds %+v, %v", state.Informed, err)
	}
	if r := s.Record(); r.Start.Hash != cp.Hash || r.Informed == nil || r.Informed.Hours != said.Count {
		t.Errorf("record starts at %v and says %v", r.Start, r.Informed)
	}
}

// What a history is not like, or too short to tell, changes no number.
func TestHistoryThatDoesNotFit(t *testing.T) {
	meta := &kizashi.Meta{Statistic: "Average", Lower: kizashi.None(), Upper: kizashi.None()}
	for _, c := range []struct {
		name string
		past func(s *State) []kizashi.Sample
		text string
	}{
		{"three weeks", func(s *State) []kizashi.Sample { return year(s, 2, one) }, "short"},
		{"nothing", func(*State) []kizashi.Sample { return nil }, "short"},
		{"points of 5 minutes", func(s *State) []kizashi.Sample {
			out := year(s, 30, one)
			for i := range out {
				out[i].Period = 5 * time.Minute
			}
			return out
		}, "short"},
		{"another day", func(s *State) []kizashi.Sample {
			return year(s, 30, func(at kizashi.Time) float64 { return shop(s.zone, at.Add(8*time.Hour)) / shop(s.zone, at) })
		}, "unlike"},
		{"weekends as busy as any day", func(s *State) []kizashi.Sample {
			return year(s, 30, func(at kizashi.Time) float64 {
				if wd := s.zone.Weekday(int64(at)); wd == time.Saturday || wd == time.Sunday {
					return 1 / .6
				}
				return 1
			})
		}, "unlike"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, next := taught(t, 14, meta)
			plain, _ := taught(t, 14, meta)
			said, cp := inform(t, s, next, c.past(s))
			if said.Text != c.text {
				t.Errorf("told %q, want %q", said.Text, c.text)
			}
			var v View
			plain.Look(&next, &v, nil)
			if cp != nil && plain.Starts != s.Starts {
				t.Error("a checkpoint was written for nothing")
			}
			if string(s.AppendBinary(nil)) != string(plain.AppendBinary(nil)) {
				t.Error("the state is not what it is without the history")
			}
		})
	}
}

// A series that has all its weeks itself is not moved; and what informs is
// said for four weeks.
func TestOwnWeeksStand(t *testing.T) {
	meta := &kizashi.Meta{Statistic: "Average", Lower: kizashi.None(), Upper: kizashi.None()}
	s, next := taught(t, 35, meta)
	plain, _ := taught(t, 35, meta)
	inform(t, s, next, year(s, 30, one))
	var v View
	plain.Look(&next, &v, nil)
	if s.Week != plain.Week {
		t.Error("hours of the week that were known four times were moved")
	}
	for _, days := range []int{27, 28} {
		smp := next
		smp.At = next.At.Add(time.Duration(days) * 24 * time.Hour)
		s.Look(&smp, &v, nil)
		if said := s.Record().Informed != nil; said != (days < 28) {
			t.Errorf("%d days later: said %v", days, said)
		}
		s.Learn(&smp, &v, AsJudged)
	}
}

// What is counted over an hour is brought to the series' own period.
func TestSumsOfAnHour(t *testing.T) {
	meta := &kizashi.Meta{Statistic: "Sum", Period: kizashi.Duration(5 * time.Minute), Lower: kizashi.None(), Upper: kizashi.None()}
	s, next := taught(t, 14, meta)
	said, _ := inform(t, s, next, year(s, 30, func(kizashi.Time) float64 { return 12 }))
	if said.Text != "taken" {
		t.Errorf("told %q of sums over an hour", said.Text)
	}
}

// A history that is flat to the last digit is like a series only that is flat
// as well.
func TestFlatHistoryIsUnlikeWhatMoves(t *testing.T) {
	s, next := taught(t, 6, &kizashi.Meta{Series: 1, Zone: "Asia/Tokyo"})
	past := year(s, 52, one)
	for i := range past {
		past[i].Value = 0
	}
	if said, _ := inform(t, s, next, past); said.Text != historyUnlike {
		t.Errorf("said %q, want %q", said.Text, historyUnlike)
	}
}
