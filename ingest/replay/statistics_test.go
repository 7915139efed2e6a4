package replay

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// Datapoints come in no order; two answers in a row are one file.
const twoAnswers = `{"Label": "CPUUtilization", "Datapoints": [
  {"Timestamp": "2026-05-01T00:10:00+00:00", "Average": 3, "Maximum": 30, "Unit": "Percent"},
  {"Timestamp": "2026-05-01T00:00:00+00:00", "Average": 1, "Maximum": 10, "Unit": "Percent"}]}
{"Label": "CPUUtilization", "Datapoints": [
  {"Timestamp": "2026-05-01T00:05:00Z", "Average": 2, "Unit": "Percent", "ExtendedStatistics": {"p99": 9.5}}]}`

func TestMetricStatistics(t *testing.T) {
	got, r := replayText(t, "cpu.json", twoAnswers, Options{})
	equal(t, got, `
cpu #1 until never join@never
  declare cpu:Average group cpu:Average
  declare cpu:Maximum group cpu:Maximum
  declare cpu:p99 group cpu:p99
cpu #2 until 2026-05-01T00:10:00Z
  2026-05-01T00:00:00Z cpu:Average = 1
  2026-05-01T00:00:00Z cpu:Maximum = 10
  2026-05-01T00:05:00Z cpu:Average = 2
  2026-05-01T00:05:00Z cpu:p99 = 9.5
  2026-05-01T00:10:00Z cpu:Average = 3
  2026-05-01T00:10:00Z cpu:Maximum = 30
cpu #3 until 2026-05-01T00:10:00Z close@2026-05-01T00:10:00Z`)
	if r.Format != Statistics || r.Rows != 3 || r.Samples != 6 {
		t.Errorf("report %s", r)
	}
}

// A mapped answer has the identity of the live series; the statistic is the
// column's, the unit the answer's.
func TestMappedMetricStatistics(t *testing.T) {
	const entry = "files:\n  - {match: cpu.json, tenant: acme, account: \"111122223333\", region: eu-west-1, namespace: AWS/EC2, metric: CPUUtilization, dimensions: {InstanceId: i-1}, period: 5m"
	dir := write(t, map[string]string{"cpu.json": twoAnswers})
	list := func(more string) (string, error) {
		m, err := parseMapping("m.yaml", []byte(entry+more+"}"))
		if err != nil {
			t.Fatal(err)
		}
		s, err := New(Options{Paths: []string{filepath.Join(dir, "cpu.json")}, Mapping: m})
		if err != nil {
			return "", err
		}
		var b strings.Builder
		for _, x := range s.Series()[0].Metas {
			fmt.Fprintf(&b, "%s %s in %s\n", x.Identity, x.Statistic, x.Unit)
		}
		return b.String(), nil
	}
	got, err := list("")
	if err != nil {
		t.Fatal(err)
	}
	id := func(stat string) string {
		return `{account="111122223333", dim_InstanceId="i-1", metric="CPUUtilization", namespace="AWS/EC2", period="5m0s", region="eu-west-1", stat="` + stat + `"} ` + stat + " in Percent\n"
	}
	equal(t, got, id("Average")+id("Maximum")+id("p99"))
	if got, err = list(", statistic: Maximum"); err != nil || got != id("Maximum") {
		t.Errorf("one statistic: %v\n%s", err, got)
	}
	if _, err := list(", unit: Bytes"); err == nil || !strings.Contains(err.Error(), "the datapoints are in Percent, but the mapping's line 2 says Bytes") {
		t.Errorf("another unit: %v", err)
	}
	if _, err := list(", statistic: Sum"); err == nil || !strings.Contains(err.Error(), `no column "Sum"`) {
		t.Errorf("a statistic that was not asked for: %v", err)
	}
	if _, err := list(", select: [a=b]"); err == nil || !strings.Contains(err.Error(), "line 2 has select: or type:, which are for series with labels") {
		t.Errorf("select: %v", err)
	}
}

