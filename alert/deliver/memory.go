package deliver

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// Memory is an Outbox that forgets when the process ends: for tests, and for
// runs that keep nothing. It is safe for concurrent use.
type Memory struct {
	mu     sync.Mutex
	alerts map[string]kizashi.Alert
	fired  map[string]int
	rows   map[string]map[string]alert.Told // lane, alert
}

// NewMemory returns an empty outbox.
func NewMemory() *Memory {
	return &Memory{alerts: map[string]kizashi.Alert{}, fired: map[string]int{}, rows: map[string]map[string]alert.Told{}}
}

// Put stores an alert as it now stands. Put each change of state, in order.
func (m *Memory) Put(a kizashi.Alert) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.alerts[a.ID] = a
	if a.State == kizashi.Firing {
		m.fired[a.ID] = a.Seq
	}
}

// Row returns what lane was told of an alert; without a row it is zero.
func (m *Memory) Row(lane, id string) alert.Told {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rows[lane][id]
}

// Entries is as [Outbox] says.
func (m *Memory) Entries(ctx context.Context, lane string, since time.Time) ([]alert.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []alert.Entry
	for _, id := range slices.Sorted(maps.Keys(m.alerts)) {
		a, row := m.alerts[id], m.rows[lane][id]
		open := a.Seq > row.Done.Seq || !row.Due.None() || a.State == kizashi.Firing
		if m.fired[id] > 0 && (open || !row.At.Before(since)) {
			out = append(out, alert.Entry{Alert: a, Fired: m.fired[id], Told: row})
		}
	}
	return out, ctx.Err()
}

// Record is as [Outbox] says, but nothing is durable.
func (m *Memory) Record(ctx context.Context, lane string, rows ...alert.Told) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rows[lane] == nil {
		m.rows[lane] = map[string]alert.Told{}
	}
	for _, r := range rows {
		m.rows[lane][r.Alert] = r
	}
	return nil
}
