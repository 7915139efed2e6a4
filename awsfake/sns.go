package awsfake

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
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

// Limits of Publish, as its documentation states them.
const (
	maxMessage = 256 << 10 // bytes of the message and its attributes
	maxSubject = 100       // characters: fewer than that
	maxID      = 128       // characters of a group's and a deduplication id
)

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
	for _, a := range list(q.in["MessageAttributes"]) {
		m.Attributes[text(dict(a)["Name"])] = text(dict(dict(a)["Value"])["StringValue"])
	}
	if err := m.check(q.region); err != nil {
		return nil, err
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

// check refuses what SNS does, in a region's SNS. A FIFO topic here is one
// without ContentBasedDeduplication.
func (m Message) check(r *Region) error {
	parts := strings.Split(m.Topic, ":")
	size := len(m.Text)
	for k, v := range m.Attributes {
		size += len(k) + len(v)
	}
	fifo := strings.HasSuffix(m.Topic, ".fifo")
	switch {
	case len(parts) != 6 || parts[2] != "sns":
		return fmt.Errorf("invalid parameter: TopicArn")
	case parts[3] != r.name || parts[4] != r.account.id:
		return &failure{404, "NotFound", "Topic does not exist"}
	case m.Text == "":
		return fmt.Errorf("invalid parameter: Empty message")
	case !utf8.ValidString(m.Text):
		return fmt.Errorf("invalid parameter: Message is not UTF-8")
	case size > maxMessage:
		return fmt.Errorf("invalid parameter: Message too long")
	case utf8.RuneCountInString(m.Subject) >= maxSubject || !utf8.ValidString(m.Subject) || strings.ContainsFunc(m.Subject, unicode.IsControl):
		return fmt.Errorf("invalid parameter: Subject")
	case fifo && m.Group == "":
		return fmt.Errorf("invalid parameter: The MessageGroupId parameter is required for FIFO topics")
	case fifo && m.Deduplication == "":
		return fmt.Errorf("invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
	case len(m.Group) > maxID || len(m.Deduplication) > maxID:
		return fmt.Errorf("invalid parameter: MessageGroupId and MessageDeduplicationId may have %d characters", maxID)
	}
	return nil
}
