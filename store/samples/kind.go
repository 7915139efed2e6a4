package samples

import (
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/durable"
)

// Window is how far behind the newest sample of all a judged sample may lie: a
// back-fill of two weeks fits.
const Window = 16 * day

const day = 24 * time.Hour

// Kind is what a TSDB is for.
type Kind struct {
	Window    time.Duration // how far behind the newest sample of all one may lie
	Retention time.Duration // how long samples are kept
	Block     time.Duration // shortest block of what comes out of order
	Coarse    bool          // history that comes once, series by series, months back
	Steps     [4]string     // names of the durability steps: append before, after, fsync before, after
}

// The kinds. Coarse points come series after series, each from the oldest on:
// all of them go to the backlog. The window holds all that is kept, and blocks
// are long, or there would be thousands of them.
var (
	Judged = Kind{Window: Window, Retention: 100 * day, Block: day,
		Steps: [4]string{durable.SamplesAppendBefore, durable.SamplesAppendAfter, durable.SamplesSyncBefore, durable.SamplesSyncAfter}}
	FiveMinutes = Kind{Window: 100 * day, Retention: 100 * day, Block: 8 * day, Coarse: true,
		Steps: [4]string{durable.CoarseAppendBefore, durable.CoarseAppendAfter, durable.CoarseSyncBefore, durable.CoarseSyncAfter}}
	Hourly = Kind{Window: 456 * day, Retention: 455 * day, Block: 32 * day, Coarse: true,
		Steps: [4]string{durable.CoarseAppendBefore, durable.CoarseAppendAfter, durable.CoarseSyncBefore, durable.CoarseSyncAfter}}
)

// Retain removes coarse points, and judged samples that once came out of order,
// before a moment. Others the TSDB itself removes, as it counts from its newest.
func (s *Store) Retain(before kizashi.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.backlog.oldest() >= before {
		return nil
	}
	err := s.flush()
	if err == nil {
		err = s.backlog.retain(before)
	}
	if err != nil {
		return fmt.Errorf("samples: remove from %s what is before %s: %w", s.dir, before, err)
	}
	return nil
}
