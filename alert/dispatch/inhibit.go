package dispatch

import (
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// inhibit finds what is told in this lane only through another alert. A source
// counts if the lane tells it, and if it is not itself held back so: what is
// behind an alert is never behind nothing.
func (k *desk) inhibit(p *pass, cands []*view) {
	k.inhibited, k.behind = nil, nil
	if len(k.d.policy.Inhibit) == 0 {
		return
	}
	all := k.match(p, cands, nil)
	if len(all) == 0 {
		return
	}
	k.inhibited = k.match(p, cands, all)
	k.behind = map[string]int{}
	for target, source := range k.inhibited {
		if t := k.of[target]; t == nil || t.member(target) == nil || t.member(target).Since == 0 {
			k.behind[source]++
		}
	}
}

// match returns a source of each target; those in not are none.
func (k *desk) match(p *pass, cands []*view, not map[string]string) map[string]string {
	out := map[string]string{}
	for i := range k.d.policy.Inhibit {
		rule := &k.d.policy.Inhibit[i]
		sources := map[string]string{}
		for _, v := range cands { // by id: the first of equals stays
			if _, held := not[v.e.Alert.ID]; held || !v.firing() || !rule.Source.Matches(v.labels) || !k.speaks(p, v) {
				continue
			}
			if key := equal(rule.Equal, v); sources[key] == "" {
				sources[key] = v.e.Alert.ID
			}
		}
		if len(sources) == 0 {
			continue
		}
		for _, v := range cands {
			id := v.e.Alert.ID
			if _, done := out[id]; done || !v.firing() || !rule.Target.Matches(v.labels) {
				continue
			}
			if s := sources[equal(rule.Equal, v)]; s != "" && s != id {
				out[id] = s
			}
		}
	}
	return out
}

// speaks says that the lane tells an alert, or told it.
func (k *desk) speaks(p *pass, v *view) bool {
	var m *alert.Member
	t := k.of[v.e.Alert.ID]
	if t != nil {
		m = t.member(v.e.Alert.ID)
	}
	if m != nil && m.Since > 0 && !t.over() {
		return true
	}
	inhibited := k.inhibited
	k.inhibited = nil
	why, _ := k.held(p, v, m)
	k.inhibited = inhibited
	return why == ""
}

func equal(names []string, v *view) string {
	var b strings.Builder
	b.WriteString(v.e.Alert.Tenant)
	for _, n := range names {
		b.WriteByte(0)
		b.WriteString(v.labels.Get(n))
	}
	return b.String()
}

// behindOf counts what a thread's members speak for.
func (k *desk) behindOf(t *thread) (n int) {
	for i := range t.Members {
		if m := &t.Members[i]; m.Since > 0 && m.Turn.State == kizashi.Firing {
			n += k.behind[m.Alert]
		}
	}
	return n
}
