package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/e2e/virtual"
	"github.com/kizashi-ops/kizashi/store"
	"github.com/kizashi-ops/kizashi/store/durable"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// lanes are two receivers who hear of each service together.
var lanes = []string{"night", "day"}

var (
	begin  = time.Date(2026, 9, 8, 9, 0, 0, 0, time.UTC)
	breaks = begin.Add(10 * time.Minute) // in this minute all cross
)

const account = "100000000001"

// world is the storm and who hears of it.
type world struct {
	series, services int
	cut              bool // the service is told to stop at the first message, and starts again
}

// witness notes what is heard, and when.
type witness struct {
	mu    sync.Mutex
	tick  time.Time     // real time at which the storm's samples were journalled
	kept  time.Time     // at which the ledger was last written before the first message
	spent time.Duration // processor time of the process at the tick
	used  time.Duration // and from there to the first message
	heard []message
	first chan struct{} // closed at the first message
	clock *virtual.Clock
}

type message struct {
	lane, service, justification string
	at                           time.Time
	virtual                      time.Time
}

// hook is called at each step of durability.
func (w *witness) hook(step string) error {
	if w.clock.Now().Before(breaks) {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case len(w.heard) > 0:
	case step == durable.JournalFsyncAfter:
		spent, err := virtual.Used()
		if err != nil {
			return err
		}
		w.spent, w.tick = spent, time.Now()
	case step == durable.LedgerCommitAfter:
		w.kept = time.Now()
	}
	return nil
}

func (w *witness) ServeHTTP(rw http.ResponseWriter, q *http.Request) {
	at := time.Now()
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return // who sent it is gone
	}
	var b struct {
		Justification string
		Alert         kizashi.Alert
		Thread        alert.Thread
	}
	if err := json.Unmarshal(body, &b); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if b.Alert.Group != "kizashi" { // that is a note about our own work
		if spent, err := virtual.Used(); len(w.heard) == 0 && err == nil {
			w.used = spent - w.spent
			close(w.first)
		}
		w.heard = append(w.heard, message{strings.Trim(q.URL.Path, "/"), b.Thread.Key.Get("dim_Service"), b.Justification, at, w.clock.Now()})
	}
}

// level of a series: well below its limit until all break.
func level(seed uint64) func(time.Time) (float64, bool) {
	return func(at time.Time) (float64, bool) {
		if !at.Before(breaks) {
			return 9000, true
		}
		return virtual.Level(seed, at), true
	}
}

func (w world) config(dir, aws, place string) (*config.Config, error) {
	text := fmt.Sprintf(`
tenants:
- name: shop
  accounts:
  - account: %q
    region: us-east-1
    role: %q
    external_id: %q
    endpoint: %q
    poll: 1m
    backfill: 0s
    coarse: false
    group_by: dim_Service
    discover: {tags: false, instances: false, groups: false, agents: false}
    namespaces:
    - {name: Shop, period: 1m, settle: 0s, metrics: [Load]}
detect:
  rules:
  - {class: act, guards: [{above: 5000, m_of_n: 1/1}]}
receivers:
`, account, virtual.ARN(account), virtual.ExternalID("shop"), aws)
	for _, lane := range lanes {
		text += fmt.Sprintf("- {name: %s, group_by: [dim_Service], sinks: [{webhook: {url: %q, allow_private: [127.0.0.0/8]}}]}\n", lane, place+"/"+lane)
	}
	text += fmt.Sprintf("routes:\n- {receivers: [%s]}\nstorage: {path: %q}\nweb: {listen: \"127.0.0.1:0\"}\n", strings.Join(lanes, ", "), filepath.Join(dir, "data"))
	return config.Parse("storm.yaml", []byte(text))
}

