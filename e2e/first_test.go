package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/store"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// The data directory of the first whole program, killed while an alert stood: the
// service goes on with it. Its baselines are learned again from the samples that the
// directory holds, and their notes say so; the alert that stood ends as itself.
func TestGoesOnFromTheFirstVersion(t *testing.T) {
	w := newWorldIn(t, scene{instances: 2, end: begin.Add(9 * time.Hour), value: value,
		watch: "{name: AWS/EC2, period: 5m, settle: 0s, group: web, metrics: [CPUUtilization]}",
		metric: func(i int) awsfake.Metric {
			return awsfake.Metric{Namespace: "AWS/EC2", Name: "CPUUtilization", Dimensions: map[string]string{"InstanceId": fmt.Sprintf("i-%d", i)}}
		}})
	if out, err := exec.Command("tar", "-xzf", filepath.Join("..", "testdata", "state", "first.tar.gz"), "-C", w.dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w.set(begin.Add(32 * step))
	s := start(t, w.config, "KIZASHI_CLOCK="+w.clock)
	s.awaitReady()
	if said := s.said(); !strings.Contains(said, "baselines were learned again from stored samples\" series=2 \"without samples\"=0") || strings.Contains(said, "level=ERROR") ||
		strings.Contains(said, "not used") || strings.Contains(said, "torn") {
		t.Errorf("it says\n%s", said)
	}
	was := s.alerts()
	for i := 33; i <= 48; i++ {
		w.set(begin.Add(time.Duration(i) * step))
		s.await("it settles", func() bool { return w.settled(s) })
	}
	now := s.alerts()
	t.Logf("%v\n%v", was, now)
	s.stop()
	r, err := store.OpenReadOnly(filepath.Join(w.dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	as, err := r.Ledger().Alerts(ledger.Filter{})
	for _, a := range as {
		t.Log(a.ID, a.State, a.Opened, a.To, a.Models, a.Seq)
	}
	_ = slices.Contains[[]string]
	_ = kizashi.Never
	_ = os.Args
}
