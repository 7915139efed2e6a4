package service

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/alert/dispatch"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// threadsKept is how long after its last message a thread that is over is kept
// at hand: an alert can come back to it, and caps count a day.
const threadsKept = 48 * time.Hour

// dispatching runs dispatch beside the pipeline: what has changed is noted, a
// goroutine of its own brings the threads up to date, stores them and wakes
// the lanes that have something to tell.
type dispatching struct {
	now    func() time.Time
	after  func(time.Duration) <-chan time.Time
	ledger *ledger.Ledger
	lanes  []*deliver.Lane
	woken  chan struct{}
	d      *dispatch.Dispatcher // the goroutine's

	mu    sync.Mutex
	noted []kizashi.Alert
}

// openDispatch goes on from what the ledger holds.
func (s *Service) openDispatch() (*dispatching, error) {
	l, now := s.store.Ledger(), s.opt.Now()
	threads, err := l.OpenThreads(now.Add(-threadsKept))
	if err != nil {
		return nil, err
	}
	as, fired, err := l.Episodes(kizashi.TimeOf(now.Add(-threadsKept)), threads)
	if err != nil {
		return nil, err
	}
	episodes := make([]dispatch.Episode, len(as))
	for i := range as {
		episodes[i] = dispatch.Episode{Alert: as[i], Fired: fired[i]}
	}
	p := dispatch.Policy{MaxAge: pastIs, Patience: dispatchPatience, Past: s.holds, Summed: func(a kizashi.Alert) bool { return !s.absences.wants(a) }}
	for _, lane := range s.lanes {
		p.Lanes = append(p.Lanes, dispatch.Lane{Name: lane.Name()})
	}
	return &dispatching{now: s.opt.Now, after: s.after, ledger: l, lanes: s.lanes, woken: make(chan struct{}, 1),
		d: dispatch.New(p, threads, episodes)}, nil
}

// dispatchPatience is how long what is older than pastIs when it is first seen
// waits for its end to be known.
const dispatchPatience = 5 * time.Minute

// holds says that an alert is not to be told yet.
func (s *Service) holds(a kizashi.Alert) bool { return s.hold(a) || s.absences.hold(a, s.opt.Now()) }

// note hands over changes of alerts that are stored. It does not block and may
// be called from anywhere.
func (d *dispatching) note(as ...kizashi.Alert) {
	if len(as) == 0 {
		return
	}
	d.mu.Lock()
	d.noted = append(d.noted, as...)
	d.mu.Unlock()
	d.wake()
}

// wake makes dispatch look at once.
func (d *dispatching) wake() {
	select {
	case d.woken <- struct{}{}:
	default:
	}
}

// start begins to work. The function returned ends it, after a last pass.
func (d *dispatching) start(stop context.CancelCauseFunc) (end func() error) {
	run, endRun := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		err := d.run(run)
		if err != nil {
			stop(err)
		}
		done <- err
	}()
	return func() error {
		endRun()
		return <-done
	}
}

func (d *dispatching) run(ctx context.Context) error {
	for {
		last := ctx.Err() != nil
		next, err := d.pass()
		if err != nil || last {
			return err
		}
		var timer <-chan time.Time
		if !next.IsZero() {
			timer = d.after(next.Sub(d.now()))
		}
		select {
		case <-ctx.Done():
		case <-d.woken:
		case <-timer:
		}
	}
}

// pass brings the threads up to date. They are stored before a lane can look.
func (d *dispatching) pass() (next time.Time, err error) {
	d.mu.Lock()
	noted := d.noted
	d.noted = nil
	d.mu.Unlock()
	d.d.Note(noted...)
	r := d.d.Pass(d.now())
	if err := d.ledger.Threads(r.Threads...); err != nil {
		return next, fmt.Errorf("dispatch: %w", err)
	}
	changed := map[string]bool{}
	for i := range r.Threads {
		changed[r.Threads[i].Lane] = true
	}
	for _, l := range d.lanes {
		if changed[l.Name()] {
			l.Wake()
		}
	}
	return r.Next, nil
}
