// Package durable holds what every part of the store does to make bytes
// survive a crash: write to a temporary file, fsync, rename, fsync the
// directory; and the hook by which a test fails or kills the process at each
// of those steps.
//
// It is apart from the parts that use it (journal, state, ledger, samples) so
// that all of them name their steps in one list. It knows nothing of what is
// in the files.
package durable

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Hook is called at each named step. An error from it is taken as the error
// of the step; a hook may also end the process. A nil Hook does nothing.
type Hook func(step string) error

// At calls the hook, if there is one, and names the step in its error.
func (h Hook) At(step string) error {
	if h == nil {
		return nil
	}
	if err := h(step); err != nil {
		return fmt.Errorf("%s: %w", step, err)
	}
	return nil
}

// The steps, in the order in which a sample meets them. "before" means that
// the operation has not begun, "after" that it has returned without an error.
const (
	JournalAppendBefore   = "journal append before"
	JournalAppendAfter    = "journal append after"
	JournalFsyncBefore    = "journal fsync before"
	JournalFsyncAfter     = "journal fsync after"
	JournalCutBefore      = "journal cut before"
	JournalCutAfter       = "journal cut after"
	JournalDirBefore      = "journal directory fsync before"
	JournalDirAfter       = "journal directory fsync after"
	JournalTruncateBefore = "journal truncate before"
	JournalTruncateAfter  = "journal truncate after"

	SamplesAppendBefore = "samples append before"
	SamplesAppendAfter  = "samples append after"
	SamplesSyncBefore   = "samples fsync before"
	SamplesSyncAfter    = "samples fsync after"

	CoarseAppendBefore = "coarse append before"
	CoarseAppendAfter  = "coarse append after"
	CoarseSyncBefore   = "coarse fsync before"
	CoarseSyncAfter    = "coarse fsync after"

	LedgerCommitBefore = "ledger commit before"
	LedgerCommitAfter  = "ledger commit after"

	StateWriteBefore  = "state write before"
	StateWriteAfter   = "state write after"
	StateFsyncBefore  = "state fsync before"
	StateFsyncAfter   = "state fsync after"
	StateRenameBefore = "state rename before"
	StateRenameAfter  = "state rename after"
	StateDirBefore    = "state directory fsync before"
	StateDirAfter     = "state directory fsync after"
)

// Steps lists every step's name, in the order of the constants.
func Steps() []string {
	return []string{
		JournalAppendBefore, JournalAppendAfter, JournalFsyncBefore, JournalFsyncAfter,
		JournalCutBefore, JournalCutAfter, JournalDirBefore, JournalDirAfter,
		JournalTruncateBefore, JournalTruncateAfter,
		SamplesAppendBefore, SamplesAppendAfter, SamplesSyncBefore, SamplesSyncAfter,
		CoarseAppendBefore, CoarseAppendAfter, CoarseSyncBefore, CoarseSyncAfter,
		LedgerCommitBefore, LedgerCommitAfter,
		StateWriteBefore, StateWriteAfter, StateFsyncBefore, StateFsyncAfter,
		StateRenameBefore, StateRenameAfter, StateDirBefore, StateDirAfter,
	}
}

// SyncDir makes the names in a directory durable: files created, renamed or
// removed in it.
func SyncDir(dir string) error { return syncPath(dir) }

// SyncFile makes the contents of a file durable, whoever wrote them.
func SyncFile(path string) error { return syncPath(path) }

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open to fsync: %w", err)
	}
	err = f.Sync()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("fsync %s: %w", path, err)
	}
	return nil
}

// WriteFile writes a file so that, whenever the process or the machine stops,
// path holds either what it held before or all that write wrote: a temporary
// file beside it, fsync, rename, fsync of the directory. The file is readable
// by its owner only. The hook is called with the State steps.
func WriteFile(path string, hook Hook, write func(io.Writer) error) error {
	tmp := path + ".tmp"
	if err := hook.At(StateWriteBefore); err != nil {
		return err
	}
	if err := writeTemp(tmp, hook, write); err != nil {
		return fmt.Errorf("write %s: %w", tmp, err)
	}
	if err := hook.At(StateRenameBefore); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("put %s in place: %w", path, err)
	}
	if err := hook.At(StateRenameAfter); err != nil {
		return err
	}
	if err := hook.At(StateDirBefore); err != nil {
		return err
	}
	if err := SyncDir(filepath.Dir(path)); err != nil {
		return err
	}
	return hook.At(StateDirAfter)
}

func writeTemp(tmp string, hook Hook, write func(io.Writer) error) (err error) {
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := hook.At(StateWriteAfter); err != nil {
		return err
	}
	if err := hook.At(StateFsyncBefore); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("fsync: %w", err)
	}
	return hook.At(StateFsyncAfter)
}
