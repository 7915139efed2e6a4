package access

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/kizashi-ops/kizashi"
)

// Failure is a call that did not succeed and would not if it were tried again
// now. Its text is the same as long as what is broken is: request ids and
// local ports would make every repetition of one failure look like a new one.
type Failure struct {
	Tenant, Account, Region string
	Action                  string // as IAM names it
	Role                    string // that was assumed, or should be; "" = none
	Cause                   kizashi.Cause
	Code                    string // of AWS; "" = there was no answer
	Text                    string // what was answered
	Err                     error  // nil = the answer was no error, but cannot be
}

// Error names tenant, account, region and call, and where it matters the role.
func (f *Failure) Error() string {
	s := "tenant " + f.Tenant + ", account " + f.Account + ", region " + f.Region + ", call " + f.Action
	if f.Role != "" && (f.Cause.Kind == kizashi.NoPermission || f.Cause.Kind == kizashi.NoCredentials) {
		s += ", role " + f.Role
	}
	return s + ": " + f.Text
}

func (f *Failure) Unwrap() error { return f.Err }

// failure of a call, its cause not judged yet: a region that does not answer.
func (r *Region) failure(action string, err error) *Failure {
	f := &Failure{Tenant: r.s.account.Tenant, Account: r.s.account.ID, Region: r.name, Action: action,
		Role: r.s.account.Role, Cause: kizashi.Cause{Kind: kizashi.NoRegion}, Err: err}
	var api smithy.APIError
	if errors.As(err, &api) {
		f.Code = api.ErrorCode()
	}
	if err != nil {
		f.Text = r.s.clean(plain(err))
	}
	return f
}

// credentials makes it one of credentials.
func (f *Failure) credentials(text string) {
	f.Cause = kizashi.Cause{Kind: kizashi.NoCredentials, Name: f.Role}
	if f.Text != "" {
		text += ": " + f.Text
	}
	f.Text = text
}

// Codes of AWS's services for the same few things.
var (
	denied   = []string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "UnauthorizedAccess", "NotAuthorized"}
	refused  = []string{"InvalidClientTokenId", "UnrecognizedClientException", "UnrecognizedClient", "InvalidAccessKeyId", "AuthFailure"}
	lapsed   = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
	unsigned = []string{"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "IncompleteSignatureException",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException"}
	skewed   = []string{"RequestTimeTooSkewed", "RequestInTheFuture", "RequestExpired"} // EC2 says the last also of lapsed credentials
	disabled = []string{"OptInRequired", "SubscriptionRequiredException", "RegionDisabledException"}
)

// refusedKey says that other credentials might do.
func (f *Failure) refusedKey() bool {
	return slices.Contains(refused, f.Code) || slices.Contains(lapsed, f.Code)
}

// judge says what is broken. key is what the call was signed with.
func (r *Region) judge(f *Failure, k *keys, key string, renewed bool) {
	is := func(codes []string) bool { return slices.Contains(codes, f.Code) }
	assuming := f.Action == "sts:AssumeRole"
	// A key that serves elsewhere, or that STS has just given out, is good: it
	// is the region that does not take it.
	foreign := is(refused) && !assuming && (f.Code == "AuthFailure" || r.s.elsewhere(r.name, key) || renewed && k != r.s.base)
	switch {
	case is(disabled) || foreign:
		f.Text = "region " + r.name + " is not enabled in this account (or the credentials do not reach it): " + f.Text
	case assuming && is(denied):
		f.credentials("the role does not exist, does not trust who asks, or wants another external id")
	case is(refused) || is(lapsed) || is(unsigned):
		f.credentials("AWS does not take the credentials")
	case assuming && f.Code != "" && !throttle(f.Err) && !mayPass(f.Err):
		f.credentials("the role cannot be assumed")
	case is(denied):
		f.Cause = kizashi.Cause{Kind: kizashi.NoPermission, Name: f.Action}
	case is(skewed):
		f.Text = "the clock of this machine is wrong: " + f.Text
	}
}

// named gives a failure to get credentials the call that wanted them.
func named(err error, action string) error {
	var f *Failure
	if errors.As(err, &f) && f.Action == "" {
		g := *f
		g.Action = action
		return &g
	}
	return err
}

// plain is what names the cause of an error.
func plain(err error) string {
	var (
		api      smithy.APIError
		dns      *net.DNSError
		netErr   net.Error
		op       *net.OpError
		response *smithyhttp.ResponseError
		address  *url.Error
		call     *smithy.OperationError
	)
	switch {
	case errors.As(err, &api):
		return answer(api)
	case errors.As(err, &dns):
		return "host " + dns.Name + ": " + dns.Err
	case errors.As(err, &netErr) && netErr.Timeout():
		return "no answer in time"
	case errors.As(err, &op):
		return "connection: " + op.Err.Error()
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was cut"
	case errors.As(err, &response) && response.HTTPStatusCode() > 0:
		return "the answer (HTTP " + http.StatusText(response.HTTPStatusCode()) + ") cannot be read: " + plain(response.Err)
	case errors.As(err, &address):
		return plain(address.Err)
	case errors.As(err, &call):
		return plain(call.Err)
	}
	return err.Error()
}

func answer(api smithy.APIError) string {
	if api.ErrorMessage() == "" {
		return api.ErrorCode()
	}
	return api.ErrorCode() + ": " + api.ErrorMessage()
}

var (
	// What differs from one answer to the next, or repeats the request that
	// was signed, session token included.
	tails = regexp.MustCompile(`(?s)(\s*Encoded authorization failure message:|\s*The Canonical String|\n).*$`)
	ids   = regexp.MustCompile(`(?i)[\s,;(]*\brequest[ -]?id:?\s*[0-9a-f-]{16,}\)?|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`)
	times = regexp.MustCompile(`\b\d{8}T\d{6}Z\b`)
)

// clean takes out of a text what changes between attempts, and what is secret.
func (s *Session) clean(text string) string {
	text = times.ReplaceAllString(ids.ReplaceAllString(tails.ReplaceAllString(text, ""), ""), "(time)")
	for _, secret := range slices.Concat(s.base.secrets(), s.keys.secrets(), []string{s.account.ExternalID}) {
		if len(secret) >= 8 { // a shorter one would be found in words
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return strings.TrimSpace(text)
}

func (k *keys) secrets() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return []string{k.now.SecretAccessKey, k.now.SessionToken}
}
