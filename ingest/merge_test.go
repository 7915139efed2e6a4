package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/sourcetest"
)

// script is a source that says what it was given, then err; a gate, if there
// is one, opens before its batch number at.
type script struct {
	batches []kizashi.Batch
	err     error
	gate    chan struct{}
	at      int
	next    int
	acks    []uint64
	closed  int
}

func (s *script) Open(from map[kizashi.Partition]uint64) error {
	for s.next < len(s.batches) && s.batches[s.next].Pos <= from[s.batches[s.next].Partition] {
		s.next++
	}
	return nil
}

func (s *script) Next(ctx context.Context) (kizashi.Batch, error) {
	if s.gate != nil && s.next == s.at {
		select {
		case <-s.gate:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return kizashi.Batch{}, ctx.Err()
	}
	if s.next == len(s.batches) {
		return kizashi.Batch{}, s.err
	}
	s.next++
	return s.batches[s.next-1], nil
}

func (s *script) Ack(_ kizashi.Partition, pos uint64) error { s.acks = append(s.acks, pos); return nil }
func (s *script) Close() error                              { s.closed++; return nil }

func part(account string) kizashi.Partition {
	return kizashi.Partition{Tenant: "acme", Account: account, Kind: kizashi.Metrics, Period: 60e9}
}

// account is a partition that joins, then delivers n samples.
func account(name string, n int) *script {
	p := part(name)
	id := kizashi.IDOf("acme", kizashi.LabelsOf(map[string]string{"account": name}))
	s := &script{err: io.EOF, batches: []kizashi.Batch{{Partition: p, Pos: 1, Until: 0,
		Roster:  []kizashi.RosterEntry{{Op: kizashi.Join, Partition: p}},
		Declare: []kizashi.Declaration{{Meta: kizashi.Meta{Series: id, Tenant: "acme", Group: "g", Identity: kizashi.LabelsOf(map[string]string{"account": name}), Lower: kizashi.None(), Upper: kizashi.None()}}}}}}
	for i := range n {
		at := kizashi.Time(i * 60_000)
		s.batches = append(s.batches, kizashi.Batch{Partition: p, Pos: uint64(i + 2), Until: at + 60_000,
			Samples: []kizashi.Sample{{Series: id, At: at, Period: 60e9, Value: float64(i)}}})
	}
	return s
}

func all(t *testing.T, s ingest.Source) (out []string) {
	t.Helper()
	for {
		b, err := s.Next(context.Background())
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(b.Partition.Account, b.Pos))
	}
}

func TestMergeKeepsTheContract(t *testing.T) {
	sourcetest.Run(t, func(*testing.T) ingest.Source {
		return ingest.Merge(account("a", 5), account("b", 3), account("c", 1))
	}, 0)
}

// b is slow to join. Nobody's samples overtake that, so that the tenant's
// first tick waits for b too.
func TestAllJoinBeforeTheFirstSample(t *testing.T) {
	a, b := account("a", 2), account("b", 2)
	b.gate = make(chan struct{})
	m := ingest.Merge(a, b)
	if err := m.Open(nil); err != nil {
		t.Fatal(err)
	}
	first, err := m.Next(context.Background())
	if err != nil || first.Partition.Account != "a" || first.Pos != 1 {
		t.Fatalf("first: %v %v, want a's join", first, err)
	}
	close(b.gate)
	rest := strings.Join(all(t, m), " ")
	if !strings.HasPrefix(rest, "b1 ") || len(strings.Fields(rest)) != 5 {
		t.Errorf("then: %s; want b's join before any samples, and 4 batches of samples", rest)
	}
	if err := m.Close(); err != nil || a.closed != 1 || b.closed != 1 {
		t.Errorf("closed: %v, %d, %d", err, a.closed, b.closed)
	}
}

// After a restart all have joined long ago: a waits for nobody.
func TestAfterARestartNobodyWaits(t *testing.T) {
	a, b := account("a", 2), account("b", 2)
	b.gate, b.at = make(chan struct{}), 2
	m := ingest.Merge(a, b)
	if err := m.Open(map[kizashi.Partition]uint64{part("a"): 1, part("b"): 2}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []uint64{2, 3} {
		got, err := m.Next(context.Background())
		if err != nil || got.Partition.Account != "a" || got.Pos != want {
			t.Fatalf("got %s %d, %v; want a %d while b is stuck", got.Partition, got.Pos, err, want)
		}
	}
	close(b.gate)
	if got := all(t, m); len(got) != 1 || got[0] != "b3" {
		t.Errorf("then %v, want b3", got)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}

func TestAcksReachTheirSource(t *testing.T) {
	a, b := account("a", 1), account("b", 1)
	m := ingest.Merge(a, b)
	if err := m.Open(nil); err != nil {
		t.Fatal(err)
	}
	all(t, m)
	if err := errors.Join(m.Ack(part("a"), 1), m.Ack(part("b"), 2)); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(a.acks, b.acks) != "[1] [2]" {
		t.Errorf("acks %v and %v, want [1] and [2]", a.acks, b.acks)
	}
	if err := m.Ack(part("x"), 1); err == nil || !strings.Contains(err.Error(), "x") {
		t.Errorf("ack of a stranger: %v", err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}

func TestTheErrorOfOneIsTheErrorOfAll(t *testing.T) {
	broken := errors.New("broken")
	a, b := account("a", 0), account("b", 0)
	b.err, a.gate, a.at = broken, make(chan struct{}), 1
	m := ingest.Merge(a, b)
	if err := m.Open(nil); err != nil {
		t.Fatal(err)
	}
	for {
		_, err := m.Next(context.Background())
		if errors.Is(err, broken) {
			break
		}
		if err != nil {
			t.Fatalf("%v, want %v", err, broken)
		}
	}
	if err := m.Close(); err != nil { // a is stuck in Next: Close must free it
		t.Error(err)
	}
	two := ingest.Merge(account("a", 0), account("a", 0))
	if err := two.Open(nil); err != nil {
		t.Fatal(err)
	}
	_, err := two.Next(context.Background())
	if err == nil {
		_, err = two.Next(context.Background())
	}
	if err == nil || !strings.Contains(err.Error(), "two sources") {
		t.Errorf("one partition from two sources: %v", err)
	}
	if err := two.Close(); err != nil {
		t.Error(err)
	}
}
