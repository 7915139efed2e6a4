package alertmanager

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/realtest"
)

// real is a running Alertmanager, or one that was stopped.
type real struct {
	t       *testing.T
	dir     string
	addr    string
	process *realtest.Process
}

func newReal(t *testing.T) *real {
	r := &real{t: t, dir: t.TempDir(), addr: realtest.FreeAddr(t)}
	config := "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
	if err := os.WriteFile(filepath.Join(r.dir, "am.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	return r
}

// start returns once it answers.
func (r *real) start() {
	r.t.Helper()
	r.process = realtest.Alertmanager(r.t, r.addr, filepath.Join(r.dir, "am.yml"), filepath.Join(r.dir, "data"))
}

// kill is kill -9.
func (r *real) kill() { r.process.Kill() }

// active lists the alerts that it holds for current.
func (r *real) active() ([]postable, error) {
	resp, err := http.Get("http://" + r.addr + "/api/v2/alerts")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var as []postable
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET alerts: %s", resp.Status)
	}
	return as, json.NewDecoder(resp.Body).Decode(&as)
}

// until polls; it is bounded by the half minute after which something is
// broken, not slow.
func (r *real) until(what string, f func() (bool, string)) {
	r.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.After(30 * time.Second)
	for {
		ok, seen := f()
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			r.t.Fatalf("never seen that %s; last: %s", what, seen)
		}
	}
}

// firing waits until exactly this alert, or none (""), is active.
func (r *real) firing(id string) postable {
	r.t.Helper()
	var last postable
	r.until(fmt.Sprintf("the active alert is %q", id), func() (bool, string) {
		as, err := r.active()
		if err != nil {
			return false, err.Error()
		}
		if len(as) == 1 {
			last = as[0]
		}
		return len(as) == 0 && id == "" || len(as) == 1 && as[0].Labels["kizashi_id"] == id, fmt.Sprint(as)
	})
	return last
}

// told runs a lane that tells am of a until the test ends.
func (r *real) told(a *atomic.Pointer[kizashi.Alert]) (*deliver.Memory, *deliver.Lane) {
	r.t.Helper()
	sink, err := New(Config{URL: "http://" + r.addr, Resend: 30 * time.Second})
	if err != nil {
		r.t.Fatal(err)
	}
	cfg := deliver.DefaultConfig()
	cfg.Resend, cfg.Backoff, cfg.MaxBackoff = 200*time.Millisecond, 20*time.Millisecond, 100*time.Millisecond
	outbox := deliver.NewMemory()
	lane, err := deliver.NewLane(sink, cfg, deliver.Deps{Outbox: outbox, Render: func(_ context.Context, t alert.Thread) (alert.Notification, error) {
		return alert.Notification{Alert: alert.AsOf(*a.Load(), t.Members[0].Turn), Title: "CPU 使用率が高い", Summary: "97.5 % > 81.5 %", Lang: "ja", Link: "http://127.0.0.1:8080/alerts/a1"}, nil
	}})
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	drain, cut := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- deliver.Run(ctx, drain, lane) }()
	r.t.Cleanup(func() {
		stop()
		cut()
		if err := <-ended; err != nil {
			r.t.Errorf("the lane ended with %v", err)
		}
	})
	return outbox, lane
}

// TestReal takes an alert through its life, by a lane, at a real Alertmanager
// that is killed in the middle of it and comes back without its memory.
func TestReal(t *testing.T) {
	am := newReal(t)
	began := kizashi.TimeOf(time.Now().Add(-3 * time.Minute))
	a := kizashi.Alert{
		ID: "a1", Seq: 1, State: kizashi.Firing, Tenant: "acme", Class: "act", Side: kizashi.Up, Justify: "sha256:feed",
		Labels: kizashi.LabelsOf(map[string]string{"name": "CPUUtilization", "aws:autoscaling:groupName": "web"}),
		From:   began, To: began.Add(time.Minute), Changed: began.Add(time.Minute),
	}
	var known atomic.Pointer[kizashi.Alert]
	outbox, lane := am.told(&known)
	put := func(state kizashi.AlertState, seq int) {
		now := a
		known.Store(&now)
		outbox.Put(alert.Alone("", alert.AsOf(a, alert.Turn{Seq: seq, State: state}), 1, time.Now()))
		lane.Wake()
	}

	put(kizashi.Firing, 1)
	got := am.firing("a1")
	if got.Labels["alertname"] != "Kizashi" || got.Labels["aws_autoscaling_groupName"] != "web" || got.Annotations["summary"] != "CPU 使用率が高い" || got.Annotations["justification"] != "sha256:feed" {
		t.Errorf("Alertmanager holds %+v", got)
	}
	if !got.StartsAt.Equal(began.UTC()) || time.Until(got.EndsAt) < time.Minute {
		t.Errorf("Alertmanager holds it from %s to %s", got.StartsAt, got.EndsAt)
	}

	am.kill()
	am.start() // with an empty memory
	am.firing("a1")

	put(kizashi.Resolved, 2)
	am.firing("")
	a.From = kizashi.TimeOf(time.Now())
	put(kizashi.Firing, 3) // it came back within the gap
	am.firing("a1")

	am.kill() // while it is away the alert ends
	a.To = kizashi.TimeOf(time.Now())
	put(kizashi.Resolved, 4)
	am.start()
	am.until("the lane has told the end", func() (bool, string) {
		row := outbox.Row(lane.Name(), "a1")
		return row.Done.Seq == 4 && row.Outcome == alert.OutcomeTold, fmt.Sprintf("%+v", row)
	})
	am.firing("")
}

