package service

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// cpu is an alert that fires.
func cpu(id string) kizashi.Alert {
	m := kizashi.Moment{At: kizashi.TimeOf(now.Add(-time.Hour)), Value: 97, Verdict: kizashi.Verdict{Expected: 40, Lower: kizashi.None(), Upper: 60}}
	return kizashi.Alert{ID: id, Series: 1, Tenant: "acme", Group: "web", Labels: kizashi.LabelsOf(map[string]string{"metric": "CPUUtilization"}), Side: kizashi.Up,
		Class: "check", State: kizashi.Firing, Opened: m.At, From: m.At, To: m.At.Add(time.Minute), Changed: m.At, Seq: 1, Opening: m, Peak: m, Models: []string{"spike"}}
}

const cpuID = "0123456789abcdef"

// spoken is a service that is ready, with one alert of acme's and one of
// another tenant's.
func spoken(t *testing.T, o Options) *Service {
	t.Helper()
	s := open(t, o)
	s.ready.Store(true)
	foreign := cpu("ffff456789abcdef")
	foreign.Tenant = "globex"
	if err := s.store.Ledger().Commit(ledger.Changes{Alerts: []kizashi.Alert{cpu(cpuID), foreign}}); err != nil {
		t.Fatal(err)
	}
	return s
}

// post says something as a client does that has the token.
func post(t *testing.T, s *Service, path, body string, headers ...string) (int, string) {
	t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+hex.EncodeToString(s.token))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// said is the act of an answer.
func said(t *testing.T, body string) alert.Act {
	t.Helper()
	var got struct{ Act alert.Act }
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.Act.ID == "" {
		t.Fatalf("%v: %s", err, body)
	}
	return got.Act
}

func TestAnAckIsKeptWithWhoAndWhen(t *testing.T) {
	s := spoken(t, options(t))
	code, body := post(t, s, "/api/acts", `{"kind":"ack","alert":"0123","author":"sato"}`)
	if code != http.StatusCreated {
		t.Fatalf("%d %s", code, body)
	}
	a := said(t, body)
	if a.Alert != cpuID || a.Tenant != "acme" || !a.At.Equal(now) || a.Via != "http" || a.Author != "sato" {
		t.Errorf("kept as %+v", a)
	}
	var h Heard
	if _, body := ask(s, "GET", "/api/acts?tenant=acme&holds=true"); json.Unmarshal([]byte(body), &h) != nil || len(h.Acts) != 1 || h.Acts[0].ID != a.ID {
		t.Errorf("the list: %s", body)
	}
	if _, body := post(t, s, "/api/acts", `{"kind":"undo","undoes":"`+a.ID[:6]+`","author":"abe"}`); said(t, body).Undoes != a.ID {
		t.Errorf("undo: %s", body)
	}
	h = Heard{}
	if _, body := ask(s, "GET", "/api/acts"); json.Unmarshal([]byte(body), &h) != nil || len(h.Acts) != 2 || len(h.Undone) != 1 || h.Undone[0] != a.ID {
		t.Errorf("the list after the undo: %s", body)
	}
}

