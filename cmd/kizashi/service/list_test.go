package service

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// The list of alerts by tenant, group, state, time and number.
func TestAlertsAreSelected(t *testing.T) {
	s := open(t, options(t))
	var all []kizashi.Alert
	add := func(id, tenant, group string, state kizashi.AlertState, opened, to time.Duration) {
		m := kizashi.Moment{At: kizashi.TimeOf(now.Add(opened)), Value: 1, Verdict: kizashi.Verdict{Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None()}}
		all = append(all, kizashi.Alert{ID: id, Series: kizashi.SeriesID(len(all) + 1), Tenant: tenant, Group: group, Class: "check", State: state,
			Opened: m.At, From: m.At, To: kizashi.TimeOf(now.Add(to)), Changed: m.At, Seq: 1, Opening: m, Peak: m})
	}
	const day = 24 * time.Hour
	add("ancient", "acme", "web", kizashi.Resolved, -20*day, -19*day)
	add("standing", "acme", "db", kizashi.Firing, -9*day, -time.Minute)
	add("over", "acme", "web", kizashi.Resolved, -2*day, -2*day+time.Hour)
	add("other", "globex", "web", kizashi.Pending, -day, -day+time.Hour)
	add("new", "acme", "web", kizashi.Firing, -time.Hour, 0)
	if err := s.store.Ledger().Commit(ledger.Changes{Alerts: all}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"":                                   "standing over other new",
		"?tenant=acme":                       "standing over new",
		"?tenant=nobody":                     "",
		"?group=web":                         "over other new",
		"?state=firing":                      "standing new",
		"?state=resolved&tenant=acme":        "over",
		"?since=2026-05-20T00:00:00Z":        "ancient standing over other new",
		"?since=2026-06-15T20:00:00%2B09:00": "standing other new",
		"?until=2026-06-14T00:00:00Z":        "standing over",
		"?until=2026-05-28T00:00:00Z":        "ancient",
		"?since=2026-06-13T00:00:00Z&until=2026-06-14T00:00:00Z&group=web": "over",
		"?limit=2": "other new",
	} {
		var got struct{ Alerts []kizashi.Alert }
		code, body := ask(s, "GET", "/api/alerts"+query)
		if err := json.Unmarshal([]byte(body), &got); err != nil || code != http.StatusOK {
			t.Fatalf("%s: %d %s", query, code, body)
		}
		var ids []string
		for _, a := range got.Alerts {
			ids = append(ids, a.ID)
		}
		if strings.Join(ids, " ") != want {
			t.Errorf("%s: %v, want %s", query, ids, want)
		}
	}
}

// What is not understood is refused by name, not left out.
func TestAlertsOfWrongParametersAreRefused(t *testing.T) {
	s := open(t, options(t))
	for query, want := range map[string]string{
		"tennant=acme":                    `parameter "tennant" is unknown: there are group, limit, since, state, tenant, until`,
		"state=open":                      `parameter state: "open" is no state: want pending, firing or resolved`,
		"since=yesterday":                 `parameter since: "yesterday" is no time`,
		"until=2026-06-14":                `parameter until: "2026-06-14" is no time`,
		"since=2026-06-14T00:00:00+09:00": `parameter since: "2026-06-14T00:00:00 09:00" is no time: want it as in 2026-11-28T09:00:00Z, with a + of an offset written as %2B`,
		"limit=0":                         `parameter limit: "0": want a number from 1 to 1000`,
		"limit=5000":                      `parameter limit: "5000"`,
		"limit=ten":                       `parameter limit: "ten"`,
		"tenant=":                         "parameter tenant is empty",
		"tenant=a&tenant=b":               "parameter tenant is given 2 times",
		"tenant=%zz":                      `parameters "tenant=%zz": invalid URL escape "%zz"`,
		"since=2026-06-14T00:00:00Z&until=2026-06-13T00:00:00Z": "parameter until: 2026-06-13T00:00:00Z is not after since",
	} {
		var got struct{ Error string }
		code, body := ask(s, "GET", "/api/alerts?"+query)
		if err := json.Unmarshal([]byte(body), &got); err != nil || code != http.StatusBadRequest || !strings.Contains(got.Error, want) {
			t.Errorf("%s: %d %s, want %s", query, code, body, want)
		}
	}
}
