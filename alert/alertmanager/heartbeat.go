package alertmanager

import (
	"context"
	"time"
)

// HeartbeatName is the name of the alert that always fires.
const HeartbeatName = "KizashiHeartbeat"

// Heartbeat is an alert that fires for as long as beats come: each announces
// its end four beats ahead, so that Alertmanager resolves it by itself when
// they stop. A receiver that watches for silence makes that a call.
type Heartbeat struct {
	sink     *Sink
	instance string
	since    time.Time
}

// NewHeartbeat checks the configuration, of which Resend is the time between
// two beats. The instance tells several Kizashi apart. It sends nothing.
func NewHeartbeat(c Config, instance string) (*Heartbeat, error) {
	s, err := New(c)
	if err != nil {
		return nil, err
	}
	return &Heartbeat{sink: s, instance: instance, since: s.now()}, nil
}

// Name is that of the Alertmanager.
func (h *Heartbeat) Name() string { return h.sink.name }

// Beat sends the alert once more.
func (h *Heartbeat) Beat(ctx context.Context, at time.Time) error {
	p := postable{
		Labels: map[string]string{"alertname": HeartbeatName, "severity": "none", "instance": h.instance},
		Annotations: map[string]string{
			"summary":     "Kizashi works",
			"description": "This alert always fires. When it ends, Kizashi is gone or makes no progress, and nobody watches.",
		},
		StartsAt: h.since.UTC(), EndsAt: at.UTC().Add(h.sink.ahead),
	}
	if h.instance == "" {
		delete(p.Labels, "instance")
	}
	return h.sink.post(ctx, p)
}
