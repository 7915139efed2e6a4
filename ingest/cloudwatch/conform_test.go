package cloudwatch_test

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/sourcetest"
)

// The contract of every source, over two partitions with back-fill and a live
// stretch after it.
func TestConformance(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) ingest.Source {
		w := newWorld(t, func(c *cloudwatch.Config) {
			c.Backfill = 60 * time.Hour
			slow := 20 * time.Minute
			c.Namespaces = append(c.Namespaces, cloudwatch.Namespace{Name: "AWS/ApplicationELB", Settle: &slow, Period: 5 * time.Minute})
		})
		w.fill(alb("app/a"), noon.Add(-64*time.Hour), noon.Add(2*time.Hour))
		w.fill(alb("app/b"), noon.Add(-30*time.Hour), noon.Add(2*time.Hour))
		w.cfg.Session = w.session()
		src, err := cloudwatch.New(t.Context(), w.cfg)
		if err != nil {
			t.Fatal(err)
		}
		return src
	}, 60)
}
