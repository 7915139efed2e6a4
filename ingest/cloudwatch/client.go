package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/aws/smithy-go/transport/http/protocol/awsquery"
	"github.com/aws/smithy-go/transport/http/protocol/rpcv2"
	"golang.org/x/time/rate"
)

const (
	callsPerSecond = 10              // a fifth of the service's usual quota, which others share
	slowest        = 0.2             // calls a second that throttling never goes below
	attempts       = 5               // of one call
	backoff        = time.Second     // before the second attempt, then doubled
	patience       = 1 * time.Minute // for one answer
)

// client calls CloudWatch no faster than a token bucket allows. It retries by
// itself, since the SDK's own retries would sleep on a clock of their own.
type client struct {
	aws    *cloudwatch.Client
	http   *http.Client
	bucket *rate.Limiter
	cfg    *Config
}

func newClient(ctx context.Context, cfg *Config) (*client, error) {
	ac, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(cfg.Region),
		awsconfig.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }),
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient()))
	if err != nil {
		return nil, fmt.Errorf("cloudwatch: AWS configuration: %w", err)
	}
	set, err := protocol(cfg.Protocol)
	if err != nil {
		return nil, err
	}
	// The SDK's transport, with what the environment adds to it, in a client of
	// our own, so that closing the source closes its connections.
	hc := &http.Client{Timeout: patience, Transport: wholeBody{http.DefaultTransport}}
	if b, ok := ac.HTTPClient.(*awshttp.BuildableClient); ok {
		hc.Transport = wholeBody{b.GetTransport()}
	}
	c := cloudwatch.NewFromConfig(ac, set, func(o *cloudwatch.Options) {
		o.HTTPClient = hc
		if cfg.Endpoint != "" {
			o.BaseEndpoint = aws.String(cfg.Endpoint)
		}
	})
	return &client{aws: c, http: hc, bucket: rate.NewLimiter(callsPerSecond, callsPerSecond), cfg: cfg}, nil
}

// protocol sets the wire form. The SDK's own is CBOR; emulators may know the
// older ones only.
func protocol(name string) (func(*cloudwatch.Options), error) {
	service := schemas.GraniteServiceVersion20100801
	switch name {
	case "", "cbor":
		return func(o *cloudwatch.Options) { o.Protocol = rpcv2.NewCBOR(service) }, nil
	case "json":
		return func(o *cloudwatch.Options) { o.Protocol = awsjson.New10(service) }, nil
	case "query":
		return func(o *cloudwatch.Options) { o.Protocol = awsquery.New(service) }, nil
	}
	return nil, fmt.Errorf("cloudwatch: protocol %q: want cbor, json or query", name)
}

// call does one call within the bucket, again when that may help.
func (c *client) call(ctx context.Context, op string, do func(context.Context) error) error {
	for n := 1; ; n++ {
		if err := c.wait(ctx); err != nil {
			return err
		}
		err := do(ctx)
		if err == nil {
			c.faster()
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		throttled := retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err).Bool()
		if throttled {
			c.slower()
		}
		if n == attempts || !throttled && !mayPass(err) {
			return fmt.Errorf("%s: %w", op, plain(err))
		}
		pause := backoff << (n - 1)
		c.cfg.Log.Warn("CloudWatch call failed, trying again", "op", op, "attempt", n, "throttled", throttled, "err", plain(err))
		if err := c.cfg.Sleep(ctx, pause/2+rand.N(pause/2)); err != nil {
			return err
		}
	}
}

// mayPass says whether the same call may succeed later.
func mayPass(err error) bool {
	var netErr net.Error
	return errors.As(err, &netErr) || retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err).Bool()
}

// wait takes a token, with up to a tenth of jitter so that the sources of
// many accounts do not call in step.
func (c *client) wait(ctx context.Context) error {
	now := c.cfg.Now()
	d := c.bucket.ReserveN(now, 1).DelayFrom(now)
	if d <= 0 {
		return ctx.Err()
	}
	return c.cfg.Sleep(ctx, d+rand.N(d/10+1))
}

// slower halves the rate, faster lets it grow back by a twentieth a call.
func (c *client) slower() {
	c.bucket.SetLimitAt(c.cfg.Now(), max(c.bucket.Limit()/2, slowest))
}

func (c *client) faster() {
	if l := c.bucket.Limit(); l < callsPerSecond {
		c.bucket.SetLimitAt(c.cfg.Now(), min(l*1.05, callsPerSecond))
	}
}
