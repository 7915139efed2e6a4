package samples

import (
	"context"
	"errors"

	"github.com/kizashi-ops/kizashi"
)

// apart appends what comes out of order while the TSDB compacts nothing, and
// waits until it does not. Its compaction goes through the series one by one,
// gathers of each the chunks that are there, and then drops of all of them what
// was written up to the last one it has seen: a chunk that a series has filled
// meanwhile would be dropped and be in no block.
func (s *Store) apart(samples []kizashi.Sample) (asides []Aside, err error) {
	if !s.outOfOrder(samples) {
		return s.append(samples)
	}
	s.db.DisableCompactions()
	asides, err = s.append(samples)
	s.db.EnableCompactions()
	// A commit says that a block is due; that one was not heard.
	return asides, errors.Join(err, s.db.Appender(context.Background()).Commit())
}

// outOfOrder says whether the TSDB takes any of the samples as such: they are in
// order within their series, so it is those that are older than its head. Of a
// new head nobody knows.
func (s *Store) outOfOrder(samples []kizashi.Sample) bool {
	from, ok := s.db.Head().AppendableMinValidTime()
	if !ok {
		return true
	}
	for i := range samples {
		if int64(samples[i].At) < from {
			return true
		}
	}
	return false
}
