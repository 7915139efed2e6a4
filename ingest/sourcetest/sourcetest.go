// Package sourcetest is the conformance test that every source passes.
package sourcetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
)

// Run tests a source. open returns one that is not opened yet, over the same
// input each time. max bounds how many batches are read of a source without
// an end; 0 reads to io.EOF, which must then come.
func Run(t *testing.T, open func(t *testing.T) ingest.Source, max int) {
	t.Helper()
	all := read(t, open, nil, max, once)
	if len(all) == 0 {
		t.Fatal("the source delivered no batch: the test needs some")
	}
	t.Run("batches keep the contract", func(t *testing.T) {
		if err := Check(all); err != nil {
			t.Error(err)
		}
	})
	t.Run("acknowledging again changes nothing", func(t *testing.T) {
		if err := Same(all, read(t, open, nil, max, again), nil, max > 0); err != nil {
			t.Error(err)
		}
	})
	reopen(t, open, all, max)
	t.Run("a context that has ended", func(t *testing.T) {
		s := open(t)
		start(t, s, nil)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if b, err := s.Next(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Next with a cancelled context returned batch %d and error %v, want context.Canceled", b.Pos, err)
		}
	})
	t.Run("closed without being opened", func(t *testing.T) {
		if err := open(t).Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

// reopen starts anew from several places of all.
func reopen(t *testing.T, open func(t *testing.T) ingest.Source, all []kizashi.Batch, max int) {
	for _, n := range cuts(len(all)) {
		t.Run(fmt.Sprintf("reopened after %d of %d batches", n, len(all)), func(t *testing.T) {
			from := Positions(all[:n])
			rest := read(t, open, from, max, once)
			if err := After(rest, from); err != nil {
				t.Error(err)
			}
			if err := Same(all, rest, from, max > 0); err != nil {
				t.Error(err)
			}
		})
	}
}

// cuts are the numbers of batches after which to reopen: the ends, and some
// between.
func cuts(n int) []int {
	var out []int
	for _, k := range []int{1, n / 4, n / 2, n * 3 / 4, n - 1, n} {
		if k > 0 && (len(out) == 0 || k > out[len(out)-1]) {
			out = append(out, k)
		}
	}
	return out
}

func start(t *testing.T, s ingest.Source, from map[kizashi.Partition]uint64) {
	t.Helper()
	if err := s.Open(from); err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

// once and again are ways to acknowledge a batch: Ack is cumulative, and may
// come late.
func once(s ingest.Source, b kizashi.Batch) error { return s.Ack(b.Partition, b.Pos) }

func again(s ingest.Source, b kizashi.Batch) error {
	return errors.Join(s.Ack(b.Partition, b.Pos), s.Ack(b.Partition, b.Pos), s.Ack(b.Partition, b.Pos-1))
}

// read drains a source, which may wait for the Ack of what it delivered.
func read(t *testing.T, open func(t *testing.T) ingest.Source, from map[kizashi.Partition]uint64, max int, ack func(ingest.Source, kizashi.Batch) error) []kizashi.Batch {
	t.Helper()
	s := open(t)
	start(t, s, from)
	var out []kizashi.Batch
	for max == 0 || len(out) < max {
		b, err := s.Next(context.Background())
		if errors.Is(err, io.EOF) {
			if _, err := s.Next(context.Background()); !errors.Is(err, io.EOF) {
				t.Errorf("Next after the end returned %v, want io.EOF again", err)
			}
			return out
		}
		if err != nil {
			t.Fatalf("Next after %d batches: %v", len(out), err)
		}
		out = append(out, b)
		if err := ack(s, b); err != nil {
			t.Errorf("Ack of %s, %d: %v", b.Partition, b.Pos, err)
		}
	}
	return out
}

// Positions are what a journal that holds these batches knows.
func Positions(bs []kizashi.Batch) map[kizashi.Partition]uint64 {
	m := map[kizashi.Partition]uint64{}
	for _, b := range bs {
		m[b.Partition] = b.Pos
	}
	return m
}

// checker follows a run of batches.
type checker struct {
	pos            map[kizashi.Partition]uint64
	until          map[kizashi.Partition]kizashi.Time
	joined, closed map[kizashi.Partition]bool
	declared       map[kizashi.SeriesID]kizashi.Time
	errs           []error
}

// Check says what in a run of batches, from the beginning, breaks the contract
// of ingest.Source and kizashi.Batch.
func Check(bs []kizashi.Batch) error {
	c := &checker{
		pos: map[kizashi.Partition]uint64{}, until: map[kizashi.Partition]kizashi.Time{},
		joined: map[kizashi.Partition]bool{}, closed: map[kizashi.Partition]bool{}, declared: map[kizashi.SeriesID]kizashi.Time{},
	}
	for i, b := range bs {
		promised := c.promise(i, b)
		c.content(i, b, promised)
	}
	return errors.Join(c.errs...)
}

func (c *checker) fail(i int, b kizashi.Batch, format string, a ...any) {
	c.errs = append(c.errs, fmt.Errorf("batch %d, %s pos %d: %s", i, b.Partition, b.Pos, fmt.Sprintf(format, a...)))
}

// promise checks Pos, Until and roster, and returns the Until of before.
func (c *checker) promise(i int, b kizashi.Batch) kizashi.Time {
	if b.Pos <= c.pos[b.Partition] {
		c.fail(i, b, "the position is not after %d", c.pos[b.Partition])
	}
	promised, ok := c.until[b.Partition]
	if !ok {
		promised = kizashi.Never
	}
	if b.Until < promised {
		c.fail(i, b, "Until went back from %s to %s", promised, b.Until)
	}
	c.pos[b.Partition], c.until[b.Partition] = b.Pos, max(b.Until, promised)
	for _, e := range b.Roster {
		c.joined[e.Partition] = c.joined[e.Partition] || e.Op == kizashi.Join
		c.closed[e.Partition] = c.closed[e.Partition] || e.Op == kizashi.Close
	}
	if !c.joined[b.Partition] {
		c.fail(i, b, "the partition has not joined the roster")
	}
	if c.closed[b.Partition] && len(b.Samples)+len(b.Lines) > 0 {
		c.fail(i, b, "samples or lines with or after the closing of the partition")
	}
	return promised
}

// content checks declarations and samples.
func (c *checker) content(i int, b kizashi.Batch, promised kizashi.Time) {
	for _, d := range b.Declare {
		if err := checkMeta(d.Meta, b.Partition); err != nil {
			c.fail(i, b, "%v", err)
		}
		if from, ok := c.declared[d.Meta.Series]; !ok || d.From < from {
			c.declared[d.Meta.Series] = d.From
		}
	}
	for _, l := range b.Lines {
		if err := checkLine(l, promised, c.declared); err != nil {
			c.fail(i, b, "%v", err)
			return
		}
	}
	for _, s := range b.Samples {
		if err := checkSample(s, b.Partition, promised, c.declared); err != nil {
			c.fail(i, b, "%v", err)
			return
		}
	}
}

func checkMeta(m kizashi.Meta, p kizashi.Partition) error {
	switch {
	case m.Tenant != p.Tenant:
		return fmt.Errorf("series %s is declared for tenant %q", m.Series, m.Tenant)
	case m.Series != kizashi.IDOf(m.Tenant, m.Identity):
		return fmt.Errorf("series %s: its id is not the hash of its tenant and identity", m.Series)
	case m.Group == "":
		return fmt.Errorf("series %s has no group", m.Series)
	}
	return nil
}

func checkSample(s kizashi.Sample, p kizashi.Partition, promised kizashi.Time, declared map[kizashi.SeriesID]kizashi.Time) error {
	from, ok := declared[s.Series]
	switch {
	case !ok:
		return fmt.Errorf("series %s has a sample, but was not declared", s.Series)
	case s.At < from:
		return fmt.Errorf("series %s has a sample at %s, but is declared from %s on", s.Series, s.At, from)
	case s.Period != p.Period && !(p.Coarse() && s.Period > p.Period):
		return fmt.Errorf("series %s: a sample's period is %s", s.Series, s.Period)
	case !s.Late && promised != kizashi.Never && s.End() <= promised:
		return fmt.Errorf("series %s: a sample ends at %s, but until %s all was promised to be there", s.Series, s.End(), promised)
	case math.IsNaN(s.Value) || math.IsInf(s.Value, 0):
		return fmt.Errorf("series %s: the value at %s is %v", s.Series, s.At, s.Value)
	}
	return nil
}

// checkLine is checkSample for a log line.
func checkLine(l kizashi.Line, promised kizashi.Time, declared map[kizashi.SeriesID]kizashi.Time) error {
	switch _, ok := declared[l.Series]; {
	case !ok:
		return fmt.Errorf("log group %s has a line, but was not declared", l.Series)
	case l.ID == "":
		return fmt.Errorf("log group %s: a line at %s has no id", l.Series, l.At)
	case !l.Late && l.At < promised:
		return fmt.Errorf("log group %s: a line is of %s, but until %s all was promised to be there", l.Series, l.At, promised)
	}
	return nil
}

// After says which batch is not after what was known.
func After(bs []kizashi.Batch, from map[kizashi.Partition]uint64) error {
	var errs []error
	for _, b := range bs {
		if b.Pos <= from[b.Partition] {
			errs = append(errs, fmt.Errorf("%s: batch %d was known up to %d", b.Partition, b.Pos, from[b.Partition]))
		}
	}
	return errors.Join(errs...)
}

// Same compares the content of two readings, of all what comes after from, of
// rest everything: samples and lines by series, declarations, roster and
// status by partition. How they are cut into batches does not matter. With
// prefix one of them may stop earlier.
func Same(all, rest []kizashi.Batch, from map[kizashi.Partition]uint64, prefix bool) error {
	want, err := content(all, from)
	if err != nil {
		return err
	}
	got, err := content(rest, nil)
	if err != nil {
		return err
	}
	for k := range got {
		if _, ok := want[k]; !ok && !prefix {
			want[k] = nil
		}
	}
	var errs []error
	for k, w := range want {
		g := got[k]
		if n := min(len(w), len(g)); prefix {
			w, g = w[:n], g[:n]
		}
		if len(w) != len(g) {
			errs = append(errs, fmt.Errorf("%s: %d items, want %d", k, len(g), len(w)))
			continue
		}
		for i := range w {
			if w[i] != g[i] {
				errs = append(errs, fmt.Errorf("%s: item %d is\n\t%s, want\n\t%s", k, i, g[i], w[i]))
				break
			}
		}
	}
	return errors.Join(errs...)
}

func content(bs []kizashi.Batch, from map[kizashi.Partition]uint64) (map[string][]string, error) {
	m := map[string][]string{}
	for _, b := range bs {
		if b.Pos <= from[b.Partition] {
			continue
		}
		p := b.Partition.String()
		for _, s := range b.Samples {
			k := p + " samples of " + s.Series.String()
			m[k] = append(m[k], fmt.Sprintf("%+v", s))
		}
		for _, r := range b.Revised {
			k := p + " revisions of " + r.Series.String()
			r.Seen = 0 // when it was read is no part of what was read
			m[k] = append(m[k], fmt.Sprintf("%+v", r))
		}
		for _, l := range b.Lines {
			k := p + " lines of " + l.Series.String()
			m[k] = append(m[k], fmt.Sprintf("%+v", l))
		}
		for _, part := range []struct {
			name string
			v    any
			any  bool
		}{{"roster", b.Roster, len(b.Roster) > 0}, {"declarations", b.Declare, len(b.Declare) > 0}, {"status", b.Status, b.Status != nil}, {"commands", b.Commands, len(b.Commands) > 0}} {
			if !part.any {
				continue
			}
			j, err := json.Marshal(part.v)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", p, part.name, err)
			}
			m[p+" "+part.name] = append(m[p+" "+part.name], string(j))
		}
	}
	return m, nil
}
