// Package stdout writes notifications as JSON lines: for a terminal, a log
// shipper, a pipe.
package stdout

import (
	"context"
	"fmt"
	"io"

	"github.com/kizashi-ops/kizashi/alert"
)

// Sink writes each notification as one line with one call of Write.
type Sink struct {
	name string
	w    io.Writer
	turn chan struct{} // holds one token: whoever has it writes
	torn bool          // the last line has no end
}

// New returns a sink that writes to w; name tells it from others in the
// outbox.
func New(name string, w io.Writer) *Sink {
	s := &Sink{name: name, w: w, turn: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	return s
}

// Name is the name given.
func (s *Sink) Name() string { return s.name }

// Send writes the line. A reader that does not read holds it up no longer
// than ctx allows; the line may then still be written later.
func (s *Sink) Send(ctx context.Context, n alert.Notification) error {
	line, err := alert.JSON(n)
	if err != nil {
		return alert.Permanent{Err: fmt.Errorf("%s: alert %s: %w", s.name, n.Alert.ID, err)}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	select {
	case <-s.turn:
	case <-ctx.Done():
		return fmt.Errorf("%s: the reader does not read: %w", s.name, ctx.Err())
	}
	line = append(line, '\n')
	written := make(chan error, 1)
	go func() {
		written <- s.write(line)
		s.turn <- struct{}{}
	}()
	select {
	case err := <-written:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%s: the reader does not read: %w", s.name, ctx.Err())
	}
}

// write writes a line, on a new line if the one before was torn by an error.
func (s *Sink) write(line []byte) error {
	if s.torn {
		line = append([]byte("\n"), line...)
	}
	k, err := s.w.Write(line)
	if err == nil && k < len(line) {
		err = io.ErrShortWrite
	}
	if err != nil {
		s.torn = s.torn && k == 0 || k > 0 && line[k-1] != '\n'
		return fmt.Errorf("%s: %w", s.name, err)
	}
	s.torn = false
	return nil
}
