package prior

import "testing"

// What a year is like its present improves, most of all a series that was seen
// for a week; one whose year is not is as it is without.
func TestHistoryPaysAndNeverCosts(t *testing.T) {
	const seeds = 6
	alike := map[string]bool{"weekends differ": true, "each day differs": true, "another level last year": true}
	unlike := map[string]bool{"weekends differed last year": true, "another shape last year": true}
	for _, own := range []int{1, 2} {
		var alerts [2]int
		for _, kind := range Kinds() {
			s := Standard(kind, seeds)
			s.Own = own
			f, err := s.Measure()
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d weeks, %s: %+v", own, kind, f)
			if alike[kind] {
				alerts[0], alerts[1] = alerts[0]+f.Alerts[0], alerts[1]+f.Alerts[1]
				if f.Error[1] > .9*f.Error[0] || f.Taken < seeds-1 {
					t.Errorf("%d weeks, %s: error %.4f with the history, %.4f without; taken by %d of %d", own, kind, f.Error[1], f.Error[0], f.Taken, seeds)
				}
			}
			if unlike[kind] && (f.Taken > 0 || f.Error[0] != f.Error[1] || f.Alerts[0] != f.Alerts[1]) {
				t.Errorf("%d weeks, %s: the history is taken by %d: %+v", own, kind, f.Taken, f)
			}
			if f.Worse > 0 {
				t.Errorf("%d weeks, %s: %d series are worse off", own, kind, f.Worse)
			}
		}
		if own == 1 && alerts[1] >= alerts[0] { // by itself it has wide limits at first
			t.Errorf("%d false alerts with the history, %d without", alerts[1], alerts[0])
		}
	}
}
