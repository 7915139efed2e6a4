package journal

import (
	"fmt"
	"os"

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
