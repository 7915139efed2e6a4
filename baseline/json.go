package baseline

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/kizashi-ops/kizashi"
)

// A checkpoint is written by hand, byte for byte as encoding/json would: by reflection
// it takes as long as everything else that a series does in half a day.

// append appends what is saved as JSON.
func (s *saved) append(b []byte) []byte {
	b = s.appendMoving(s.appendErrors(s.appendCounts(append(b, '{'))))
	b = halves(numbers(b, "day", s.Day[:]), "day_n", s.DayN[:])
	b = halves(numbers(b, "week", s.Week[:]), "week_n", s.WeekN[:])
	b = wholes(numbers(b, "abs", s.Abs[:]), "abs_n", s.AbsN[:])
	b = wholes(wholes(b, "held_days", s.HeldDays[:]), "held_last", s.HeldLast[:])
	b = appendRecent(b, s.Recent)
	b = other(b, "inherited", s.Inherited, s.Inherited == nil)
	b = other(b, "special", s.Profiles, len(s.Profiles) == 0)
	b[len(b)-1] = '}'
	return b
}

func (s *saved) appendCounts(b []byte) []byte {
	b = timeField(timeField(b, "first", s.First), "since", s.Since)
	b = whole(b, "restarts", s.Restarts)
	b = yes(yes(b, "log", s.Log), "lattice", s.Lattice)
	b = whole(whole(whole(b, "season", s.Season), "hours", s.Hours), "samples", s.Samples)
	b = whole(whole(whole(b, "m", s.M), "n", s.N), "period", s.Period)
	gaps := s.Gaps.nanoseconds()
	b = whole(wholes(b, "gaps", gaps[:]), "gap_at", s.GapAt)
	return timeField(b, "last_at", s.LastAt)
}

func (s *saved) appendErrors(b []byte) []byte {
	b = numbers(b, "level", s.Level[:])
	b = number(numbers(b, "error", s.Error[:]), "error_n", s.ErrorN)
	b = number(numbers(b, "error2", s.Error2[:]), "error2_n", s.Error2N)
	b = wholes(b, "pair_hours", s.PairHours[:])
	b = number(number(b, "all_abs", s.AllAbs), "all_n", s.AllN)
	b = number(number(b, "spike_abs", s.SpikeAbs), "spike_n", s.SpikeN)
	b = append(key(b, "tails"), '[')
	for i := range s.Tails {
		b = append(s.Tails[i].appendJSON(b), ',')
	}
	return append(closed(b), ',')
}

func (s *saved) appendMoving(b []byte) []byte {
	b = number(number(whole(b, "streak", s.Streak), "streak_sum", s.StreakSum), "streak_n", s.StreakN)
	b = number(number(b, "run_mean", s.RunMean), "run_off", s.RunOff)
	b = whole(whole(b, "run_n", s.RunN), "run_held", s.RunHeld)
	b = timeField(timeField(b, "run_at", s.RunAt), "run_from", s.RunFrom)
	b = append(key(b, "starts"), '[')
	b = append(appendTime(append(appendTime(b, s.Starts[0]), ','), s.Starts[1]), ']', ',')
	b = other(b, "informed", s.Informed, s.Informed == nil)
	b = other(b, "seen", s.Seen, s.Seen == nil)
	if h := s.habits; h != nil {
		b = wholes(numbers(b, "again", h.Again[:]), "again_day", h.AgainDay[:])
		b = other(b, "recurs", h.Recurs, false)
		b = wholes(numbers(b, "ratio", h.Ratio[:]), "ratio_n", h.RatioN[:])
	}
	return b
}

func (t *Tail) appendJSON(b []byte) []byte {
	b = number(wholes(append(b, '{'), "hist", t.Hist.n[:]), "unit", float32(t.Hist.unit))
	b = number(number(number(b, "histd", t.HistD), "days", t.Days), "n", t.N)
	b = number(number(number(b, "s1", t.S1), "sd", t.SD), "prev", t.Prev)
	b = timeField(number(b, "peak", t.Peak), "last", t.Last)
	b = number(yes(b, "far", t.Far), "u", t.U)
	b[len(b)-1] = '}'
	return b
}

func appendRecent(b []byte, ps []kizashi.Scored) []byte {
	b = append(key(b, "recent"), '[')
	for i := range ps {
		p := &ps[i]
		b = number(timeField(append(b, '{'), "at", p.At), "value", p.Value)
		b = number(number(number(b, "center", p.Center), "scale", p.Scale), "score", p.Score)
		b[len(b)-1] = '}'
		b = append(b, ',')
	}
	return append(closed(b), ',')
}

// closed ends a list: its last comma goes.
func closed(b []byte) []byte {
	if b[len(b)-1] == ',' {
		b = b[:len(b)-1]
	}
	return append(b, ']')
}

// Each of these writes a field with a comma behind it.

func key(b []byte, name string) []byte { return append(append(append(b, '"'), name...), '"', ':') }

func timeField(b []byte, name string, t kizashi.Time) []byte {
	return append(appendTime(key(b, name), t), ',')
}

func yes(b []byte, name string, v bool) []byte {
	return append(strconv.AppendBool(key(b, name), v), ',')
}

type integer interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16
}

func whole[T integer](b []byte, name string, v T) []byte {
	return append(strconv.AppendInt(key(b, name), int64(v), 10), ',')
}

func wholes[T integer](b []byte, name string, vs []T) []byte {
	b = append(key(b, name), '[')
	for _, v := range vs {
		b = append(strconv.AppendInt(b, int64(v), 10), ',')
	}
	return append(closed(b), ',')
}

// halves are numbers of half a byte.
func halves(b []byte, name string, c []uint8) []byte {
	b = append(key(b, name), '[')
	for i := range int32(2 * len(c)) {
		b = append(strconv.AppendInt(b, int64(nibble(c, i)), 10), ',')
	}
	return append(closed(b), ',')
}

func number[T float32 | float64](b []byte, name string, v T) []byte {
	return append(appendNumber(key(b, name), v), ',')
}

func numbers[T float32 | float64](b []byte, name string, vs []T) []byte {
	b = append(key(b, name), '[')
	for _, v := range vs {
		b = append(appendNumber(b, v), ',')
	}
	return append(closed(b), ',')
}

// other is a field of which there is not much.
func other(b []byte, name string, v any, none bool) []byte {
	if none {
		return b
	}
	j, err := json.Marshal(v)
	if err != nil { // finite numbers of fixed shape always can be written
		panic(err)
	}
	return append(append(key(b, name), j...), ',')
}

func appendTime(b []byte, t kizashi.Time) []byte {
	if t == kizashi.Never || t == kizashi.Forever {
		return append(b, "null"...)
	}
	return append(t.UTC().AppendFormat(append(b, '"'), "2006-01-02T15:04:05.999Z07:00"), '"')
}

// appendNumber is the shortest that reads as the same, as ECMAScript writes it.
func appendNumber[T float32 | float64](b []byte, v T) []byte {
	bits, x := 64, float64(v)
	if _, short := any(v).(float32); short {
		bits = 32
	}
	switch size := T(math.Abs(x)); {
	case x == 0 && !math.Signbit(x):
		return append(b, '0')
	case math.IsNaN(x) || math.IsInf(x, 0):
		panic("a number that is none")
	case size == 0 || size >= 1e-6 && size < 1e21:
		return strconv.AppendFloat(b, x, 'f', -1, bits)
	}
	b = strconv.AppendFloat(b, x, 'e', -1, bits)
	if n := len(b); n >= 4 && b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' { // e-09 is e-9
		b[n-2] = b[n-1]
		b = b[:n-1]
	}
	return b
}
