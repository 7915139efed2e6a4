package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// Entries returns every alert, by id, that fired at least once and that lane
// has no row for, or whose Seq is beyond the row's Done, or whose row has a
// turn Due, or that is firing, or whose row was settled at or after since.
func (l *Ledger) Entries(ctx context.Context, lane string, since time.Time) ([]alert.Entry, error) {
	var out []alert.Entry
	err := l.rowsContext(ctx, "outbox of "+lane, `SELECT a.body, a.fired, o.lane IS NOT NULL, coalesce(o.done_seq, 0), coalesce(o.done_state, ''),
			coalesce(o.outcome, ''), coalesce(o.at, 0), coalesce(o.due_seq, 0), coalesce(o.due_state, ''), coalesce(o.since, 0),
			coalesce(o.attempts, 0), coalesce(o.next, 0), coalesce(o.error, '')
		FROM alerts AS a LEFT JOIN outbox AS o ON o.lane = ? AND o.alert = a.id
		WHERE a.fired > 0 AND (o.lane IS NULL OR a.seq > o.done_seq OR o.due_state <> '' OR a.state = 'firing' OR o.at >= ?)
		ORDER BY a.id`, []any{lane, wall(since)}, func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		out = append(out, e)
		return err
	})
	return out, err
}

func scanEntry(rows *sql.Rows) (e alert.Entry, err error) {
	var body []byte
	var has bool
	var at, since, next int64
	t := &e.Told
	err = rows.Scan(&body, &e.Fired, &has, &t.Done.Seq, &t.Done.State, &t.Outcome, &at, &t.Due.Seq, &t.Due.State, &since, &t.Attempts, &next, &t.Error)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(body, &e.Alert); err != nil {
		return e, err
	}
	if has {
		t.Alert, t.At, t.Since, t.Next = e.Alert.ID, fromWall(at), fromWall(since), fromWall(next)
	}
	return e, nil
}

// Record replaces the lane's rows of these alerts, all or none. They are
// durable when it returns.
func (l *Ledger) Record(ctx context.Context, lane string, told ...alert.Told) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("ledger %s: outbox of %s: %w", l.path, lane, err)
	}
	err := l.tx("outbox of "+lane, func(tx *sql.Tx) error {
		w := &writer{tx: tx}
		w.each("row", `INSERT OR REPLACE INTO outbox
			(lane, alert, done_seq, done_state, outcome, at, due_seq, due_state, since, attempts, next, error)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, len(told), func(i int) ([]any, error) {
			t := told[i]
			if t.Alert == "" {
				return nil, fmt.Errorf("it names no alert")
			}
			return []any{lane, t.Alert, t.Done.Seq, string(t.Done.State), string(t.Outcome), wall(t.At),
				t.Due.Seq, string(t.Due.State), wall(t.Since), t.Attempts, wall(t.Next), t.Error}, nil
		})
		return w.err
	})
	if err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, err)
	}
	return nil
}

// Told returns what every lane was told of an alert, by lane.
func (l *Ledger) Told(id string) (map[string]alert.Told, error) {
	out := map[string]alert.Told{}
	err := l.rows("outbox", `SELECT lane, done_seq, done_state, outcome, at, due_seq, due_state, since, attempts, next, error
		FROM outbox WHERE alert = ?`, []any{id}, func(rows *sql.Rows) error {
		var lane string
		var at, since, next int64
		t := alert.Told{Alert: id}
		err := rows.Scan(&lane, &t.Done.Seq, &t.Done.State, &t.Outcome, &at, &t.Due.Seq, &t.Due.State, &since, &t.Attempts, &next, &t.Error)
		t.At, t.Since, t.Next = fromWall(at), fromWall(since), fromWall(next)
		out[lane] = t
		return err
	})
	return out, err
}

// wall is a wall-clock instant in milliseconds, the zero one as 0.
func wall(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromWall(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Retain removes what is past its time: resolved alerts that ended before
// alerts, with their changes, justifications and outbox rows, notes, and what
// was asked of AWS; and records, revised values and checkpoints before records. Checkpoints stay
// startSpan longer, as records start from them.
func (l *Ledger) Retain(alerts, records kizashi.Time) error {
	err := l.tx("retention", func(tx *sql.Tx) error {
		for _, d := range []struct {
			query string
			arg   kizashi.Time
		}{
			{`DELETE FROM outbox WHERE alert IN (SELECT id FROM alerts WHERE state = 'resolved' AND until < ?)`, alerts},
			{`DELETE FROM alert_changes WHERE id IN (SELECT id FROM alerts WHERE state = 'resolved' AND until < ?)`, alerts},
			{`DELETE FROM alerts WHERE state = 'resolved' AND until < ?`, alerts},
			{`DELETE FROM justifications WHERE opened < ? AND NOT EXISTS (SELECT 1 FROM alerts WHERE justification = hash)`, alerts},
			{`DELETE FROM notes WHERE at < ?`, alerts},
			{`DELETE FROM spend WHERE day < ?`, alerts},
			{`DELETE FROM records WHERE hour < ?`, records},
			{`DELETE FROM revisions WHERE at < ?`, records},
			{`DELETE FROM checkpoints WHERE at < ?`, records.Add(-startSpan)},
		} {
			if _, err := tx.Exec(d.query, int64(d.arg)); err != nil {
				return err
			}
		}
		return retainActs(tx, alerts)
	})
	if err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, err)
	}
	return nil
}

// startSpan is how long before a record its starting state may lie.
const startSpan = 31 * 24 * time.Hour
