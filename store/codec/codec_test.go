package codec

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"pgregory.net/rapid"
)

// anyString makes text of any bytes, valid UTF-8 or not.
var anyString = rapid.Custom(func(t *rapid.T) string {
	return string(rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "text"))
})

var anyTime = rapid.Custom(func(t *rapid.T) kizashi.Time {
	return rapid.OneOf(
		rapid.Just(kizashi.Never), rapid.Just(kizashi.Forever),
		rapid.Map(rapid.Int64(), func(v int64) kizashi.Time { return kizashi.Time(v) }),
	).Draw(t, "time")
})

var anySpan = rapid.Map(rapid.Int64(), func(v int64) time.Duration { return time.Duration(v) })

var anyID = rapid.Map(rapid.Uint64Range(0, 5), func(v uint64) kizashi.SeriesID { return kizashi.SeriesID(v * 0x9e3779b97f4a7c15) })

var anyPartition = rapid.Custom(func(t *rapid.T) kizashi.Partition {
	s := func(what string) string { return anyString.Draw(t, what) }
	return kizashi.Partition{Tenant: s("tenant"), Account: s("account"), Region: s("region"), Kind: kizashi.Kind(s("kind")),
		Period: anySpan.Draw(t, "period"), Settle: anySpan.Draw(t, "settle"), Poll: anySpan.Draw(t, "poll"), Source: s("source"), Backfill: s("backfill")}
})

var anyLabels = rapid.Custom(func(t *rapid.T) kizashi.Labels {
	var ls kizashi.Labels
	for range rapid.IntRange(0, 3).Draw(t, "labels") {
		ls = append(ls, kizashi.Label{Name: anyString.Draw(t, "name"), Value: anyString.Draw(t, "value")})
	}
	return ls
})

var anyDeclaration = rapid.Custom(func(t *rapid.T) kizashi.Declaration {
	s := func(what string) string { return anyString.Draw(t, what) }
	return kizashi.Declaration{From: anyTime.Draw(t, "from"), Meta: kizashi.Meta{
		Series: anyID.Draw(t, "series"), Tenant: s("tenant"), Identity: anyLabels.Draw(t, "identity"), Labels: anyLabels.Draw(t, "labels"),
		Group: s("group"), Unit: s("unit"), Statistic: s("statistic"), Period: kizashi.Duration(anySpan.Draw(t, "period")),
		Settle: kizashi.Duration(anySpan.Draw(t, "settle")), Lower: kizashi.Num(rapid.Float64().Draw(t, "lower")),
		Upper: kizashi.Num(rapid.Float64().Draw(t, "upper")), Zone: s("zone"), Hints: anyHints.Draw(t, "hints"),
	}, Like: anyID.Draw(t, "like"), Ended: kizashi.Ending(s("ended"))}
})

var anySide = rapid.SampledFrom([]kizashi.Side{kizashi.Both, kizashi.Up, kizashi.Down})

var anyHints = rapid.Custom(func(t *rapid.T) kizashi.Hints {
	return kizashi.Hints{Class: anyString.Draw(t, "class"), Direction: anySide.Draw(t, "direction"), Sparse: rapid.Bool().Draw(t, "sparse"),
		Guards: some(t, anyLimit, 2, "guards"), Forecast: anyAhead.Draw(t, "forecast")}
})

var anyAhead = rapid.Custom(func(t *rapid.T) *kizashi.Ahead {
	if rapid.Bool().Draw(t, "none ahead") {
		return nil
	}
	return &kizashi.Ahead{Side: anySide.Draw(t, "side"), Value: rapid.Float64().Draw(t, "value"), Within: kizashi.Duration(anySpan.Draw(t, "within")),
		Lead: kizashi.Duration(anySpan.Draw(t, "lead")), Note: anyString.Draw(t, "note")}
})

var anyLimit = rapid.Custom(func(t *rapid.T) kizashi.Limit {
	return kizashi.Limit{Side: anySide.Draw(t, "side"), Value: rapid.Float64().Draw(t, "value"), Equal: rapid.Bool().Draw(t, "equal"),
		M: rapid.Int().Draw(t, "m"), N: rapid.Int().Draw(t, "n"), Note: anyString.Draw(t, "note")}
})

