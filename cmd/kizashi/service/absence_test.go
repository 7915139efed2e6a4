package service

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// hoursAgo is a time of the story, which ends at now.
func hoursAgo(h float64) kizashi.Time {
	return kizashi.TimeOf(now.Add(-time.Duration(h * float64(time.Hour))))
}

// episodeOf is an alert of a tenant over [from, to) hours ago; to 0 = it fires
// still.
func episodeOf(tenant, account string, n int, from, to float64) []kizashi.Alert {
	labels := kizashi.LabelsOf(map[string]string{"name": fmt.Sprintf("cpu %d", n), "account": account, "region": "us-east-1"})
	id := kizashi.IDOf(tenant, labels)
	m := kizashi.Moment{At: hoursAgo(from), Value: kizashi.Num(90 + n), Verdict: kizashi.Verdict{Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None()}}
	a := kizashi.Alert{ID: kizashi.AlertID(id, kizashi.Up, m.At), Series: id, Tenant: tenant, Group: "web", Labels: labels, Side: kizashi.Up, Class: "check",
		State: kizashi.Firing, Opened: m.At, From: m.At, To: m.At.Add(time.Minute), Changed: m.At.Add(time.Minute), Seq: 1, Opening: m, Peak: m, Models: []string{"spike"}}
	if to == 0 {
		return []kizashi.Alert{a}
	}
	b := a
	b.State, b.Seq, b.To, b.Changed = kizashi.Resolved, 2, hoursAgo(to), hoursAgo(to)
	return []kizashi.Alert{a, b}
}

func commit(t *testing.T, s *Service, alerts ...kizashi.Alert) {
	t.Helper()
	c := ledger.Changes{Alerts: alerts}
	for _, a := range alerts {
		c.Declared = append(c.Declared, kizashi.Declaration{Meta: kizashi.Meta{Series: a.Series, Tenant: a.Tenant, Labels: a.Labels, Identity: a.Labels, Unit: "Percent"}})
	}
	if err := s.store.Ledger().Commit(c); err != nil {
		t.Fatal(err)
	}
}

// ofAcme is a partition of the tenant of options.
var ofAcme = kizashi.Partition{Tenant: "acme", Account: "123456789012", Region: "us-east-1", Kind: kizashi.Metrics, Period: time.Minute, Settle: 3 * time.Minute}

func ran(t *testing.T, s *Service, at kizashi.Time, alerts ...kizashi.Alert) {
	t.Helper()
	if err := s.absences.note(&pipeline.Result{Partition: ofAcme, Ran: at, Alerts: alerts}, now); err != nil {
		t.Fatal(err)
	}
}

func notesOf(t *testing.T, s *Service) []kizashi.Alert {
	t.Helper()
	as, err := s.store.Ledger().Alerts(ledger.Filter{Group: ownGroup})
	if err != nil {
		t.Fatal(err)
	}
	return as
}

