package samples

import (
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes all samples as blocks to dir. It is for the goroutine that
// appends: nothing is appended until it returns.
func (s *Store) Backup(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("samples: backup: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.flush()
	if err == nil {
		err = s.backlog.backup(filepath.Join(dir, backlogName))
	}
	// An empty head cannot be written as a block.
	if head := s.db.Head().NumSeries() > 0; err == nil && (head || len(s.db.Blocks()) > 0) {
		err = s.db.Snapshot(dir, head)
	}
	if err != nil {
		return fmt.Errorf("samples: backup %s: %w", s.dir, err)
	}
	return nil
}
