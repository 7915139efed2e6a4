package baseline

import (
	"encoding/json"
	"fmt"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// heritage is what a state that began as a copy of another's must know of
// that, for as long as it is told.
type heritage struct {
	kizashi.Inherited
	// Origin is the checkpoint that the state began with: what is learned anew
	// from stored samples begins there again.
	Origin json.RawMessage `json:"origin,omitempty"`
}

// Inherit gives a state that has seen no sample a copy of what another one has
// learned: levels, profiles, scales and tails, but nothing of its last samples
// or its hour in progress. It is a restart. Where the other's limits do not
// count yet nothing is copied, and false returned.
func (s *State) Inherit(from *State) bool {
	if s.Hour != kizashi.Never || from.Hour == kizashi.Never || !from.rec.Ready {
		return false
	}
	meta, set, zone, kind, rest := s.meta, s.set, s.zone, s.kind, s.Rest
	*s = *from
	s.meta, s.set, s.zone, s.kind, s.Rest = meta, set, zone, kind, rest
	s.rare = nil
	if r := from.seldom(); r.profiles != nil || r.informed != nil {
		s.rare = &rare{profiles: copies(r.profiles), informed: r.informed}
	}
	s.apart()
	s.clearHour()
	s.Since, s.Restarts, s.Samples = neverOnHour, 1, 0
	s.own().heir = &heritage{Inherited: kizashi.Inherited{Series: from.meta.Series, Name: from.meta.Name(), At: kizashi.Never, Hours: int64(from.Hours)}}
	return true
}

// clearHour drops all that belongs to the hour in progress and to the last
// samples.
func (s *State) clearHour() {
	s.Hour, s.run = kizashi.Never, run{RunFrom: kizashi.Never, LastAt: kizashi.Never}
	s.trouble = nil
	s.Starts, s.Hashes = [2]onHour{}, [2][32]byte{}
	s.rec, s.SpikeN1, s.SpikeAbs1, s.surprise = inForce{}, 0, 0, surprise{}
	for i := range s.Tails {
		t := &s.Tails[i]
		t.Peak, t.Far, t.Last = 0, false, kizashi.Never
		t.Closed, t.FarHour = 0, false
	}
}

// begin starts the first hour of a state that was inherited.
func (s *State) begin(w *Room, h kizashi.Time) {
	s.Since, s.rare.heir.At = hourOf(h), h
	s.fact(w, kizashi.Evidence{Claim: kizashi.ClaimInherited, Text: s.rare.heir.Name, From: h,
		Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()})
}

// inherited is what a record says of it. After two weeks the series has a
// window of its own.
func (s *State) inherited() *kizashi.Inherited {
	heir := s.seldom().heir
	if heir == nil {
		return nil
	}
	if s.Hour.Sub(heir.At) >= window {
		s.rare.heir = nil
		return nil
	}
	in := heir.Inherited
	in.Own = int64(s.Hours) - in.Hours
	return &in
}

// Anew returns the state that s began as: an empty one, or what it inherited.
func (s *State) Anew(meta *kizashi.Meta, set *kizashi.Settings, zone *calendar.Zone) (*State, error) {
	n := New(meta, set, zone)
	heir := s.seldom().heir
	if heir == nil || heir.Origin == nil {
		return n, nil
	}
	was := saved{habits: &habits{}}
	if err := json.Unmarshal(heir.Origin, &was); err != nil {
		return nil, fmt.Errorf("what series %s began with: %w", meta.Series, err)
	}
	n.take(&was)
	n.clearHour()
	n.own().heir = &heritage{Inherited: heir.Inherited}
	return n, nil
}

// Inherited returns the fact that the baseline is another's, if it is.
func (s *State) Inherited() (kizashi.Evidence, bool) {
	if s.Hour == kizashi.Never || s.seldom().heir == nil {
		return kizashi.Evidence{}, false
	}
	in := s.inherited()
	if in == nil {
		return kizashi.Evidence{}, false
	}
	return kizashi.Evidence{Claim: kizashi.ClaimInherited, Text: in.Name, From: in.At, Count: int(in.Own),
		Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()}, true
}
