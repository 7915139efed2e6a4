package detect_test

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/detect"
)

var update = flag.Bool("update", false, "rewrite the listing of the contract")

// contract is what a detector of one's own is written against; what can be reached
// from it is part of it.
var contract = []reflect.Type{
	reflect.TypeFor[detect.Row](), reflect.TypeFor[detect.Param](), reflect.TypeFor[detect.Case](),
	reflect.TypeFor[detect.Model](), reflect.TypeFor[detect.State](), reflect.TypeFor[detect.Hourly](), reflect.TypeFor[detect.Grounded](),
	reflect.TypeFor[kizashi.Words](),
}

// inner may change with any version, though a field leads there.
var inner = []reflect.Type{reflect.TypeFor[baseline.State]()}

// What others have compiled against changes on purpose or not at all: a line that
// goes or changes asks for another detect.API, one that comes is told in
// docs/own-detectors.md. go test ./detect -run Contract -update rewrites the listing.
func TestTheContractIsAsListed(t *testing.T) {
	const file = "testdata/contract.txt"
	got := fmt.Sprintf("version %d\n%s", detect.API, listing(contract))
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(string(b), "\n")
	for _, line := range want {
		if !slices.Contains(strings.Split(got, "\n"), line) {
			t.Errorf("it has no more: %s", line)
		}
	}
	for line := range strings.SplitSeq(got, "\n") {
		if !slices.Contains(want, line) {
			t.Errorf("it has besides: %s", line)
		}
	}
	if len(want) < 100 {
		t.Errorf("%d lines: the listing shows too little", len(want))
	}
}

// listing names every exported field and method of types and of what is reached
// from them inside the module, a line each.
func listing(roots []reflect.Type) string {
	seen, todo := map[reflect.Type]bool{}, slices.Clone(roots)
	var lines []string
	for len(todo) > 0 {
		t := todo[0]
		todo = todo[1:]
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
			t = t.Elem()
		}
		if seen[t] || !strings.Contains(t.PkgPath(), "kizashi") || slices.Contains(inner, t) {
			continue
		}
		seen[t] = true
		if k := t.Kind(); k != reflect.Struct && k != reflect.Interface {
			lines = append(lines, fmt.Sprintf("%v is %v", t, k))
		}
		if t.Kind() == reflect.Struct {
			for f := range t.Fields() {
				if f.IsExported() {
					lines, todo = append(lines, fmt.Sprintf("%v.%s %v", t, f.Name, f.Type)), append(todo, f.Type)
				}
			}
		}
		methods := t
		if t.Kind() != reflect.Interface {
			methods = reflect.PointerTo(t)
		}
		for m := range methods.Methods() {
			if v, ok := t.MethodByName(m.Name); ok {
				m = v // values have it too: for pointers alone it would be less
			}
			lines = append(lines, fmt.Sprintf("%v.%s %v", t, m.Name, m.Type))
			if t.Kind() != reflect.Interface {
				continue // what a noun can do leads to the whole program
			}
			for in := range m.Type.Ins() {
				todo = append(todo, in)
			}
			for o := range m.Type.Outs() {
				todo = append(todo, o)
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}
