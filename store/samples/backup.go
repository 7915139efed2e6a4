package samples

import (
	"fmt"
	"os"
)

// Backup writes all samples as blocks to dir. It is for the goroutine that
// appends: nothing is appended until it returns.
func (s *Store) Backup(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("samples: backup: %w", err)
	}
	if err := gather(s.db); err != nil {
		return fmt.Errorf("samples: backup %s: %w", s.dir, err)
	}
	if s.db.Head().NumSeries() == 0 && len(s.db.Blocks()) == 0 {
		return nil // an empty head cannot be written as a block
	}
	if err := s.db.Snapshot(dir, s.db.Head().NumSeries() > 0); err != nil {
		return fmt.Errorf("samples: backup %s: %w", s.dir, err)
	}
	return nil
}
