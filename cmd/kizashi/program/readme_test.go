package program

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what the READMEs quote")

// TestReadmeQuotes holds every output that a README quotes against what the
// demo prints: each quoted block stands in it, line by line. And the demo finds all that
// there is to be found.
func TestReadmeQuotes(t *testing.T) {
	for file, lang := range map[string]string{"README.md": "en", "README.ja.md": "ja"} {
		t.Run(file, func(t *testing.T) {
			var out bytes.Buffer
			e := env{out: &out, err: &out, getenv: func(string) string { return "" }}
			if code := run(context.Background(), e, []string{"demo", "--dir", filepath.Join(t.TempDir(), "demo"), "--lang", lang}); code != exitOK {
				t.Fatalf("demo: exit code %d\n%s", code, out.String())
			}
			for _, missed := range []string{"MISSED", "見逃し"} {
				if strings.Contains(out.String(), missed) {
					t.Errorf("the demo does not find all that is to be found:\n%s", out.String())
				}
			}
			path := filepath.Join("..", "..", "..", file)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			blocks := quoted.FindAllStringSubmatch(string(b), -1)
			if len(blocks) != 2 {
				t.Fatalf("%d quoted blocks, want 2", len(blocks))
			}
			if *update {
				alert := toldAlert(out.String(), lang)
				text := strings.Replace(string(b), blocks[1][1], alert, 1)
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			for _, q := range blocks {
				if !strings.Contains(out.String(), q[1]) {
					t.Errorf("the demo does not print this:\n%s", q[1])
				}
			}
		})
	}
}

var quoted = regexp.MustCompile("(?s)```text\n(.*?)```")

// heading is a line with dashes under it.
var heading = regexp.MustCompile(`(?m)^[^\n]+\n-{5,}$`)

// toldAlert is the alert that the demo tells in full: what stands between that
// heading and the next.
func toldAlert(out, lang string) string {
	from := "One alert in full\n"
	if lang == "ja" {
		from = "アラート 1 件の全文\n"
	}
	_, s, _ := strings.Cut(out, from)
	_, s, _ = strings.Cut(s, "\n")
	if i := heading.FindStringIndex(s); i != nil {
		s = s[:i[0]]
	}
	return strings.TrimSpace(s) + "\n"
}
