package replay

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheDocumentedMappingIsRead parses the example of docs/mapping.md, so
// that the page stays true.
func TestTheDocumentedMappingIsRead(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "mapping.md"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(b)
	if m == nil {
		t.Fatal("docs/mapping.md has no example")
	}
	// The request stands beside the mapping.
	dir := t.TempDir()
	request := `{"MetricDataQueries":[{"Id":"m1","MetricStat":{"Metric":{"Namespace":"AWS/EC2","MetricName":"CPUUtilization"},"Period":300,"Stat":"Average"}}]}`
	if err := os.WriteFile(filepath.Join(dir, "request.json"), []byte(request), 0o644); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "mapping.yaml")
	if err := os.WriteFile(file, m[1], 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := LoadMapping(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Entries) != 6 || got.Entries[1].Columns["web-2"].Dimensions["InstanceId"] != "i-0b42d6f8a1c3e5072" || got.Entries[0].Period.String() != "1m0s" {
		t.Errorf("entries: %+v", got.Entries)
	}
	if e := got.Entries[4]; fmt.Sprint(e.Select) != `{job="node", __name__=~"node_network_.*_bytes_total"}` || e.Tenant != "acme" || got.Entries[5].Type != "counter" {
		t.Errorf("entries of series with labels: %+v", got.Entries[4:])
	}
	if _, err := parseMapping("m.yaml", []byte(strings.Replace(string(m[1]), "tenant:", "tennant:", 1))); err == nil || !strings.Contains(err.Error(), "m.yaml:3") || !strings.Contains(err.Error(), "tenant") {
		t.Errorf("a misspelt key: %v", err)
	}
}
