package ledger

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
)

// dumps are the queries of a dump: columns that are the same in every run
// over the same journal, in an order that is too. Attempts, errors and wall
// times of delivery are not among them.
var dumps = []struct{ name, query string }{
	{"declaration", `SELECT printf('%016x', series), since, body FROM declarations ORDER BY series, since`},
	{"alert", `SELECT id, fired, body FROM alerts ORDER BY id`},
	{"change", `SELECT id, seq, body FROM alert_changes ORDER BY id, seq`},
	{"justification", `SELECT hash, body FROM justifications ORDER BY hash`},
	{"record", `SELECT printf('%016x', series), hour, body FROM records ORDER BY series, hour`},
	{"checkpoint", `SELECT hash, printf('%016x', series), at, body FROM checkpoints ORDER BY hash`},
	{"note", `SELECT printf('%016x', series), at, body FROM notes ORDER BY series, at, hash`},
	{"command", `SELECT body FROM commands ORDER BY n`},
	{"revision", `SELECT printf('%016x', series), at, value, period, late, stored, why FROM revisions ORDER BY series, at, value`},
	{"position", `SELECT partition, pos FROM positions ORDER BY partition`},
	{"act", `SELECT id, body FROM acts ORDER BY n`},
	{"told", `SELECT lane, thread, done_seq, done_state, outcome FROM outbox WHERE done_state <> '' ORDER BY lane, thread`},
}

// Dump writes the ledger's content as lines of text, sorted: two ledgers that
// mean the same have equal dumps.
func (l *Ledger) Dump(w io.Writer) error {
	out := bufio.NewWriter(w)
	for _, d := range dumps {
		err := l.rows("dump", d.query, nil, func(rows *sql.Rows) error { return dumpRow(out, d.name, rows) })
		if err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write dump: %w", err)
	}
	return nil
}

func dumpRow(out *bufio.Writer, name string, rows *sql.Rows) error {
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, refs := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		refs[i] = &values[i]
	}
	if err := rows.Scan(refs...); err != nil {
		return err
	}
	if _, err := out.WriteString(name); err != nil {
		return err
	}
	for _, v := range values {
		if packed, ok := v.([]byte); ok {
			r, err := unpackRecord(packed)
			if err != nil {
				return err
			}
			body, err := json.Marshal(r)
			if err != nil {
				return err
			}
			v = string(body)
		}
		if _, err := fmt.Fprintf(out, "\t%v", v); err != nil {
			return err
		}
	}
	_, err = out.WriteString("\n")
	return err
}
