package awsfake_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/kizashi-ops/kizashi/awsfake"
)

// faulty is a world with one generated metric, and its client.
func faulty(t *testing.T) (*world, *awsfake.Account, *cloudwatch.Client) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	a.Region(tokyo).Generate(cpu, time.Minute, noon.Add(-24*time.Hour), time.Time{}, minute)
	return w, a, w.cloudwatch(a, tokyo)
}

func tenMinutes(w *world, c *cloudwatch.Client) got {
	return fetch(c, w.now().Add(-10*time.Minute), w.now(), ask("q", cpu, "Sum", time.Minute))
}

// Each fault is there when it is scripted and gone when it is healed.
func TestEachFault(t *testing.T) {
	for name, x := range map[string]struct {
		fault awsfake.Fault
		want  func(got) string // "" = as wanted
	}{
		"denied":          {awsfake.Fault{Deny: true}, fails("AccessDenied", "not authorized to perform: cloudwatch:GetMetricData")},
		"throttled":       {awsfake.Fault{Throttle: true}, fails("Throttling", "Rate exceeded")},
		"down":            {awsfake.Fault{Down: true}, fails("ServiceUnavailable", "unable")},
		"error":           {awsfake.Fault{Error: "InternalFailure", Status: 500, Note: "n"}, fails("InternalFailure", "n")},
		"cut":             {awsfake.Fault{Cut: true}, fails("", "EOF")},
		"cut in between":  {awsfake.Fault{CutIn: true}, fails("", "EOF")},
		"gone":            {awsfake.Fault{Gone: true}, fails("", "connection reset")},
		"points":          {awsfake.Fault{Points: 3}, answers(10, 4, "[PartialData PartialData PartialData Complete]")},
		"split":           {awsfake.Fault{Split: 5}, answers(10, 2, "[PartialData Complete]")},
		"internal error":  {awsfake.Fault{Result: "InternalError"}, answers(0, 1, "[InternalError]")},
		"forbidden":       {awsfake.Fault{Result: "Forbidden", Metric: cpu.Name}, answers(0, 1, "[Forbidden]")},
		"another metric":  {awsfake.Fault{Result: "Forbidden", Metric: "other"}, answers(10, 1, "[Complete]")},
		"omitted":         {awsfake.Fault{Omit: true}, answers(0, 1, "[]")},
		"message":         {awsfake.Fault{Message: "MaxMetricsExceeded"}, answers(10, 1, "[Complete]")},
		"late":            {awsfake.Fault{Late: 4 * time.Minute}, answers(6, 1, "[Complete]")},
		"another account": {awsfake.Fault{Account: "222222222222", Deny: true}, answers(10, 1, "[Complete]")},
		"another region":  {awsfake.Fault{Region: "us-east-1", Deny: true}, answers(10, 1, "[Complete]")},
		"another service": {awsfake.Fault{Service: "logs", Deny: true}, answers(10, 1, "[Complete]")},
		"another op":      {awsfake.Fault{Op: "ListMetrics", Deny: true}, answers(10, 1, "[Complete]")},
		"over":            {awsfake.Fault{Until: noon, Deny: true}, answers(10, 1, "[Complete]")},
		"to come":         {awsfake.Fault{From: noon.Add(1), Deny: true}, answers(10, 1, "[Complete]")},
		"now":             {awsfake.Fault{From: noon, Until: noon.Add(1), Throttle: true}, fails("Throttling", "")},
	} {
		t.Run(name, func(t *testing.T) {
			w, _, c := faulty(t)
			w.cloud.Script(x.fault)
			if s := x.want(tenMinutes(w, c)); s != "" {
				t.Error(s)
			}
			w.cloud.Heal()
			if s := answers(10, 1, "[Complete]")(tenMinutes(w, c)); s != "" {
				t.Errorf("healed: %s", s)
			}
		})
	}
}

func fails(wantCode, text string) func(got) string {
	return func(g got) string {
		if c, s := code(g.err); c != wantCode || !strings.Contains(s, text) || g.err == nil {
			return fmt.Sprintf("got %q %q, want %q %q", c, s, wantCode, text)
		}
		return ""
	}
}

func answers(points, pages int, status string) func(got) string {
	return func(g got) string {
		if g.err != nil || len(g.values["q"]) != points || g.pages != pages || fmt.Sprint(g.status["q"]) != status {
			return fmt.Sprintf("%d points on %d pages %v, %v; want %d on %d %s", len(g.values["q"]), g.pages, g.status["q"], g.err, points, pages, status)
		}
		return ""
	}
}

