package catalogue

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// exampled is a metric that an example of the AWS CLI names.
type exampled struct {
	statistic  string
	dimensions []string
}

// What says that it is from the examples of the AWS CLI is held against them.
// KIZASHI_AWSCLI is the unpacked Python source package awscli.
func TestAgainstTheCLIsExamples(t *testing.T) {
	dir := os.Getenv("KIZASHI_AWSCLI")
	if dir == "" {
		t.Skip("NOT CHECKED: names and dimensions against the examples of the AWS CLI; set KIZASHI_AWSCLI to the unpacked source package awscli")
	}
	by := map[string][]exampled{}
	for _, service := range []string{"application-signals", "service-quotas"} {
		pages, err := filepath.Glob(filepath.Join(dir, "awscli/examples", service, "*.rst"))
		if err != nil || len(pages) == 0 {
			t.Fatalf("no examples of %s in %s: %v", service, dir, err)
		}
		for _, p := range pages {
			b, err := os.ReadFile(filepath.Clean(p))
			if err != nil {
				t.Fatal(err)
			}
			for _, out := range strings.Split(string(b), "\n    {\n")[1:] {
				var v any
				if json.NewDecoder(strings.NewReader("{"+out)).Decode(&v) == nil { // what is no JSON is a command
					examples(v, by)
				}
			}
		}
	}
	checked := 0
	each(t, func(t *testing.T, m Metric) {
		for _, f := range Fields() {
			if !strings.HasPrefix(m.Sources[f], "aws: examples of the AWS CLI") {
				continue
			}
			checked++
			againstExamples(t, m, by[m.Namespace+" "+m.Name], f)
		}
	})
	t.Logf("%d fields checked", checked)
}

// examples collects what names a metric: a reference of Application Signals,
// or the usage metric of a quota.
func examples(v any, into map[string][]exampled) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			examples(e, into)
		}
	case map[string]any:
		for _, e := range v {
			examples(e, into)
		}
		name, _ := v["MetricName"].(string)
		space, _ := v["Namespace"].(string)
		var e exampled
		if usage, ok := v["MetricNamespace"].(string); ok {
			space = usage
			e.statistic, _ = v["MetricStatisticRecommendation"].(string)
			dims, _ := v["MetricDimensions"].(map[string]any)
			e.dimensions = slices.Sorted(maps.Keys(dims))
		}
		dims, _ := v["Dimensions"].([]any)
		for _, d := range dims {
			d, _ := d.(map[string]any)
			n, _ := d["Name"].(string)
			e.dimensions = append(e.dimensions, n)
		}
		slices.Sort(e.dimensions)
		into[space+" "+name] = append(into[space+" "+name], e)
	}
}

func againstExamples(t *testing.T, m Metric, is []exampled, field string) {
	if len(is) == 0 {
		t.Fatal("no example names the metric")
	}
	switch field {
	case "statistics":
		for _, s := range m.Statistics {
			if !slices.ContainsFunc(is, func(e exampled) bool { return e.statistic == s }) {
				t.Errorf("no example recommends the statistic %s", s)
			}
		}
	case "identity":
		for _, set := range m.Identity {
			set = slices.Sorted(slices.Values(set))
			if !slices.ContainsFunc(is, func(e exampled) bool { return slices.Equal(e.dimensions, set) }) {
				t.Errorf("no example names the dimensions %v", set)
			}
		}
	}
}
