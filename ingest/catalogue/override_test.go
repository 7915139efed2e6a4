package catalogue

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestOverrideReplacesOnlyWhatItGives(t *testing.T) {
	c := load(t)
	before, _ := c.Find("AWS/EC2", "CPUUtilization")
	file := write(t, `
namespaces:
  AWS/EC2:
    metrics:
      CPUUtilization: {class: act, settle: 4m, guards: ["Average > 95"], sources: {settle: "ours: measured"}}
      NetworkIn: {upper: unknown, unit: unknown}
`)
	if err := c.Override(file); err != nil {
		t.Fatal(err)
	}
	m, _ := c.Find("AWS/EC2", "CPUUtilization")
	if m.Class != "act" || m.Settle != 4*time.Minute || !slices.Equal(m.Guards, []Guard{{"Average", true, 95}}) {
		t.Errorf("not replaced: %+v", m)
	}
	if m.Sources["class"] != "user: "+file || m.Sources["settle"] != "ours: measured" {
		t.Errorf("sources: %v", m.Sources)
	}
	if m.Unit != before.Unit || m.Upper != before.Upper || m.Sources["unit"] != before.Sources["unit"] || m.Sources["name"] != before.Sources["name"] {
		t.Errorf("touched what the file does not give: %+v", m)
	}
	m, _ = c.Find("AWS/EC2", "NetworkIn")
	if m.Unit != "" || m.Sources["unit"] != "unknown" {
		t.Errorf("unknown does not take the unit back: %+v", m)
	}
}

func TestOverrideAddsANamespace(t *testing.T) {
	c := load(t)
	file := write(t, `
pages: {wiki: "Acme wiki, orders"}
namespaces:
  Acme/Orders:
    also: [Orders]
    defaults: {unit: Count, lower: 0, no_data: zero}
    metrics:
      Placed: {statistics: [Sum], direction: down}
      Failed: {statistics: [Sum], direction: up, class: act, denominator: Placed Sum, sources: {unit: aws wiki}}
`)
	if err := c.Override(file); err != nil {
		t.Fatal(err)
	}
	m, ok := c.Find("Acme/Orders", "Failed")
	if !ok || m.Unit != "Count" || m.Lower != 0 || m.Upper.Ok() || m.Direction != kizashi.Up || m.Denominator != (Denominator{"Placed", "Sum"}) {
		t.Errorf("Failed: %+v", m)
	}
	if m.Sources["unit"] != "aws: Acme wiki, orders" || m.Sources["name"] != "user: "+file || m.Sources["settle"] != "unknown" {
		t.Errorf("sources: %v", m.Sources)
	}
	if m, _ := c.Find("Acme/Orders", "Placed"); m.Class != "check" || m.Settle != 0 {
		t.Errorf("Placed: %+v", m)
	}
	if n := c.Nearest("orders"); n != "Acme/Orders" {
		t.Errorf("Nearest: %q", n)
	}
}

// A file may override what an earlier one gave.
func TestOverrideTwice(t *testing.T) {
	c := load(t)
	for _, unit := range []string{"Bytes", "Kilobytes"} {
		if err := c.Override(write(t, "namespaces: {Acme: {metrics: {Size: {statistics: [Sum], unit: "+unit+"}}}}")); err != nil {
			t.Fatal(err)
		}
	}
	if m, _ := c.Find("Acme", "Size"); m.Unit != "Kilobytes" {
		t.Errorf("unit %q", m.Unit)
	}
}

