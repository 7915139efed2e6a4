package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kizashi-ops/kizashi/store/durable"
)

// ErrBackupPlace says that a backup cannot be written there.
var ErrBackupPlace = errors.New("want an absolute path outside the data directory, to a directory that is not there yet")

// Backup writes a copy of the data directory to dir, which must not be there:
// the snapshot, the journal behind it, the samples, the ledger, and what else
// lies there. It is for the goroutine that steps the pipeline, when all that
// was journalled is stepped and kept; nothing is stepped until it returns.
// Either dir is whole afterwards or it is not there.
func (s *Store) Backup(dir string) (err error) {
	if err := s.backupPlace(dir); err != nil {
		return fmt.Errorf("backup to %s: %w", dir, err)
	}
	part := dir + ".partial"
	if err := os.RemoveAll(part); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := os.MkdirAll(part, 0o700); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("backup to %s: %w", dir, err), os.RemoveAll(part))
		}
	}()
	if err := s.flush(); err != nil {
		return err
	}
	for name, db := range map[string]interface{ Backup(string) error }{samplesName: s.samples, hourlyName: s.coarse.hourly, fivesName: s.coarse.fives} {
		if err := db.Backup(filepath.Join(part, name)); err != nil {
			return err
		}
	}
	if err := s.ledger.Backup(filepath.Join(part, ledgerName)); err != nil {
		return err
	}
	if err := copyTree(s.dir, part, notCopied); err != nil {
		return err
	}
	if err := syncTree(part); err != nil {
		return err
	}
	if err := os.Rename(part, dir); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(dir))
}

func (s *Store) backupPlace(dir string) error {
	home, err := filepath.Abs(s.dir)
	if err != nil {
		return err
	}
	within, err := filepath.Rel(home, dir)
	if !filepath.IsAbs(dir) || err != nil || within == "." || !strings.HasPrefix(within, "..") {
		return ErrBackupPlace
	}
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return ErrBackupPlace
	}
	return nil
}

// notCopied is what a backup has in another form, or has no use for.
func notCopied(name string) bool {
	return slices.Contains([]string{lockName, samplesName, hourlyName, fivesName, ledgerName, ledgerName + "-wal", ledgerName + "-shm"}, name)
}

// copyTree copies regular files and directories, but for names of the top
// level that leave says.
func copyTree(from, to string, leave func(string) bool) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case rel == ".":
			return nil
		case leave(rel) && d.IsDir():
			return filepath.SkipDir
		case leave(rel):
			return nil
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		case d.Type().IsRegular():
			return copyFile(path, filepath.Join(to, rel))
		}
		return nil
	})
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}

// syncTree makes all files and names below dir durable.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return durable.SyncDir(path)
		default:
			return durable.SyncFile(path)
		}
	})
}
