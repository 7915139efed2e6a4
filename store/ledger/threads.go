package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// Threads replaces threads by what they now are, with the rows that find a
// thread by its members, all or none. They are durable when it returns.
func (l *Ledger) Threads(ts ...alert.Thread) error {
	return l.threads(ts, members(ts))
}

// Bodies is Threads without those rows, which [Ledger.Members] writes later:
// where a thread has thousands of members it must not wait for them.
func (l *Ledger) Bodies(ts ...alert.Thread) error { return l.threads(ts, nil) }

// Members writes the rows that find threads by their members, some at a time:
// no other writer waits for all of them.
func (l *Ledger) Members(ts ...alert.Thread) error {
	for ms := range slices.Chunk(members(ts), membersAtATime) {
		if err := l.threads(nil, ms); err != nil {
			return err
		}
	}
	return nil
}

// membersAtATime take some milliseconds.
const membersAtATime = 500

// Mend writes the rows of Members that a kill kept from being written, of
// threads that are not over or changed at or after since.
func (l *Ledger) Mend(since time.Time) error {
	err := l.tx("members", func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT OR IGNORE INTO members (alert, lane, thread)
			SELECT json_extract(m.value, '$.alert'), t.lane, t.id FROM threads AS t, json_each(t.body, '$.members') AS m
			WHERE t.state <> 'resolved' OR t.changed >= ?`, wall(since))
		return err
	})
	if err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, err)
	}
	return nil
}

type member struct{ alert, lane, thread string }

func members(ts []alert.Thread) (ms []member) {
	for i := range ts {
		for j := range ts[i].Members {
			ms = append(ms, member{ts[i].Members[j].Alert, ts[i].Lane, ts[i].ID})
		}
	}
	return ms
}

func (l *Ledger) threads(ts []alert.Thread, ms []member) error {
	if len(ts)+len(ms) == 0 {
		return nil
	}
	err := l.tx("threads", func(tx *sql.Tx) error {
		w := &writer{tx: tx}
		w.each("thread", `INSERT OR REPLACE INTO threads (lane, id, tenant, state, seq, until, changed, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, len(ts), func(i int) ([]any, error) {
			t := &ts[i]
			if t.ID == "" || t.Lane == "" {
				return nil, fmt.Errorf("thread %q of lane %q: both are needed", t.ID, t.Lane)
			}
			body, err := text(t)
			return []any{t.Lane, t.ID, t.Tenant, string(t.State), t.Seq, int64(t.Until), wall(t.Changed), body}, err
		})
		w.each("member", `INSERT OR IGNORE INTO members (alert, lane, thread) VALUES (?, ?, ?)`, len(ms), func(i int) ([]any, error) {
			return []any{ms[i].alert, ms[i].lane, ms[i].thread}, nil
		})
		return w.err
	})
	if err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, err)
	}
	return nil
}

// OpenThreads returns what dispatch goes on from: threads that are not over,
// or that changed at or after since, by lane and id.
func (l *Ledger) OpenThreads(since time.Time) ([]alert.Thread, error) {
	return list[alert.Thread](l, "threads", `SELECT body FROM threads WHERE state <> 'resolved' OR changed >= ? ORDER BY lane, id`, wall(since))
}

// Thread returns a lane's thread.
func (l *Ledger) Thread(lane, id string) (alert.Thread, error) {
	ts, err := list[alert.Thread](l, "thread", `SELECT body FROM threads WHERE lane = ? AND id = ?`, lane, id)
	if err == nil && len(ts) == 0 {
		err = fmt.Errorf("thread %s of %s: %w", id, lane, ErrNotFound)
	}
	if err != nil {
		return alert.Thread{}, err
	}
	return ts[0], nil
}

// Missed returns the rows of lane that were settled as missed and whose
// threads no summary counts yet.
func (l *Ledger) Missed(ctx context.Context, lane string) (out []alert.Told, err error) {
	err = l.rowsContext(ctx, "outbox of "+lane, `SELECT `+ofOutbox+` FROM outbox AS o JOIN threads AS t ON t.lane = o.lane AND t.id = o.thread
		WHERE o.lane = ? AND o.outcome = 'missed' AND coalesce(json_extract(t.body, '$.sum'), '') = '' ORDER BY o.thread`, []any{lane}, func(rows *sql.Rows) error {
		t, err := scanTold(rows)
		out = append(out, t)
		return err
	})
	return out, err
}

// Episodes returns the alerts that fired and that dispatch has to know of: those
// that fire, those that ended at or after since, and those that a thread of
// open has as a member; by id, each with the Seq of its last turn to firing.
func (l *Ledger) Episodes(since kizashi.Time, open []alert.Thread) (as []kizashi.Alert, fired []int, err error) {
	var ids []string
	for i := range open {
		for _, m := range open[i].Members {
			ids = append(ids, m.Alert)
		}
	}
	members, err := json.Marshal(ids)
	if err != nil {
		return nil, nil, err
	}
	err = l.rows("episodes", `SELECT body, fired FROM alerts WHERE fired > 0 AND (state = 'firing' OR until >= ?
			OR id IN (SELECT value FROM json_each(?))) ORDER BY id`, []any{int64(since), string(members)}, func(rows *sql.Rows) error {
		var body []byte
		var n int
		var a kizashi.Alert
		err := rows.Scan(&body, &n)
		if err == nil {
			err = json.Unmarshal(body, &a)
		}
		as, fired = append(as, a), append(fired, n)
		return err
	})
	return as, fired, err
}
