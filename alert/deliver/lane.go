package deliver

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
)

const (
	// lookEvery is the longest a lane goes without comparing, so that a lost
	// wake-up costs a minute, not an alert.
	lookEvery = time.Minute
	// manyFailures in a row, over all threads, and the sink is taken for dead:
	// from then on a single thread tries, after each wait.
	manyFailures = 3
)

// Lane tells one sink. Make it with [NewLane]; [Lane.Run] does the work.
type Lane struct {
	sink    alert.Sink
	cfg     Config
	deps    Deps
	wake    chan struct{}
	chooser chooser
	random  *rand.Rand

	again    map[string]time.Time // when what was told is to be sent again, by thread
	missed   bool                 // this pass has settled something as missed
	failures int                  // sends that failed since one was answered
	gate     time.Time            // nothing is sent before this: the sink seems dead
}

// NewLane makes a lane for sink. Its name in the outbox is the sink's.
func NewLane(sink alert.Sink, cfg Config, deps Deps) (*Lane, error) {
	if sink.Name() == "" {
		return nil, errors.New("delivery: a sink has no name; the outbox needs one")
	}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("sink %s: %w", sink.Name(), err)
	}
	if deps.Outbox == nil || deps.Render == nil {
		return nil, fmt.Errorf("sink %s: delivery: Outbox and Render are needed", sink.Name())
	}
	h := fnv.New64a()
	h.Write([]byte(sink.Name()))
	l := &Lane{
		sink: sink, cfg: cfg, deps: deps.withDefaults(),
		wake:   make(chan struct{}, 1),
		random: rand.New(rand.NewPCG(cfg.Seed, h.Sum64())),
		again:  map[string]time.Time{},
	}
	l.chooser = chooser{resend: cfg.Resend, maxAge: cfg.MaxAge, start: l.deps.Clock.Now()}
	return l, nil
}

// Name is the sink's.
func (l *Lane) Name() string { return l.sink.Name() }

// Level says that the sink keeps state, of which it is reminded.
func (l *Lane) Level() bool { return l.cfg.Resend > 0 }

// Wake makes the lane look at once. It does not block and may be called from
// anywhere; a wake-up while the lane works makes it look once more.
func (l *Lane) Wake() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Run tells the sink until ctx ends, then once more what is due, until
// nothing is or drain ends. It returns the first error of the outbox or of
// the hook, and nil for a shutdown, drained or not: what was not told is due
// at the next start.
func (l *Lane) Run(ctx, drain context.Context) error {
	l.chooser.start = l.deps.Clock.Now()
	for {
		// The pass that finds ctx ended is the last one.
		last := ctx.Err() != nil
		next, err := l.pass(ctx, drain)
		if err != nil {
			return fmt.Errorf("sink %s: %w", l.Name(), err)
		}
		if last || drain.Err() != nil {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-drain.Done():
		case <-l.wake:
		case <-l.deps.Clock.After(next.Sub(l.deps.Clock.Now())):
		}
	}
}

// backoff is the wait after the nth failure in a row: Backoff doubled n-1
// times, at most MaxBackoff and Resend, less up to a half at random, so that lanes that
// failed together do not come back together.
func (l *Lane) backoff(n int) time.Duration {
	d := l.cfg.Backoff
	for i := 1; i < n && d < l.cfg.MaxBackoff; i++ {
		d *= 2
	}
	if d = min(d, l.cfg.MaxBackoff); l.cfg.Resend > 0 {
		d = min(d, l.cfg.Resend) // a place that is back shows what stands within one interval
	}
	return d - time.Duration(l.random.Int64N(int64(d/2)+1))
}
