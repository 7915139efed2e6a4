// Package sns publishes notifications to an Amazon SNS topic, and by its
// subscriptions to mail, SQS, Lambda and chat.
package sns

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go"

	"github.com/kizashi-ops/kizashi/alert"
)

// Config is one topic.
type Config struct {
	// Name of the sink, by which the outbox knows it. "" = "sns" and the topic.
	Name string
	// Topic is its ARN. A FIFO topic's ends in ".fifo".
	Topic string
	// Region of the topic. "" = that of the ARN.
	Region string
	// Endpoint replaces AWS's own, for emulators and VPC endpoints: a URL.
	Endpoint string
}

// Sink publishes to one topic.
type Sink struct {
	name   string
	topic  string
	fifo   bool
	client *awssns.Client
}

// New reads the usual AWS configuration (environment, shared files, role of
// the instance) for credentials. It sends nothing.
func New(ctx context.Context, c Config) (*Sink, error) {
	// arn:partition:sns:region:account:name
	arn := strings.Split(c.Topic, ":")
	if len(arn) != 6 || arn[0] != "arn" || arn[2] != "sns" || arn[3] == "" || arn[5] == "" {
		return nil, fmt.Errorf("sns %q: topic is %q, want an ARN: arn:aws:sns:REGION:ACCOUNT:NAME", c.Name, c.Topic)
	}
	if c.Region == "" {
		c.Region = arn[3]
	}
	if c.Name == "" {
		c.Name = "sns " + c.Topic
	}
	ac, err := config.LoadDefaultConfig(ctx, config.WithRegion(c.Region))
	if err != nil {
		return nil, fmt.Errorf("sns %q: %w", c.Name, err)
	}
	client := awssns.NewFromConfig(ac, func(o *awssns.Options) {
		// The lane retries, and remembers over restarts that it has to.
		o.Retryer = aws.NopRetryer{}
		if c.Endpoint != "" {
			o.BaseEndpoint = aws.String(c.Endpoint)
		}
	})
	return &Sink{name: c.Name, topic: c.Topic, fifo: strings.HasSuffix(c.Topic, ".fifo"), client: client}, nil
}

// Name is the sink's.
func (s *Sink) Name() string { return s.name }

// Send publishes. What SNS says of the topic, the message or our rights to it
// is Permanent; throttling, faults of SNS, missing or expired credentials and
// the network may be tried again.
func (s *Sink) Send(ctx context.Context, n alert.Notification) error {
	in, err := s.input(n)
	if err != nil {
		return alert.Permanent{Err: fmt.Errorf("%s: alert %s: %w", s.name, n.Alert.ID, err)}
	}
	if _, err := s.client.Publish(ctx, in); err != nil {
		if e := ctx.Err(); e != nil && !errors.Is(err, e) {
			err = fmt.Errorf("%w: %w", e, err) // the SDK's own error need not wrap it
		}
		err = fmt.Errorf("%s: alert %s: %w", s.name, n.Alert.ID, err)
		if lasting(err) {
			return alert.Permanent{Err: err}
		}
		return err
	}
	return nil
}

// lasting says that SNS would answer the same again.
func lasting(err error) bool {
	var e smithy.APIError
	if !errors.As(err, &e) {
		return false
	}
	switch e.ErrorCode() {
	case "AuthorizationError", "NotFound", "InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid",
		"InvalidSecurity", "KMSAccessDenied", "KMSNotFound":
		return true
	}
	return false
}
