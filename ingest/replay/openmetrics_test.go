package replay

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// dump is what promtool tsdb dump-openmetrics writes: series after series, no
// types.
const dump = `http_requests_total{code="200",path="/a b{}\"\\"} 100 1777593600.000
http_requests_total{code="200",path="/a b{}\"\\"} 130 1777593660.000
http_requests_total{code="200",path="/a b{}\"\\"} 5 1777593720.067
lat_bucket{le="0.1"} 1 1777593600.000
lat_bucket{le="+Inf"} 2 1777593600.000
lat_count 2 1777593600.000
lat_sum 0.3 1777593600.000
up 1 1777593600.000
up 0 1777593660.000
# EOF
`

func TestOpenMetricsDump(t *testing.T) {
	got, r := replayText(t, "prom.om", dump, Options{})
	equal(t, got, `
prom #1 until never join@never
  declare http_requests_total{code="200", path="/a b{}\"\\"} group http_requests_total
  declare up group up
prom #2 until 2026-05-01T00:02:00.067Z
  2026-05-01T00:00:00Z up = 1
  2026-05-01T00:01:00Z http_requests_total{code="200", path="/a b{}\"\\"} = 30
  2026-05-01T00:01:00Z up = 0
  2026-05-01T00:02:00.067Z http_requests_total{code="200", path="/a b{}\"\\"} = 5
prom #3 until 2026-05-01T00:02:00.067Z close@2026-05-01T00:02:00.067Z`)
	equal(t, r.String(), "prom.om: openmetrics, utf-8, 3 rows, 4 samples, 2026-05-01T00:00:00Z to 2026-05-01T00:02:00.067Z; 1 skipped: first value of a counter (line 1); 4 skipped: part of a histogram (line 4 5 6 7)")
	if r.Cut || !r.Ended {
		t.Errorf("report %+v", r)
	}
}

// Types that are declared count more than names.
func TestOpenMetricsTypes(t *testing.T) {
	text := `# TYPE level_total gauge
# HELP level_total Not a counter, whatever its name.
level_total 5 1777593600
level_total 4 1777593660
# TYPE jobs counter
# UNIT jobs jobs
jobs_total 1 1777593600 # {trace="x y"} 1 1777593600
jobs_total 3 1777593660
jobs_created 1777500000 1777593600
# TYPE wait summary
wait{quantile="0.9"} 7 1777593600
wait_count 10 1777593600
wait_count 12 1777593660
# TYPE size gaugehistogram
size_bucket{le="1"} 7 1777593600
size_gsum 7 1777593600
{"odd.name","a b"="c"} 8 1.7775936e9
# EOF
`
	got, r := replayText(t, "m.prom", text, Options{})
	equal(t, got[strings.Index(got, "m #2"):strings.Index(got, "m #3")], `
m #2 until 2026-05-01T00:01:00Z
  2026-05-01T00:00:00Z level_total = 5
  2026-05-01T00:00:00Z wait{quantile="0.9"} = 7
  2026-05-01T00:00:00Z odd.name{a b="c"} = 8
  2026-05-01T00:01:00Z level_total = 4
  2026-05-01T00:01:00Z jobs_total = 2
  2026-05-01T00:01:00Z wait_count = 2`)
	if fmt.Sprint(r.Unread) != "[jobs_created]" {
		t.Errorf("not read: %q", r.Unread)
	}
}

// A counter's increase over a gap would look like a burst.
func TestCounterOverAGap(t *testing.T) {
	var b strings.Builder
	for i, minute := range []int{0, 1, 2, 3, 10, 11, 12} {
		fmt.Fprintf(&b, "c_total %d %d\n", 100*minute, 1777593600+60*minute)
		_ = i
	}
	b.WriteString("c_total NaN 1777594380\nc_total 1400 1777594440\n# EOF\n")
	got, r := replayText(t, "c.om", b.String(), Options{})
	if n := strings.Count(got, "c_total = 100\n"); n != 5 || r.Samples != 5 {
		t.Errorf("%d increases of 100, %d samples\n%s", n, r.Samples, got)
	}
	if s := r.String(); !strings.Contains(s, "2 skipped: increase over a gap (line 5 9)") || !strings.Contains(s, "1 skipped: NaN or infinite (line 8)") {
		t.Error(s)
	}
}

