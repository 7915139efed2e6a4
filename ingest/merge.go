package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/kizashi-ops/kizashi"
)

// Merge makes one source of several. They are read side by side, so that one
// that waits holds up no other; each partition keeps its order, and it must
// belong to one source only. The error of one source is the error of all; the
// end comes when all have ended.
//
// Where nothing was read before, only the batches with which a source begins
// and that carry a roster are delivered, until every source has brought one
// without: all partitions have joined by then, and a tenant's first tick waits
// for all of them.
func Merge(sources ...Source) Source {
	return &merged{sources: sources, out: make(chan read), owner: map[kizashi.Partition]Source{}}
}

type merged struct {
	sources []Source
	stop    context.CancelFunc
	running sync.WaitGroup
	out     chan read
	ended   int

	joining map[int]bool    // sources that may still have partitions to join
	held    []kizashi.Batch // what waits for them
	ready   []kizashi.Batch // what waits for nobody

	mu    sync.Mutex
	owner map[kizashi.Partition]Source
}

// read is what a source said.
type read struct {
	from  int
	batch kizashi.Batch
	err   error
}

// Open opens all; each is given all positions and knows its own.
func (m *merged) Open(from map[kizashi.Partition]uint64) error {
	if m.stop != nil {
		return errors.New("merge: opened twice")
	}
	for _, s := range m.sources {
		if err := s.Open(from); err != nil {
			return err
		}
	}
	if first(from) {
		m.joining = map[int]bool{}
		for i := range m.sources {
			m.joining[i] = true
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	m.stop = stop
	for i := range m.sources {
		m.running.Go(func() { m.read(ctx, i) })
	}
	return nil
}

// first says that no data was ever read.
func first(from map[kizashi.Partition]uint64) bool {
	for p := range from {
		if p.Kind != kizashi.Commands {
			return false
		}
	}
	return true
}

func (m *merged) read(ctx context.Context, i int) {
	for {
		b, err := m.sources[i].Next(ctx)
		select {
		case m.out <- read{i, b, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// Next returns the next batch of any source.
func (m *merged) Next(ctx context.Context) (kizashi.Batch, error) {
	if m.stop == nil {
		return kizashi.Batch{}, errors.New("merge: Next before Open")
	}
	for ctx.Err() == nil {
		if len(m.ready) > 0 {
			b := m.ready[0]
			m.ready = m.ready[1:]
			return b, nil
		}
		if m.ended == len(m.sources) {
			return kizashi.Batch{}, io.EOF
		}
		select {
		case r := <-m.out:
			if err := m.take(r); err != nil {
				return kizashi.Batch{}, err
			}
		case <-ctx.Done():
		}
	}
	return kizashi.Batch{}, ctx.Err()
}

// take sorts what was read into what may go on and what has to wait.
func (m *merged) take(r read) error {
	switch {
	case r.err == io.EOF:
		m.ended++
		delete(m.joining, r.from)
	case r.err != nil:
		return r.err
	default:
		if err := m.own(r.batch.Partition, m.sources[r.from]); err != nil {
			return err
		}
		joins := m.joining[r.from] && len(r.batch.Roster) > 0
		if joins {
			m.ready = append(m.ready, r.batch)
		} else {
			m.held = append(m.held, r.batch)
		}
		// The command partition stands alone in its source, which may have
		// nothing more to say for long.
		if !joins || r.batch.Partition.Kind == kizashi.Commands {
			delete(m.joining, r.from)
		}
	}
	if len(m.joining) == 0 {
		m.ready, m.held = append(m.ready, m.held...), nil
	}
	return nil
}

func (m *merged) own(p kizashi.Partition, s Source) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if have, ok := m.owner[p]; ok && have != s {
		return fmt.Errorf("merge: two sources deliver partition %s", p)
	}
	m.owner[p] = s
	return nil
}

// Ack passes on to the source that delivered the partition.
func (m *merged) Ack(p kizashi.Partition, pos uint64) error {
	m.mu.Lock()
	s := m.owner[p]
	m.mu.Unlock()
	if s == nil {
		return fmt.Errorf("merge: ack of partition %s, which no source delivered", p)
	}
	return s.Ack(p, pos)
}

// Close stops reading, waits until no source is in a call, and closes all.
func (m *merged) Close() error {
	if m.stop != nil {
		m.stop()
		m.running.Wait()
	}
	var errs []error
	for _, s := range m.sources {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
