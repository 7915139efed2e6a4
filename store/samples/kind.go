package samples

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/durable"
	"github.com/prometheus/prometheus/model/labels"
)

// Window is how far behind the newest sample of all a judged sample may lie: a
// back-fill of two weeks fits.
const Window = 16 * day

const day = 24 * time.Hour

// Kind is what a TSDB is for.
type Kind struct {
	Window    time.Duration // how far behind the newest sample of all one may lie
	Retention time.Duration // how long samples are kept
	Block     time.Duration // least span of a block; 0 = the TSDB's own, two hours
	Coarse    bool          // history that comes once, series by series, months back
	Steps     [4]string     // names of the durability steps: append before, after, fsync before, after
}

// The kinds. Coarse points come series after series, each from the oldest on,
// so nearly all of them are out of order for the whole: the window holds all
// that is kept, and blocks are long, or there would be thousands of them.
var (
	Judged = Kind{Window: Window, Retention: 100 * day,
		Steps: [4]string{durable.SamplesAppendBefore, durable.SamplesAppendAfter, durable.SamplesSyncBefore, durable.SamplesSyncAfter}}
	FiveMinutes = Kind{Window: 100 * day, Retention: 100 * day, Block: 8 * day, Coarse: true,
		Steps: [4]string{durable.CoarseAppendBefore, durable.CoarseAppendAfter, durable.CoarseSyncBefore, durable.CoarseSyncAfter}}
	Hourly = Kind{Window: 456 * day, Retention: 455 * day, Block: 32 * day, Coarse: true,
		Steps: [4]string{durable.CoarseAppendBefore, durable.CoarseAppendAfter, durable.CoarseSyncBefore, durable.CoarseSyncAfter}}
)

// gatherAt is how many appended points are worth gathering in blocks: the
// TSDB does that by itself only when time moves on, and until then they take
// memory, and a start replays them.
const gatherAt = 1 << 20

// gather makes blocks of coarse points, when there are as many new ones as
// half of what is in blocks already: so each is written a bounded number of
// times.
func (s *Store) gather() error {
	if !s.kind.Coarse || s.fresh < gatherAt {
		return nil
	}
	stored := 0
	for _, b := range s.db.Blocks() {
		stored += int(b.Meta().Stats.NumSamples)
	}
	if s.fresh < min(stored/2, 16*gatherAt) {
		return nil
	}
	return s.Compact()
}

// Compact makes blocks of what lies in memory, out of order as it came.
func (s *Store) Compact() error {
	if err := s.db.CompactOOOHead(context.Background()); err != nil {
		return fmt.Errorf("samples: make blocks in %s: %w", s.dir, err)
	}
	s.fresh = 0
	return nil
}

// Retain removes coarse points before a moment. The TSDB itself counts from
// its newest point, which a history that came once leaves where it is.
func (s *Store) Retain(before kizashi.Time) error {
	if s.oldest() >= before {
		return nil
	}
	all := labels.MustNewMatcher(labels.MatchEqual, labels.MetricName, metricName)
	err := s.Compact()
	if err == nil {
		err = s.db.Delete(context.Background(), math.MinInt64, int64(before-1), all)
	}
	if err == nil {
		err = s.db.CleanTombstones()
	}
	if err != nil {
		return fmt.Errorf("samples: remove from %s what is before %s: %w", s.dir, before, err)
	}
	return nil
}

// oldest is the first time in the database; Forever if it holds nothing.
func (s *Store) oldest() kizashi.Time {
	h := s.db.Head()
	oldest := h.MinTime()
	if t, ok := h.MinOOOTime(), h.MinOOOTime() <= h.MaxOOOTime(); ok {
		oldest = min(oldest, t)
	}
	for _, b := range s.db.BlockMetas() {
		oldest = min(oldest, b.MinTime)
	}
	return kizashi.Time(oldest)
}
