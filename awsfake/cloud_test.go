package awsfake_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
	"github.com/kizashi-ops/kizashi/awsfake"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// world is a cloud on loopback with a clock that the test moves.
type world struct {
	t     *testing.T
	cloud *awsfake.Cloud
	url   string

	mu sync.Mutex
	at time.Time
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, at: noon}
	w.cloud = awsfake.NewCloud(w.now)
	s := httptest.NewServer(w.cloud)
	t.Cleanup(s.Close)
	w.url = s.URL
	return w
}

// keys are credentials for the SDK.
type keys struct{ id, secret, token string }

func (k keys) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: k.id, SecretAccessKey: k.secret, SessionToken: k.token}, nil
}

func keysOf(a *awsfake.Account) keys {
	id, secret := a.Keys()
	return keys{id: id, secret: secret}
}

// plainBody hides from net/http that the SDK's body can write itself: the SDK
// closes the body when an answer begins, and net/http takes what WriteTo then
// says for a failed request and cuts the answer. A fast server shows it.
type plainBody struct{}

func (plainBody) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r = r.Clone(r.Context())
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return http.DefaultTransport.RoundTrip(r)
}

// config of an SDK client; one attempt only.
func (w *world) config(k keys, region string) aws.Config {
	return configAt(w.url, k, region)
}

func configAt(url string, k keys, region string) aws.Config {
	return aws.Config{Region: region, Credentials: k, BaseEndpoint: &url, HTTPClient: &http.Client{Transport: plainBody{}}, Retryer: func() aws.Retryer { return aws.NopRetryer{} }}
}

func (w *world) cloudwatch(a *awsfake.Account, region string) *cloudwatch.Client {
	return cloudwatch.NewFromConfig(w.config(keysOf(a), region))
}

// assume takes a role with the account's keys.
func (w *world) assume(a *awsfake.Account, role, external string) (keys, error) {
	out, err := sts.NewFromConfig(w.config(keysOf(a), tokyo)).AssumeRole(context.Background(), &sts.AssumeRoleInput{RoleArn: &role, ExternalId: &external,
		RoleSessionName: aws.String("session"), Tags: []ststypes.Tag{{Key: aws.String("tenant"), Value: aws.String("acme")}}})
	if err != nil {
		return keys{}, err
	}
	c := out.Credentials
	return keys{*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken}, nil
}

const tokyo = "ap-northeast-1"

// code of an error of the SDK, and its text.
func code(err error) (string, string) {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode(), e.ErrorMessage()
	}
	if err != nil {
		return "", err.Error()
	}
	return "", ""
}

func want(t *testing.T, err error, wantCode, wantText string) {
	t.Helper()
	if c, text := code(err); c != wantCode || !strings.Contains(text, wantText) {
		t.Errorf("got %q %q, want %q %q", c, text, wantCode, wantText)
	}
}

func list(c *cloudwatch.Client) ([]types.Metric, error) {
	out, err := c.ListMetrics(context.Background(), &cloudwatch.ListMetricsInput{})
	if err != nil {
		return nil, err
	}
	return out.Metrics, nil
}

var cpu = awsfake.Metric{Namespace: "AWS/EC2", Name: "CPUUtilization", Dimensions: map[string]string{"InstanceId": "i-1"}}

func TestKeysNameTheAccountAndTheScopeTheRegion(t *testing.T) {
	w := newWorld(t)
	a, b := w.cloud.Account("111111111111"), w.cloud.Account("222222222222")
	a.Region(tokyo).Put(cpu, noon.Add(-time.Hour), 1)
	for _, c := range []struct {
		of     *awsfake.Account
		region string
		want   int
	}{{a, tokyo, 1}, {a, "us-east-1", 0}, {b, tokyo, 0}} {
		if ms, err := list(w.cloudwatch(c.of, c.region)); err != nil || len(ms) != c.want {
			t.Errorf("%s %s: %d metrics, %v, want %d", c.of.ID(), c.region, len(ms), err, c.want)
		}
	}
	_, err := list(cloudwatch.NewFromConfig(w.config(keys{id: "AKIANOBODY"}, tokyo)))
	want(t, err, "InvalidClientTokenId", "security token included in the request is invalid")
	id, err := sts.NewFromConfig(w.config(keysOf(b), tokyo)).GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
	if err != nil || *id.Account != "222222222222" || *id.Arn != "arn:aws:iam::222222222222:user/kizashi" {
		t.Errorf("%v, %v", id, err)
	}
}

func TestRoles(t *testing.T) {
	w := newWorld(t)
	us, customer := w.cloud.Account("111111111111"), w.cloud.Account("222222222222")
	customer.Region(tokyo).Put(cpu, noon.Add(-time.Hour), 1)
	arn := customer.Role("watch", "secret-word")
	_, err := w.assume(us, arn, "other-word")
	want(t, err, "AccessDenied", "User: arn:aws:iam::111111111111:user/kizashi is not authorized to perform: sts:AssumeRole on resource: "+arn)
	_, err = w.assume(us, "arn:aws:iam::222222222222:role/nobody", "")
	want(t, err, "AccessDenied", "role/nobody")
	k, err := w.assume(us, arn, "secret-word")
	if err != nil {
		t.Fatal(err)
	}
	session := cloudwatch.NewFromConfig(w.config(k, tokyo))
	if ms, err := list(session); err != nil || len(ms) != 1 {
		t.Fatalf("%d metrics, %v", len(ms), err)
	}
	if s := customer.Sessions("watch"); len(s) != 1 || s[0].Tags["tenant"] != "acme" || !s[0].Until.Equal(noon.Add(time.Hour)) {
		t.Errorf("sessions %+v", s)
	}

	customer.Deny("cloudwatch:GetMetricData", "cloudwatch:ListMetrics")
	_, err = list(session)
	want(t, err, "AccessDenied", "User: arn:aws:sts::222222222222:assumed-role/watch/session is not authorized to perform: cloudwatch:ListMetrics because no identity-based policy allows")
	customer.Allow("cloudwatch:ListMetrics")

	customer.DisableRegion(tokyo)
	_, err = list(session)
	want(t, err, "InvalidClientTokenId", "invalid")
	customer.EnableRegion(tokyo)

	w.pass(time.Hour)
	_, err = list(session)
	want(t, err, "ExpiredToken", "expired")

	if k, err = w.assume(us, arn, "secret-word"); err != nil {
		t.Fatal(err)
	}
	session = cloudwatch.NewFromConfig(w.config(k, tokyo))
	customer.Revoke("watch")
	_, err = list(session)
	want(t, err, "AccessDenied", "with an explicit deny")
	_, err = w.assume(us, arn, "secret-word")
	want(t, err, "AccessDenied", "sts:AssumeRole")
}
