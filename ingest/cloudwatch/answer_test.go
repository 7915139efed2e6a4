package cloudwatch

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
)

func result(label string, minute int) *types.MetricDataResult {
	return &types.MetricDataResult{Id: aws.String("m0"), Label: aws.String(label), StatusCode: types.StatusCodeComplete,
		Timestamps: []time.Time{time.Unix(int64(minute)*60, 0)}, Values: []float64{1}}
}

// Two series of one expression have one id: in one page, or with two labels on
// two. One series may go on over pages.
func TestAnExpressionReturnsOneSeries(t *testing.T) {
	type page struct {
		label string
		page  int
	}
	for _, c := range []struct {
		pages []page
		fault bool
	}{
		{[]page{{"rate", 1}, {"rate", 2}}, false},
		{[]page{{"rate", 1}, {"rate", 1}}, true},
		{[]page{{"rate a", 1}, {"rate b", 2}}, true},
	} {
		a := &ask{s: &series{queries: []types.MetricDataQuery{{Expression: aws.String("[a, b]")}}}, step: time.Minute}
		for i, p := range c.pages {
			a.add(result(p.label, i), p.page)
		}
		if got := a.why == severalSeries; got != c.fault {
			t.Errorf("%v: several series %t, want %t", c.pages, got, c.fault)
		}
	}
}

// METRICS() means the expression's own metrics, not those that share the call.
func TestMetricsIsSpelledOut(t *testing.T) {
	e := Expression{Metrics: map[string]Declared{"errors_a": {}, "errors_b": {}, "requests": {}}}
	for in, want := range map[string]string{
		"SUM(METRICS())":                    "SUM([errors_a, errors_b, requests])",
		`SUM(METRICS("errors")) / requests`: "SUM([errors_a, errors_b]) / requests",
		"MAX(METRICS( ))":                   "MAX([errors_a, errors_b, requests])",
	} {
		if e.Expression = in; e.spelled() != want {
			t.Errorf("%s: %s, want %s", in, e.spelled(), want)
		}
	}
}

// Queries share calls as long as their windows allow.
func TestFit(t *testing.T) {
	day := kizashi.TimeOf(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC))
	one := &series{queries: make([]types.MetricDataQuery, 1)}
	three := &series{queries: make([]types.MetricDataQuery, 3)}
	asks := func(n int, s *series, from, to time.Duration, step time.Duration) (out []*ask) {
		for range n {
			out = append(out, &ask{s: s, from: day.Add(from), to: day.Add(to), step: step})
		}
		return out
	}
	for _, c := range []struct {
		name     string
		asks     []*ask
		n        int
		from, to time.Duration
	}{
		{"queries", asks(600, one, 0, time.Minute, time.Minute), 500, 0, time.Minute},
		{"expressions stay whole", asks(200, three, 0, time.Minute, time.Minute), 166, 0, time.Minute},
		{"points", asks(500, one, 0, 24*time.Hour, time.Minute), 70, 0, 24 * time.Hour},
		{"one alone always fits", asks(2, one, 0, 100*24*time.Hour, time.Minute), 1, 0, 100 * 24 * time.Hour},
		{"the window of both, on both grids", append(asks(1, one, 7*time.Minute, 8*time.Minute, time.Minute), asks(1, one, 5*time.Minute, 10*time.Minute, 5*time.Minute)...), 2, 5 * time.Minute, 10 * time.Minute},
		{"a day and minutes do not", append(asks(300, one, 0, time.Minute, time.Minute), asks(1, one, 0, 24*time.Hour, 24*time.Hour)...), 300, 0, time.Minute},
	} {
		n, from, to := fit(c.asks)
		if n != c.n || from != day.Add(c.from) || to != day.Add(c.to) {
			t.Errorf("%s: %d in [%s, %s), want %d in [%s, %s)", c.name, n, from, to, c.n, day.Add(c.from), day.Add(c.to))
		}
	}
}

// A position says Until and count, and grows with them.
func FuzzPos(f *testing.F) {
	f.Add(int64(0), uint64(0), int64(1))
	f.Add(int64(1_800_000_000), uint64(position.Last), int64(60))
	f.Fuzz(func(t *testing.T, sec int64, seq uint64, more int64) {
		if sec < 0 || sec >= 1<<33 || more <= 0 || more >= 1<<33 || seq > position.Last {
			t.Skip()
		}
		until := kizashi.Time(sec) * 1000
		pos := position.Of(until, seq)
		if u, n := position.Until(pos); u != until || n != seq {
			t.Fatalf("%s, %d came back as %s, %d", until, seq, u, n)
		}
		if pos >= 1<<54 || position.Of(until.Add(time.Duration(more)*time.Second), 0) <= pos {
			t.Fatalf("%s, %d: Pos %d", until, seq, pos)
		}
		c := position.Resume(kizashi.Partition{}, pos)
		if next := c.Advance(until); seq < position.Last-1 && next != pos+1 {
			t.Fatalf("after Pos %d comes %d", pos, next)
		}
	})
}
