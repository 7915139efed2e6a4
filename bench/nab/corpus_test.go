package nab

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi/backtest"
	"github.com/kizashi-ops/kizashi/ingest/replay"
)

// corpus is where the benchmark's files and labels lie, if anywhere.
const corpus = "../../../shared/data/nab"

func corpusOr(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(corpus); err != nil {
		t.Skipf("NOT TESTED: the benchmark's files are not there: %v", err)
	}
}

// scoresOf runs a backtest over the path and returns the directory of what it
// wrote.
func scoresOf(t *testing.T, path string) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := backtest.Run(context.Background(), backtest.Spec{Input: replay.Options{Paths: []string{path}}, Shards: 2, Scores: dir}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// lines of a file without carriage returns, the header among them.
func lines(t *testing.T, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	sc := bufio.NewScanner(bytes.NewReader(b))
	for sc.Scan() {
		out = append(out, strings.TrimSuffix(sc.Text(), "\r"))
	}
	if sc.Err() != nil {
		t.Fatal(sc.Err())
	}
	return out
}

// The whole corpus in one run: a row out for each row in, as it stands, and a
// score that a detector which looks ahead nowhere can be proud of.
func TestCorpus(t *testing.T) {
	corpusOr(t)
	dir := scoresOf(t, filepath.Join(corpus, "data"))
	files, err := Load(dir, filepath.Join(corpus, "labels", "combined_windows.json"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range files {
		in, out := lines(t, filepath.Join(corpus, "data", f.Name)), lines(t, filepath.Join(dir, f.Name))
		if len(in) != len(out) {
			t.Errorf("%s: %d rows in, %d rows out", f.Name, len(in)-1, len(out)-1)
			continue
		}
		for i := 1; i < len(in); i++ {
			if !strings.HasPrefix(out[i], in[i]+",") {
				t.Errorf("%s: line %d: %q became %q", f.Name, i+1, in[i], out[i])
				break
			}
		}
		n += len(in) - 1
	}
	if len(files) != 30 || n < 190_000 {
		t.Errorf("%d files with %d rows, want 30 and 197,609", len(files), n)
	}
	all := Score(files)
	for _, p := range Profiles() {
		t.Logf("%-19s %.2f  %+v", p, all[p].Normalised, all[p])
	}
	byDirectory(t, files, all)
	if got := all[Standard].Normalised; got < 66 {
		t.Errorf("the standard score is %.2f, want at least 66", got)
	}
}

// byDirectory and by file, under the corpus' threshold.
func byDirectory(t *testing.T, files []File, all map[Profile]Result) {
	for i := 0; i < len(files); {
		dir, k := filepath.Dir(files[i].Name), i
		for k < len(files) && filepath.Dir(files[k].Name) == dir {
			k++
		}
		var b strings.Builder
		for _, p := range Profiles() {
			r := At(files[i:k], p, all[p].Threshold)
			b.WriteString(score(r.Normalised))
		}
		r := At(files[i:k], Standard, all[Standard].Threshold)
		t.Logf("%-22s%s  found %d, missed %d, %d false rows", dir, b.String(), r.TP, r.FN, r.FP)
		for _, f := range files[i:k] {
			r := At([]File{f}, Standard, all[Standard].Threshold)
			t.Logf("    %-42s found %d, missed %d, %d false rows", filepath.Base(f.Name), r.TP, r.FN, r.FP)
		}
		i = k
	}
}

func score(v float64) string {
	if math.IsNaN(v) {
		return "      -"
	}
	return fmt.Sprintf("  %5.2f", v)
}

// A row's score, expectation and limits rest on the rows above it alone: they
// are the same where the file ends after it.
func TestNothingLooksAhead(t *testing.T) {
	corpusOr(t)
	whole := map[string][]string{}
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"realKnownCause/machine_temperature_system_failure.csv", "realTweets/Twitter_volume_FB.csv", "realAWSCloudwatch/ec2_cpu_utilization_24ae8d.csv",
		"realTraffic/TravelTime_451.csv", "realAdExchange/exchange-2_cpc_results.csv", "artificialWithAnomaly/art_daily_jumpsup.csv", "realKnownCause/rogue_agent_key_updown.csv"}
	for i := range 50 {
		name := names[i%len(names)]
		path := filepath.Join(corpus, "data", filepath.FromSlash(name))
		base := filepath.Base(name)
		if whole[name] == nil {
			whole[name] = lines(t, filepath.Join(scoresOf(t, path), base))
		}
		in := lines(t, path)
		cut := 2 + r.IntN(len(in)-2)
		short := filepath.Join(t.TempDir(), base)
		if err := os.WriteFile(short, []byte(strings.Join(in[:cut], "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		got := lines(t, filepath.Join(scoresOf(t, short), base))
		if len(got) != cut {
			t.Fatalf("%s cut after %d lines: %d lines out", name, cut, len(got))
		}
		for k := range got {
			if withoutAlert(got[k]) != withoutAlert(whole[name][k]) {
				t.Errorf("%s cut after line %d: line %d is %q, in the whole file %q", name, cut, k+1, got[k], whole[name][k])
				break
			}
		}
	}
}

// withoutAlert is a line but for its last column.
func withoutAlert(s string) string { return s[:strings.LastIndexByte(s, ',')] }
