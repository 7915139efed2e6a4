// Package ledger keeps what is read by key and must be right to the last
// row: series, alerts and every change of theirs, justifications, records of
// hours, checkpoints, notes, commands, revised values, what each sink was
// told, what people said of alerts, and what was asked of AWS in a day. It is
// one SQLite file.
//
// All but the outbox, the acts and the spend is a derivation of the journal: the same
// changes again change nothing. It decides nothing about alerts.
// docs/state-format.md has the tables.
package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/kizashi-ops/kizashi/store/durable"
	_ "modernc.org/sqlite" // the driver
)

// ErrNewer says that the file was written by a later program.
var ErrNewer = errors.New("the ledger is of a newer format than this program knows")

// ErrNotFound says that there is no such row.
var ErrNotFound = errors.New("not found")

// Ledger is an open ledger. Its methods may be called from many goroutines.
type Ledger struct {
	path  string
	hook  durable.Hook
	read  *sql.DB
	write *sql.DB // one connection; nil when read-only
}

// Open opens the ledger at path, made if it is not there, and brings an older
// one up to date.
func Open(path string, hook durable.Hook) (*Ledger, error) {
	if err := touch(path); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	write, err := connect(path, "journal_mode(WAL)", "synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	l := &Ledger{path: path, hook: hook, write: write}
	if err := l.migrate(); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	if l.read, err = connect(path, "query_only(1)"); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	l.read.SetMaxOpenConns(4)
	return l, nil
}

// OpenReadOnly opens the ledger beside a running service. It is an error if
// the file is not there or is of another format.
func OpenReadOnly(path string) (*Ledger, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	read, err := connect(path, "query_only(1)")
	if err != nil {
		return nil, err
	}
	l := &Ledger{path: path, read: read}
	v, err := version(read)
	if err == nil && v < Version {
		err = fmt.Errorf("it is of format %d, this program reads %d: start the service once, it brings the file up to date", v, Version)
	}
	if err == nil && v > Version {
		err = newer(v)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("ledger %s: %w", path, err), read.Close())
	}
	return l, nil
}

// Close closes the file.
func (l *Ledger) Close() error {
	err := l.read.Close()
	if l.write != nil {
		err = errors.Join(err, l.write.Close())
	}
	if err != nil {
		return fmt.Errorf("ledger %s: close: %w", l.path, err)
	}
	return nil
}

// touch makes the file, readable by its owner only, and its name durable.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(path))
}

func connect(path string, pragmas ...string) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	q := url.Values{"_txlock": {"immediate"}, "_pragma": append([]string{"busy_timeout(10000)"}, pragmas...)}
	u := url.URL{Scheme: "file", Path: abs, RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err == nil {
		err = db.Ping()
	}
	if err != nil {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
		return nil, fmt.Errorf("ledger %s: open: %w", path, err)
	}
	return db, nil
}

func newer(v int) error { return fmt.Errorf("format %d: %w (it knows %d)", v, ErrNewer, Version) }

func version(db interface {
	QueryRow(string, ...any) *sql.Row
}) (v int, err error) {
	if err = db.QueryRow("PRAGMA user_version").Scan(&v); err != nil {
		err = fmt.Errorf("read the format: %w", err)
	}
	return v, err
}

// migrate runs the steps from the file's format to this one's, each in a
// transaction with the new number.
func (l *Ledger) migrate() error {
	v, err := version(l.write)
	if err == nil && v > Version {
		err = newer(v)
	}
	for ; err == nil && v < Version; v++ {
		err = l.tx("migrate", func(tx *sql.Tx) error {
			if _, err := tx.Exec(migrations[v]); err != nil {
				return err
			}
			_, err := tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", v+1))
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, err)
	}
	return nil
}

// tx runs do in one transaction, all or nothing.
func (l *Ledger) tx(what string, do func(*sql.Tx) error) (err error) {
	if l.write == nil {
		return fmt.Errorf("%s: the ledger was opened for reading only", what)
	}
	tx, err := l.write.Begin()
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := do(tx); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", what, err), tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%s: commit: %w", what, err)
	}
	return nil
}
