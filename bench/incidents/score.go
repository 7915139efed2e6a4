package incidents

import (
	"slices"
	"time"
)

// Result of one incident.
type Result struct {
	Spec
	Kind    string
	Again   bool
	Found   bool
	Delay   time.Duration // from its begin to the end of the sample that opened the alert
	Models  []string      // whose votes stood within the longest time
	Height  float64       // of a spike, in standard deviations
	Episode int           // alerts that opened within the longest time
}

// Right says that a vote that is meant for the kind stood.
func (r *Result) Right() bool {
	for _, m := range kindOf(r.Kind).Right {
		if slices.Contains(r.Models, m) {
			return true
		}
	}
	return false
}

// Elsewhere is what was said of a scene outside all incidents.
type Elsewhere struct {
	Spec
	Scored   time.Duration  // of all its series, without the stretches of incidents
	Episodes int            // alerts that opened there
	After    int            // alerts that opened in an incident's wake: neither
	By       map[string]int // first vote of Episodes
}

// Group says that the scene is one of several series that belong together.
func (p Spec) Group() bool { return p.track == group }

// Score says what marks are worth.
func (s *Scene) Score(marks []Mark) ([]Result, Elsewhere) {
	results := make([]Result, len(s.Incidents))
	other := Elsewhere{Spec: s.Spec, By: map[string]int{}, Scored: time.Duration(len(s.Values)*(len(s.Values[0])-s.Learned)) * s.Period}
	for i := range s.Incidents {
		in := &s.Incidents[i]
		results[i] = Result{Spec: s.Spec, Kind: in.Kind, Again: in.Again, Height: in.Height}
		other.Scored -= time.Duration(in.Length)*s.Period + kindOf(in.Kind).after()
	}
	for _, m := range marks {
		if m.At < s.Time(s.Learned) {
			continue
		}
		i, within := s.incidentAt(&m)
		switch {
		case i < 0 && m.Opens:
			other.Episodes++
			other.By[m.Models[0]]++
		case i < 0:
		case within:
			results[i].take(s, &s.Incidents[i], &m)
		case m.Opens:
			other.After++
		}
	}
	return results, other
}

// incidentAt returns the incident that explains a mark, and whether the mark
// lies within its longest time; -1 for none.
func (s *Scene) incidentAt(m *Mark) (i int, within bool) {
	for i := range s.Incidents {
		in := &s.Incidents[i]
		from, longest := s.Time(in.At), s.Longest(in)
		if in.Member != m.Member || m.At < from {
			continue
		}
		switch d := m.At.Sub(from); {
		case d < longest || m.Silence && d == longest:
			return i, true
		case d < time.Duration(in.Length)*s.Period+kindOf(in.Kind).after():
			return i, false
		}
	}
	return -1, false
}

func (r *Result) take(s *Scene, in *Incident, m *Mark) {
	for _, name := range m.Models {
		if !slices.Contains(r.Models, name) {
			r.Models = append(r.Models, name)
		}
	}
	if !m.Opens {
		return
	}
	r.Episode++
	if r.Found {
		return
	}
	r.Found, r.Delay = true, m.At.Sub(s.Time(in.At))
	if !m.Silence {
		r.Delay += s.Period
	}
}
