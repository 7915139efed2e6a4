package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// columns of an outbox row, in the order of scanTold.
const columns = `thread, done_seq, done_state, outcome, at, took_seq, took_state, kept, due_seq, due_state, since, attempts, next, error`

// ofOutbox are the columns of a join's table o.
var ofOutbox = "o." + strings.ReplaceAll(columns, ", ", ", o.")

// Entries returns every thread of lane of which something became due (Seq >
// 0), by id, that it has no row for, or whose Seq is beyond the row's Done, or
// whose row has a turn Due, or that is firing, or whose row was settled at or
// after since.
func (l *Ledger) Entries(ctx context.Context, lane string, since time.Time) ([]alert.Entry, error) {
	var out []alert.Entry
	err := l.rowsContext(ctx, "outbox of "+lane, `SELECT t.body, coalesce(o.thread, ''), coalesce(o.done_seq, 0), coalesce(o.done_state, ''),
			coalesce(o.outcome, ''), coalesce(o.at, 0), coalesce(o.took_seq, 0), coalesce(o.took_state, ''), coalesce(o.kept, ''),
			coalesce(o.due_seq, 0), coalesce(o.due_state, ''), coalesce(o.since, 0), coalesce(o.attempts, 0), coalesce(o.next, 0), coalesce(o.error, '')
		FROM threads AS t LEFT JOIN outbox AS o ON o.lane = t.lane AND o.thread = t.id
		WHERE t.lane = ? AND t.seq > 0 AND (o.lane IS NULL OR t.seq > o.done_seq OR o.due_state <> '' OR t.state = 'firing' OR o.at >= ?)
		ORDER BY t.id`, []any{lane, wall(since)}, func(rows *sql.Rows) error {
		var body []byte
		var e alert.Entry
		var err error
		if e.Told, err = scanTold(rows, &body); err == nil {
			err = json.Unmarshal(body, &e.Thread)
		}
		out = append(out, e)
		return err
	})
	return out, err
}

// scanTold reads columns before those of a row of the outbox, and the row.
func scanTold(rows *sql.Rows, before ...any) (t alert.Told, err error) {
	var at, since, next int64
	err = rows.Scan(append(before, &t.Thread, &t.Done.Seq, &t.Done.State, &t.Outcome, &at, &t.Took.Seq, &t.Took.State, &t.Kept,
		&t.Due.Seq, &t.Due.State, &since, &t.Attempts, &next, &t.Error)...)
	t.At, t.Since, t.Next = fromWall(at), fromWall(since), fromWall(next)
	return t, err
}

// Record replaces the lane's rows of these threads, all or none. They are
// durable when it returns.
func (l *Ledger) Record(ctx context.Context, lane string, told ...alert.Told) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("ledger %s: outbox of %s: %w", l.path, lane, err)
	}
	err := l.tx("outbox of "+lane, func(tx *sql.Tx) error {
		w := &writer{tx: tx}
		w.each("row", `INSERT OR REPLACE INTO outbox (lane, `+columns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, len(told), func(i int) ([]any, error) {
			t := told[i]
			if t.Thread == "" {
				return nil, fmt.Errorf("it names no thread")
			}
			return []any{lane, t.Thread, t.Done.Seq, string(t.Done.State), string(t.Outcome), wall(t.At), t.Took.Seq, string(t.Took.State), t.Kept,
				t.Due.Seq, string(t.Due.State), wall(t.Since), t.Attempts, wall(t.Next), t.Error}, nil
		})
		return w.err
	})
	if err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, err)
	}
	return nil
}

// Told returns what every lane was told of an alert, by lane: of the thread
// that it was put in last.
func (l *Ledger) Told(id string) (map[string]alert.Told, error) {
	out, newest := map[string]alert.Told{}, map[string]int64{}
	err := l.rows("outbox", `SELECT o.lane, t.changed, `+ofOutbox+`
		FROM members AS m JOIN threads AS t ON t.lane = m.lane AND t.id = m.thread JOIN outbox AS o ON o.lane = m.lane AND o.thread = m.thread
		WHERE m.alert = ?`, []any{id}, func(rows *sql.Rows) error {
		var lane string
		var changed int64
		t, err := scanTold(rows, &lane, &changed)
		if _, ok := out[lane]; !ok || changed > newest[lane] {
			out[lane], newest[lane] = t, changed
		}
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
// alerts, with their changes, justifications, threads and outbox rows, notes, and what
// was asked of AWS; and records, revised values and checkpoints before records. Checkpoints stay
// startSpan longer, as records start from them.
func (l *Ledger) Retain(alerts, records kizashi.Time) (Removed, error) {
	gone := Removed{}
	err := l.tx("retention", func(tx *sql.Tx) error {
		for _, d := range []struct {
			table, query string
			arg          kizashi.Time
		}{
			{"outbox", `DELETE FROM outbox WHERE EXISTS (SELECT 1 FROM threads AS t WHERE t.lane = outbox.lane AND t.id = outbox.thread AND ` + over + `)`, alerts},
			{"threads", `DELETE FROM threads AS t WHERE ` + over, alerts},
			{"members", `DELETE FROM members WHERE alert IN (SELECT id FROM alerts WHERE state = 'resolved' AND until < ?)`, alerts},
			{"alert_changes", `DELETE FROM alert_changes WHERE id IN (SELECT id FROM alerts WHERE state = 'resolved' AND until < ?)`, alerts},
			{"alerts", `DELETE FROM alerts WHERE state = 'resolved' AND until < ?`, alerts},
			{"justifications", `DELETE FROM justifications WHERE opened < ? AND NOT EXISTS (SELECT 1 FROM alerts WHERE justification = hash)`, alerts},
			{"notes", `DELETE FROM notes WHERE at < ?`, alerts},
			{"spend", `DELETE FROM spend WHERE day < ?`, alerts},
			{"records", `DELETE FROM records WHERE hour < ?`, records},
			{"revisions", `DELETE FROM revisions WHERE at < ?`, records},
			{"checkpoints", `DELETE FROM checkpoints WHERE at < ?`, records.Add(-startSpan)},
		} {
			if err := gone.by(tx, d.table, d.query, d.arg); err != nil {
				return err
			}
		}
		return gone.acts(tx, alerts)
	})
	if err != nil {
		return nil, fmt.Errorf("ledger %s: %w", l.path, err)
	}
	return gone, nil
}

// Removed is how many rows of each table retention removed.
type Removed map[string]int64

// by runs a statement that removes rows of a table up to a moment.
func (r Removed) by(tx *sql.Tx, table, query string, before kizashi.Time) error {
	res, err := tx.Exec(query, int64(before))
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if n > 0 {
		r[table] += n
	}
	return err
}

// over are threads that ended before a moment.
const over = `t.state = 'resolved' AND t.until < ?1 AND t.changed < ?1`

// startSpan is how long before a record its starting state may lie.
const startSpan = 31 * 24 * time.Hour
