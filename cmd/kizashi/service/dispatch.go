package service

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/alert/dispatch"
	"github.com/kizashi-ops/kizashi/alert/handling"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// threadsKept is how long after its last message a thread that is over is kept
// at hand: an alert can come back to it, and caps count a day.
const threadsKept = 48 * time.Hour

// dispatching runs dispatch beside the pipeline: what has changed is noted, a
// goroutine of its own brings the threads up to date, stores them and wakes
// the lanes that have something to tell.
type dispatching struct {
	now     func() time.Time
	after   func(time.Duration) <-chan time.Time
	ledger  *ledger.Ledger
	lanes   []*deliver.Lane
	woken   chan struct{}
	ended   chan struct{}        // closed when the goroutine is
	looking chan struct{}        // the goroutine's: looked, of the pass
	d       *dispatch.Dispatcher // the goroutine's
	writing atomic.Bool          // a pass is under way: who was told of what is not all in the ledger
	anew    func() (*dispatch.Dispatcher, error)
	ahead   func(...string) error // stores these alerts, if they wait
	whole   func() error          // stores all that waits
	found   func([]string)        // is told of what nobody hears of, after each pass

	mu      sync.Mutex
	noted   []kizashi.Alert
	looked  chan struct{}      // closed when what was noted is looked at; nil = nothing was noted since the last pass
	last    chan struct{}      // that of the last pass that was noted something
	untried map[[2]string]bool // lane and thread of a storm's messages that no lane has tried to send yet
	sent    chan struct{}      // closed when there are none any more, or patience is over
	said    []handling.Said
	reports []deliver.Report
	stirred bool
	renew   bool     // the configuration has changed
	nobody  []string // alerts of class act that no receiver takes
}

// openDispatch goes on from what the ledger holds.
func (s *Service) openDispatch() (*dispatching, error) {
	d := &dispatching{now: s.opt.Now, after: s.waiter(), ledger: s.store.Ledger(), lanes: s.lanes, woken: make(chan struct{}, 1), ended: make(chan struct{}), anew: s.dispatcher, ahead: s.store.Ahead, whole: s.store.Flush, found: s.metrics.undeliverable}
	err := d.ledger.Mend(s.opt.Now().Add(-threadsKept))
	if err == nil {
		d.d, err = s.dispatcher()
	}
	return d, err
}

// missedBefore tells dispatch what lanes could not tell in time, in earlier
// runs.
func (s *Service) missedBefore(d *dispatch.Dispatcher) error {
	for _, lane := range s.lanes {
		rows, err := s.store.Ledger().Missed(context.Background(), lane.Name())
		if err != nil {
			return err
		}
		for _, t := range rows {
			d.Missed(lane.Name(), t.Thread)
		}
	}
	return nil
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
	if d.looked == nil {
		d.looked = make(chan struct{})
	}
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
	d.tried(r.Lane, r.Thread)
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
		close(d.ended)
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
	d.writing.Store(true)
	defer d.writing.Store(false)
	defer d.hasLooked()
	if err := d.take(); err != nil {
		return next, fmt.Errorf("dispatch: %w", err)
	}
	r := d.d.Pass(d.now())
	d.mu.Lock()
	d.nobody = r.Undeliverable
	d.mu.Unlock()
	d.found(r.Undeliverable)
	if err := d.keep(r.Threads, r.Wake); err != nil {
		return next, fmt.Errorf("dispatch: %w", err)
	}
	return r.Next, nil
}

func (d *dispatching) wakeLanes(names []string) {
	for _, l := range d.lanes {
		if slices.Contains(names, l.Name()) {
			l.Wake()
		}
	}
}

// reload makes dispatch go on by the configuration that is in force now.
func (d *dispatching) reload() {
	d.mu.Lock()
	d.renew = true
	d.mu.Unlock()
	d.wake()
}

// undeliverable are alerts of class act that no receiver takes, by id.
func (d *dispatching) undeliverable() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.nobody)
}

// take gives dispatch what has come since the last pass. Of what an earlier pass
// was given some may still wait for its commit: a new one has to find it in the
// ledger.
func (d *dispatching) take() error {
	d.mu.Lock()
	renew := d.renew
	d.mu.Unlock()
	if renew {
		if err := d.whole(); err != nil {
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if renew {
		next, err := d.anew()
		if err != nil {
			return err
		}
		d.d, d.renew = next, false
	}
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
	if d.looked != nil {
		d.looking, d.last, d.looked = d.looked, d.looked, nil
	}
	d.noted, d.said, d.reports, d.stirred = nil, nil, nil, false
	return nil
}
