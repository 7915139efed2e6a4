package deliver

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/alertmanager"
	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/realtest"
)

// resend of the lanes to real Alertmanagers.
const resend = time.Second

// peer is a real Alertmanager, with the lane that tells it.
type peer struct {
	t       *testing.T
	addr    string
	dir     string
	process *realtest.Process
	lane    *deliver.Lane
	sent    chan deliver.Report // of this lane
}

// peers start so many, and lanes that tell them of what is put into outbox.
func peers(t *testing.T, n int, outbox *deliver.Memory) (ps []*peer) {
	t.Helper()
	var lanes []*deliver.Lane
	for range n {
		p := &peer{t: t, addr: realtest.FreeAddr(t), dir: t.TempDir(), sent: make(chan deliver.Report, 1000)}
		if err := os.WriteFile(filepath.Join(p.dir, "am.yml"), []byte("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		p.start()
		sink, err := alertmanager.New(alertmanager.Config{URL: "http://" + p.addr, Resend: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		cfg := deliver.DefaultConfig() // but for how often it is reminded
		cfg.Resend = resend
		if p.lane, err = deliver.NewLane(sink, cfg, deliver.Deps{Outbox: outbox, Render: lived, Report: func(r deliver.Report) { p.sent <- r }}); err != nil {
			t.Fatal(err)
		}
		ps, lanes = append(ps, p), append(lanes, p.lane)
	}
	ctx, stop := context.WithCancel(context.Background())
	drain, cut := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- deliver.Run(ctx, drain, lanes...) }()
	t.Cleanup(func() {
		stop()
		cut()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return ps
}

// lived renders an alert that began a minute ago, and is over now if it is.
func lived(_ context.Context, th alert.Thread) (alert.Notification, error) {
	now := kizashi.TimeOf(time.Now())
	return alert.Notification{Title: th.ID, Lang: "en", Alert: kizashi.Alert{ID: th.ID, Tenant: "shop", Seq: th.Seq, State: th.State,
		From: now.Add(-time.Minute), To: now, Changed: now}}, nil
}

func (p *peer) start() {
	p.t.Helper()
	p.process = realtest.Alertmanager(p.t, p.addr, filepath.Join(p.dir, "am.yml"), filepath.Join(p.dir, "data"))
}

// holds are the ids of the alerts that it holds for active.
func (p *peer) holds() (ids []string) {
	p.t.Helper()
	r, err := http.Get("http://" + p.addr + "/api/v2/alerts?active=true")
	if err != nil {
		return nil // it is down
	}
	defer r.Body.Close()
	var all []struct{ Labels map[string]string }
	if err := json.NewDecoder(r.Body).Decode(&all); err != nil {
		p.t.Fatal(err)
	}
	for _, a := range all {
		ids = append(ids, a.Labels["kizashi_id"])
	}
	slices.Sort(ids)
	return ids
}

// await polls until it holds just these.
func (p *peer) await(ids ...string) {
	p.t.Helper()
	for end := time.Now().Add(stalled); !slices.Equal(p.holds(), ids); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("it holds %v, want %v", p.holds(), ids)
		}
	}
}

// forget drops the reports so far.
func (p *peer) forget() {
	for len(p.sent) > 0 {
		<-p.sent
	}
}

func put(outbox *deliver.Memory, ps []*peer, id string, seq int, state kizashi.AlertState) {
	a := kizashi.Alert{ID: id, Tenant: "shop", Seq: seq, State: state}
	outbox.Put(alert.Alone("", a, 1, time.Now()))
	for _, p := range ps {
		p.lane.Wake()
	}
}

// An Alertmanager that was killed in the middle of an episode, and has lost
// all that it knew, shows it again with the first re-send after it is back,
// and that comes within one interval, however often it was tried in vain.
func TestAlertmanagerIsKilledMidEpisode(t *testing.T) {
	outbox := deliver.NewMemory()
	ps := peers(t, 1, outbox)
	p := ps[0]
	put(outbox, ps, "a", 1, kizashi.Firing)
	p.await("a")
	p.process.Kill()
	if err := os.RemoveAll(filepath.Join(p.dir, "data")); err != nil {
		t.Fatal(err)
	}
	p.forget()
	for failed := 0; failed < 4; { // so that the lane waits as long as it may
		if r := <-p.sent; r.Outcome == "" {
			if failed++; r.Next.After(time.Now().Add(resend)) {
				t.Errorf("after %d failures it is tried again at %s, in %s", failed, r.Next, time.Until(r.Next))
			}
		}
	}
	p.start()
	began := time.Now()
	p.forget()
	for r := <-p.sent; r.Outcome != alert.OutcomeTold; r = <-p.sent {
		if time.Since(began) > stalled {
			t.Fatal("it is back, and is not told")
		}
	}
	if got := fmt.Sprint(p.holds()); got != "[a]" {
		t.Errorf("after the first re-send it holds %s", got)
	}
	t.Logf("visible %s after it was back; re-sent every %s", time.Since(began).Round(time.Millisecond), resend)
}

// Of two peers one is down while things begin and end: the other shows all of
// it, and the one that comes back shows the present.
func TestOneOfTwoAlertmanagersIsDown(t *testing.T) {
	outbox := deliver.NewMemory()
	ps := peers(t, 2, outbox)
	put(outbox, ps, "a", 1, kizashi.Firing)
	for _, p := range ps {
		p.await("a")
	}
	ps[0].process.Kill()
	put(outbox, ps, "b", 1, kizashi.Firing)
	ps[1].await("a", "b")
	put(outbox, ps, "c", 1, kizashi.Firing)
	ps[1].await("a", "b", "c")
	put(outbox, ps, "a", 2, kizashi.Resolved)
	put(outbox, ps, "c", 2, kizashi.Resolved)
	ps[1].await("b")
	ps[0].start()
	for _, p := range ps {
		p.await("b")
	}
	put(outbox, ps, "b", 2, kizashi.Resolved)
	for _, p := range ps {
		p.await()
	}
}
