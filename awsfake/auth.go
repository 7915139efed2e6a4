package awsfake

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// kind of an error whose code depends on the service and protocol.
type kind int

const (
	codeValidation kind = iota
	codeDenied
	codeExpired
	codeUnknownKey
	codeSkewed
	codeDisabled
	codeThrottled
	codeUnavailable
)

// codes per family: EC2's, that of the JSON and CBOR services, and that of
// the query services, which CloudWatch keeps in all its protocols.
var codes = map[kind][3]string{
	codeValidation:  {"InvalidParameterValue", "ValidationException", "ValidationError"},
	codeDenied:      {"UnauthorizedOperation", "AccessDeniedException", "AccessDenied"},
	codeExpired:     {"RequestExpired", "ExpiredTokenException", "ExpiredToken"},
	codeUnknownKey:  {"AuthFailure", "UnrecognizedClientException", "InvalidClientTokenId"},
	codeSkewed:      {"RequestExpired", "InvalidSignatureException", "SignatureDoesNotMatch"},
	codeDisabled:    {"OptInRequired", "UnrecognizedClientException", "InvalidClientTokenId"},
	codeThrottled:   {"RequestLimitExceeded", "ThrottlingException", "Throttling"},
	codeUnavailable: {"Unavailable", "ServiceUnavailableException", "ServiceUnavailable"},
}

// code names an error as the service of the call does.
func (c *call) code(k kind) string {
	switch {
	case c.service == "ec2":
		return codes[k][0]
	case c.service == "sts" && k == codeDisabled:
		return "RegionDisabledException"
	case c.service == "sns" && k == codeDenied:
		return "AuthorizationError"
	case c.service == "sns" && k == codeValidation:
		return "InvalidParameter"
	case c.service == "logs" && k == codeValidation:
		return "InvalidParameterException"
	case c.service == "tagging" && k == codeValidation:
		return "InvalidParameterException"
	case c.proto == Query || c.service == "monitoring":
		return codes[k][2]
	}
	return codes[k][1]
}

// prefixes of IAM actions where the scope's service has another name.
var prefixes = map[string]string{"monitoring": "cloudwatch", "tagging": "tag"}

// action as IAM names it, e.g. cloudwatch:GetMetricData.
func (c *call) action() string {
	if p, ok := prefixes[c.service]; ok {
		return p + ":" + c.op
	}
	return c.service + ":" + c.op
}

// identify finds who asks, and for which region and service.
func (c *Cloud) identify(q *request, r *http.Request) error {
	auth := r.Header.Get("Authorization")
	if !strings.HasPrefix(auth, "AWS4-HMAC-SHA256 ") {
		return &failure{http.StatusForbidden, "MissingAuthenticationToken", "the request is not signed"}
	}
	_, scope, _ := strings.Cut(auth, "Credential=")
	scope, _, _ = strings.Cut(scope, ",")
	parts := strings.Split(scope, "/")
	if c.open != nil {
		q.service, q.region = "monitoring", c.open
		return nil
	}
	if len(parts) != 5 || parts[4] != "aws4_request" {
		return &failure{http.StatusBadRequest, "IncompleteSignature", fmt.Sprintf("credential scope %q: want KEY/DATE/REGION/SERVICE/aws4_request", scope)}
	}
	q.service = parts[3]
	c.mu.RLock()
	q.who = c.keys[parts[0]]
	c.mu.RUnlock()
	if q.who == nil || q.who.token != r.Header.Get("X-Amz-Security-Token") {
		return &failure{http.StatusForbidden, q.code(codeUnknownKey), unknownKey[q.service == "ec2"]}
	}
	q.region = q.who.account.Region(parts[2])
	return nil
}

// unknownKey is the text for a key that is not known, for EC2 and elsewhere.
var unknownKey = map[bool]string{
	true:  "AWS was not able to validate the provided access credentials",
	false: "The security token included in the request is invalid.",
}

// maxSkew is how far a signature's time may be off: five minutes, as the
// Signature Version 4 documentation states.
const maxSkew = 5 * time.Minute

