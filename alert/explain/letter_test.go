package explain

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// letters are messages of every reason about the stories.
func letters() map[string]Letter {
	wall := func(min int) time.Time { return opened.UTC().Add(time.Duration(min) * time.Minute) }
	one := func(s story, sev alert.Severity, r alert.Reason) Letter {
		s.a.Class = "act"
		a := s.a
		th := alert.Thread{ID: a.ID, Lane: "oncall slack", Tenant: a.Tenant, State: a.State, Seq: 2, Fired: 1, Reason: r, Opened: wall(3), Changed: wall(245)}
		th.Members = []alert.Member{{Alert: a.ID, Turn: alert.TurnOf(a), Severity: sev, Since: 1}}
		return Letter{Thread: th, Members: []Episode{{a, sev, s.j, ""}}, Owner: "infrastructure",
			Next: []string{"Look at the targets of the load balancer; roll back the last release if it began with it."}, Runbook: "https://wiki.example/alb-slow",
			Terms: []alert.Term{{Name: alert.TermClass, Text: "act", Value: none}, {Name: alert.TermEffect, Value: 2.5, Moves: 1}, {Name: alert.TermDuration, Value: 7200}}}
	}
	watch := &alert.Act{ID: "0123456789ab", Kind: alert.ActWatch, At: wall(20), Until: wall(240), Author: "sato", Request: "Tanaka (Acme)", Ticket: "INC-204", Reason: "known, the release is on Friday"}
	out := map[string]Letter{}
	for _, r := range []alert.Reason{alert.ReasonOpened, alert.ReasonWorse, alert.ReasonAgain, alert.ReasonReminder, alert.ReasonEscalated,
		alert.ReasonUnmuted, alert.ReasonHours, alert.ReasonAssigned, alert.ReasonTest, alert.ReasonUnwatched, alert.ReasonGrown} {
		l := one(latency(), alert.Critical, r)
		switch r {
		case alert.ReasonUnwatched, alert.ReasonGrown:
			act := *watch
			act.Value = alert.Measure{Severity: alert.Warning, Peak: l.Members[0].Alert.Peak.Value * .85, Limit: l.Members[0].Alert.Peak.Value * .8}.String()
			l.Act = &act
		case alert.ReasonAssigned:
			l.Act = &alert.Act{Kind: alert.ActAssign, Author: "sato", Reason: "the application's release"}
		case alert.ReasonEscalated:
			l.Thread.By = "oncall"
		case alert.ReasonUnmuted:
			l.Thread.By = "patch window"
		}
		out[strings.ReplaceAll(string(r), " ", "_")] = l
	}
	out["resolved"] = one(orders(), alert.Warning, alert.ReasonResolved)
	linked := one(latency(), alert.Critical, alert.ReasonOpened)
	linked.Links = map[string]string{"ack": "https://kizashi.example/act/T1", "watch": "https://kizashi.example/act/T2"}
	out["linked"] = linked
	out["blind"] = one(blindness(kizashi.NoPermission, false), alert.Warning, alert.ReasonOpened)
	out["note"] = one(away("", false), alert.Notice, alert.ReasonOpened)
	out["more"] = hosts(one(cpu(), alert.Critical, alert.ReasonMore), 3, 8, 2)
	out["many"] = hosts(one(cpu(), alert.Critical, alert.ReasonMore), 14, 40, 1)
	for name, r := range map[string]alert.Reason{"reminder_some": alert.ReasonReminder, "escalated_some": alert.ReasonEscalated} {
		l := hosts(one(cpu(), alert.Critical, r), 5, 8, 0)
		l.Thread.By, l.Acked = "oncall", 3
		out[name] = l
	}
	out["behind"] = one(heartbeat(), alert.Critical, alert.ReasonOpened)
	b := out["behind"]
	b.Thread.Behind = 12
	out["behind"] = b
	out["held_back"] = hosts(one(cpu(), alert.Warning, alert.ReasonHeldBack), 3, 0, 0)
	for _, s := range lineStories() {
		if s.name == "log_new" || s.name == "log_surge" || s.name == "log_absent" {
			out[s.name] = one(s, alert.Critical, alert.ReasonOpened)
		}
	}
	out["caught_up"] = hosts(one(orders(), alert.Warning, alert.ReasonCaughtUp), 2, 0, 0)
	return out
}

