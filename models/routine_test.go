package models_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// nights runs the routine's detector beside a baseline: noise of 10 about 200, and
// what a day has on top of it.
type nights struct {
	period  time.Duration
	zone    string
	set     kizashi.Settings
	job     func(day int, r *rand.Rand) (at time.Duration, by float64) // when it begins, by how much; 0 = it does not come
	lasts   time.Duration
	usual   func(at kizashi.Time) float64 // on top of everything
	kind    func(day int) string
	lost    func(at kizashi.Time) bool
	exclude func(at kizashi.Time) bool
	reload  bool // the state is written and read again each day

	said []string         // "day hh:mm side", as a vote began to stand, and "day hh:mm over"
	last *kizashi.Routine // what was known, whenever something was
}

const nightly = 21 // days

func (n *nights) run(t *testing.T) *nights {
	t.Helper()
	zone, err := calendar.Load(n.zone)
	if err != nil {
		t.Fatal(err)
	}
	rows := models.All()
	row := rows[slices.IndexFunc(rows, func(r detect.Row) bool { return r.Name == "routine" })]
	meta := &kizashi.Meta{Series: 1, Period: kizashi.Duration(n.period), Lower: kizashi.None(), Upper: kizashi.None(), Zone: n.zone}
	n.set.R = kizashi.Duration(28 * 24 * time.Hour)
	base, state := baseline.New(meta, &n.set, zone), row.Model.New(meta, &n.set)
	base.UseDays(n.kind)
	r, view, stood := rand.New(rand.NewPCG(5, 6)), &baseline.View{}, false
	begin := kizashi.TimeOf(time.Date(2026, 9, 7, 0, 0, 0, 0, zone.Location()))
	for day := range nightly {
		at, by := n.job(day, r)
		midnight := kizashi.TimeOf(begin.UTC().In(zone.Location()).AddDate(0, 0, day))
		for now := midnight; now < kizashi.TimeOf(begin.UTC().In(zone.Location()).AddDate(0, 0, day+1)); now = now.Add(n.period) {
			smp := kizashi.Sample{Series: 1, At: now, Period: n.period, Value: 200 + 10*r.NormFloat64()}
			if since := now.Sub(midnight) - at; since >= 0 && since < n.lasts {
				smp.Value += by
			}
			if n.usual != nil {
				smp.Value += n.usual(now)
			}
			if n.lost != nil && n.lost(now) {
				continue
			}
			how := baseline.AsJudged
			if n.exclude != nil && n.exclude(now) {
				how = baseline.Excluded
			}
			base.Look(&smp, view, nil)
			c := detect.Case{Sample: smp, Meta: meta, Settings: &n.set, View: view, Base: base, Stance: how}
			if view.Begins {
				state.(detect.Hourly).Begin(&c)
			}
			var v kizashi.Vote
			if state.Judge(&c, &v); v.Crossed != stood {
				stood = v.Crossed
				what := "over"
				if stood {
					what = v.Side.String()
					if g := state.(detect.Grounded).Ground(&c); g == nil || g.Stat != v.Stat || g.Limit != v.Limit || g.Past.Count != g.Past.Of {
						t.Errorf("the ground %+v is not that of the vote %+v", g, v)
					}
				}
				n.said = append(n.said, fmt.Sprintf("D%d %s %s", day+1, now.UTC().In(zone.Location()).Format("15:04"), what))
			}
			if f := state.Explain(&c); f != nil {
				n.last = state.(interface {
					Routine(*detect.Case) *kizashi.Routine
				}).Routine(&c)
			}
			base.Learn(&smp, view, how)
			state.Learn(&c, view.Held())
		}
		if n.reload {
			b := state.AppendBinary(nil)
			state = row.Model.New(meta, &n.set)
			if left, err := state.Decode(b); err != nil || len(left) > 0 || !bytes.Equal(state.AppendBinary(nil), b) {
				t.Fatalf("day %d: it does not come back: %v", day, err)
			}
		}
	}
	return n
}

// every night at two, but on some.
func every(by float64, jitter time.Duration, but ...int) func(int, *rand.Rand) (time.Duration, float64) {
	return func(day int, r *rand.Rand) (time.Duration, float64) {
		at := 2*time.Hour + time.Duration((2*r.Float64()-1)*float64(jitter)).Truncate(time.Minute)
		if slices.Contains(but, day+1) {
			return at, 0
		}
		return at, by
	}
}

