package kizashi_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/kizashi-ops/kizashi"

// house is what each package may import of this module beside the nouns; a
// place that ends in /* stands for all below it. A package that has no place
// fails the test: give it one, and say why in docs/decisions.
var house = []struct {
	place string
	may   []string
}{
	// 0
	{"calendar", nil},
	{"calendar/daysfile", []string{"calendar", "yamlstrict"}},
	{"calendar/*", []string{"calendar"}},
	// 1: siblings are strangers
	{"yamlstrict", nil},
	{"arn", nil},
	{"clock", nil}, // not for the core
	{"wire", nil},
	{"ahead", nil},
	{"baseline", []string{"calendar", "wire"}},
	{"ingest", nil},
	{"ingest/pattern", nil},
	{"ingest/mask", nil},
	{"alert", []string{"calendar"}},
	{"verify", []string{"calendar"}},
	{"gen", []string{"calendar"}},
	{"cost", []string{"yamlstrict"}},
	// 2
	{"detect", []string{"baseline", "calendar", "wire", "ahead"}},
	{"detect/detecttest", []string{"detect", "baseline", "calendar", "alert/explain"}}, // for tests alone
	{"ingest/cloudwatch", []string{"ingest", "ingest/catalogue", "ingest/cloudwatch/*", "cost", "calendar", "clock"}},
	{"ingest/cloudwatch/logs", []string{"ingest", "ingest/metricfilter", "ingest/cloudwatch/access", "ingest/cloudwatch/position", "clock"}},
	{"ingest/cloudwatch/permit", []string{"ingest/cloudwatch/access", "ingest/cloudwatch/logs", "arn"}},
	{"ingest/cloudwatch/*", []string{"ingest", "ingest/catalogue", "ingest/cloudwatch/access", "calendar", "arn", "clock"}},
	{"ingest/metricfilter", []string{"ingest"}},
	{"ingest/logfile", []string{"calendar"}},
	{"ingest/replay", []string{"ingest", "ingest/catalogue", "ingest/logfile", "ingest/mask", "calendar", "yamlstrict"}},
	{"ingest/*", []string{"ingest", "calendar", "yamlstrict"}},
	{"alert/explain/report", []string{"alert", "alert/explain", "alert/explain/chart", "calendar"}},
	{"alert/explain/*", []string{"alert", "alert/explain", "calendar"}},
	{"alert/mail", webSink},
	{"alert/slack", webSink},
	{"alert/webhook", webSink},
	{"alert/alertmanager", webSink},
	{"alert/sns", append([]string{"arn"}, awsSink...)},
	{"alert/eventbridge", awsSink},
	{"alert/opsitem", awsSink},
	{"alert/heartbeat", []string{"clock"}},
	{"alert/dispatch", []string{"alert", "alert/severity", "alert/route", "alert/handling", "calendar", "calendar/recur"}},
	{"alert/*", []string{"alert", "calendar", "calendar/recur"}},
	{"store", []string{"alert", "store/*"}},
	{"store/*", []string{"alert", "store/codec", "store/durable"}},
	{"awsfake", []string{"clock"}},
	{"awsfake/*", []string{"awsfake"}},
	{"realtest", nil}, // for tests alone
	// 3
	{"logs", []string{"ingest/pattern", "baseline", "wire"}},
	{"pipeline", []string{"ingest", "ingest/pattern", "detect", "logs", "alert"}},
	{"models", []string{"detect", "baseline", "calendar", "wire"}},
	// 4
	{"backtest", below4},
	{"calibrate", []string{"alert"}},
	{"scenario", below4},
	{"config", below4},
	{"web", below4},
	{"web/*", below4},
	{"bench/*", append([]string{"backtest", "bench/*"}, below4...)},
	// 5
	{"cmd/*", everything},
	{"e2e", everything},
	{"e2e/*", append([]string{"e2e/*"}, everything...)},
}

