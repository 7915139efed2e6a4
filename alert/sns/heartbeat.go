package sns

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
)

// Heartbeat publishes that Kizashi works, for a receiver that watches for
// silence. It has no place among alerts: give it a topic of its own, or filter
// on the attribute kind.
type Heartbeat struct {
	sink     *Sink
	instance string
}

// NewHeartbeat is like [New]. The instance tells several Kizashi apart.
func NewHeartbeat(ctx context.Context, c Config, instance string) (*Heartbeat, error) {
	s, err := New(ctx, c)
	if err != nil {
		return nil, err
	}
	return &Heartbeat{sink: s, instance: instance}, nil
}

// Name is that of the topic.
func (h *Heartbeat) Name() string { return h.sink.name }

// Beat publishes one message: {"heartbeat": "kizashi", "instance": ..., "at": ...}.
func (h *Heartbeat) Beat(ctx context.Context, at time.Time) error {
	stamp := at.UTC().Format(time.RFC3339)
	body, err := json.Marshal(map[string]string{"heartbeat": "kizashi", "instance": h.instance, "at": stamp})
	if err != nil {
		return fmt.Errorf("%s: %w", h.sink.name, err)
	}
	in := &awssns.PublishInput{
		TopicArn: aws.String(h.sink.topic), Subject: aws.String("Kizashi works"), Message: aws.String(string(body)),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"kind": {DataType: aws.String("String"), StringValue: aws.String("heartbeat")},
		},
	}
	if h.sink.fifo {
		in.MessageGroupId, in.MessageDeduplicationId = aws.String("heartbeat"), aws.String(fifoID(h.instance+stamp))
	}
	if _, err := h.sink.client.Publish(ctx, in); err != nil {
		return fmt.Errorf("%s: heartbeat: %w", h.sink.name, err)
	}
	return nil
}
