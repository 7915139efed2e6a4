package detect

import (
	"encoding/json"
	"slices"
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
	off     []bool  // by row: it does not vote
	out     []bool  // and it ranks no moments either
	asks    []asked // what it is asked of a sample
	alone   bool    // a row has no word but its vote
	judging []int   // rows that are asked anything
	learned []int   // rows that learn
	unasked []int   // of these, those that are asked nothing
}

// asked is what a row is asked of a sample.
type asked uint8

const (
	nothingAsked asked = iota
	rankAsked
	voteAsked
)

func (e *Engine) planOf(set *kizashi.Settings) *plan {
	n := len(e.rows)
	p := &plan{Settings: *set, off: make([]bool, n), out: make([]bool, n), asks: make([]asked, n)}
	for i := range e.rows {
		r := &e.rows[i]
		p.off[i], p.out[i] = r.off(set), slices.Contains(set.Off, r.Name)
		var judge, learn bool
		if m, ok := r.Model.(Idler); ok {
			judge, learn = m.Idle(set)
		}
		switch {
		case judge || p.off[i] && (r.Weight == 0 || p.out[i]):
		case p.off[i]:
			p.asks[i] = rankAsked
		default:
			p.asks[i] = voteAsked
		}
		if !judge {
			p.judging = append(p.judging, i)
		}
		if p.asks[i] != nothingAsked {
			p.alone = p.alone || r.own() || e.layout.rows[i].short == nil
		}
		if !learn {
			p.learned = append(p.learned, i)
			if judge {
				p.unasked = append(p.unasked, i)
			}
		}
	}
	return p
}
