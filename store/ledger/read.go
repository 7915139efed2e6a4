package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// rows runs a query and hands each row to scan.
func (l *Ledger) rows(what, query string, args []any, scan func(*sql.Rows) error) error {
	return l.rowsContext(context.Background(), what, query, args, scan)
}

func (l *Ledger) rowsContext(ctx context.Context, what, query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := l.read.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("ledger %s: %s: %w", l.path, what, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("ledger %s: %s: %w", l.path, what, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("ledger %s: %s: %w", l.path, what, err)
	}
	return nil
}

// list reads one column of JSON into a list.
func list[T any](l *Ledger, what, query string, args ...any) ([]T, error) {
	var out []T
	err := l.rows(what, query, args, func(rows *sql.Rows) error {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return err
		}
		var v T
		if err := json.Unmarshal(body, &v); err != nil {
			return fmt.Errorf("row %d is damaged: %w", len(out)+1, err)
		}
		out = append(out, v)
		return nil
	})
	return out, err
}

// Alert returns the alert with this id, or the only one whose id begins so.
func (l *Ledger) Alert(id string) (kizashi.Alert, error) {
	if id == "" {
		return kizashi.Alert{}, errors.New("an alert's id is needed, or its first digits")
	}
	// Ids are of ASCII letters and digits, so '~' is behind them all.
	as, err := list[kizashi.Alert](l, "alert", `SELECT body FROM alerts WHERE id >= ? AND id < ? ORDER BY id LIMIT 6`, id, id+"~")
	if err != nil {
		return kizashi.Alert{}, err
	}
	switch {
	case len(as) == 0:
		return kizashi.Alert{}, fmt.Errorf("alert %s: %w", id, ErrNotFound)
	case len(as) == 1 || as[0].ID == id:
		return as[0], nil
	}
	names := make([]string, len(as))
	for i, a := range as {
		names[i] = a.ID
	}
	if len(names) == 6 {
		names[5] = "..."
	}
	return kizashi.Alert{}, fmt.Errorf("alert %s: more than one id begins so: %s", id, strings.Join(names, ", "))
}

// Filter selects alerts. Zero fields select all.
type Filter struct {
	Tenant, Group string
	Series        *kizashi.SeriesID
	State         kizashi.AlertState
	From, To      kizashi.Time // alerts that stood at some time in [From, To)
	Limit         int          // the newest so many
}

// Alerts returns the newest alerts that a filter selects, oldest first.
func (l *Ledger) Alerts(f Filter) ([]kizashi.Alert, error) {
	where, args := []string{"1"}, []any{}
	add := func(on bool, cond string, arg any) {
		if on {
			where, args = append(where, cond), append(args, arg)
		}
	}
	add(f.Tenant != "", "tenant = ?", f.Tenant)
	add(f.Group != "", "grp = ?", f.Group)
	if f.Series != nil {
		add(true, "series = ?", int64(*f.Series))
	}
	add(f.State != "", "state = ?", string(f.State))
	add(f.From != 0, "(until > ? OR state <> 'resolved')", int64(f.From))
	add(f.To != 0, "opened < ?", int64(f.To))
	limit := -1
	if f.Limit > 0 {
		limit = f.Limit
	}
	args = append(args, limit)
	return list[kizashi.Alert](l, "alerts", `SELECT body FROM (SELECT body, opened, id FROM alerts WHERE `+strings.Join(where, " AND ")+
		` ORDER BY opened DESC, id DESC LIMIT ?) ORDER BY opened, id`, args...)
}

// Changes returns every change of an alert, in order.
func (l *Ledger) Changes(id string) ([]kizashi.Alert, error) {
	return list[kizashi.Alert](l, "changes of alert", `SELECT body FROM alert_changes WHERE id = ? ORDER BY seq`, id)
}

// Justification returns the justification with this hash, checked.
func (l *Ledger) Justification(hash string) (kizashi.Justification, error) {
	var j kizashi.Justification
	err := l.byHash("justification", `SELECT body FROM justifications WHERE hash = ?`, hash, &j)
	return j, err
}

// Checkpoint returns the checkpoint with this hash, checked.
func (l *Ledger) Checkpoint(hash string) (kizashi.Checkpoint, error) {
	c := kizashi.Checkpoint{Hash: hash}
	if err := l.byHash("checkpoint", `SELECT body FROM checkpoints WHERE hash = ?`, hash, &c.State); err != nil {
		return c, err
	}
	var series, at int64
	err := l.read.QueryRow(`SELECT series, at FROM checkpoints WHERE hash = ?`, hash).Scan(&series, &at)
	if err != nil {
		return c, fmt.Errorf("ledger %s: checkpoint %s: %w", l.path, hash, err)
	}
	c.Series, c.At = kizashi.SeriesID(series), kizashi.Time(at)
	return c, nil
}

func (l *Ledger) byHash(what, query, hash string, v any) error {
	var body string
	err := l.read.QueryRow(query, hash).Scan(&body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%s %s: %w", what, hash, ErrNotFound)
	case err == nil && hashText(body) != hash:
		err = errors.New("its content has another hash: it is damaged")
	case err == nil:
		err = json.Unmarshal([]byte(body), v)
	}
	if err != nil {
		return fmt.Errorf("ledger %s: %s %s: %w", l.path, what, hash, err)
	}
	return nil
}

