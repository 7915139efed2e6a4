package sns

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/awssink"
)

const (
	// maxMessage is SNS's default limit of a message with its attributes, in
	// bytes. We count the subject too, though SNS does not say that it does.
	maxMessage = 262144
	// maxSubject: SNS wants "less than 100 characters".
	maxSubject = 99
	// maxID of a FIFO topic's group and deduplication ids.
	maxID = 128
)

// Message is the body of the plain format.
type Message = awssink.Body

// input is the whole request.
func (s *Sink) input(n alert.Notification) (*awssns.PublishInput, error) {
	in := &awssns.PublishInput{
		TopicArn: aws.String(s.topic), Subject: aws.String(subject(n)), MessageAttributes: attributes(n),
	}
	if s.fifo {
		// One group a thread, whichever of its alerts leads, so that its end cannot
		// overtake its beginning.
		in.MessageGroupId = aws.String(fifoID(threadOf(n)))
		in.MessageDeduplicationId = aws.String(fifoID(n.DedupKey))
	}
	body, err := s.body(n, maxMessage-size(in))
	in.Message = aws.String(body)
	return in, err
}

// size is what the request weighs without its body.
func size(in *awssns.PublishInput) int {
	n := len(*in.Subject)
	for name, a := range in.MessageAttributes {
		n += len(name) + len(*a.DataType) + len(*a.StringValue)
	}
	return n
}

func threadOf(n alert.Notification) string {
	if n.Thread != nil {
		return n.Thread.ID
	}
	return n.Alert.ID
}

// maxAttribute in bytes: a filter policy that is longer nobody writes.
const maxAttribute = 1000

// attributes are what a subscription's filter policy can ask for. An alert
// without a severity has its field of that name, else its class, so that a
// policy on it misses none.
func attributes(n alert.Notification) map[string]types.MessageAttributeValue {
	out := map[string]types.MessageAttributeValue{}
	for name, v := range map[string]string{
		"tenant": n.Alert.Tenant, "class": n.Alert.Class, "state": string(n.Alert.State),
		"severity": cmp.Or(n.Severity.String(), n.Fields["severity"], n.Alert.Class),
	} {
		if v = awssink.Head(awssink.Printable(alert.Clean(v)), maxAttribute); v != "" { // SNS refuses an empty one
			out[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(v)}
		}
	}
	return out
}

// subject is state and title in printable ASCII. A title in another script
// says nothing in ASCII: then it is what the alert itself says.
func subject(n alert.Notification) string {
	title := ascii(n.Title)
	if title == "" || strings.ContainsFunc(n.Title, func(r rune) bool { return r > '~' }) {
		a := n.Alert
		title = ascii(strings.Join([]string{a.Tenant, kizashi.Meta{Labels: a.Labels}.Name(), a.Side.String(), a.ID}, " "))
	}
	s := title
	if state := strings.ToUpper(ascii(string(n.Alert.State))); state != "" {
		s = "[" + state + "] " + title
	}
	return strings.TrimSpace(s[:min(len(s), maxSubject)])
}

// ascii drops all but printable ASCII and joins what white space separates.
func ascii(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t':
			return ' '
		case r < ' ', r > '~':
			return -1
		}
		return r
	}, s)), " ")
}

// fifoID makes an id of a FIFO topic: the key, or its hash where SNS would
// not take the key (1 to 128 of printable ASCII without a space).
func fifoID(key string) string {
	fine := key != "" && len(key) <= maxID && strings.IndexFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
	if fine {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}
