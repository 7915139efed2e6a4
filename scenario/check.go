package scenario

import (
	"fmt"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/verify"
)

// Verify puts every alert of the story before verify, with all its samples,
// and says how many there were. An alert that does not hold is an error.
func (s *Story) Verify() (int, error) {
	samples := verify.NewSamples()
	for id, js := range s.judged {
		var out []kizashi.Sample
		for i := range js {
			out = append(out, kizashi.Sample{Series: id, At: js[i].At, Period: js[i].End.Sub(js[i].At), Value: js[i].Value})
		}
		samples.Add(out)
	}
	n := 0
	for _, t := range s.alerts {
		j, ok := s.just[t.alert.ID]
		if !ok {
			if t.alert.Models[0] == "blind" {
				continue // it is about ourselves, and has no threshold
			}
			return n, fmt.Errorf("alert #%d has no justification", t.number)
		}
		n++
		r := verify.Check(t.alert, j, verify.Config{Data: &verify.Data{Samples: samples.Between,
			Checkpoints: s.checkpoints[j.Meta.Series], Commands: s.commands}})
		if !r.Ok() {
			return n, fmt.Errorf("alert #%d does not verify: %s", t.number, r.Faults[0])
		}
	}
	return n, nil
}
