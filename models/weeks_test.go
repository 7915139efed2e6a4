package models

import "testing"

// An hour counts as one in which samples come for the week in which one did and
// the two after it, whenever in time that is.
func TestWeeksForgetAfterTwo(t *testing.T) {
	for _, first := range []int16{-300, 0, 2900} {
		var w weeks
		w.mark(167, first)
		w.mark(5, first+1)
		for k, want := range []bool{true, true, true, false, false} {
			if got := w.had(167, first+int16(k)); got != want {
				t.Errorf("from week %d: %d weeks later it is %v", first, k, got)
			}
		}
		if w.mark(5, first+9); w.had(167, first+9) || !w.had(5, first+10) || w.had(6, first+9) {
			t.Errorf("from week %d: after a long gap %+v", first, w)
		}
	}
}
