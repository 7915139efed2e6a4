package access_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// noon is when the tests begin.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// clock moves only when somebody sleeps.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return ctx.Err()
}

// environment keeps the machine's own AWS configuration out of the test.
func environment(t *testing.T) {
	for k, v := range map[string]string{"AWS_ACCESS_KEY_ID": "AKIDBASE", "AWS_SECRET_ACCESS_KEY": "base-secret-of-the-test", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"} {
		t.Setenv(k, v)
	}
}

// request is what the emulated AWS got.
type request struct {
	service, region, key string // of the signature
	form                 url.Values
	at                   time.Time // of the signature
}

// answer of the emulated AWS; Status 0 = served.
type answer struct {
	status int
	code   string
	text   string
	date   time.Time // of the header Date; zero = the server's own
}

// desk is an emulated AWS: it gives out credentials of a role and serves empty
// lists, unless say has another answer.
type desk struct {
	t     *testing.T
	clock *clock
	url   string
	life  time.Duration // of the role's credentials

	mu    sync.Mutex
	got   []request
	say   func(request) answer
	given int
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, clock: &clock{at: noon}, life: time.Hour}
	s := httptest.NewServer(d)
	t.Cleanup(s.Close)
	d.url = s.URL
	return d
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_ = r.ParseForm() // CBOR and JSON have no form
	q := request{form: r.Form}
	_, auth, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if scope := strings.Split(strings.Split(auth, ",")[0], "/"); len(scope) == 5 {
		q.key, q.region, q.service = scope[0], scope[2], scope[3]
	}
	q.at, _ = time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	d.got = append(d.got, q)
	if d.say != nil {
		if a := d.say(q); a.status != 0 {
			d.fail(w, q, a)
			return
		}
	}
	switch {
	case q.form.Get("Action") == "AssumeRole":
		d.given++
		fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA%04d</AccessKeyId><SecretAccessKey>role-secret-of-the-test</SecretAccessKey><SessionToken>token-of-the-role</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
			d.given, d.clock.Now().Add(d.life).Format(time.RFC3339))
	case q.form.Get("Action") == "GetCallerIdentity":
		fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::111122223333:assumed-role/r/s</Arn><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	default:
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		fmt.Fprint(w, `{}`)
	}
}

// fail answers in the form of the service's protocol.
func (d *desk) fail(w http.ResponseWriter, q request, a answer) {
	if !a.date.IsZero() {
		w.Header().Set("Date", a.date.UTC().Format(http.TimeFormat))
	}
	if q.service == "sts" {
		w.WriteHeader(a.status)
		fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`, a.code, a.text)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(a.status)
	if err := json.NewEncoder(w).Encode(map[string]string{"__type": a.code, "message": a.text}); err != nil {
		d.t.Error(err)
	}
}

// count of what came in that fits.
func (d *desk) count(fits func(request) bool) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, q := range d.got {
		if fits(q) {
			n++
		}
	}
	return n
}

func assumed(q request) bool { return q.form.Get("Action") == "AssumeRole" }
func listed(q request) bool  { return q.service == "monitoring" }

const role = "arn:aws:iam::111122223333:role/kizashi"

// open a session of account 111122223333 on the desk's clock; edit changes it.
func (d *desk) open(edit func(*access.Account, *access.Options)) *access.Session {
	d.t.Helper()
	environment(d.t)
	a := access.Account{Tenant: "acme", ID: "111122223333", Role: role, ExternalID: "shared-with-acme", Endpoint: d.url, Protocol: "json"}
	o := access.Options{Now: d.clock.Now, Sleep: d.clock.Sleep}
	if edit != nil {
		edit(&a, &o)
	}
	s, err := access.Open(d.t.Context(), a, o)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			d.t.Error(err)
		}
	})
	return s
}

// list makes one call.
func list(ctx context.Context, r *access.Region) error {
	return r.Do(ctx, "cloudwatch:ListMetrics", 0, func(ctx context.Context) error {
		_, err := r.CloudWatch().ListMetrics(ctx, &cloudwatch.ListMetricsInput{})
		return err
	})
}