// run lets the storm pass, and looks at what came of it.
func (w world) run(ctx context.Context) (r *result, err error) {
	if err := virtual.Credentials(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "kizashi-storm-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	clock := virtual.NewClock(begin)
	seen := &witness{clock: clock, first: make(chan struct{})}
	cloud := awsfake.NewCloud(clock.Now)
	region := virtual.Grant(cloud, "shop", account).Region("us-east-1")
	for n := range w.series {
		region.Generate(awsfake.Metric{Namespace: "Shop", Name: "Load", Dimensions: map[string]string{
			"Service": fmt.Sprintf("svc-%03d", n%w.services), "Host": fmt.Sprintf("host-%05d", n)}}, time.Minute, begin.Add(-24*time.Hour), time.Time{}, level(uint64(n)))
	}
	aws, place := httptest.NewServer(cloud), httptest.NewServer(seen)
	defer aws.Close()
	defer place.Close()
	cfg, err := w.config(dir, aws.URL, place.URL)
	if err != nil {
		return nil, err
	}
	r = &result{world: w, messages: map[string]map[string]int{}, first: map[string][]time.Duration{}}
	if w.cut {
		if err := w.serve(ctx, cfg, clock, seen, r, seen.first); err != nil {
			return nil, err
		}
	}
	if err := w.serve(ctx, cfg, clock, seen, r, nil); err != nil {
		return nil, err
	}
	seen.sum(r)
	return r, r.account(cfg.Storage.Path)
}

// patience with a machine that does much else.
const patience = 20 * time.Minute

// serve runs the service until every receiver has heard of every service and
// the storm's first minutes are over, or until cut is closed.
func (w world) serve(ctx context.Context, cfg *config.Config, clock *virtual.Clock, seen *witness, r *result, cut <-chan struct{}) error {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	// Each sleeps on the virtual clock, but for the second of the command
	// partition, which has nothing to do here.
	sleep := func(ctx context.Context, d time.Duration) error {
		if d == time.Second {
			d = 20 * time.Second
		}
		return clock.Sleep(ctx, d)
	}
	svc, err := service.Open(ctx, service.Options{Config: cfg, Now: clock.Now, Sleep: sleep, Hook: seen.hook, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	var unread error
	if clock.Now().Before(breaks) {
		clock.At(breaks, func() { r.calm, unread = virtual.Peak() })
	}
	still := clock.Drift(breaks.Add(4*time.Minute), stop)
	asked := make(chan time.Time, 1)
	go func() {
		select {
		case <-cut:
			asked <- time.Now()
			stop()
		case <-ctx.Done():
		}
	}()
	served := svc.Run(ctx)
	still()
	select {
	case at := <-asked:
		r.stopped = time.Since(at)
	default:
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("after %s it is %s", patience, clock.Now())
	}
	return errors.Join(unread, served)
}

// sum counts what was heard.
func (w *witness) sum(r *result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r.stepped, r.used = w.kept.Sub(w.tick), w.used
	for _, m := range w.heard {
		if r.messages[m.lane] == nil {
			r.messages[m.lane] = map[string]int{}
		}
		if r.messages[m.lane][m.service]++; r.messages[m.lane][m.service] > 1 {
			continue
		}
		r.first[m.lane] = append(r.first[m.lane], m.at.Sub(w.tick))
		if m.justification == "" {
			r.bare++
		}
	}
}

// account looks for every alert in the threads of every lane.
func (r *result) account(dir string) error {
	st, err := store.OpenReadOnly(dir)
	if err != nil {
		return err
	}
	as, err := st.Ledger().Alerts(ledger.Filter{Tenant: "shop"})
	threads, e := st.Ledger().OpenThreads(time.Time{})
	if err := errors.Join(err, e, st.Close()); err != nil {
		return err
	}
	known := map[string]map[string]bool{}
	for _, th := range threads {
		if known[th.Lane] == nil {
			known[th.Lane] = map[string]bool{}
		}
		for _, m := range th.Members {
			// What waits for its interval is told with the next message.
			known[th.Lane][m.Alert] = known[th.Lane][m.Alert] || m.Since > 0 || m.Held != "" || th.State == kizashi.Firing
		}
	}
	if len(known) != len(lanes) {
		r.unknown = append(r.unknown, fmt.Sprintf("threads of %d lanes", len(known)))
	}
	for _, a := range as {
		if a.State != kizashi.Firing || a.Group == "kizashi" {
			continue
		}
		r.alerts++
		for lane, has := range known {
			if !has[a.ID] {
				r.unknown = append(r.unknown, lane+" "+a.ID)
			}
		}
	}
	return nil
}
