package sinktest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strconv"
	"sync"
	"testing"
)

// Server is a place that is reached by HTTP. When it fails, its answer repeats
// all that it was asked, as careless places do.
type Server struct {
	*httptest.Server
	Lie string // the body of its answer of 200 in the mood Lying

	mu     sync.Mutex
	mood   Mood
	moved  chan struct{}
	well   func(w http.ResponseWriter, r Request)
	taken  []Request
	orders int
}

// Request is one that was taken.
type Request struct {
	Path   string
	Header http.Header
	Body   []byte
}

// NewServer answers with well what it takes; nil = 200 without a body.
func NewServer(t *testing.T, well func(w http.ResponseWriter, r Request)) *Server {
	t.Helper()
	s := &Server{mood: Well, moved: make(chan struct{}), well: well}
	s.Server = httptest.NewServer(s)
	t.Cleanup(func() { s.Set(Well); s.Close() })
	return s
}

// Set changes the mood.
func (s *Server) Set(m Mood) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mood = m
	close(s.moved)
	s.moved = make(chan struct{})
}

// Taken returns what was taken, oldest first.
func (s *Server) Taken() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.taken...)
}

// Asked counts the requests, taken or not.
func (s *Server) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.orders
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	dump, _ := httputil.DumpRequest(r, true) // of what cannot be read the rest is repeated
	body, err := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders++
	fail := func(code int) {
		w.WriteHeader(code)
		fmt.Fprintf(w, "no: %s %s", r.URL.Path, dump)
	}
	switch s.mood {
	case Silent:
		moved := s.moved
		s.mu.Unlock()
		select {
		case <-moved:
		case <-r.Context().Done():
		}
		s.mu.Lock()
	case Busy:
		fail(http.StatusServiceUnavailable)
	case Refusing:
		fail(http.StatusBadRequest)
	case Waiting:
		w.Header().Set("Retry-After", strconv.Itoa(int(Wait.Seconds())))
		fail(http.StatusTooManyRequests)
	case Lying:
		fmt.Fprint(w, s.Lie)
	case Absent:
		panic(http.ErrAbortHandler) // the connection breaks
	default:
		if err != nil {
			fail(http.StatusBadRequest)
			return
		}
		req := Request{Path: r.URL.RequestURI(), Header: r.Header, Body: body}
		s.taken = append(s.taken, req)
		if s.well != nil {
			s.well(w, req)
		}
	}
}
