// Package realtest starts real programs for tests: moto, which is AWS, and
// Alertmanager. They listen on loopback and end with their test. A test whose
// program is not there is skipped and says so; where KIZASHI_REAL=1 asks for
// the real thing it fails.
package realtest

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// patience is after what time a program that does not answer is broken: a
// machine that is busy with ten other things starts moto within half of it.
const patience = time.Minute

// Program finds a program: the one that the environment names, or that which
// `make tools` installs under .cache of the repository.
func Program(t testing.TB, env, file string) string {
	t.Helper()
	bin, set := os.LookupEnv(env)
	if bin == "" {
		bin = filepath.Join(root(t), ".cache", file)
	}
	if _, err := os.Stat(bin); err != nil {
		if set || os.Getenv("KIZASHI_REAL") == "1" {
			t.Fatalf("NOT TESTED against the real program, though KIZASHI_REAL or %s asks for it: %v", env, err)
		}
		t.Skipf("NOT TESTED against the real program: %v; `make tools` installs it, or set %s", err, env)
	}
	return bin
}

// root is the directory of go.mod, above that of the test.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for up := dir; ; up = filepath.Dir(up) {
		if _, err := os.Stat(filepath.Join(up, "go.mod")); err == nil {
			return up
		}
		if up == filepath.Dir(up) {
			t.Fatalf("no go.mod above %s", dir)
		}
	}
}

// FreeAddr is a loopback address that was free a moment ago.
func FreeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return addr
}

// Process is a program that runs.
type Process struct {
	cmd  *exec.Cmd
	over chan struct{}
	kill sync.Once

	mu  sync.Mutex
	out bytes.Buffer
}

// Write keeps what the program says.
func (p *Process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

// Start starts a program and returns once it answers 200 at a URL. It is
// killed at the end of the test; what it said is told if the test failed.
func Start(t testing.TB, ready, bin string, args ...string) *Process {
	t.Helper()
	p := &Process{cmd: exec.Command(bin, args...), over: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // it is killed: that it does not end well is known
		close(p.over)
	}()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(bin), p.out.String())
		}
	})
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if answers(ready) {
			return p
		}
		select {
		case <-p.over:
			t.Fatalf("%s ended before it answered at %s", bin, ready)
		default:
		}
	}
	t.Fatalf("%s does not answer at %s within %s", bin, ready, patience)
	return nil
}

func answers(url string) bool {
	r, err := http.Get(url)
	if err != nil {
		return false
	}
	return r.Body.Close() == nil && r.StatusCode == http.StatusOK
}

// Kill is kill -9. It returns once the program is gone; a second time it does
// nothing.
func (p *Process) Kill() {
	p.kill.Do(func() {
		_ = p.cmd.Process.Kill() // it may have ended by itself
		<-p.over
	})
}

// Moto starts a moto server and returns its URL.
func Moto(t testing.TB) (url string) {
	t.Helper()
	bin, addr := Program(t, "KIZASHI_MOTO", "moto/bin/moto_server"), FreeAddr(t)
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	Start(t, "http://"+addr+"/moto-api/", bin, "-H", "127.0.0.1", "-p", port)
	return "http://" + addr
}

// Alertmanager starts one with a configuration, over the data in a directory,
// at an address that may have had one before.
func Alertmanager(t testing.TB, addr, config, dir string) *Process {
	t.Helper()
	bin := Program(t, "KIZASHI_ALERTMANAGER", "bin/alertmanager")
	return Start(t, "http://"+addr+"/-/ready", bin, "--config.file="+config, "--storage.path="+dir, "--web.listen-address="+addr, "--cluster.listen-address=")
}
