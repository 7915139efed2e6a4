package service

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/alert/dispatch"
	"github.com/kizashi-ops/kizashi/alert/handling"
	"github.com/kizashi-ops/kizashi/config"
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

	mu      sync.Mutex
	noted   []kizashi.Alert
	said    []handling.Said
	reports []deliver.Report
	stirred bool
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
	r := dispatch.Receiver{Name: config.DefaultReceiver}
	for _, lane := range s.lanes {
		r.Lanes = append(r.Lanes, dispatch.Lane{Name: lane.Name(), Each: true, Machine: true, Level: lane.Level()})
	}
	p.Receivers = []dispatch.Receiver{r}
	d := &dispatching{now: s.opt.Now, after: s.after, ledger: l, lanes: s.lanes, woken: make(chan struct{}, 1), d: dispatch.New(p, threads, episodes)}
	for _, lane := range s.lanes {
		rows, err := l.Missed(context.Background(), lane.Name())
		if err != nil {
			return nil, err
		}
		for _, t := range rows {
			d.d.Missed(lane.Name(), t.Thread)
		}
	}
	return d, nil
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

// say hands over acts that are stored.
func (d *dispatching) say(acts ...handling.Said) {
	d.mu.Lock()
	d.said = append(d.said, acts...)
	d.mu.Unlock()
	d.wake()
}

// report hands over how a send went, where that bears on what is to be told:
// what was missed is summed up.
func (d *dispatching) report(r deliver.Report) {
	if r.Outcome != alert.OutcomeMissed && (r.Outcome != alert.OutcomeTold || r.Again) {
		return
	}
	d.mu.Lock()
	d.reports = append(d.reports, r)
	d.mu.Unlock()
	if r.Outcome == alert.OutcomeMissed {
		d.wake()
	}
}

// stir makes dispatch ask again for what is past and what is summed up.
func (d *dispatching) stir() {
	d.mu.Lock()
	d.stirred = true
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
	d.take()
	r := d.d.Pass(d.now())
	if err := d.ledger.Threads(r.Threads...); err != nil {
		return next, fmt.Errorf("dispatch: %w", err)
	}
	for _, l := range d.lanes {
		if slices.Contains(r.Wake, l.Name()) {
			l.Wake()
		}
	}
	return r.Next, nil
}

// take gives dispatch what has come since the last pass.
func (d *dispatching) take() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.d.Note(d.noted...)
	d.d.Say(d.said...)
	for _, r := range d.reports {
		if r.Outcome == alert.OutcomeMissed {
			d.d.Missed(r.Lane, r.Thread)
		} else {
			d.d.Told(r.Lane, r.Thread)
		}
	}
	if d.stirred {
		d.d.Stir()
	}
	d.noted, d.said, d.reports, d.stirred = nil, nil, nil, false
}