var anyRevision = rapid.Custom(func(t *rapid.T) kizashi.Revision {
	return kizashi.Revision{Series: anyID.Draw(t, "series"), At: anyTime.Draw(t, "at"), Period: anySpan.Draw(t, "period"),
		Old: kizashi.Num(rapid.OneOf(rapid.Float64(), rapid.Just(math.NaN())).Draw(t, "old")), New: rapid.Float64().Draw(t, "new"), Seen: anyTime.Draw(t, "seen")}
})

var anySample = rapid.Custom(func(t *rapid.T) kizashi.Sample {
	return kizashi.Sample{
		Series: anyID.Draw(t, "series"),
		At:     rapid.OneOf(anyTime, rapid.Map(rapid.Int64Range(0, 9), func(v int64) kizashi.Time { return kizashi.Time(v * 60_000) })).Draw(t, "at"),
		Period: rapid.OneOf(anySpan, rapid.Just(time.Minute)).Draw(t, "period"),
		Value: rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, -3, 1 << 48, -1 << 48, 1<<48 - 1, math.MaxFloat64}),
			rapid.Map(rapid.IntRange(-9, 9), func(v int) float64 { return float64(v) })).Draw(t, "value"),
		Late: rapid.Bool().Draw(t, "late"),
	}
})

var anyLine = rapid.Custom(func(t *rapid.T) kizashi.Line {
	return kizashi.Line{Series: anyID.Draw(t, "series"), At: anyTime.Draw(t, "at"), Ingested: anyTime.Draw(t, "ingested"),
		ID: anyString.Draw(t, "id"), Stream: rapid.OneOf(anyString, rapid.Just("web-1")).Draw(t, "stream"), Text: anyString.Draw(t, "text"),
		Rows: rapid.OneOf(rapid.Just(0), rapid.Int()).Draw(t, "rows"), Late: rapid.Bool().Draw(t, "late")}
})

var anyMatcher = rapid.Custom(func(t *rapid.T) kizashi.Matcher {
	m, err := kizashi.NewMatcher(anyString.Draw(t, "name"), rapid.SampledFrom([]string{"=", "!=", "=~", "!~"}).Draw(t, "op"),
		rapid.StringMatching(`[a-z.*|]{0,4}`).Filter(func(s string) bool {
			_, err := kizashi.NewMatcher("n", "=~", s)
			return err == nil
		}).Draw(t, "value"))
	if err != nil {
		t.Fatal(err)
	}
	return m
})

var anyCommand = rapid.Custom(func(t *rapid.T) kizashi.Command {
	s := func(what string) string { return anyString.Draw(t, what) }
	c := kizashi.Command{Op: kizashi.Op(s("op")), Tenant: s("tenant"), At: anyTime.Draw(t, "at"), From: anyTime.Draw(t, "from"), To: anyTime.Draw(t, "to"),
		Value: rapid.Float64().Draw(t, "value"), Alert: s("alert"), Reason: s("reason"), Author: s("author"), Act: s("act"),
		Low: rapid.Float64().Draw(t, "low"), High: rapid.Float64().Draw(t, "high"), As: kizashi.Said(s("as")), Series: kizashi.SeriesID(rapid.Uint64().Draw(t, "series"))}
	if n := rapid.IntRange(0, 2).Draw(t, "matchers"); n > 0 {
		c.Match = rapid.SliceOfN(anyMatcher, n, n).Draw(t, "match")
	}
	if body := s("body"); body != "" {
		c.Body = []byte(body)
	}
	return c
})

var anyRoster = rapid.Custom(func(t *rapid.T) kizashi.RosterEntry {
	return kizashi.RosterEntry{Op: kizashi.RosterOp(anyString.Draw(t, "op")), Partition: anyPartition.Draw(t, "partition"),
		At: anyTime.Draw(t, "at"), To: anyPartition.Draw(t, "to")}
})

// some makes a list of up to most items, nil where there are none.
func some[T any](t *rapid.T, g *rapid.Generator[T], most int, what string) []T {
	n := rapid.IntRange(0, most).Draw(t, what)
	if n == 0 {
		return nil
	}
	return rapid.SliceOfN(g, n, n).Draw(t, what)
}

