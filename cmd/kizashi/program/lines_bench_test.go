package program

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"

	"github.com/kizashi-ops/kizashi/bench/logs"
)

// BenchmarkLines takes a generated log file of half a million lines to counts, and
// to judgements.
func BenchmarkLines(b *testing.B) {
	file := filepath.Join(b.TempDir(), "shop.log")
	n, err := logs.WriteLog(file, 500_000, 10_000, 1)
	if err != nil {
		b.Fatal(err)
	}
	for _, command := range []string{"patterns", "backtest"} {
		b.Run(command, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var out bytes.Buffer
				e := env{out: &out, err: &out, getenv: func(string) string { return "" }}
				if code := run(context.Background(), e, []string{command, file}); code != exitOK {
					b.Fatal(out.String())
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}
