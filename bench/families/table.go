package families

import (
	"fmt"
	"time"
)

// Four are the families of the table. Each is a different way in which a
// limit goes wrong: a plain one, one whose level and noise follow the day, one
// whose samples hang together, one with long tails.
func Four() []string { return []string{"gauss", "seasonal", "ar", "laplace"} }

// Standard is the setting of the table: one-minute series, three weeks of
// learning, 18 that are scored, one false episode in 28 days.
func Standard(family string, series int) Setting {
	return Setting{Family: family, Series: series, Period: time.Minute, Learn: 3, Score: 18, R: 28 * 24 * time.Hour, Seed: 1}
}

// Line of the table: the rate and what is found belong together, for either is
// easily bought with the other.
type Line struct {
	Setting
	Rate
	FourSigma Found // shifts of 15 minutes
	SixSigma  Found
}

// Measure measures a setting's line.
func (s Setting) Measure() (Line, error) {
	l := Line{Setting: s}
	var err error
	if l.Rate, err = s.Clean(); err != nil {
		return l, fmt.Errorf("%s: %w", s.Family, err)
	}
	if l.FourSigma, err = s.Shifts(Shift{4, 15 * time.Minute}); err != nil {
		return l, fmt.Errorf("%s: %w", s.Family, err)
	}
	if l.SixSigma, err = s.Shifts(Shift{6, 15 * time.Minute}); err != nil {
		return l, fmt.Errorf("%s: %w", s.Family, err)
	}
	return l, nil
}

// FirstShare is the share found of the first of each pair.
func (f Found) FirstShare() float64 { return float64(f.First) / float64(f.Of) }

// AgainShare is the share found of the second, the same shift a week later.
func (f Found) AgainShare() float64 { return float64(f.Again) / float64(f.Of) }