func TestBadFilesNameFileAndLine(t *testing.T) {
	metric := func(fields string) string {
		return "namespaces:\n  AWS/EC2:\n    metrics:\n      CPUUtilization: {" + fields + "}\n"
	}
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "the file is empty; want namespaces"},
		{"no yaml", "namespaces: [", ": "},
		{"tab", "namespaces:\n\tAWS/EC2: {}", ":2: a tab indents this line"},
		{"unknown key", "namspaces: {}", `:1: unknown key "namspaces" in the catalogue; did you mean "namespaces"?`},
		{"no namespaces", "defaults: {unit: Count}", ":1: no namespaces"},
		{"no metrics", "namespaces:\n  Acme: {also: [A]}", ":2: Acme: no metrics"},
		{"unknown field", metric("units: Count"), `:4: unknown key "units" in AWS/EC2 CPUUtilization; did you mean "unit"?`},
		{"field twice", metric("unit: Count, unit: Bytes"), `:4: `},
		{"unit", metric("unit: Percents"), `:4: AWS/EC2 CPUUtilization unit: "Percents" is unknown; did you mean "Percent"?`},
		{"statistic", metric("statistics: [Mean]"), `:4: AWS/EC2 CPUUtilization statistics[0]: "Mean" is no statistic of CloudWatch's`},
		{"no statistic", metric("statistics: []"), ":4: AWS/EC2 CPUUtilization statistics: want at least one"},
		{"bounds", metric("lower: 5, upper: 5"), ":4: AWS/EC2 CPUUtilization: lower 5 is not below upper 5"},
		{"a bound against the catalogue's", metric("lower: 101"), ":4: AWS/EC2 CPUUtilization: lower 101 is not below upper 100"},
		{"bound", metric("lower: low"), `:4: AWS/EC2 CPUUtilization lower: want a number, not "low"`},
		{"direction", metric("direction: sideways"), `:4: AWS/EC2 CPUUtilization direction: want up, down or both, not "sideways"`},
		{"no_data", metric("no_data: zeros"), `no_data: "zeros" is unknown; did you mean "zero"?`},
		{"class", metric("class: page"), `:4: AWS/EC2 CPUUtilization class: "page" is unknown`},
		{"class unknown", metric("class: unknown"), ":4: AWS/EC2 CPUUtilization: class cannot be unknown"},
		{"settle", metric("settle: soon"), ":4: AWS/EC2 CPUUtilization settle: want a duration"},
		{"settle of zero", metric("settle: 0s"), ":4: AWS/EC2 CPUUtilization settle: want more than zero, or unknown"},
		{"denominator", metric("denominator: Requests"), ":4: AWS/EC2 CPUUtilization denominator: want none, SampleCount, or a metric and its statistic"},
		{"denominator that is not there", metric("denominator: Requests Sum"), ":4: AWS/EC2 CPUUtilization: the denominator Requests is not in the catalogue"},
		{"operand that is not there", metric("expression: NetworkIn - Out"), ":4: AWS/EC2 CPUUtilization: the operand Out is not in the catalogue"},
		{"expression", metric("expression: NetworkIn"), ":4: AWS/EC2 CPUUtilization expression: want one metric less others"},
		{"guard", metric(`guards: ["Average over 9"]`), ":4: AWS/EC2 CPUUtilization guards[0]: want a statistic, > or <, and a number"},
		{"guard's statistic", metric(`guards: ["Mean > 9"]`), `guards[0]: "Mean" is no statistic`},
		{"guard beyond the bounds", metric(`guards: ["Average > 100"]`), ":4: AWS/EC2 CPUUtilization: no value is beyond the guard rail 100"},
		{"identity", metric("identity: InstanceId"), ":4: AWS/EC2 CPUUtilization identity: want a list"},
		{"no identity", metric("identity: []"), ":4: AWS/EC2 CPUUtilization identity: want at least one set"},
		{"source", metric("sources: {unit: guess}"), ""},
		{"source of a given field", metric("unit: Percent, sources: {unit: guess}"), `:4: source "guess": want cdk, ours, or aws`},
		{"page", "pages: {ec2: EC2}\n" + metric("unit: Percent, sources: {unit: aws ec3}"), `:5: source "aws ec3": no such page; did you mean "ec2"?`},
		{"new without statistics", "namespaces:\n  Acme:\n    metrics:\n      Orders: {unit: Count}", ":4: Acme Orders: no statistics"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cat, file := load(t), write(t, c.text)
			before, _ := cat.Find("AWS/EC2", "CPUUtilization")
			err := cat.Override(file)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v\nwant %s with %s", err, file, c.want)
			}
			after, _ := cat.Find("AWS/EC2", "CPUUtilization")
			if after.Lower != before.Lower || after.Unit != before.Unit || slices.Contains(cat.Namespaces(), "Acme") {
				t.Error("a bad file changed the catalogue")
			}
		})
	}
}

func TestAllFaultsAreToldAtOnceAndADefaultsOnce(t *testing.T) {
	err := load(t).Override(write(t, `namespaces:
  AWS/EC2:
    defaults: {unit: Furlongs}
    metrics:
      CPUUtilization: {}
      NetworkIn: {class: never}
`))
	if err == nil || strings.Count(err.Error(), "Furlongs") != 1 || !strings.Contains(err.Error(), `:6: AWS/EC2 NetworkIn class: "never"`) {
		t.Error(err)
	}
}

func TestOverrideNeedsTheFile(t *testing.T) {
	err := load(t).Override(filepath.Join(t.TempDir(), "none.yaml"))
	if err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Error(err)
	}
}

// The files that come with the program are held to more: nothing is left out,
// nothing stands twice, everything has a source.
func TestOwnFilesAreComplete(t *testing.T) {
	row := "statistics: [Sum], period: 1m, unit: Count, lower: 0, upper: none, direction: up, no_data: zero, denominator: none, settle: 3m, identity: [[A]], guards: []"
	for _, c := range []struct{ name, text, want string }{
		{"a field", "namespaces:\n  Acme:\n    metrics:\n      A: {" + row + "}", "x.yaml:4: Acme A: no class; write unknown if nobody knows"},
		{"a source", "namespaces:\n  Acme:\n    metrics:\n      A: {" + row + ", class: act}", "x.yaml:4: Acme A: no source of unit"},
		{"twice", "namespaces:\n  AWS/EC2:\n    metrics:\n      NetworkIn: {}", "x.yaml:4: AWS/EC2 NetworkIn stands twice in the catalogue"},
	} {
		if err := load(t).add("x.yaml", []byte(c.text), false); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s", c.name, err, c.want)
		}
	}
}