// Events come one a call in their order, beside conditions.
func TestEventsQueueAndConditionsStay(t *testing.T) {
	w, _, c := faulty(t)
	w.cloud.Script(awsfake.Fault{Points: 4}, awsfake.Throttle(2), awsfake.Down(1), awsfake.Fault{Message: "m", Note: "text"})
	var codes []string
	for range 4 {
		out, err := c.GetMetricData(context.Background(), &cloudwatch.GetMetricDataInput{StartTime: aws.Time(noon.Add(-10 * time.Minute)), EndTime: &noon,
			MetricDataQueries: []types.MetricDataQuery{ask("q", cpu, "Sum", time.Minute)}})
		got, _ := code(err)
		if err == nil {
			got = fmt.Sprint(len(out.MetricDataResults[0].Values), *out.Messages[0].Code)
		}
		codes = append(codes, got)
	}
	if fmt.Sprint(codes) != "[Throttling Throttling InternalFailure 4m]" {
		t.Error(codes)
	}
}

func TestRevisedPoints(t *testing.T) {
	w, _, c := faulty(t)
	w.cloud.Script(awsfake.Fault{Revised: 0.5, RevisedFor: 3 * time.Minute})
	g := tenMinutes(w, c)
	for i, v := range g.values["q"] {
		want, _ := minute(g.times["q"][i])
		if noon.Sub(g.times["q"][i]) < 3*time.Minute {
			want /= 2
		}
		if v != want {
			t.Errorf("%s: %v, want %v", g.times["q"][i], v, want)
		}
	}
}

func TestUnlisted(t *testing.T) {
	w, _, c := faulty(t)
	w.cloud.Script(awsfake.Fault{Unlisted: 48 * time.Hour})
	if ms, err := list(c); err != nil || len(ms) != 0 {
		t.Errorf("%v, %v", ms, err)
	}
	w.pass(25 * time.Hour)
	if ms, err := list(c); err != nil || len(ms) != 1 {
		t.Errorf("%v, %v", ms, err)
	}
}

func TestLapsedCredentials(t *testing.T) {
	w, a, c := faulty(t)
	k, err := w.assume(a, a.Role("watch", ""), "")
	if err != nil {
		t.Fatal(err)
	}
	session := cloudwatch.NewFromConfig(w.config(k, tokyo))
	w.cloud.Script(awsfake.Fault{Lapse: true, Until: noon.Add(time.Minute)})
	_, err = list(session)
	want(t, err, "ExpiredToken", "expired")
	_, err = ec2.NewFromConfig(w.config(k, tokyo)).DescribeRegions(context.Background(), &ec2.DescribeRegionsInput{})
	want(t, err, "RequestExpired", "expired")
	_, err = ssm.NewFromConfig(w.config(k, tokyo)).DescribeOpsItems(context.Background(), &ssm.DescribeOpsItemsInput{})
	want(t, err, "ExpiredTokenException", "expired")
	if _, err = list(c); err != nil {
		t.Errorf("static credentials do not lapse: %v", err)
	}
	w.pass(time.Minute)
	if _, err = list(session); err != nil {
		t.Error(err)
	}
}

// A service whose clock is wrong refuses what the SDK signed by the machine's.
// Its Date says what it takes for the time, and the SDK signs by that when it
// tries again.
func TestSkewedClock(t *testing.T) {
	w, a, c := faulty(t)
	w.cloud.Clocks(time.Now, nil)
	for _, d := range []time.Duration{time.Hour, -time.Hour} {
		w.cloud.Heal()
		w.cloud.Script(awsfake.Fault{Skew: d})
		text := map[bool]string{true: "Signature expired: ", false: "Signature not yet current: "}[d > 0]
		_, err := list(c)
		want(t, err, "SignatureDoesNotMatch", text)
		_, err = ssm.NewFromConfig(w.config(keysOf(a), tokyo)).DescribeOpsItems(context.Background(), &ssm.DescribeOpsItemsInput{})
		want(t, err, "InvalidSignatureException", text)
		_, err = ec2.NewFromConfig(w.config(keysOf(a), tokyo)).DescribeRegions(context.Background(), &ec2.DescribeRegionsInput{})
		want(t, err, "RequestExpired", text)
		again := w.config(keysOf(a), tokyo)
		again.Retryer = nil
		if ms, err := list(cloudwatch.NewFromConfig(again)); err != nil || len(ms) != 1 {
			t.Errorf("%s: the SDK does not find the way: %v, %v", d, ms, err)
		}
	}
	w.cloud.Heal()
	w.cloud.Script(awsfake.Fault{Skew: time.Hour, Error: "RequestTimeTooSkewed"})
	_, err := list(c)
	want(t, err, "RequestTimeTooSkewed", "Signature expired")
	w.cloud.Heal()
	w.cloud.Script(awsfake.Fault{Skew: 4 * time.Minute})
	if _, err := list(w.cloudwatch(a, tokyo)); err != nil { // c has learned another time
		t.Errorf("within five minutes: %v", err)
	}
}

