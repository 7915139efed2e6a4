package logs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
	"github.com/kizashi-ops/kizashi/logs"
)

// BenchmarkLine counts and judges a generated log group, a million lines an hour at
// noon, in batches of a minute.
func BenchmarkLine(b *testing.B) {
	g := gen.NewLogGroup("shop", 1, 1e6)
	var minutes [][]kizashi.Line
	at := gen.LogStart.Add(3 * time.Hour)
	for n := range 20 {
		ls := g.Minute(at.Add(time.Duration(n) * time.Minute))
		for i := range ls {
			ls[i].Series = 7
		}
		minutes = append(minutes, ls)
	}
	meta := kizashi.Meta{Series: 7}
	about := func(kizashi.SeriesID, kizashi.Time) (kizashi.Proof, error) {
		return kizashi.Proof{Meta: meta, Settings: kizashi.Settings{R: kizashi.Duration(7 * 24 * time.Hour)}}, nil
	}
	e := logs.New(pattern.Config{})
	if err := e.Declare(kizashi.Declaration{Meta: meta}); err != nil {
		b.Fatal(err)
	}
	var out logs.Out
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; {
		for _, ls := range minutes {
			for i := range ls {
				ls[i].At = at + ls[i].At%60000
			}
			at = at.Add(time.Minute)
			out.Reset()
			if _, err := e.Take(ls); err != nil {
				b.Fatal(err)
			}
			if err := e.Close(7, at, about, &out); err != nil {
				b.Fatal(err)
			}
			if n += len(ls); n >= b.N {
				return
			}
		}
	}
}

// BenchmarkBusyMinute takes lines of one minute in small batches, after each of which
// it is asked whether a minute is over: what a line takes does not grow with how many
// wait.
func BenchmarkBusyMinute(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("%d lines", n), func(b *testing.B) {
			meta := kizashi.Meta{Series: 7}
			about := func(kizashi.SeriesID, kizashi.Time) (kizashi.Proof, error) {
				return kizashi.Proof{Meta: meta, Settings: kizashi.Settings{R: kizashi.Duration(7 * 24 * time.Hour)}}, nil
			}
			e := logs.New(pattern.Config{})
			if err := e.Declare(kizashi.Declaration{Meta: meta}); err != nil {
				b.Fatal(err)
			}
			at, batch := gen.LogStart, make([]kizashi.Line, 100)
			var out logs.Out
			for b.Loop() {
				for i := range batch {
					batch[i] = kizashi.Line{Series: 7, At: at, Text: "INFO order 17 placed"}
				}
				for range n / len(batch) {
					if _, err := e.Take(batch); err != nil {
						b.Fatal(err)
					}
					if err := e.Close(7, at, about, &out); err != nil {
						b.Fatal(err)
					}
				}
				at = at.Add(time.Minute)
				out.Reset()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/line")
		})
	}
}
