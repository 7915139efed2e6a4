package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/e2e/virtual"
)

// counted is what the fake counted of one action in one region of an account.
type counted struct {
	awsfake.Count
	awsfake.Total
}

// serveFake is the fake's process: AWS with the fleet in it, until standard
// input ends. It says its address on standard output.
func serveFake(s size) error {
	var now atomic.Int64
	now.Store(begin.UnixNano())
	clock := func() time.Time { return time.Unix(0, now.Load()).UTC() }
	cloud := awsfake.NewCloud(clock)
	for a := range s.Accounts {
		acct := virtual.Grant(cloud, tenant(a), virtual.Number(a))
		for r, name := range regionNames[:s.Regions] {
			for n := range s.Series {
				acct.Region(name).Generate(s.metric(n), time.Minute, begin.Add(-30*24*time.Hour), time.Time{}, value(a, r, n))
			}
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/", cloud)
	mux.HandleFunc("POST /virtual/clock", func(w http.ResponseWriter, r *http.Request) {
		var t time.Time
		if err := json.NewDecoder(r.Body).Decode(&t); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		now.Store(t.UnixNano())
	})
	mux.HandleFunc("POST /virtual/faults", func(w http.ResponseWriter, r *http.Request) {
		var fs []awsfake.Fault
		if err := json.NewDecoder(r.Body).Decode(&fs); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		cloud.Heal()
		cloud.ResetCounts()
		cloud.Script(fs...)
	})
	mux.HandleFunc("GET /virtual/counts", func(w http.ResponseWriter, r *http.Request) {
		var out []counted
		for k, v := range cloud.Counts() {
			out = append(out, counted{k, v})
		}
		// The connection may be gone: then the reader has the error.
		_ = json.NewEncoder(w).Encode(out)
	})
	srv, err := awsfake.New("127.0.0.1:0", mux)
	if err != nil {
		return err
	}
	fmt.Println(srv.URL)
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, srv.Close())
}

// fake is that process, seen from another.
type fake struct {
	url  string
	stop func() error
}

// startFake starts the fake as a process of its own, so that what it costs is
// not counted.
func startFake(self string, s size) (*fake, error) {
	cmd := exec.Command(self, append([]string{"-role", "fake"}, s.flags()...)...)
	cmd.Stderr, cmd.Env = os.Stderr, append(os.Environ(), child+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop := func() error { return errors.Join(in.Close(), cmd.Wait()) }
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(err, stop())
	}
	return &fake{strings.TrimSpace(url), stop}, nil
}

func (f *fake) post(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	r, err := http.Post(f.url+path, "application/json", bytes.NewReader(b))
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if text, err := io.ReadAll(r.Body); err != nil || r.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s %s %w", path, r.Status, text, err)
	}
	return nil
}

func (f *fake) counts() (out []counted, err error) {
	r, err := http.Get(f.url + "/virtual/counts")
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	return out, json.NewDecoder(r.Body).Decode(&out)
}
