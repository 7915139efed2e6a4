package cloudwatch

import (
	"cmp"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

// Census counts what the last list of an account's region named, and what of
// it is watched.
type Census struct {
	At       time.Time // zero = nothing was listed yet
	Spaces   []Space   // by name
	Untagged int       // resources that nobody tagged
	Blind    []string  // actions that failed: what they would have told is not known
}

// Space is a namespace in a census.
type Space struct {
	Namespace        string
	Metrics, Watched int // metrics that exist; those of them that are read
}

// Census of the last list. It may be asked by any goroutine.
func (s *Source) Census() Census {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.census
}

// count takes the census of a list.
func (s *Source) count(snap *inventory.Snapshot, watched []found) {
	c := Census{At: snap.At}
	read := map[uint64]bool{}
	for _, f := range watched {
		read[f.key] = true
	}
	spaces := map[string]*Space{}
	for _, m := range snap.Metrics {
		x := spaces[m.Namespace]
		if x == nil {
			x = &Space{Namespace: m.Namespace}
			spaces[m.Namespace] = x
		}
		x.Metrics++
		if read[keyOf(m)] {
			x.Watched++
		}
	}
	for _, x := range spaces {
		c.Spaces = append(c.Spaces, *x)
	}
	slices.SortFunc(c.Spaces, func(a, b Space) int { return cmp.Compare(a.Namespace, b.Namespace) })
	for i := range snap.Resources {
		if !snap.Resources[i].Tagged() {
			c.Untagged++
		}
	}
	for _, b := range snap.Blind {
		c.Blind = append(c.Blind, b.Action)
	}
	s.mu.Lock()
	s.census = c
	s.mu.Unlock()
}
