package alert

import (
	"context"

	"github.com/kizashi-ops/kizashi"
)

// Sink delivers notifications to one place. Send returns nil once the place
// has taken it; an error that Permanent wraps is not worth a retry.
type Sink interface {
	Name() string
	Send(ctx context.Context, n Notification) error
}

// Notification is what a sink is told of a thread: a summary, the
// justification's hash and a link, never the whole justification.
type Notification struct {
	Alert         kizashi.Alert     `json:"alert"`             // the one that leads: the worst that stands, else the last that ended
	Thread        *Thread           `json:"thread,omitempty"`  // which it is part of
	Severity      Severity          `json:"severity,omitzero"` //
	Message       Message           `json:"message,omitzero"`  // Title and Summary in parts, for a sink that lays out by itself
	Title         string            `json:"title"`             // one line, in Lang
	Summary       string            `json:"summary"`           // a few lines, in Lang
	Lang          string            `json:"lang"`              // en or ja
	Justification string            `json:"justification"`
	Link          string            `json:"link,omitempty"`
	Fields        map[string]string `json:"fields,omitempty"` // further facts by name
	DedupKey      string            `json:"dedup_key"`        // alert id and change: the same on every retry
}

// Permanent marks an error that a retry cannot cure.
type Permanent struct{ Err error }

// Error is the error's own text.
func (p Permanent) Error() string { return p.Err.Error() }

// Unwrap returns the error.
func (p Permanent) Unwrap() error { return p.Err }
