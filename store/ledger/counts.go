package ledger

import (
	"database/sql"
	"fmt"
	"time"
)

// Count is how many alerts of a tenant are in a state.
type Count struct {
	Tenant string `json:"tenant"`
	State  string `json:"state"`
	N      int    `json:"n"`
}

// Counts counts the alerts that are not over.
func (l *Ledger) Counts() ([]Count, error) {
	var out []Count
	err := l.rows("count of alerts", `SELECT tenant, state, count(*) FROM alerts WHERE state <> 'resolved' GROUP BY tenant, state ORDER BY tenant, state`, nil,
		func(rows *sql.Rows) error {
			var c Count
			err := rows.Scan(&c.Tenant, &c.State, &c.N)
			out = append(out, c)
			return err
		})
	return out, err
}

// Depth is what a lane has still to tell.
type Depth struct {
	Lane    string    `json:"lane"`
	Waiting int       `json:"waiting"` // threads
	Failing int       `json:"failing"` // of them, such that a send has failed of
	Oldest  time.Time `json:"oldest"`  // when the first of them became due
	Error   string    `json:"error,omitempty"`
}

// Depths returns the lanes that have something to tell.
func (l *Ledger) Depths() ([]Depth, error) {
	var out []Depth
	err := l.rows("depth of the outbox", `SELECT t.lane, count(*), sum(coalesce(o.attempts, 0) > 0), min(t.changed), max(coalesce(o.error, ''))
		FROM threads AS t LEFT JOIN outbox AS o ON o.lane = t.lane AND o.thread = t.id
		WHERE t.seq > 0 AND (o.lane IS NULL OR t.seq > o.done_seq OR o.due_state <> '') GROUP BY t.lane ORDER BY t.lane`, nil,
		func(rows *sql.Rows) error {
			var d Depth
			var oldest int64
			err := rows.Scan(&d.Lane, &d.Waiting, &d.Failing, &oldest, &d.Error)
			d.Oldest = fromWall(oldest)
			out = append(out, d)
			return err
		})
	return out, err
}

// Backup writes a copy of the ledger as of one moment to path, which must not
// be there. Others may read and write meanwhile; writers wait.
func (l *Ledger) Backup(path string) error {
	if l.write == nil {
		return fmt.Errorf("ledger %s: backup: it was opened for reading only", l.path)
	}
	if _, err := l.write.Exec(`VACUUM INTO ?`, path); err != nil {
		return fmt.Errorf("ledger %s: backup: %w", l.path, err)
	}
	return nil
}