func TestBadMetricStatistics(t *testing.T) {
	point := `{"Timestamp":"2026-05-01T00:00:00Z","Average":1,"Unit":"Percent"}`
	for _, c := range []struct{ name, text, want string }{
		{"no datapoints", `{"Label":"x","Datapoints":[]}`, "the answer holds no datapoints"},
		{"cut in the middle", `{"Label":"x","Datapoints":[` + point + `,{"Timest`, "unexpected EOF"},
		{"cut between answers", `{"Label":"x","Datapoints":[` + point + `]}{"Label":"x"}`, "answer 2 has no Datapoints"},
		{"two metrics", `{"Label":"x","Datapoints":[` + point + `]}{"Label":"y","Datapoints":[` + point + `]}`, `answer 2 is of "y", but those above are of "x"`},
		{"two units", `{"Label":"x","Datapoints":[` + point + `,` + strings.Replace(point, "Percent", "Bytes", 1) + `]}`, `datapoint 2 is in "Bytes", but those above are in "Percent"`},
		{"no statistic", `{"Label":"x","Datapoints":[{"Timestamp":"2026-05-01T00:00:00Z","Unit":"Percent"}]}`, "datapoint 1 has no statistic"},
		{"history of alarms", historyText, "the history of alarms: labels to compare with, not samples"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(Options{Paths: []string{filepath.Join(write(t, map[string]string{"a.json": c.text}), "a.json")}})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "a.json: ") {
				t.Errorf("error %v\nwant a.json: ... %s", err, c.want)
			}
		})
	}
	// In the cursor too, where a timestamp is no time.
	s, err := New(Options{Paths: []string{filepath.Join(write(t, map[string]string{"a.json": strings.Replace(twoAnswers, "2026-05-01T00:05:00Z", "noon", 1)}), "a.json")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := drain(t, s); err == nil || errors.Is(err, io.EOF) || !strings.Contains(err.Error(), `"noon", cannot be read`) {
		t.Errorf("unreadable time: %v", err)
	}
}

const historyText = `{"AlarmHistoryItems": [
 {"AlarmName": "cpu", "AlarmType": "MetricAlarm", "Timestamp": "2026-05-01T00:20:00.250+00:00", "HistoryItemType": "StateUpdate", "HistorySummary": "Alarm updated from ALARM to OK",
  "HistoryData": "{\"version\":\"1.0\",\"oldState\":{\"stateValue\":\"ALARM\"},\"newState\":{\"stateValue\":\"OK\",\"stateReason\":\"Threshold Crossed: 1 datapoint was not greater than the threshold (90.0).\"}}"},
 {"AlarmName": "cpu", "Timestamp": "2026-05-01T00:10:01+00:00", "HistoryItemType": "Action", "HistorySummary": "Successfully executed action arn:aws:sns:eu-west-1:111122223333:ops", "HistoryData": "{}"},
 {"AlarmName": "cpu", "Timestamp": "2026-05-01T09:10:00+09:00", "HistoryItemType": "StateUpdate", "HistorySummary": "Alarm updated from INSUFFICIENT_DATA to ALARM", "HistoryData": "{\"version\":\"1.0\",\"oldSta"},
 {"AlarmName": "disk", "Timestamp": "2026-04-30T00:00:00+00:00", "HistoryItemType": "ConfigurationUpdate", "HistorySummary": "Alarm \"disk\" created"}
]}`

func history(cs []AlarmChange) string {
	var b strings.Builder
	for _, c := range cs {
		fmt.Fprintf(&b, "%s %s %s -> %s %s\n", c.At, c.Alarm, c.From, c.To, c.Reason)
	}
	return b.String()
}

func TestAlarmHistory(t *testing.T) {
	const want = `
2026-05-01T00:10:00Z cpu INSUFFICIENT_DATA -> ALARM 
2026-05-01T00:20:00.25Z cpu ALARM -> OK Threshold Crossed: 1 datapoint was not greater than the threshold (90.0).`
	for name, text := range map[string]string{"one page": historyText, "the same page twice": historyText + "\n" + historyText,
		"a byte order mark": "\ufeff" + historyText, "gzip": packed(t, historyText)} {
		got, err := AlarmHistory(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		equal(t, history(got), want)
	}
	if got, err := AlarmHistory(strings.NewReader(`{"AlarmHistoryItems": []}`)); err != nil || len(got) != 0 {
		t.Errorf("an alarm without a past: %v, %v", got, err)
	}
}

func TestBadAlarmHistory(t *testing.T) {
	page := func(item string) string { return `{"AlarmHistoryItems": [` + item + `]}` }
	for _, c := range []struct {
		name, text, want string
		changes          int
	}{
		{"empty", "", "alarm history: no rows: the file is empty", 0},
		{"something else", `{"MetricAlarms": []}`, "page 1 has no AlarmHistoryItems", 0},
		{"cut in the second page", historyText + historyText[:400], "page 2, line 9: the answer breaks off", 2},
		{"UTF-16, as PowerShell writes it", "\xff\xfe{\x00", "alarm history: the text is UTF-16: save it as UTF-8", 0},
		{"no name", page(`{"HistoryItemType":"StateUpdate"}`), `page 1, item 1 (alarm ""): no AlarmName`, 0},
		{"no zone", page(`{"AlarmName":"a","HistoryItemType":"StateUpdate","Timestamp":"2026-05-01 00:00:00"}`), `(alarm "a"): timestamp "2026-05-01 00:00:00": want a time with its zone`, 0},
		{"unknown state", page(`{"AlarmName":"a","HistoryItemType":"StateUpdate","Timestamp":1777593600,"HistorySummary":"Alarm updated from OK to PANIC"}`), `state "PANIC": want OK, ALARM or INSUFFICIENT_DATA`, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := AlarmHistory(strings.NewReader(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) || len(got) != c.changes {
				t.Errorf("%d changes, error %v\nwant %d, %s", len(got), err, c.changes, c.want)
			}
		})
	}
}
