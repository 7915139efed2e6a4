// Package awssink is what the sinks that are AWS services share: the SDK's
// configuration, which errors are worth a retry, and bodies that fit.
package awssink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"

	"github.com/kizashi-ops/kizashi/alert"
)

// Load reads the usual AWS configuration (environment, shared files, role of
// the instance). The endpoint replaces AWS's own, for emulators and VPC
// endpoints; "" leaves it. The SDK makes one attempt a call: the lane retries,
// and remembers over restarts that it has to.
func Load(ctx context.Context, region, endpoint string) (aws.Config, error) {
	c, err := config.LoadDefaultConfig(ctx, config.WithRegion(region), config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }))
	if endpoint != "" {
		c.BaseEndpoint = aws.String(endpoint)
	}
	if c.HTTPClient != nil { // not before: the SDK adds AWS_CA_BUNDLE to its own only
		c.HTTPClient = bounded{c.HTTPClient}
	}
	return c, err
}

// longestAnswer in bytes that is read. The answers to our requests have a few
// hundred.
const longestAnswer = 1 << 20

// bounded cuts answers, which the SDK reads to their end.
type bounded struct{ client aws.HTTPClient }

func (b bounded) Do(r *http.Request) (*http.Response, error) {
	resp, err := b.client.Do(r)
	if err == nil && resp.Body != nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, longestAnswer), resp.Body}
	}
	return resp, err
}

// longestError in characters: it stands in the outbox.
const longestError = 1000

// Failed is the error of a send, one printable line. It wraps nothing but the end
// of ctx. It is Permanent where the service's code is
// one of lasting: what it says of the place, the message or our rights to it.
// Throttling, faults of the service, missing or expired credentials and the
// network may be tried again.
func Failed(ctx context.Context, sink, what string, err error, lasting ...string) error {
	f := failed{text: alert.Cut(alert.Clean(fmt.Sprintf("%s: %s: %v", sink, what, err)), longestError), cause: ctx.Err()} // the SDK's own error need not wrap it
	var coded smithy.APIError
	if errors.As(err, &coded) && slices.Contains(lasting, coded.ErrorCode()) {
		return alert.Permanent{Err: f}
	}
	return f
}

// failed is an error that says no more than its text.
type failed struct {
	text  string
	cause error // the end of a context, or nil
}

func (f failed) Error() string { return f.text }
func (f failed) Unwrap() error { return f.cause }
