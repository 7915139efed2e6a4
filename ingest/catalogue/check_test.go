package catalogue

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// cdkScript prints what the canned metrics of the npm package aws-cdk-lib say:
// the functions are called for names and statistics, their types give the
// dimensions.
const cdkScript = `
const fs = require('fs'), path = require('path'), out = [];
for (const dir of fs.readdirSync('.')) {
  const lib = path.join(dir, 'lib');
  if (!fs.existsSync(lib)) continue;
  for (const f of fs.readdirSync(lib)) {
    if (!f.endsWith('canned-metrics.generated.js')) continue;
    const js = require(path.resolve(lib, f));
    const types = fs.readFileSync(path.join(lib, f.replace('.js', '.d.ts')), 'utf8');
    for (const cls of types.split('export declare class ').slice(1)) {
      const name = cls.match(/^\w+/)[0];
      for (const m of cls.matchAll(/static (\w+)\((?:this: void,\s*)?dimensions: \{([^}]*)\}/g)) {
        const r = js[name][m[1]]({});
        const dims = m[2].split(';').map(l => l.split(': string')[0].trim().replace(/^['"]|['"]$/g, '')).filter(d => d);
        out.push({namespace: r.namespace, name: r.metricName, statistic: r.statistic, dimensions: dims.sort()});
      }
    }
  }
}
console.log(JSON.stringify(out));`

type canned struct {
	Namespace, Name, Statistic string
	Dimensions                 []string
}

// What says that it is from the CDK is held against the package itself.
// KIZASHI_CDK is the unpacked npm package aws-cdk-lib; it needs node.
func TestAgainstTheCDK(t *testing.T) {
	dir := os.Getenv("KIZASHI_CDK")
	if dir == "" {
		t.Skip("NOT CHECKED: names and statistics against aws-cdk-lib; set KIZASHI_CDK to the unpacked npm package")
	}
	cmd := exec.Command("node", "-e", cdkScript)
	cmd.Dir = dir
	b, err := cmd.Output()
	if err != nil {
		t.Fatalf("node in %s: %v", dir, err)
	}
	var all []canned
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	by := map[string][]canned{}
	for _, c := range all {
		by[c.Namespace+" "+c.Name] = append(by[c.Namespace+" "+c.Name], c)
	}
	checked := 0
	each(t, func(t *testing.T, m Metric) { checked += againstCDK(t, m, by[m.Namespace+" "+m.Name]) })
	t.Logf("%d names, %d fields checked", len(by), checked)
}

// againstCDK returns the number of fields that it checked.
func againstCDK(t *testing.T, m Metric, is []canned) int {
	checked := 0
	from := func(f string) bool {
		if !strings.HasPrefix(m.Sources[f], "cdk") {
			return false
		}
		checked++
		return true
	}
	if from("name") && len(is) == 0 {
		t.Error("the CDK has no such metric")
	}
	if from("statistics") {
		for _, s := range m.Statistics {
			if !slices.ContainsFunc(is, func(c canned) bool { return c.Statistic == s }) {
				t.Errorf("the CDK does not name the statistic %s", s)
			}
		}
	}
	if from("identity") {
		for _, set := range m.Identity {
			set = slices.Sorted(slices.Values(set))
			if !slices.ContainsFunc(is, func(c canned) bool { return slices.Equal(c.Dimensions, set) }) {
				t.Errorf("the CDK does not name the dimensions %v", set)
			}
		}
	}
	return checked
}

// metadata is an entry of metric_metadata.json.
type metadata struct {
	MetricID              struct{ Namespace, MetricName string } `json:"metricId"`
	UnitInfo              string
	RecommendedStatistics string
	AlarmRecommendations  []struct {
		Statistic  string
		Dimensions []struct{ Name string }
	}
}

// What says that it is from AWS Labs' metric metadata is held against it.
// KIZASHI_METRIC_METADATA is metric_metadata.json of the Python package
// awslabs-cloudwatch-mcp-server.
func TestAgainstTheMetadata(t *testing.T) {
	file := os.Getenv("KIZASHI_METRIC_METADATA")
	if file == "" {
		t.Skip("NOT CHECKED: units and statistics against AWS Labs' metric metadata; set KIZASHI_METRIC_METADATA to metric_metadata.json")
	}
	b, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	var all []metadata
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	by := map[string]metadata{}
	for _, m := range all {
		by[m.MetricID.Namespace+" "+m.MetricID.MetricName] = m
	}
	checked := 0
	each(t, func(t *testing.T, m Metric) {
		for _, f := range Fields() {
			if s := m.Sources[f]; !strings.HasPrefix(s, "aws: metric metadata") || strings.Contains(s, "the unit of both") {
				continue
			}
			checked++
			is, ok := by[m.Namespace+" "+m.Name]
			if !ok {
				t.Fatal("the metadata has no such metric")
			}
			againstMetadata(t, m, is, f)
		}
	})
	t.Logf("%d fields checked", checked)
}

func againstMetadata(t *testing.T, m Metric, is metadata, field string) {
	switch field {
	case "unit":
		if !sameUnit(m.Unit, is.UnitInfo) {
			t.Errorf("unit %s; the metadata says %q", m.Unit, is.UnitInfo)
		}
	case "statistics":
		for _, s := range m.Statistics {
			if !recommended(s, is) {
				t.Errorf("statistic %s; the metadata says %q", s, is.RecommendedStatistics)
			}
		}
	case "identity":
		for _, set := range m.Identity {
			found := false
			for _, a := range is.AlarmRecommendations {
				var names []string
				for _, d := range a.Dimensions {
					names = append(names, d.Name)
				}
				slices.Sort(names)
				found = found || slices.Equal(names, slices.Sorted(slices.Values(set)))
			}
			if !found {
				t.Errorf("the metadata does not name the dimensions %v", set)
			}
		}
	case "guards":
		if len(is.AlarmRecommendations) == 0 {
			t.Error("the metadata recommends no alarm")
		}
	}
}

// sameUnit allows for how the metadata spells units.
func sameUnit(ours, theirs string) bool {
	theirs = strings.TrimSuffix(theirs, " (GB)")
	if strings.Contains(theirs, "uses None for the CloudWatch unit") {
		theirs = "None"
	}
	bare := strings.NewReplacer("per second", "/second", "(", "", ")", "", " ", "", "percentage", "percent")
	a, b := strings.ToLower(ours), bare.Replace(strings.ToLower(theirs))
	return a == b || a == b+"s"
}

// recommended allows for its short names: Min, Max, Samples.
func recommended(s string, is metadata) bool {
	for _, a := range is.AlarmRecommendations {
		if a.Statistic == s {
			return true
		}
	}
	short := map[string]string{"Minimum": "Min", "Maximum": "Max", "SampleCount": "Samples"}[s]
	if strings.HasPrefix(s, "p") {
		s, short = "ercentile", ""
	}
	return strings.Contains(is.RecommendedStatistics, s) || short != "" && strings.Contains(is.RecommendedStatistics, short)
}
