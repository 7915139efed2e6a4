package service

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

const (
	recent     = 7 * 24 * time.Hour // how far back /api/alerts goes where nobody says since when
	mostAlerts = 1000               // of one answer
)

// listParameters are those of /api/alerts.
var listParameters = map[string]func(f *ledger.Filter, v string) error{
	"tenant": func(f *ledger.Filter, v string) error { f.Tenant = v; return nil },
	"group":  func(f *ledger.Filter, v string) error { f.Group = v; return nil },
	"state": func(f *ledger.Filter, v string) error {
		switch f.State = kizashi.AlertState(v); f.State {
		case kizashi.Pending, kizashi.Firing, kizashi.Resolved:
			return nil
		}
		return fmt.Errorf("%q is no state: want %s, %s or %s", v, kizashi.Pending, kizashi.Firing, kizashi.Resolved)
	},
	"since": func(f *ledger.Filter, v string) (err error) { f.From, err = instant(v); return err },
	"until": func(f *ledger.Filter, v string) (err error) { f.To, err = instant(v); return err },
	"limit": func(f *ledger.Filter, v string) (err error) {
		if f.Limit, err = strconv.Atoi(v); err != nil || f.Limit < 1 || f.Limit > mostAlerts {
			return fmt.Errorf("%q: want a number from 1 to %d", v, mostAlerts)
		}
		return nil
	},
}

// instant reads RFC 3339.
func instant(v string) (kizashi.Time, error) {
	t, err := time.Parse(time.RFC3339, v)
	if err != nil {
		return 0, fmt.Errorf("%q is no time: want it as in 2026-11-28T09:00:00Z, with a + of an offset written as %%2B", v)
	}
	return kizashi.TimeOf(t), nil
}

// filterOf reads the parameters of /api/alerts. An error names the parameter.
func filterOf(query string, now time.Time) (ledger.Filter, error) {
	f := ledger.Filter{Limit: mostAlerts}
	q, err := url.ParseQuery(query)
	if err != nil {
		return f, fmt.Errorf("parameters %q: %w", query, err)
	}
	for _, name := range slices.Sorted(maps.Keys(q)) {
		set, ok := listParameters[name]
		switch vs := q[name]; {
		case !ok:
			return f, fmt.Errorf("parameter %q is unknown: there are %s", name, strings.Join(slices.Sorted(maps.Keys(listParameters)), ", "))
		case len(vs) > 1:
			return f, fmt.Errorf("parameter %s is given %d times", name, len(vs))
		case vs[0] == "":
			return f, fmt.Errorf("parameter %s is empty", name)
		default:
			if err := set(&f, vs[0]); err != nil {
				return f, fmt.Errorf("parameter %s: %w", name, err)
			}
		}
	}
	switch {
	case !q.Has("since") && f.To != 0:
		f.From = f.To.Add(-recent)
	case !q.Has("since"):
		f.From = kizashi.TimeOf(now.Add(-recent))
	case f.To != 0 && f.To <= f.From:
		return f, fmt.Errorf("parameter until: %s is not after since, %s", f.To, f.From)
	}
	return f, nil
}