var anyBatch = rapid.Custom(func(t *rapid.T) kizashi.Batch {
	b := kizashi.Batch{Partition: anyPartition.Draw(t, "partition"), Pos: rapid.Uint64().Draw(t, "pos"), Until: anyTime.Draw(t, "until"),
		Roster: some(t, anyRoster, 2, "roster"), Declare: some(t, anyDeclaration, 3, "declare"), Samples: some(t, anySample, 20, "samples"),
		Revised: some(t, anyRevision, 3, "revised"), Lines: some(t, anyLine, 5, "lines"), Commands: some(t, anyCommand, 2, "commands")}
	if rapid.Bool().Draw(t, "out") {
		b.Status = &kizashi.Status{From: anyTime.Draw(t, "out from"), Through: anyTime.Draw(t, "through"),
			Cause:  kizashi.Cause{Kind: kizashi.CauseKind(anyString.Draw(t, "cause")), Name: anyString.Draw(t, "what")},
			Reason: anyString.Draw(t, "reason"), Resources: anyString.Draw(t, "resources")}
	}
	return b
})

// equal compares bit for bit: NaN bounds are equal, 0 and -0 are not.
func equal(t interface{ Fatalf(string, ...any) }, got, want kizashi.Batch) {
	one, err := Append(nil, &got)
	if err != nil {
		t.Fatalf("encode what came back: %v", err)
	}
	two, err := Append(nil, &want)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	if !bytes.Equal(one, two) {
		t.Fatalf("the encoding of what came back differs:\n got %+v\nwant %+v", got, want)
	}
	for _, b := range []*kizashi.Batch{&got, &want} { // NaN is no equal of itself
		for i := range b.Revised {
			b.Revised[i].Old = 0
		}
		for i := range b.Declare {
			m := &b.Declare[i].Meta
			m.Lower, m.Upper = 0, 0
			for k := range m.Hints.Guards {
				m.Hints.Guards[k].Value = 0
			}
			if m.Hints.Forecast != nil {
				m.Hints.Forecast.Value = 0
			}
		}
		for i := range b.Commands {
			b.Commands[i].Value = 0
			b.Commands[i].Match = nil // holds a compiled expression; the bytes above compare it
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("what came back differs:\n got %+v\nwant %+v", got, want)
	}
}

func TestEveryBatchComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyBatch.Draw(t, "batch")
		p, err := Append([]byte("before"), &want)
		if err != nil {
			t.Fatalf("encode: %v", err)
		}
		p = bytes.TrimPrefix(p, []byte("before"))
		part, pos, err := Head(p)
		if err != nil || part != want.Partition || pos != want.Pos {
			t.Fatalf("head: %v %d, %v", part, pos, err)
		}
		got, err := Decode(p)
		if err != nil {
			t.Fatalf("decode: %v", err)
		}
		equal(t, got, want)
	})
}

func TestCutOrLengthenedBatchIsAnError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyBatch.Draw(t, "batch")
		p, err := Append(nil, &b)
		if err != nil {
			t.Fatal(err)
		}
		for n := range p {
			if _, err := Decode(p[:n]); err == nil {
				t.Fatalf("cut at %d of %d: accepted", n, len(p))
			}
		}
		if _, err := Decode(append(p, 0)); err == nil {
			t.Fatalf("a byte more: accepted")
		}
	})
}

func TestNotFiniteIsRefused(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		dst := []byte("kept")
		p, err := Append(dst, &kizashi.Batch{Samples: []kizashi.Sample{{Value: 1}, {Series: 7, Value: v}}})
		if err == nil || string(p) != "kept" {
			t.Errorf("%v: %q, %v", v, p, err)
		}
		p, err = Append(dst, &kizashi.Batch{Revised: []kizashi.Revision{{Series: 7, New: v}}})
		if err == nil || string(p) != "kept" {
			t.Errorf("revised to %v: %q, %v", v, p, err)
		}
	}
}

func TestNewerVersionIsToldApart(t *testing.T) {
	p, err := Append(nil, &kizashi.Batch{})
	if err != nil {
		t.Fatal(err)
	}
	p[0] = Version + 1
	if _, err := Decode(p); !errors.Is(err, ErrNewer) {
		t.Errorf("decode: %v", err)
	}
	if _, _, err := Head(p); !errors.Is(err, ErrNewer) {
		t.Errorf("head: %v", err)
	}
}

