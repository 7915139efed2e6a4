package backfill

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/e2e/virtual"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// errKilled is the end of a life.
var errKilled = errors.New("killed")

// What is noted when it first happens.
const (
	judged  = "sample judged"
	limited = "sample judged against limits"
	live    = "sample judged after all 1-minute history"
)

// where a life ends.
type where int

const (
	never   where = iota
	before        // a batch was delivered, and is lost
	durable       // it is journalled, and neither acknowledged nor stepped
	stepped       // it is stepped and kept, and the next is not
)

// machine is what survives a kill: a data directory.
type machine struct {
	w     *world
	dir   string
	every time.Duration // of virtual time, between snapshots

	history int // batches of history that were delivered, in all lives
	samples int64
	first   map[string]moment // what came first
	began   moment
}

// moment is a time, and how much processor time was used up to then.
type moment struct {
	virtual time.Time
	used    time.Duration
}

func (m *machine) now() (moment, error) {
	used, err := virtual.Used()
	return moment{m.w.Now(), used}, err
}

func (m *machine) note(what string) error {
	if _, ok := m.first[what]; ok {
		return nil
	}
	now, err := m.now()
	m.first[what] = now
	return err
}

// after is how long a moment is after the start: on the clock, which moves with
// the call rate, and in processor time, the emulated AWS's own included.
func (m *machine) after(what string) (clock, used time.Duration, ok bool) {
	f, ok := m.first[what]
	return f.virtual.Sub(m.began.virtual), f.used - m.began.used, ok
}

// life runs from what is on disk until the end, or until it is killed at its
// n-th batch.
func (m *machine) life(end time.Time, at where, n int) (err error) {
	st, report, err := store.Open(m.dir, store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if !report.Clean() {
		return fmt.Errorf("damaged: %v", report.Lines())
	}
	l := &life{m: m, st: st, at: at, n: n, saved: m.w.Now()}
	if err := l.recover(); err != nil {
		return err
	}
	src, closeSession, err := m.w.source()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeSession()) }()
	run := virtual.Run{Clock: m.w.Clock, Sources: []ingest.Source{src}, Pipeline: l.p, Append: l.append, Keep: l.keep, Between: l.between}
	return run.To(m.w.t.Context(), end)
}

// life is one process's.
type life struct {
	m     *machine
	st    *store.Store
	p     *pipeline.Pipeline
	at    where
	n     int
	saved time.Time
	last  bool // the batch at which it ends is in hand
}

func (l *life) recover() (err error) {
	if blob, ok := l.st.Snapshot(); ok {
		l.p, err = pipeline.Load(blob, models.All(), runtime.GOMAXPROCS(0), l.st)
	} else {
		l.p, err = pipeline.New(pipeline.Config{Shards: runtime.GOMAXPROCS(0)}, models.All(), l.st)
	}
	if err != nil {
		return err
	}
	var res pipeline.Result
	_, err = l.st.Replay(func(b kizashi.Batch) error {
		if err := l.p.Step(b, &res); err != nil || res.Dropped {
			return err
		}
		return l.store(&res)
	})
	if err != nil {
		return err
	}
	return l.save()
}

func (l *life) append(bs []kizashi.Batch) error {
	for _, b := range bs {
		if b.Status != nil {
			return fmt.Errorf("%s is out: %s", b.Partition, b.Status.Reason)
		}
		if b.Partition.Backfill != "" {
			l.m.history++
		}
	}
	l.n -= len(bs)
	ends := l.at != never && l.n <= 0
	if ends && l.at == before {
		return errKilled
	}
	if err := l.st.Append(bs); err != nil {
		return err
	}
	if ends && l.at == durable {
		return errKilled
	}
	l.last = ends
	return nil
}

