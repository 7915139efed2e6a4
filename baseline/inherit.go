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
	s.learned, s.profiles = from.learned, copies(from.profiles)
	s.copyHabits()
	s.clearHour()
	s.Since, s.Restarts, s.Samples = kizashi.Never, 1, 0
	s.heir = &heritage{Inherited: kizashi.Inherited{Series: from.meta.Series, Name: from.meta.Name(), At: kizashi.Never, Hours: from.Hours}}
	return true
}

// clearHour drops all that belongs to the hour in progress and to the last
// samples.
func (s *State) clearHour() {
	s.Hour, s.LastAt = kizashi.Never, kizashi.Never
	s.Gaps, s.GapAt = gaps{}, 0
	s.RunMean, s.RunN, s.RunHeld, s.RunAt, s.RunFrom = 0, 0, 0, kizashi.Never, kizashi.Never
	s.Streak, s.StreakSum, s.StreakN = 0, 0, 0
	s.HeldSlots = nil
	s.Starts, s.Hashes, s.from = [2]kizashi.Time{}, [2][32]byte{}, nil
	s.hourly, s.Excluded, s.surprise = hourly{}, 0, surprise{}
	for i := range s.Tails {
		t := &s.Tails[i]
		t.Peak, t.Far, t.Last = 0, false, kizashi.Never
		t.NewN, t.NewS1, t.NewSD, t.FarHour = 0, 0, 0, false
	}
}

// begin starts the first hour of a state that was inherited.
func (s *State) begin(h kizashi.Time) {
	s.Since, s.heir.At = h, h
	s.fact(kizashi.Evidence{Claim: kizashi.ClaimInherited, Text: s.heir.Name, From: h,
		Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()})
}

// inherited is what a record says of it. After two weeks the series has a
// window of its own.
func (s *State) inherited() *kizashi.Inherited {
	if s.heir != nil && s.Hour.Sub(s.heir.At) >= window {
		s.heir = nil
	}
	if s.heir == nil {
		return nil
	}
	in := s.heir.Inherited
	in.Own = s.Hours - in.Hours
	return &in
}

// Anew returns the state that s began as: an empty one, or what it inherited.
func (s *State) Anew(meta *kizashi.Meta, set *kizashi.Settings, zone *calendar.Zone) (*State, error) {
	n := New(meta, set, zone)
	if s.heir == nil || s.heir.Origin == nil {
		return n, nil
	}
	was := saved{learned: learned{habits: &habits{}}}
	if err := json.Unmarshal(s.heir.Origin, &was); err != nil {
		return nil, fmt.Errorf("what series %s began with: %w", meta.Series, err)
	}
	n.learned, n.profiles = was.learned, was.Profiles
	n.clearHour()
	n.heir = &heritage{Inherited: s.heir.Inherited}
	return n, nil
}

// Inherited returns the fact that the baseline is another's, if it is.
func (s *State) Inherited() (kizashi.Evidence, bool) {
	if s.Hour == kizashi.Never || s.heir == nil {
		return kizashi.Evidence{}, false
	}
	in := s.inherited()
	if in == nil {
		return kizashi.Evidence{}, false
	}
	return kizashi.Evidence{Claim: kizashi.ClaimInherited, Text: in.Name, From: in.At, Count: int(in.Own),
		Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()}, true
}
