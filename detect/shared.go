package detect

import (
	"encoding/json"
	"sync"

	"github.com/kizashi-ops/kizashi"
)

// settings are those that series have: one of each, as most have the same.
type settings struct {
	mu   sync.Mutex
	have map[string]*kizashi.Settings // by their JSON
}

// mostShared settings are remembered; with more of them, as targets change from day
// to day, sharing begins anew.
const mostShared = 1 << 12

// share returns settings like set, which nobody changes.
func (h *settings) share(set kizashi.Settings) *kizashi.Settings {
	b, err := json.Marshal(set)
	if err != nil { // a number that JSON has no word for: they are shared with nobody
		return &set
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.have[string(b)]; s != nil {
		return s
	}
	if len(h.have) >= mostShared || h.have == nil {
		h.have = map[string]*kizashi.Settings{}
	}
	h.have[string(b)] = &set
	return &set
}
