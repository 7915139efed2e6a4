package awsfake

import (
	"slices"
	"time"
)

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
