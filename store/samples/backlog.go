package samples

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// backlog takes what is older than the head of a TSDB takes: a back-fill beside
// series that are at the present, a coarser history. It is a head in memory
// without a log, the front, and blocks that are made of it.
//
// A series that has samples in the front gets all its next ones there too,
// until there are blocks of it. So what a kill takes is always the end of a
// series, and the journal brings it again. It could not fill a hole, since a
// sample before its series' last one is handed back; and holes are what the
// TSDB's own way with such samples leaves behind kills (decision 0032).
type backlog struct {
	db   *tsdb.DB // nothing is appended to it; it keeps and merges the blocks
	span int64    // shortest block in milliseconds; blocks are aligned to it

	mu    sync.RWMutex // of front, not of what is in it
	front *front

	// Blocks are merged beside, and only when there are twice as many as after
	// the last time: a series that is found late lies across all of them, and
	// whoever makes a block waits for a merge.
	ctx     context.Context
	cancel  context.CancelFunc
	merging atomic.Bool
	merges  sync.WaitGroup
	merged  int   // blocks after the last merge
	failed  error // of that; read once merging is false
}

// backlogAt is how many samples the front may hold: some 20 MB.
const backlogAt = 4 << 20

const (
	backlogName = "backlog"
	frontName   = "front" // a directory that a head wants; nothing is written to it
)

// front is a head. It is never closed, which would write its chunks to a file:
// when nobody reads from it any more, it goes.
type front struct {
	head    *tsdb.Head
	refs    refs
	held    map[kizashi.SeriesID]bool
	samples int
}

func openBacklog(dir string, kind Kind) (*backlog, error) {
	b := &backlog{span: kind.Block.Milliseconds()}
	o := tsdb.DefaultOptions()
	o.WALSegmentSize = -1
	o.RetentionDuration = math.MaxInt64 // it counts from the newest sample, and here nothing new may come
	o.MinBlockDuration = b.span
	o.MaxBlockDuration = max(b.span, min(kind.Retention/10, 31*24*time.Hour).Milliseconds())
	o.NoLockfile = true
	var err error
	if b.db, err = tsdb.Open(dir, nil, prometheus.NewRegistry(), o, nil); err != nil {
		return nil, err
	}
	b.db.DisableCompactions()
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.merged = len(b.db.Blocks())
	if b.front, err = b.newFront(); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *backlog) newFront() (*front, error) {
	o := tsdb.DefaultHeadOptions()
	o.ChunkRange = math.MaxInt64 / 4 // it takes any time
	o.ChunkDirRoot = filepath.Join(b.db.Dir(), frontName)
	if err := os.RemoveAll(o.ChunkDirRoot); err != nil {
		return nil, err
	}
	head, err := tsdb.NewHead(nil, nil, nil, nil, o, tsdb.NewHeadStats())
	if err == nil {
		err = head.Init(math.MinInt64)
	}
	return &front{head: head, refs: refs{}, held: map[kizashi.SeriesID]bool{}}, err
}

// appender adds samples to the front, each after its series' last one; then
// hold says which. They and flush are for one goroutine at a time.
func (b *backlog) appender() storage.Appender { return b.front.head.Appender(context.Background()) }

func (b *backlog) hold(samples []kizashi.Sample) {
	for _, v := range samples {
		b.front.held[v.Series] = true
	}
	b.front.samples += len(samples)
}

// full says that a flush is due: while blocks are merged not before it has to be.
func (b *backlog) full() bool {
	return b.front.samples >= backlogAt && !b.merging.Load() || b.front.samples >= 4*backlogAt
}

// merge merges blocks if there are many.
func (b *backlog) merge() error {
	if b.merging.Load() {
		return nil
	}
	if b.failed != nil {
		return fmt.Errorf("merge blocks of the backlog: %w", b.failed)
	}
	if len(b.db.Blocks()) < 2*b.merged+mergeAt {
		return nil
	}
	b.merging.Store(true)
	b.merges.Go(func() {
		defer b.merging.Store(false)
		if err := b.db.Compact(b.ctx); err != nil && b.ctx.Err() == nil {
			b.failed = err
		}
		b.merged = len(b.db.Blocks())
	})
	return nil
}

// mergeAt blocks are few enough to be left as they are.
const mergeAt = 32

// flush makes blocks of the front, the oldest first: a kill on the way leaves
// of each series what comes before.
func (b *backlog) flush() error {
	if b.front.samples == 0 {
		return nil
	}
	to := b.front.head.MaxTime()
	for from := floor(b.front.head.MinTime(), b.span); from <= to; from += b.span {
		if err := b.block(from); err != nil {
			return fmt.Errorf("make a block of the backlog: %w", err)
		}
	}
	next, err := b.newFront()
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.front = next
	b.mu.Unlock()
	return b.merge()
}

// block makes the block that begins at a time.
func (b *backlog) block(from int64) error {
	return b.db.CompactHead(tsdb.NewRangeHead(b.front.head, from, from+b.span-1))
}

func floor(t, span int64) int64 {
	at := t / span * span
	if at > t {
		at -= span
	}
	return at
}

// querier reads what is here.
func (b *backlog) querier(from, to int64) (_ storage.Querier, err error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	blocks, err := b.db.Querier(from, to)
	if err != nil {
		return nil, err
	}
	head, err := tsdb.NewBlockQuerier(tsdb.NewRangeHead(b.front.head, from, to), from, to)
	if err != nil {
		return nil, errors.Join(err, blocks.Close())
	}
	return joined(blocks, head), nil
}

func joined(qs ...storage.Querier) storage.Querier {
	return storage.NewMergeQuerier(qs, nil, storage.ChainedSeriesMerge)
}

// oldest and newest are times before and after all that is in the blocks and the
// front, or at it; Forever and Never if they hold nothing.
func (b *backlog) oldest() kizashi.Time {
	oldest := b.front.head.MinTime()
	for _, block := range b.db.BlockMetas() {
		oldest = min(oldest, block.MinTime)
	}
	return kizashi.Time(oldest)
}

func (b *backlog) newest() kizashi.Time {
	newest := b.front.head.MaxTime()
	for _, block := range b.db.BlockMetas() {
		newest = max(newest, block.MaxTime)
	}
	return kizashi.Time(newest)
}

// retain removes of the blocks what is before a moment.
func (b *backlog) retain(before kizashi.Time) error {
	all := labels.MustNewMatcher(labels.MatchEqual, labels.MetricName, metricName)
	if err := b.db.Delete(context.Background(), math.MinInt64, int64(before-1), all); err != nil {
		return err
	}
	return b.db.CleanTombstones()
}

// backup writes the blocks to dir. The front is empty.
func (b *backlog) backup(dir string) error {
	if len(b.db.Blocks()) == 0 {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return b.db.Snapshot(dir, false)
}

// close closes the blocks. What is in the front is lost, as by a kill.
func (b *backlog) close() error {
	b.cancel()
	b.merges.Wait()
	return b.db.Close()
}
