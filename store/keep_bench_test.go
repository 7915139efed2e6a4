package store

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// BenchmarkKeepMinute keeps one minute of a fleet: 300 partitions of 300
// series, a Step each. At the full hour each series has a record as well.
func BenchmarkKeepMinute(b *testing.B) {
	for _, hour := range []bool{false, true} {
		b.Run(fmt.Sprintf("full hour %v", hour), func(b *testing.B) {
			s, _, err := Open(b.TempDir(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			rng := rand.New(rand.NewPCG(1, 2))
			at, pos := t0, uint64(0)
			for b.Loop() {
				pos++
				at = at.Add(time.Minute)
				for part := range 300 {
					samples, c := minuteOf(rng, part, at, hour)
					c.Stepped = map[kizashi.Partition]uint64{partition(part): pos}
					if err := s.Keep(samples, c); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(b.N)/90_000, "us/series")
		})
	}
}

func minuteOf(rng *rand.Rand, part int, at kizashi.Time, hour bool) (samples []kizashi.Sample, c ledger.Changes) {
	for i := range 300 {
		id := kizashi.SeriesID(part*1000 + i + 1)
		samples = append(samples, kizashi.Sample{Series: id, At: at, Period: time.Minute, Value: 100 + rng.Float64()})
		if !hour {
			continue
		}
		r := kizashi.Record{Series: id, Hour: at, Season: kizashi.Weekly, Transform: kizashi.Log1p, M: 3, N: 5, SpikeUnit: rng.Float64(), Ready: true, Lower: kizashi.None(), Upper: kizashi.None()}
		for q := range r.Slots {
			r.Slots[q] = kizashi.Slot{Center: rng.Float64(), Scale: rng.Float64(), Lower: kizashi.Num(rng.Float64()), Upper: kizashi.Num(rng.Float64())}
		}
		for _, t := range []*kizashi.Tail{&r.BandUp, &r.BandDown, &r.SpikeUp, &r.SpikeDown} {
			*t = kizashi.Tail{U: rng.Float64(), Lambda: rng.Float64(), N: rng.Float64(), Mean: rng.Float64(), Diff: rng.Float64(), Theta: rng.Float64()}
		}
		c.Records = append(c.Records, r)
	}
	return samples, c
}
