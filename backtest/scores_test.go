package backtest

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest/replay"
)

const scoresHead = "timestamp,value,anomaly_score,expected,lower,upper,alert"

// scored runs a backtest and returns what became of it and the directory of
// its scores.
func runScores(t *testing.T, s Spec) (*Outcome, string) {
	t.Helper()
	s.Scores = filepath.Join(t.TempDir(), "scores")
	o, err := Run(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return o, s.Scores
}

func inputs(paths ...string) replay.Options { return replay.Options{Paths: paths} }

// rowsOf reads a scores file: its rows, each cut at the commas.
func rowsOf(t *testing.T, dir, name string) [][]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	ls := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	if ls[0] != scoresHead {
		t.Fatalf("%s: head %q, want %q", name, ls[0], scoresHead)
	}
	var out [][]string
	for _, l := range ls[1:] {
		out = append(out, strings.Split(l, ","))
	}
	return out
}

// usual is the i-th value of a series of 5 minutes with a daily shape and
// noise that is always the same.
func usual(i int) float64 {
	h := uint64(i)*0x9E3779B97F4A7C15 + 12345
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	h ^= h >> 32
	return 50 + 10*math.Sin(2*math.Pi*float64(i)/288) + 2*(float64(h%1000)/500-1)
}

func stamp(i int) string {
	return time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 5 * time.Minute).Format("2006-01-02 15:04:05")
}

// table of n rows of 5 minutes, with the values given in place of the usual.
func table(n int, odd map[int]string) []string {
	out := []string{"timestamp,value"}
	for i := range n {
		v, ok := odd[i]
		if !ok {
			v = strconv.FormatFloat(usual(i), 'f', 3, 64)
		}
		out = append(out, stamp(i)+","+v)
	}
	return out
}

func text(lines []string) string { return strings.Join(lines, "\n") + "\n" }

// A row for each row, as it stood; a jump scores, stands over the limit and
// is found.
func TestScoresMirrorRows(t *testing.T) {
	in := table(5*288, map[int]string{1200: "140.000"})
	o, dir := runScores(t, Spec{Input: inputs(file(t, "a.csv", text(in)))})
	rows := rowsOf(t, dir, "a.csv")
	if len(rows) != len(in)-1 {
		t.Fatalf("%d rows in, %d rows out", len(in)-1, len(rows))
	}
	fires, best := 0, 0.
	for i, r := range rows {
		if strings.Join(r[:2], ",") != in[i+1] {
			t.Fatalf("row %d is %v, the input's %q", i, r, in[i+1])
		}
		s, err := strconv.ParseFloat(r[2], 64)
		if err != nil || s < 0 || s > 1 {
			t.Errorf("row %d: score %q", i, r[2])
		}
		if r[6] == "1" {
			fires++
		}
		if i != 1200 && i != 1201 { // words are of two samples
			best = max(best, s)
		}
	}
	jump := rows[1200]
	expected, _ := strconv.ParseFloat(jump[3], 64)
	upper, _ := strconv.ParseFloat(jump[5], 64)
	lower, _ := strconv.ParseFloat(jump[4], 64)
	if score, _ := strconv.ParseFloat(jump[2], 64); max(score, parse(t, rows[1201][2])) <= best {
		t.Errorf("the jump scores %v, the row after it %s, and a usual one %v", score, rows[1201][2], best)
	}
	if jump[6] != "1" || !(lower < expected && expected < upper && upper < 140) || math.Abs(expected-usual(1200)) > 8 {
		t.Errorf("the jump: %v, usual is %v", jump, usual(1200))
	}
	if len(o.Alerts) != 1 || o.Alerts[0].Opened != at(t, stamp(1200)) {
		t.Fatalf("%d alerts %+v, want one at %s", len(o.Alerts), o.Alerts, stamp(1200))
	}
	if fires == 0 || rows[1199][6] != "0" || rows[5*288-1][6] != "0" {
		t.Errorf("%d rows fire, before the jump %v, at the end %v", fires, rows[1199], rows[5*288-1])
	}
	// In the first rows there is no limit, and that is not zero.
	if r := rows[0]; r[2] != "0" || r[4] != "" || r[5] != "" || r[6] != "0" {
		t.Errorf("the first row: %v", r)
	}
}

