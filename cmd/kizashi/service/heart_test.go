package service

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// The heart stops when commands stand still, and when one tenant does.
func TestWhatStandsStill(t *testing.T) {
	var p pulse
	fast := kizashi.Partition{Tenant: "acme", Kind: kizashi.Metrics, Period: time.Minute}
	daily := kizashi.Partition{Tenant: "globex", Kind: kizashi.Metrics, Period: 24 * time.Hour, Settle: 6 * time.Hour}
	at, day := now, kizashi.TimeOf(now.Add(-30*time.Hour))
	step := func(part kizashi.Partition, ran kizashi.Time) {
		p.note(&pipeline.Result{Partition: part, Ran: ran}, at)
	}
	step(daily, day)
	for range 60 {
		at = at.Add(time.Minute)
		step(commandPart, 0)
		step(fast, kizashi.TimeOf(at))
		if why := p.stalled(at); why != "" {
			t.Fatalf("%s: %s", at.Format("15:04"), why)
		}
	}
	last := kizashi.TimeOf(at)
	for range 10 {
		at = at.Add(time.Minute)
		step(commandPart, 0)
		step(fast, last) // batches come, and nothing is judged
	}
	if why := p.stalled(at); why != "tenant acme: nothing was judged for 10m0s" {
		t.Errorf("acme stands still: %q", why)
	}
	step(fast, kizashi.TimeOf(at))
	if why := p.stalled(at); why != "" {
		t.Errorf("it goes on: %q", why)
	}
	if why := p.stalled(at.Add(6 * time.Minute)); !strings.HasPrefix(why, "nothing was worked through for 6m") {
		t.Errorf("commands stand still: %q", why)
	}
}

func TestTheServiceBeats(t *testing.T) {
	o := options(t)
	beats := make(chan string, 100)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { beats <- r.Method + " " + r.URL.Path }))
	defer srv.Close()
	b, err := os.ReadFile(o.Config.File)
	if err != nil {
		t.Fatal(err)
	}
	write(t, o.Config.File, string(b)+"heartbeat: {http: "+srv.URL+"/key, method: POST, every: 1m}\n")
	if o.Config, err = config.Load(o.Config.File); err != nil {
		t.Fatal(err)
	}
	waits := make(chan bool)
	o.Sleep = func(ctx context.Context, _ time.Duration) error {
		select {
		case waits <- true:
		case <-ctx.Done():
		}
		<-ctx.Done()
		return ctx.Err()
	}
	s := open(t, o)
	s.pulse.note(&pipeline.Result{Partition: commandPart}, now)
	end := s.beat()
	<-waits // for the next beat: the first one is over
	if got := <-beats; got != "POST /key" {
		t.Errorf("beat %q", got)
	}
	end()
	_, body := ask(s, "GET", "/metrics")
	for _, want := range []string{`kizashi_heartbeats_total{outcome="taken",receiver="http ` + strings.TrimPrefix(srv.URL, "http://") + `"} 1`, "kizashi_heartbeat_beating 1"} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics has no %s", want)
		}
	}
}
