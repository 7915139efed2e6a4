// Package sns publishes notifications to an Amazon SNS topic, and by its
// subscriptions to mail, SQS, Lambda and chat.
package sns

import (
	"context"
	"fmt"
	"strings"

	awssns "github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/awssink"
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
	// Format of the body: Plain, CloudWatch or Chat. "" = Plain.
	Format Format
}

// Format is how the body of a message is written.
type Format string

const (
	// Plain is the notification as JSON.
	Plain Format = "plain"
	// CloudWatch is what a CloudWatch alarm publishes, for those who parse it.
	CloudWatch Format = "cloudwatch"
	// Chat is a custom notification of Amazon Q Developer in chat applications.
	Chat Format = "chat"
)

// Sink publishes to one topic.
type Sink struct {
	name   string
	topic  string
	fifo   bool
	client *awssns.Client
	body   func(n alert.Notification, limit int) (string, error)
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
	if c.Format == "" {
		c.Format = Plain
	}
	body, ok := formats[c.Format]
	if !ok {
		return nil, fmt.Errorf("sns %q: format is %q, want plain, cloudwatch or chat", c.Name, c.Format)
	}
	ac, err := awssink.Load(ctx, c.Region, c.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("sns %q: %w", c.Name, err)
	}
	return &Sink{name: c.Name, topic: c.Topic, fifo: strings.HasSuffix(c.Topic, ".fifo"), client: awssns.NewFromConfig(ac), body: body}, nil
}

// Name is the sink's.
func (s *Sink) Name() string { return s.name }

// lasting are the codes that speak of the message. What speaks of the topic, of
// its key or of our rights to them is for somebody to mend.
var lasting = []string{"InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid"}

// Send publishes. What SNS says of the message is Permanent; all else, the
// topic, our rights to it, throttling, credentials, the network, may be tried
// again.
func (s *Sink) Send(ctx context.Context, n alert.Notification) error {
	in, err := s.input(n)
	if err != nil {
		return alert.Permanent{Err: fmt.Errorf("%s: alert %s: %w", s.name, n.Alert.ID, err)}
	}
	if _, err := s.client.Publish(ctx, in); err != nil {
		return awssink.Failed(ctx, s.name, "alert "+n.Alert.ID, err, lasting...)
	}
	return nil
}
