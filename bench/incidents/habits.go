package incidents

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Habits are what systems do again and again and nobody wants to hear of. All
// but the last are learned; the month's end is declared by a calendar, as two
// or three are all that a quarter has.
func Habits() []string { return []string{"nightly backup", "weekend stop", "quiet weekend", monthEnd} }

const (
	monthEnd    = "month end"
	habitWeeks  = 14 // that are scored, after learn
	habitNoise  = .05
	backupLasts = 25 * time.Minute
	backupAbout = 3 // minutes that it begins early or late, at the most
	habitSigmas = 6
	quietPart   = .3 // of the level at quiet weekends
	habitBefore = 5 * time.Minute
	habitAfter  = 30 * time.Minute
)

// AboutHabit says what a habit is, in the table's words.
func AboutHabit(name string) string {
	return map[string]string{
		"nightly backup": "25 min from 02:00 on, 3 min early or late, 6 sigma up",
		"weekend stop":   "no sample from Friday 22:00 to Monday 07:00",
		"quiet weekend":  "Saturday and Sunday at 30 % of the level",
		monthEnd:         "6 sigma up from 09:00 to 18:00 on the month's last day, which a calendar names",
	}[name]
}

// Habit is one time that a habit shows: samples From to To, To exclusive.
type Habit struct{ From, To int }

// makeHabit makes a series with a habit and without an incident.
func (p Spec) makeHabit() (*Scene, error) {
	noise, err := p.noise(0)
	if err != nil {
		return nil, err
	}
	vs := make([]float64, (learn+habitWeeks)*p.week())
	noise.Fill(vs)
	s := &Scene{Spec: p, Learned: learn * p.week(), Values: [][]float64{vs},
		sigma: func(i int) float64 { return noise.Sigma(start.Add(time.Duration(i) * p.Period)) }}
	r := p.random()
	for day := range (learn + habitWeeks) * 7 {
		h, ok := s.habitOn(day, r)
		if !ok {
			continue
		}
		s.Habits = append(s.Habits, h)
		for i := h.From; i < min(h.To, len(vs)); i++ {
			switch p.habit {
			case "weekend stop":
				vs[i] = math.NaN()
			case "quiet weekend":
				vs[i] -= (1 - quietPart) / p.Noise
			default:
				vs[i] += habitSigmas * s.sigma(i)
			}
		}
	}
	s.dress()
	return s, nil
}

// habitOn returns when the habit shows that begins on a day, 0 being a Monday.
func (s *Scene) habitOn(day int, r *rand.Rand) (h Habit, ok bool) {
	at := func(d time.Duration) int { return s.samples(time.Duration(day)*24*time.Hour + d) }
	switch s.habit {
	case "nightly backup":
		from := 2*time.Hour + time.Duration(r.IntN(2*backupAbout+1)-backupAbout)*time.Minute
		return Habit{at(from), at(from + backupLasts)}, true
	case "weekend stop":
		return Habit{at(22 * time.Hour), at((24 + 24 + 24 + 7) * time.Hour)}, day%7 == 4
	case "quiet weekend":
		return Habit{at(0), at(48 * time.Hour)}, day%7 == 5
	}
	t := start.Add(time.Duration(day) * 24 * time.Hour).UTC()
	return Habit{at(9 * time.Hour), at(18 * time.Hour)}, t.AddDate(0, 0, 1).Day() == 1
}

// HabitRate is what was said of series with a habit.
type HabitRate struct {
	On       int // alerts that overlap it
	Beside   int
	Expected float64 // stated, of the whole time
	Times    int     // that it showed
	By       map[string]int
}

// MeasureHabit judges a series of each seed; families take turns.
func (s Setting) MeasureHabit(habit string, period time.Duration) (*HabitRate, error) {
	marks, scenes := make([][]Mark, s.Seeds), make([]*Scene, s.Seeds)
	err := Each(s.Seeds, s.Workers, func(i int) (err error) {
		spec := Spec{habit: habit, Family: s.Families[i%len(s.Families)], Noise: habitNoise, Period: period, Seed: s.Seed + uint64(i)}
		if scenes[i], err = spec.Make(); err != nil {
			return err
		}
		marks[i], err = Judge{R: s.R, Off: s.Off}.Run(scenes[i])
		scenes[i].Values = nil
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &HabitRate{By: map[string]int{}}
	for i, sc := range scenes {
		out.Expected += (habitWeeks * 7 * 24 * time.Hour).Hours() / s.R.Hours()
		from := sc.Time(sc.Learned)
		for _, h := range sc.Habits {
			if sc.Time(h.From) >= from {
				out.Times++
			}
		}
		for _, m := range marks[i] {
			switch {
			case !m.Opens || m.At < from:
			case sc.onHabit(m.At):
				out.On++
				out.By[m.Models[0]]++
			default:
				out.Beside++
			}
		}
	}
	return out, nil
}

func (s *Scene) onHabit(at kizashi.Time) bool {
	for _, h := range s.Habits {
		if at >= s.Time(h.From).Add(-habitBefore) && at < s.Time(h.To).Add(habitAfter) {
			return true
		}
	}
	return false
}