// hosts makes the letter's thread one of n hosts, of of in the group, of which
// new ones were added.
func hosts(l Letter, n, of, added int) Letter {
	first := l.Members[0]
	l.Thread.Key, l.Thread.Of = kizashi.LabelsOf(map[string]string{"service": "web"}), of
	l.Members, l.Thread.Members = nil, nil
	for i := range n {
		e := first
		ls := map[string]string{"dim_InstanceId": fmt.Sprintf("i-%04d", i+1), "name": fmt.Sprintf("CPUUtilization i-%04d", i+1), "service": "web"}
		e.Alert.Labels = kizashi.LabelsOf(ls)
		e.Justification.Meta.Labels = e.Alert.Labels
		e.Alert.ID = fmt.Sprintf("%016x", i+1)
		m := alert.Member{Alert: e.Alert.ID, Turn: alert.TurnOf(e.Alert), Severity: e.Severity, Since: 1}
		if i >= n-added {
			m.Since = l.Thread.Seq
		}
		l.Members, l.Thread.Members = append(l.Members, e), append(l.Thread.Members, m)
	}
	return l
}

// plain lays a message out for a golden.
func plain(m alert.Message) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", m.Title, m.Lead)
	for _, f := range m.Facts {
		fmt.Fprintf(&b, "%s: %s\n", f.Name, f.Text)
	}
	for _, l := range m.Lines {
		fmt.Fprintf(&b, "- %s\n", l)
	}
	if m.More != "" {
		fmt.Fprintf(&b, "- %s\n", m.More)
	}
	for _, n := range m.Next {
		fmt.Fprintf(&b, "> %s\n", n)
	}
	for _, a := range m.Actions {
		fmt.Fprintf(&b, "[%s] %s %s\n", a.Label, a.URL, a.Command)
	}
	fmt.Fprintf(&b, "%s\n", m.Foot)
	return b.String()
}

func TestLetters(t *testing.T) {
	for name, letter := range letters() {
		for _, l := range languages {
			t.Run(name+"."+string(l), func(t *testing.T) {
				m, err := Compose(letter, Style{Lang: l})
				if err != nil {
					t.Fatal(err)
				}
				golden(t, "letter/"+name+"."+string(l), plain(m))
			})
		}
	}
}

// The tables of words have a row, in both languages, for every constant of
// their type: the source is read.
func TestEveryReasonAndTermHasWords(t *testing.T) {
	rs := stringConstants(t, "../thread.go", "Reason")
	for _, r := range rs {
		row, ok := reasons[alert.Reason(r)]
		plain := slices.Contains([]alert.Reason{alert.ReasonOpened, alert.ReasonResolved, alert.ReasonDigest}, alert.Reason(r))
		if !ok || !plain && (row.en == nil || row.ja == nil || row.state.en == "" || row.state.ja == "") {
			t.Errorf("reason %q has no words in both languages", r)
		}
	}
	ts := stringConstants(t, "../term.go", "TermName")
	for _, n := range ts {
		if r, ok := terms[alert.TermName(n)]; !ok || r.en == nil || r.ja == nil {
			t.Errorf("term %q has no words in both languages", n)
		}
	}
	if len(rs) < 16 || len(ts) < 7 || len(rs) != len(reasons) || len(ts) != len(terms) {
		t.Errorf("%d reasons of %d rows, %d terms of %d rows", len(rs), len(reasons), len(ts), len(terms))
	}
}

// stringConstants reads the constants of a type from its source.
func stringConstants(t *testing.T, file, typ string) (out []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := v.Type.(*ast.Ident); ok && id.Name == typ {
			s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, s)
		}
		return true
	})
	return out
}

func TestLetterWithoutMembers(t *testing.T) {
	if _, err := Compose(Letter{}, Style{Lang: English}); err == nil {
		t.Error("a letter without members was written")
	}
}

// days are digests: a full one, and one on which nothing happened.
func days() map[string]Day {
	from, to := mustTime("2026-10-04T23:30:00Z"), mustTime("2026-10-05T23:30:00Z")
	l, o, c := latency(), orders(), cpu()
	c.a.Class = "record"
	c.a.State, c.a.To = kizashi.Resolved, c.a.Opened+20*60_000
	asked := questions()
	full := Day{Tenant: "acme", Zone: "Asia/Tokyo", From: from, To: to,
		Begun: []Episode{{l.a, alert.Critical, l.j, "act"}, {o.a, alert.Warning, o.j, ""}, {c.a, alert.Notice, c.j, ""}},
		Open:  []Episode{{l.a, alert.Critical, l.j, "act"}},
		Jobs: []Job{{"nightly backup", mustTime("2026-10-05T17:00:00Z"), mustTime("2026-10-05T17:03:00Z"), false, false},
			{"billing export", mustTime("2026-10-05T18:00:00Z"), mustTime("2026-10-05T19:40:00Z"), true, false},
			{"month-end close", mustTime("2026-10-05T20:00:00Z"), kizashi.Never, true, false}, {"log archive", mustTime("2026-10-05T21:00:00Z"), kizashi.Never, true, true}},
		Watched: []alert.Act{{Kind: alert.ActWatch, Alert: "1671b5b4f0159a0b", Author: "sato", Reason: "known, the release is on Friday", Until: mustTime("2026-10-09T00:00:00Z").UTC()}},
		Muted: []alert.Act{{Kind: alert.ActMute, Match: matchers(`service="batch"`), Author: "suzuki", Reason: "patch window", Window: "cron 0 2 * * 2 for 2h in Asia/Tokyo"},
			{ID: "00000000000a", Kind: alert.ActMute, Match: matchers(`dim_InstanceId="i-1"`), Author: "suzuki", Reason: "to be scrapped", Remind: mustTime("2026-10-12T00:00:00Z").UTC()},
			asked[0]},
		Asked:    asked,
		HeldBack: 4, Stranded: 1}
	return map[string]Day{"full": full, "quiet": {Tenant: "acme", Zone: "Asia/Tokyo", From: from, To: to}}
}

