// Package awsfake is AWS on loopback for tests: CloudWatch's ListMetrics and
// GetMetricData over series held in memory, in the three wire protocols that
// clients speak, with fault scripts that no emulator has: throttling, denied
// permissions, pages cut short, empty pages, points that come late, values
// that are revised.
package awsfake

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Server serves a handler on a loopback address.
type Server struct {
	URL  string
	http *http.Server
	done chan error
}

// New listens on addr ("127.0.0.1:0" takes a free port) and serves h until
// Close. An address that is not loopback is refused.
func New(addr string, h http.Handler) (*Server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("awsfake: %w", err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		return nil, errors.Join(fmt.Errorf("awsfake: %s is not a loopback address", addr), l.Close())
	}
	s := &Server{URL: "http://" + l.Addr().String(), done: make(chan error, 1)}
	s.http = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { s.done <- s.http.Serve(l) }()
	return s, nil
}

// Close stops the server and waits for its end.
func (s *Server) Close() error {
	err := s.http.Close()
	if e := <-s.done; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}
