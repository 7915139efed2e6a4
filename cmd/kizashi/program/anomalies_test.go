package program

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/gen"
)

func TestAnomaliesAsCloudWatchListsThem(t *testing.T) {
	bad := gen.LogStart.Add(3*24*time.Hour + 3*time.Hour)
	g := gen.NewLogGroup("shop", 1, 240, gen.LogIncident{Kind: gen.LogNewError, From: bad, To: bad.Add(10 * time.Minute)})
	var log strings.Builder
	for m := gen.LogStart; m < gen.LogStart.Add(4*24*time.Hour); m = m.Add(time.Minute) {
		for _, l := range g.Minute(m) {
			log.WriteString(l.Text + "\n")
		}
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "shop.log"), filepath.Join(dir, "outcome.json")
	if err := os.WriteFile(in, []byte(log.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	code, text, _ := call(t, "backtest", "--input", in, "--zone", "Asia/Tokyo", "--json")
	if code != 0 {
		t.Fatalf("backtest ended with %d", code)
	}
	if err := os.WriteFile(out, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	code, text, problem := call(t, "anomalies", out, "--json")
	if code != 0 {
		t.Fatalf("anomalies ended with %d: %s", code, problem)
	}
	var got struct{ Anomalies []map[string]any }
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, a := range got.Anomalies {
		for _, f := range []string{"anomalyId", "anomalyDetectorArn", "patternId", "patternString", "patternTokens", "description", "firstSeen", "lastSeen", "active", "state", "histogram", "logSamples", "logGroupArnList"} {
			if _, ok := a[f]; !ok {
				t.Errorf("no %s in %v", f, a)
			}
		}
		if len(a["anomalyId"].(string)) != 36 {
			t.Errorf("id %v: want 36 characters", a["anomalyId"])
		}
		k := a["kizashi"].(map[string]any)
		if lacks := fmt.Sprint(k["lacks"]); !strings.Contains(lacks, "counts beyond the judged stretch") {
			t.Errorf("an outcome has no counts, which it says: %s", lacks)
		}
		if k["kind"] == "log_new" && a["priority"] == "HIGH" && strings.Contains(fmt.Sprint(a["patternString"]), "connection refused by upstream") {
			found = true
		}
	}
	if !found {
		t.Errorf("the new error is not among them:\n%s", text)
	}
}
