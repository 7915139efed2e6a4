package awsfake

import (
	"slices"
	"time"
)

// OpsItem is an OpsCenter item.
type OpsItem struct {
	ID, Title, Description, Source     string
	Severity, Category, Status, Type   string
	Priority                           int
	Data                               map[string]string // OperationalData
	Created, Modified                  time.Time
	CreatedBy, LastModifiedBy, Version string
}

// OpsItems returns the items of the region in the order they were made.
func (r *Region) OpsItems() []OpsItem {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clone(r.state.ops)
}