func (l *life) keep(r *pipeline.Result) error {
	if err := l.store(r); err != nil {
		return err
	}
	for i := range r.Judgements {
		if !r.Judgements[i].Sample() {
			continue
		}
		l.m.samples++
		err := l.m.note(judged)
		if r.Partition.Backfill == "" {
			err = errors.Join(err, l.m.note(live))
		}
		if s := r.Judgements[i].State; s == kizashi.Judged {
			err = errors.Join(err, l.m.note(limited))
		}
		if err != nil {
			return err
		}
	}
	if l.last && l.at == stepped {
		return errKilled
	}
	return nil
}

// store keeps a result as the service does.
func (l *life) store(r *pipeline.Result) error {
	var samples []kizashi.Sample
	for i := range r.Judgements {
		if j := &r.Judgements[i]; j.Sample() {
			samples = append(samples, kizashi.Sample{Series: j.Series, At: j.At, Period: j.End.Sub(j.At), Value: j.Value})
		}
	}
	c := ledger.Changes{Declared: r.Declared, Alerts: r.Alerts, Justifications: r.Justifications, Records: r.Records,
		Checkpoints: r.Checkpoints, Commands: r.Commands}
	if r.Pos > 0 { // else no batch: justifications that were owed
		c.Stepped = map[kizashi.Partition]uint64{r.Partition: r.Pos}
	}
	for _, n := range r.Notes {
		c.Notes = append(c.Notes, ledger.Note(n))
	}
	if err := l.st.AppendCoarse(r.Coarse); err != nil {
		return err
	}
	return l.st.Keep(samples, c)
}

func (l *life) between() error {
	if now := l.m.w.Now(); now.Sub(l.saved) >= l.m.every {
		l.saved = now
		return l.save()
	}
	return nil
}

func (l *life) save() error {
	mark, err := l.st.Mark()
	if err != nil {
		return err
	}
	blob, err := l.p.Save()
	if err != nil {
		return err
	}
	return l.st.Save(mark, l.p.Positions(), blob)
}

// dump is what the directory says in the end: the ledger and all samples. Left
// out: where partitions stand, as that says when a back-fill was over, and
// declarations that a restart has repeated.
//
// The directory is opened for writing, once for all series: to read only, each
// query opens all blocks.
func (m *machine) dump() ([]string, error) {
	r, report, err := store.Open(m.dir, store.Options{})
	if err != nil {
		return nil, err
	}
	if !report.Clean() {
		return nil, errors.Join(fmt.Errorf("damaged: %v", report.Lines()), r.Close())
	}
	var b bytes.Buffer
	err = r.Ledger().Dump(&b)
	metas, e := r.Ledger().Metas()
	err = errors.Join(err, e)
	for _, meta := range metas {
		mine, e1 := r.Samples(meta.Series, 0, kizashi.TimeOf(begin.Add(30*day)))
		coarse, e2 := r.Coarse(meta.Series, 0, kizashi.TimeOf(begin.Add(30*day)))
		err = errors.Join(err, e1, e2)
		fmt.Fprintf(&b, "samples\t%s\t%s\ncoarse\t%s\t%s\n", meta.Series, digest(mine), meta.Series, digest(coarse))
	}
	var out []string
	seen := map[string]bool{}
	for _, line := range strings.Split(b.String(), "\n") {
		f := strings.Split(line, "\t")
		if f[0] == "position" {
			continue
		}
		if f[0] == "declaration" {
			if seen[f[1]+f[3]] {
				continue
			}
			seen[f[1]+f[3]] = true
		}
		out = append(out, line)
	}
	return out, errors.Join(err, r.Close())
}

// digest of samples: how many, and a hash of what they say.
func digest(ss []kizashi.Sample) string {
	h := fnv.New64a()
	var b []byte
	for _, s := range ss {
		b = binary.BigEndian.AppendUint64(b[:0], uint64(s.Period))
		b = binary.BigEndian.AppendUint64(b, uint64(s.At))
		h.Write(binary.BigEndian.AppendUint64(b, math.Float64bits(s.Value)))
	}
	return fmt.Sprintf("%d, %x", len(ss), h.Sum64())
}
