package replay

import (
	"context"
	"errors"
	"io"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
)

// Memory is a source over batches that somebody made, in their order.
type Memory struct {
	batches []kizashi.Batch
	from    map[kizashi.Partition]uint64
	open    bool
}

var _ ingest.Source = (*Memory)(nil)

// NewMemory returns a source of these batches. It does not change them.
func NewMemory(batches ...kizashi.Batch) *Memory { return &Memory{batches: batches} }

// Open starts the source; batches that from knows are passed over.
func (m *Memory) Open(from map[kizashi.Partition]uint64) error {
	if m.open {
		return errors.New("replay: opened twice")
	}
	m.open, m.from = true, from
	return nil
}

// Next returns the next batch, or io.EOF.
func (m *Memory) Next(ctx context.Context) (kizashi.Batch, error) {
	if err := ctx.Err(); err != nil {
		return kizashi.Batch{}, err
	}
	for len(m.batches) > 0 {
		b := m.batches[0]
		m.batches = m.batches[1:]
		if b.Pos > m.from[b.Partition] {
			return b, nil
		}
	}
	return kizashi.Batch{}, io.EOF
}

// Ack needs no answer: memory does not go away.
func (m *Memory) Ack(kizashi.Partition, uint64) error { return nil }

// Close does nothing.
func (m *Memory) Close() error { return nil }
