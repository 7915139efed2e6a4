package kizashi

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
)

// Season names the profile that a band's center follows.
type Season string

const (
	NoSeason Season = "none"
	Daily24  Season = "daily"
	Weekly   Season = "weekly"
)

// Transform names the scale on which residuals are taken.
type Transform string

const (
	Identity Transform = "identity"
	Log1p    Transform = "log1p" // sign(x) ln(1+|x|)
)

// Forth brings a value to the scale.
func (t Transform) Forth(x float64) float64 {
	if t != Log1p {
		return x
	}
	return math.Copysign(math.Log1p(math.Abs(x)), x)
}

// Back brings it to the series' unit again.
func (t Transform) Back(x float64) float64 {
	if t != Log1p {
		return x
	}
	return math.Copysign(math.Expm1(math.Abs(x)), x)
}

// Tail is what is known of one side of one statistic beyond u, and the limit
// theta that follows from it (docs/method.md):
//
//	xi    = (n (2.05 - 2m/d) + n0 xi0) / (n + n0), clipped to [-0.3, 0.5]
//	sigma = m (1 - xi)
//	L     = ln(lambda R young / w)
//	bent  = min(xi + (L/6)⁴ / (n + 60), 0.5)
//	theta = u + sigma (e^(bent L) - 1)/bent               bent > 0
//	        u + sigma L                                   bent = 0
//	        u + sigma (sqrt(1 + 2aL) - 1)/a, a = -bent (1 - 4 bent)    else
//	        and at least the vote's least
//
// after Pickands' theorem, with L-moments for xi and sigma; the last one is a tail that
// falls off as a normal variable's does, and has no end.
type Tail struct {
	U      float64 `json:"u"`      // threshold of exceedance, in scales
	Lambda float64 `json:"lambda"` // clusters of exceedances a day
	N      float64 `json:"n"`      // decayed number of clusters
	Mean   float64 `json:"m"`      // decayed mean of the clusters' peak excess over U, in scales
	Diff   float64 `json:"d"`      // decayed mean difference between one cluster's peak and the next one's, in scales
	Xi0    float64 `json:"xi0"`    // the prior that ships with the program
	N0     float64 `json:"n0"`     // its weight in clusters
	W      float64 `json:"w"`      // this vote's share of the target
	Least  float64 `json:"least"`  // no limit is nearer, in scales
	Theta  float64 `json:"theta"`  // the limit, in scales
}

// grownDays, decayed, and the prior's one are what a tail must know before its limit
// is set for the target alone: three weeks.
const grownDays = 14

// Young is for how many times as long a period as was asked for a tail's limit is
// set while it knows few days (docs/method.md, section 6): the rate and the excess of
// a few days promise nothing of the weeks to come.
func (t Tail) Young() float64 {
	if t.Lambda <= 0 {
		return 1
	}
	if times := grownDays * t.Lambda / (t.N + 2); times > 1 { // the prior's two clusters came in its one day
		return times
	}
	return 1
}

// Shape is xi, and sigma.
func (t Tail) Shape() (xi, sigma float64) {
	switch xi = (t.N*t.Own() + t.N0*t.Xi0) / (t.N + t.N0); {
	case xi < -.3:
		xi = -.3
	case xi > .5:
		xi = .5
	}
	return xi, t.Mean * (1 - xi)
}

// Own is the shape that the clusters alone show, 0 while there are none. Peaks of
// clusters look lighter than the samples that they are of: of independent ones with an
// exponential tail, four a day, by a twentieth.
func (t Tail) Own() float64 {
	if t.Diff <= 0 || t.N <= 0 {
		return 0
	}
	return 2.05 - 2*t.Mean/t.Diff
}

// Bent is the shape with which a limit is set that is reached once in e^l: how far
// off the true one may be counts the more the further the tail is carried on.
func (t Tail) Bent(xi, l float64) float64 {
	square := l / 6 * (l / 6)
	if xi += square * square / (t.N + 60); xi > .5 {
		return .5
	}
	return xi
}

// Beyond is how far over U, in sigmas, a tail of the shape xi is reached once in
// e^l; 0 where l is not above 0.
func Beyond(xi, l float64) float64 {
	switch {
	case l <= 0:
		return 0
	case xi == 0:
		return l
	case xi < 0:
		a := -xi * (1 - 4*xi)
		return 2 * l / (1 + math.Sqrt(1+2*a*l)) // = (sqrt(1 + 2al) - 1)/a
	}
	return math.Expm1(xi*l) / xi
}

// Slot is a part of the record's hour.
type Slot struct {
	Center float64 `json:"center"` // transformed scale
	Scale  float64 `json:"scale"`  // transformed scale
	Lower  Num     `json:"lower"`  // in the series' unit, after bounds and guard rails; None = no limit
	Upper  Num     `json:"upper"`
	Least  float64 `json:"least"`         // transformed scale: the least and the greatest center of this slot and those
	Most   float64 `json:"most"`          // beside it: between the two a sample is no way off
	Day    int     `json:"day,omitempty"` // of a special day: its place in Record.Special, from 1
}

