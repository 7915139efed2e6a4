package logs

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// diary is a log group whose hours are written one by one, with a store beside it.
type diary struct {
	t     *testing.T
	e     *Engine
	meta  kizashi.Meta
	at    kizashi.Time
	out   Out
	store map[kizashi.SeriesID][]kizashi.Sample
	days  func(at kizashi.Time) []string
}

var diaryBegin = kizashi.TimeOf(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))

func newDiary(t *testing.T) *diary {
	z := &diary{t: t, e: New(pattern.Config{}), at: diaryBegin, store: map[kizashi.SeriesID][]kizashi.Sample{}}
	id := kizashi.LabelsOf(map[string]string{"log_group": "/x"})
	z.meta = kizashi.Meta{Series: kizashi.IDOf("acme", id), Tenant: "acme", Identity: id, Labels: id}
	if err := z.e.Declare(kizashi.Declaration{Meta: z.meta}); err != nil {
		t.Fatal(err)
	}
	z.e.UsePast(func(id kizashi.SeriesID, from, to kizashi.Time) (out []kizashi.Sample, err error) {
		for _, s := range z.store[id] {
			if s.At >= from && s.At < to {
				out = append(out, s)
			}
		}
		return out, nil
	})
	return z
}

func (z *diary) about(kizashi.SeriesID, kizashi.Time) (kizashi.Proof, error) {
	p := kizashi.Proof{Meta: z.meta, Settings: kizashi.Settings{R: kizashi.Duration(7 * 24 * time.Hour)}}
	if z.days != nil {
		p.Days = z.days(z.at)
	}
	return p, nil
}

// hours writes so many hours with so many orders a minute.
func (z *diary) hours(n, perMinute int) {
	z.t.Helper()
	for range n {
		var ls []kizashi.Line
		for m := range 60 {
			for k := range perMinute {
				ls = append(ls, kizashi.Line{Series: z.meta.Series, At: z.at.Add(time.Duration(m) * time.Minute), Text: fmt.Sprintf("INFO order %d accepted in %d ms", m*7919+k, 20+m%17)})
			}
		}
		if _, err := z.e.Take(ls); err != nil {
			z.t.Fatal(err)
		}
		z.out.Reset()
		z.at = z.at.Add(time.Hour)
		if err := z.e.Close(z.meta.Series, z.at, z.about, &z.out); err != nil {
			z.t.Fatal(err)
		}
		for _, s := range z.out.Counts {
			z.store[s.Series] = append(z.store[s.Series], s)
		}
	}
}

// usual is how many lines of all are usual in the hour of the week of an instant.
func (z *diary) usual(at kizashi.Time) float64 {
	g := z.e.groups[z.meta.Series]
	return g.whole.usual.hourly(hourOfWeek(int64(at), time.UTC), &g.seen)
}

// said counts the notes of the last hour that say what a person's word changed.
func (z *diary) said() (notes, changed int) {
	for _, n := range z.out.Notes {
		if n.Fact.Claim == kizashi.ClaimLogSaid {
			notes, changed = notes+1, changed+n.Fact.Count
		}
	}
	return notes, changed
}

// exclude says that a stretch is not to be learned, and writes an hour as usual.
func (z *diary) exclude(act string, from, to kizashi.Time) {
	z.e.Command(kizashi.Command{Op: kizashi.Exclude, At: z.at, From: from, To: to, Reason: "test", Act: act})
	z.hours(1, 2)
}

func (z *diary) feedback(act string, as kizashi.Said, from, to kizashi.Time) {
	z.e.Command(kizashi.Command{Op: kizashi.Feedback, Alert: "a", Series: z.meta.Series, As: as, At: z.at, From: from, To: to, Act: act})
	z.hours(1, 2)
}

func (z *diary) undo(act string) {
	z.e.Command(kizashi.Command{Op: kizashi.Revoke, At: z.at, Act: act})
	z.hours(1, 2)
}

func (z *diary) wants(what string, at kizashi.Time, want float64) {
	z.t.Helper()
	if got := z.usual(at); math.Abs(got-want) > .01*want {
		z.t.Errorf("%s: %.1f lines are usual, want %.1f", what, got, want)
	}
}

func TestAnOutageThatIsExcludedGaveNothing(t *testing.T) {
	z := newDiary(t)
	z.hours(10*24, 2)
	from := z.at
	z.at = z.at.Add(12 * time.Hour)
	z.e.Unseen(z.meta.Series, z.at)
	z.hours(24, 2)
	z.exclude("1", from, from.Add(12*time.Hour))
	z.wants("12 hours that could not be read, excluded", from.Add(3*time.Hour), 120)
}

