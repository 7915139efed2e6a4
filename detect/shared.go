package detect

import (
	"encoding/json"
	"sync"

	"github.com/kizashi-ops/kizashi"
)

// settings are those that series have: one of each, as most have the same.
type settings struct {
	mu   sync.Mutex
	have map[string]*plan // by their JSON
}

// mostShared settings are remembered; with more of them, as targets change from day
// to day, sharing begins anew.
const mostShared = 1 << 12

// share returns what rows do by settings like set, which nobody changes.
func (e *Engine) share(set kizashi.Settings) *plan {
	h := &e.settings
	b, err := json.Marshal(set)
	if err != nil { // a number that JSON has no word for: they are shared with nobody
		return e.planOf(&set)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.have[string(b)]; s != nil {
		return s
	}
	if len(h.have) >= mostShared || h.have == nil {
		h.have = map[string]*plan{}
	}
	p := e.planOf(&set)
	h.have[string(b)] = p
	return p
}

// plan is what rows do on series with the settings.
type plan struct {
	kizashi.Settings
	off     []bool // by row: it does not vote
	judging []int  // rows that may have an opinion on a sample, or rank it
	learned []int  // rows that learn samples
}

func (e *Engine) planOf(set *kizashi.Settings) *plan {
	p := &plan{Settings: *set, off: make([]bool, len(e.rows))}
	for i := range e.rows {
		r := &e.rows[i]
		p.off[i] = r.off(set)
		var judge, learn bool
		if m, ok := r.Model.(Idler); ok {
			judge, learn = m.Idle(set)
		}
		if !judge {
			p.judging = append(p.judging, i)
		}
		if !learn {
			p.learned = append(p.learned, i)
		}
	}
	return p
}
