// Package ingest delivers batches: each partition in the order of its own
// positions, each batch once, resumable from what was last acknowledged.
//
// It holds the contract that every source keeps and the merge of partitions;
// the sources themselves are below it, one package each. It judges nothing,
// and a fetch that failed is an error or a Status, never an absence of data.
package ingest

import (
	"context"

	"github.com/kizashi-ops/kizashi"
)

// Source delivers batches.
//
// Next returns io.EOF at the end of what is finite. Any other error is final
// for the source as a whole; the failure of one partition is no error but a
// Batch with a Status, so that one account's outage stops nobody else.
//
// Calls come from one goroutine, except that Ack may come from another.
type Source interface {
	// Open starts the source. from holds the last durable Pos of every
	// partition known before; a partition not in it starts anew.
	Open(from map[kizashi.Partition]uint64) error
	// Next blocks until there is a batch, the source ends, or ctx does. It may
	// wait until what it delivered before is acknowledged.
	Next(ctx context.Context) (kizashi.Batch, error)
	// Ack says that everything of the partition up to and including pos is
	// durable; it is cumulative.
	Ack(p kizashi.Partition, pos uint64) error
	// Close releases what Open took.
	Close() error
}
