// Package awssink is what the sinks that are AWS services share: the SDK's
// configuration, which errors are worth a retry, and bodies that fit.
package awssink

import (
	"context"
	"errors"
	"fmt"
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
	return c, err
}

// Failed is the error of a send. It is Permanent where the service's code is
// one of lasting: what it says of the place, the message or our rights to it.
// Throttling, faults of the service, missing or expired credentials and the
// network may be tried again.
func Failed(ctx context.Context, sink, what string, err error, lasting ...string) error {
	if e := ctx.Err(); e != nil && !errors.Is(err, e) {
		err = fmt.Errorf("%w: %w", e, err) // the SDK's own error need not wrap it
	}
	err = fmt.Errorf("%s: %s: %w", sink, what, err)
	var coded smithy.APIError
	if errors.As(err, &coded) && slices.Contains(lasting, coded.ErrorCode()) {
		return alert.Permanent{Err: err}
	}
	return err
}
