package cloudwatch_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
)

// One minute of 1,000 series, from the call to the batch; the emulated cloud
// that answers is in it. ns/op is of all of them together.
func BenchmarkMinute(b *testing.B) {
	e := newEstate(b, func(c *cloudwatch.Config) {
		c.Poll = map[string]time.Duration{"check": time.Minute, "record": time.Minute}
		c.Tags, c.Instances, c.Groups = false, false, false
	})
	for i := range 1000 {
		e.minutely(metric("AWS/ApplicationELB", "RequestCount", "LoadBalancer", fmt.Sprintf("app/%03d", i)), noon.Add(-time.Hour), time.Time{})
	}
	e.open()
	e.run(noon.Add(30 * time.Minute))
	b.ReportAllocs()
	for b.Loop() {
		x, err := e.src.Next(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		if len(x.Samples) == 0 {
			b.Fatal("a batch without samples")
		}
	}
}