// amtool runs the tool that operators use, and returns what it says.
func (r *real) amtool(args ...string) string {
	r.t.Helper()
	cmd := exec.Command(realtest.Program(r.t, "KIZASHI_AMTOOL", "bin/amtool"), append([]string{"--alertmanager.url=http://" + r.addr}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("amtool %q: %v: %s", args, err, out)
	}
	return string(out)
}

// TestAmtoolAcceptsWhatWeSend lists alerts with amtool in each of its formats,
// finds one by the matchers that its labels give, and silences it by them.
func TestAmtoolAcceptsWhatWeSend(t *testing.T) {
	am := newReal(t)
	sink, err := New(Config{URL: "http://" + am.addr, Resend: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	now := kizashi.TimeOf(time.Now())
	for i, labels := range []map[string]string{
		{"name": "CPUUtilization", "host": "web-1"},
		{"name": "空き容量", "host": "倉庫 \"東\" = {1,2}"},
		{"name": "x\x1b[31m\n\u202e", "host": "back\\slash"},
	} {
		a := kizashi.Alert{ID: fmt.Sprint("a", i), State: kizashi.Firing, Tenant: "acme", Class: "act", Labels: kizashi.LabelsOf(labels), From: now, To: now.Add(time.Minute)}
		if err := sink.Send(t.Context(), alert.Notification{Alert: a, Title: labels["name"], Summary: "97.5 % > 81.5 %", Lang: "ja"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, format := range []string{"simple", "extended", "json"} {
		if out := am.amtool("alert", "query", "-o", format); strings.Count(out, "Kizashi") != 3 || strings.ContainsAny(out, "\x1b\u202e") {
			t.Errorf("%s:\n%s", format, out)
		}
	}
	as, err := am.active()
	if err != nil || len(as) != 3 {
		t.Fatalf("%d alerts, %v", len(as), err)
	}
	for _, a := range as {
		var by []string
		for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
			by = append(by, name+"="+strconv.Quote(a.Labels[name]))
		}
		if out := am.amtool(append([]string{"alert", "query", "-o", "json"}, by...)...); strings.Count(out, `"fingerprint"`) != 1 {
			t.Errorf("by %q: %s", by, out)
		}
		am.amtool(append([]string{"silence", "add", "--author=sato", "--comment=known", "--duration=1h"}, by...)...)
	}
	if out := am.amtool("alert", "query", "-o", "simple"); strings.Contains(out, "Kizashi") {
		t.Errorf("silenced, and still shown:\n%s", out)
	}
}

// TestRealTakesWhatWeSend posts what is at the edge of what it accepts.
func TestRealTakesWhatWeSend(t *testing.T) {
	am := newReal(t)
	sink, err := New(Config{URL: "http://" + am.addr, Resend: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	now := kizashi.TimeOf(time.Now())
	for name, n := range map[string]alert.Notification{
		"bare":          {Alert: kizashi.Alert{ID: "a", State: kizashi.Firing, From: now, To: now}},
		"ended at once": {Alert: kizashi.Alert{ID: "b", State: kizashi.Resolved, From: now, To: now}},
		"odd text": {Link: "::no link", Title: "\x00\x1b\xff", Fields: map[string]string{"": "x", "0": "y"}, Alert: kizashi.Alert{
			ID: "c", State: kizashi.Firing, From: now, To: now, Labels: kizashi.Labels{{Name: "", Value: "v"}, {Name: "__x", Value: "\xff\n"}},
		}},
		"future": {Alert: kizashi.Alert{ID: "d", State: kizashi.Firing, From: now.Add(time.Second), To: now.Add(time.Minute)}},
	} {
		if err := sink.Send(t.Context(), n); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What it refuses is seen as refused.
	var refused alert.Permanent
	if err := sink.post(t.Context(), postable{}); !errors.As(err, &refused) {
		t.Errorf("an alert without labels: %v, which counts as worth a retry", err)
	}
}
