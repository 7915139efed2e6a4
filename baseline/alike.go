package baseline

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

// Alike is a sample's score as it can be held against those of series like this one:
// how far it lies from what its quarter of the day usually has, whatever season is in
// force, in the series' unit, whatever transform is, and so many scales. Two that move
// together may well have chosen differently, where the choice is a near thing; what
// they share would not cancel.
func (s *State) Alike(smp *kizashi.Sample, v *View) float64 {
	slot := &s.rec.Slots[v.Slot]
	scale, usual := slot.Scale*s.rec.Daily, v.usual
	if off := slot.Off[daily]; off != 0 {
		usual = s.back(slot.Center + float64(off)*slot.Scale)
	}
	if s.Log {
		scale *= 1 + math.Abs(usual) // the transform's slope there
	}
	return (smp.Value - usual) / scale
}

// asDaily is what the daily season is off by, in terms of the one in force; 1 where
// either is not known.
func (s *State) asDaily() float64 {
	errors := &s.Error
	if s.Season == weekly {
		errors = &s.Error2
	}
	if in := errors[s.Season]; in > 0 && errors[daily] > 0 {
		return errors[daily] / in
	}
	return 1
}
