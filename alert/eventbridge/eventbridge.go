// Package eventbridge puts notifications onto an Amazon EventBridge bus as
// events of source "kizashi".
package eventbridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/awssink"
)

const (
	// Source of every event.
	Source = "kizashi"
	// DetailType of every event: what a rule filters on beside detail.
	DetailType = "Kizashi Alert State Change"
	// maxEntry is what one entry may weigh: PutEvents takes 1 MB in all (SDK),
	// many rules' targets no more than 256 KB, so that we keep to that.
	maxEntry = 262144
)

// Config is one bus.
type Config struct {
	Name     string // of the sink, by which the outbox knows it; "" = "eventbridge" and the bus
	Bus      string // its name or ARN; "" = default
	Region   string // "" = that of the ARN, else the SDK's own
	Endpoint string // replaces AWS's own, for emulators and VPC endpoints: a URL
}

// Sink puts events onto one bus.
type Sink struct {
	name   string
	bus    string
	client *eventbridge.Client
}

// New reads the usual AWS configuration for credentials. It sends nothing.
func New(ctx context.Context, c Config) (*Sink, error) {
	if c.Bus == "" {
		c.Bus = "default"
	}
	if strings.HasPrefix(c.Bus, "arn:") {
		arn := strings.Split(c.Bus, ":") // arn:partition:events:region:account:event-bus/name
		if len(arn) != 6 || arn[2] != "events" || arn[3] == "" || !strings.HasPrefix(arn[5], "event-bus/") {
			return nil, fmt.Errorf("eventbridge %q: bus is %q, want a name or arn:aws:events:REGION:ACCOUNT:event-bus/NAME", c.Name, c.Bus)
		}
		if c.Region == "" {
			c.Region = arn[3]
		}
	}
	if c.Name == "" {
		c.Name = "eventbridge " + c.Bus
	}
	ac, err := awssink.Load(ctx, c.Region, c.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("eventbridge %q: %w", c.Name, err)
	}
	if ac.Region == "" {
		return nil, fmt.Errorf("eventbridge %q: region is missing", c.Name)
	}
	return &Sink{name: c.Name, bus: c.Bus, client: eventbridge.NewFromConfig(ac)}, nil
}

// Name is the sink's.
func (s *Sink) Name() string { return s.name }

// lasting are the codes, of a call or of an entry, that speak of the event. What
// speaks of the bus or of our rights to it is for somebody to mend.
var lasting = []string{"InvalidArgument", "MalformedDetail", "ValidationException"}

// Send puts one event. A call may be answered with 200 and have failed: then
// the entry says so.
func (s *Sink) Send(ctx context.Context, n alert.Notification) error {
	what := "alert " + n.Alert.ID
	entry, err := s.entry(n)
	if err != nil {
		return alert.Permanent{Err: fmt.Errorf("%s: %s: %w", s.name, what, err)}
	}
	out, err := s.client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{entry}})
	if err != nil {
		return awssink.Failed(ctx, s.name, what, err, lasting...)
	}
	for _, e := range out.Entries {
		if e.ErrorCode != nil {
			return s.refused(what, aws.ToString(e.ErrorCode), aws.ToString(e.ErrorMessage))
		}
	}
	if out.FailedEntryCount > 0 || len(out.Entries) != 1 {
		return fmt.Errorf("%s: %s: the answer names %d failed of %d entries", s.name, what, out.FailedEntryCount, len(out.Entries))
	}
	return nil
}

func (s *Sink) refused(what, code, message string) error {
	err := fmt.Errorf("%s: %s: the entry was refused: %s: %s", s.name, what, code, message)
	if slices.Contains(lasting, code) {
		return alert.Permanent{Err: err}
	}
	return err
}

func (s *Sink) entry(n alert.Notification) (types.PutEventsRequestEntry, error) {
	at := n.Alert.From
	if n.Alert.State == kizashi.Resolved {
		at = n.Alert.To
	}
	e := types.PutEventsRequestEntry{
		Source: aws.String(Source), DetailType: aws.String(DetailType), EventBusName: aws.String(s.bus), Time: aws.Time(at.UTC()),
	}
	detail, err := awssink.JSON(n, maxEntry-size(e))
	if err != nil {
		return e, errors.Join(errors.New("the event is too large"), err)
	}
	e.Detail = aws.String(detail)
	return e, nil
}

// size is what the entry weighs without its detail, by the rule of the User
// Guide ("Calculating PutEvents event entry size"): 14 bytes for the time.
func size(e types.PutEventsRequestEntry) int {
	return 14 + len(*e.Source) + len(*e.DetailType) + len(*e.EventBusName)
}
