package journal

import (
	"sync/atomic"
	"testing"
)

// BenchmarkAppend has many goroutines append batches of 100 samples, each
// made durable before it is answered.
func BenchmarkAppend(b *testing.B) {
	for _, samples := range []int{1, 100} {
		b.Run(map[int]string{1: "1 sample", 100: "100 samples"}[samples], func(b *testing.B) {
			j, _ := mustOpen(b, b.TempDir(), Options{})
			defer mustClose(b, j)
			var worker atomic.Int64
			b.SetParallelism(64)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				batch := batch(int(worker.Add(1)), 1, samples)
				for ; pb.Next(); batch.Pos++ {
					if err := j.Append(&batch); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N*samples)/b.Elapsed().Seconds(), "samples/s")
		})
	}
}

// BenchmarkReplay reads 600,000 samples of 10,000 series.
func BenchmarkReplay(b *testing.B) {
	dir := b.TempDir()
	j, _ := mustOpen(b, dir, Options{})
	for pos := range uint64(60) {
		mustAppend(b, j, batch(1, pos+1, 10_000))
	}
	mustClose(b, j)
	for b.Loop() {
		if got, _, _ := reopened(b, dir); len(got) != 60 {
			b.Fatalf("%d batches", len(got))
		}
	}
	b.ReportMetric(600_000*float64(b.N)/b.Elapsed().Seconds(), "samples/s")
}
