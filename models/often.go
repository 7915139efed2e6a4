package models

import "unsafe"

// How much of a state, from its beginning on, a sample within an hour looks at
// (detect.Often): of the rest only an hour's begin does, and now and then a sample.

// Often is all but what is new, and the hour's.
func (s *noveltyState) Often() uintptr {
	return unsafe.Offsetof(s.words) + unsafe.Offsetof(s.words.news)
}

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

// Often is, of what is evaluated with nearly every sample, also the near half of the
// tail.
func (s *spanned[S, N]) often() uintptr {
	n := unsafe.Offsetof(s.calibrated) + unsafe.Offsetof(s.calibrated.Tail)
	if s.kind == levelSpan {
		n += unsafe.Sizeof(s.Tail) / 2
	}
	return n
}

// Often is all but the tail, where a sample is hardly the last of its block.
func (s *levelState[S, N]) Often() uintptr { return s.often() }

// Often is all but the tail: a sample is hardly the last of its block.
func (s *varianceState) Often() uintptr { return unsafe.Offsetof(s.spanned) + s.often() }
