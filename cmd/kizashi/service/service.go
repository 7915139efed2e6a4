// Package service is the running service: it opens the store, brings the
// pipeline back to where it was, and lets sources, pipeline, deliveries and
// the HTTP side run until it is told to stop.
//
// It wires parts and decides nothing about alerts. Everything it takes from
// the machine, the clock too, comes in through Options.
package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/alert/heartbeat"
	"github.com/kizashi-ops/kizashi/clock"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store"
	"github.com/kizashi-ops/kizashi/store/durable"
)

const (
	// SnapshotEvery is how much journal a restart has to replay at most.
	SnapshotEvery = 15 * time.Minute
	// retainEvery is how often what is past its time is removed.
	retainEvery = 24 * time.Hour
	// drainTime is what deliveries have after a stop was asked for. With the
	// last snapshot all has to end within 10 s.
	drainTime = 7 * time.Second
	// mostAtStop alerts are stored for the last snapshot, some seconds' work. Where
	// more wait a stop is like a kill: the journal has them.
	mostAtStop = 5000
)

// Options of a service.
type Options struct {
	Config    *config.Config
	Own       []detect.Row                               // detectors beside those of models.All
	WebConfig string                                     // file of TLS and passwords, as exporter-toolkit reads it; "" = neither
	Hook      func(step string) error                    // tests kill or fail at its steps; nil = none
	Now       func() time.Time                           // nil = time.Now
	Sleep     func(context.Context, time.Duration) error // nil = sleep, or return early with ctx's error
	Stopwatch func() time.Duration                       // measures what detectors take; nil = the time since the start
	Out       io.Writer                                  // of the stdout sink
	Log       *slog.Logger
	Version   string // of the program, for kizashi_build_info
	Host      string // the machine's name, by which a heartbeat tells several services apart
}

// Service is opened by Open and runs once.
type Service struct {
	opt      Options
	store    *store.Store
	pipeline *pipeline.Pipeline
	lost     bool // there was a state, and no snapshot of it can be read
	source   ingest.Source
	readers  *Readers // among the parts of source
	earlier  earlier  // series, until the sources have taken them
	lines    recalled // likewise
	seen     *seen
	readings *readings
	commands *commands
	lanes    []*deliver.Lane
	dispatch *dispatching
	siblings siblings
	listener net.Listener
	metrics  *metrics
	meter    *meter
	heart    *heartbeat.Heart // nil = nobody is told
	pulse    pulse
	absences absences
	notes    []kizashi.Alert // about our own work, that stand
	looks    looks
	targets  targets

	detectors detectors

	laneCtx  context.Context // ends when the deliveries do
	ready    atomic.Bool
	judged   []kizashi.Sample // scratch of keep
	snapshot time.Time        // when the last one was taken
	retained time.Time

	token, linkKey []byte // of the data directory
	backups        chan backup
	snapshotMS     atomic.Int64 // when the last one was taken, for those who ask

	acting    sync.Mutex // one act at a time
	effects   effects    // what acts gave the journal; nil = not read yet
	journalAt time.Time  // when that was last looked at

	mu     sync.Mutex
	config *config.Config // in force, but for what waits for a restart
	behind map[string]time.Time
}

