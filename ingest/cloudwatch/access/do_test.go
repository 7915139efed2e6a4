package access_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// always gives monitoring the same answer.
func always(status int, code, text string) func(request) answer {
	return func(q request) answer {
		if listed(q) {
			return answer{status, code, text, time.Time{}}
		}
		return answer{}
	}
}

func TestCauses(t *testing.T) {
	region := kizashi.Cause{Kind: kizashi.NoRegion}
	for _, c := range []struct {
		status     int
		code, text string
		cause      kizashi.Cause
		says       string
		calls      int
	}{
		{403, "AccessDeniedException", "not authorized to perform: cloudwatch:ListMetrics", kizashi.Cause{Kind: kizashi.NoPermission, Name: "cloudwatch:ListMetrics"}, role, 1},
		{403, "UnauthorizedOperation", "You are not authorized. Encoded authorization failure message: 8fK2", kizashi.Cause{Kind: kizashi.NoPermission, Name: "cloudwatch:ListMetrics"}, role, 1},
		{403, "OptInRequired", "The AWS Access Key Id needs a subscription for the service", region, "region ap-northeast-1 is not enabled in this account", 1},
		{401, "AuthFailure", "AWS was not able to validate the provided access credentials", region, "region ap-northeast-1 is not enabled in this account (or the credentials do not reach it)", 2},
		{403, "UnrecognizedClientException", "The security token included in the request is invalid", region, "is not enabled", 2},
		{403, "SignatureDoesNotMatch", "The request signature does not match.\nThe Canonical String for this request should have been: token-of-the-role", kizashi.Cause{Kind: kizashi.NoCredentials, Name: role}, role, 1},
		{500, "InternalError", "of role-secret-of-the-test and of token-of-the-role", region, "of *** and of ***", 5},
		{500, "InternalFailure", "Request ID: 0a1b2c3d-0000-4000-8000-0123456789ab", region, "InternalFailure", 5},
		{400, "ThrottlingException", "Rate exceeded", region, "Rate exceeded", 10},
		{400, "ValidationError", "no such thing", region, "no such thing", 1},
	} {
		t.Run(c.code, func(t *testing.T) {
			d := newDesk(t)
			d.say = always(c.status, c.code, c.text)
			var told []access.Call
			s := d.open(func(_ *access.Account, o *access.Options) { o.OnCall = func(c access.Call) { told = append(told, c) } })
			f := failure(t, list(t.Context(), s.Region(tokyo)), c.cause, c.says, "call cloudwatch:ListMetrics", "region ap-northeast-1")
			for _, never := range []string{"8fK2", "0a1b2c3d", "token-of-the-role", "role-secret-of-the-test", "127.0.0.1"} {
				if strings.Contains(f.Error(), never) {
					t.Errorf("%q says %s", f, never)
				}
			}
			if again := list(t.Context(), s.Region(tokyo)); again.Error() != f.Error() {
				t.Errorf("the second time %q, the first %q", again, f)
			}
			n := 0
			for _, call := range told {
				if call.Action == "cloudwatch:ListMetrics" {
					n++
				}
				if call.Account != "111122223333" || call.Tenant != "acme" || call.Region != tokyo {
					t.Errorf("told of %+v", call)
				}
			}
			if n != 2*c.calls || n != d.count(listed) {
				t.Errorf("told of %d calls, %d came in, want twice %d", n, d.count(listed), c.calls)
			}
		})
	}
}

// A token that is not taken in one region, and is in another, is good: the
// region is not enabled. Where it is taken nowhere, the credentials are bad.
func TestKeyThatServesElsewhere(t *testing.T) {
	d := newDesk(t)
	own := func(a *access.Account, _ *access.Options) { a.Role, a.ExternalID = "", "" }
	d.say = func(q request) answer {
		if q.region != osaka {
			return answer{403, "UnrecognizedClientException", "The security token included in the request is invalid", time.Time{}}
		}
		return answer{}
	}
	s := d.open(own)
	failure(t, list(t.Context(), s.Region(tokyo)), kizashi.Cause{Kind: kizashi.NoCredentials}, "AWS does not take the credentials")
	must(t, list(t.Context(), s.Region(osaka)))
	failure(t, list(t.Context(), s.Region(tokyo)), kizashi.Cause{Kind: kizashi.NoRegion}, "region ap-northeast-1 is not enabled")
}

