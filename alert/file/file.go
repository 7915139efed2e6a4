// Package file appends notifications to a file, as JSON lines that are on the
// disk before Send returns: for a log shipper, an archive, a test.
package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/kizashi-ops/kizashi/alert"
)

// Sink appends to one file. It follows a rotation: a file that was moved away
// or removed is made anew with the next notification, one that was truncated
// is written on from its start.
type Sink struct {
	name, path string

	mu   sync.Mutex
	f    *os.File // nil until it is needed, and after an error
	torn bool     // the file does not end in a line break
}

// New checks that the path's directory is there; the file is opened with the
// first notification. name tells the sink from others in the outbox; "" =
// "file" and the path.
func New(name, path string) (*Sink, error) {
	if name == "" {
		name = "file " + path
	}
	if path == "" {
		return nil, fmt.Errorf("%s: path is missing", name)
	}
	info, err := os.Stat(filepath.Dir(path))
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no directory", filepath.Dir(path))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := &Sink{name: name, path: path}
	if info, err = os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", name, errNotRegular)
	}
	return s, nil
}

var errNotRegular = errors.New("it is there and no regular file")

// Name is the name given.
func (s *Sink) Name() string { return s.name }

// Send appends a line and waits until the disk has it. A line that an error,
// or a crash, has torn is ended before the next one begins; the notification
// that it held comes again, under the same dedup key.
func (s *Sink) Send(ctx context.Context, n alert.Notification) error {
	line, err := alert.JSON(n)
	if err != nil {
		return alert.Permanent{Err: fmt.Errorf("%s: alert %s: %w", s.name, n.Alert.ID, err)}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.append(line); err != nil {
		// What is in the file now is not known: look when it is opened anew.
		err = errors.Join(err, s.close())
		return fmt.Errorf("%s: alert %s: %w", s.name, n.Alert.ID, err)
	}
	return nil
}

// append writes a line with one call, so that lines of two writers do not mix.
func (s *Sink) append(line []byte) error {
	if err := s.open(); err != nil {
		return err
	}
	b := append(line, '\n')
	if s.torn {
		b = append([]byte("\n"), b...)
	}
	if _, err := s.f.Write(b); err != nil {
		return err
	}
	s.torn = false
	return s.f.Sync()
}

// open makes s.f what the path names now.
func (s *Sink) open() error {
	now, err := os.Stat(s.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if s.f != nil {
		was, statErr := s.f.Stat()
		if statErr == nil && err == nil && os.SameFile(was, now) {
			return nil
		}
		if err := s.close(); err != nil {
			return err
		}
	}
	// Without O_NONBLOCK the opening of a pipe would wait for its reader.
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_APPEND|os.O_CREATE|syscall.O_NONBLOCK, 0o640)
	if err != nil {
		return err
	}
	s.f = f
	if s.torn, err = torn(f); err != nil {
		return err
	}
	return syncDir(filepath.Dir(s.path))
}

// torn says whether a file ends within a line.
func torn(f *os.File) (bool, error) {
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	if !info.Mode().IsRegular() {
		return false, errNotRegular
	}
	if info.Size() == 0 {
		return false, nil
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, info.Size()-1)
	return last[0] != '\n', err
}

// syncDir makes a new file's name outlive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (s *Sink) close() error {
	if s.f == nil {
		return nil
	}
	f := s.f
	s.f = nil
	return f.Close()
}
