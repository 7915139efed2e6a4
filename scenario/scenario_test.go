package scenario_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/kizashi-ops/kizashi/scenario"
)

// stories is where they lie; -rewrite writes down what they print now.
const stories = "../testdata/scenarios"

func TestStories(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(stories, "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 25 {
		t.Errorf("%d stories in %s, want at least 25", len(files), stories)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) { tell(t, f) })
	}
}

func tell(t *testing.T, file string) {
	s := scenario.New()
	var wrong []string // told in the end, so that -rewrite writes what happened
	datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
		var args scenario.Args
		for _, a := range d.CmdArgs {
			args = append(args, scenario.Arg{Key: a.Key, Value: strings.Join(a.Vals, ", ")})
		}
		out, err := s.Do(d.Cmd, args, d.Input)
		if err != nil {
			wrong = append(wrong, d.Pos+": "+err.Error())
			return out + "error: " + err.Error()
		}
		return out
	})
	for _, w := range wrong {
		t.Error(w)
	}
	n, err := s.Verify()
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d alerts verified", n)
}
