// Package access is the way to AWS: one Session for each account of a tenant,
// with credentials, call rates and failures of its own, so that what happens
// to one customer's account disturbs no other.
//
// Every request goes through Region.Do: it waits for a token of the (account,
// region, action), tries again where that may help, tells of each request
// that went out, and turns what is left into a Failure that says whom it
// concerns and what is broken.
package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/kizashi-ops/kizashi/arn"
	"github.com/kizashi-ops/kizashi/clock"
)

// DefaultShare of each quota is what a session uses at most: the customer's
// own tools share it.
const DefaultShare = 0.3

// patience is how long one answer may take.
const patience = time.Minute

// Account is one account of one tenant, and how to get there.
type Account struct {
	Tenant     string
	ID         string            // twelve digits; what the credentials must belong to
	Role       string            // ARN to assume; "" = the default credential chain itself
	ExternalID string            // of AssumeRole; "" = none
	Tags       map[string]string // session tags of AssumeRole
	Endpoint   string            // URL of an emulator for every service; "" = AWS
	Protocol   string            // CloudWatch's: cbor (default, the SDK's own), json, query; emulators may know the older ones only
	Share      float64           // of each API's quota, (0, 1]; 0 = DefaultShare
}

// Options of a session; what is nil has a default.
type Options struct {
	Now    func() time.Time                           // nil = time.Now
	Sleep  func(context.Context, time.Duration) error // nil = sleep, or return early with ctx's error
	Log    *slog.Logger                               // nil = silent
	OnCall func(Call)                                 // told of every request that went out, by several goroutines; nil = nobody wants to know
}

// Call is one request that went out, also one that was tried again.
type Call struct {
	Tenant, Account, Region string
	Action                  string // as IAM names it: cloudwatch:GetMetricData
	Metrics                 int    // requested by it
	Throttled, Failed       bool   // a throttled request failed as well
	At                      time.Time
}

// Session is an account that was opened. It is safe for several goroutines.
type Session struct {
	account Account
	opt     Options
	aws     aws.Config // without region and credentials
	http    *http.Client
	base    *keys // who asks
	keys    *keys // who reads: base, or the role that base assumes

	mu      sync.Mutex
	regions map[string]*Region
	home    string            // where questions are asked that belong to no region
	served  map[string]string // by region: the access key that last served there
}

// Open makes a session. It calls nobody: faults of credentials show at the
// first call.
func Open(ctx context.Context, a Account, o Options) (*Session, error) {
	if err := a.check(); err != nil {
		return nil, fmt.Errorf("access: tenant %s, account %s: %w", a.Tenant, a.ID, err)
	}
	if a.Share == 0 {
		a.Share = DefaultShare
	}
	ac, err := awsconfig.LoadDefaultConfig(ctx,
		awsconfig.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }),
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient()))
	if err != nil {
		return nil, fmt.Errorf("access: tenant %s, account %s: AWS configuration: %w", a.Tenant, a.ID, err)
	}
	s := &Session{account: a, opt: o.complete(a), regions: map[string]*Region{}, served: map[string]string{}}
	// The SDK's transport, with what the environment adds to it, in a client
	// of our own, so that closing the session closes its connections.
	s.http = &http.Client{Timeout: patience, Transport: wholeBody{http.DefaultTransport}}
	if b, ok := ac.HTTPClient.(*awshttp.BuildableClient); ok {
		s.http.Transport = wholeBody{b.GetTransport()}
	}
	s.base = &keys{s: s, fetch: chain(ac.Credentials)}
	s.keys = s.base
	if a.Role != "" {
		s.keys = &keys{s: s, fetch: assume}
	}
	s.aws = ac
	s.aws.HTTPClient = s.http
	if a.Endpoint != "" {
		s.aws.BaseEndpoint = aws.String(a.Endpoint)
	}
	return s, nil
}

var (
	accountID = regexp.MustCompile(`^\d{12}$`)
	roleARN   = regexp.MustCompile(`^arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):role/.+$`)
)

func (a Account) check() error {
	switch {
	case a.Tenant == "":
		return errors.New("tenant is missing")
	case !accountID.MatchString(a.ID):
		return errors.New("the account's number has twelve digits")
	case a.Share < 0 || a.Share > 1:
		return fmt.Errorf("share %v: want more than 0 and at most 1", a.Share)
	case a.Role == "" && (a.ExternalID != "" || len(a.Tags) > 0):
		return errors.New("an external id and session tags belong to a role: role is missing")
	}
	if _, err := protocol(a.Protocol); err != nil {
		return err
	}
	if a.Role == "" {
		return nil
	}
	m := roleARN.FindStringSubmatch(a.Role)
	switch {
	case m == nil:
		return fmt.Errorf("role %q: want arn:aws:iam::%s:role/NAME", a.Role, a.ID)
	case m[2] != a.ID:
		return fmt.Errorf("role %q belongs to account %s", a.Role, m[2])
	}
	return nil
}

func (o Options) complete(a Account) Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = clock.Sleep
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.OnCall == nil {
		o.OnCall = func(Call) {}
	}
	o.Log = o.Log.With("tenant", a.Tenant, "account", a.ID)
	return o
}

// Account is what the session was opened with.
func (s *Session) Account() Account { return s.account }

// Close ends the session's connections.
func (s *Session) Close() error {
	s.http.CloseIdleConnections()
	return nil
}

// Identity asks STS whose credentials these are, and says so if they are not
// those of the account.
func (s *Session) Identity(ctx context.Context) (account, arn string, err error) {
	r := s.Region(s.homeRegion())
	var out *sts.GetCallerIdentityOutput
	c := sts.NewFromConfig(r.cfg)
	err = r.Do(ctx, "sts:GetCallerIdentity", 0, func(ctx context.Context) (err error) {
		out, err = c.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		return err
	})
	if err != nil {
		return "", "", err
	}
	account, arn = aws.ToString(out.Account), aws.ToString(out.Arn)
	if account != s.account.ID {
		f := r.failure("sts:GetCallerIdentity", nil)
		f.credentials("the credentials belong to account " + account + " (" + arn + ")")
		return account, arn, f
	}
	return account, arn, nil
}

// homeRegion is the first region that was asked for; before there is one, the
// one that every account of the partition has.
func (s *Session) homeRegion() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.home != "" {
		return s.home
	}
	return always(s.partition(""))
}

// partition of AWS in which the account is: that of its role, else that of a
// region.
func (s *Session) partition(region string) string {
	if m := roleARN.FindStringSubmatch(s.account.Role); m != nil {
		return m[1]
	}
	return arn.Partition(region)
}

// always is a region that no account of the partition can switch off.
func always(partition string) string {
	switch partition {
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	}
	return "us-east-1"
}

// jitter is up to a tenth of d, so that many accounts do not call in step.
func jitter(d time.Duration) time.Duration { return rand.N(d/10 + 1) }
