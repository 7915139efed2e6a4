// Package kizashi names the things that flow through the engine. There are
// only a few of them:
//
//   - a [Partition] is a stream of input that shares one clock;
//   - a [Batch] is what a partition delivers: [Sample]s, [Line]s, the
//     [Declaration]s of series, [Command]s of people, its own [Status];
//   - a [Record] is what a series usually does in one hour, frozen before it;
//   - a [Vote] is one detector's word on one sample, a [Verdict] all of them;
//   - an [Alert] is an episode of one series, and its [Justification] is the
//     data from which its threshold can be computed again.
//
// One sample's way: a source makes a Batch; the runner writes it to the
// journal and acknowledges it; the pipeline hands each sample to its series,
// where it is judged against the Record of its hour and then learned; what
// crossed a limit waits for its group's tick and becomes an Alert; the alert
// and its Justification go to the store, and from there to the sinks.
//
// Nothing in this package reads a clock, a file or the network. Instants are
// event time. The package imports the standard library only, and every other
// package may import it.
package kizashi

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Time is an instant of event time in milliseconds since the Unix epoch.
type Time int64

const (
	// Never lies before every sample.
	Never Time = math.MinInt64
	// Forever lies after every sample: the Until of what is closed.
	Forever Time = math.MaxInt64
)

// TimeOf converts t, dropping what is finer than a millisecond.
func TimeOf(t time.Time) Time { return Time(t.UnixMilli()) }

// Add returns t+d. Never and Forever stay what they are.
func (t Time) Add(d time.Duration) Time {
	if t == Never || t == Forever {
		return t
	}
	return t + Time(d.Milliseconds())
}

// Sub returns t-u.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t-u) * time.Millisecond }

// UTC returns t as a time.Time in UTC.
func (t Time) UTC() time.Time { return time.UnixMilli(int64(t)).UTC() }

// Floor returns the last multiple of d, counted from the epoch, that is not
// after t.
func (t Time) Floor(d time.Duration) Time {
	ms := Time(d.Milliseconds())
	r := t % ms
	if r < 0 {
		r += ms
	}
	return t - r
}

// Ceil returns the first multiple of d that is not before t.
func (t Time) Ceil(d time.Duration) Time {
	f := t.Floor(d)
	if f == t {
		return t
	}
	return f.Add(d)
}

// String is RFC 3339 in UTC, with milliseconds only where there are any.
func (t Time) String() string {
	switch t {
	case Never:
		return "never"
	case Forever:
		return "forever"
	}
	return t.UTC().Format("2006-01-02T15:04:05.999Z07:00")
}

// MarshalJSON writes RFC 3339; Never and Forever become null.
func (t Time) MarshalJSON() ([]byte, error) {
	if t == Never || t == Forever {
		return []byte("null"), nil
	}
	return json.Marshal(t.String())
}

// UnmarshalJSON reads RFC 3339; null becomes Never.
func (t *Time) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*t = Never
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return err
	}
	*t = TimeOf(at)
	return nil
}

// Duration is a time.Duration that JSON writes as Go does ("5m0s").
type Duration time.Duration

// MarshalText writes the Go notation.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads the Go notation, and whole days ("28d").
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := ParseDuration(string(b))
	*d = Duration(v)
	return err
}

// ParseDuration is time.ParseDuration that also knows days ("28d") and weeks
// ("2w") standing alone.
func ParseDuration(s string) (time.Duration, error) {
	if n := len(s); n > 1 && (s[n-1] == 'd' || s[n-1] == 'w') {
		v, err := strconv.Atoi(s[:n-1])
		if err != nil {
			return 0, fmt.Errorf("duration %q: want a whole number before %q", s, s[n-1:])
		}
		day := 24 * time.Hour
		if s[n-1] == 'w' {
			day *= 7
		}
		if most := int(math.MaxInt64 / int64(day)); v > most || v < -most {
			return 0, fmt.Errorf("duration %q: the longest is %d%c", s, most, s[n-1])
		}
		return time.Duration(v) * day, nil
	}
	return time.ParseDuration(s)
}

// MaxValue is the largest magnitude of a sample that is judged: 2^120, about
// 10^36. Up to there every sum and difference that a baseline keeps, as a float32 too,
// is a finite number; CloudWatch accepts values up to 2^360, which no unit has a use
// for.
const MaxValue = 0x1p120

// Num is a float64 whose absence (NaN) JSON writes as null. Infinities are
// written as null too: no limit is no number.
type Num float64

// None is the absent number.
func None() Num { return Num(math.NaN()) }

// Ok says whether there is a number.
func (n Num) Ok() bool { f := float64(n); return !math.IsNaN(f) && !math.IsInf(f, 0) }

// MarshalJSON writes the shortest decimal that reads back the same.
func (n Num) MarshalJSON() ([]byte, error) {
	if !n.Ok() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON reads a number, or null as None.
func (n *Num) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = None()
		return nil
	}
	var f float64
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	*n = Num(f)
	return nil
}
