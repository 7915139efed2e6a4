package models

import "unsafe"

// How much of a state, from its beginning on, a sample within an hour looks at
// (detect.Often): of the rest only an hour's begin does, and now and then a sample.

// Often is all but the tail and the levels of other hours.
func (s *contextState) Often() uintptr {
	return unsafe.Offsetof(s.calibrated) + unsafe.Offsetof(s.calibrated.Tail)
}

// Often is all but the tail: hardly a sample lies outside.
func (s *extremeState) Often() uintptr {
	return unsafe.Offsetof(s.calibrated) + unsafe.Offsetof(s.calibrated.Tail)
}

// Often is all but the hours of the week.
func (s *silenceState) Often() uintptr { return unsafe.Offsetof(s.weeks) }

// Often is the run in hand.
func (s *stuckState) Often() uintptr { return unsafe.Offsetof(s.runsOfStuck) }
