package pipeline_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store/state"
)

// firstState is the newest snapshot of the first whole program, with an outage of a
// region that stands.
func firstState(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("tar", "-xzf", filepath.Join("..", "testdata", "state", "first.tar.gz"), "-C", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s, report, err := state.Load(filepath.Join(dir, "data", "state"))
	if err != nil || !report.Found || len(report.Damaged) > 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	head, blob, _ := bytes.Cut(s.Blob, []byte{'\n'})
	var all map[string]json.RawMessage
	if err := json.Unmarshal(head, &all); err != nil {
		t.Fatal(err)
	}
	var parts []struct{ Key json.RawMessage }
	if err := json.Unmarshal(all["partitions"], &parts); err != nil {
		t.Fatal(err)
	}
	var metrics json.RawMessage
	for _, p := range parts {
		if bytes.Contains(p.Key, []byte(`"metrics"`)) && !bytes.Contains(p.Key, []byte("initial")) {
			metrics = p.Key
		}
	}
	all["blind"] = json.RawMessage(`[{"cause":{"tenant":"acme","account":"123456789012","region":"ap-northeast-1","reason":"AccessDenied"},
		"blind":{"alert":{"id":"b11d","tenant":"acme","group":"kizashi","state":"firing","seq":1,"from":"2026-06-15T05:00:00Z","to":"2026-06-15T05:10:00Z"},"partitions":[` + string(metrics) + `]}}]`)
	if head, err = json.Marshal(all); err != nil {
		t.Fatal(err)
	}
	return append(append(head, '\n'), blob...)
}

// What the first whole program knew of partitions, groups and alerts stands; a series
// of which no sample is stored begins anew, and that is said. An outage that stood
// ends when its partition can be read again.
func TestLoadsTheFirstState(t *testing.T) {
	p, err := pipeline.Load(firstState(t), models.All(), 2, pipeline.NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	var r pipeline.Result
	if !p.Rebuilt(&r) || len(r.Notes) != 2 || r.Pos != 0 {
		t.Fatalf("told of %d series", len(r.Notes))
	}
	for _, n := range r.Notes {
		if n.Fact.Claim != kizashi.ClaimRebuilt || n.Fact.Count != 0 {
			t.Errorf("a series without samples: %+v", n)
		}
	}
	if p.Rebuilt(&r) || len(r.Notes) > 0 {
		t.Error("it is told twice")
	}
	again, err := p.Save()
	if err != nil {
		t.Fatal(err)
	}
	q, err := pipeline.Load(again, models.All(), 1, pipeline.NewMemory())
	if err != nil || q.Rebuilt(&r) || len(q.Engine().Series()) != 2 {
		t.Fatalf("saved and loaded again: %v, %d series", err, len(q.Engine().Series()))
	}
	var part kizashi.Partition
	var pos uint64
	for k, v := range q.Positions() {
		if k.Kind == kizashi.Metrics && k.Backfill == "" {
			part, pos = k, v
		}
	}
	b := kizashi.Batch{Partition: part, Pos: pos + 1, Until: kizashi.TimeOf(time.Date(2026, 6, 15, 5, 40, 0, 0, time.UTC))}
	if err := q.Step(b, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Alerts) == 0 || r.Alerts[0].ID != "b11d" || r.Alerts[0].State != kizashi.Resolved || r.Alerts[0].Ended != kizashi.ClaimSight {
		t.Errorf("the outage: %+v", r.Alerts)
	}
}

// A state that is cut is refused wherever it is.
func TestATornFirstState(t *testing.T) {
	b := firstState(t)
	head := bytes.IndexByte(b, '\n')
	for _, n := range []int{0, head / 2, head + 1, head + 20, (head + len(b)) / 2, len(b) - 1} {
		if _, err := pipeline.Load(b[:n], models.All(), 1, pipeline.NewMemory()); err == nil {
			t.Errorf("cut at %d of %d it is read", n, len(b))
		}
	}
	if _, err := pipeline.Load(bytes.Replace(b, []byte(`"format":1`), []byte(`"format":9`), 1), models.All(), 1, pipeline.NewMemory()); err == nil {
		t.Error("a state of format 9 is read")
	}
}
