package ledger

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/durable"
)

// Note is something that happened to a series' baseline.
type Note struct {
	Series kizashi.SeriesID `json:"series"`
	At     kizashi.Time     `json:"at"`
	Fact   kizashi.Evidence `json:"fact"`
}

// Why a value did not enter the samples.
const (
	Revised = "revised" // the series has another value at that time
	Behind  = "behind"  // the series has later samples, none at that time
	TooOld  = "too old" // the samples no longer reach back so far
)

// Revision is a value that came for a time at which its series had gone on.
type Revision struct {
	Sample kizashi.Sample
	Stored kizashi.Num // what the samples hold for that time; None = nothing
	Why    string      // Revised, Behind or TooOld
}

// Changes is what some steps produced, to be committed together.
type Changes struct {
	Declared       []kizashi.Declaration
	Alerts         []kizashi.Alert // changes of state, in order
	Justifications []kizashi.Justification
	Records        []kizashi.Record
	Checkpoints    []kizashi.Checkpoint
	Notes          []Note
	Commands       []kizashi.Command
	Revisions      []Revision
	Stepped        map[kizashi.Partition]uint64 // the last position of each partition that is in these changes
}

// Commit writes changes in one transaction, durable when it returns. What was
// committed before may be committed again, as after a crash: the same content
// changes nothing, and an alert's older change does not undo a newer one.
func (l *Ledger) Commit(c Changes) error {
	if err := l.hook.At(durable.LedgerCommitBefore); err != nil {
		return err
	}
	err := l.tx("commit", func(tx *sql.Tx) error {
		w := &writer{tx: tx}
		w.declarations(c.Declared)
		w.justifications(c.Justifications)
		w.alerts(c.Alerts)
		w.records(c.Records)
		w.checkpoints(c.Checkpoints)
		w.notes(c.Notes)
		w.commands(c.Commands)
		w.revisions(c.Revisions)
		w.positions(c.Stepped)
		return w.err
	})
	if err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, err)
	}
	return l.hook.At(durable.LedgerCommitAfter)
}

// writer runs statements until the first error.
type writer struct {
	tx  *sql.Tx
	err error
}

// each prepares a statement and runs it with the arguments of each of n rows.
func (w *writer) each(what, statement string, n int, args func(i int) ([]any, error)) {
	if w.err != nil || n == 0 {
		return
	}
	st, err := w.tx.Prepare(statement)
	if err != nil {
		w.err = fmt.Errorf("%s: %w", what, err)
		return
	}
	defer st.Close()
	for i := range n {
		a, err := args(i)
		if err == nil {
			_, err = st.Exec(a...)
		}
		if err != nil {
			w.err = fmt.Errorf("%s %d of %d: %w", what, i+1, n, err)
			return
		}
	}
}

