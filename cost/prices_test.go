package cost

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func priceFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "prices.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

// The dollars of a use, by hand.
func TestWhatAUseCosts(t *testing.T) {
	p := prices(t)
	for _, c := range []struct {
		use  Use
		usd  float64
		note string
	}{
		{Use{Action: GetMetricData, Calls: 4, Metrics: 2000}, 0.02, "metrics_requested"},
		{Use{Action: GetMetricData, Calls: 1e6}, 0, "metrics_requested"}, // calls are not what is billed
		{Use{Action: ListMetrics, Calls: 3000}, 0.03, "requests"},
		{Use{Action: "cloudwatch:DescribeAlarms", Calls: 1000}, 0.01, "requests"},
		{Use{Action: "sts:AssumeRole", Calls: 1e9}, 0, "free_reads"},
		{Use{Action: "tag:GetResources", Calls: 10}, 0, "free_reads"},
		{Use{Action: "pricing:GetProducts", Calls: 10}, 0, "pricing:GetProducts has no price"},
	} {
		m := p.Of(c.use)
		if !near(m.USD, c.usd) || !m.Unverified || !reflect.DeepEqual(m.Notes, []string{c.note}) {
			t.Errorf("%+v: %+v, want %v and the note %q", c.use, m, c.usd, c.note)
		}
	}
}

// No price of the program's own may claim what nobody did.
func TestOwnPricesSayWhereTheyAreFrom(t *testing.T) {
	all := prices(t).All()
	if len(all) < len(units) {
		t.Fatalf("%d prices", len(all))
	}
	for _, p := range all {
		if p.Verified || p.AsOf == "" || p.Source == "" {
			t.Errorf("%+v", p)
		}
		if p.Name == MetricsRequested && p.Free != 0 {
			t.Error("GetMetricData is never in the free tier")
		}
	}
}