// questions are acts until further notice.
func questions() []alert.Act {
	at := mustTime("2026-09-21T00:30:00Z").UTC()
	return []alert.Act{
		{ID: "00000000000b", Kind: alert.ActMute, At: at, Tenant: "acme", Match: matchers(`service="old"`), Author: "suzuki", Request: "Tanaka (Acme)", Ticket: "CHG-7", Reason: "to be scrapped", Remind: at.AddDate(0, 0, 14)},
		{ID: "00000000000c", Kind: alert.ActExclude, At: at, From: at.AddDate(0, 0, -1), Tenant: "acme", Match: matchers(`stack="trial"`), Author: "sato", Reason: "a trial of the new release", Remind: at.AddDate(0, 0, 14)},
		{ID: "00000000000d", Kind: alert.ActExpect, At: at, Tenant: "acme", Author: "sato", Value: "1..3", Reason: "campaign", Remind: at.AddDate(0, 0, 14)},
	}
}

func TestQuestions(t *testing.T) {
	for _, a := range questions() {
		for _, l := range languages {
			t.Run(string(a.Kind)+"."+string(l), func(t *testing.T) {
				m, err := Ask(Question{Act: a, Zone: "Asia/Tokyo", Next: a.Remind.AddDate(0, 0, 7)}, Style{Lang: l})
				if err != nil {
					t.Fatal(err)
				}
				golden(t, "letter/ask_"+string(a.Kind)+"."+string(l), plain(m))
			})
		}
	}
}

func matchers(s string) kizashi.Matchers {
	m, err := kizashi.ParseMatcher(s)
	if err != nil {
		panic(err)
	}
	return kizashi.Matchers{m}
}

func TestDigests(t *testing.T) {
	for name, d := range days() {
		for _, l := range languages {
			t.Run(name+"."+string(l), func(t *testing.T) {
				m, err := Digest(d, Style{Lang: l})
				if err != nil {
					t.Fatal(err)
				}
				golden(t, "letter/digest_"+name+"."+string(l), plain(m))
			})
		}
	}
}

func TestDigestRefusesAnUnknownZone(t *testing.T) {
	if _, err := Digest(Day{Tenant: "acme", Zone: "Mars/Base"}, Style{Lang: English}); err == nil || !strings.Contains(err.Error(), "Mars/Base") {
		t.Errorf("got %v, want an error that names the zone", err)
	}
}

// What is cut from the lists of a digest is what matters least: an alert of
// high severity and a job that failed are named however late they came.
func TestADigestNamesTheWorst(t *testing.T) {
	from, to := mustTime("2026-10-04T23:30:00Z"), mustTime("2026-10-05T23:30:00Z")
	d := Day{Tenant: "acme", From: from, To: to}
	for i := range 12 {
		e := Episode{cpu().a, alert.Notice, cpu().j, ""}
		e.Alert.Opened, e.Alert.State = from.Add(time.Duration(i)*time.Minute), kizashi.Firing
		over := e
		over.Alert.State, over.Alert.To = kizashi.Resolved, e.Alert.Opened.Add(time.Minute)
		j := Job{Name: fmt.Sprint("job-", i), Due: from.Add(time.Duration(i) * time.Hour), Came: from.Add(time.Duration(i) * time.Hour)}
		switch i {
		case 9:
			j.Late = true
		case 10:
			j.Came, j.Late, j.Dark = kizashi.Never, true, true
		case 11:
			e.Severity, over.Severity = alert.Critical, alert.Critical
			over.Alert.Labels = kizashi.LabelsOf(map[string]string{"name": "the worst that is over"})
			over.Justification.Meta.Labels = over.Alert.Labels
			j.Came, j.Late = kizashi.Never, true
		}
		d.Open, d.Begun, d.Jobs = append(d.Open, e), append(d.Begun, e, over), append(d.Jobs, j)
	}
	m, err := Digest(d, Style{Lang: English})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(m.Lines[0], "CRITICAL ") || !strings.Contains(m.Lines[mostLines], "the worst that is over") || m.More != "and 6 others" {
		t.Errorf("first of what stands %q, of what is over %q; %s", m.Lines[0], m.Lines[mostLines], m.More)
	}
	var jobs []string
	for _, l := range m.Lines[2*mostLines:] {
		jobs = append(jobs, strings.Join(strings.Fields(l)[:2], " "))
	}
	if got := strings.Join(jobs[:4], ", "); got != "NOT DONE, NOT SEEN, LATE job-9,, DONE job-0," {
		t.Errorf("jobs: %s", got)
	}
}

