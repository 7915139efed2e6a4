package metricfilter

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
)

func at(s string) kizashi.Time {
	t, err := time.Parse("2006-01-02 15:04:05", "2026-05-01 "+s)
	if err != nil {
		panic(err)
	}
	return kizashi.TimeOf(t)
}

// told counts lines, each "15:04:05 text", closes at until, and says what came.
func told(t *testing.T, c *Counter, until string, lines ...string) string {
	t.Helper()
	for _, l := range lines {
		c.Add(at(l[:8]), []byte(l[9:]))
	}
	ds, ss := c.Until(at(until), nil, nil)
	names := map[kizashi.SeriesID]string{}
	for _, d := range ds {
		names[d.Meta.Series] = d.Meta.Labels.Get("name")
	}
	var b strings.Builder
	for _, s := range ss {
		fmt.Fprintf(&b, "%s %s %v; ", s.At.UTC().Format("15:04"), names[s.Series], s.Value)
	}
	return strings.TrimSuffix(b.String(), "; ")
}

func counter(t *testing.T, m Metric) *Counter {
	t.Helper()
	c, err := NewCounter(m, ingest.MetricSpec{Tenant: "acme", Account: "123456789012", Region: "ap-northeast-1"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMinutesOfCounts(t *testing.T) {
	zero := 0.0
	c := counter(t, Metric{Name: "Errors", Namespace: "App", Filter: "ERROR", Value: "1", Default: &zero, Unit: "Count"})
	got := told(t, c, "10:03:00", "10:00:10 ERROR a", "10:00:59 ERROR b", "10:01:00 fine", "10:02:59 ERROR c", "10:03:00 ERROR d")
	if want := "10:00 Errors Sum 2; 10:01 Errors Sum 0; 10:02 Errors Sum 1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := told(t, c, "10:10:00", "10:02:30 ERROR late"); !strings.HasPrefix(got, "10:03 ") {
		t.Errorf("after that: %s", got)
	}
	if x := c.Tally(); x != (Tally{Lines: 6, Matched: 4, Late: 1}) {
		t.Errorf("tally %+v", x)
	}
}

func TestWithoutDefaultThereAreGaps(t *testing.T) {
	c := counter(t, Metric{Name: "Errors", Filter: "ERROR", Value: "1"})
	if got := told(t, c, "10:03:00", "10:00:10 ERROR a", "10:01:00 fine"); got != "10:00 Errors Sum 1" {
		t.Errorf("got %s", got)
	}
}

func TestValuesOfFields(t *testing.T) {
	for _, c := range []struct {
		m     Metric
		lines []string
		want  string
		tally Tally
	}{
		{Metric{Name: "ms", Filter: `{ $.ms > 0 }`, Value: "$.ms", Statistic: "Average"}, []string{`10:00:00 {"ms":10}`, `10:00:01 {"ms":20}`, `10:00:02 {"ms":-1}`}, "10:00 ms Average 15", Tally{Lines: 3, Matched: 2}},
		{Metric{Name: "ms", Filter: `{ $.ok IS TRUE }`, Value: "$.t[*].ms", Statistic: "Maximum"}, []string{`10:00:00 {"ok":true,"t":[{"ms":7},{"ms":9}]}`, `10:00:00 {"ok":true,"t":[]}`, `10:00:00 {"ok":true,"t":[{"ms":"7"}]}`}, "10:00 ms Maximum 7", Tally{Lines: 3, Matched: 3, NoValue: 1}},
		{Metric{Name: "bytes", Filter: `[..., status = 5*, bytes]`, Value: "$bytes", Statistic: "Minimum"}, []string{"10:00:00 x 500 12", "10:00:00 503 10", "10:00:00 200 1", "10:00:00 500 -"}, "10:00 bytes Minimum 10", Tally{Lines: 4, Matched: 3, NoValue: 1}},
		{Metric{Name: "n", Filter: `" "`, Value: "-2.5", Statistic: "SampleCount"}, []string{"10:00:00 x", "10:00:00 y"}, "10:00 n SampleCount 2", Tally{Lines: 2, Matched: 2}},
		{Metric{Name: "n", Filter: `{ $.n = * }`, Value: "1", Dimensions: map[string]string{"Svc": "$.s", "Code": "$.n"}},
			[]string{`10:00:00 {"n":1,"s":"b"}`, `10:00:00 {"n":2,"s":"a"}`, `10:00:00 {"n":1,"s":"b"}`, `10:00:00 {"n":1}`}, "10:00 n Sum 1 b 2; 10:00 n Sum 2 a 1", Tally{Lines: 4, Matched: 4, NoDimension: 1}},
		{Metric{Name: "n", Filter: `[ip, ...]`, Value: "1", Dimensions: map[string]string{"Ip": "$ip"}}, []string{"10:00:00 10.0.0.1 x", "10:00:00 10.0.0.2"}, "10:00 n Sum 10.0.0.1 1; 10:00 n Sum 10.0.0.2 1", Tally{Lines: 2, Matched: 2}},
	} {
		x := counter(t, c.m)
		if got := told(t, x, "11:00:00", c.lines...); got != c.want {
			t.Errorf("%s: got %s, want %s", c.m.Filter, got, c.want)
		}
		if x.Tally() != c.tally {
			t.Errorf("%s: tally %+v, want %+v", c.m.Filter, x.Tally(), c.tally)
		}
	}
}

// CloudWatch switches a filter off that makes too many names and values; here
// those beyond the limit are left out and counted, until the next hour.
// A value may hold any byte: no two pairs of values run together, and the series
// stand in the order of their values.
func TestValuesWithNULAreApart(t *testing.T) {
	c := counter(t, Metric{Name: "n", Filter: `{ $.a = * }`, Value: "1", Dimensions: map[string]string{"A": "$.a", "B": "$.b"}})
	c.Add(at("10:00:00"), []byte(`{"a":"x","b":"y\u0000z"}`))
	c.Add(at("10:00:01"), []byte(`{"a":"x\u0000y","b":"z"}`))
	c.Add(at("10:00:02"), []byte(`{"a":"b","b":"z"}`))
	c.Add(at("10:00:03"), []byte(`{"a":"aa","b":"z"}`))
	ds, ss := c.Until(at("10:01:00"), nil, nil)
	if len(ds) != 4 || len(ss) != 4 {
		t.Fatalf("%d series and %d samples, want 4 of each", len(ds), len(ss))
	}
	var values []string
	for i, d := range ds {
		if ss[i].Value != 1 {
			t.Errorf("%v has %v lines, want 1", d.Meta.Labels, ss[i].Value)
		}
		values = append(values, d.Meta.Identity.Get("dim_A")+"|"+d.Meta.Identity.Get("dim_B"))
	}
	if want := []string{"aa|z", "b|z", "x|y\x00z", "x\x00y|z"}; !slices.Equal(values, want) {
		t.Errorf("got %q, want %q", values, want)
	}
}

func TestTooManyValuesOfDimensionsInAnHour(t *testing.T) {
	c := counter(t, Metric{Name: "n", Filter: `[id]`, Value: "1", Dimensions: map[string]string{"Id": "$id"}})
	for i := range 1500 {
		c.Add(at("10:00:00")+kizashi.Time(i*1000), fmt.Appendf(nil, "id-%d", i))
	}
	c.Add(at("10:59:00"), []byte("id-3"))
	c.Add(at("11:00:00"), []byte("id-2000"))
	_, ss := c.Until(at("12:00:00"), nil, nil)
	if x := c.Tally(); x.Refused != 500 || len(ss) != 1002 {
		t.Errorf("%d samples, tally %+v; want 1002, and 500 refused", len(ss), x)
	}
}

// The series is that of the metric as CloudWatch has it.
func TestSeriesIsTheLiveOne(t *testing.T) {
	c := counter(t, Metric{Name: "Errors", Namespace: "App", Filter: "ERROR", Value: "1"})
	c.Add(at("10:00:00"), []byte("ERROR"))
	ds, _ := c.Until(at("10:01:00"), nil, nil)
	live := ingest.Metric(ingest.MetricSpec{Tenant: "acme", Account: "123456789012", Region: "ap-northeast-1", Namespace: "App", Metric: "Errors", Statistic: "Sum", Period: time.Minute})
	if len(ds) != 1 || ds[0].Meta.Series != live.Series {
		t.Errorf("declared %+v", ds)
	}
}

func TestBadMetricsAreNamed(t *testing.T) {
	zero := 0.0
	for _, c := range []struct {
		m    Metric
		want string
	}{
		{Metric{}, "it has no name"},
		{Metric{Name: "a:b"}, "a:b: the name holds one of : * $, or more than 255 bytes"},
		{Metric{Name: "a", Filter: "{", Value: "1"}, "a: filter pattern: at its end (character 2): want a field such as $.a.b[0], or ("},
		{Metric{Name: "a", Value: "x"}, `a: value: "x": want a number, $.field or $field`},
		{Metric{Name: "a", Value: "$.x"}, `a: value: "$.x": fields are of JSON and space-delimited patterns only`},
		{Metric{Name: "a", Filter: "[x, y]", Value: "$z"}, `a: value: "$z": the pattern has no field "z" (it has x, y)`},
		{Metric{Name: "a", Filter: "{$.x=1}", Value: "$.x y"}, `a: value: filter pattern: at character 4, before " y": want the end`},
		{Metric{Name: "a", Value: "1", Unit: "Apples"}, `a: unit "Apples": CloudWatch has none of that name (want such as Count, Milliseconds, Bytes)`},
		{Metric{Name: "a", Value: "1", Statistic: "p99"}, `a: statistic "p99": want one of Sum, Average, Minimum, Maximum, SampleCount`},
		{Metric{Name: "a", Filter: "[x]", Value: "1", Default: &zero, Dimensions: map[string]string{"X": "$x"}}, "a: a default value and dimensions: a metric with dimensions can have none, as nobody could say whose it is"},
		{Metric{Name: "a", Filter: "[x]", Value: "1", Dimensions: map[string]string{"X": "1"}}, `a: dimension X: "1": want a field, $.field or $field`},
		{Metric{Name: "a", Filter: "[a,b,c,d]", Value: "1", Dimensions: map[string]string{"A": "$a", "B": "$b", "C": "$c", "D": "$d"}}, "a: 4 dimensions: want at most 3"},
	} {
		if _, err := NewCounter(c.m, ingest.MetricSpec{}); err == nil || err.Error() != c.want {
			t.Errorf("%+v\n got %v\nwant %s", c.m, err, c.want)
		}
	}
	ms := make([]Metric, 101)
	for i := range ms {
		ms[i] = Metric{Name: "a", Value: "1", Filter: "%x%"}
	}
	want := "101 metric filters: a log group can have 100\nthe metric filters have 101 regular expressions: those of a log group can have 5"
	if err := Check(ms); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

// A canary in a dimension's value is in no name, identity or label: one that is
// known by itself, one that only the text before it tells, one that is escaped.
func TestDimensionsAreMasked(t *testing.T) {
	email, secret := regexp.MustCompile(`[a-z]+@[a-z.]+`), regexp.MustCompile(`(password[=" :]+)([^ "<]+)`)
	mask := func(dst, text []byte) []byte {
		text = email.ReplaceAll(text, []byte("<email>"))
		return append(dst, secret.ReplaceAll(text, []byte("$1<password>"))...)
	}
	for _, c := range []struct {
		filter, field string
		lines         []string
		want          string
	}{
		{`{ $.user = * }`, "$.user", []string{`10:00:00 {"user":"canary@example.jp"}`, `10:00:01 {"user":"mail canary@example.jp"}`, `10:00:02 {"user":"other@example.jp"}`, `10:00:03 {"user":"guest"}`},
			"10:00 n Sum <email> 2; 10:00 n Sum guest 1; 10:00 n Sum mail <email> 1"},
		{`{ $.n = 1 }`, "$.password", []string{`10:00:00 {"n":1,"password":"canary1"}`, `10:00:00 {"n":1,"password":"c\u0061nary2"}`}, "10:00 n Sum <password> 2"},
		{`{ $.user = * }`, "$.user", []string{`10:00:00 {"user":"canary\u0040example.jp"}`}, "10:00 n Sum <email> 1"},
		{`[a, what=password*, user, to]`, "$user", []string{"10:00:00 x password canary3 a@b.c", "10:00:00 x passwords y a@b.c"}, "10:00 n Sum <masked> 1; 10:00 n Sum y 1"},
		{`[a, user]`, "$user", []string{"10:00:00 to canary@example.jp"}, "10:00 n Sum <email> 1"},
	} {
		x := counter(t, Metric{Name: "n", Filter: c.filter, Value: "1", Dimensions: map[string]string{"User": c.field}})
		x.Mask(mask)
		for _, l := range c.lines {
			x.Add(at(l[:8]), []byte(l[9:]))
		}
		ds, ss := x.Until(at("10:01:00"), nil, nil)
		names := map[kizashi.SeriesID]string{}
		for _, d := range ds {
			names[d.Meta.Series] = d.Meta.Name()
		}
		var got []string
		for _, s := range ss {
			got = append(got, fmt.Sprintf("%s %s %v", s.At.UTC().Format("15:04"), names[s.Series], s.Value))
		}
		slices.Sort(got)
		if got := strings.Join(got, "; "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.field, got, c.want)
		}
		if all := fmt.Sprintf("%+v", ds); strings.Contains(all, "canary") {
			t.Errorf("%s: %s", c.field, all)
		}
	}
}