// What repeats, goes back or cannot be read is written with score 0 and
// nothing expected, and changes nothing of the other rows.
func TestScoresOfBadRows(t *testing.T) {
	clean := table(4*288, nil)
	bad := []string{stamp(1000) + ",999", stamp(3) + ",999", stamp(1001) + ",12x", "soon,50", stamp(1001) + ",NaN", stamp(1001) + ",", stamp(1001) + ",+Inf"}
	var in []string
	in = append(append(append(in, clean[:1002]...), bad...), clean[1002:]...) // behind row 1000
	_, want := runScores(t, Spec{Input: inputs(file(t, "a.csv", text(clean)))})
	o, dir := runScores(t, Spec{Input: inputs(file(t, "a.csv", text(in)))})
	got, ref := rowsOf(t, dir, "a.csv"), rowsOf(t, want, "a.csv")
	if len(got) != len(in)-1 {
		t.Fatalf("%d rows in, %d rows out", len(in)-1, len(got))
	}
	for i, b := range bad {
		if line := strings.Join(got[1001+i], ","); line != b+",0,,,,0" {
			t.Errorf("row %q became %q", b, line)
		}
	}
	rest := slices.Concat(got[:1001], got[1001+len(bad):])
	for i := range rest {
		if !slices.Equal(rest[i], ref[i]) {
			t.Fatalf("row %d is %v, without the bad rows it is %v", i, rest[i], ref[i])
		}
	}
	if n := o.Series[0].States[kizashi.LateSample]; n != 2 {
		t.Errorf("%d late samples, want the repeated and the backward row", n)
	}
	if ref[1000][3] == "" {
		t.Error("nothing is expected on day four: the test shows nothing")
	}
}

// The first row of a time counts, also where bad rows open and end the file.
func TestScoresBadRowsAtTheEnds(t *testing.T) {
	in := []string{"timestamp,value", "?,1", stamp(0) + ",x", stamp(0) + ",1", stamp(0) + ",2", stamp(1) + ",3", "?,4", stamp(0) + ",5"}
	_, dir := runScores(t, Spec{Input: inputs(file(t, "a.csv", text(in)))})
	var got []string
	for _, r := range rowsOf(t, dir, "a.csv") {
		got = append(got, strings.Join(r[:2], ","))
	}
	if !slices.Equal(got, in[1:]) {
		t.Errorf("rows out %q, rows in %q", got, in[1:])
	}
}

// A file with several columns gives one file for each; a fault of one column
// is not the other's.
func TestScoresOfSeveralColumns(t *testing.T) {
	one, two := table(4*288, nil), table(4*288, map[int]string{1000: "x"})
	in := []string{"timestamp,cpu util,mem"}
	for i := 1; i < len(one); i++ {
		in = append(in, one[i]+","+two[i][strings.IndexByte(two[i], ',')+1:])
	}
	_, dir := runScores(t, Spec{Input: inputs(file(t, "host.csv", text(in)))})
	_, alone := runScores(t, Spec{Input: inputs(file(t, "cpu.csv", text(one)), file(t, "mem.csv", text(two)))})
	for name, other := range map[string]string{"host.cpu_util.csv": "cpu.csv", "host.mem.csv": "mem.csv"} {
		got, want := rowsOf(t, dir, name), rowsOf(t, alone, other)
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s is not what the column alone gives", name)
		}
	}
	if r := rowsOf(t, dir, "host.mem.csv")[1000]; r[1] != "x" || r[2] != "0" || r[3] != "" {
		t.Errorf("the bad value: %v", r)
	}
	if r := rowsOf(t, dir, "host.cpu_util.csv")[1000]; r[3] == "" {
		t.Errorf("beside the bad value: %v", r)
	}
}

// A byte order mark and carriage returns are no part of a row.
func TestScoresOfCRLF(t *testing.T) {
	in := text(table(4*288, nil))
	_, want := runScores(t, Spec{Input: inputs(file(t, "a.csv", in))})
	_, got := runScores(t, Spec{Input: inputs(file(t, "a.csv", "\xef\xbb\xbf"+strings.ReplaceAll(in, "\n", "\r\n")))})
	if !slices.EqualFunc(rowsOf(t, got, "a.csv"), rowsOf(t, want, "a.csv"), slices.Equal) {
		t.Error("the rows differ from those of the plain file")
	}
}

