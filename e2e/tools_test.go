package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
)

// tool returns the path of an external program. Without it the test is
// skipped, or fails where KIZASHI_REAL=1 asks for the real thing.
func tool(t *testing.T, env, file string) string {
	t.Helper()
	bin := os.Getenv(env)
	if bin == "" {
		bin = filepath.Join("..", ".cache", file)
	}
	if _, err := os.Stat(bin); err != nil {
		if os.Getenv("KIZASHI_REAL") == "1" {
			t.Fatalf("NOT TESTED end to end: %v", err)
		}
		t.Skipf("NOT TESTED end to end: %v; `make tools` installs it, or set %s", err, env)
	}
	return bin
}

// freePort is a port that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return port
}

// launch starts a program and waits until a URL answers. The function
// returned kills it.
func launch(t *testing.T, url, bin string, args ...string) (kill func()) {
	t.Helper()
	cmd := exec.Command(bin, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		_ = cmd.Wait() // it is killed: that it does not end well is known
		close(over)
	}()
	kill = func() {
		_ = cmd.Process.Kill() // a second time there is nobody left
		<-over
	}
	t.Cleanup(kill)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if r, err := http.Get(url); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return kill
			}
		}
	}
	t.Fatalf("%s does not answer at %s", bin, url)
	return nil
}

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
	bin, port := tool(t, "KIZASHI_MOTO", "moto/bin/moto_server"), freePort(t)
	c := &cloud{t: t, url: "http://127.0.0.1:" + port}
	launch(t, c.url+"/moto-api/", bin, "-H", "127.0.0.1", "-p", port)
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

// receive takes what lies in the queue.
func (c *cloud) receive() (bodies []string) {
	out, err := c.sqs.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{QueueUrl: &c.queue, MaxNumberOfMessages: 10})
	if err != nil {
		c.t.Fatalf("ReceiveMessage: %v", err)
	}
	for _, m := range out.Messages {
		bodies = append(bodies, *m.Body)
		if _, err := c.sqs.DeleteMessage(context.Background(), &sqs.DeleteMessageInput{QueueUrl: &c.queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
			c.t.Fatalf("DeleteMessage: %v", err)
		}
	}
	return bodies
}