func TestWhatIsRefused(t *testing.T) {
	s := spoken(t, options(t))
	ack := `{"kind":"ack","alert":"` + cpuID + `","author":"sato"}`
	for _, c := range []struct {
		what, body string
		headers    []string
		code       int
		says       string
	}{
		{"no token", ack, []string{"Authorization", ""}, 401, "needs the token"},
		{"another token", ack, []string{"Authorization", "Bearer " + strings.Repeat("0", 64)}, 401, "needs the token"},
		{"a password", ack, []string{"Authorization", "Basic eDp5"}, 401, "needs the token"},
		{"a form of a page", ack, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "application/json"},
		{"a page of another site", ack, []string{"Origin", "http://elsewhere.example", "Sec-Fetch-Site", "cross-site"}, 403, "cross-origin"},
		{"an alert of another tenant", `{"kind":"ack","alert":"ffff456789abcdef","tenant":"acme","author":"sato"}`, nil, 403, "of another tenant"},
		{"no such alert", `{"kind":"ack","alert":"eeee","author":"sato"}`, nil, 404, "not found"},
		{"no author", `{"kind":"ack","alert":"` + cpuID + `","author":" "}`, nil, 400, "author is missing"},
		{"no reason", `{"kind":"watch","alert":"` + cpuID + `","author":"sato","until":"2026-06-16T00:00:00Z"}`, nil, 400, "reason is missing"},
		{"a watch that is over", `{"kind":"watch","alert":"` + cpuID + `","author":"sato","reason":"r","until":"2026-06-15T00:00:00Z"}`, nil, 400, "lies ahead"},
		{"a mute without end", `{"kind":"mute","tenant":"acme","author":"sato","reason":"r"}`, nil, 400, "no end"},
		{"a tenant that there is not", `{"kind":"mute","tenant":"nobody","author":"sato","reason":"r","until":"2026-06-16T00:00:00Z"}`, nil, 400, `no tenant \"nobody\"`},
		{"a mode that there is not", `{"kind":"mode","tenant":"acme","author":"sato","reason":"r","value":"loud"}`, nil, 400, "loud"},
		{"an undo of nothing", `{"kind":"undo","undoes":"0123456789ab","author":"sato"}`, nil, 404, "not found"},
		{"a key that there is not", `{"kind":"ack","alrt":"x","author":"sato"}`, nil, 400, "alrt"},
		{"two acts", ack + ack, nil, 400, "follows"},
		{"an essay", `{"kind":"ack","alert":"` + cpuID + `","author":"sato","reason":"` + strings.Repeat("x", 5000) + `"}`, nil, 400, "5000 bytes"},
		{"a book", `{"reason":"` + strings.Repeat("x", 70_000) + `"}`, nil, 400, "too large"},
		{"a scale that scales nothing", `{"kind":"expect","tenant":"acme","author":"s","reason":"r","value":"1..1","until":"2026-06-16T00:00:00Z"}`, nil, 400, "not 1 alone"},
	} {
		if code, body := post(t, s, "/api/acts", c.body, c.headers...); code != c.code || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s, want %d and %q", c.what, code, body, c.code, c.says)
		}
	}
	as, err := s.store.Ledger().Acts(ledger.ActFilter{})
	if err != nil || len(as) != 0 {
		t.Errorf("something was kept: %v %v", as, err)
	}
	if code, body := post(t, s, "/api/acts", ack, "Authorization", "", TokenHeader, hex.EncodeToString(s.token)); code != 201 {
		t.Errorf("the token in its own header: %d %s", code, body)
	}
}

func TestAnUndoIsSaidOnce(t *testing.T) {
	s := spoken(t, options(t))
	_, body := post(t, s, "/api/acts", `{"kind":"ack","alert":"0123","author":"sato"}`)
	undo := `{"kind":"undo","undoes":"` + said(t, body).ID + `","author":"abe"}`
	_, body = post(t, s, "/api/acts", undo)
	u := said(t, body)
	if code, body := post(t, s, "/api/acts", undo); code != http.StatusConflict || !strings.Contains(body, "by abe") {
		t.Errorf("a second time: %d %s", code, body)
	}
	if code, body := post(t, s, "/api/acts", `{"kind":"undo","undoes":"`+u.ID+`","author":"abe"}`); code != 400 || !strings.Contains(body, "anew") {
		t.Errorf("an undo of an undo: %d %s", code, body)
	}
}

// The token is made once, is its owner's alone, and one that others may read
// is refused.
func TestTheTokenOfTheDataDirectory(t *testing.T) {
	o := options(t)
	s, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	first := s.token
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(o.Config.Storage.Path, TokenFile)
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", st, err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), o); err == nil || !strings.Contains(err.Error(), "others may read it") {
		t.Errorf("a file that others may read: %v", err)
	}
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	if again := open(t, o); string(again.token) != string(first) {
		t.Error("the second start made another token")
	}
}