// A title counts what stands, and only of one metric does it say of how many.
func TestATitleCountsWhatStands(t *testing.T) {
	write := func(l Letter, lang Lang) string {
		m, err := Compose(l, Style{Lang: lang})
		if err != nil {
			t.Fatal(err)
		}
		return m.Title
	}
	of := func(over int, resolved bool) Letter {
		l := hosts(letters()["opened"], 5, 8, 0)
		for i := range over {
			l.Thread.Members[4-i].Turn.State, l.Members[4-i].Alert.State = kizashi.Resolved, kizashi.Resolved
		}
		if resolved {
			l.Thread.State, l.Thread.Reason = kizashi.Resolved, alert.ReasonResolved
		}
		return l
	}
	mixed := of(0, false)
	ls := map[string]string{"dim_InstanceId": "i-0005", "name": "NetworkIn i-0005", "metric": "NetworkIn"}
	mixed.Members[4].Alert.Labels = kizashi.LabelsOf(ls)
	lone := of(4, false)
	lone.Thread.Of = 0
	for _, c := range []struct {
		what   string
		l      Letter
		en, ja string
	}{
		{"all fire", of(0, false), "CRITICAL, FIRING: 5 of 8 hosts of web: ", "webのホスト8台中5台 "},
		{"four are over", of(4, false), "CRITICAL, FIRING: 1 of 8 hosts of web: ", "webのホスト8台中1台 "},
		{"all are over", of(5, true), "RESOLVED: 5 of 8 hosts of web: ", "webのホスト8台中5台 "},
		{"of several metrics", mixed, "CRITICAL, FIRING: 5 alerts of web: ", "webのアラート5件 "},
		{"one of nobody knows how many", lone, "CRITICAL, FIRING: CPUUtilization i-0001 ", "発報中】CPUUtilization i-0001 "},
	} {
		if got := write(c.l, English); !strings.HasPrefix(got, c.en) {
			t.Errorf("%s: %s; want %s", c.what, got, c.en)
		}
		if got := write(c.l, Japanese); !strings.Contains(got, c.ja) {
			t.Errorf("%s: %s; want %s", c.what, got, c.ja)
		}
	}
}

// A message shows the class that its severity came to, not the one that it
// began from.
func TestTheClassIsThatOfTheSeverity(t *testing.T) {
	for _, c := range []struct {
		own, en, ja string
		term        alert.Term
	}{
		{"check", "check (to be looked at)", "要確認(check)", alert.Term{Name: alert.TermDuration, Value: 7200, Moves: 1}},
		{"check", "act (to be acted on now)", "要対応(act)", alert.Term{Name: alert.TermGuard, Value: none, Moves: 1}},
		{"act", "check (to be looked at)", "要確認(check)", alert.Term{Name: alert.TermRedundancy, Value: none, Count: 1, Of: 1, Moves: -1}},
		{"check", "act (to be acted on now)", "要対応(act)", alert.Term{Name: alert.TermRedundancy, Value: none, Count: 2, Of: 1, Moves: 1}},
	} {
		l := letters()["opened"]
		l.Members[0].Alert.Class = c.own
		l.Terms = []alert.Term{{Name: alert.TermClass, Text: c.own, Value: none}, c.term}
		for lang, want := range map[Lang]string{English: "{Class " + c.en + "}", Japanese: "{区分 " + c.ja + "}"} {
			if m, err := Compose(l, Style{Lang: lang}); err != nil || !strings.Contains(fmt.Sprint(m.Facts), want) {
				t.Errorf("%s with %s: %v, %v; want %s", c.own, c.term.Name, m.Facts, err, want)
			}
		}
	}
}
