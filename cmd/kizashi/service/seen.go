package service

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
	"github.com/kizashi-ops/kizashi/store/durable"
)

// seen keeps what the last list of each account and region knew of resources, a
// file for each, so that what has ended is known over a restart: CloudWatch
// lists its metrics for two weeks more. It may be called from any goroutine.
type seen struct {
	dir string
	log *slog.Logger

	mu   sync.Mutex
	have map[string][sha256.Size]byte // of what was written last, by file
}

func openSeen(data string, log *slog.Logger) (*seen, error) {
	s := &seen{dir: filepath.Join(data, "inventory"), log: log, have: map[string][sha256.Size]byte{}}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("inventory: %w", err)
	}
	return s, durable.SyncDir(data)
}

func (s *seen) file(account, region string) string {
	return filepath.Join(s.dir, account+"-"+region+".json")
}

// load returns what the last list of a region knew, or nil. A file that cannot
// be understood is set aside: what it had is learned anew by the next lists.
func (s *seen) load(account, region string) (*inventory.Snapshot, error) {
	file := s.file(account, region)
	ss, err := inventory.Load(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, fs.ErrPermission):
		return nil, err
	case err == nil && (len(ss) != 1 || ss[0].Account != account || ss[0].Region != region):
		err = fmt.Errorf("%s is not about account %s, region %s alone", file, account, region)
	}
	if err == nil {
		return ss[0], nil
	}
	damaged := file + ".damaged"
	s.log.Warn("what was last seen of a region cannot be read and is set aside: endings since then may be told late or with less of a reason",
		"account", account, "region", region, "file", damaged, "err", err)
	if err := os.Rename(file, damaged); err != nil {
		return nil, fmt.Errorf("inventory: %w", err)
	}
	return nil, durable.SyncDir(s.dir)
}

// keep writes what a list knew, if it is news. What cannot be written is said,
// and tried again with the next list.
func (s *seen) keep(x *inventory.Snapshot) {
	file := s.file(x.Account, x.Region)
	body, err := json.Marshal([]any{x.Read, x.Resources})
	if err == nil {
		if sum := sha256.Sum256(body); !s.is(file, sum) {
			err = durable.WriteFile(file, nil, func(w io.Writer) error { return inventory.Write(w, []*inventory.Snapshot{x}) })
			if err == nil {
				s.note(file, sum)
			}
		}
	}
	if err != nil {
		s.log.Error("what was seen of a region could not be kept: after a restart, endings may be taken back", "account", x.Account, "region", x.Region, "err", err)
	}
}

func (s *seen) is(file string, sum [sha256.Size]byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	have, ok := s.have[file]
	return ok && have == sum
}

func (s *seen) note(file string, sum [sha256.Size]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.have[file] = sum
}

// earlier are the series that the journal knows, until the sources have taken
// them. It may be called from any goroutine.
type earlier struct {
	mu   sync.Mutex
	left map[kizashi.Partition][]kizashi.Standing
}

func (e *earlier) set(all map[kizashi.Partition][]kizashi.Standing) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.left = all
}

// take hands over those of an account's region, of one kind.
func (e *earlier) take(kind kizashi.Kind, tenant, account, region string) map[kizashi.Partition][]kizashi.Standing {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := map[kizashi.Partition][]kizashi.Standing{}
	for k, xs := range e.left {
		if k.Kind == kind && k.Source != position.FromLogs && k.Tenant == tenant && k.Account == account && k.Region == region {
			out[k] = xs
			delete(e.left, k)
		}
	}
	return out
}
