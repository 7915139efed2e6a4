package ledger

import (
	"database/sql"
	"fmt"
	"time"
)

// Spend is what was asked of AWS in one UTC day: how often an action, and how
// many metrics were requested by it. Dollars are not kept; they follow from
// the prices.
type Spend struct {
	Day                     time.Time // its midnight
	Tenant, Account, Region string
	Action                  string
	Calls, Metrics          int64
}

// KeepSpend writes sums of days, each in the place of the same day's sum
// before. Like the outbox it is no derivation of the journal.
func (l *Ledger) KeepSpend(rows []Spend) error {
	if len(rows) == 0 {
		return nil
	}
	err := l.tx("spend", func(tx *sql.Tx) error {
		w := &writer{tx: tx}
		w.each("spend", `INSERT INTO spend (day, tenant, account, region, action, calls, metrics) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET calls = excluded.calls, metrics = excluded.metrics`, len(rows),
			func(i int) ([]any, error) {
				r := rows[i]
				return []any{dayOf(r.Day), r.Tenant, r.Account, r.Region, r.Action, r.Calls, r.Metrics}, nil
			})
		return w.err
	})
	if err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, err)
	}
	return nil
}

// Spent returns the sums of the day in which an instant lies, in order.
func (l *Ledger) Spent(day time.Time) ([]Spend, error) {
	var out []Spend
	err := l.rows("spend", `SELECT day, tenant, account, region, action, calls, metrics FROM spend WHERE day = ? ORDER BY tenant, account, region, action`,
		[]any{dayOf(day)}, func(rows *sql.Rows) error {
			var r Spend
			var at int64
			if err := rows.Scan(&at, &r.Tenant, &r.Account, &r.Region, &r.Action, &r.Calls, &r.Metrics); err != nil {
				return err
			}
			r.Day = fromWall(at)
			out = append(out, r)
			return nil
		})
	return out, err
}

func dayOf(t time.Time) int64 { return wall(t.UTC().Truncate(24 * time.Hour)) }
