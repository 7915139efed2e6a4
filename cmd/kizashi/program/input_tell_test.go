package program

import (
	"os"
	"path/filepath"
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
	for f := range faultsJa {
		r.Faults = append(r.Faults, replay.FaultCount{Fault: f, Count: 9, Lines: []int{3, 4}})
	}
	said := strings.NewReplacer("a.csv", "", "csv", "", "NaN", "", "JSON", "", "OpenMetrics", "", "EOF", "").Replace(inputSaid(r, explain.Style{Lang: explain.Japanese}))
	if i := strings.IndexFunc(said, func(c rune) bool { return c < 128 && unicode.IsLetter(c) }); i >= 0 {
		t.Errorf("it is not all Japanese: %s", said[i:])
	}
}
