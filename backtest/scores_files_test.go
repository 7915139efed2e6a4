package backtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// Two columns or files never share an output.
func TestScoresNamesAreApart(t *testing.T) {
	dir := t.TempDir()
	for name, body := range map[string]string{
		"x.csv":     "timestamp,a b,a_b\n" + stamp(0) + ",1,2\n" + stamp(1) + ",1,2\n",
		"x.a_b.csv": "timestamp,value\n" + stamp(0) + ",3\n" + stamp(1) + ",3\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, out := runScores(t, Spec{Input: inputs(dir)})
	seen := ""
	es, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range es {
		rows := rowsOf(t, out, e.Name())
		if len(rows) != 2 || rows[0][1] != rows[1][1] {
			t.Errorf("%s: %v", e.Name(), rows)
		}
		seen += fmt.Sprintf("%s %s\n", e.Name(), rows[0][1])
	}
	if want := "x.a_b.2.csv 1\nx.a_b.3.csv 2\nx.a_b.csv 3\n"; seen != want {
		t.Errorf("got\n%swant\n%s", seen, want)
	}
}

// Two files of one name, from different folders, are two outputs.
func TestScoresOfFilesOfOneName(t *testing.T) {
	one, two := table(4*288, nil), table(300, map[int]string{7: "x"})
	_, dir := runScores(t, Spec{Input: inputs(file(t, "a.csv", text(one)), file(t, "a.csv", text(two)))})
	for name, in := range map[string][]string{"a.csv": one, "a.2.csv": two} {
		rows := rowsOf(t, dir, name)
		if len(rows) != len(in)-1 {
			t.Errorf("%s: %d rows, want %d", name, len(rows), len(in)-1)
			continue
		}
		for i, r := range rows {
			if strings.Join(r[:2], ",") != in[i+1] {
				t.Errorf("%s: row %d is %v, want %q", name, i, r, in[i+1])
				break
			}
		}
	}
}

func TestScoresOfStdin(t *testing.T) {
	in := inputs("-")
	in.Stdin = strings.NewReader(text(table(3, nil)))
	_, dir := runScores(t, Spec{Input: in})
	if rows := rowsOf(t, dir, "stdin.csv"); len(rows) != 3 {
		t.Errorf("%v", rows)
	}
}

// Scores never take the place of what they were made from.
func TestScoresSpareTheInput(t *testing.T) {
	p := file(t, "sub/a.csv", text(table(10, nil)))
	for _, in := range []string{p, filepath.Dir(p), filepath.Dir(filepath.Dir(p))} {
		out := in
		if in == p {
			out = filepath.Dir(p)
		}
		_, err := Run(context.Background(), Spec{Input: inputs(in), Scores: out})
		if err == nil || !strings.Contains(err.Error(), "a.csv") {
			t.Errorf("input %s, scores into %s: %v", in, out, err)
		}
		if b, err := os.ReadFile(p); err != nil || string(b) != text(table(10, nil)) {
			t.Fatalf("the input was changed: %v", err)
		}
	}
}

// A directory that cannot be made is an error, not silence.
func TestScoresDirectoryFails(t *testing.T) {
	p := file(t, "a.csv", text(table(10, nil)))
	blocked := file(t, "blocked", "a file")
	if _, err := Run(context.Background(), Spec{Input: inputs(p), Scores: filepath.Join(blocked, "dir")}); err == nil || !strings.Contains(err.Error(), "blocked") {
		t.Errorf("error %v", err)
	}
}

// A row waits until the tick of its end has run: only then is it known whether
// an alert was firing after it.
func TestRowsWaitForTheirTick(t *testing.T) {
	c := &column{path: filepath.Join(t.TempDir(), "a.csv")}
	s := newScores("")
	s.series[1] = c
	first := at(t, "2026-01-05")
	const n = 5000
	hour := func(i int) kizashi.Time { return first.Add(time.Duration(i) * time.Hour) }
	var r pipeline.Result
	for i := range n {
		c.rows = append(c.rows, scored{stamp: "t", value: "v", at: hour(i), end: hour(i), sample: true})
		r.Judgements = append(r.Judgements, detect.Judgement{Series: 1, At: hour(i), End: hour(i + 1), Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None()})
	}
	r.Ran = hour(n - 1).Add(30 * time.Minute) // half an hour into the last one
	if err := s.judged(&r); err != nil {
		t.Fatal(err)
	}
	if len(c.rows) == 0 || c.rows[len(c.rows)-1].at != hour(n-1) || len(c.rows) > 2 {
		t.Fatalf("%d rows wait, want the last one or two", len(c.rows))
	}
	if err := s.judged(&pipeline.Result{Firing: []pipeline.Firing{{Series: 1, At: hour(n - 1)}}, Ran: kizashi.Forever}); err != nil {
		t.Fatal(err)
	}
	if !c.rows[len(c.rows)-1].alert {
		t.Error("the last row does not fire")
	}
	s.order = []*column{c}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(c.path)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(b), "\n"); got != n+1 || !strings.HasSuffix(string(b), ",1\n") || strings.Count(string(b), ",1\n") != 1 {
		t.Errorf("%d lines, the end is %q", got, b[len(b)-20:])
	}
}

// A judgement without a row would shift every one after it.
func TestJudgementWithoutARow(t *testing.T) {
	s := newScores("")
	s.series[1] = &column{path: "a.csv", rows: []scored{{stamp: "x"}}} // a row that gave no sample
	err := s.judged(&pipeline.Result{Judged: detect.Judged{Judgements: []detect.Judgement{{Series: 1, At: at(t, "2026-01-05")}}}})
	if err == nil || !strings.Contains(err.Error(), "a.csv: a judgement at 2026-01-05T00:00:00Z has no row") {
		t.Errorf("error %v", err)
	}
}
