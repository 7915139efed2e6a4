package pipeline_test

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// An outage whose cause turns from one into another and back is told each time
// as an alert of its own: under the id of one that has ended nobody would hear
// of it. And what ends as another cause begins was not seen again.
func TestACauseThatComesBackIsANewAlert(t *testing.T) {
	p, err := pipeline.New(pipeline.Config{}, models.All(), pipeline.NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	part := kizashi.Partition{Tenant: "acme", Account: "111122223333", Region: "ap-northeast-1", Kind: kizashi.Metrics, Period: time.Minute}
	from := kizashi.TimeOf(time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC))
	region, role := kizashi.Cause{Kind: kizashi.NoRegion}, kizashi.Cause{Kind: kizashi.NoCredentials, Name: "reader"}
	var r pipeline.Result
	seen := map[string]bool{}
	for i, c := range []struct {
		minute int
		cause  kizashi.Cause
		ended  kizashi.Claim // of the alert before
	}{{20, region, ""}, {25, role, kizashi.ClaimOther}, {30, region, kizashi.ClaimOther}} {
		b := kizashi.Batch{Partition: part, Pos: uint64(i + 1), Until: from,
			Status: &kizashi.Status{From: from, Through: from.Add(time.Duration(c.minute) * time.Minute), Cause: c.cause, Reason: "no"}}
		if i == 0 {
			b.Roster = []kizashi.RosterEntry{{Op: kizashi.Join, Partition: part, At: from}}
		}
		if err := p.Step(b, &r); err != nil {
			t.Fatal(err)
		}
		opened := r.Alerts[len(r.Alerts)-1]
		if opened.State != kizashi.Firing || opened.Seq != 1 || seen[opened.ID] {
			t.Errorf("minute %d: %s %s, change %d; want a new alert that fires", c.minute, opened.ID, opened.State, opened.Seq)
		}
		seen[opened.ID] = true
		if len(r.Alerts) == 2 && r.Alerts[0].Ended != c.ended || len(r.Alerts) == 1 && c.ended != "" {
			t.Errorf("minute %d: %d changes, the first ended %q, want %q", c.minute, len(r.Alerts), r.Alerts[0].Ended, c.ended)
		}
	}
}