// ops are the commands that wait for the journal, oldest first.
func ops(s *Service) string {
	var out []string
	for _, c := range s.commands.waiting {
		text := string(c.Op)
		if c.Op != kizashi.Revoke {
			text += " " + c.From.UTC().Format("02T15") + "/" + c.To.UTC().Format("02T15")
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// journals lets what waits reach the journal and the ledger, as the runner
// does.
func journals(t *testing.T, s *Service) {
	t.Helper()
	if err := s.store.Ledger().Commit(ledger.Changes{Commands: s.commands.take()}); err != nil {
		t.Fatal(err)
	}
}

func TestAnExclusionGoesIntoTheJournal(t *testing.T) {
	o := options(t)
	s := spoken(t, o)
	_, body := post(t, s, "/api/acts", `{"kind":"exclude","tenant":"acme","match":["metric=\"CPUUtilization\""],"from":"2026-06-14T00:00:00Z","until":"2026-06-14T06:00:00Z","author":"sato","reason":"load test"}`)
	a := said(t, body)
	if got := ops(s); got != "exclude 14T00/14T06" || a.Command == nil || a.Command.Act != a.ID || a.Command.Op != kizashi.Exclude {
		t.Fatalf("the journal is given %q, the act keeps %+v", got, a.Command)
	}
	// A kill before the journal has it: the next start gives it again, once.
	s.commands.take()
	s.effects = nil
	for range 2 {
		if err := s.journalActs(); err != nil {
			t.Fatal(err)
		}
	}
	if got := ops(s); got != "exclude 14T00/14T06" {
		t.Fatalf("after a kill: %q", got)
	}
	journals(t, s)
	s.effects = nil
	if err := s.journalActs(); err != nil || ops(s) != "" {
		t.Fatalf("journalled, and given again: %q %v", ops(s), err)
	}
	post(t, s, "/api/acts", `{"kind":"undo","undoes":"`+a.ID+`","author":"abe","reason":"wrong host"}`)
	if got := ops(s); got != "revoke" || s.commands.waiting[0].Author != "abe" {
		t.Errorf("the undo gives %q", got)
	}
}

// Feedback names the episode as far as it has come, once; when it is over,
// wholly; and what was said can be taken back.
func TestFeedbackGoesIntoTheJournal(t *testing.T) {
	s := spoken(t, options(t))
	_, body := post(t, s, "/api/acts", `{"kind":"feedback","alert":"0123","value":"true","author":"sato"}`)
	a := said(t, body)
	if c := a.Command; ops(s) != "feedback 15T11/15T11" || c == nil || c.As != kizashi.SaidTrue || c.Series != 1 || c.Alert != cpuID || c.To.Sub(c.From) != time.Minute {
		t.Fatalf("the journal is given %q, the act keeps %+v", ops(s), c)
	}
	journals(t, s)
	over := cpu(cpuID)
	over.To, over.Seq = over.To.Add(time.Hour), 1
	again := func(want string) {
		t.Helper()
		if err := s.store.Ledger().Commit(ledger.Changes{Alerts: []kizashi.Alert{over}}); err != nil {
			t.Fatal(err)
		}
		if err := s.journalActs(); err != nil || ops(s) != want {
			t.Errorf("%s: %q %v, want %q", over.State, ops(s), err, want)
		}
		journals(t, s)
	}
	again("")
	over.State, over.Seq = kizashi.Resolved, 2
	again("feedback 15T11/15T12")
	again("")
	post(t, s, "/api/acts", `{"kind":"undo","undoes":"`+a.ID+`","author":"abe"}`)
	if ops(s) != "revoke" || s.commands.waiting[0].Act != a.ID {
		t.Errorf("the undo gives %q", ops(s))
	}
	if _, body := post(t, s, "/api/acts", `{"kind":"feedback","alert":"0123","value":"owner","author":"sato"}`); said(t, body).Command != nil {
		t.Errorf("whose it is says nothing of its values: %s", body)
	}
}

// An expectation says by what factors values may differ.
func TestAnExpectationGoesIntoTheJournal(t *testing.T) {
	s := spoken(t, options(t))
	_, body := post(t, s, "/api/acts", `{"kind":"expect","tenant":"acme","match":["metric=\"CPUUtilization\""],"value":"x3","until":"2026-06-16T00:00:00Z","author":"sato","reason":"load test"}`)
	if a := said(t, body); ops(s) != "expect 15T12/16T00" || a.Value != "1..3" || a.Command.Low != 1 || a.Command.High != 3 {
		t.Errorf("%q, %+v", ops(s), a)
	}
}

// Recurring windows are expanded ahead of time, each stretch once, over
// restarts too; what is taken back is taken back for all of them.
func TestRecurringExclusionsAreJournalledAhead(t *testing.T) {
	o := options(t)
	at := now
	o.Now = func() time.Time { return at }
	s := spoken(t, o)
	code, body := post(t, s, "/api/acts", `{"kind":"exclude","tenant":"acme","window":"cron 0 2 * * * for 1h in UTC","remind":"2026-09-01T00:00:00Z","author":"sato","reason":"backup"}`)
	if code != 201 {
		t.Fatalf("%d %s", code, body)
	}
	if got := strings.Count(ops(s), "exclude"); got != 7 {
		t.Fatalf("%d stretches of the next 7 days: %s", got, ops(s))
	}
	journals(t, s)
	at = at.Add(24 * time.Hour)
	s.effects = nil // a restart
	if err := s.journalComing(at); err != nil || ops(s) != "exclude 23T02/23T03" {
		t.Errorf("a day later: %q %v", ops(s), err)
	}
	journals(t, s)
	post(t, s, "/api/acts", `{"kind":"undo","undoes":"`+said(t, body).ID+`","author":"abe"}`)
	if got := strings.Count(ops(s), "revoke"); got != 8 {
		t.Errorf("the undo takes back %d of 8: %s", got, ops(s))
	}
}

// What the configuration declares is journalled like an act, and taken back
// for the time to come when it is declared no more.
func TestDeclaredExclusionsFollowTheConfiguration(t *testing.T) {
	s := spoken(t, options(t))
	b, err := os.ReadFile(s.opt.Config.File)
	if err != nil {
		t.Fatal(err)
	}
	more := "exclude: [{match: ['metric=\"CPUUtilization\"'], window: 2026-06-20T00:00Z/2026-06-21T00:00Z, reason: move}]\n"
	write(t, s.opt.Config.File, string(b)+more)
	for range 2 {
		if code, body := ask(s, "POST", "/-/reload"); code != 200 {
			t.Fatalf("%d %s", code, body)
		}
	}
	if got := ops(s); got != "exclude 20T00/21T00" {
		t.Errorf("declared: %q", got)
	}
	journals(t, s)
	write(t, s.opt.Config.File, string(b))
	ask(s, "POST", "/-/reload")
	if got := ops(s); got != "revoke" {
		t.Errorf("declared no more: %q", got)
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	s := spoken(t, options(t))
	m := kizashi.Meta{Series: 1, Tenant: "acme", Labels: kizashi.LabelsOf(map[string]string{"metric": "CPUUtilization"})}
	if err := s.store.Ledger().Commit(ledger.Changes{Declared: []kizashi.Declaration{{Meta: m}}}); err != nil {
		t.Fatal(err)
	}
	dry := func(body string) (c Covered) {
		t.Helper()
		code, text := post(t, s, "/api/acts/dry-run", body)
		if err := json.Unmarshal([]byte(text), &c); err != nil || code != 200 {
			t.Fatalf("%d %s %v", code, text, err)
		}
		return c
	}
	if c := dry(`{"kind":"mute","tenant":"acme","match":["group=\"web\""],"until":"2026-06-16T00:00:00Z","author":"s","reason":"r"}`); c.NumAlerts != 1 || !c.Always || c.Alerts[0].ID != cpuID {
		t.Errorf("a mute of the group: %+v", c)
	}
	if c := dry(`{"kind":"exclude","tenant":"acme","match":["metric=\"CPUUtilization\""],"from":"2026-06-01T00:00:00Z","until":"2026-06-02T00:00:00Z","author":"s","reason":"r"}`); c.NumAlerts != 0 || c.NumSeries != 1 || c.Held != "24h0m0s" {
		t.Errorf("an exclusion of a day without alerts: %+v", c)
	}
	if c := dry(`{"kind":"mute","tenant":"acme","match":["group=\"db\""],"until":"2026-06-16T00:00:00Z","author":"s","reason":"r"}`); c.NumAlerts != 0 {
		t.Errorf("a mute of what never was: %+v", c)
	}
	as, err := s.store.Ledger().Acts(ledger.ActFilter{})
	if err != nil || len(as) != 0 || ops(s) != "" {
		t.Errorf("something was kept: %v, %v, %q", as, err, ops(s))
	}
}

func TestNothingIsSaidBeforeItIsReady(t *testing.T) {
	s := open(t, options(t))
	if _, err := s.Say(alert.Act{Kind: alert.ActAck}); !errors.Is(err, errEarly) {
		t.Errorf("%v", err)
	}
	if code, _ := post(t, s, "/api/acts", `{"kind":"ack"}`); code != 503 {
		t.Errorf("%d", code)
	}
}

// What is said of delivery gives the journal nothing: what is judged and
// learned is the journal's alone, so none of it can change that.
func TestWhatIsSaidOfDeliveryChangesNoLearning(t *testing.T) {
	s := spoken(t, options(t))
	for _, body := range []string{
		`{"kind":"ack","alert":"0123","author":"sato"}`,
		`{"kind":"watch","alert":"0123","author":"sato","reason":"known","until":"2026-06-16T00:00:00Z"}`,
		`{"kind":"mute","tenant":"acme","author":"sato","reason":"works","until":"2026-06-16T00:00:00Z"}`,
		`{"kind":"mute","tenant":"acme","match":["metric=\"CPUUtilization\""],"author":"sato","reason":"works","window":"cron 0 2 * * * for 2h in Asia/Tokyo"}`,
		`{"kind":"assign","alert":"0123","value":"application","reason":"theirs","author":"sato"}`,
		`{"kind":"mode","tenant":"acme","value":"shadow","author":"sato","reason":"trial"}`,
	} {
		code, answer := post(t, s, "/api/acts", body)
		if code != http.StatusCreated {
			t.Errorf("%s: %d %s", body, code, answer)
			continue
		}
		a := said(t, answer)
		if ops(s) != "" || a.Command != nil {
			t.Errorf("%s gives the journal %q", a.Kind, ops(s))
		}
		if code, _ := post(t, s, "/api/acts", `{"kind":"undo","undoes":"`+a.ID+`","author":"abe"}`); code != http.StatusCreated || ops(s) != "" {
			t.Errorf("the undo of %s: %d, the journal is given %q", a.Kind, code, ops(s))
		}
	}
}

// A window whose file changes has other stretches: those that it has no more
// and that have not begun are taken back, one with another end is given anew,
// and of a file that cannot be read nothing is known.
func TestStretchesFollowTheFileOfTheirWindow(t *testing.T) {
	o := options(t)
	at := now
	o.Now = func() time.Time { return at }
	s := spoken(t, o)
	file := filepath.Join(filepath.Dir(o.Config.File), "works.ics")
	events := func(spans ...string) {
		text := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
		for _, sp := range spans {
			from, to, _ := strings.Cut(sp, "/")
			text += "BEGIN:VEVENT\r\nUID:" + from + "\r\nDTSTART:202606" + from + "0000Z\r\nDTEND:202606" + to + "0000Z\r\nEND:VEVENT\r\n"
		}
		write(t, file, text+"END:VCALENDAR\r\n")
	}
	events("15T10/15T13", "17T02/17T04", "18T02/18T04", "19T02/19T04")
	code, body := post(t, s, "/api/acts", `{"kind":"exclude","tenant":"acme","window":"ics works.ics","remind":"2026-09-01T00:00:00Z","author":"sato","reason":"works"}`)
	if code != 201 || ops(s) != "exclude 15T10/15T13, exclude 17T02/17T04, exclude 18T02/18T04, exclude 19T02/19T04" {
		t.Fatalf("%d %s: %q", code, body, ops(s))
	}
	id := said(t, body).ID
	comes := func(what, want string) {
		t.Helper()
		journals(t, s)
		s.effects = nil // a restart
		at = at.Add(journalEvery)
		if err := s.journalComing(at); err != nil || ops(s) != want {
			t.Errorf("%s: %q %v, want %q", what, ops(s), err, want)
		}
	}
	comes("nothing has changed", "")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	comes("the file cannot be read", "")
	events("17T02/17T05", "19T02/19T04", "20T02/20T04")
	comes("other events", "revoke, revoke, exclude 17T02/17T05, exclude 20T02/20T04")
	for i, want := range []string{id + "@2026-06-17T02:00:00Z", id + "@2026-06-18T02:00:00Z"} {
		if c := s.commands.waiting[i]; c.Act != want || c.Reason != "its window says it no more" {
			t.Errorf("taken back %d: %+v, want %s", i, c, want)
		}
	}
	comes("nothing has changed again", "")
	events("17T02/17T05", "18T02/18T04", "19T02/19T04", "20T02/20T04")
	comes("one comes back", "exclude 18T02/18T04")
}
