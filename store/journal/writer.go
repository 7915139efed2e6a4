package journal

import (
	"errors"
	"fmt"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/durable"
)

// groupBytes is how much is gathered for one fsync at most.
const groupBytes = 8 << 20

// request is what the writer goroutine is asked: a batch to append, something
// to do between appends, or to end.
type request struct {
	recs [][]byte
	part kizashi.Partition
	pos  uint64
	do   func() error
	last bool
	done chan error
	old  bool
}

func (j *Journal) ask(r *request) error {
	j.send(r)
	return j.wait(r)
}

// send queues a request, unless the writer has ended.
func (j *Journal) send(r *request) {
	r.done = make(chan error, 1)
	select {
	case j.requests <- r:
	case <-j.stopped:
	}
}

// wait returns the answer to a request that was sent.
func (j *Journal) wait(r *request) error {
	select {
	case err := <-r.done:
		return err
	case <-j.stopped:
	}
	select { // the writer may have answered before it ended
	case err := <-r.done:
		return err
	default:
		return ErrClosed
	}
}

// run is the writer goroutine: it takes a request and all that wait behind
// it, writes the batches together, and answers them after one fsync.
func (j *Journal) run() {
	defer close(j.stopped)
	for {
		r := <-j.requests
		for n := 0; r != nil && r.do == nil && !r.last; {
			j.group = append(j.group, r)
			for _, rec := range r.recs {
				n += len(rec)
			}
			r = nil
			if n < groupBytes {
				select {
				case r = <-j.requests:
				default:
				}
			}
		}
		j.flush()
		if r == nil {
			continue
		}
		if r.last {
			r.done <- j.end()
			return
		}
		r.done <- j.guard(r.do)
	}
}

// guard does something unless the journal has failed; its error is final.
func (j *Journal) guard(do func() error) error {
	if j.err != nil {
		return fmt.Errorf("the journal has failed: %w", j.err)
	}
	err := do()
	if err != nil {
		err = fmt.Errorf("journal: %w", err)
		j.mu.Lock()
		j.err = err
		j.mu.Unlock()
		close(j.failed)
	}
	return err
}

// flush writes the group, makes it durable and answers. Old batches are
// answered last too: what makes them old may be in the same group.
func (j *Journal) flush() {
	if len(j.group) == 0 {
		return
	}
	err := j.guard(j.write)
	for i, r := range j.group {
		j.group[i] = nil
		if err == nil && r.old {
			r.done <- ErrOld
			continue
		}
		r.done <- err
	}
	j.group = j.group[:0]
}

func (j *Journal) write() error {
	reached, size := map[kizashi.Partition]uint64{}, 0
	j.recs = j.recs[:0]
	for _, r := range j.group {
		last, ok := reached[r.part]
		if !ok {
			last, ok = j.positions[r.part]
		}
		if r.old = ok && r.pos <= last; r.old {
			continue
		}
		reached[r.part] = r.pos
		for i, rec := range r.recs {
			seal(rec, kindBatch, uint16(i), uint16(len(r.recs)), j.next)
			j.next++
			size += len(rec) + fragmentHeader
		}
		j.recs = append(j.recs, r.recs...)
	}
	if len(j.recs) == 0 {
		return nil
	}
	if j.size+size > j.opts.SegmentSize && j.size > 0 {
		if err := j.cutAt(j.next - uint64(len(j.recs))); err != nil {
			return err
		}
	}
	if err := j.log(j.recs...); err != nil {
		return err
	}
	clear(j.recs)
	j.size += size
	j.mu.Lock()
	defer j.mu.Unlock()
	for p, pos := range reached {
		j.positions[p] = pos
	}
	return nil
}

// log appends records and makes them durable.
func (j *Journal) log(recs ...[]byte) error {
	if err := j.opts.Hook.At(durable.JournalAppendBefore); err != nil {
		return err
	}
	if err := j.wl.Log(recs...); err != nil {
		return fmt.Errorf("append to segment %d: %w", j.segment, err)
	}
	if err := j.opts.Hook.At(durable.JournalAppendAfter); err != nil {
		return err
	}
	return j.sync()
}

func (j *Journal) sync() error {
	if err := j.opts.Hook.At(durable.JournalFsyncBefore); err != nil {
		return err
	}
	if err := j.wl.Sync(); err != nil {
		return fmt.Errorf("fsync of segment %d: %w", j.segment, err)
	}
	return j.opts.Hook.At(durable.JournalFsyncAfter)
}

// head writes the record that begins a segment, whose first batch will have
// the number next.
func (j *Journal) head(next uint64) error {
	if err := j.wl.Log(headRecord(next, j.positions)); err != nil {
		return fmt.Errorf("begin segment %d: %w", j.segment, err)
	}
	if err := j.wl.Sync(); err != nil {
		return fmt.Errorf("fsync of segment %d: %w", j.segment, err)
	}
	j.size = 0
	return nil
}

func (j *Journal) cut() error { return j.cutAt(j.next) }

// cutAt begins a new segment whose first record will have the number next.
// wlog's own cut logs a failed fsync and returns nil, so all is made durable
// before; what it writes after that is padding.
func (j *Journal) cutAt(next uint64) error {
	if err := j.opts.Hook.At(durable.JournalCutBefore); err != nil {
		return err
	}
	if err := j.wl.Sync(); err != nil {
		return fmt.Errorf("fsync of segment %d: %w", j.segment, err)
	}
	segment, err := j.wl.NextSegmentSync()
	if err != nil {
		return fmt.Errorf("cut segment %d: %w", j.segment, err)
	}
	j.segment = segment
	if err := j.head(next); err != nil {
		return err
	}
	if err := j.opts.Hook.At(durable.JournalCutAfter); err != nil {
		return err
	}
	return j.syncDir()
}

func (j *Journal) syncDir() error {
	if err := j.opts.Hook.At(durable.JournalDirBefore); err != nil {
		return err
	}
	if err := durable.SyncDir(j.dir); err != nil {
		return err
	}
	return j.opts.Hook.At(durable.JournalDirAfter)
}

func (j *Journal) truncate(before int) error {
	if err := j.opts.Hook.At(durable.JournalTruncateBefore); err != nil {
		return err
	}
	if err := j.wl.Truncate(before); err != nil {
		return fmt.Errorf("truncate before segment %d: %w", before, err)
	}
	if err := durable.SyncDir(j.dir); err != nil {
		return err
	}
	return j.opts.Hook.At(durable.JournalTruncateAfter)
}

// end makes all durable, as wlog's Close only logs an fsync that fails.
func (j *Journal) end() error {
	var err error
	if j.err == nil {
		err = j.wl.Sync()
	}
	if err := errors.Join(err, j.wl.Close()); err != nil {
		return fmt.Errorf("journal: close: %w", err)
	}
	return nil
}
