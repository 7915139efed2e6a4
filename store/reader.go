package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/ledger"
	"github.com/kizashi-ops/kizashi/store/samples"
	"github.com/kizashi-ops/kizashi/store/state"
)

// Reader reads a data directory, beside the service that has it or without
// one. It takes no lock.
type Reader struct {
	dir    string
	ledger *ledger.Ledger

	mu      sync.Mutex
	samples *samples.Reader // opened when first asked
	coarse  []*samples.Reader
}

// OpenReadOnly opens the data directory for reading.
func OpenReadOnly(dir string) (*Reader, error) {
	if err := checkFormat(filepath.Join(dir, formatName)); err != nil {
		return nil, fmt.Errorf("data directory %s: %w", dir, err)
	}
	l, err := ledger.OpenReadOnly(filepath.Join(dir, ledgerName))
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", dir, err)
	}
	return &Reader{dir: dir, ledger: l}, nil
}

// Ledger is what is read by key.
func (r *Reader) Ledger() *ledger.Ledger { return r.ledger }

// Snapshot returns the newest snapshot.
func (r *Reader) Snapshot() (state.Snapshot, state.Report, error) {
	return state.Load(filepath.Join(r.dir, stateName))
}

// Samples returns the samples of a series with from <= At < to, as they were
// judged, oldest first.
func (r *Reader) Samples(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.samples == nil {
		var err error
		if r.samples, err = samples.OpenReadOnly(filepath.Join(r.dir, samplesName)); err != nil {
			return nil, fmt.Errorf("data directory %s: %w", r.dir, err)
		}
	}
	return r.samples.Samples(id, from, to)
}

// Coarse returns the coarser history of a series with from <= At < to, of
// either period, by At; those of one At by period.
func (r *Reader) Coarse(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.coarse == nil {
		for _, name := range coarseNames {
			c, err := samples.OpenReadOnly(filepath.Join(r.dir, name))
			if errors.Is(err, os.ErrNotExist) {
				continue // no service has made it yet
			}
			if err != nil {
				return nil, fmt.Errorf("data directory %s: %w", r.dir, err)
			}
			r.coarse = append(r.coarse, c)
		}
	}
	return merged(r.coarse, id, from, to)
}

// Records returns a series' records of the hours that overlap [from, to),
// oldest first.
func (r *Reader) Records(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	return r.ledger.Records(id, from, to)
}

// Limits implements alert.History.
func (r *Reader) Limits(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	return r.ledger.Limits(id, from, to)
}

// Close closes what is open.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.ledger.Close()
	if r.samples != nil {
		err = errors.Join(err, r.samples.Close())
	}
	for _, c := range r.coarse {
		err = errors.Join(err, c.Close())
	}
	return err
}