// Nobody listens: the text names no port, and stays the same.
func TestNobodyListens(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	d := newDesk(t)
	r := d.open(func(a *access.Account, _ *access.Options) { a.Endpoint, a.Role, a.ExternalID = s.URL, "", "" }).Region(tokyo)
	f := failure(t, list(t.Context(), r), kizashi.Cause{Kind: kizashi.NoRegion}, "connection refused")
	if strings.Contains(f.Error(), s.URL[7:]) {
		t.Errorf("%q names the address", f)
	}
}

// The machine's clock is wrong: the first signature is refused, the SDK learns
// the time from the answer, and the next attempt is taken.
func TestClockThatIsWrong(t *testing.T) {
	for _, code := range []string{"RequestTimeTooSkewed", "SignatureDoesNotMatch", "InvalidSignatureException", "RequestExpired"} {
		t.Run(code, func(t *testing.T) {
			d := newDesk(t)
			real := time.Now().Add(3 * time.Hour) // what AWS has, while this machine is behind
			d.say = func(q request) answer {
				if listed(q) && q.at.Before(real.Add(-15*time.Minute)) {
					return answer{403, code, "Signature expired: 20261120T120000Z is now earlier than 20261120T150000Z", real}
				}
				return answer{}
			}
			r := d.open(nil).Region(tokyo)
			must(t, list(t.Context(), r))
			if n := d.count(listed); n != 2 {
				t.Errorf("%d calls, want a refused one and one that is taken", n)
			}
		})
	}
}

// No second sees more than the share of the quota; throttling slows down and
// loses nothing; afterwards the rate grows back.
func TestBucket(t *testing.T) {
	d := newDesk(t)
	r := d.open(nil).Region(tokyo)
	per := func(n int) float64 {
		from := d.clock.Now()
		for range n {
			must(t, list(t.Context(), r))
		}
		return float64(n-1) / d.clock.Now().Sub(from).Seconds()
	}
	if got := per(300); got > 7.5 || got < 6.5 {
		t.Errorf("%.2f calls/s, want at most 30 %% of 25", got)
	}
	n := 0
	d.say = func(q request) answer {
		if n++; listed(q) && n%2 == 0 && n < 20 {
			return answer{400, "ThrottlingException", "Rate exceeded", time.Time{}}
		}
		return answer{}
	}
	if got := per(20); got > 3 {
		t.Errorf("%.2f calls/s while it is throttled", got)
	}
	if per(200); per(100) < 6.5 {
		t.Error("the rate does not grow back")
	}
}

// One account is throttled for ever; another one, of another tenant, goes on
// as if it were alone.
func TestThrottledAccountDelaysNobodyElse(t *testing.T) {
	d := newDesk(t)
	bad, good := &clock{at: noon}, &clock{at: noon}
	session := func(id string, c *clock) *access.Region {
		return d.open(func(a *access.Account, o *access.Options) {
			a.Tenant, a.ID, a.Role = "of-"+id, id, "arn:aws:iam::"+id+":role/kizashi"
			o.Now, o.Sleep = c.Now, c.Sleep
		}).Region(tokyo)
	}
	a, b := session("111122223333", bad), session("444455556666", good)
	keys := map[string]string{} // whose it is
	d.say = func(q request) answer {
		if assumed(q) {
			keys[fmt.Sprintf("ASIA%04d", d.given+1)] = q.form.Get("RoleArn")
		}
		if listed(q) && strings.Contains(keys[q.key], "111122223333") {
			return answer{400, "ThrottlingException", "Rate exceeded", time.Time{}}
		}
		return answer{}
	}
	done := make(chan error)
	go func() { done <- list(t.Context(), a) }()
	for range 100 {
		must(t, list(t.Context(), b))
	}
	if err := <-done; err == nil {
		t.Error("the throttled account was served")
	}
	took := good.Now().Sub(noon)
	if least := time.Duration(float64(99) / 7.5 * float64(time.Second)); took > least*11/10 {
		t.Errorf("100 calls took %s, want about %s", took, least)
	}
	if bad.Now().Sub(noon) < time.Minute {
		t.Errorf("the throttled account gave up after %s", bad.Now().Sub(noon))
	}
}
