package heartbeat

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// receiver notes when it was beaten; a slow one takes all the time it gets.
type receiver struct {
	name string
	slow bool
	err  error

	mu    sync.Mutex
	times []time.Time
}

func (r *receiver) Name() string { return r.name }

func (r *receiver) Beat(ctx context.Context, at time.Time) error {
	r.mu.Lock()
	r.times = append(r.times, at)
	r.mu.Unlock()
	if r.slow {
		<-ctx.Done()
		return ctx.Err()
	}
	return r.err
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.times)
}

// run beats until f returns.
func run(t *testing.T, c Config, f func(), targets ...Target) {
	t.Helper()
	h, err := New(c, targets...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { h.Run(ctx); close(done) }()
	f()
	stop()
	<-done
}

func well() string { return "" }

// An hour of beats every minute, beside a receiver that answers nobody.
func TestASlowReceiverDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quick, slow, broken := &receiver{name: "quick"}, &receiver{name: "slow", slow: true}, &receiver{name: "broken", err: errors.New("refused")}
		failed := map[string]int{}
		var mu sync.Mutex
		report := func(name string, err error) {
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed[name]++
			}
		}
		run(t, Config{Every: time.Minute, Stalled: well, Report: report}, func() { time.Sleep(time.Hour - time.Second) }, quick, slow, broken)
		if quick.count() != 60 || broken.count() != 60 {
			t.Errorf("%d and %d beats in an hour, want 60 each", quick.count(), broken.count())
		}
		// A beat of the slow one takes the 10 s that it is given.
		if n := slow.count(); n < 50 || failed["slow"] < n-1 {
			t.Errorf("the slow one was asked %d times, %d failures counted", n, failed["slow"])
		}
		if failed["quick"] != 0 || failed["broken"] != 60 {
			t.Errorf("failures counted: %v", failed)
		}
	})
}

// Without progress there is no beat; the log says so once, and again when it
// goes on.
func TestNoProgressNoBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		var mu sync.Mutex
		stalled, r := "", &receiver{name: "r"}
		set := func(s string) {
			mu.Lock()
			defer mu.Unlock()
			stalled = s
		}
		c := Config{Every: time.Minute, Log: slog.New(slog.NewTextHandler(&out, nil)), Stalled: func() string {
			mu.Lock()
			defer mu.Unlock()
			return stalled
		}}
		run(t, c, func() {
			time.Sleep(5*time.Minute - time.Second)
			set("nothing was judged for 5 minutes")
			before := r.count()
			time.Sleep(10 * time.Minute)
			if r.count() != before {
				t.Errorf("%d beats without progress", r.count()-before)
			}
			set("")
			time.Sleep(5 * time.Minute)
			if r.count() != before+5 {
				t.Errorf("%d beats in 5 minutes of progress, want 5", r.count()-before)
			}
		}, r)
		said := out.String()
		if strings.Count(said, "the heartbeat stops") != 1 || strings.Count(said, "the heartbeat goes on") != 1 || !strings.Contains(said, "nothing was judged") {
			t.Errorf("log:\n%s", said)
		}
	})
}

func TestAFailingReceiverIsSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := &receiver{name: "am:9093", err: errors.New("connection refused")}
		c := Config{Every: time.Minute, Stalled: well, Log: slog.New(slog.NewTextHandler(&out, nil))}
		run(t, c, func() { time.Sleep(time.Hour) }, r)
		if n := strings.Count(out.String(), "level=WARN"); n != 1 {
			t.Errorf("%d warnings in an hour, want 1:\n%s", n, &out)
		}
	})
}

func TestPing(t *testing.T) {
	status, method := http.StatusOK, ""
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method = r.Method
		w.WriteHeader(status)
	}))
	defer srv.Close()
	for _, c := range []struct {
		method string
		status int
		fails  bool
	}{{"GET", 200, false}, {"POST", 204, false}, {"GET", 404, true}, {"GET", 302, true}, {"POST", 500, true}} {
		p, err := NewPing(c.method, srv.URL+"/secret-key")
		if err != nil {
			t.Fatal(err)
		}
		status = c.status
		err = p.Beat(t.Context(), time.Now())
		if (err != nil) != c.fails || method != c.method {
			t.Errorf("%s answered %d: %v, asked by %s", c.method, c.status, err, method)
		}
		if err != nil && strings.Contains(err.Error(), "secret-key") || strings.Contains(p.Name(), "secret-key") {
			t.Errorf("the key shows: %v %s", err, p.Name())
		}
	}
	srv.Close()
	p, _ := NewPing("GET", srv.URL+"/secret-key")
	if err := p.Beat(t.Context(), time.Now()); err == nil || strings.Contains(err.Error(), "secret-key") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestConfig(t *testing.T) {
	p, err := NewPing("GET", "http://h/x")
	if err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string]func() error{
		"every is 0s":      func() error { _, err := New(Config{Stalled: well}); return err },
		"Stalled is":       func() error { _, err := New(Config{Every: 1}); return err },
		"stands twice":     func() error { _, err := New(Config{Every: 1, Stalled: well}, p, p); return err },
		"begins with http": func() error { _, err := NewPing("GET", "ftp://h/secret-key"); return err },
		"GET or POST":      func() error { _, err := NewPing("PUT", "http://h"); return err },
		"cannot be read":   func() error { _, err := NewPing("GET", "http://h/secret-key\x7f"); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret-key") {
			t.Errorf("%v, want %q and no key", err, want)
		}
	}
}
