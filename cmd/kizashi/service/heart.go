package service

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/alertmanager"
	"github.com/kizashi-ops/kizashi/alert/heartbeat"
	"github.com/kizashi-ops/kizashi/alert/sns"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// stallAfter is how long nothing may move before the heartbeat stops. The
// command partition moves every second; a tenant moves with its most frequent
// reading, of which two may be missed.
const stallAfter = 5 * time.Minute

// pulse notes when work last went on. The clock is the wall's.
type pulse struct {
	mu       sync.Mutex
	commands time.Time
	tenants  map[string]*movement
}

// movement of a tenant's judged time.
type movement struct {
	ran   map[kizashi.Class]kizashi.Time
	moved time.Time
	every time.Duration // between two readings of what is read most often
}

// note takes in what a step produced.
func (p *pulse) note(r *pipeline.Result, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	part := r.Partition
	if part.Kind == kizashi.Commands {
		p.commands = now
		return
	}
	if p.tenants == nil {
		p.tenants = map[string]*movement{}
	}
	m, every := p.tenants[part.Tenant], max(part.Period, part.Poll)
	if m == nil {
		m = &movement{ran: map[kizashi.Class]kizashi.Time{}, moved: now, every: every}
		p.tenants[part.Tenant] = m
	}
	m.every = min(m.every, every)
	if r.Ran > m.ran[part.Class()] {
		m.ran[part.Class()], m.moved = r.Ran, now
	}
}

// stalled says what stands still.
func (p *pulse) stalled(now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d := now.Sub(p.commands); d > stallAfter {
		return fmt.Sprintf("nothing was worked through for %s", d.Round(time.Second))
	}
	for _, t := range slices.Sorted(maps.Keys(p.tenants)) {
		m := p.tenants[t]
		if d := now.Sub(m.moved); d > stallAfter+2*m.every {
			return fmt.Sprintf("tenant %s: nothing was judged for %s", t, d.Round(time.Second))
		}
	}
	return ""
}

// Beats makes the receivers of the heartbeat that a configuration names;
// nothing is sent yet.
func Beats(ctx context.Context, cfg *config.Config, o Options) ([]heartbeat.Target, error) {
	h := cfg.Heartbeat
	var out []heartbeat.Target
	add := func(t heartbeat.Target, err error, where string) error {
		if err != nil {
			return fmt.Errorf("%s: heartbeat.%s: %w", cfg.File, where, err)
		}
		out = append(out, t)
		return nil
	}
	for i, u := range h.Alertmanager {
		t, err := alertmanager.NewHeartbeat(alertmanager.Config{URL: u.Reveal(), Resend: h.Every, Now: o.Now}, o.Host)
		if err := add(t, err, fmt.Sprintf("alertmanager[%d]", i)); err != nil {
			return nil, err
		}
	}
	if h.HTTP.Set() {
		t, err := heartbeat.NewPing(h.Method, h.HTTP.Reveal())
		if err := add(t, err, "http"); err != nil {
			return nil, err
		}
	}
	if h.SNS != nil {
		t, err := sns.NewHeartbeat(ctx, sns.Config{Topic: h.SNS.Topic, Region: h.SNS.Region, Endpoint: h.SNS.Endpoint}, o.Host)
		if err := add(t, err, "sns"); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// openHeart makes the heart; nil where nobody is to be told.
func (s *Service) openHeart(ctx context.Context) (*heartbeat.Heart, error) {
	cfg := s.opt.Config
	targets, err := Beats(ctx, cfg, s.opt)
	if err != nil || len(targets) == 0 {
		return nil, err
	}
	return heartbeat.New(heartbeat.Config{Every: cfg.Heartbeat.Every, Stalled: func() string {
		why := s.pulse.stalled(s.opt.Now())
		s.metrics.beating(why == "")
		return why
	}, Report: s.metrics.beat, Log: s.opt.Log, Now: s.opt.Now, Sleep: s.opt.Sleep}, targets...)
}

// beat lets the heart beat until the function returned is called.
func (s *Service) beat() (end func()) {
	if s.heart == nil {
		return func() {}
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.heart.Run(ctx) }()
	return func() { stop(); <-done }
}
