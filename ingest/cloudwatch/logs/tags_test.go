package logs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
)

// tagging is a world of two groups of which one is chosen by its tag, one is left
// out by it.
func tagging(t *testing.T) *world {
	w := newWorld(t, func(w *world) {
		w.cfg.Rules = []logs.Rule{{Tags: map[string]string{"secret": "yes"}, Skip: true}, {Tags: map[string]string{"team": "shop"}}, {Prefix: "/any"}}
	})
	for name, tags := range map[string]map[string]string{"/a": {"team": "shop"}, "/any/hidden": {"secret": "yes"}} {
		w.region.LogGroup(awsfake.LogGroup{Name: name, Created: noon.Add(-24 * time.Hour), Tags: tags})
	}
	w.ticking("/a", "/any/hidden")
	return w
}

// standing are the series of the journal, by the partition that brought them.
func (w *world) standing() map[kizashi.Partition][]kizashi.Standing {
	out := map[kizashi.Partition][]kizashi.Standing{}
	for _, b := range w.journal {
		for _, d := range b.Declare {
			if k := b.Partition; k.Backfill == "" {
				out[k] = append(out[k], kizashi.Standing{Declaration: d})
			}
		}
	}
	return out
}

// The tags cannot be read when the source is started again: the groups that
// were chosen by them are read on, none ends and no line is missing; those that
// a tag leaves out are not taken in by a rule that comes later.
func TestTagsFailAtARestart(t *testing.T) {
	faults := map[string]awsfake.Fault{"throttled": {Throttle: true}, "down": {Down: true}, "denied": {Deny: true}}
	for name, fault := range faults {
		for _, earlier := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", earlier series known ", earlier), func(t *testing.T) {
				w := tagging(t)
				w.open()
				w.run(noon.Add(10 * time.Minute))
				n := len(w.journal)
				if earlier {
					was := w.standing()
					w.cfg.Earlier = func() map[kizashi.Partition][]kizashi.Standing { return was }
				}
				fault.Op, fault.From, fault.Until = "GetResources", noon.Add(10*time.Minute), noon.Add(22*time.Minute)
				w.cloud.Script(fault)
				w.open()
				w.run(noon.Add(60 * time.Minute))
				s := story(w.journal[n:])
				if slices.ContainsFunc(s, func(l string) bool { return strings.Contains(l, "ended") || strings.Contains(l, "main 2m0s: close") }) {
					t.Errorf("%q", s)
				}
				if !slices.ContainsFunc(s, func(l string) bool { return strings.Contains(l, "out, ") }) {
					t.Errorf("nobody was told: %q", s)
				}
				if got := names(w.journal); !slices.Equal(got, []string{"/a"}) {
					t.Errorf("read: %q", got)
				}
				wantMinutes(t, w.journal, "/a", 0, 118)
				w.check()
			})
		}
	}
}

// The tags cannot be read at the very first start, or later: nothing is taken in
// that a tag may leave out, and what is chosen by a tag waits for it.
func TestTagsFail(t *testing.T) {
	for name, fault := range map[string]awsfake.Fault{"throttled": {Throttle: true}, "denied": {Deny: true}} {
		t.Run(name, func(t *testing.T) {
			w := tagging(t)
			fault.Op, fault.Until = "GetResources", noon.Add(7*time.Minute)
			again := fault
			again.From, again.Until = noon.Add(20*time.Minute), noon.Add(45*time.Minute)
			w.cloud.Script(fault, again)
			w.open()
			w.run(noon.Add(30 * time.Minute))
			w.region.LogGroup(awsfake.LogGroup{Name: "/any/new", Created: noon.Add(30 * time.Minute), Tags: map[string]string{"secret": "yes"}})
			w.ticking("/any/new")
			w.run(noon.Add(100 * time.Minute))
			if got := names(w.journal); !slices.Equal(got, []string{"/a"}) {
				t.Errorf("read: %q", got)
			}
			wantMinutes(t, w.journal, "/a", 10, 158) // its history is an hour from when it was found
			w.check()
		})
	}
}
