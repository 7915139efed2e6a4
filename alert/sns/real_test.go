package sns

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
	"github.com/kizashi-ops/kizashi/realtest"
)

// moto is a running moto server with its clients.
type moto struct {
	t   *testing.T
	url string
	sns *awssns.Client
	sqs *sqs.Client
}

func newMoto(t *testing.T) *moto {
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	m := &moto{t: t, url: realtest.Moto(t)}
	ac, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("ap-northeast-1"), config.WithBaseEndpoint(m.url))
	if err != nil {
		t.Fatal(err)
	}
	m.sns, m.sqs = awssns.NewFromConfig(ac), sqs.NewFromConfig(ac)
	return m
}

// until polls; after a minute something is broken, not slow.
func (m *moto) until(what string, f func() bool) {
	m.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(time.Minute); !f(); {
		select {
		case <-tick.C:
		case <-end:
			m.t.Fatalf("never seen that %s", what)
		}
	}
}

// topic makes a topic and a queue that is subscribed to it.
func (m *moto) topic(name string, filter string) (topic, queue string) {
	m.t.Helper()
	ctx := m.t.Context()
	var fifo, fifoQueue map[string]string
	if strings.HasSuffix(name, ".fifo") {
		fifo = map[string]string{"FifoTopic": "true"}
		fifoQueue = map[string]string{"FifoQueue": "true"}
	}
	tp, err := m.sns.CreateTopic(ctx, &awssns.CreateTopicInput{Name: &name, Attributes: fifo})
	if err != nil {
		m.t.Fatal(err)
	}
	q, err := m.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: fifoQueue})
	if err != nil {
		m.t.Fatal(err)
	}
	attrs, err := m.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: q.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{"QueueArn"}})
	if err != nil {
		m.t.Fatal(err)
	}
	sub := &awssns.SubscribeInput{TopicArn: tp.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String(attrs.Attributes["QueueArn"])}
	if filter != "" {
		sub.Attributes = map[string]string{"FilterPolicy": filter}
	}
	if _, err := m.sns.Subscribe(ctx, sub); err != nil {
		m.t.Fatal(err)
	}
	return *tp.TopicArn, *q.QueueUrl
}

// envelope is what SNS puts into a queue.
type envelope struct {
	Subject, Message  string
	MessageAttributes map[string]struct{ Type, Value string }
}

// receive takes n messages from a queue.
func (m *moto) receive(queue string, n int) []envelope {
	m.t.Helper()
	var out []envelope
	m.until(fmt.Sprintf("%d messages are in the queue", n), func() bool {
		r, err := m.sqs.ReceiveMessage(m.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queue, MaxNumberOfMessages: 10})
		if err != nil {
			m.t.Fatal(err)
		}
		for _, msg := range r.Messages {
			var e envelope
			if err := json.Unmarshal([]byte(*msg.Body), &e); err != nil {
				m.t.Fatalf("%v in %s", err, *msg.Body)
			}
			out = append(out, e)
			if _, err := m.sqs.DeleteMessage(m.t.Context(), &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: msg.ReceiptHandle}); err != nil {
				m.t.Fatal(err)
			}
		}
		return len(out) >= n
	})
	return out
}

func (m *moto) sink(topic string) *Sink {
	m.t.Helper()
	s, err := New(m.t.Context(), Config{Topic: topic, Endpoint: m.url})
	if err != nil {
		m.t.Fatal(err)
	}
	return s
}

