package alert

import (
	"context"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Sink delivers notifications to one place. Send returns nil once the place
// has taken it; an error that Permanent wraps is not worth a retry, and one
// that Later wraps says how long the place wants to be left alone. What is
// wrong with the notification is Permanent; what is wrong with the place (it
// is down, our credentials have expired, its address has moved) can be mended
// and is not. No error holds a secret of the sink's configuration.
type Sink interface {
	Name() string
	Send(ctx context.Context, n Notification) error
}

// Keeper is a sink whose place names what it took, and needs the name when it
// is told of the same thread again (a message of Slack to answer under, an
// OpsItem to update). The lane keeps the name in the thread's row (Told.Kept),
// so that it outlives a restart, and calls SendKept instead of Send.
type Keeper interface {
	Sink
	// SendKept is Send with what it returned when this thread was last taken;
	// "" = the thread is new to the place. It returns what is to be kept from
	// now on, also with an error: a place may have taken a part.
	SendKept(ctx context.Context, n Notification, kept string) (string, error)
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
	Rule          Rule              `json:"rule,omitzero"`
	Fields        map[string]string `json:"fields,omitempty"` // further facts by name
	DedupKey      string            `json:"dedup_key"`        // thread and Seq: the same on every retry
}

// Rule is what an alert's limit was taken over, for places that show it as an
// alarm of their own kind.
type Rule struct {
	Statistic string           `json:"statistic,omitempty"` // Average, p99 ...
	Unit      string           `json:"unit,omitempty"`
	Period    kizashi.Duration `json:"period,omitempty"`
	M         int              `json:"m,omitempty"` // samples beyond the limit
	N         int              `json:"n,omitempty"` // of the last N
}

// Permanent marks an error that a retry cannot cure.
type Permanent struct{ Err error }

// Error is the error's own text.
func (p Permanent) Error() string { return p.Err.Error() }

// Unwrap returns the error.
func (p Permanent) Unwrap() error { return p.Err }

// Later marks an error with which a place asks to be left alone for a time, as
// HTTP's 429 and 503 do with Retry-After. It holds for all that the lane has
// to tell the place, not for one notification.
type Later struct {
	Err   error
	After time.Duration // from when Send returned; more than 0, at most LongestAfter
}

// LongestAfter is the longest that a place can hold up its lane by asking:
// whoever answers in its stead must not silence it for a day.
const LongestAfter = time.Hour

// Error is the error's own text.
func (l Later) Error() string { return l.Err.Error() }

// Unwrap returns the error.
func (l Later) Unwrap() error { return l.Err }
