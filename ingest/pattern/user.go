package pattern

import (
	"errors"
	"fmt"
	"strings"
)

func (m *Miner) known1(id ID) (int32, error) {
	i, ok := m.Lookup(id)
	if !ok || i == OtherIndex {
		return 0, fmt.Errorf("pattern %s: there is none", id)
	}
	return i, nil
}

// Pin keeps a pattern from being evicted.
func (m *Miner) Pin(id ID) error { return m.pin(id, true) }

// Unpin takes it back.
func (m *Miner) Unpin(id ID) error { return m.pin(id, false) }

func (m *Miner) pin(id ID, on bool) error {
	i, err := m.known1(id)
	if err == nil {
		m.pats[i].pinned = on
	}
	return err
}

// Name gives a pattern a name, "" takes it away.
func (m *Miner) Name(id ID, name string) error {
	i, err := m.known1(id)
	if err == nil {
		m.pats[i].name = name
	}
	return err
}

// Merge makes the lines of from count in into, from now on and so far. What
// follows is as if one had found them alike itself: the id is that of the one
// with fewer words. The pattern is pinned.
func (m *Miner) Merge(from, into ID) (ID, error) {
	a, err := m.known1(from)
	if err != nil {
		return 0, err
	}
	b, err := m.known1(into)
	if err != nil {
		return 0, err
	}
	if m.pats[a].apart || m.pats[b].apart {
		return 0, errors.New("a pattern that was split off another is not merged: take the split back")
	}
	m.union(b, a)
	id := m.Resolve(into)
	return id, m.Pin(id) // its skeletons are not found alike again
}

// Seed makes the pattern of a template before its first line, and pins it.
// What varies is <*> in it; it has no header.
func (m *Miner) Seed(template string) (ID, error) {
	text := strings.TrimSpace(template)
	if text == "" {
		return 0, errors.New("template: it is empty")
	}
	if len(text) > MaxBytes {
		return 0, fmt.Errorf("template: %d bytes, at most %d", len(text), MaxBytes)
	}
	m.lx.load([]byte(strings.ReplaceAll(text, wild, "10")))
	m.lx.ready()
	m.lx.lex()
	m.lx.head, m.first = 0, 0
	m.lx.skeletonOf(0, &m.sk)
	if m.sk.words == 0 {
		return 0, fmt.Errorf("template %q: it has no constant word", template)
	}
	id := int32(-1)
	if v := m.tab.get(m.sk.key); v&3 == isNode {
		id = v >> 2
	} else if id, _ = m.miss(0); id < 0 {
		return 0, fmt.Errorf("template %q: there is no room, all patterns are pinned", template)
	}
	p := &m.pats[m.nodes[id].pat]
	p.pinned = true
	if p.sample == nil {
		p.seeded = text
	}
	return p.id, nil
}

// splitKey is a value of a slot that has a pattern of its own.
type splitKey struct {
	of   ID
	slot int32
	hash uint64
}

// Split gives the lines of a pattern that have this value in this slot a
// pattern of their own from now on. It goes with the pattern's id: where that
// becomes another by a merge, the split is over.
func (m *Miner) Split(id ID, slot int32, value string) (ID, error) {
	i, err := m.known1(id)
	if err != nil {
		return 0, err
	}
	p := &m.pats[i]
	if p.apart {
		return 0, fmt.Errorf("pattern %s: it was split off another, and has no slots", id)
	}
	if slot < 0 || int(slot) >= len(p.slots) {
		return 0, fmt.Errorf("pattern %s: slot %d: it has %d", id, slot, len(p.slots))
	}
	if value == "" || len(value) > 256 {
		return 0, fmt.Errorf("pattern %s: a value of %d bytes, want 1 to 256", id, len(value))
	}
	k := splitKey{p.id, slot, hashBytes([]byte(value))}
	if to, ok := m.splits[k]; ok {
		return to, nil
	}
	if m.live >= m.cfg.Patterns {
		if !m.evict(i) {
			return 0, errors.New("there is no room, all other patterns are pinned")
		}
		if j, ok := m.byID[k.of]; !ok || j != i { // what is left was put together anew
			return 0, fmt.Errorf("pattern %s: it became part of another one as room was made: split that", id)
		}
	}
	pi := m.newPattern()
	p = &m.pats[i]
	q := &m.pats[pi]
	q.apart, q.pinned, q.id = true, true, idOf(uint64(p.id)^mix(k.hash+uint64(slot)))
	q.seeded = m.Template(i) + " [" + value + "]"
	m.byID[q.id] = pi
	if m.splits == nil {
		m.splits = map[splitKey]ID{}
	}
	m.splits[k], p.split = q.id, true
	m.changed(p)
	m.emit(Event{Kind: Born, ID: q.id, Index: pi})
	return q.id, nil
}

// divide returns the pattern of a line's value that was split off, or the
// line's own.
func (m *Miner) divide(pi, id int32) int32 {
	p := &m.pats[pi]
	to := pi
	m.walk(m.first, m.nodes[id].mask, func(run, off int, t *token) {
		if run >= int(p.runs) || off >= slotsPerStar || int(p.base[run])+off >= int(p.base[run+1]) {
			return
		}
		k := splitKey{p.id, int32(p.base[run]) + int32(off), hashAt(&m.lx.buf, int(t.s), int(t.e))}
		if q, ok := m.splits[k]; ok && to == pi {
			to = m.byID[q]
		}
	})
	return to
}
