package alertmanager

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/alert/heartbeat"
)

func TestHeartbeat(t *testing.T) {
	var got []postable
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
	}))
	defer srv.Close()
	at := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	h, err := NewHeartbeat(Config{URL: srv.URL, Resend: time.Minute, Now: func() time.Time { return at }}, "tokyo-1")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		now := at.Add(time.Duration(i) * time.Minute)
		if err := h.Beat(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		p := got[0]
		if len(got) != 1 || p.Labels["alertname"] != "KizashiHeartbeat" || p.Labels["severity"] != "none" || p.Labels["instance"] != "tokyo-1" ||
			!p.StartsAt.Equal(at) || !p.EndsAt.Equal(now.Add(4*time.Minute)) {
			t.Errorf("beat %d: %+v, want one that began at %s and ends four minutes ahead", i, p, at)
		}
	}
}

// A real Alertmanager holds the alert for as long as it beats, and resolves it
// by itself when the work stalls.
func TestRealHeartbeat(t *testing.T) {
	am := newReal(t)
	h, err := NewHeartbeat(Config{URL: "http://" + am.addr, Resend: 500 * time.Millisecond}, "tokyo-1")
	if err != nil {
		t.Fatal(err)
	}
	var stalled atomic.Bool
	heart, err := heartbeat.New(heartbeat.Config{Every: 500 * time.Millisecond, Stalled: func() string {
		if stalled.Load() {
			return "nothing was judged"
		}
		return ""
	}}, h)
	if err != nil {
		t.Fatal(err)
	}
	go heart.Run(t.Context())
	beating := func(want bool) func() (bool, string) {
		return func() (bool, string) {
			as, err := am.active()
			if err != nil {
				return false, err.Error()
			}
			ok := len(as) == 1 && as[0].Labels["alertname"] == HeartbeatName && as[0].Labels["severity"] == "none"
			return ok == want && (ok || len(as) == 0), ""
		}
	}
	am.until("it fires", beating(true))
	stalled.Store(true)
	am.until("it has ended by itself", beating(false))
	stalled.Store(false)
	am.until("it fires again", beating(true))
	am.kill()
	am.start()
	am.until("an Alertmanager that restarted knows of it", beating(true))
}
