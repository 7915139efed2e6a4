package awsfake

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

var _ = register("sns", map[string]handler{"Publish": publish})

// Message is what was published to SNS.
type Message struct {
	ID, Topic, Subject, Text string
	Group, Deduplication     string            // of a FIFO topic
	Attributes               map[string]string // string values, by name
	At                       time.Time
}

// Messages returns what was published in the region, oldest first.
func (r *Region) Messages() []Message {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clone(r.state.messages)
}

// maxMessage is how large a message may be.
const maxMessage = 256 << 10

// publish takes any topic of the region for one that exists. What was
// published to a FIFO topic within five minutes with the same
// MessageDeduplicationId is kept once.
func publish(q *request) (object, error) {
	topic := text(q.in["TopicArn"])
	if topic == "" {
		topic = text(q.in["TargetArn"])
	}
	m := Message{Topic: topic, Subject: text(q.in["Subject"]), Text: text(q.in["Message"]), Group: text(q.in["MessageGroupId"]),
		Deduplication: text(q.in["MessageDeduplicationId"]), Attributes: map[string]string{}, At: q.now}
	parts := strings.Split(topic, ":")
	switch {
	case len(parts) != 6 || parts[2] != "sns":
		return nil, fmt.Errorf("invalid parameter: TopicArn")
	case parts[3] != q.region.name || parts[4] != q.region.account.id:
		return nil, &failure{404, "NotFound", "Topic does not exist"}
	case m.Text == "":
		return nil, fmt.Errorf("invalid parameter: Empty message")
	case len(m.Text) > maxMessage:
		return nil, fmt.Errorf("invalid parameter: Message too long")
	case strings.HasSuffix(topic, ".fifo") && m.Group == "":
		return nil, fmt.Errorf("invalid parameter: The MessageGroupId parameter is required for FIFO topics")
	}
	for _, a := range list(q.in["MessageAttributes"]) {
		m.Attributes[text(dict(a)["Name"])] = text(dict(dict(a)["Value"])["StringValue"])
	}
	q.region.mu.Lock()
	defer q.region.mu.Unlock()
	for _, old := range q.region.state.messages {
		if m.Deduplication != "" && old.Topic == topic && old.Deduplication == m.Deduplication && q.now.Sub(old.At) < 5*time.Minute {
			return object{{"MessageId", old.ID}}, nil
		}
	}
	m.ID = q.cloud.requestID()
	q.region.state.messages = append(q.region.state.messages, m)
	return object{{"MessageId", m.ID}}, nil
}