// Batches and cores change no byte, and a folder is mirrored.
func TestScoresAreTheSameHoweverCut(t *testing.T) {
	dir := t.TempDir()
	for name, odd := range map[string]map[int]string{"a.csv": {1100: "120"}, "sub/a.csv": {900: "-40", 901: "-40", 902: "-40"}, "sub/b.csv": nil} {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text(table(20*288, odd))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var first map[string]string
	for _, c := range []struct{ batch, shards int }{{0, 1}, {1, 1}, {7, 2}, {100_000, 8}} {
		in := inputs(dir)
		in.Batch = c.batch
		_, out := runScores(t, Spec{Input: in, Shards: c.shards})
		got := map[string]string{}
		for _, name := range []string{"a.csv", "sub/a.csv", "sub/b.csv"} {
			b, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			got[name] = string(b)
		}
		if first == nil {
			first = got
		}
		for name := range got {
			if got[name] != first[name] {
				t.Errorf("batches of %d on %d cores: %s differs from the first run", c.batch, c.shards, name)
			}
		}
	}
	if !strings.Contains(first["sub/a.csv"], ",1\n") {
		t.Error("no row fires: the test shows little")
	}
}

// The column alert, counted by hand: a limit of 100 for 2 of 3 samples, back
// to normal after 2 samples without the vote.
func TestAlertColumn(t *testing.T) {
	above, recover := 100., 2
	cfg := detect.Config{Rules: []detect.Rule{{Static: []detect.StaticRule{{Above: &above, MofN: "2/3"}}, Recover: &recover}}}
	values := []string{"1", "1", "200", "200", "1", "1", "1", "1", "200", "1", "200", "1", "1", "1", "1"}
	// The vote stands on the second 200 (row 3) and on that of row 10; row 8 is one of three.
	// Row 5 is the second without it. After a re-open it takes twice as many: row 14 is the fourth.
	want := "000110000011110"
	in := []string{"timestamp,value"}
	for i, v := range values {
		in = append(in, stamp(i)+","+v)
	}
	_, dir := runScores(t, Spec{Input: inputs(file(t, "a.csv", text(in))), Config: cfg})
	got := ""
	for _, r := range rowsOf(t, dir, "a.csv") {
		got += r[6]
	}
	if got != want {
		t.Errorf("alert %s, want %s", got, want)
	}
}

// Rows outside the range asked for are not of the output.
func TestScoresOfARange(t *testing.T) {
	in := inputs(file(t, "a.csv", text(table(100, nil))))
	in.From, in.To = at(t, stamp(10)), at(t, stamp(20))
	_, dir := runScores(t, Spec{Input: in})
	rows := rowsOf(t, dir, "a.csv")
	if len(rows) != 10 || rows[0][0] != stamp(10) || rows[9][0] != stamp(19) {
		t.Errorf("%d rows: %v", len(rows), rows)
	}
}

// Values and times that need quotes keep them.
func TestScoresQuote(t *testing.T) {
	in := "timestamp,value\n\"2026-01-05 00:00:00\",\"1,234\"\n2026-01-05 00:05:00,\"a \"\"b\"\"\"\n2026-01-05 00:10:00,5\n2026-01-05 00:15:00,6\n"
	_, dir := runScores(t, Spec{Input: inputs(file(t, "a.csv", in))})
	b, err := os.ReadFile(filepath.Join(dir, "a.csv"))
	if err != nil {
		t.Fatal(err)
	}
	want := scoresHead + "\n2026-01-05 00:00:00,\"1,234\",0,,,,0\n2026-01-05 00:05:00,\"a \"\"b\"\"\",0,,,,0\n2026-01-05 00:10:00,5,0,,,,0\n2026-01-05 00:15:00,6,0,,,,0\n"
	if string(b) != want {
		t.Errorf("got\n%s\nwant\n%s", b, want)
	}
}

// However far a moment ranks, one that ranks further scores more.
func TestAnomalyScoreHasNoEnd(t *testing.T) {
	if anomalyScore(0) != 0 || anomalyScore(4) != .5 {
		t.Errorf("0 scores %v and 4 scores %v, want 0 and a half", anomalyScore(0), anomalyScore(4))
	}
	last := "-"
	for onset := 0.; onset <= 40; onset += .25 {
		s := strconv.FormatFloat(anomalyScore(onset), 'g', 8, 64)
		if last != "-" && !(parse(t, s) > parse(t, last)) || parse(t, s) >= 1 {
			t.Fatalf("an onset of %v scores %s, one just below %s", onset, s, last)
		}
		last = s
	}
}

func parse(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
