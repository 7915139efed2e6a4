// Package awsfake is AWS on loopback for tests: CloudWatch, reads of Logs,
// STS, SNS Publish, tagging, reads of EC2 and Auto Scaling, and SSM's instance
// data and OpsItems, over accounts and regions held in memory, in the wire
// protocols that clients speak. It has what no emulator has: virtual time;
// series that are computed when they are asked for, so that a fleet costs
// nothing; quotas; and fault scripts (see Fault), each alone or together, for
// an account, region, service, operation and stretch of time.
//
// What is not documented by AWS is ours, and said where it is decided. The
// package is held against the requests and answers that the SDK records, and
// against moto on the same questions; it does not import the SDK.
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
