package pipeline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// withPast is the account with a coarse history of twenty weeks: its own
// second week, over and over. It informs the baselines from the twelfth day
// on, and is excluded for a day of its own.
func withPast() input {
	in := account()
	a := gen.NewAccount(3)
	in.informed = a.From.Add(12 * 24 * time.Hour)
	in.coarse = map[kizashi.Partition][]gen.Stream{}
	for p, streams := range in.streams {
		q := p
		q.Backfill, q.Period = kizashi.BackfillCoarse, time.Hour
		for _, s := range streams {
			in.coarse[q] = append(in.coarse[q], gen.Stream{Meta: s.Meta, Samples: pastOf(s, a.From)})
		}
	}
	return in
}

// pastOf makes hour averages of a stream's second week, for twenty weeks
// before its first.
func pastOf(s gen.Stream, from kizashi.Time) (out []kizashi.Sample) {
	const hours = 7 * 24
	var sum, n [hours]float64
	for _, v := range s.Samples {
		if h := int(v.At.Sub(from) / time.Hour); h >= hours && h < 2*hours {
			sum[h-hours] += v.Value
			n[h-hours]++
		}
	}
	for h := range 20 * hours {
		if k := h % hours; n[k] > 0 {
			at := from.Add(time.Duration(h-20*hours) * time.Hour)
			wobble := 1 + .01*float64(h*7919%11-5)
			out = append(out, kizashi.Sample{Series: s.Meta.Series, At: at, Period: time.Hour, Value: sum[k] / n[k] * wobble})
		}
	}
	return out
}

// past are the batches of the coarse histories, cut as the way has it, with
// the roster entry that says that they are whole.
func (in *input) past(t *testing.T, w way) (out []kizashi.Batch) {
	t.Helper()
	for _, p := range in.parts {
		q := p
		q.Backfill, q.Period = kizashi.BackfillCoarse, time.Hour
		if in.coarse[q] == nil {
			continue
		}
		bs, err := gen.Batches(q, in.coarse[q], w.cut())
		if err != nil {
			t.Fatal(err)
		}
		last := &bs[len(bs)-1]
		last.Roster = append(last.Roster, kizashi.RosterEntry{Op: kizashi.Inform, Partition: q, At: in.informed, To: p})
		out = append(out, bs...)
	}
	return out
}

func told(groups map[string]string, claim string) bool {
	for _, text := range groups {
		if strings.Contains(text, `"claim":"`+claim+`"`) {
			return true
		}
	}
	return false
}

// A coarse history is stored and not judged, no tick waits for it, and it
// makes no series a member of a group.
func TestCoarseHistoryGatesNothing(t *testing.T) {
	mem := pipeline.NewMemory()
	p, err := pipeline.New(pipeline.Config{}, models.All(), mem)
	if err != nil {
		t.Fatal(err)
	}
	in := account()
	main := in.parts[0]
	s := in.streams[main][0]
	coarse := main
	coarse.Backfill, coarse.Period = "coarse-1h", time.Hour
	from := s.Samples[0].At
	join := func(p kizashi.Partition) []kizashi.RosterEntry {
		return []kizashi.RosterEntry{{Op: kizashi.Join, Partition: p, At: from}}
	}
	past := pastOf(s, from)
	var r pipeline.Result
	step := func(b kizashi.Batch) *pipeline.Result {
		t.Helper()
		if err := p.Step(b, &r); err != nil {
			t.Fatal(err)
		}
		if err := mem.Keep(&r); err != nil {
			t.Fatal(err)
		}
		return &r
	}
	step(kizashi.Batch{Partition: main, Pos: 1, Until: from, Roster: join(main), Declare: []kizashi.Declaration{{From: from, Meta: s.Meta}}})
	got := step(kizashi.Batch{Partition: coarse, Pos: 1, Until: past[9].End(), Roster: join(coarse), Declare: []kizashi.Declaration{{From: past[0].At, Meta: s.Meta}}, Samples: past[:10]})
	if len(got.Coarse) != 10 || len(got.Judgements) != 0 || len(got.Declared) != 0 {
		t.Errorf("%d points, %d judgements, %d declarations; want 10 points alone", len(got.Coarse), len(got.Judgements), len(got.Declared))
	}
	until := from.Add(time.Hour)
	if got = step(kizashi.Batch{Partition: main, Pos: 2, Until: until, Samples: s.Samples[:60]}); got.Ran != until {
		t.Errorf("ticks ran up to %s, want %s: they waited for the coarse history", got.Ran, until)
	}
	if vs, err := mem.Samples(s.Meta.Series, kizashi.Never, kizashi.Forever); err != nil || len(vs) != 60 {
		t.Errorf("%d judged samples are kept, want 60: %v", len(vs), err)
	}
	out := step(kizashi.Batch{Partition: coarse, Pos: 2, Until: past[9].End(), Status: &kizashi.Status{From: past[9].End(), Through: until.Add(24 * time.Hour),
		Cause: kizashi.Cause{Kind: kizashi.NoRegion}, Reason: "timeout"}})
	if len(out.Alerts) != 1 || out.Alerts[0].Series == s.Meta.Series {
		t.Errorf("alerts %+v, want that Kizashi is blind", out.Alerts)
	}
	if got = step(kizashi.Batch{Partition: main, Pos: 3, Until: until.Add(time.Minute), Samples: s.Samples[60:61]}); got.Ran != until.Add(time.Minute) {
		t.Errorf("ticks ran up to %s while the coarse history could not be read", got.Ran)
	}
	if vs, err := mem.Coarse(s.Meta.Series, past[2].At, past[5].At); err != nil || len(vs) != 3 || vs[0] != past[2] {
		t.Errorf("coarse history %v, %v", vs, err)
	}
	step(kizashi.Batch{Partition: coarse, Pos: 3, Until: past[9].End(), Roster: []kizashi.RosterEntry{{Op: kizashi.Inform, Partition: coarse, At: until}}})
	saved, err := p.Save()
	if err != nil {
		t.Fatal(err)
	}
	if head, _, _ := strings.Cut(string(saved), "\n"); strings.Contains(head, `"coarse":[`) {
		t.Error("the state lists the series of a history that has informed them")
	}
}
