package baseline_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/gen"
)

// learner drives one baseline, and keeps what it reports.
type learner struct {
	s       *baseline.State
	at      kizashi.Time
	period  time.Duration
	noise   *gen.Noise
	records []kizashi.Record
	checks  []kizashi.Checkpoint
	facts   []string
	view    baseline.View
}

func load(t *testing.T, zone string) *calendar.Zone {
	t.Helper()
	z, err := calendar.Load(zone)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func newState(t *testing.T, zone string, period time.Duration) *baseline.State {
	t.Helper()
	meta := &kizashi.Meta{Series: 1, Period: kizashi.Duration(period), Zone: zone, Lower: kizashi.None(), Upper: kizashi.None()}
	return baseline.New(meta, &kizashi.Settings{R: kizashi.Duration(28 * 24 * time.Hour)}, load(t, zone))
}

// learn returns a learner at a wall time of its zone.
func learn(t *testing.T, zone, from string, period time.Duration) *learner {
	t.Helper()
	l := &learner{s: newState(t, zone, period), period: period}
	begin, err := time.ParseInLocation("2006-01-02 15:04", from, load(t, zone).Location())
	if err != nil {
		t.Fatal(err)
	}
	l.at = kizashi.TimeOf(begin)
	if l.noise, err = gen.NewNoise("gauss", 1, gen.Options{Start: l.at, Period: period}); err != nil {
		t.Fatal(err)
	}
	return l
}

// days feeds so many days of 300 + 20 noise + what add says of the time.
func (l *learner) days(n float64, add func(kizashi.Time) float64) {
	z := make([]float64, int(n*24*float64(time.Hour)/float64(l.period)))
	l.noise.Fill(z)
	for _, v := range z {
		v = 300 + 20*v
		if add != nil {
			v += add(l.at)
		}
		l.one(v)
	}
}

func (l *learner) one(v float64) {
	smp := kizashi.Sample{Series: 1, At: l.at, Period: l.period, Value: v}
	l.s.Look(&smp, &l.view, nil)
	for _, e := range l.view.Events() {
		switch {
		case e.Record != nil:
			l.records = append(l.records, *e.Record)
		case e.Checkpoint != nil:
			l.checks = append(l.checks, *e.Checkpoint)
		default:
			l.facts = append(l.facts, fmt.Sprintf("%s %s", e.Fact.Claim, l.at))
		}
	}
	l.s.Learn(&smp, &l.view, baseline.AsJudged)
	l.at = l.at.Add(l.period)
}

// wall adds by between two wall hours of every day.
func wall(z *calendar.Zone, from, to, by float64) func(kizashi.Time) float64 {
	return func(at kizashi.Time) float64 {
		if h := float64(z.DayMillis(int64(at))) / 3_600_000; h >= from && h < to {
			return by
		}
		return 0
	}
}

// Slots are wall time: a job at 03:00 stays at its slot when clocks change,
// also where they change by half an hour.
func TestSlotsFollowTheWall(t *testing.T) {
	for _, c := range []struct{ zone, from, change string }{
		{"Asia/Tokyo", "2026-10-19 00:00", "2026-11-01"},
		{"America/New_York", "2026-10-19 00:00", "2026-11-01"},
		{"America/New_York", "2026-02-23 00:00", "2026-03-08"},
		{"Australia/Lord_Howe", "2026-09-21 00:00", "2026-10-04"},
		{"Australia/Lord_Howe", "2026-03-23 00:00", "2026-04-05"},
	} {
		t.Run(c.zone+" "+c.change, func(t *testing.T) {
			z := load(t, c.zone)
			l := learn(t, c.zone, c.from, 5*time.Minute)
			l.days(16, wall(z, 5, 6, 400)) // the clocks change after 13 days
			if s := l.s.Record().Season; s != kizashi.Daily24 {
				t.Fatalf("season %s, want daily", s)
			}
			seen := 0
			for _, r := range l.records[15*24-12 : 16*24-12] {
				for q, slot := range r.Slots {
					at := r.Hour.Add(time.Duration(q) * 15 * time.Minute)
					usual := math.Expm1(slot.Center)
					job := wall(z, 5, 6, 1)(at) > 0
					if job {
						seen++
					}
					if job != (usual > 500) {
						t.Errorf("%s: %.0f expected, job %v", at.UTC().In(z.Location()).Format("Mon 15:04 MST"), usual, job)
					}
				}
			}
			if seen != 4 {
				t.Errorf("%d quarters of the job in a day, want 4", seen)
			}
		})
	}
}

func TestLevelIsAdoptedAfterTwelveHours(t *testing.T) {
	for _, by := range []float64{200, -200} {
		l := learn(t, "UTC", "2026-09-07 00:00", time.Minute)
		l.days(10, nil)
		l.days(1, func(kizashi.Time) float64 { return by })
		if want := "[moved 2026-09-17T12:00:00Z]"; fmt.Sprint(l.facts) != want {
			t.Errorf("%+.0f: %v, want %s", by, l.facts, want)
		}
		if got := float64(l.view.Expected); math.Abs(got-300-by) > 10 {
			t.Errorf("%+.0f: %.0f expected afterwards", by, got)
		}
	}
	l := learn(t, "UTC", "2026-09-07 00:00", time.Minute)
	l.days(10, nil)
	l.days(11./24, func(kizashi.Time) float64 { return 200 })
	l.days(1, nil)
	if len(l.facts) > 0 || math.Abs(float64(l.view.Expected)-300) > 10 {
		t.Errorf("11 hours are not 12: %v, %v expected", l.facts, l.view.Expected)
	}
}

func TestSlotIsLearnedAgainOnTheThirdDay(t *testing.T) {
	z := load(t, "UTC")
	l := learn(t, "UTC", "2026-09-07 00:00", time.Minute)
	l.days(10, nil)
	before := *l.s.Record()
	l.days(1.5, wall(z, 2, 2.25, 400))
	if len(l.facts) > 0 {
		t.Errorf("after two days: %v", l.facts)
	}
	l.days(1, wall(z, 2, 2.25, 400))
	if want := "[relearned 2026-09-19T03:00:00Z chosen 2026-09-19T03:00:00Z]"; fmt.Sprint(l.facts) != want {
		t.Errorf("%v, want %s", l.facts, want)
	}
	after := *l.s.Record()
	if before.Season != kizashi.NoSeason || after.Season != kizashi.Daily24 || after.Restarts != 1 || after.Since != kizashi.TimeOf(time.Date(2026, 9, 19, 3, 0, 0, 0, time.UTC)) {
		t.Errorf("season %s, then %s; %d restarts since %s", before.Season, after.Season, after.Restarts, after.Since)
	}
	if after.Calibrat || !after.Ready {
		t.Errorf("a restart ends the label calibrated: %v, ready %v", after.Calibrat, after.Ready)
	}
	// A day without it forgets the days before.
	l = learn(t, "UTC", "2026-09-07 00:00", time.Minute)
	l.days(10, nil)
	l.days(2, wall(z, 2, 2.25, 400))
	l.days(1, nil)
	l.days(2, wall(z, 2, 2.25, 400))
	if want := "[recurs 2026-09-21T03:00:00Z recurs 2026-09-21T03:00:00Z]"; fmt.Sprint(l.facts) != want {
		t.Errorf("two days, none, two days: %v, want %s", l.facts, want)
	}
}

func TestNothingCountsBeforeTwoDays(t *testing.T) {
	l := learn(t, "UTC", "2026-09-07 00:00", time.Minute)
	l.days(2, func(at kizashi.Time) float64 { return float64(at%7) * 50 })
	if l.view.Ready || l.view.Held() || l.view.Upper.Ok() || l.view.Why != kizashi.ClaimWarming {
		t.Errorf("after 48 hours: %+v", l.view)
	}
	if have, want := l.s.Warmth(); have != 47 || want != 48 {
		t.Errorf("%d of %d hours", have, want)
	}
	l.days(1./1440, nil)
	if !l.view.Ready || !l.view.Upper.Ok() {
		t.Errorf("the 49th hour: %+v", l.view)
	}
}

func TestExcludedIsNotLearned(t *testing.T) {
	for _, v := range []float64{9000, 330} { // one that a vote would hold out anyway, one that none would
		excludedIs(t, v)
	}
}

// excludedIs holds three hours of a value, which a command excludes, against three
// that never came.
func excludedIs(t *testing.T, v float64) {
	t.Helper()
	a, b := learn(t, "UTC", "2026-09-07 00:00", time.Minute), learn(t, "UTC", "2026-09-07 00:00", time.Minute)
	a.days(5, nil)
	b.days(5, nil)
	for range 180 {
		smp := kizashi.Sample{Series: 1, At: a.at, Period: time.Minute, Value: v}
		a.s.Look(&smp, &a.view, nil)
		a.s.Learn(&smp, &a.view, baseline.Excluded)
		a.at, b.at = a.at.Add(time.Minute), b.at.Add(time.Minute)
	}
	a.days(.5, nil)
	b.days(.5, nil)
	// The band's last N still hold what was excluded, so a few samples after it are held out.
	ra, rb := a.s.Record(), b.s.Record()
	if d := rb.Samples - ra.Samples; d < 0 || d > 5 {
		t.Errorf("%d samples learned where 3 hours were excluded, %d where they never came", ra.Samples, rb.Samples)
	}
	if ra.Seen == nil || rb.Seen == nil || *ra.Seen != *rb.Seen {
		t.Errorf("seen %v where 3 hours were excluded, %v where they never came", ra.Seen, rb.Seen)
	}
	for q := range ra.Slots {
		if x, y := ra.Slots[q], rb.Slots[q]; math.Abs(x.Center-y.Center) > 1e-4*y.Center || math.Abs(x.Scale-y.Scale) > .01*y.Scale || math.Abs(float64(x.Upper-y.Upper)) > 5 {
			t.Errorf("3 hours excluded\n%+v\n3 hours that never came\n%+v", x, y)
		}
	}
}

// A state that was written and read back goes on bit for bit, from any hour.
func TestDecodeGoesOnBitForBit(t *testing.T) {
	z := load(t, "America/New_York")
	add := wall(z, 2, 3, 300)
	for _, days := range []float64{0, .01, 1.3, 2, 5.7, 12} {
		l := learn(t, "America/New_York", "2026-10-19 00:00", 5*time.Minute)
		l.days(days, add)
		raw := l.s.AppendBinary(nil)
		m := *l
		m.s = newState(t, "America/New_York", 5*time.Minute)
		if rest, err := m.s.Decode(raw); err != nil || len(rest) > 0 {
			t.Fatalf("%v days: %d bytes left, %v", days, len(rest), err)
		}
		if string(m.s.AppendBinary(nil)) != string(raw) {
			t.Errorf("%v days: it does not save as the same bytes", days)
		}
		n, err := gen.NewNoise("gauss", 2, gen.Options{Period: l.period})
		if err != nil {
			t.Fatal(err)
		}
		l.noise = n
		if m.noise, err = gen.NewNoise("gauss", 2, gen.Options{Period: l.period}); err != nil {
			t.Fatal(err)
		}
		l.days(4, add)
		m.days(4, add)
		if string(m.s.AppendBinary(nil)) != string(l.s.AppendBinary(nil)) {
			t.Errorf("%v days: it goes on otherwise", days)
		}
	}
}

func TestDecodeRefusesWhatIsCut(t *testing.T) {
	l := learn(t, "UTC", "2026-09-07 00:00", 5*time.Minute)
	l.days(3, nil)
	raw := l.s.AppendBinary(nil)
	for n := range raw {
		if _, err := newState(t, "UTC", 5*time.Minute).Decode(raw[:n:n]); err == nil {
			t.Fatalf("%d of %d bytes were enough", n, len(raw))
		}
	}
}

// A checkpoint names every field that docs/method.md lists, and has the hash
// that records refer to.
func TestCheckpoints(t *testing.T) {
	l := learn(t, "UTC", "2026-09-07 00:00", time.Minute)
	l.days(22, nil)
	if len(l.checks) != 4 { // at the start, and every 7 days
		t.Fatalf("%d checkpoints in 22 days", len(l.checks))
	}
	starts := map[string]bool{}
	for _, r := range l.records {
		starts[r.Start.Hash] = true
	}
	for i, c := range l.checks {
		if want := kizashi.TimeOf(time.Date(2026, 9, 7+7*i, 0, 0, 0, 0, time.UTC)); c.At != want {
			t.Errorf("checkpoint %d at %s, want %s", i, c.At, want)
		}
		if hash, err := kizashi.HashOf(c.State); err != nil || hash != c.Hash {
			t.Errorf("checkpoint %d: hash %s, its state has %s (%v)", i, c.Hash, hash, err)
		}
		if starts[c.Hash] != (i < 3) { // the last one is referred to a week later
			t.Errorf("checkpoint %d: referred to %v", i, starts[c.Hash])
		}
	}
	var state map[string]json.RawMessage
	if err := json.Unmarshal(l.checks[3].State, &state); err != nil {
		t.Fatal(err)
	}
	for _, f := range strings.Fields("hours samples m n period gaps gap_at last_at since restarts log lattice season level day day_n week week_n error error_n " +
		"error2 error2_n pair_hours abs abs_n all_abs all_n spike_abs spike_n tails streak streak_sum streak_n held_days held_last run_mean run_n run_held " +
		"run_at run_from recent") {
		if _, ok := state[f]; !ok {
			t.Errorf("a checkpoint lacks %q", f)
		}
	}
}

func FuzzDecode(f *testing.F) {
	meta := &kizashi.Meta{Series: 1, Period: kizashi.Duration(time.Minute)}
	z, err := calendar.Load("")
	if err != nil {
		f.Fatal(err)
	}
	s := baseline.New(meta, &kizashi.Settings{}, z)
	var v baseline.View
	for i := range 200 {
		smp := kizashi.Sample{Series: 1, At: kizashi.Time(i) * 60_000, Period: time.Minute, Value: float64(i % 7)}
		s.Look(&smp, &v, nil)
		s.Learn(&smp, &v, baseline.AsJudged)
	}
	f.Add(s.AppendBinary(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := baseline.New(meta, &kizashi.Settings{}, z)
		if _, err := s.Decode(b); err != nil {
			return
		}
		var v baseline.View
		for i := range 200 { // what was accepted must be fit to go on
			smp := kizashi.Sample{Series: 1, At: kizashi.Time(i) * 3_600_00, Period: time.Minute, Value: 1}
			s.Look(&smp, &v, nil)
			s.Learn(&smp, &v, baseline.AsJudged)
		}
	})
}

// A nightly job of a quarter of an hour hardly moves the mean error, and is reason
// enough for a season of days all the same. What comes with it may come a quarter of an
// hour early or late: the quarters beside it allow for as much.
func TestANightlyJobIsAHabit(t *testing.T) {
	z := load(t, "UTC")
	l := learn(t, "UTC", "2026-09-07 00:00", time.Minute)
	l.days(6, wall(z, 2, 2.25, 60))
	if r := l.s.Record(); r.Season != kizashi.NoSeason {
		t.Errorf("after six days: %s", r.Season)
	}
	l.days(6+1.5/24, wall(z, 2, 2.25, 60)) // to 01:30
	r := *l.s.Record()
	if r.Season != kizashi.Daily24 {
		t.Fatalf("after twelve days: %s, %v", r.Season, l.facts)
	}
	center := func(s kizashi.Slot) float64 { return r.Transform.Back(s.Center) }
	if s := r.Slots[3]; math.Abs(center(s)-300) > 8 || math.Abs(r.Transform.Back(s.Most)-360) > 8 || s.Least > s.Center {
		t.Errorf("the quarter before the job: center %.0f, from %.0f to %.0f", center(s), r.Transform.Back(s.Least), r.Transform.Back(s.Most))
	}
	if s := r.Slots[1]; math.Abs(r.Transform.Back(s.Most)-300) > 8 {
		t.Errorf("two quarters before that it is %.0f", r.Transform.Back(s.Most))
	}
	l.days(1./24, wall(z, 2, 2.25, 60)) // to 02:30
	r = *l.s.Record()
	if s := r.Slots[0]; math.Abs(center(s)-360) > 8 || math.Abs(r.Transform.Back(s.Least)-300) > 8 {
		t.Errorf("the job: center %.0f, from %.0f", center(s), r.Transform.Back(s.Least))
	}
}

// Each limit follows from the tail and the share that its record states.
func TestALimitFollowsFromItsShare(t *testing.T) {
	l := learn(t, "UTC", "2026-09-07 00:00", time.Minute)
	l.days(10, nil)
	r := *l.s.Record()
	for i, x := range [...]kizashi.Tail{r.BandUp, r.BandDown, r.SpikeUp, r.SpikeDown} {
		if want := baseline.Theta(&x, time.Duration(r.R)); x.W != .25 || x.U == 0 || math.Abs(x.Theta-want) > 1e-9*want {
			t.Errorf("tail %d: share %v, theta %v, want %v", i, x.W, x.Theta, want)
		}
	}
}

// What is expected to be one to two times what is usual is judged by a band about
// that, above and below.
func TestAnExpectationMovesTheBand(t *testing.T) {
	l := learn(t, "UTC", "2026-09-07 00:00", time.Minute)
	l.days(10, nil)
	smp := kizashi.Sample{Series: 1, At: l.at, Period: time.Minute, Value: 600}
	l.s.Look(&smp, &l.view, nil)
	plain := l.view
	l.s.Look(&smp, &l.view, &kizashi.Expectation{From: l.at, To: l.at.Add(time.Hour), Low: 1, High: 2})
	if up, low := float64(l.view.Upper/plain.Upper), float64(l.view.Lower/plain.Lower); up < 1.8 || up > 2.2 || math.Abs(low-1) > .01 || l.view.Z > 1 || plain.Z < 5 {
		t.Errorf("upper %v for %v, lower %v for %v; a score of %.1f for %.1f", l.view.Upper, plain.Upper, l.view.Lower, plain.Lower, l.view.Z, plain.Z)
	}
}
