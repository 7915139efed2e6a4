package program

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/ingest/replay"
)

func TestInputsAreToldInJapanese(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "app.log")
	text := "2000-01-01 00:00:00 INFO booting\n" + strings.Repeat("2026-05-01 10:00:30 INFO card 4111111111111111 of taro@example.jp\n", 3) + "2026-05-01 10:01:30 ERROR boom\n\tat a.b\n"
	if err := os.WriteFile(in, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	code, ja, problem := call(t, "backtest", "--input", in, "--lang", "ja")
	if code != 0 {
		t.Fatal(problem)
	}
	line, _, _ := strings.Cut(ja, "\n")
	for _, want := range []string{"6行、ログ5件、遅延・時刻異常1件、前の行の続き1行", "マスク箇所", "タイムゾーンの指定がないため、時刻はUTCとみなす"} {
		if !strings.Contains(line, want) {
			t.Errorf("it has no %q: %s", want, line)
		}
	}
	if _, en, _ := call(t, "backtest", "--input", in, "--lang", "en"); !strings.Contains(en, "6 rows, 5 lines, 1 late, 1 rows of the line above") {
		t.Errorf("in English: %s", en)
	}
	r := replay.FileReport{Path: "a.csv", Format: replay.CSV, Cut: true}
	for _, f := range allFaults(t) {
		r.Faults = append(r.Faults, replay.FaultCount{Fault: f, Count: 9, Lines: []int{3, 4}})
	}
	noEnglish(t, inputSaid(r, explain.Style{Lang: explain.Japanese}), "a.csv", "csv", "NaN", "JSON", "OpenMetrics", "EOF")
}

// noEnglish finds a letter of English beside the names that are left as they are.
func noEnglish(t *testing.T, said string, names ...string) {
	t.Helper()
	for _, n := range names {
		said = strings.ReplaceAll(said, n, "")
	}
	if i := strings.IndexFunc(said, func(c rune) bool { return c < 128 && unicode.IsLetter(c) }); i >= 0 {
		t.Errorf("it is not all Japanese: %s", said[i:])
	}
}

// allFaults reads the faults that there are out of the source, so that none is left out.
func allFaults(t *testing.T) (out []replay.Fault) {
	t.Helper()
	files, err := filepath.Glob("../../../ingest/replay/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source of replay: %v", err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if of, ok := v.Type.(*ast.Ident); !ok || of.Name != "Fault" {
				return true
			}
			for _, x := range v.Values {
				s, err := strconv.Unquote(x.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, replay.Fault(s))
			}
			return true
		})
	}
	if len(out) < len(faultsJa) {
		t.Fatalf("only %d faults were found: %q", len(out), out)
	}
	return out
}

// What an answer lacks, and where an input breaks off, is told in Japanese too; what is
// asked for is what the reader of the input says.
func TestWhatInputsLackIsToldInJapanese(t *testing.T) {
	answer := func(status, more string) string {
		return fmt.Sprintf(`{"MetricDataResults":[{"Id":"m1","StatusCode":%q,"Timestamps":["2026-05-01T00:00:00Z"],"Values":[1]}]%s}`, status, more)
	}
	var rows, events strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&rows, "2026-05-01 %02d:%02d:%02d,%d\n", i/3600, i/60%60, i%60, i*7919%1000)
		fmt.Fprintf(&events, "2026-05-01 %02d:%02d:%02d INFO order %d\n", i/3600, i/60%60, i%60, i*7919%1000)
	}
	half := func(text string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()[:b.Len()/2]
	}
	table := "timestamp,value\n"
	for name, c := range map[string]struct{ file, text, want string }{
		"partial":         {"a.json", answer("PartialData", ""), "結果 m1 は PartialData で終わっており不完全"},
		"more pages":      {"a.json", answer("Complete", `,"NextToken":"t"`), "NextToken で終わっており、以降のページがない"},
		"a message":       {"a.json", answer("Complete", `,"Messages":[{"Code":"MaxMetricsExceeded","Value":"too many"}]`), "CloudWatch の応答 MaxMetricsExceeded: too many"},
		"a long line":     {"a.csv", table + "2026-05-01 00:00:00,1\n2026-05-01 00:01:00," + strings.Repeat("9", 1<<20) + "\n", "途中で中断: 3行目が 512 KiB を超えており、数値の表ではない"},
		"a zone is named": {"a.csv", table + "2026-05-01 00:00:00,1\n2026-05-01T00:01:00Z,2\n", `途中で中断: 3行目: タイムゾーンの有無が混在: 時刻 "2026-05-01T00:01:00Z" にはあり、それより上にはない`},
		"a zone is not":   {"a.csv", table + "2026-05-01T00:00:00Z,1\n2026-05-01 00:01:00,2\n", `途中で中断: 3行目: タイムゾーンの有無が混在: 時刻 "2026-05-01 00:01:00" にはなく、それより上にはある`},
		"a table is cut":  {"a.csv.gz", half(table + rows.String()), "行目: データが途中で切れている"},
		"a log is cut":    {"a.log.gz", half(events.String()), "行目: gzip: データが途中で切れている"},
	} {
		in := filepath.Join(t.TempDir(), c.file)
		if err := os.WriteFile(in, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		src, err := replay.New(replay.Options{Paths: []string{in}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := src.Open(nil); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for err == nil {
			_, err = src.Next(t.Context())
		}
		r := src.Report().Files[0]
		said := inputSaid(r, explain.Style{Lang: explain.Japanese})
		if !strings.Contains(said, c.want) {
			t.Errorf("%s: %s, want %s (%v)", name, said, c.want, err)
		}
		noEnglish(t, said, r.Path, string(r.Format), r.Encoding, r.First.String(), r.Last.String(), "UTC", `"2026-05-01T00:01:00Z"`, "m1", "PartialData", "NextToken", "CloudWatch", "MaxMetricsExceeded", "too many", "KiB", "gzip")
	}
	for en, want := range map[string]string{ // of inputs that are too large to make here
		"row 7: the file breaks off: a value is larger than 64 MiB: that is no payload": "7行目: 1件が 64 MiB を超えており、ペイロードではない",
		"row 7: the file breaks off: gzip: a payload is larger than 64 MiB":             "7行目: gzip: 1件が 64 MiB を超えており、ペイロードではない",
		"row 7: the file breaks off: zstd: 4096 MiB came out of 12 KiB: it is a bomb":   "7行目: zstd: 12 KiB が 4096 MiB に展開され、異常な圧縮率",
		"row 7: the file breaks off: it is cut short":                                   "7行目: データが途中で切れている",
		"read a.csv: input/output error":                                                "read a.csv: input/output error",
	} {
		if got := inJapanese(en); got != want {
			t.Errorf("%s: %s, want %s", en, got, want)
		}
	}
}