func TestBadOpenMetrics(t *testing.T) {
	good := "up 1 1777593600\nup 2 1777593660\n"
	for _, c := range []struct {
		name, text, want string
		samples          int
		cut              bool
	}{
		{"no # EOF", good, "no # EOF at its end: the export may be cut", 2, true},
		{"cut in a number", good + "up 3 17775", "1 skipped: last line without an end (line 3)", 2, true},
		{"cut in a name", good + `up{job="n`, "1 skipped: last line without an end (line 3)", 2, true},
		{"no line feed after # EOF", good + "# EOF", "2 samples", 2, false},
		{"more below # EOF", good + "# EOF\nup 3 1777593720\n", "1 skipped: below # EOF (line 4)", 2, false},
		{"bad lines", "up 1 1777593600\nup{a=b} 1 1\nup{a=\"b\" 1 1\n1up 1 1\nup x 1\nup 1 2 3\nup{a=\"1\",a=\"2\"} 1 1\nup 2 1777593660\n# EOF\n", "6 skipped: not a line of OpenMetrics (line 2 3 4 5 6 ...)", 2, false},
		{"bad times", good + "up 3\nup 3 noon\n# EOF\n", "1 skipped: no timestamp (line 3); 1 skipped: unreadable time (line 4)", 2, false},
		{"one instant twice", good + "up 3 1777593660\n# EOF\n", "1 skipped: repeated time (line 3)", 2, false},
		{"newest first", "up 2 1777593660\nup 1 1777593600\n# EOF\n", "2 samples", 2, false},
		{"infinite", good + "up +Inf 1777593720\n# EOF\n", "1 skipped: NaN or infinite (line 3)", 2, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, r := replayText(t, "a.om", c.text, Options{})
			if !strings.Contains(r.String(), c.want) || r.Samples != c.samples || r.Cut != c.cut {
				t.Errorf("%s (cut %v)\nwant %d samples, cut %v, %s", r, r.Cut, c.samples, c.cut, c.want)
			}
		})
	}
	for _, c := range []struct {
		name, text, want string
		o                Options
	}{
		{"a scrape", "# TYPE up gauge\nup 1\n# EOF\n", "no sample has a timestamp: this is what one scrape brings", Options{}},
		{"nothing but # EOF", "# EOF\n", "no rows: the text holds no samples", Options{}},
		{"only histograms", "x_bucket{le=\"1\"} 1 1777593600\n# EOF\n", "no series of 1 is selected, or all are histograms", Options{}},
		{"values", good, "series with labels are chosen with select", Options{Values: []string{"up"}}},
		{"gzip cut", packed(t, strings.Repeat(good, 50000))[:600], "the input breaks off", Options{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Paths = []string{filepath.Join(write(t, map[string]string{"a.om": c.text}), "a.om")}
			if _, err := New(c.o); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "a.om: ") {
				t.Errorf("error %v\nwant a.om: ... %s", err, c.want)
			}
		})
	}
}

// Entries share a file's series by their labels; two partitions come of it,
// and what belongs to none is told once.
func TestMappedOpenMetrics(t *testing.T) {
	m, err := parseMapping("m.yaml", []byte(`
files:
  - {match: "*.om", tenant: acme, account: "111122223333", region: eu-west-1, namespace: AWS/EC2, metric: CPUUtilization, statistic: Average, unit: Percent, period: 1m, dimensions: {InstanceId: i-1}, select: [cpu="busy"]}
  - {match: "*.om", tenant: acme, period: 2m, namespace: node, select: ['__name__=~"net_.*"', 'if!="lo"'], type: counter, labels: {team: infra}}
`))
	if err != nil {
		t.Fatal(err)
	}
	text := "load{cpu=\"busy\"} 50 1777593600\nload{cpu=\"idle\"} 50 1777593600\nnet_in{if=\"eth0\",job=\"n\"} 10 1777593600\nnet_in{if=\"eth0\",job=\"n\"} 15 1777593720\nnet_in{if=\"lo\"} 9 1777593600\nbad line here\n# EOF\n"
	for _, name := range []string{"a.om", "-"} {
		o := Options{Mapping: m, Paths: []string{filepath.Join(write(t, map[string]string{"a.om": text}), "a.om")}}
		if name == "-" {
			o.Paths, o.Stdin = []string{"-"}, strings.NewReader(text)
			for i := range m.Entries {
				m.Entries[i].Match = "stdin"
			}
		}
		s, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, f := range s.Series() {
			for _, x := range f.Metas {
				ids = append(ids, fmt.Sprintf("%s %s %v team=%s job=%s", x.Identity, x.Unit, x.Lower, x.Labels.Get("team"), x.Labels.Get("job")))
			}
		}
		equal(t, strings.Join(ids, "\n"), `
{account="111122223333", dim_InstanceId="i-1", metric="CPUUtilization", namespace="AWS/EC2", period="1m0s", region="eu-west-1", stat="Average"} Percent NaN team= job=
{dim_if="eth0", dim_job="n", metric="net_in", namespace="node", period="2m0s", stat="increase"}  0 team=infra job=n`)
		bs, err := drain(t, s)
		if err != nil {
			t.Fatal(err)
		}
		got := transcript(bs)
		for _, want := range []string{"CPUUtilization Average i-1 = 50\n", "net_in increase eth0 n = 5\n"} {
			if !strings.Contains(got, want) {
				t.Errorf("no %q in\n%s", want, got)
			}
		}
		r := s.Report().Files[0]
		if r.Samples != 2 || !r.Mapped || fmt.Sprint(r.Unread) != `[load{cpu="idle"} net_in{if="lo"}]` || !strings.Contains(r.String(), "1 skipped: not a line of OpenMetrics (line 6)") {
			t.Errorf("report %s; not read %q", r, r.Unread)
		}
	}
	m.Entries = m.Entries[:1]
	m.Entries[0].Select, m.Entries[0].Match = nil, "*.om"
	_, err = New(Options{Mapping: m, Paths: []string{filepath.Join(write(t, map[string]string{"a.om": text}), "a.om")}})
	if err == nil || !strings.Contains(err.Error(), `line 3 names one metric, CPUUtilization, but selects several series: load{cpu="busy"} and load{cpu="idle"}`) {
		t.Errorf("one metric for all series: %v", err)
	}
}

// A row of series with labels tells only those that have a value there.
func TestRowsOfLabelledSeries(t *testing.T) {
	var told []string
	o := Options{OnRow: func(r *Row) {
		told = append(told, fmt.Sprintf("%d %s %d series %q %q %q skipped=%v", r.Line, r.Stamp, len(r.Series), r.Texts, r.Faults, r.Fault, r.Skipped))
	}}
	_, _ = replayText(t, "a.om", "up 1 1777593600\nup 0 1777593660\nc_total 7 1777593660\nnonsense\n# EOF\n", o)
	equal(t, strings.Join(told, "\n"), `
4  0 series [] [] "not a line of OpenMetrics" skipped=true
1 1777593600000 1 series ["1"] [""] "" skipped=false
2 1777593660000 2 series ["0" "7"] ["" "first value of a counter"] "" skipped=false`)
}
