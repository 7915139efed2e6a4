package ledger

import (
	"fmt"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// TestAThreadDoesNotWaitForItsMembersRows: a lane finds a thread of a thousand
// members before the rows by which the members find it; these are written
// later, or after a kill at the next start.
func TestAThreadDoesNotWaitForItsMembersRows(t *testing.T) {
	th := alert.Thread{ID: "t1", Lane: "chat", Tenant: "acme", State: kizashi.Firing, Seq: 1, Fired: 1, Opened: noon, Changed: noon}
	for i := range 1200 {
		th.Members = append(th.Members, alert.Member{Alert: fmt.Sprintf("a%04d", i), Turn: alert.Turn{Seq: 1, State: kizashi.Firing}, Since: 1, At: noon})
	}
	over := th
	over.ID, over.State, over.Changed = "t0", kizashi.Resolved, noon.AddDate(0, 0, -9)
	for _, how := range []string{"later", "at the next start"} {
		l := fresh(t)
		if err := l.Bodies(th, over); err != nil {
			t.Fatal(err)
		}
		if es := must(l.Entries(t.Context(), "chat", noon))(t); len(es) == 0 || len(es[0].Thread.Members) != 1200 {
			t.Fatalf("the lane finds %d threads", len(es))
		}
		if err := l.Record(t.Context(), "chat", alert.Told{Thread: "t1", Done: th.Turn(), Outcome: alert.OutcomeTold, At: noon}); err != nil {
			t.Fatal(err)
		}
		if told := must(l.Told("a0700"))(t); len(told) != 0 {
			t.Fatalf("a member finds its thread already: %v", told)
		}
		write := func() error { return l.Members(th) }
		if how != "later" {
			write = func() error { return l.Mend(noon.AddDate(0, 0, -2)) }
		}
		for range 2 { // again changes nothing
			if err := write(); err != nil {
				t.Fatal(err)
			}
		}
		if told := must(l.Told("a0700"))(t); told["chat"].Thread != "t1" {
			t.Errorf("%s: a member finds %v", how, told)
		}
		var n int
		if err := l.read.QueryRow(`SELECT count(*) FROM members`).Scan(&n); err != nil || n != 1200 {
			t.Errorf("%s: %d rows of members, %v", how, n, err)
		}
	}
}
