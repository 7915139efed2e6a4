package calibration

import (
	"time"
)

// Continuous families: a plain one, heavy tails, a skewed one, one whose samples
// hang together, one whose level and noise follow the day, long tails.
func Continuous() []string {
	return []string{"gauss", "t3", "lognormal", "ar", "seasonal", "laplace"}
}

// Counting families: counts of mean 2, 8 and 30.
func Counting() []string { return []string{"poisson", "poisson8", "poisson30"} }

// Rates are the stated ones of the table.
func Rates() []time.Duration { return []time.Duration{7 * 24 * time.Hour, 28 * 24 * time.Hour} }

// Standard is the setting of the table: one-minute series, three weeks of
// learning, 18 that are scored.
func Standard(family string, series int, r time.Duration) Setting {
	return Setting{Family: family, Series: series, Period: time.Minute, Learn: 3, Score: 18, R: r, Seed: 1}
}

// FirstShare is the share found of the first of each pair.
func (f Found) FirstShare() float64 { return float64(f.First) / float64(f.Of) }

// AgainShare is the share found of the second, the same shift a week later.
func (f Found) AgainShare() float64 { return float64(f.Again) / float64(f.Of) }