func TestSlowAndSilent(t *testing.T) {
	w, _, c := faulty(t)
	w.cloud.Clocks(nil, func(_ context.Context, d time.Duration) error { w.pass(d); return nil })
	w.cloud.Script(awsfake.Fault{Slow: time.Hour, Times: 1})
	if g := tenMinutes(w, c); g.err != nil || !w.now().Equal(noon.Add(time.Hour)) {
		t.Errorf("at %s: %v", w.now(), g.err)
	}
	w.cloud.Script(awsfake.Fault{Silent: true, Times: 1})
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.ListMetrics(ctx, &cloudwatch.ListMetricsInput{}); err == nil || ctx.Err() == nil {
		t.Errorf("answered: %v", err)
	}
}

// The quota of an action is one of each region of each account.
func TestQuota(t *testing.T) {
	w, a, c := faulty(t)
	w.cloud.Limit("cloudwatch:ListMetrics", 2, 5)
	other := w.cloudwatch(w.cloud.Account("222222222222"), tokyo)
	burst := func(c *cloudwatch.Client) (ok int) {
		for range 10 {
			if _, err := list(c); err == nil {
				ok++
			} else {
				want(t, err, "Throttling", "Rate exceeded")
			}
		}
		return ok
	}
	if n := burst(c); n != 5 {
		t.Errorf("%d of a burst", n)
	}
	if n := burst(other); n != 5 {
		t.Errorf("%d of another account's", n)
	}
	w.pass(1500 * time.Millisecond)
	if n := burst(c); n != 3 {
		t.Errorf("%d after 1.5 s", n)
	}
	got := w.cloud.Counts()[awsfake.Count{Account: acct, Region: tokyo, Action: "cloudwatch:ListMetrics"}]
	if got != (awsfake.Total{Calls: 20, Throttled: 12}) {
		t.Errorf("%+v", got)
	}
	w.cloud.Limit("cloudwatch:ListMetrics", 0, 0)
	if n := burst(w.cloudwatch(a, tokyo)); n != 10 {
		t.Errorf("%d without a quota", n)
	}
}

// Two faults of two accounts do not meet.
func TestFaultsByAccount(t *testing.T) {
	w := newWorld(t)
	a, b := w.cloud.Account(acct), w.cloud.Account("222222222222")
	w.cloud.Script(awsfake.Fault{Account: acct, Throttle: true, Until: noon.Add(30 * time.Minute)}, awsfake.Fault{Account: "222222222222", Service: "sts", Down: true})
	_, err := list(w.cloudwatch(a, tokyo))
	want(t, err, "Throttling", "")
	if _, err = list(w.cloudwatch(b, tokyo)); err != nil {
		t.Error(err)
	}
	_, err = sts.NewFromConfig(w.config(keysOf(b), tokyo)).GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
	want(t, err, "ServiceUnavailable", "")
	w.pass(30 * time.Minute)
	if _, err = list(w.cloudwatch(a, tokyo)); err != nil {
		t.Error(err)
	}
}

// What no client sends is refused, not answered with a crash.
func TestBadInput(t *testing.T) {
	w := newWorld(t)
	w.cloud.Account(acct)
	for name, x := range map[string]struct{ auth, kind, target, smithy, path, body string }{
		"scope":     {auth: "AKIA" + acct, body: "Action=ListMetrics"},
		"operation": {auth: "AKIA" + acct + "/20261120/x/monitoring/aws4_request", body: "Action=DeleteEverything"},
		"service":   {auth: "AKIA" + acct + "/20261120/x/nothing/aws4_request", body: "Action=ListMetrics"},
		"json":      {auth: "AKIA" + acct + "/20261120/x/ssm/aws4_request", target: "AmazonSSM.GetOpsItem", body: "[1"},
		"cbor":      {auth: "AKIA" + acct + "/20261120/x/monitoring/aws4_request", smithy: "rpc-v2-cbor", path: "/a/GetMetricData", body: "\xbf\x69StartTime"},
		"empty":     {auth: "AKIA" + acct + "/20261120/x/monitoring/aws4_request", smithy: "rpc-v2-cbor", path: "/a/GetMetricData"},
		"form":      {auth: "AKIA" + acct + "/20261120/x/monitoring/aws4_request", body: "%zz"},
		"deep":      {auth: "AKIA" + acct + "/20261120/x/monitoring/aws4_request", body: strings.Repeat("a.", 100) + "b=1"},
	} {
		r := httptest.NewRequest("POST", "/"+strings.TrimPrefix(x.path, "/"), strings.NewReader(x.body))
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+x.auth+", SignedHeaders=host, Signature=x")
		if x.target != "" {
			r.Header.Set("X-Amz-Target", x.target)
		}
		if x.smithy != "" {
			r.Header.Set("Smithy-Protocol", x.smithy)
		}
		rec := httptest.NewRecorder()
		w.cloud.ServeHTTP(rec, r)
		if rec.Code != 400 {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
}