// Open opens the data directory and the listening socket. What it returns
// must be Run or Closed; the address it listens on is in its log.
func Open(ctx context.Context, o Options) (*Service, error) {
	s := &Service{opt: o.withDefaults(), config: o.Config, metrics: newMetrics(o.Version), backups: make(chan backup), behind: map[string]time.Time{}}
	s.meter = newMeter(o.Config, s.metrics, s.opt.Log, s.opt.Now)
	s.readings = newReadings(s.metrics, s.opt.Now, s.progressOf)
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = clock.Sleep
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Stopwatch == nil {
		start := time.Now()
		o.Stopwatch = func() time.Duration { return time.Since(start) }
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	return o
}

func (s *Service) open(ctx context.Context) (err error) {
	cfg := s.opt.Config
	st, report, err := store.Open(cfg.Storage.Path, store.Options{Hook: durable.Hook(s.opt.Hook), KeepJournal: keepJournal(cfg)})
	if err != nil {
		return err
	}
	s.store, s.lost = st, report.State.Lost()
	for _, l := range report.Lines() {
		s.opt.Log.Warn("data directory", "path", cfg.Storage.Path, "found", l)
	}
	if err := s.meter.restore(st.Ledger()); err != nil {
		return err
	}
	if err := s.absences.load(cfg.Storage.Path); err != nil {
		return err
	}
	if s.token, err = key(cfg.Storage.Path, TokenFile); err != nil {
		return err
	}
	if s.linkKey, err = key(cfg.Storage.Path, linkKeyFile); err != nil {
		return err
	}
	if s.lanes, err = s.openLanes(ctx); err != nil {
		return err
	}
	s.metrics.registry.MustRegister(s.census())
	if err := s.siblings.load(st.Ledger()); err != nil {
		return err
	}
	if s.dispatch, err = s.openDispatch(); err != nil {
		return err
	}
	if s.heart, err = s.openHeart(ctx); err != nil {
		return err
	}
	s.commands = &commands{now: s.opt.Now, sleep: s.opt.Sleep}
	if s.seen, err = openSeen(cfg.Storage.Path, s.opt.Log); err != nil {
		return err
	}
	if s.readers, err = Sources(ctx, cfg, s.accessOptions(), Refine{s.sourceOptions, s.logOptions}); err != nil {
		return err
	}
	var sources []ingest.Source
	for _, r := range s.readers.All {
		sources = append(sources, r)
	}
	for _, r := range s.readers.Logs {
		sources = append(sources, r)
	}
	s.source = ingest.Merge(append(sources, s.commands)...)
	if s.listener, err = net.Listen("tcp", cfg.Web.Listen); err != nil {
		return fmt.Errorf("%s: web.listen: %w", cfg.File, err)
	}
	s.metrics.reloaded(true, s.opt.Now())
	return nil
}

// Close closes what is open. It is for a service that was never Run.
func (s *Service) Close() error {
	var errs []error
	if s.listener != nil {
		if err := s.listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	return errors.Join(errs...)
}

// Run runs until ctx ends, which is no error, or until something fails that
// cannot be repaired without a restart. It closes the service.
func (s *Service) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	web := s.serve(stop)
	err := s.work(ctx, stop)
	if cause := context.Cause(ctx); errors.Is(err, context.Canceled) {
		if err = cause; errors.Is(cause, context.Canceled) {
			err = nil // told to stop
		}
	}
	return errors.Join(err, web(), s.Close())
}

// work brings the pipeline back, then runs it and the deliveries side by side.
func (s *Service) work(ctx context.Context, stop context.CancelCauseFunc) error {
	if err := s.recover(ctx); err != nil {
		return err
	}
	if err := s.reloadIfChanged(); err != nil {
		return err
	}
	if err := s.comeBack(); err != nil {
		return err
	}
	if err := s.journalComing(s.opt.Now()); err != nil {
		return err
	}
	told := s.deliver(ctx, stop)
	s.pulse.note(&pipeline.Result{Partition: commandPart}, s.opt.Now())
	defer s.beat()()
	s.ready.Store(true)
	s.opt.Log.Info("ready", "series", len(s.pipeline.Engine().Series()))
	runner := pipeline.Runner{Source: s.source, Pipeline: s.pipeline, Append: s.taken, Keep: s.stepped, Between: s.meanwhile, More: s.storeMore}
	err := runner.Run(ctx)
	s.ready.Store(false)
	if n := s.store.Waits(); n > mostAtStop {
		s.opt.Log.Warn("stopped in a storm without a snapshot: the next start steps the journal again", "alerts_not_stored", n)
	} else if errors.Is(err, context.Canceled) && s.store.Err() == nil {
		if e := s.save(); e != nil {
			err = e
		}
	}
	return errors.Join(err, told(), s.meter.keep(s.store.Ledger(), true))
}

// taken makes batches durable and notes what they say of what is read.
func (s *Service) taken(bs []kizashi.Batch) error {
	if err := s.append(bs); err != nil {
		return err
	}
	for i := range bs {
		s.readings.took(&bs[i])
	}
	return nil
}

// stepped keeps what a step produced and notes that work goes on.
func (s *Service) stepped(r *pipeline.Result) error {
	if err := s.keep(r); err != nil {
		return err
	}
	if r.Pos == 0 {
		return nil // no step: justifications that were owed
	}
	now := s.opt.Now()
	s.pulse.note(r, now)
	s.looks.note(r)
	s.targets.note(r.Declared)
	if err := s.noteDetectors(r, now); err != nil {
		return err
	}
	return s.absences.note(r, now)
}

// comeBack finds out how long the service was away, and what it left to say.
func (s *Service) comeBack() error {
	var tenants []string
	for _, t := range s.config.Tenants {
		tenants = append(tenants, t.Name)
	}
	positions, now := s.pipeline.Positions(), s.opt.Now()
	s.readings.resume(positions)
	s.earlier.set(s.pipeline.Standing())
	if err := s.recall(); err != nil {
		return err
	}
	if err := s.absences.begin(positions, tenants, now); err != nil {
		return err
	}
	if err := s.beginLooks(now); err != nil {
		return err
	}
	return s.standing()
}

// meanwhile is called when all that was journalled is stepped and kept.
func (s *Service) meanwhile() error {
	s.metrics.inHand.Set(0)
	for range 10 { // not one alone: batches may come without a pause
		more, err := s.storeMore()
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	if s.store.Waits() > 0 {
		return nil // who looks at the ledger waits until it has all alerts
	}
	now := s.opt.Now()
	if err := s.sumUp(now); err != nil {
		return err
	}
	if err := s.look(now); err != nil {
		return err
	}
	if err := s.closeNotes(kizashi.TimeOf(now)); err != nil {
		return err
	}
	if err := s.journalComing(now); err != nil {
		return err
	}
	if err := s.tellSwitched(now); err != nil {
		return err
	}
	if err := s.divide(now); err != nil {
		return err
	}
	if err := s.backUp(); err != nil {
		return err
	}
	return s.between()
}