// TestReal follows an alert from a lane through SNS into SQS.
func TestReal(t *testing.T) {
	m := newMoto(t)
	topic, queue := m.topic("alerts", "")
	outbox := deliver.NewMemory()
	a := sinktest.Notice("a1", 1, kizashi.Firing).Alert
	lane, err := deliver.NewLane(m.sink(topic), deliver.DefaultConfig(), deliver.Deps{Outbox: outbox, Render: func(_ context.Context, t alert.Thread) (alert.Notification, error) {
		return alert.Notification{Alert: alert.AsOf(a, t.Members[0].Turn), Title: "CPU 使用率が高い", Summary: "97.5 % (上限 81.5 %)\n<b>🔥", Lang: "ja", Fields: map[string]string{"severity": "high"}}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	a.To = kizashi.TimeOf(time.Now())
	a.Changed = a.To
	a.State, a.Seq = kizashi.Resolved, 2
	outbox.Put(alert.Alone("", a, 1, time.Now()))
	ctx, stop := context.WithCancel(t.Context())
	stop() // the last pass tells all that is due
	if err := deliver.Run(ctx, t.Context(), lane); err != nil {
		t.Fatal(err)
	}
	got := m.receive(queue, 2)
	for _, e := range got {
		n := read(t, e.Message)
		if n.Alert.State == kizashi.Resolved && n.DedupKey != "a1-2" || n.Alert.State == kizashi.Firing && n.DedupKey != "a1-1" {
			t.Errorf("%s has the key %s", n.Alert.State, n.DedupKey)
		}
		want := fmt.Sprintf("[%s] acme CPUUtilization up a1", strings.ToUpper(string(n.Alert.State)))
		if e.Subject != want || n.Summary != "97.5 % (上限 81.5 %)\n<b>🔥" || n.Justification != "sha256:feed" {
			t.Errorf("subject %q, body %s", e.Subject, e.Message)
		}
		at := e.MessageAttributes
		if at["tenant"].Value != "acme" || at["class"].Value != "act" || at["severity"].Value != "high" || at["state"].Value != string(n.Alert.State) {
			t.Errorf("attributes %v", at)
		}
	}
	if got[0].Message == got[1].Message {
		t.Error("one of the two came twice, the other never")
	}
}

func TestRealLongMessage(t *testing.T) {
	m := newMoto(t)
	topic, queue := m.topic("alerts", "")
	n := sinktest.Notice("a1", 1, kizashi.Firing)
	n.Summary = strings.Repeat("長い", 100_000)
	if err := m.sink(topic).Send(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	got := read(t, m.receive(queue, 1)[0].Message)
	if !got.Truncated || !strings.HasPrefix(n.Summary, got.Summary) || len(got.Summary) < 200_000 {
		t.Errorf("truncated %t, %d bytes of summary came", got.Truncated, len(got.Summary))
	}
}

func TestRealFIFO(t *testing.T) {
	m := newMoto(t)
	topic, queue := m.topic("alerts.fifo", "")
	s := m.sink(topic)
	for _, n := range []alert.Notification{
		sinktest.Notice("a1", 1, kizashi.Firing), sinktest.Notice("a1", 1, kizashi.Firing), sinktest.Notice("a1", 2, kizashi.Resolved),
	} {
		if err := s.Send(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	var keys []string
	for _, e := range m.receive(queue, 2) {
		keys = append(keys, read(t, e.Message).DedupKey)
	}
	if fmt.Sprint(keys) != "[a1-1 a1-2]" {
		t.Errorf("the queue had %v; want the repeat left out and the order kept", keys)
	}
}

func TestRealFilter(t *testing.T) {
	m := newMoto(t)
	topic, queue := m.topic("alerts", `{"state": ["resolved"], "tenant": ["acme"]}`)
	s := m.sink(topic)
	for i, state := range []kizashi.AlertState{kizashi.Firing, kizashi.Resolved} {
		if err := s.Send(t.Context(), sinktest.Notice("a1", i+1, state)); err != nil {
			t.Fatal(err)
		}
	}
	if n := read(t, m.receive(queue, 1)[0].Message); n.Alert.State != kizashi.Resolved {
		t.Errorf("a subscription to what is resolved got %s", n.Alert.State)
	}
}

// Somebody may make the topic yet: the alert waits for it.
func TestRealTopicThatIsNotThere(t *testing.T) {
	m := newMoto(t)
	err := m.sink("arn:aws:sns:ap-northeast-1:123456789012:nobody").Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing))
	if _, permanent := err.(alert.Permanent); err == nil || permanent || !strings.Contains(err.Error(), "NotFound") {
		t.Errorf("published to a topic that is not there: %v", err)
	}
}
