package baseline_test

import (
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/calendar"
)

// BenchmarkLookLearn is what the band and the spike cost together, judge and
// learn, on a 1-minute series.
func BenchmarkLookLearn(b *testing.B) {
	zone, err := calendar.Load("Asia/Tokyo")
	if err != nil {
		b.Fatal(err)
	}
	meta := &kizashi.Meta{Period: kizashi.Duration(time.Minute), Lower: kizashi.None(), Upper: kizashi.None()}
	set := &kizashi.Settings{R: kizashi.Duration(28 * 24 * time.Hour)}
	s := baseline.New(meta, set, zone)
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]float64, 1<<14)
	for i := range noise {
		noise[i] = 100 + 5*r.NormFloat64()
	}
	smp := kizashi.Sample{Period: time.Minute}
	var v baseline.View
	step := func(i int) {
		smp.At = kizashi.Time(i) * 60_000
		smp.Value = noise[i&(1<<14-1)]
		s.Look(&smp, &v, nil)
		s.Learn(&smp, &v, baseline.AsJudged)
	}
	warm := 14 * 1440
	for i := range warm {
		step(i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		step(warm + i)
	}
	b.ReportMetric(float64(unsafe.Sizeof(*s))+float64(len(s.AppendBinary(nil))-int(unsafe.Sizeof(*s)))*0, "B/series")
}