// A doubt in one part of a sum is a doubt in the sum.
func TestSumsKeepEveryDoubt(t *testing.T) {
	sure := Money{USD: 1}
	a, b := Money{USD: 2, Unverified: true, Notes: []string{"b", "c"}}, Money{USD: 4, Unverified: true, Notes: []string{"a", "c"}}
	if got, want := sure.Plus(a).Plus(sure).Plus(b), (Money{8, true, []string{"a", "b", "c"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := sure.Minus(a); got.USD != -1 || !got.Unverified {
		t.Errorf("%+v", got)
	}
	if got := sure.Plus(sure); got.Unverified || got.Notes != nil {
		t.Errorf("%+v", got)
	}
}

func TestOverrideReplacesAPriceWhole(t *testing.T) {
	p := prices(t)
	file := priceFile(t, `
prices:
  metrics_requested:
    value: 0.012
    unit: 1000 metrics
    as_of: 2026-11-28
    source: invoice of October
    verified: true
    regions:
      ap-northeast-1: {value: 0.013, as_of: 2026-11-27}
  firehose: {value: 0.03, unit: GB, as_of: 2026-11-28}
actions: {"pricing:*": free_reads}
`)
	if err := p.Override(file); err != nil {
		t.Fatal(err)
	}
	if got, want := p.Of(Use{Action: GetMetricData, Metrics: 1000}), (Money{USD: 0.012}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got, want := p.Of(Use{Action: GetMetricData, Region: "ap-northeast-1", Metrics: 1000}),
		(Money{0.013, true, []string{"metrics_requested (ap-northeast-1)"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if q := p.Price(FirehoseGB, "ap-northeast-1"); q.Value != 0.03 || q.Source != "user: "+file || q.Verified {
		t.Errorf("Tokyo's own price outlived the user's: %+v", q)
	}
	if q := p.Price(Requests, "us-east-1"); q.Value != 0.01 {
		t.Errorf("touched what the file does not name: %+v", q)
	}
	if m := p.Of(Use{Action: "pricing:GetProducts"}); m.Notes[0] != "free_reads" {
		t.Errorf("%+v", m)
	}
}

func TestBadPriceFilesNameFileAndLine(t *testing.T) {
	good := "value: 1, unit: GB, as_of: 2026-11-28"
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "the file is empty; want prices"},
		{"no yaml", "prices: [", ": "},
		{"tab", "prices:\n\tfirehose: {}", ":2: a tab indents this line"},
		{"unknown key", "price: {}", `:1: unknown key "price" in the price file; did you mean "prices"?`},
		{"unknown price", "prices:\n  firehoses: {" + good + "}", `:2: unknown price "firehoses"; did you mean "firehose"?`},
		{"unknown field", "prices:\n  firehose: {" + good + ", asof: 1}", `:2: unknown key "asof" in firehose; did you mean "as_of"?`},
		{"negative", "prices:\n  firehose: {value: -0.01, unit: GB, as_of: 2026-11-28}", ":2: firehose: value -0.01 is negative"},
		{"no value", "prices:\n  firehose: {unit: GB, as_of: 2026-11-28}", ":2: firehose: value is missing"},
		{"not a number", "prices:\n  firehose: {value: cheap, unit: GB, as_of: 2026-11-28}", `:2: firehose value: want a number, not "cheap"`},
		{"infinite", "prices:\n  firehose: {value: .inf, unit: GB, as_of: 2026-11-28}", ":2: firehose value: want a number"},
		{"no date", "prices:\n  firehose: {value: 1, unit: GB}", ":2: firehose: as_of is missing"},
		{"date", "prices:\n  firehose: {value: 1, unit: GB, as_of: 28.11.2026}", `:2: firehose as_of: want a day such as 2026-11-21, not "28.11.2026"`},
		{"day that is not", "prices:\n  firehose: {value: 1, unit: GB, as_of: 2026-02-30}", `want a day`},
		{"no unit", "prices:\n  firehose: {value: 1, as_of: 2026-11-28}", `:2: firehose: unit is missing; want "GB"`},
		{"unknown unit", "prices:\n  firehose: {value: 1, unit: TB, as_of: 2026-11-28}", `:2: firehose: unknown unit "TB"; want "GB"`},
		{"another's unit", "prices:\n  firehose: {value: 1, unit: 1000 updates, as_of: 2026-11-28}", `:2: firehose: unit is "1000 updates"; want "GB"`},
		{"region without a date", "prices:\n  firehose:\n    value: 1\n    unit: GB\n    as_of: 2026-11-28\n    regions:\n      eu-west-1: {value: 2}",
			":7: firehose (eu-west-1): as_of is missing"},
		{"negative in a region", "prices:\n  firehose: {" + good + ", regions: {eu-west-1: {value: -2, as_of: 2026-11-28}}}", ":2: firehose (eu-west-1): value -2 is negative"},
		{"free below zero", "prices:\n  firehose: {" + good + ", free_a_month: -1}", ":2: firehose: free_a_month -1 is negative"},
		{"twice", "prices:\n  firehose: {" + good + "}\n  firehose: {" + good + "}", `: `},
		{"action", "actions: {GetMetricData: requests}", `:1: action "GetMetricData": want service:Action`},
		{"action's price", "actions: {\"cloudwatch:*\": request}", `:1: action cloudwatch:*: no price of requests is called "request"; did you mean "requests"?`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, file := prices(t), priceFile(t, c.text)
			before := p.All()
			err := p.Override(file)
			if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v\nwant %s with %s", err, file, c.want)
			}
			if !reflect.DeepEqual(p.All(), before) {
				t.Error("a bad file changed the prices")
			}
		})
	}
}

func TestAllFaultsAreToldAtOnceAndNothingIsTaken(t *testing.T) {
	p := prices(t)
	before := p.All()
	err := p.Override(priceFile(t, `
prices:
  firehose: {value: 0.5, unit: GB, as_of: 2026-11-28}
  requests: {value: -1, unit: 1000 requests}
  stream_updates: {value: 1, unit: updates, as_of: 2026-11-28}
`))
	for _, want := range []string{":4: requests: value -1 is negative", ":4: requests: as_of is missing", `:5: stream_updates: unknown unit "updates"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	if !reflect.DeepEqual(p.All(), before) {
		t.Error("the good price of a bad file was taken")
	}
}

func TestOverrideNeedsTheFile(t *testing.T) {
	if err := prices(t).Override(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Error(err)
	}
}
