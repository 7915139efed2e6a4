package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// ErrTaken says that another act has this id.
var ErrTaken = errors.New("another act has this id")

// Act adds a row to the audit trail; it is durable when this returns. Rows are
// never changed: what is taken back is so by an act of its own. The same act
// again changes nothing.
func (l *Ledger) Act(a alert.Act) error {
	if a.ID == "" || a.Tenant == "" {
		return fmt.Errorf("act %q of tenant %q: both are needed", a.ID, a.Tenant)
	}
	err := l.tx("act "+a.ID, func(tx *sql.Tx) error {
		body, err := text(a)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO acts (id, at, tenant, kind, alert, ends, undoes, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			a.ID, wall(a.At), a.Tenant, string(a.Kind), a.Alert, wall(a.Until), a.Undoes, body); err != nil {
			return err
		}
		var have string
		if err := tx.QueryRow(`SELECT body FROM acts WHERE id = ?`, a.ID).Scan(&have); err != nil {
			return err
		}
		if have != body {
			return ErrTaken
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, err)
	}
	return nil
}

// ActFilter selects acts; zero fields select all.
type ActFilter struct {
	ID, Tenant, Alert string
	Kind              alert.ActKind
	From, To          time.Time // said in [From, To)
	Holds             time.Time // neither taken back nor over at this moment; it may begin later. Acts that take back never hold
	Limit             int       // the newest so many
}

// Acts returns acts in the order in which they were said.
func (l *Ledger) Acts(f ActFilter) ([]alert.Act, error) {
	where, args := []string{"1"}, []any{}
	add := func(on bool, cond string, more ...any) {
		if on {
			where, args = append(where, cond), append(args, more...)
		}
	}
	add(f.ID != "", "id = ?", f.ID)
	add(f.Tenant != "", "tenant = ?", f.Tenant)
	add(f.Alert != "", "alert = ?", f.Alert)
	add(f.Kind != "", "kind = ?", string(f.Kind))
	add(!f.From.IsZero(), "at >= ?", wall(f.From))
	add(!f.To.IsZero(), "at < ?", wall(f.To))
	add(!f.Holds.IsZero(), `undoes = '' AND (ends = 0 OR ends > ?) AND NOT EXISTS (SELECT 1 FROM acts AS u WHERE u.undoes = acts.id AND u.at <= ?)`,
		wall(f.Holds), wall(f.Holds))
	limit := -1
	if f.Limit > 0 {
		limit = f.Limit
	}
	return list[alert.Act](l, "acts", `SELECT body FROM (SELECT body, at, n FROM acts WHERE `+strings.Join(where, " AND ")+
		` ORDER BY at DESC, n DESC LIMIT ?) ORDER BY at, n`, append(args, limit)...)
}

// acts removes acts of alerts that are gone, and others that were over
// or taken back before a moment, with what took them back. One that still
// holds stays, however old it is.
func (r Removed) acts(tx *sql.Tx, before kizashi.Time) error {
	for _, query := range []string{
		`DELETE FROM acts WHERE at < ?1 AND undoes = '' AND alert <> '' AND NOT EXISTS (SELECT 1 FROM alerts WHERE alerts.id = acts.alert)`,
		`DELETE FROM acts WHERE at < ?1 AND undoes = '' AND alert = '' AND (ends <> 0 AND ends < ?1
			OR EXISTS (SELECT 1 FROM acts AS u WHERE u.undoes = acts.id AND u.at < ?1))`,
		`DELETE FROM acts WHERE at < ?1 AND undoes <> '' AND NOT EXISTS (SELECT 1 FROM acts AS a WHERE a.id = acts.undoes)`,
	} {
		if err := r.by(tx, "acts", query, before); err != nil {
			return err
		}
	}
	return nil
}
