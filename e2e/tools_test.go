package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"

	"github.com/kizashi-ops/kizashi/realtest"
)

// cloud is a real moto with a topic whose messages a queue gets.
type cloud struct {
	t       *testing.T
	url     string
	topic   string
	queue   string
	metrics *cloudwatch.Client
	sqs     *sqs.Client
}

const region = "us-east-1"

func startCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{t: t, url: realtest.Moto(t)}
	keys := credentials.NewStaticCredentialsProvider("test", "test", "")
	c.metrics = cloudwatch.New(cloudwatch.Options{Region: region, BaseEndpoint: &c.url, Credentials: keys},
		func(o *cloudwatch.Options) { o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801) })
	c.sqs = sqs.New(sqs.Options{Region: region, BaseEndpoint: &c.url, Credentials: keys})
	topics := sns.New(sns.Options{Region: region, BaseEndpoint: &c.url, Credentials: keys})
	ctx := context.Background()
	topic, err := topics.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("alerts")})
	if err != nil {
		t.Fatal(err)
	}
	queue, err := c.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("alerts")})
	if err != nil {
		t.Fatal(err)
	}
	c.topic, c.queue = *topic.TopicArn, *queue.QueueUrl
	_, err = topics.Subscribe(ctx, &sns.SubscribeInput{TopicArn: &c.topic, Protocol: aws.String("sqs"),
		Endpoint: aws.String(fmt.Sprintf("arn:aws:sqs:%s:123456789012:alerts", region)), Attributes: map[string]string{"RawMessageDelivery": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// datum is one point of the metric under test.
func datum(at time.Time, v float64) types.MetricDatum {
	return types.MetricDatum{MetricName: aws.String("Latency"), Timestamp: aws.Time(at), Value: aws.Float64(v),
		Dimensions: []types.Dimension{{Name: aws.String("Service"), Value: aws.String("shop")}}}
}

func (c *cloud) put(data ...types.MetricDatum) {
	for len(data) > 0 {
		n := min(len(data), 1000)
		if _, err := c.metrics.PutMetricData(context.Background(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("Acme/Shop"), MetricData: data[:n]}); err != nil {
			c.t.Errorf("PutMetricData: %v", err)
		}
		data = data[n:]
	}
}

// bus makes a bus whose events a queue gets, and returns the queue's URL.
func (c *cloud) bus(name, queue string) string {
	c.t.Helper()
	ctx := context.Background()
	q, err := c.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &queue})
	if err != nil {
		c.t.Fatal(err)
	}
	events := eventbridge.New(eventbridge.Options{Region: region, BaseEndpoint: &c.url, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")})
	if _, err := events.CreateEventBus(ctx, &eventbridge.CreateEventBusInput{Name: &name}); err != nil {
		c.t.Fatal(err)
	}
	if _, err := events.PutRule(ctx, &eventbridge.PutRuleInput{Name: &name, EventBusName: &name, EventPattern: aws.String(`{"source": ["kizashi"]}`)}); err != nil {
		c.t.Fatal(err)
	}
	_, err = events.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: &name, EventBusName: &name,
		Targets: []ebtypes.Target{{Id: &queue, Arn: aws.String(fmt.Sprintf("arn:aws:sqs:%s:123456789012:%s", region, queue))}}})
	if err != nil {
		c.t.Fatal(err)
	}
	return *q.QueueUrl
}

// receive takes what lies in the topic's queue.
func (c *cloud) receive() []string { return c.receiveFrom(c.queue) }

// receiveFrom takes what lies in a queue.
func (c *cloud) receiveFrom(queue string) (bodies []string) {
	out, err := c.sqs.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{QueueUrl: &queue, MaxNumberOfMessages: 10})
	if err != nil {
		c.t.Fatalf("ReceiveMessage: %v", err)
	}
	for _, m := range out.Messages {
		bodies = append(bodies, *m.Body)
		if _, err := c.sqs.DeleteMessage(context.Background(), &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
			c.t.Fatalf("DeleteMessage: %v", err)
		}
	}
	return bodies
}