var (
	below4 = []string{"logs", "calendar", "calendar/*", "yamlstrict", "arn", "clock", "cost", "baseline", "ingest", "ingest/*", "alert", "alert/*", "verify", "gen", "detect", "store", "store/*",
		"pipeline", "models"}
	everything = append([]string{"backtest", "calibrate", "scenario", "config", "web", "web/*", "bench/*", "cmd/*", "awsfake", "awsfake/*"}, below4...)

	// core judges: it reads no clock, file or network.
	core = []string{"baseline", "detect", "models", "ingest/pattern", "verify", "pipeline"}
	// webSink sends to what a configuration names.
	webSink = []string{"alert", "alert/outbound"}
	awsSink = []string{"alert", "alert/awssink"}
	// aws may know the SDK.
	aws = []string{"ingest/cloudwatch", "ingest/cloudwatch/*", "alert/awssink", "alert/sns", "alert/eventbridge", "alert/opsitem", "awsfake", "e2e", "e2e/*"}
)

// listed is what go list says of a package.
type listed struct {
	ImportPath, Dir                             string
	GoFiles, Imports, TestImports, XTestImports []string
}

func (p *listed) place() string { return place(p.ImportPath) }

// place is a package's path inside the module, "" for the nouns.
func place(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports", "./...")
	out, err := cmd.Output()
	if err != nil {
		var e *exec.ExitError
		if errors.As(err, &e) {
			t.Fatalf("go list: %v\n%s", err, e.Stderr)
		}
		t.Fatal(err)
	}
	var ps []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		ps = append(ps, p)
	}
	if len(ps) < 20 {
		t.Fatalf("go list names %d packages: the test would show nothing", len(ps))
	}
	return ps
}

func in(places []string, p string) bool {
	return slices.ContainsFunc(places, func(q string) bool {
		dir, all := strings.CutSuffix(q, "*")
		return q == p || all && strings.HasPrefix(p, dir) && p != dir
	})
}

// allowed returns what a package may import; the first place that fits it.
func allowed(p string) ([]string, bool) {
	for _, h := range house {
		if in([]string{h.place}, p) {
			return h.may, true
		}
	}
	return nil, false
}

func TestImportsPointDown(t *testing.T) {
	for _, p := range packages(t) {
		if p.place() == "" {
			continue
		}
		may, ok := allowed(p.place())
		if !ok {
			t.Errorf("package %s has no place in the house", p.ImportPath)
		}
		for _, path := range p.Imports {
			if q := place(path); strings.HasPrefix(path, module) && !(q == "" && p.place() != "calendar") && !in(may, q) {
				t.Errorf("%s imports %s: it may import %v", p.place(), q, may)
			}
		}
	}
}

func TestNounsImportTheStandardLibraryOnly(t *testing.T) {
	for _, p := range packages(t) {
		for _, path := range p.Imports {
			if p.place() == "" && strings.Contains(strings.Split(path, "/")[0], ".") {
				t.Errorf("package kizashi imports %s", path)
			}
		}
	}
}

func TestSDKStaysWithItsSourcesAndSinks(t *testing.T) {
	seen := 0
	for _, p := range packages(t) {
		for _, path := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if !strings.HasPrefix(path, "github.com/aws/") {
				continue
			}
			seen++
			if !in(aws, p.place()) {
				t.Errorf("%s imports %s: the AWS SDK belongs to %v", p.place(), path, aws)
			}
		}
	}
	if seen == 0 {
		t.Error("nothing imports the AWS SDK: the test shows nothing")
	}
}

func TestCoreReadsNoClockFileOrNetwork(t *testing.T) {
	checked := 0
	for _, p := range packages(t) {
		if !in(core, p.place()) {
			continue
		}
		checked++
		for _, path := range p.Imports {
			if in([]string{"os", "os/*", "net", "net/*", "syscall", "io/ioutil", "math/rand", "math/rand/*", "crypto/rand"}, path) {
				t.Errorf("%s imports %s", p.place(), path)
			}
		}
		for _, f := range p.GoFiles {
			for _, at := range clocks(t, filepath.Join(p.Dir, f)) {
				t.Errorf("%s reads a clock", at)
			}
		}
	}
	if checked < 5 {
		t.Errorf("%d of the core's packages were there", checked)
	}
}

// clocks returns where a file uses what only a clock can know.
func clocks(t *testing.T, file string) []string {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	name := ""
	for _, i := range f.Imports {
		if i.Path.Value == `"time"` {
			name = "time"
			if i.Name != nil {
				name = i.Name.Name
			}
		}
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := s.X.(*ast.Ident)
		if ok && x.Name == name && slices.Contains([]string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "Tick", "NewTimer", "NewTicker"}, s.Sel.Name) {
			out = append(out, set.Position(s.Pos()).String())
		}
		return true
	})
	return out
}