// admit refuses what a principal may not do now, in the order AWS checks it:
// time and credentials, region, quota, permission; then scripted errors.
func (c *Cloud) admit(q *request, r *http.Request) error {
	if d := q.effect.skew(); d != 0 && q.who != nil {
		if err := q.skewed(r.Header.Get("X-Amz-Date"), c.wallClock().Add(d)); err != nil {
			return err
		}
	}
	if w := q.who; w != nil {
		if !w.until.IsZero() && (!q.now.Before(w.until) || q.effect.lapsed()) {
			return &failure{statusOf(q.service, http.StatusForbidden), q.code(codeExpired), "The security token included in the request is expired"}
		}
		if !w.account.enabled(q.region.name) {
			return &failure{http.StatusForbidden, q.code(codeDisabled), disabledText(q)}
		}
	}
	if !q.region.take(q.action(), q.now) {
		q.log.Throttled = true
		return throttled(q, "Rate exceeded")
	}
	if err := q.permitted(); err != nil {
		return err
	}
	return q.effect.refusal(q)
}

func (c *Cloud) wallClock() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.wall()
}

// statusOf is 400 for EC2 where others answer a 403 for lapsed credentials.
func statusOf(service string, other int) int {
	if service == "ec2" {
		return http.StatusBadRequest
	}
	return other
}

func throttled(q *request, note string) *failure {
	status := http.StatusBadRequest
	if q.service == "ec2" {
		status = http.StatusServiceUnavailable
	}
	return &failure{status, q.code(codeThrottled), note}
}

func disabledText(q *request) string {
	switch q.service {
	case "ec2":
		return "You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe."
	case "sts":
		return "STS is not activated in this region for account:" + q.who.account.id + ". Your account administrator can activate STS in this region using the IAM Console."
	}
	return unknownKey[false]
}

// stamp is the form of X-Amz-Date.
const stamp = "20060102T150405Z"

// skewCode is the code that a fault with Skew asks for in place of the
// service's own.
func skewCode(f *fault) string {
	if f.Skew == 0 {
		return ""
	}
	return f.Error
}

func (q *request) skewed(date string, clock time.Time) error {
	at, err := time.Parse(stamp, date)
	if err != nil {
		return &failure{http.StatusForbidden, "IncompleteSignature", fmt.Sprintf("Date must be in ISO-8601 'basic format'. Got '%s'.", date)}
	}
	clock = clock.UTC()
	code := cmp.Or(first(q.effect, skewCode), q.code(codeSkewed))
	switch {
	case at.Before(clock.Add(-maxSkew)):
		return &failure{http.StatusForbidden, code, fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 5 min.)",
			date, clock.Add(-maxSkew).Format(stamp), clock.Format(stamp))}
	case at.After(clock.Add(maxSkew)):
		return &failure{http.StatusForbidden, code, fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 5 min.)",
			date, clock.Add(maxSkew).Format(stamp), clock.Format(stamp))}
	}
	return nil
}

// permitted checks IAM. GetCallerIdentity needs no permission.
func (q *request) permitted() error {
	if q.who == nil || q.op == "GetCallerIdentity" {
		return nil
	}
	action := q.action()
	a := q.who.account
	if q.who.role != nil {
		a.mu.RLock()
		revoked := q.who.epoch != q.who.role.epoch
		a.mu.RUnlock()
		if revoked {
			return q.denied(action, "with an explicit deny in an identity-based policy")
		}
	}
	if a.denies(action) {
		return q.denied(action, "because no identity-based policy allows the "+action+" action")
	}
	return nil
}

// denied is AWS's answer to somebody without permission.
func (q *request) denied(action, why string) error {
	text := fmt.Sprintf("User: %s is not authorized to perform: %s %s", q.arn(), action, why)
	if q.service == "ec2" {
		text = "You are not authorized to perform this operation. " + text
	}
	return &failure{http.StatusForbidden, q.code(codeDenied), text}
}

// arn of who asks.
func (q *request) arn() string {
	if q.who == nil {
		return "arn:aws:iam::123456789012:user/kizashi"
	}
	return q.who.arn
}
