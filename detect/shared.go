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
	off     []bool // by row: it does not vote
	out     []bool // and it ranks no moments either
	judging []int  // rows that are asked for their votes
	learned []int  // rows that learn
	briefs  []step // what is asked of a sample in short
	learns  []step // and who learns it
	alone   bool   // a row has no word but its vote
}

// step is a row's part of the way of a sample, with what of the row it takes: all in
// one place, as every sample looks at it.
type step struct {
	place
	row    int
	share  float64
	weight float64
	votes  bool // it votes; else it ranks moments alone
	asked  bool // it worked something out for what it learns
}

func (e *Engine) planOf(set *kizashi.Settings) *plan {
	n := len(e.rows)
	p := &plan{Settings: *set, off: make([]bool, n), out: make([]bool, n)}
	for i := range e.rows {
		r := &e.rows[i]
		p.off[i], p.out[i] = r.off(set), slices.Contains(set.Off, r.Name)
		var judge, learn bool
		if m, ok := r.Model.(Idler); ok {
			judge, learn = m.Idle(set)
		}
		s := step{place: e.layout.rows[i], row: i, share: r.Share, weight: r.Weight, votes: !p.off[i], asked: !judge}
		if p.out[i] {
			s.weight = 0
		}
		if !judge {
			p.judging = append(p.judging, i)
			p.briefs = append(p.briefs, s)
			p.alone = p.alone || r.own() || s.short == nil
		}
		if !learn {
			p.learned = append(p.learned, i)
			p.learns = append(p.learns, s)
		}
	}
	return p
}
