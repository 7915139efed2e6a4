package dispatch

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// thread is a thread at hand.
type thread struct {
	alert.Thread
	at    map[string]int // where a member stands
	views []*view        // of this pass: members and what may become one
	dirty bool           // something is to be stored
}

func hold(t *alert.Thread) *thread {
	h := &thread{Thread: *t}
	h.reindex()
	return h
}

func (t *thread) reindex() {
	t.at = make(map[string]int, len(t.Members))
	for i := range t.Members {
		t.at[t.Members[i].Alert] = i
	}
}

// over says that nothing of it stands or waits.
func (t *thread) over() bool { return t.State == kizashi.Resolved }

func (t *thread) member(id string) *alert.Member {
	if i, ok := t.at[id]; ok {
		return &t.Members[i]
	}
	return nil
}

func (t *thread) add(m alert.Member) *alert.Member {
	t.at[m.Alert] = len(t.Members)
	t.Members = append(t.Members, m)
	return &t.Members[len(t.Members)-1]
}

// drop removes members.
func (t *thread) drop(which func(*alert.Member) bool) (ids []string) {
	t.Members = slices.DeleteFunc(t.Members, func(m alert.Member) bool {
		if !which(&m) {
			return false
		}
		ids = append(ids, m.Alert)
		return true
	})
	if len(ids) > 0 {
		t.dirty = true
		t.reindex()
	}
	return ids
}

// sorted puts the members in the order of their ids.
func (t *thread) sorted() {
	less := func(a, b alert.Member) int { return strings.Compare(a.Alert, b.Alert) }
	if !slices.IsSortedFunc(t.Members, less) {
		slices.SortFunc(t.Members, less)
		t.reindex()
	}
}

// threadID names a thread: of the lane, the key and the turn that opened it.
func threadID(parts ...any) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%q ", fmt.Sprint(p))
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// key is what a receiver's thread has in common.
func (k *desk) key(v *view) (string, kizashi.Labels) {
	a := &v.e.Alert
	if k.lane.Each {
		return a.ID, nil
	}
	names := k.recv.GroupBy
	if len(names) == 0 {
		names = []string{"group"}
	}
	m := make(map[string]string, len(names))
	for _, n := range names {
		m[n] = v.labels.Get(n)
	}
	ls := kizashi.LabelsOf(m)
	return a.Tenant + " " + ls.String(), ls
}
