// Package opsitem keeps an OpsItem of AWS Systems Manager OpsCenter for each
// thread: opened when it fires, changed as it goes on, resolved when it is over.
package opsitem

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/awssink"
)

// Config is one OpsCenter.
type Config struct {
	Name     string // of the sink, by which the outbox knows it; "" = "opsitem" and the region
	Region   string // "" = the SDK's own
	Source   string // of the items; "" = kizashi
	Endpoint string // replaces AWS's own, for emulators and VPC endpoints: a URL
}

// Sink keeps the items of one region.
type Sink struct {
	name   string
	source string
	client *ssm.Client
}

// New reads the usual AWS configuration for credentials. It sends nothing.
func New(ctx context.Context, c Config) (*Sink, error) {
	if c.Source == "" {
		c.Source = "kizashi"
	}
	if err := checkSource(c.Source); err != nil {
		return nil, fmt.Errorf("opsitem %q: %w", c.Name, err)
	}
	ac, err := awssink.Load(ctx, c.Region, c.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("opsitem %q: %w", c.Name, err)
	}
	if ac.Region == "" {
		return nil, fmt.Errorf("opsitem %q: region is missing", c.Name)
	}
	if c.Name == "" {
		c.Name = "opsitem " + ac.Region
	}
	return &Sink{name: c.Name, source: c.Source, client: ssm.NewFromConfig(ac)}, nil
}

// Name is the sink's.
func (s *Sink) Name() string { return s.name }

// lasting are the codes that speak of what was sent. Missing rights and a full
// OpsCenter are for somebody to mend.
var lasting = []string{"OpsItemInvalidParameterException", "ValidationException"}

// Send is SendKept for a caller that keeps nothing.
func (s *Sink) Send(ctx context.Context, n alert.Notification) error {
	_, err := s.SendKept(ctx, n, "")
	return err
}

// SendKept opens the thread's item, or brings it up to date; what is kept is
// the item's id. The end of a thread that has no item is nothing to tell. An
// item that was opened, and whose answer was lost, is found by the thread's id;
// for one that somebody deleted another is opened.
func (s *Sink) SendKept(ctx context.Context, n alert.Notification, kept string) (string, error) {
	id, err := s.tell(ctx, n, kept)
	var gone *types.OpsItemNotFoundException
	if kept != "" && errors.As(err, &gone) {
		id, err = s.tell(ctx, n, "")
	}
	if err != nil {
		err = awssink.Failed(ctx, s.name, "alert "+n.Alert.ID, err, lasting...)
	}
	return id, err
}

// tell returns the id of the item that it told, "" for none.
func (s *Sink) tell(ctx context.Context, n alert.Notification, id string) (string, error) {
	if id == "" {
		var err error
		if id, err = s.find(ctx, threadOf(n)); err != nil {
			return "", err
		}
	}
	switch {
	case id != "":
		return id, s.update(ctx, id, n)
	case stateOf(n) == kizashi.Firing:
		return s.create(ctx, n)
	case n.Thread != nil && n.Thread.Reason == alert.ReasonTest: // of nothing, so that it is over at once
		id, err := s.create(ctx, n)
		if err == nil {
			err = s.update(ctx, id, n)
		}
		return id, err
	}
	return "", nil
}

// find returns the id of the thread's item; "" = there is none.
func (s *Sink) find(ctx context.Context, thread string) (string, error) {
	value, err := alert.JSON(map[string]string{"key": threadKey, "value": thread})
	if err != nil {
		return "", err
	}
	out, err := s.client.DescribeOpsItems(ctx, &ssm.DescribeOpsItemsInput{OpsItemFilters: []types.OpsItemFilter{{
		Key: types.OpsItemFilterKeyOperationalData, Operator: types.OpsItemFilterOperatorEqual, Values: []string{string(value)},
	}}})
	if err != nil || len(out.OpsItemSummaries) == 0 {
		return "", err
	}
	return aws.ToString(out.OpsItemSummaries[0].OpsItemId), nil
}

// create opens an item. One that is there already, for the list of items is
// behind, is brought up to date.
func (s *Sink) create(ctx context.Context, n alert.Notification) (string, error) {
	t := s.textOf(n)
	out, err := s.client.CreateOpsItem(ctx, &ssm.CreateOpsItemInput{
		Title: &t.title, Description: &t.description, Source: &s.source, Severity: &t.severity, Priority: &t.priority,
		Category: aws.String("Availability"), OperationalData: t.data,
	})
	var there *types.OpsItemAlreadyExistsException
	if errors.As(err, &there) && aws.ToString(there.OpsItemId) != "" {
		return *there.OpsItemId, s.update(ctx, *there.OpsItemId, n)
	}
	if err != nil {
		return "", err
	}
	return aws.ToString(out.OpsItemId), nil
}

func (s *Sink) update(ctx context.Context, id string, n alert.Notification) error {
	t := s.textOf(n)
	in := &ssm.UpdateOpsItemInput{
		OpsItemId: &id, Title: &t.title, Description: &t.description, Severity: &t.severity, Priority: &t.priority, OperationalData: t.data,
		Status: types.OpsItemStatusOpen,
	}
	if stateOf(n) == kizashi.Resolved {
		in.Status = types.OpsItemStatusResolved
	}
	_, err := s.client.UpdateOpsItem(ctx, in)
	return err
}

func threadOf(n alert.Notification) string {
	if n.Thread != nil {
		return n.Thread.ID
	}
	return n.Alert.ID
}

func stateOf(n alert.Notification) kizashi.AlertState {
	if n.Thread != nil {
		return n.Thread.State
	}
	return n.Alert.State
}
