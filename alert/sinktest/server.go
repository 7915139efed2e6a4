package sinktest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"strconv"
	"sync"
	"testing"
)

// Server is a place that is reached by HTTP. When it fails, its answer repeats
// all that it was asked, as careless places do.
type Server struct {
	*httptest.Server
	Lie string // the body of its answer of 200 in the mood Lying
	// Fail answers in the moods Busy, Refusing and Waiting, with what was asked;
	// nil = 503, 400, and 429 with Retry-After, in plain text.
	Fail func(w http.ResponseWriter, m Mood, asked string)

	mu     sync.Mutex
	mood   Mood
	moved  chan struct{}
	well   func(w http.ResponseWriter, r Request)
	taken  []Request
	orders int
}

// Request is one that was taken.
type Request struct {
	Method, Host, Path string
	Header             http.Header
	Body               []byte
}

// HTTP is the request once more, for a fake that stands behind the server.
func (r Request) HTTP(ctx context.Context) *http.Request {
	out := httptest.NewRequestWithContext(ctx, r.Method, "http://"+r.Host+r.Path, bytes.NewReader(r.Body))
	out.Header = r.Header
	return out
}

// AWS sets the credentials that the SDK's own configuration finds, and keeps it
// from looking anywhere else.
func AWS(t *testing.T, id, secret string) {
	t.Helper()
	for name, v := range map[string]string{"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull} {
		t.Setenv(name, v)
	}
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
	asked := fmt.Sprintf("%s %s", r.URL.Path, dump)
	switch s.mood {
	case Silent:
		moved := s.moved
		s.mu.Unlock()
		select {
		case <-moved:
		case <-r.Context().Done():
		}
		s.mu.Lock()
	case Busy, Refusing, Waiting:
		s.fail(w, asked)
	case Lying:
		fmt.Fprint(w, s.Lie)
	case Absent:
		panic(http.ErrAbortHandler) // the connection breaks
	default:
		if err != nil {
			http.Error(w, asked, http.StatusBadRequest)
			return
		}
		req := Request{Method: r.Method, Host: r.Host, Path: r.URL.RequestURI(), Header: r.Header, Body: body}
		s.taken = append(s.taken, req)
		if s.well != nil {
			s.well(w, req)
		}
	}
}

func (s *Server) fail(w http.ResponseWriter, asked string) {
	if s.Fail != nil {
		s.Fail(w, s.mood, asked)
		return
	}
	code := map[Mood]int{Busy: http.StatusServiceUnavailable, Refusing: http.StatusBadRequest, Waiting: http.StatusTooManyRequests}[s.mood]
	if s.mood == Waiting {
		w.Header().Set("Retry-After", strconv.Itoa(int(Wait.Seconds())))
	}
	w.WriteHeader(code)
	fmt.Fprintf(w, "no: %s", asked)
}
