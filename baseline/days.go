package baseline

import (
	"maps"
	"math"
	"slices"

	"github.com/kizashi-ops/kizashi"
)

// profile is what the earlier days of one special kind did, by hour of the
// day: how far off what was expected of an ordinary one, on the scale of
// residuals.
type profile struct {
	N     [24]int     `json:"n"` // days known
	Shift [24]float64 `json:"shift"`
}

// mostDays is over how many days of a kind a shift is averaged.
const mostDays = 8

// UseDays sets who knows the kinds of days by their number from 1970-01-01; nil =
// all are ordinary.
func (s *State) UseDays(kind func(day int) string) { s.kind = kind }

// kindAt is the kind of the local day of an instant.
func (s *State) kindAt(at kizashi.Time) string {
	if s.kind == nil {
		return ""
	}
	return s.kind(int(math.Floor(float64(int64(at)+s.zone.Offset(int64(at))) / float64((24 * hour).Milliseconds()))))
}

// Kinds are the kinds of the local days from that of an instant back to n days
// before, nil where all days are ordinary.
func (s *State) Kinds(at kizashi.Time, n int) []string {
	if s.kind == nil {
		return nil
	}
	day := int(math.Floor(float64(int64(at)+s.zone.Offset(int64(at))) / float64((24 * hour).Milliseconds())))
	out := make([]string, n+1)
	for d := range out {
		out[d] = s.kind(day - d)
	}
	return out
}

// spread is by which factors the usual of a special day may be off, n earlier
// ones being known.
func spread(kind string, n int) (low, high float64) {
	switch {
	case n > 0:
		f := math.Pow(1.5, 1/float64(n))
		return 1 / f, f
	case kizashi.DayOff(kind):
		return 0.1, 1
	}
	return 0.5, 2
}

// special makes the slot of quarter q one of a special day.
func (s *State) special(w *Room, q int, kind string, slot *slot) {
	h := w.parts[q].Slot / slots
	d := kizashi.SpecialDay{Kind: kind}
	if p := s.seldom().profiles[kind]; p != nil {
		d.Days = p.N[h]
		slot.Center += p.Shift[h]
	}
	d.Low, d.High = spread(kind, d.Days)
	days := s.seldom().special
	i := slices.Index(days, d)
	if i < 0 {
		i = len(days)
		s.own().special = append(days, d)
	}
	s.rec.Day[q] = uint8(i + 1)
}

// limitsOf a slot of a special day lie about all that is expected of it.
func (s *State) limitsOf(q int, slot *slot) {
	v := View{Lower: slot.Lower, Upper: slot.Upper, Expected: kizashi.None()}
	s.expect(s.expected(q, nil), slot, &v)
	slot.Lower, slot.Upper = v.Lower, v.Upper
}

// expected is what is expected of a sample instead of what is usual: by a
// command, by the kind of its day, or by both.
func (s *State) expected(q int, e *kizashi.Expectation) *kizashi.Expectation {
	if s.rec.Day[q] == 0 {
		return e
	}
	d := &s.rare.special[s.rec.Day[q]-1]
	f := &kizashi.Expectation{Low: d.Low, High: d.High}
	if e != nil {
		f.Low, f.High = f.Low*e.Low, f.High*e.High
	}
	return f
}

// tallySpecial gathers what a special day does.
func (s *State) tallySpecial(v *View) {
	slot := &s.rec.Slots[v.Slot]
	if v.isHeld || !v.Ready || slot.N == math.MaxUint16 {
		return
	}
	slot.N++
	slot.Sum += inScale(v.value-slot.Center, slot.Scale)
}

// learnSpecial takes the hour in progress, where it is of a special day, into
// the profile of its kind: once for each hour of the wall.
func (s *State) learnSpecial(w *Room) {
	for q := 0; q < slots; {
		first, sum, n := q, 0., 0.
		for ; q < slots && s.rec.Day[q] == s.rec.Day[first] && w.parts[q].Week == w.parts[first].Week; q++ {
			p := &w.parts[q]
			sum, n = sum+p.OtherSum-p.OtherN*p.Center[s.Season], n+p.OtherN
		}
		day := s.rec.Day[first]
		if day == 0 || n == 0 {
			continue
		}
		p, h := s.profileOf(s.rare.special[day-1].Kind), w.parts[first].Slot/slots
		p.N[h] = min(p.N[h]+1, mostDays)
		p.Shift[h] += (sum/n - p.Shift[h]) / float64(p.N[h])
	}
}

// copies of profiles: another series goes on from them.
func copies(ps map[string]*profile) map[string]*profile {
	out := maps.Clone(ps)
	for k, p := range out {
		q := *p
		out[k] = &q
	}
	return out
}

func (s *State) profileOf(kind string) *profile {
	r := s.own()
	if r.profiles == nil {
		r.profiles = map[string]*profile{}
	}
	if r.profiles[kind] == nil {
		r.profiles[kind] = &profile{}
	}
	return r.profiles[kind]
}
