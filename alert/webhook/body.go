package webhook

import (
	"maps"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// version of the body. Fields may be added to a version; none is taken away
// or gets another meaning.
const version = 1

// longestBody in bytes: what common receivers take (nginx by default 1 MB,
// API Gateway 10 MB).
const longestBody = 1000 << 10

// Body is what is posted, and what a template is given.
type Body struct {
	Version int                `json:"version"`
	State   kizashi.AlertState `json:"state"`            // of the thread; without one, of the alert
	Reason  alert.Reason       `json:"reason,omitempty"` // why it comes
	Tenant  string             `json:"tenant,omitempty"`
	alert.Notification
	Severity      string `json:"severity,omitempty"`       // critical, warning or notice
	Text          string `json:"text"`                     // the message laid out as plain text
	Truncated     bool   `json:"truncated,omitempty"`      // texts were cut to fit
	TemplateError string `json:"template_error,omitempty"` // why this body comes and not the template's
}

func bodyOf(n alert.Notification) Body {
	b := Body{
		Version: version, State: n.Alert.State, Tenant: n.Alert.Tenant, Notification: n,
		Severity: n.Severity.String(), Text: n.Said().Text(n.Link),
	}
	if n.Thread != nil {
		b.State, b.Reason = n.Thread.State, n.Thread.Reason
	}
	return b
}

// marshal writes the body in at most longestBody bytes. What makes a body too
// long is said in the text too, which is bounded: it is cut, then left out.
func (b Body) marshal() ([]byte, error) {
	for _, cut := range []func(){func() {}, b.shorten, b.drop} {
		cut()
		if out, err := alert.JSON(b); err != nil || len(out) <= longestBody {
			return out, err
		}
	}
	b.Notification = alert.Notification{Alert: kizashi.Alert{ID: b.Alert.ID}, DedupKey: b.DedupKey}
	return alert.JSON(b)
}

func (b *Body) shorten() {
	b.Truncated = true
	b.Message, b.Title, b.Summary = b.Said(), alert.Cut(b.Title, 1000), alert.Cut(b.Summary, 3000)
	b.Fields = maps.Clone(b.Fields)
	for name, v := range b.Fields {
		b.Fields[name] = alert.Cut(v, 1000)
	}
}

func (b *Body) drop() {
	b.Message, b.Fields, b.Thread = alert.Message{}, nil, nil
	b.Alert.Labels, b.Alert.Facts = nil, nil
}