// A minute of a thousand whole values must stay small: it is written for
// each of them, for good.
func TestBatchesAreSmall(t *testing.T) {
	b := kizashi.Batch{Partition: kizashi.Partition{Tenant: "acme", Kind: kizashi.Metrics}}
	for i := range 1000 {
		b.Samples = append(b.Samples, kizashi.Sample{Series: kizashi.SeriesID(i), At: 1_790_000_000_000, Period: time.Minute, Value: float64(i % 100)})
	}
	p, err := Append(nil, &b)
	if err != nil || len(p) > 11_500 {
		t.Errorf("%d bytes for 1,000 samples of 1,000 series (8 each are their names), %v", len(p), err)
	}
}

func TestPositionsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.MapOfN(anyPartition, rapid.Uint64(), 0, 4).Draw(t, "positions")
		p := AppendPositions(nil, want)
		got, err := DecodePositions(p)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, %v; want %v", got, err, want)
		}
		if again := AppendPositions(nil, got); !bytes.Equal(again, p) {
			t.Fatalf("equal positions, different bytes")
		}
		for n := range p {
			if _, err := DecodePositions(p[:n]); err == nil {
				t.Fatalf("cut at %d: accepted", n)
			}
		}
	})
}

// FuzzDecode: no bytes make a panic, and whatever is accepted is written and
// read again the same.
func FuzzDecode(f *testing.F) {
	for _, b := range []kizashi.Batch{
		{},
		{Partition: kizashi.Partition{Tenant: "acme", Kind: kizashi.Metrics, Period: time.Minute}, Pos: 7, Until: kizashi.Forever,
			Samples: []kizashi.Sample{{Series: 1, At: 60_000, Period: time.Minute, Value: 1.5}, {Series: 2, At: 60_000, Period: time.Minute, Value: 3, Late: true}}},
		{Revised: []kizashi.Revision{{Series: 3, At: 60_000, Old: kizashi.None(), New: 7}},
			Declare: []kizashi.Declaration{{Like: 3, Ended: kizashi.Terminated, Meta: kizashi.Meta{Series: 4,
				Hints: kizashi.Hints{Class: "act", Direction: kizashi.Down, Sparse: true, Guards: []kizashi.Limit{{Side: kizashi.Up, Value: 9, M: 1, N: 1}}}}}}},
		{Status: &kizashi.Status{Reason: "denied", Cause: kizashi.Cause{Kind: kizashi.NoPermission, Name: "cloudwatch:GetMetricData"}}, Lines: []kizashi.Line{{Series: 9, Text: "log"}},
			Commands: []kizashi.Command{{Op: kizashi.Reload, Body: []byte("{}")}}, Declare: []kizashi.Declaration{{Meta: kizashi.Meta{Series: 3}}},
			Roster: []kizashi.RosterEntry{{Op: kizashi.Join}}},
	} {
		p, err := Append(nil, &b)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		b, err := Decode(p)
		if err != nil {
			return
		}
		q, err := Append(nil, &b)
		if err != nil {
			t.Fatalf("accepted, but cannot be written: %v", err)
		}
		c, err := Decode(q)
		if err != nil {
			t.Fatalf("written, but cannot be read: %v", err)
		}
		equal(t, c, b)
	})
}

// Lines as a journal has them that was written before lines had a stream, rows
// and lateness: a batch of two, byte by byte.
func TestLinesOfAnOlderJournal(t *testing.T) {
	p, err := Append(nil, &kizashi.Batch{Partition: kizashi.Partition{Tenant: "acme", Kind: kizashi.Logs}, Pos: 7, Until: 60_000})
	if err != nil {
		t.Fatal(err)
	}
	// table of one · no samples · two lines · no revisions, status and commands
	head, old := p[:len(p)-6], []byte{1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, seriesNext, 20, 4, 1, 'a', 2, 'h', 'i', seriesSame, 2, 0, 1, 'b', 3, 'y', 'o', 'u', 0, 0, 0}
	got, err := Decode(append(head[:len(head):len(head)], old...))
	if err != nil {
		t.Fatal(err)
	}
	want := []kizashi.Line{{Series: 9, At: 10, Ingested: 12, ID: "a", Text: "hi"}, {Series: 9, At: 11, Ingested: 11, ID: "b", Text: "you"}}
	if !reflect.DeepEqual(got.Lines, want) {
		t.Errorf("%+v, want %+v", got.Lines, want)
	}
}
