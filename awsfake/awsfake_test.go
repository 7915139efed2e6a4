package awsfake

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// What is written reads back: numbers as float64, instants as epoch seconds.
func TestCBORRoundTrip(t *testing.T) {
	long := strings.Repeat("x", 70_000)
	in := object{{"n", nil}, {"t", true}, {"f", false}, {"i", 7}, {"j", -300}, {"k", 1 << 40}, {"d", 0.1}, {"inf", math.Inf(1)},
		{"s", "遅延"}, {"long", long}, {"at", noon}, {"list", []any{1, "a", object{}}}}
	b, err := appendCBOR(nil, in)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeCBOR(b)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"n": nil, "t": true, "f": false, "i": 7.0, "j": -300.0, "k": float64(1 << 40), "d": 0.1, "inf": math.Inf(1),
		"s": "遅延", "long": long, "at": float64(noon.Unix()), "list": []any{1.0, "a", map[string]any{}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}

// Vectors of RFC 8949, appendix A.
func TestCBORVectors(t *testing.T) {
	for in, want := range map[string]any{
		"\x18\x64":                                 100.0,
		"\x1a\x00\x0f\x42\x40":                     1000000.0,
		"\x38\x63":                                 -100.0,
		"\xfa\x47\xc3\x50\x00":                     100000.0,
		"\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a":     1.1,
		"\xc1\xfb\x41\xd4\x52\xd9\xec\x20\x00\x00": 1363896240.5,
		"\x9f\x01\x82\x02\x03\x9f\x04\x05\xff\xff": []any{1.0, []any{2.0, 3.0}, []any{4.0, 5.0}},
		"\xbf\x61a\x01\x61b\x9f\x02\x03\xff\xff":   map[string]any{"a": 1.0, "b": []any{2.0, 3.0}},
		"\x62\xc3\xbc":                             "ü",
	} {
		if got, err := decodeCBOR([]byte(in)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("% x: %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "\x18", "\x62a", "\x82\x01", "\xa1\x01\x02", "\xa1\x61a", "\x01\x02", strings.Repeat("\x81", 100), "\x9f\x01", "\x81\xff", "\xbf\x61a\xff"} {
		if got, err := decodeCBOR([]byte(in)); err == nil {
			t.Errorf("% x was read as %v", in, got)
		}
	}
}

func FuzzDecodeCBOR(f *testing.F) {
	f.Add([]byte("\xbf\x61a\x01\x61b\x9f\x02\x03\xff\xff"))
	f.Add([]byte("\x9b\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		// Whatever comes must end in a value or an error.
		if v, err := decodeCBOR(b); err != nil && v != nil && len(b) == 0 {
			t.Errorf("%v from nothing", v)
		}
	})
}

// post sends a signed-looking form.
func post(t *testing.T, c *CloudWatch, form string, signed bool) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewBufferString(form))
	if signed {
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test")
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	b, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(b)
}

func TestLateAndRevisedPointsFollowTheClock(t *testing.T) {
	now := noon
	c := NewCloudWatch(func() time.Time { return now })
	m := Metric{Namespace: "N", Name: "M", Dimensions: map[string]string{"D": "d"}}
	c.Put(m, noon.Add(-10*time.Minute), 1)
	c.PutSeen(m, noon.Add(-10*time.Minute), 2, noon.Add(time.Minute))
	c.PutSeen(m, noon.Add(-9*time.Minute), 5, noon.Add(2*time.Minute))
	form := "Action=GetMetricData&StartTime=2026-11-20T11:00:00Z&EndTime=2026-11-20T12:00:00Z&ScanBy=TimestampAscending" +
		"&MetricDataQueries.member.1.Id=q&MetricDataQueries.member.1.MetricStat.Period=60&MetricDataQueries.member.1.MetricStat.Stat=Maximum" +
		"&MetricDataQueries.member.1.MetricStat.Metric.Namespace=N&MetricDataQueries.member.1.MetricStat.Metric.MetricName=M" +
		"&MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name=D&MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Value=d"
	for _, want := range []string{
		"<Values><member>1</member></Values>",
		"<Values><member>2</member></Values>",
		"<Values><member>2</member><member>5</member></Values>",
	} {
		if code, body := post(t, c, form, true); code != 200 || !strings.Contains(body, want) {
			t.Errorf("at %s: %d %s, want %s", now, code, body, want)
		}
		now = now.Add(time.Minute)
	}
}

func TestRefusals(t *testing.T) {
	c := NewCloudWatch(func() time.Time { return noon })
	for want, form := range map[string]string{
		"InvalidAction":                "Action=DeleteEverything",
		"StartTime":                    "Action=GetMetricData",
		"0 queries, want 1 to 500":     "Action=GetMetricData&StartTime=2026-11-20T11:00:00Z&EndTime=2026-11-20T12:00:00Z",
		"NextToken &#34;x&#34; is not": "Action=ListMetrics&NextToken=x",
	} {
		if code, body := post(t, c, form, true); code != 400 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s, want %s", form, code, body, want)
		}
	}
	if code, body := post(t, c, "Action=ListMetrics", false); code != 403 || !strings.Contains(body, "MissingAuthenticationToken") {
		t.Errorf("unsigned: %d %s", code, body)
	}
}

func TestServerIsLoopbackOnly(t *testing.T) {
	c := NewCloudWatch(time.Now)
	if s, err := New("0.0.0.0:0", c); err == nil {
		t.Errorf("listens on %s", s.URL)
	}
	s, err := New("127.0.0.1:0", c)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.Post(s.URL, "application/x-www-form-urlencoded", strings.NewReader("Action=ListMetrics"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Body.Close(); err != nil || r.StatusCode != 403 {
		t.Errorf("status %d, %v", r.StatusCode, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
