package logs

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/*.golden")

// samples is where Loghub's samples lie, if anywhere.
const samples = "../../../shared/data/loghub"

func systems(t testing.TB) []System {
	t.Helper()
	ss, err := Load(samples)
	if os.IsNotExist(err) {
		t.Skipf("NOT TESTED: the samples are not there: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

// The scores of every system stand as a golden, so that a change of behaviour
// is a diff; and they do not fall below what is promised of the mean.
func TestScores(t *testing.T) {
	ss := systems(t)
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s  %-35s  %s\n", "", "content: GA FGA PA FTA", "full lines: GA FGA PA FTA")
	line := func(name string, c, f Score) {
		fmt.Fprintf(&b, "%-12s  %.3f %.3f %.3f %.3f             %.3f %.3f %.3f %.3f\n", name, c.GA, c.FGA, c.PA, c.FTA, f.GA, f.FGA, f.PA, f.FTA)
	}
	var content, full []Score
	for _, s := range ss {
		content, full = append(content, s.Judge(Mine(s.Content))), append(full, s.Judge(Mine(s.Full)))
		line(s.Name, content[len(content)-1], full[len(full)-1])
	}
	c, f := Mean(content), Mean(full)
	line("mean", c, f)
	line("lowest", Lowest(content), Lowest(full))
	golden(t, "scores", b.String())
	if c.GA < .955 || f.GA < .94 || c.FGA < .94 || f.FGA < .94 || c.PA < .83 || c.FTA < .82 {
		t.Errorf("below what is promised: content %+v, full lines %+v", c, f)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update rewrites it):\n%s", path, got)
	}
}

// Ids are the same in whatever order the lines come, mostly the same for one
// half of the file as for all of it, and always after a restart.
func TestIdsLast(t *testing.T) {
	n := 20
	if testing.Short() {
		n = 3
	}
	ss := systems(t)
	halves := 0.0
	for _, s := range ss {
		for _, lines := range [][]string{s.Content, s.Full} {
			if share := Shuffled(lines, n); share < .995 {
				t.Errorf("%s: %.4f of the lines have their id in the worst of %d shuffles", s.Name, share, n)
			}
			halves += Halves(lines) / float64(2*len(ss))
			if share, err := Restored(lines, 97); err != nil || share != 1 {
				t.Errorf("%s: %.4f of the lines are as before after restarts, %v", s.Name, share, err)
			}
		}
	}
	if halves < .97 {
		t.Errorf("%.4f of the lines have, in one half, the id that they have in the whole", halves)
	}
}

// A line allocates nothing once its pattern is known, and costs so many times
// what a loop over its bytes does: with numbers as long as they were, and with
// others. The limits are for a machine that does much else, twice what was seen
// there; what an idle one shows, the figures say.
func TestSpeed(t *testing.T) {
	redrawn := Redraw(systems(t), 32_000, 1)
	for _, set := range []struct {
		name  string
		lines []string
		limit float64
	}{{"redrawn", redrawn, 14}, {"with numbers of other lengths", Resize(redrawn, 1), 36}} {
		s := Measure(set.lines, 8)
		t.Logf("%s: %.0f B a line: %.0f ns, %.1f times a loop over its bytes (%.0f ns); %.4f allocations", set.name, s.Bytes, s.Miner, s.Miner/s.Classes, s.Classes, s.Allocs)
		if s.Allocs > .001 {
			t.Errorf("%s: %.4f allocations a line", set.name, s.Allocs)
		}
		if s.Miner > set.limit*s.Classes {
			t.Errorf("%s: %.1f times a loop over the bytes", set.name, s.Miner/s.Classes)
		}
	}
}

func TestWeight(t *testing.T) {
	each, n := Weight(systems(t), 4)
	t.Logf("%.0f B a pattern (%d patterns)", each, n)
	if each > 2048 {
		t.Errorf("%.0f B a pattern", each)
	}
}

// With what is usual of it a pattern takes no more than 4 KiB.
func TestWeightJudged(t *testing.T) {
	each, n, err := WeightJudged(systems(t))
	t.Logf("%.0f B a pattern (%d patterns)", each, n)
	if each > 4096 || err != nil {
		t.Errorf("%.0f B a pattern, %v", each, err)
	}
}

// Lines that never repeat take bounded memory, and are said not to cluster.
func TestGarbage(t *testing.T) {
	n := 50_000
	if os.Getenv("KIZASHI_SOAK") != "" {
		n = 10_000_000
	}
	bytes, first, last, h := Garbage(n, 1)
	t.Logf("%d lines: %d MiB, %.0f ns a line at first, %.0f at last; %s", n, bytes>>20, first, last, h.Reason)
	if bytes > 512<<20 || h.Clusters {
		t.Errorf("%d MiB, clusters %v", bytes>>20, h.Clusters)
	}
}