func TestRoutine(t *testing.T) {
	night := nights{period: time.Minute, zone: "Asia/Tokyo", lasts: 30 * time.Minute}
	for _, c := range []struct {
		name   string
		change func(n *nights)
		want   []string // the first that is said, or nothing
	}{
		{"it does not come", func(n *nights) { n.job = every(200, 0, 17) }, []string{"D17 02:06 down", "D17 03:00 over"}},
		{"it comes each night", func(n *nights) { n.job = every(200, 3*time.Minute) }, nil},
		{"it comes 20 minutes late", func(n *nights) {
			n.job = func(day int, r *rand.Rand) (time.Duration, float64) {
				return 2*time.Hour + map[int]time.Duration{16: 20 * time.Minute}[day], 200
			}
		}, []string{"D17 02:06 down", "D17 02:21 over"}},
		{"within 5 minutes: it is waited for", func(n *nights) { n.job = every(200, 5*time.Minute, 17) }, []string{"D17 02:15 down", "D17 03:00 over"}},
		{"10 minutes of it, at 5", func(n *nights) { n.period, n.lasts, n.job = 5*time.Minute, 10*time.Minute, every(200, 0, 17) }, []string{"D17 02:20 down", "D17 02:45 over"}},
		{"it goes down", func(n *nights) { n.job = every(-150, 0, 17) }, []string{"D17 02:06 up", "D17 03:00 over"}},
		{"where only up may alert it has no side", func(n *nights) { n.job, n.set.Direction = every(200, 0, 17), kizashi.Up }, []string{"D17 02:06 both", "D17 03:00 over"}},
		{"over midnight", func(n *nights) {
			n.job = func(day int, _ *rand.Rand) (time.Duration, float64) {
				return 23*time.Hour + 45*time.Minute, map[bool]float64{true: 0, false: 200}[day == 16]
			}
		}, []string{"D17 23:51 down", "D18 00:30 over"}},
		{"Mondays to Fridays", func(n *nights) { n.job = every(200, 0, 6, 7, 13, 14, 20, 21, 17) }, []string{"D17 02:06 down", "D17 03:00 over"}},
		{"after six nights nobody knows", func(n *nights) { n.job = every(200, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17) }, nil},
		{"it comes as it likes", func(n *nights) {
			n.job = func(day int, r *rand.Rand) (time.Duration, float64) {
				return 2 * time.Hour, map[bool]float64{true: 200}[r.Float64() < .8]
			}
		}, nil},
		{"a day swings", func(n *nights) {
			n.job = every(0, 0)
			n.usual = func(at kizashi.Time) float64 { return 150 * math.Sin(2*math.Pi*float64(at)/(24*3.6e6)) }
		}, nil},
		{"a day of work is no job", func(n *nights) { n.lasts, n.job = 9*time.Hour, every(200, 0, 17) }, nil},
		{"nobody could see", func(n *nights) {
			n.job = every(200, 0, 17)
			n.lost = func(at kizashi.Time) bool { return within(at, 16*24+1.5, 16*24+2.4) }
		}, nil},
		{"excluded", func(n *nights) {
			n.job = every(200, 0, 17)
			n.exclude = func(at kizashi.Time) bool { return within(at, 16*24, 17*24) }
		}, nil},
		{"a holiday", func(n *nights) {
			n.job = every(200, 0, 17)
			n.kind = func(day int) string { return map[bool]string{true: "holiday"}[day == 20703+16] }
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, again := night, night
			c.change(&n)
			if n.run(t); len(n.said) < len(c.want) || !slices.Equal(n.said[:len(c.want)], c.want) || c.want == nil && n.said != nil {
				t.Errorf("said %q, want %q", n.said, c.want)
			}
			c.change(&again)
			again.reload = true
			if again.run(t); !slices.Equal(again.said, n.said) {
				t.Errorf("read again each day it says %q, else %q", again.said, n.said)
			}
		})
	}
}

// within says that an instant lies so many hours after the story's begin, in Tokyo.
func within(at kizashi.Time, from, to float64) bool {
	h := at.Sub(kizashi.TimeOf(time.Date(2026, 9, 6, 15, 0, 0, 0, time.UTC))).Hours()
	return h >= from && h < to
}

// What is told of it: when, on how many days, how punctual, how long.
func TestRoutineIsNamed(t *testing.T) {
	n := (&nights{period: time.Minute, zone: "Asia/Tokyo", lasts: 30 * time.Minute, job: every(200, 3*time.Minute, 3)}).run(t)
	r := n.last
	if r == nil || !r.Named() {
		t.Fatalf("it is not named: %+v", r)
	}
	minutes := func(d kizashi.Duration) int { return int(time.Duration(d).Minutes()) }
	if r.Came() != 14 || len(r.Days) != 14 || minutes(r.Lasts) != 30 || minutes(r.Jitter) < 1 || minutes(r.Jitter) > 5 || r.Level < 230 || r.Level > 350 {
		t.Errorf("%d of %d days, %s long, within %s, beyond %g", r.Came(), len(r.Days), time.Duration(r.Lasts), time.Duration(r.Jitter), r.Level)
	}
	at := r.From.Add(time.Duration(r.Usual)).Add(9 * time.Hour).UTC()
	if off := at.Hour()*60 + at.Minute() - 120; off < -2 || off > 2 {
		t.Errorf("about %s, want 02:00", at.Format("15:04"))
	}
	if f := r.Fact(); f.Claim != kizashi.ClaimRegular || f.Count != 14 || f.Of != 14 || f.To.Sub(f.From) != time.Duration(r.Lasts) {
		t.Errorf("told as %+v", f)
	}
}