// Record is what was known of a series when an hour began, frozen for that
// hour: alerts, files, queries and verification all read it.
type Record struct {
	Series    SeriesID  `json:"series"`
	Hour      Time      `json:"hour"`      // [Hour, Hour+1h), event time
	Transform Transform `json:"transform"` //
	Season    Season    `json:"season"`    //
	Period    Duration  `json:"period"`    // the period judged with: declared, or the running median gap
	M         int       `json:"m"`         // band: M of N
	N         int       `json:"n"`
	R         Duration  `json:"r"`
	Slots     [4]Slot   `json:"slots"` // equal parts of the hour, in order of event time
	BandUp    Tail      `json:"band_up"`
	BandDown  Tail      `json:"band_down"`
	SpikeUp   Tail      `json:"spike_up"`
	SpikeDown Tail      `json:"spike_down"`
	SpikeUnit float64   `json:"spike_scale"` // scale of the spike's residual, transformed scale
	Lower     Num       `json:"lower_bound"` // values outside cannot be
	Upper     Num       `json:"upper_bound"`
	Samples   int64     `json:"samples"`    // learned since the first one
	Since     Time      `json:"since"`      // last restart of scale and tails
	Restarts  int       `json:"restarts"`   // how many there were
	Start     Start     `json:"start"`      // from where the recursions can be repeated
	Ready     bool      `json:"ready"`      // its limits count
	Calibrat  bool      `json:"calibrated"` // claimed from 7 days and 20 clusters since the last restart
	Informed  *Informed `json:"informed,omitempty"`
	// Seen is set in a series' first week: only what lies outside of it is told by a
	// vote of band or spike.
	Seen *Seen `json:"seen,omitempty"`
	// Special is set where the slots of Day are of a special kind of days.
	Special []SpecialDay `json:"special,omitempty"`
	// Inherited is set for two weeks where the series started with a copy of
	// another's baseline.
	Inherited *Inherited `json:"inherited,omitempty"`
}

// Seen is the range of all samples before the record's hour, in the series' unit.
type Seen struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Outside says that a value lies beyond all that was seen, on a side; where nothing is
// stated it does.
func (s *Seen) Outside(x float64, side Side) bool {
	switch {
	case s == nil:
		return true
	case side == Down:
		return x < s.Low
	}
	return x > s.High
}

// Informed is the coarser history that had its part in the season and the
// centers of a record, for as long as the series' own weeks are too few.
type Informed struct {
	At    Time `json:"at"`   // from when on
	From  Time `json:"from"` // of the history
	To    Time `json:"to"`
	Hours int  `json:"hours"` // points of an hour in it
}

// Inherited says whose baseline a series started with.
type Inherited struct {
	Series SeriesID `json:"series"` // the donor's
	Name   string   `json:"name"`   // what the donor was called then
	At     Time     `json:"at"`     // the hour of the series' own first sample
	Hours  int64    `json:"hours"`  // observed hours that were in the copy
	Own    int64    `json:"own"`    // observed hours of its own since
}

// SpecialDay is a kind of days that a record is of. Samples of it are judged
// by what the earlier ones did, times Low to High, and are not learned as
// ordinary ones.
type SpecialDay struct {
	Kind string  `json:"kind"`
	Days int     `json:"days"` // earlier ones that are known of this hour of the day
	Low  float64 `json:"low"`  // the fewer are known, the further the two lie apart
	High float64 `json:"high"`
}

// Start refers to the state from which a Record's recursions can be repeated
// over stored samples.
type Start struct {
	At   Time   `json:"at"`
	Hash string `json:"hash"`
}

// SlotAt returns the slot that covers t, which must lie in the record's hour.
func (r *Record) SlotAt(t Time) int { return SlotAt(r.Hour, t) }

// SlotAt returns the slot of the record of an hour that covers t.
func SlotAt(hour, t Time) int {
	const n = len(Record{}.Slots)
	i := int(int64(t-hour) * int64(n) / 3_600_000)
	return min(max(i, 0), n-1)
}

// Checkpoint is a series' learned state at the begin of an hour, in the
// documented JSON form, stored under its hash.
type Checkpoint struct {
	Series SeriesID        `json:"series"`
	At     Time            `json:"at"`
	Hash   string          `json:"hash"` // of State
	State  json.RawMessage `json:"state"`
}

// HashOf is the content hash under which data is stored: "sha256:" and the
// hexadecimal SHA-256 of its JSON.
func HashOf(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("hash of %T: %w", v, err)
	}
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}