// Records returns the records of the hours that overlap [from, to), oldest
// first.
func (l *Ledger) Records(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	const hour = 3_600_000
	if from > kizashi.Never+hour { // the hour before from may reach into it
		from -= hour
	}
	var out []kizashi.Record
	err := l.rows("records of series "+id.String(), `SELECT body FROM records WHERE series = ? AND hour > ? AND hour < ? ORDER BY hour`,
		[]any{int64(id), int64(from), int64(to)}, func(rows *sql.Rows) error {
			var body []byte
			if err := rows.Scan(&body); err != nil {
				return err
			}
			r, err := unpackRecord(body)
			out = append(out, r)
			return err
		})
	return out, err
}

// Meta returns what was declared of a series last.
func (l *Ledger) Meta(id kizashi.SeriesID) (kizashi.Meta, error) {
	ms, err := list[kizashi.Meta](l, "series", `SELECT body FROM declarations WHERE series = ? ORDER BY since DESC LIMIT 1`, int64(id))
	if err == nil && len(ms) == 0 {
		err = fmt.Errorf("series %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return kizashi.Meta{}, err
	}
	return ms[0], nil
}

// MetaAt returns what was in force of a series at an instant: what was declared first,
// before that.
func (l *Ledger) MetaAt(id kizashi.SeriesID) (func(at kizashi.Time) kizashi.Meta, error) {
	var since []kizashi.Time
	ms, err := list[kizashi.Meta](l, "series", `SELECT body FROM declarations WHERE series = ? ORDER BY since`, int64(id))
	if err == nil {
		err = l.rows("series", `SELECT since FROM declarations WHERE series = ? ORDER BY since`, []any{int64(id)}, func(rows *sql.Rows) error {
			var at int64
			err := rows.Scan(&at)
			since = append(since, kizashi.Time(at))
			return err
		})
	}
	if err == nil && (len(ms) == 0 || len(ms) != len(since)) {
		err = fmt.Errorf("series %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return func(at kizashi.Time) kizashi.Meta {
		i, found := slices.BinarySearch(since, at)
		if !found && i > 0 {
			i--
		}
		return ms[i]
	}, nil
}

// Metas returns what was declared last of every series.
func (l *Ledger) Metas() ([]kizashi.Meta, error) {
	return list[kizashi.Meta](l, "series", `SELECT body FROM declarations AS d
		WHERE since = (SELECT max(since) FROM declarations WHERE series = d.series) ORDER BY series`)
}

// Notes returns what happened to a series' baseline in [from, to), in order.
func (l *Ledger) Notes(id kizashi.SeriesID, from, to kizashi.Time) ([]Note, error) {
	var out []Note
	err := l.rows("notes", `SELECT at, body FROM notes WHERE series = ? AND at >= ? AND at < ? ORDER BY at, hash`,
		[]any{int64(id), int64(from), int64(to)}, func(rows *sql.Rows) error {
			n, at, body := Note{Series: id}, int64(0), []byte(nil)
			if err := rows.Scan(&at, &body); err != nil {
				return err
			}
			n.At = kizashi.Time(at)
			err := json.Unmarshal(body, &n.Fact)
			out = append(out, n)
			return err
		})
	return out, err
}

// Commands returns every command, in the order in which they were stepped.
func (l *Ledger) Commands() ([]kizashi.Command, error) {
	return list[kizashi.Command](l, "commands", `SELECT body FROM commands ORDER BY n`)
}

// Revisions returns the values of a series in [from, to) that did not enter
// its samples.
func (l *Ledger) Revisions(id kizashi.SeriesID, from, to kizashi.Time) ([]Revision, error) {
	var out []Revision
	err := l.rows("revisions", `SELECT at, value, period, late, stored, why FROM revisions WHERE series = ? AND at >= ? AND at < ? ORDER BY at, value`,
		[]any{int64(id), int64(from), int64(to)}, func(rows *sql.Rows) error {
			r := Revision{Sample: kizashi.Sample{Series: id}, Stored: kizashi.None()}
			var stored sql.NullFloat64
			err := rows.Scan(&r.Sample.At, &r.Sample.Value, &r.Sample.Period, &r.Sample.Late, &stored, &r.Why)
			if stored.Valid {
				r.Stored = kizashi.Num(stored.Float64)
			}
			out = append(out, r)
			return err
		})
	return out, err
}

// Positions returns the last position of each partition whose changes are
// committed.
func (l *Ledger) Positions() (map[kizashi.Partition]uint64, error) {
	out := map[kizashi.Partition]uint64{}
	err := l.rows("positions", `SELECT partition, pos FROM positions`, nil, func(rows *sql.Rows) error {
		var key []byte
		var pos int64
		if err := rows.Scan(&key, &pos); err != nil {
			return err
		}
		var p kizashi.Partition
		if err := json.Unmarshal(key, &p); err != nil {
			return err
		}
		out[p] = uint64(pos)
		return nil
	})
	return out, err
}
