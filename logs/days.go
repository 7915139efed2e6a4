package logs

import (
	"maps"
	"math"
	"slices"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/wire"
)

// Days that are not like the others of their week, by the calendar that the settings
// name: what comes on them is judged by earlier days of their kind, and not learned as
// their day of the week.

// mostDays is over how many days of a kind the lines of an hour are averaged.
const mostDays = 8

// ofKind are the lines of a key on the days of one kind, by hour of the day.
type ofKind struct {
	N    [dayHours]uint8   // days known
	Mean [dayHours]float32 // lines an hour
}

// add takes in an hour that had n lines.
func (o *ofKind) add(h int, n float32) {
	h %= dayHours
	o.N[h] = min(o.N[h]+1, mostDays)
	o.Mean[h] += (n - o.Mean[h]) / float32(o.N[h])
}

// merge adds what another pattern was.
func (o *ofKind) merge(p *ofKind) {
	for h := range o.N {
		o.N[h], o.Mean[h] = max(o.N[h], p.N[h]), o.Mean[h]+p.Mean[h]
	}
}

// sunday is the hour of the week of the same hour of a Sunday.
func sunday(h int) int { return 6*dayHours + h%dayHours }

// special is what is usual of the hour h on a day of a kind, ordinary being what would be
// if it were none. Where no such day is known it lies between the day of the week and a
// Sunday if it is off, else between half and twice as much; those that are known say more
// the more they are.
func (k *key) special(kind string, h int, ordinary float64, s *seen) *kizashi.LogDay {
	d := &kizashi.LogDay{Kind: kind, Ordinary: ordinary, Least: ordinary / 2, Most: 2 * ordinary}
	if kizashi.DayOff(kind) {
		d.Least, d.Most = 0, ordinary // of no Sunday is known whether anything comes
		if s.Week[sunday(h)] > 0 && k.usual != nil {
			other := k.usual.hourly(sunday(h), s)
			d.Least, d.Most = min(ordinary, other), max(ordinary, other)
		}
	}
	if o := k.kinds[kind]; o != nil {
		d.Days, d.Mean = int(o.N[h%dayHours]), float64(o.Mean[h%dayHours])
	}
	n, f := float64(d.Days), 1.
	if d.Days > 0 {
		f = math.Pow(1.5, 1/n)
	}
	d.Low, d.High = (n*d.Mean+dayWeighs*d.Least)/(n+dayWeighs)/f, (n*d.Mean+dayWeighs*d.Most)/(n+dayWeighs)*f
	return d
}

// expected is what counts as having come in a window where something else did: its mean,
// of a special day the middle of what is usual.
func (g *group) expected(k *key, mean float32) float32 {
	if g.ordinary(k) {
		return mean
	}
	return float32((k.low + k.rate) / 2 / float64(hourWindows))
}

// learnKind takes an hour of a special day into what is known of its kind.
func (k *key) learnKind(kind string, h int, n float32) {
	if k.kinds == nil {
		k.kinds = map[string]*ofKind{}
	}
	if k.kinds[kind] == nil {
		k.kinds[kind] = &ofKind{}
	}
	k.kinds[kind].add(h, n)
}

// ordinary says that what comes is learned as the day of the week: the day is no special
// one, or the key is a part of another one, whose shares know no days.
func (g *group) ordinary(k *key) bool { return g.kind == "" || k.whole != nil }

func (k *key) appendKinds(b []byte) []byte {
	if b = wire.Bool(b, k.day != nil); k.day != nil {
		d := k.day
		b = wire.F64(wire.U8(wire.Text(b, d.Kind), d.Days), d.Mean, d.Ordinary, d.Least, d.Most, d.Low, d.High)
	}
	b = wire.U16(b, len(k.kinds))
	for _, kind := range slices.Sorted(maps.Keys(k.kinds)) {
		o := k.kinds[kind]
		b = wire.F32(append(wire.Text(b, kind), o.N[:]...), o.Mean[:]...)
	}
	return b
}

func (k *key) readKinds(r *wire.Reader) {
	if r.Bool() {
		k.day = &kizashi.LogDay{Kind: r.Text(), Days: int(r.U8()), Mean: r.F64(), Ordinary: r.F64(), Least: r.F64(), Most: r.F64(), Low: r.F64(), High: r.F64()}
	}
	for n := int(r.U16()); n > 0 && r.Err() == nil; n-- {
		kind, o := r.Text(), &ofKind{}
		for h := range o.N {
			o.N[h] = r.U8()
		}
		r.F32s(o.Mean[:])
		if k.kinds == nil {
			k.kinds = map[string]*ofKind{}
		}
		k.kinds[kind] = o
	}
}