// Six hours away: seven alerts opened and ended, one fires still, one was told
// before, one is another tenant's.
func TestWhatEndedMeanwhileIsSummedUp(t *testing.T) {
	s := open(t, options(t))
	positions := map[kizashi.Partition]uint64{commandPart: uint64(hoursAgo(6)), ofAcme: 1}
	if err := s.absences.begin(positions, []string{"acme", "globex"}, now); err != nil {
		t.Fatal(err)
	}
	before := episodeOf("acme", "123456789012", 20, 6.5, 5.5)
	commit(t, s, before...)
	if err := s.store.Ledger().Threads(alert.Alone("stdout", before[1], 1, now)); err != nil {
		t.Fatal(err)
	}
	if err := s.store.Ledger().Record(t.Context(), "stdout", alert.Told{Thread: before[0].ID, Done: alert.Turn{Seq: 1, State: kizashi.Firing}, Outcome: alert.OutcomeTold}); err != nil {
		t.Fatal(err)
	}
	var meanwhile []kizashi.Alert
	for i := range 7 {
		meanwhile = append(meanwhile, episodeOf("acme", "123456789012", i, 5-float64(i)/2, 4.5-float64(i)/2)...)
	}
	still := episodeOf("acme", "123456789012", 10, 1, 0)
	other := episodeOf("globex", "210987654321", 11, 4, 3)
	commit(t, s, append(append(meanwhile, still...), other...)...)

	// While it catches up nothing of that time is told.
	ran(t, s, hoursAgo(3))
	if !s.holds(still[0]) || !s.holds(meanwhile[0]) || s.absences.wants(meanwhile[1]) {
		t.Error("what happened meanwhile is told before it is known whether it is over")
	}
	if err := s.sumUp(now); err != nil || len(notesOf(t, s)) != 0 {
		t.Fatalf("summed up three hours behind: %v %v", notesOf(t, s), err)
	}
	// Caught up: one note, and what fires still goes out by itself.
	ran(t, s, kizashi.TimeOf(now.Add(-4*time.Minute)))
	if err := s.sumUp(now); err != nil {
		t.Fatal(err)
	}
	notes := notesOf(t, s)
	if len(notes) != 1 {
		t.Fatalf("%d notes, want 1: %v", len(notes), notes)
	}
	n := notes[0]
	if head := n.Facts[0]; n.Tenant != "acme" || head.Count != 7 || head.Of != 1 || head.From != hoursAgo(6) || head.To != kizashi.TimeOf(now) || len(n.Facts) != 1+mostEpisodes {
		t.Errorf("note %+v", n)
	}
	if s.holds(still[0]) || !s.absences.wants(still[0]) || s.absences.wants(meanwhile[1]) || !s.absences.wants(other[1]) {
		t.Error("held or told wrongly once it has caught up")
	}
	late := episodeOf("acme", "123456789012", 20, 0.02, 0.01)
	if s.holds(late[0]) || !s.absences.wants(late[1]) {
		t.Error("what was judged after the note, and is not in it, is not told")
	}
	text, err := s.render(t.Context(), alert.Alone("stdout", n, 1, now))
	if err != nil || !strings.Contains(text.Summary, "7 alerts opened and ended") || !strings.Contains(text.Summary, meanwhile[0].ID) || strings.Contains(text.Summary, "globex") {
		t.Errorf("%v: %s", err, text.Summary)
	}
	// A kill before the file knew of it repeats nothing.
	s.absences.mu.Lock()
	s.absences.list[0].Told = false
	s.absences.mu.Unlock()
	if err := s.sumUp(now); err != nil || len(notesOf(t, s)) != 1 {
		t.Errorf("a kill repeats it: %v %v", notesOf(t, s), err)
	}
	// The note ends by itself.
	if err := s.closeNotes(kizashi.TimeOf(now.Add(30 * time.Minute))); err != nil || notesOf(t, s)[0].State != kizashi.Firing {
		t.Errorf("closed after half an hour: %v", err)
	}
	if err := s.closeNotes(kizashi.TimeOf(now.Add(2 * time.Hour))); err != nil || notesOf(t, s)[0].Ended != kizashi.ClaimSaid {
		t.Errorf("not closed after two hours: %v %+v", err, notesOf(t, s)[0])
	}
}

// A kill between an outage's end in the ledger and the file, and one between the
// note and the file, lose nothing: a replayed end is noted, once, and what ended
// after the note is told by itself.
func TestAKillBesideTheNote(t *testing.T) {
	s := open(t, options(t))
	blind := kizashi.Alert{ID: "b", Tenant: "acme", Group: ownGroup, Labels: kizashi.LabelsOf(map[string]string{"account": "123456789012", "region": "us-east-1"}),
		State: kizashi.Resolved, Opened: hoursAgo(24), From: hoursAgo(24), To: hoursAgo(0.1), Models: []string{string(kizashi.ClaimBlind)}, Seq: 2}
	for range 2 {
		if err := s.absences.outages(&pipeline.Result{Partition: ofAcme, Alerts: []kizashi.Alert{blind}}, now); err != nil || len(s.absences.list) != 1 {
			t.Fatalf("%v, %d absences, want 1", err, len(s.absences.list))
		}
	}
	first, second := episodeOf("acme", "123456789012", 1, 12, 11), episodeOf("acme", "123456789012", 2, 12, 11)
	commit(t, s, append(first, second[0])...)
	ran(t, s, hoursAgo(0.05))
	later := now.Add(refillTime)
	if err := s.sumUp(later); err != nil || len(notesOf(t, s)) != 1 || notesOf(t, s)[0].Facts[0].Count != 1 {
		t.Fatalf("%v: %+v", err, notesOf(t, s))
	}
	s.absences.mu.Lock()
	s.absences.list[0].Told = false // the file does not know that the note is there
	s.absences.mu.Unlock()
	commit(t, s, second[1])
	if err := s.sumUp(later); err != nil || len(notesOf(t, s)) != 1 {
		t.Fatalf("%v: %+v", err, notesOf(t, s))
	}
	if s.absences.wants(first[1]) || !s.absences.wants(second[1]) {
		t.Error("what is in the note is told by itself, or what ended after it is not")
	}
}