func TestWhatWasBeforeAnotherLevelIsNotTakenFromIt(t *testing.T) {
	z := newDiary(t)
	z.hours(5*24, 6)
	z.hours(9*24, 2)
	for i := range 3 {
		z.exclude(fmt.Sprint(i), diaryBegin, diaryBegin.Add(4*24*time.Hour))
		z.wants("the days before a level was adopted, excluded", diaryBegin.Add(7*time.Hour), 120)
	}
}

func TestASpecialDayLongAgoIsNoOrdinaryOne(t *testing.T) {
	z := newDiary(t)
	z.days = func(at kizashi.Time) (out []string) {
		for d := range 15 {
			kind := ""
			if int(at.Sub(diaryBegin)/(24*time.Hour))-d == 14 {
				kind = "sale"
			}
			out = append(out, kind)
		}
		return out
	}
	z.hours(14*24, 2)
	from := z.at
	z.hours(24, 4)
	z.hours(20*24, 2)
	z.exclude("1", from, from.Add(24*time.Hour))
	z.wants("a day of a sale three weeks ago, excluded", from.Add(13*time.Hour), 120)
}

func TestTakingAWordBackRestoresWhatWas(t *testing.T) {
	// A storm that was kept out when it came: what a person says of it changes nothing.
	z := newDiary(t)
	z.hours(15*24, 2)
	from := z.at
	z.hours(1, 12)
	z.hours(1, 2)
	z.feedback("1", kizashi.SaidTrue, from, from.Add(time.Hour))
	z.wants("true", from, 120)
	z.undo("1")
	z.wants("true, taken back", from, 120)

	// Called no matter it comes in, and goes out again with the word.
	z.feedback("2", kizashi.SaidFalse, from, from.Add(time.Hour))
	if z.usual(from) < 200 {
		t.Errorf("false: %.1f lines are usual, want more than 200", z.usual(from))
	}
	z.undo("2")
	z.wants("false, taken back", from, 120)

	// What was learned as it came stays as it was learned.
	z = newDiary(t)
	z.hours(38, 2)
	from = z.at
	z.hours(1, 10)
	z.hours(1, 2)
	was := z.usual(from)
	z.feedback("1", kizashi.SaidFalse, from, from.Add(time.Hour))
	z.undo("1")
	z.wants("false of what was learned, taken back", from, was)

	// One of two exclusions of the same hours is taken back, then the other.
	z.exclude("2", from, from.Add(time.Hour))
	z.exclude("3", from, from.Add(time.Hour))
	z.wants("excluded twice", from, 120)
	z.undo("2")
	z.wants("one of two exclusions taken back", from, 120)
	z.undo("3")
	if got := z.usual(from); got < 200 {
		t.Errorf("both taken back: %.1f lines are usual, want more than 200", got)
	}
}

func TestAWordOnTheHourInHand(t *testing.T) {
	z := newDiary(t)
	z.hours(38, 2)
	from := z.at
	z.e.Command(kizashi.Command{Op: kizashi.Exclude, At: from.Add(50 * time.Minute), From: from, To: from.Add(50 * time.Minute), Reason: "load test", Act: "1"})
	z.hours(1, 20)
	if n, changed := z.said(); n != 1 || changed == 0 {
		t.Errorf("%d notes, %d hours changed", n, changed)
	}
	z.hours(2, 2)
	z.wants("fifty minutes of the hour in hand, excluded", from, 120)

	// From now on: nothing of what came is meant, and nothing is said of it.
	at := z.at.Add(20*time.Minute + 13*time.Second)
	z.e.Command(kizashi.Command{Op: kizashi.Exclude, At: at, From: at, To: at.Add(3 * time.Hour), Reason: "patches", Act: "2"})
	z.hours(1, 2)
	if n, _ := z.said(); n != 0 {
		t.Errorf("%d notes on an exclusion from now on", n)
	}
}

// A key whose series another one takes is not among those that had lines in the last minute.
func TestTheStateComesBackAfterASeriesWasYielded(t *testing.T) {
	z := newDiary(t)
	z.hours(24, 2)
	g := z.e.groups[z.meta.Series]
	for _, k := range g.before {
		if k.name.what == byPattern {
			g.yield(k.name.pattern)
			break
		}
	}
	b, err := z.e.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := New(pattern.Config{}).Decode(b); err != nil {
		t.Error(err)
	}
}
