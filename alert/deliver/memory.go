package deliver

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// Memory is an Outbox that forgets when the process ends: for tests, and for
// runs that keep nothing. It is safe for concurrent use.
type Memory struct {
	mu      sync.Mutex
	threads map[place]alert.Thread
	rows    map[place]alert.Told
}

type place struct{ lane, thread string }

// NewMemory returns an empty outbox.
func NewMemory() *Memory {
	return &Memory{threads: map[place]alert.Thread{}, rows: map[place]alert.Told{}}
}

// Put stores threads as they now stand. One without a lane is every lane's.
func (m *Memory) Put(threads ...alert.Thread) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range threads {
		m.threads[place{t.Lane, t.ID}] = t
	}
}

// Row returns what lane was told of a thread; without a row it is zero.
func (m *Memory) Row(lane, id string) alert.Told {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rows[place{lane, id}]
}

// Entries is as [Outbox] says.
func (m *Memory) Entries(ctx context.Context, lane string, since time.Time) ([]alert.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []alert.Entry
	for p, t := range maps.All(m.threads) {
		if p.lane != lane && p.lane != "" || t.Seq == 0 {
			continue
		}
		row := m.rows[place{lane, t.ID}]
		if t.Seq > row.Done.Seq || !row.Due.None() || t.State == kizashi.Firing || !row.At.Before(since) {
			out = append(out, alert.Entry{Thread: t, Told: row})
		}
	}
	slices.SortFunc(out, func(a, b alert.Entry) int { return strings.Compare(a.Thread.ID, b.Thread.ID) })
	return out, ctx.Err()
}

// Record is as [Outbox] says, but nothing is durable.
func (m *Memory) Record(ctx context.Context, lane string, rows ...alert.Told) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range rows {
		m.rows[place{lane, r.Thread}] = r
	}
	return nil
}
