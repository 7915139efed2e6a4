package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// patience is how long anything may take before a test gives up.
const patience = 4 * time.Minute

// service is a running `kizashi serve`.
type service struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  bytes.Buffer
	done chan struct{} // closed when it has ended
	err  error         // of its end

	patience time.Duration // more than usual; 0 = as usual

	mu   sync.Mutex
	log  strings.Builder
	addr string
}

var listening = regexp.MustCompile(`Listening on" address=(\S+)`)

// start starts the service; env is added to its environment. It does not wait.
func start(t *testing.T, config string, env ...string) *service {
	t.Helper()
	s := &service{t: t, cmd: exec.Command(binary, "serve", "--config", config), done: make(chan struct{})}
	s.cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_SESSION_TOKEN=", "AWS_REGION=ap-northeast-1",
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_EC2_METADATA_DISABLED=true")
	s.cmd.Env = append(s.cmd.Env, env...)
	s.cmd.Stdout = &s.out
	pipe, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.read(pipe)
		s.err = s.cmd.Wait()
		close(s.done)
	}()
	t.Cleanup(func() { s.kill() })
	return s
}

func (s *service) read(r io.Reader) {
	for sc := bufio.NewScanner(r); sc.Scan(); {
		s.mu.Lock()
		fmt.Fprintln(&s.log, sc.Text())
		if m := listening.FindStringSubmatch(sc.Text()); m != nil {
			s.addr = m[1]
		}
		s.mu.Unlock()
	}
}

// said is its log so far.
func (s *service) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// kill is kill -9, and waits for the end.
func (s *service) kill() {
	_ = s.cmd.Process.Signal(syscall.SIGKILL) // it may have ended
	<-s.done
}

// stop is SIGTERM; the service must end well within 10 s.
func (s *service) stop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatalf("SIGTERM: %v\n%s", err, s.said())
	}
	select {
	case <-s.done:
	case <-time.After(10 * time.Second):
		s.t.Fatalf("SIGTERM has not ended it within 10 s\n%s", s.said())
	}
	if s.err != nil {
		s.t.Fatalf("after SIGTERM it ended with %v\n%s", s.err, s.said())
	}
}

// ended says whether it runs no more.
func (s *service) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// get asks for a path; ok is false as long as it does not listen or answers
// with another status than 200.
func (s *service) get(path string) (body []byte, ok bool) {
	s.mu.Lock()
	addr := s.addr
	s.mu.Unlock()
	if addr == "" {
		return nil, false
	}
	r, err := http.Get("http://" + addr + path)
	if err != nil {
		return nil, false
	}
	defer r.Body.Close()
	body, err = io.ReadAll(r.Body)
	return body, err == nil && r.StatusCode == http.StatusOK
}

// alerts are what /api/alerts lists.
func (s *service) alerts() []kizashi.Alert {
	var v struct{ Alerts []kizashi.Alert }
	if b, ok := s.get("/api/alerts"); ok {
		if err := json.Unmarshal(b, &v); err != nil {
			s.t.Fatal(err)
		}
	}
	return v.Alerts
}

// detail is what /api/alerts/{id} says.
type detail struct {
	Alert         kizashi.Alert
	Justification *kizashi.Justification
	Told          map[string]alert.Told
	Texts         map[string]struct{ Title, Engineer string }
}

func (s *service) detail(id string) (d detail, ok bool) {
	b, ok := s.get("/api/alerts/" + id)
	if ok {
		if err := json.Unmarshal(b, &d); err != nil {
			s.t.Fatal(err)
		}
	}
	return d, ok
}

// gauge is the value of a line of /metrics that begins so.
func (s *service) gauge(name string) (v float64, ok bool) {
	b, _ := s.get("/metrics")
	for _, l := range strings.Split(string(b), "\n") {
		if rest, found := strings.CutPrefix(l, name+" "); found {
			_, err := fmt.Sscan(rest, &v)
			return v, err == nil
		}
	}
	return 0, false
}

// await polls until the condition holds. It fails the test if the service
// ends, or after patience.
func (s *service) await(what string, holds func() bool) {
	s.t.Helper()
	for end := time.Now().Add(max(patience, s.patience)); !holds(); time.Sleep(20 * time.Millisecond) {
		if s.ended() {
			s.t.Fatalf("waiting for %s: it has ended: %v\n%s", what, s.err, s.said())
		}
		if time.Now().After(end) {
			s.t.Fatalf("waiting for %s in vain\n%s", what, s.said())
		}
	}
}

func (s *service) awaitReady() {
	s.t.Helper()
	s.await("/-/ready", func() bool { _, ok := s.get("/-/ready"); return ok })
}
