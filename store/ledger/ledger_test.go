package ledger

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/durable"
)

const hour = kizashi.Time(3_600_000)

// t0 is 2026-11-01T00:00:00Z.
const t0 = kizashi.Time(1_793_491_200_000)

func open(t testing.TB, path string, hook durable.Hook) *Ledger {
	t.Helper()
	l, err := Open(path, hook)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func fresh(t testing.TB) *Ledger { return open(t, filepath.Join(t.TempDir(), "kizashi.db"), nil) }

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func dump(t testing.TB, l *Ledger) string {
	t.Helper()
	var b bytes.Buffer
	if err := l.Dump(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func commit(t testing.TB, l *Ledger, c Changes) {
	t.Helper()
	if err := l.Commit(c); err != nil {
		t.Fatal(err)
	}
}

func meta(id kizashi.SeriesID, group string) kizashi.Meta {
	return kizashi.Meta{Series: id, Tenant: "acme", Identity: kizashi.Labels{}, Labels: kizashi.LabelsOf(map[string]string{"name": "latency"}), Group: group,
		Unit: "ms", Period: kizashi.Duration(time.Minute), Lower: 0, Upper: kizashi.Num(1e9)}
}

func record(id kizashi.SeriesID, at kizashi.Time) kizashi.Record {
	r := kizashi.Record{Series: id, Hour: at, Transform: kizashi.Log1p, Season: kizashi.Weekly, Period: kizashi.Duration(time.Minute), M: 3, N: 5,
		R: kizashi.Duration(28 * 24 * time.Hour), Lower: 0, Upper: 1e300, Samples: 20160, Since: t0, Ready: true, Start: kizashi.Start{At: t0, Hash: "sha256:ab"}}
	for i := range 4 {
		r.Slots[i] = kizashi.Slot{Center: 5.31 + float64(i), Scale: 0.17, Lower: 12.5, Upper: kizashi.Num(431.25 + float64(at%977))}
	}
	r.BandUp = kizashi.Tail{U: 2.1, Lambda: 3.7, N: 22, Mean: 0.41, Diff: 0.42, Xi0: 0.1, N0: 20, W: 0.25, Theta: 5.2}
	return r
}

func episode(id string, seq int, state kizashi.AlertState, to kizashi.Time) kizashi.Alert {
	return kizashi.Alert{ID: id, Series: 0xfedcba9876543210, Tenant: "acme", Group: "shop", Labels: kizashi.Labels{}, Side: kizashi.Up, Class: "act",
		State: state, Opened: t0, From: t0, To: to, Changed: to, Seq: seq, Models: []string{"band"},
		Opening: kizashi.Moment{At: t0, Value: 431}, Peak: kizashi.Moment{At: t0, Value: 500}}
}

// day is a change of everything.
func day(t testing.TB) Changes {
	j := kizashi.Justification{Format: 1, Alert: "aa11", Meta: meta(0xfedcba9876543210, "shop"), Opening: kizashi.Moment{At: t0, Value: 431}}
	state := json.RawMessage(`{"center":[1,2,3]}`)
	one, two := episode("aa11", 1, kizashi.Pending, t0+60_000), episode("aa11", 2, kizashi.Firing, t0+180_000)
	one.Justify = must(kizashi.HashOf(j))(t)
	two.Justify = one.Justify
	return Changes{
		Declared:       []kizashi.Declaration{{From: kizashi.Never, Meta: meta(0xfedcba9876543210, "shop")}, {From: kizashi.Never, Meta: meta(3, "shop")}},
		Alerts:         []kizashi.Alert{one, two, episode("aa22", 1, kizashi.Pending, t0)},
		Justifications: []kizashi.Justification{j},
		Records:        []kizashi.Record{record(0xfedcba9876543210, t0), record(0xfedcba9876543210, t0+hour), record(3, t0)},
		Checkpoints:    []kizashi.Checkpoint{{Series: 3, At: t0, Hash: must(kizashi.HashOf(state))(t), State: state}},
		Notes:          []Note{{Series: 3, At: t0, Fact: kizashi.Evidence{Claim: kizashi.ClaimMoved, Low: 3, High: 9, Value: kizashi.Num(1)}}},
		Commands:       []kizashi.Command{{Op: kizashi.Exclude, At: t0, From: t0, To: t0 + hour, Reason: "deployment"}, {Op: kizashi.Feedback, At: t0 + 1, Alert: "aa11"}},
		Revisions: []Revision{{Sample: kizashi.Sample{Series: 3, At: t0, Period: time.Minute, Value: 7.5}, Stored: 7, Why: Revised},
			{Sample: kizashi.Sample{Series: 3, At: t0 + 1, Period: time.Minute, Value: 1, Late: true}, Stored: kizashi.None(), Why: Behind}},
		Stepped: map[kizashi.Partition]uint64{{Tenant: "acme", Kind: kizashi.Metrics, Period: time.Minute}: 41},
	}
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	g, w := must(json.Marshal(got))(t), must(json.Marshal(want))(t)
	if !bytes.Equal(g, w) {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func TestAllComesBack(t *testing.T) {
	l := fresh(t)
	c := day(t)
	commit(t, l, c)
	big := kizashi.SeriesID(0xfedcba9876543210)
	equal(t, "alert", must(l.Alert("aa11"))(t), c.Alerts[1])
	equal(t, "changes", must(l.Changes("aa11"))(t), c.Alerts[:2])
	equal(t, "justification", must(l.Justification(c.Alerts[0].Justify))(t), c.Justifications[0])
	equal(t, "records", must(l.Records(big, t0, t0+2*hour))(t), c.Records[:2])
	equal(t, "checkpoint", must(l.Checkpoint(c.Checkpoints[0].Hash))(t), c.Checkpoints[0])
	equal(t, "notes", must(l.Notes(3, t0, t0+1))(t), c.Notes)
	equal(t, "commands", must(l.Commands())(t), c.Commands)
	equal(t, "meta", must(l.Meta(big))(t), c.Declared[0].Meta)
	equal(t, "metas", must(l.Metas())(t), []kizashi.Meta{c.Declared[0].Meta, c.Declared[1].Meta})
	equal(t, "revisions", must(l.Revisions(3, t0, t0+9))(t), c.Revisions)
	if got := must(l.Positions())(t); !reflect.DeepEqual(got, c.Stepped) {
		t.Errorf("positions %v", got)
	}
}

func TestSameChangesAgainChangeNothing(t *testing.T) {
	l := fresh(t)
	c := day(t)
	commit(t, l, c)
	before := dump(t, l)
	commit(t, l, c)
	commit(t, l, Changes{Alerts: c.Alerts[:1]}) // an older change of one that has gone on
	commit(t, l, Changes{Stepped: map[kizashi.Partition]uint64{{Tenant: "acme", Kind: kizashi.Metrics, Period: time.Minute}: 40}})
	if after := dump(t, l); after != before {
		t.Errorf("dump before:\n%s\nafter:\n%s", before, after)
	}
	if len(strings.Split(strings.TrimSpace(before), "\n")) != 2+2+3+1+3+1+1+2+2+1 {
		t.Errorf("dump:\n%s", before)
	}
}

func TestAlertByPrefix(t *testing.T) {
	l := fresh(t)
	commit(t, l, Changes{Alerts: []kizashi.Alert{episode("aa11", 1, kizashi.Firing, t0), episode("aa1122", 1, kizashi.Firing, t0), episode("bb", 1, kizashi.Firing, t0)}})
	for id, want := range map[string]string{"b": "bb", "aa112": "aa1122", "aa11": "aa11"} {
		if a, err := l.Alert(id); err != nil || a.ID != want {
			t.Errorf("%s: %q, %v; want %s", id, a.ID, err, want)
		}
	}
	if _, err := l.Alert("aa"); err == nil || !strings.Contains(err.Error(), "aa11, aa1122") {
		t.Errorf("two of them: %v", err)
	}
	if _, err := l.Alert("c"); !errors.Is(err, ErrNotFound) {
		t.Errorf("none: %v", err)
	}
}

func TestAlertsByFilter(t *testing.T) {
	l := fresh(t)
	var as []kizashi.Alert
	for i := range 5 {
		a := episode(fmt.Sprintf("a%d", i), 3, kizashi.Resolved, t0+kizashi.Time(i)*hour+1)
		a.Opened = t0 + kizashi.Time(i)*hour
		as = append(as, a)
	}
	as[4].State, as[3].Tenant = kizashi.Firing, "other"
	commit(t, l, Changes{Alerts: as})
	other := kizashi.SeriesID(4)
	for _, tc := range []struct {
		f    Filter
		want string
	}{
		{Filter{}, "a0 a1 a2 a3 a4"},
		{Filter{Limit: 2}, "a3 a4"},
		{Filter{Tenant: "acme", State: kizashi.Resolved}, "a0 a1 a2"},
		{Filter{From: t0 + hour, To: t0 + 3*hour}, "a1 a2"},
		{Filter{Group: "none"}, ""},
		{Filter{Series: &other}, ""},
	} {
		var got []string
		for _, a := range must(l.Alerts(tc.f))(t) {
			got = append(got, a.ID)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%+v: %v, want %s", tc.f, got, tc.want)
		}
	}
}

func TestRecordsThatOverlap(t *testing.T) {
	l := fresh(t)
	var rs []kizashi.Record
	for i := range 5 {
		rs = append(rs, record(1, t0+kizashi.Time(i)*hour))
	}
	commit(t, l, Changes{Records: rs})
	equal(t, "from inside an hour to the begin of another", must(l.Records(1, t0+hour+5, t0+3*hour))(t), rs[1:3])
	equal(t, "a moment", must(l.Records(1, t0+2*hour, t0+2*hour+1))(t), rs[2:3])
	equal(t, "everything", must(l.Records(1, kizashi.Never, kizashi.Forever))(t), rs)
}

func TestRecordsArePackedSmall(t *testing.T) {
	r := record(1, t0)
	plain, packed := must(json.Marshal(r))(t), must(packRecord(r))(t)
	if len(packed)*2 > len(plain) {
		t.Errorf("%d bytes packed, %d plain", len(packed), len(plain))
	}
	for n := range packed {
		if _, err := unpackRecord(packed[:n]); err == nil {
			t.Errorf("cut at %d of %d: accepted", n, len(packed))
		}
	}
}

func TestCommitIsAllOrNothing(t *testing.T) {
	broken := errors.New("no")
	for step, stays := range map[string]bool{durable.LedgerCommitBefore: false, durable.LedgerCommitAfter: true} {
		path := filepath.Join(t.TempDir(), "kizashi.db")
		l := open(t, path, func(s string) error {
			if s == step {
				return broken
			}
			return nil
		})
		if err := l.Commit(day(t)); !errors.Is(err, broken) {
			t.Errorf("%s: %v", step, err)
		}
		if got := dump(t, l) != ""; got != stays {
			t.Errorf("%s: committed %v, want %v", step, got, stays)
		}
	}
	l := fresh(t)
	c := day(t)
	c.Checkpoints[0].Hash = "sha256:00"
	if err := l.Commit(c); err == nil || !strings.Contains(err.Error(), "checkpoint 1 of 1") {
		t.Errorf("a checkpoint under a wrong hash: %v", err)
	}
	if got := dump(t, l); got != "" {
		t.Errorf("half of it was committed:\n%s", got)
	}
}

func TestDamagedJustificationIsNoticed(t *testing.T) {
	l := fresh(t)
	c := day(t)
	commit(t, l, c)
	if _, err := l.write.Exec(`UPDATE justifications SET body = replace(body, '431', '430')`); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Justification(c.Alerts[0].Justify); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("error %v", err)
	}
}

func TestNewerFormatIsAClearError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kizashi.db")
	l := open(t, path, nil)
	if _, err := l.write.Exec(fmt.Sprintf("PRAGMA user_version = %d", Version+1)); err != nil {
		t.Fatal(err)
	}
	l.Close()
	for what, open := range map[string]func() (*Ledger, error){
		"open": func() (*Ledger, error) { return Open(path, nil) }, "read only": func() (*Ledger, error) { return OpenReadOnly(path) },
	} {
		if _, err := open(); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestReadOnlyBesideTheService(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a dir?with#signs%41.db")
	if _, err := OpenReadOnly(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	l := open(t, path, nil)
	commit(t, l, Changes{Alerts: []kizashi.Alert{episode("a1", 1, kizashi.Firing, t0)}})
	r := must(OpenReadOnly(path))(t)
	defer r.Close()
	if _, err := r.Alert("a1"); err != nil {
		t.Error(err)
	}
	commit(t, l, Changes{Alerts: []kizashi.Alert{episode("a2", 1, kizashi.Firing, t0)}})
	if _, err := r.Alert("a2"); err != nil {
		t.Errorf("what came later: %v", err)
	}
	if err := r.Commit(Changes{}); err == nil || !strings.Contains(err.Error(), "for reading only") {
		t.Errorf("commit: %v", err)
	}
	if st := must(os.Stat(path))(t); st.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v", st.Mode())
	}
}

func TestNotALedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kizashi.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("not a database "), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, nil); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
}

// The schema has a number: a change of it needs a new migration.
func TestSchema(t *testing.T) {
	l := fresh(t)
	var tables []string
	err := l.rows("schema", `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`, nil, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		tables = append(tables, name)
		return err
	})
	want := "acts alert_changes alerts checkpoints commands declarations justifications members notes outbox positions records revisions spend threads"
	if err != nil || strings.Join(tables, " ") != want {
		t.Errorf("tables %v, %v", tables, err)
	}
}

func BenchmarkCommitHour(b *testing.B) {
	l := fresh(b)
	n := 0
	for b.Loop() {
		c := Changes{Records: make([]kizashi.Record, 1000)}
		for i := range c.Records {
			c.Records[i] = record(kizashi.SeriesID(i), t0+kizashi.Time(n)*hour)
		}
		n++
		commit(b, l, c)
	}
	b.ReportMetric(float64(b.N*1000)/b.Elapsed().Seconds(), "records/s")
}
