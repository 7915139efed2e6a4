package service

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// The first look is written once a tenant's initial back-fill is over, and
// said in one note, also over a restart.
func TestTheFirstLookIsTakenOnce(t *testing.T) {
	o := options(t)
	s := open(t, o)
	begin(t, s)
	live := kizashi.Partition{Tenant: "acme", Account: "123456789012", Region: "us-east-1", Kind: kizashi.Metrics, Period: time.Minute}
	fill := live
	fill.Backfill = "initial-1of1"
	until := kizashi.TimeOf(now)
	raised(t, s, until.Add(-24*time.Hour))

	s.readings.took(&kizashi.Batch{Partition: fill, Until: until})
	take(t, s)
	if code, body := ask(s, "GET", "/api/firstlook/acme"); code != http.StatusNotFound || !strings.Contains(body, "when the history is read") {
		t.Errorf("while the history is read: %d %s", code, body)
	}
	s.readings.took(&kizashi.Batch{Partition: live, Until: until, Roster: []kizashi.RosterEntry{{Op: kizashi.Close, Partition: fill, At: until}}})
	take(t, s)
	code, text := ask(s, "GET", "/api/firstlook/acme?format=txt")
	for _, want := range []string{"First look: acme", "History read: Mon 2026-06-01 12:00 to Mon 2026-06-15 12:00 UTC", "1 alert. What is over was not sent.",
		"cpu i-1: value 97%", "kizashi explain " + o.Config.Storage.Path + " ALERT", "Nothing could be listed of account 123456789012 us-east-1"} {
		if code != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("the report (%d) does not say %q:\n%s", code, want, text)
		}
	}
	if code, page := ask(s, "GET", "/api/firstlook/acme"); code != http.StatusOK || !strings.Contains(page, "<h1>First look: acme</h1>") {
		t.Errorf("as a page: %d %s", code, page)
	}
	for _, other := range []string{"globex", "..%2Fsecret"} {
		if code, _ := ask(s, "GET", "/api/firstlook/"+other); code != http.StatusNotFound {
			t.Errorf("report of %s: %d, want 404", other, code)
		}
	}
	take(t, s)
	begin(t, s) // as after a start
	take(t, s)
	notes, err := s.store.Ledger().Alerts(ledger.Filter{Tenant: "acme", Group: ownGroup})
	if err != nil || len(notes) != 1 || notes[0].Facts[0].Claim != kizashi.ClaimFirstLook || notes[0].Facts[0].Of != 1 {
		t.Errorf("notes: %+v %v, want one of the first look, with one alert", notes, err)
	}
}

func begin(t *testing.T, s *Service) {
	t.Helper()
	if s.pipeline == nil {
		if err := s.recover(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.beginLooks(now); err != nil {
		t.Fatal(err)
	}
}

func take(t *testing.T, s *Service) {
	t.Helper()
	if err := s.look(now); err != nil {
		t.Fatal(err)
	}
}

// raised puts an alert that is over into the ledger.
func raised(t *testing.T, s *Service, at kizashi.Time) {
	t.Helper()
	m := kizashi.Meta{Series: 1, Tenant: "acme", Group: "web", Unit: "Percent", Labels: kizashi.LabelsOf(map[string]string{"name": "cpu i-1"})}
	opening := kizashi.Moment{At: at, Value: 97, Verdict: kizashi.Verdict{Expected: 40, Lower: kizashi.None(), Upper: 60}}
	a := kizashi.Alert{ID: "0123456789abcdef", Series: 1, Tenant: "acme", Group: "web", Labels: m.Labels, Side: kizashi.Up, Class: "check", State: kizashi.Resolved,
		Opened: at, From: at, To: at.Add(time.Hour), Changed: at.Add(time.Hour), Seq: 2, Opening: opening, Peak: opening, Models: []string{"spike"}}
	if err := s.store.Ledger().Commit(ledger.Changes{Declared: []kizashi.Declaration{{Meta: m}}, Alerts: []kizashi.Alert{a}}); err != nil {
		t.Fatal(err)
	}
}

// Durations on the HTTP side are in seconds.
func TestSourcesAreToldInSeconds(t *testing.T) {
	s := open(t, options(t))
	p := kizashi.Partition{Tenant: "acme", Account: "123456789012", Region: "us-east-1", Kind: kizashi.Metrics, Period: time.Minute, Settle: 3 * time.Minute, Poll: 5 * time.Minute, Source: "check"}
	s.readings.took(&kizashi.Batch{Partition: p, Until: kizashi.TimeOf(now), Status: &kizashi.Status{Reason: "tenant acme, account 123456789012: no"}})
	_, body := ask(s, "GET", "/api/sources")
	for _, want := range []string{`"tenant":"acme","account":"123456789012","region":"us-east-1","kind":"metrics","source":"check","period_seconds":60,"settle_seconds":180,"poll_seconds":300`,
		`"read_until":"2026-06-15T12:00:00Z"`, `"reason":"tenant acme, account 123456789012: no"`} {
		if !strings.Contains(body, want) {
			t.Errorf("it does not say %s:\n%s", want, body)
		}
	}
}