// text is v as JSON.
func text(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func (w *writer) declarations(ds []kizashi.Declaration) {
	w.each("declaration", `INSERT INTO declarations (series, since, tenant, body) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET tenant = excluded.tenant, body = excluded.body WHERE body <> excluded.body`, len(ds),
		func(i int) ([]any, error) {
			body, err := text(ds[i].Meta)
			return []any{int64(ds[i].Meta.Series), int64(ds[i].From), ds[i].Meta.Tenant, body}, err
		})
}

// alerts writes every change, and of each alert its newest. Between two
// commits of one change (its peak may have moved) the one that reaches
// further in time stands; one that has its justification is not replaced by the
// same without it, which a replay brings before it makes the justification anew.
func (w *writer) alerts(as []kizashi.Alert) {
	bodies := make([]string, len(as))
	w.each("alert change", `INSERT INTO alert_changes (id, seq, state, until, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET state = excluded.state, until = excluded.until, body = excluded.body
		WHERE excluded.until >= until AND body <> excluded.body`, len(as),
		func(i int) (_ []any, err error) {
			a := &as[i]
			if a.ID == "" {
				return nil, fmt.Errorf("an alert of series %s has no id", a.Series)
			}
			bodies[i], err = text(a)
			return []any{a.ID, a.Seq, string(a.State), int64(a.To), bodies[i]}, err
		})
	w.each("alert", `INSERT INTO alerts (id, series, tenant, grp, state, seq, fired, opened, until, changed, justification, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET state = excluded.state, seq = excluded.seq, fired = max(fired, excluded.fired),
			until = excluded.until, changed = excluded.changed, justification = excluded.justification, body = excluded.body
		WHERE excluded.seq > seq OR excluded.seq = seq AND excluded.until >= until AND body <> excluded.body
			AND NOT (excluded.until = until AND justification <> '' AND excluded.justification = '')`, len(as),
		func(i int) ([]any, error) {
			a := &as[i]
			fired := 0
			if a.State == kizashi.Firing {
				fired = a.Seq
			}
			return []any{a.ID, int64(a.Series), a.Tenant, a.Group, string(a.State), a.Seq, fired,
				int64(a.Opened), int64(a.To), int64(a.Changed), a.Justify, bodies[i]}, nil
		})
}

func (w *writer) justifications(js []kizashi.Justification) {
	w.each("justification", `INSERT INTO justifications (hash, alert, opened, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, len(js),
		func(i int) ([]any, error) {
			body, err := text(js[i])
			return []any{hashText(body), js[i].Alert, int64(js[i].Opening.At), body}, err
		})
}

func (w *writer) records(rs []kizashi.Record) {
	w.each("record", `INSERT INTO records (series, hour, body) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET body = excluded.body WHERE body <> excluded.body`, len(rs),
		func(i int) ([]any, error) {
			body, err := packRecord(rs[i])
			if err != nil {
				err = fmt.Errorf("series %s hour %s: %w", rs[i].Series, rs[i].Hour, err)
			}
			return []any{int64(rs[i].Series), int64(rs[i].Hour), body}, err
		})
}

func (w *writer) checkpoints(cs []kizashi.Checkpoint) {
	w.each("checkpoint", `INSERT INTO checkpoints (hash, series, at, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, len(cs),
		func(i int) ([]any, error) {
			body, err := text(cs[i].State)
			if err == nil && hashText(body) != cs[i].Hash {
				err = fmt.Errorf("series %s at %s: its hash is %s, not %s", cs[i].Series, cs[i].At, hashText(body), cs[i].Hash)
			}
			return []any{cs[i].Hash, int64(cs[i].Series), int64(cs[i].At), body}, err
		})
}

func (w *writer) notes(ns []Note) {
	w.each("note", `INSERT INTO notes (series, at, hash, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, len(ns),
		func(i int) ([]any, error) {
			body, err := text(ns[i].Fact)
			return []any{int64(ns[i].Series), int64(ns[i].At), hashText(body), body}, err
		})
}

func (w *writer) commands(cs []kizashi.Command) {
	w.each("command", `INSERT INTO commands (hash, at, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, len(cs),
		func(i int) ([]any, error) {
			body, err := text(cs[i])
			return []any{hashText(body), int64(cs[i].At), body}, err
		})
}

func (w *writer) revisions(rs []Revision) {
	w.each("revision", `INSERT INTO revisions (series, at, value, period, late, stored, why) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, len(rs),
		func(i int) ([]any, error) {
			s := rs[i].Sample
			if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
				return nil, fmt.Errorf("series %s at %s: %v is not finite", s.Series, s.At, s.Value)
			}
			var stored any
			if rs[i].Stored.Ok() {
				stored = float64(rs[i].Stored)
			}
			return []any{int64(s.Series), int64(s.At), s.Value, int64(s.Period), s.Late, stored, rs[i].Why}, nil
		})
}

func (w *writer) positions(ps map[kizashi.Partition]uint64) {
	if w.err != nil || len(ps) == 0 {
		return
	}
	parts := make([]kizashi.Partition, 0, len(ps))
	for p := range ps {
		parts = append(parts, p)
	}
	w.each("position", `INSERT INTO positions (partition, pos) VALUES (?, ?)
		ON CONFLICT DO UPDATE SET pos = excluded.pos WHERE pos < excluded.pos`, len(parts),
		func(i int) ([]any, error) {
			if ps[parts[i]] > math.MaxInt64 {
				return nil, fmt.Errorf("%s: position %d is beyond what is kept", parts[i], ps[parts[i]])
			}
			key, err := text(parts[i])
			return []any{key, int64(ps[parts[i]])}, err
		})
}

// Empty says that there is nothing to commit.
func (c *Changes) Empty() bool { return c.Rows()+len(c.Stepped) == 0 }

// Rows is how many there are to write, without positions.
func (c *Changes) Rows() int {
	return len(c.Declared) + len(c.Alerts) + len(c.Justifications) + len(c.Records) + len(c.Checkpoints) +
		len(c.Notes) + len(c.Commands) + len(c.Revisions)
}

// Add takes in the changes of later steps. Nothing of d is shared.
func (c *Changes) Add(d Changes) {
	c.Declared = append(c.Declared, d.Declared...)
	c.Alerts = append(c.Alerts, d.Alerts...)
	c.Justifications = append(c.Justifications, d.Justifications...)
	c.Records = append(c.Records, d.Records...)
	c.Checkpoints = append(c.Checkpoints, d.Checkpoints...)
	c.Notes = append(c.Notes, d.Notes...)
	c.Commands = append(c.Commands, d.Commands...)
	c.Revisions = append(c.Revisions, d.Revisions...)
	if c.Stepped == nil {
		c.Stepped = map[kizashi.Partition]uint64{}
	}
	maps.Copy(c.Stepped, d.Stepped)
}

// Reset empties it, and keeps what memory is worth keeping.
func (c *Changes) Reset() {
	clear(c.Records)
	clear(c.Stepped)
	*c = Changes{Records: c.Records[:0], Stepped: c.Stepped}
}