// What a kill in the middle leaves behind is in the file.
func TestAnAbsenceOutlivesAKill(t *testing.T) {
	o := options(t)
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.absences.begin(map[kizashi.Partition]uint64{commandPart: uint64(hoursAgo(72)), ofAcme: 1}, []string{"acme"}, now); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, o)
	positions := map[kizashi.Partition]uint64{commandPart: uint64(hoursAgo(0)), ofAcme: 1}
	if err := again.absences.begin(positions, []string{"acme"}, now); err != nil || len(again.absences.list) != 1 || again.absences.list[0].From != hoursAgo(72) {
		t.Errorf("%v %+v", err, again.absences.list)
	}
}

// Short absences, first starts and tenants that are new have nothing to sum up.
func TestNoAbsence(t *testing.T) {
	for name, p := range map[string]map[kizashi.Partition]uint64{
		"ten minutes": {commandPart: uint64(hoursAgo(0.16)), ofAcme: 1}, "the first start": {}, "a tenant that is new": {commandPart: uint64(hoursAgo(6))},
	} {
		s := open(t, options(t))
		if err := s.absences.begin(p, []string{"acme"}, now); err != nil || len(s.absences.list) != 0 {
			t.Errorf("%s: %v %+v", name, err, s.absences.list)
		}
	}
}

// An account that could not be seen for a day is summed up by itself; alerts of
// other accounts are told as ever.
func TestAnAccountsBlindnessIsSummedUp(t *testing.T) {
	s := open(t, options(t))
	blind := kizashi.Alert{ID: "b", Tenant: "acme", Group: ownGroup, Labels: kizashi.LabelsOf(map[string]string{"account": "123456789012", "region": "us-east-1"}),
		State: kizashi.Resolved, Opened: hoursAgo(24), From: hoursAgo(24), To: hoursAgo(0.1), Models: []string{string(kizashi.ClaimBlind)}, Seq: 2}
	ran(t, s, hoursAgo(0.05), blind)
	mine, other := episodeOf("acme", "123456789012", 1, 12, 11), episodeOf("acme", "210987654321", 2, 12, 11)
	commit(t, s, append(mine, other...)...)
	if s.absences.wants(mine[1]) || !s.absences.wants(other[1]) || !s.holds(mine[0]) || s.absences.hold(other[0], now) {
		t.Error("the wrong account is held")
	}
	if err := s.sumUp(now); err != nil || len(notesOf(t, s)) != 0 {
		t.Fatalf("summed up before it was refilled: %v", err)
	}
	later := now.Add(refillTime)
	if err := s.sumUp(later); err != nil {
		t.Fatal(err)
	}
	notes := notesOf(t, s)
	if len(notes) != 1 || notes[0].Facts[0].Count != 1 || notes[0].Labels.Get("account") != "123456789012" {
		t.Fatalf("notes %+v", notes)
	}
	x, err := explain.Text(notes[0], kizashi.Justification{}, explain.Style{Lang: explain.English})
	if err != nil || !strings.Contains(x.Title, "could not see account 123456789012 in us-east-1") {
		t.Errorf("%v: %s", err, x.Title)
	}
}

// A cause that ends as another begins is no end of the outage.
func TestAnotherCauseIsNoSight(t *testing.T) {
	for ended, want := range map[kizashi.Claim]int{kizashi.ClaimSight: 1, kizashi.ClaimOther: 0} {
		var s absences
		if err := s.load(t.TempDir()); err != nil {
			t.Fatal(err)
		}
		r := pipeline.Result{Ran: kizashi.Never, Alerts: []kizashi.Alert{{Tenant: "acme", State: kizashi.Resolved, Models: []string{"blind"}, To: kizashi.Time(2 * absentAfter / time.Millisecond), Ended: ended}}}
		if err := s.note(&r, time.Now()); err != nil || len(s.list) != want {
			t.Errorf("%s: %d absences, want %d: %v", ended, len(s.list), want, err)
		}
	}
}
