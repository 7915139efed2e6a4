package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// write puts files into a fresh folder and returns it.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// drain reads a source to its end, or to its error.
func drain(t testing.TB, s *Source) ([]kizashi.Batch, error) {
	t.Helper()
	if err := s.Open(nil); err != nil {
		t.Fatalf("Open: %v", err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}()
	var out []kizashi.Batch
	for {
		b, err := s.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, b)
	}
}

// transcript writes batches as a person would tell them.
func transcript(bs []kizashi.Batch) string {
	var b strings.Builder
	names := map[kizashi.SeriesID]string{}
	for _, x := range bs {
		fmt.Fprintf(&b, "%s #%d until %s", x.Partition.Tenant, x.Pos, x.Until)
		for _, r := range x.Roster {
			fmt.Fprintf(&b, " %s@%s", r.Op, r.At)
		}
		b.WriteByte('\n')
		for _, d := range x.Declare {
			names[d.Meta.Series] = d.Meta.Name()
			fmt.Fprintf(&b, "  declare %s group %s\n", d.Meta.Name(), d.Meta.Group)
		}
		for _, s := range x.Samples {
			late := ""
			if s.Late {
				late = " late"
			}
			fmt.Fprintf(&b, "  %s %s = %v%s\n", s.At, names[s.Series], s.Value, late)
		}
	}
	return b.String()
}

// replayed reads inputs to the end and returns the transcript.
func replayed(t testing.TB, o Options) (string, Report) {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	bs, err := drain(t, s)
	if err != nil {
		t.Fatalf("Next: %v", err)
	}
	return transcript(bs), s.Report()
}

// file replays one file with this text.
func replayText(t testing.TB, name, text string, o Options) (string, FileReport) {
	t.Helper()
	o.Paths = []string{filepath.Join(write(t, map[string]string{name: text}), name)}
	got, r := replayed(t, o)
	return got, r.Files[0]
}

func equal(t testing.TB, got, want string) {
	t.Helper()
	got, want = strings.TrimSpace(got), strings.TrimSpace(want)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
