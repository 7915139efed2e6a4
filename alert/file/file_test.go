package file

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

func newSink(t *testing.T, path string) *Sink {
	t.Helper()
	s, err := New("", path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// lines reads the whole lines of a file; what is torn is counted.
func lines(t *testing.T, path string) (whole []alert.Notification, torn int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var n alert.Notification
		if json.Unmarshal([]byte(line), &n) != nil || !strings.HasSuffix(line, "\n") {
			torn++
			continue
		}
		whole = append(whole, n)
	}
	return whole, torn
}

func place(t *testing.T) sinktest.Place {
	dir := filepath.Join(t.TempDir(), "d")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "alerts.jsonl")
	return sinktest.Place{
		Sink: newSink(t, path),
		Set: func(m sinktest.Mood) { // the disk is not mounted
			switch m {
			case sinktest.Absent:
				os.RemoveAll(dir)
			case sinktest.Well:
				os.Mkdir(dir, 0o700)
			}
		},
		Received: func() []sinktest.Told {
			all, _ := lines(t, path)
			var out []sinktest.Told
			for _, n := range all {
				line, err := alert.JSON(n)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, sinktest.Told{Key: n.DedupKey, Alert: n.Alert.ID, State: string(n.Alert.State), Text: string(line)})
			}
			return out
		},
		Moods: []sinktest.Mood{sinktest.Absent},
	}
}

func TestContract(t *testing.T) { sinktest.Run(t, place) }

func TestCanaries(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	count := 0
	sinktest.RunCanaries(t, func(t *testing.T) sinktest.Place {
		return sinktest.Place{Sink: newSink(t, path), Received: func() []sinktest.Told {
			data, err := os.ReadFile(path)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			var out []sinktest.Told
			for line := range strings.Lines(string(data)) {
				out = append(out, sinktest.Told{Text: line})
			}
			return out
		}}
	}, func(t *testing.T, told sinktest.Told) {
		count++
		whole, torn := lines(t, path)
		if len(whole) != count || torn != 0 || strings.Count(told.Text, "\n") != 1 {
			t.Errorf("%d whole lines and %d torn ones, want %d", len(whole), torn, count)
		}
	})
}

func send(t *testing.T, s *Sink, id string) {
	t.Helper()
	if err := s.Send(t.Context(), sinktest.Notice(id, 1, kizashi.Firing)); err != nil {
		t.Fatal(err)
	}
}

func ids(t *testing.T, path string) string {
	whole, torn := lines(t, path)
	var out []string
	for _, n := range whole {
		out = append(out, n.Alert.ID)
	}
	return fmt.Sprintf("%s, %d torn", strings.Join(out, " "), torn)
}

func TestATornLineIsEnded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	send(t, newSink(t, path), "a1")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// A crash within the second line: at its first and last bytes, and at some
	// between them.
	for cut := range data {
		if cut > 3 && cut < len(data)-3 && cut%37 != 0 {
			continue
		}
		half := append(append([]byte{}, data...), data[:cut]...)
		if err := os.WriteFile(path, half, 0o600); err != nil {
			t.Fatal(err)
		}
		s := newSink(t, path)
		send(t, s, "a2")
		send(t, s, "a3")
		want := "a1 a2 a3, 1 torn"
		if cut == 0 {
			want = "a1 a2 a3, 0 torn"
		}
		if cut == len(data)-1 {
			want = "a1 a1 a2 a3, 0 torn" // only the line break was missing
		}
		if got := ids(t, path); got != want {
			t.Fatalf("cut at %d of %d: %s, want %s", cut, len(data), got, want)
		}
	}
}

func TestRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	s := newSink(t, path)
	send(t, s, "a1")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	send(t, s, "a2")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	send(t, s, "a3")
	send(t, s, "a4")
	if got := ids(t, path+".1") + "; " + ids(t, path); got != "a1, 0 torn; a3 a4, 0 torn" {
		t.Errorf("rotated: %s", got)
	}
	if err := os.Truncate(path, 0); err != nil { // copytruncate
		t.Fatal(err)
	}
	send(t, s, "a5")
	if got := ids(t, path); got != "a5, 0 torn" {
		t.Errorf("truncated: %s", got)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o027 != 0 {
		t.Errorf("mode %v, %v: others can read or write it", info.Mode(), err)
	}
}

func TestTwoWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	var all sync.WaitGroup
	for w := range 4 {
		s := newSink(t, path)
		all.Go(func() {
			for i := range 25 {
				if err := s.Send(t.Context(), sinktest.Notice(fmt.Sprintf("a%d-%d", w, i), 1, kizashi.Firing)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if whole, torn := lines(t, path); len(whole) != 100 || torn != 0 {
		t.Errorf("%d lines, %d torn", len(whole), torn)
	}
}

func TestWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"": "path is missing", filepath.Join(dir, "no", "x"): "no such file or directory", dir: "no regular file", pipe: "no regular file", filepath.Join(pipe, "x"): "is no directory",
	} {
		if _, err := New("file ops", path); err == nil || !strings.HasPrefix(err.Error(), "file ops: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", path, err, want)
		}
	}
	// It became a pipe later: an error, and nobody waits for a reader.
	path := filepath.Join(dir, "x")
	s := newSink(t, path)
	if err := os.Rename(pipe, path); err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing)); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a pipe: %v", err)
	}
	if s.Name() != "file "+path {
		t.Errorf("name %q", s.Name())
	}
}

// TestAFullDisk writes into a disk of no room: the line is torn, the next one
// whole.
func TestAFullDisk(t *testing.T) {
	s := newSink(t, filepath.Join(t.TempDir(), "alerts.jsonl"))
	send(t, s, "a1")
	var was, tight syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(s.path)
	if err != nil {
		t.Fatal(err)
	}
	tight = was
	tight.Cur = uint64(info.Size()) + 100
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &tight); err != nil {
		t.Fatal(err)
	}
	err = s.Send(t.Context(), sinktest.Notice("a2", 1, kizashi.Firing))
	if e := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); e != nil {
		t.Fatal(e)
	}
	if err == nil {
		t.Fatal("no room, and no error")
	}
	send(t, s, "a2")
	if got := ids(t, s.path); got != "a1 a2, 1 torn" {
		t.Errorf("after a full disk: %s", got)
	}
}

func TestGoldens(t *testing.T) {
	for _, e := range sinktest.Examples() {
		path := filepath.Join(t.TempDir(), "alerts.jsonl")
		if err := newSink(t, path).Send(t.Context(), e.Notice); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sinktest.Golden(t, e.Name, data)
	}
}
