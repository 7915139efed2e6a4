package journal

import (
	"fmt"
	"os"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/codec"
)

// Replay hands over, in order, the batches that were in the journal when it
// was opened, from the first byte of a segment on. The report names what is
// missing among them, known or not. An error of fn ends it and is returned
// as it is.
func (j *Journal) Replay(from int, fn func(kizashi.Batch) error) (Report, error) {
	f := folder{tracker: newTracker(), fn: func(body []byte) error {
		b, err := codec.Decode(body)
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		return fn(b)
	}}
	have, err := segments(j.dir)
	if err != nil {
		return f.report, err
	}
	if len(have) > 0 && have[0] > from {
		f.pending = &Loss{Segment: from}
	}
	for _, n := range have {
		if n < from || n >= j.old {
			continue
		}
		data, err := os.ReadFile(segmentPath(j.dir, n))
		if err != nil {
			return f.report, fmt.Errorf("journal: read segment: %w", err)
		}
		if _, err := f.segment(n, data); err != nil {
			return f.report, err
		}
	}
	f.report.Losses, f.report.Reached = f.end(), f.positions
	return f.report, nil
}

// Recall hands over, in order, the batches of some partitions that were in the
// journal when it was opened, from its very beginning: those that a snapshot
// covers are there as long as nothing truncates them. It reports no damage;
// Replay does.
func (j *Journal) Recall(want func(kizashi.Partition) bool, fn func(kizashi.Batch) error) error {
	f := folder{tracker: newTracker(), fn: func(body []byte) error {
		if p, _, err := codec.Head(body); err == nil && !want(p) {
			return nil
		}
		b, err := codec.Decode(body)
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		return fn(b)
	}}
	have, err := segments(j.dir)
	if err != nil {
		return err
	}
	for _, n := range have {
		if n >= j.old {
			continue
		}
		data, err := os.ReadFile(segmentPath(j.dir, n))
		if err != nil {
			return fmt.Errorf("journal: read segment: %w", err)
		}
		if _, err := f.segment(n, data); err != nil {
			return err
		}
	}
	return nil
}

// Since is the first segment that was written to within some time of the last
// write of all.
func (j *Journal) Since(d time.Duration) (int, error) {
	have, err := segments(j.dir)
	if err != nil || len(have) == 0 {
		return 0, err
	}
	at := make([]time.Time, len(have))
	newest := time.Time{}
	for i, n := range have {
		info, err := os.Stat(segmentPath(j.dir, n))
		if err != nil {
			return 0, fmt.Errorf("journal: segment: %w", err)
		}
		if at[i] = info.ModTime(); at[i].After(newest) {
			newest = at[i]
		}
	}
	for i, n := range have {
		if newest.Sub(at[i]) <= d {
			return n, nil
		}
	}
	return have[len(have)-1], nil
}
