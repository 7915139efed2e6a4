package models

import (
	"encoding/binary"
	"io"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/detect"
)

// forecastModel votes when a trend will come to a limit that a person or a
// catalogue set, before it does. It stands outside the false-alert target: the
// limit is theirs.
//
// Two spans are looked at as an hour begins: fortnights of points of 3 hours, and
// half a day of points of a quarter. A series without a limit has no state.
type forecastModel struct{}

// New returns a state that has seen no sample.
func (forecastModel) New(*kizashi.Meta, *kizashi.Settings) detect.State { return &forecastState{} }

type forecastState struct{ *forecastOwn }

// forecastOwn has a fixed size, so that it is written in binary as it stands.
type forecastOwn struct {
	Short struct {
		course
		Y [shortKept]float32
	}
	Long struct {
		course
		Y [longKept]float32
	}
	Hour    kizashi.Time // that the last forecast was made for
	Key     uint64       // of the limits that it is about
	Was     kizashi.Side // on which one stood before it
	WasLong bool         // and of which span
	Said    foreseen
}

// foreseen is what the hour's forecast came to.
type foreseen struct {
	Made  bool
	Long  bool
	Index int32 // of the limit
	Side  kizashi.Side
	Stat  float64 // (within + lead) / time until the early end
	Limit float64
	Back  float64 // a value further back than half of the trend has left it
}

// What a forecast is made of.
const (
	firmTrend = 3. // standard errors of the slope, for a vote to begin with
	keptTrend = 2. // and to go on
	firmAgree = .8 // of the pairs of points
	keptAgree = .65
	firmStat  = 1. // of the statistic
	keptStat  = 2. / 3
	firmReach = 2. // times as long as the trend has lasted: no further is it carried on
	keptReach = 3.
	soonest   = 1. / 24 // days: a forecast is made by the hour
)

// Begin makes the hour's forecast, of the blocks that ended before it.
func (s *forecastState) Begin(c *detect.Case) {
	if s.forecastOwn == nil {
		return
	}
	key := aheadKey(c)
	if key == 0 {
		s.forecastOwn = nil
		return
	}
	at := c.Sample.At
	s.Short.move(s.Short.Y[:], shortBlock, at)
	s.Long.move(s.Long.Y[:], longBlock, at)
	hour := at.Floor(time.Hour)
	s.Was = kizashi.Both
	if s.Said.Made && s.Said.Stat > s.Said.Limit && s.Key == key {
		s.Was, s.WasLong = s.Said.Side, s.Said.Long
	}
	s.Hour, s.Key = hour, key
	f := s.forecast(c)
	s.Said = f.foreseen
}

// weigh says what the hour's forecast is. It speaks of what comes, not of the
// value: it has no side, so that an alert of the value opens beside it.
func (s *forecastState) weigh(c *detect.Case) (w weighed, ok bool) {
	if s.forecastOwn == nil || !s.Said.Made || c.Stance == baseline.Excluded || s.Key != aheadKey(c) || int(s.Said.Index) >= c.Settings.Aheads() {
		return w, false
	}
	a, ok := c.Settings.AheadOf(c.Meta, int(s.Said.Index))
	if !ok || beyond(a, c.Sample.Value) || float64(s.Said.Side)*(c.Sample.Value-s.Said.Back) < 0 {
		return w, false
	}
	return weighed{s.Said.Stat, s.Said.Limit, kizashi.Both, s.Said.Stat > s.Said.Limit && mayAlert(c, s.Said.Side)}, true
}

// Brief is Judge in short.
func (s *forecastState) Brief(c *detect.Case) (detect.Said, float64) {
	w, ok := s.weigh(c)
	return w.short(ok), 0
}

// Judge tells how near the limit is.
func (s *forecastState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	w, ok := s.weigh(c)
	if ok {
		w.tell(v, "times")
	}
	return ok
}

// beyond says that a value has come to the limit already.
func beyond(a kizashi.Ahead, x float64) bool {
	if a.Side == kizashi.Down {
		return x <= a.Value
	}
	return x >= a.Value
}

// Learn takes the sample into its blocks.
func (s *forecastState) Learn(c *detect.Case, _ bool) {
	if aheadKey(c) == 0 {
		s.forecastOwn = nil
		return
	}
	if s.forecastOwn == nil {
		s.forecastOwn = &forecastOwn{Hour: kizashi.Never}
		s.Short.begin(s.Short.Y[:], shortBlock, c.Sample.At)
		s.Long.begin(s.Long.Y[:], longBlock, c.Sample.At)
	}
	if c.Stance == baseline.Excluded {
		return
	}
	s.Short.take(s.Short.Y[:], shortBlock, c.Sample.At, c.Sample.Value)
	s.Long.take(s.Long.Y[:], longBlock, c.Sample.At, c.Sample.Value)
}

// aheadKey tells limits apart: FNV-1a over all that counts, 0 for none.
func aheadKey(c *detect.Case) uint64 {
	h, any := uint64(14695981039346656037), false
	for i := range c.Settings.Aheads() {
		a, ok := c.Settings.AheadOf(c.Meta, i)
		if !ok {
			continue
		}
		any = true
		for _, v := range [...]uint64{uint64(i), uint64(a.Side + 2), math.Float64bits(a.Value), uint64(a.Within), uint64(a.Lead)} {
			h = (h ^ v) * 1099511628211
		}
	}
	if !any {
		return 0
	}
	return h
}

// forecast is what the rings come to at the hour.
type forecast struct {
	foreseen
	trend
	ahead kizashi.Ahead
	interval
	past returns
	n    int // of the trend's points, the newest of their span
}

// forecast picks of the two spans the long one, unless the short one says that
// the limit comes sooner than that one's interval.
func (s *forecastState) forecast(c *detect.Case) forecast {
	long := s.look(c, true)
	short := s.look(c, false)
	if short.Made && (!long.Made || short.Stat > short.Limit && short.late < long.early) {
		return short
	}
	return long
}

// look makes a forecast by one span.
func (s *forecastState) look(c *detect.Case, long bool) (f forecast) {
	var ps [trendPoints]point
	var w scratch
	k := s.spanOf(long)
	all := s.points(k, ps[:0])
	if !s.mayReach(c, all, k) {
		return f
	}
	from, t, ok := trace(all, k, &w)
	if !ok {
		return f
	}
	if !long {
		t.Usual = s.usualChange(&t)
	}
	f.trend, f.n = t, len(all)-from
	f.Long, f.Side = long, kizashi.Up
	if t.Slope < 0 {
		f.Side = kizashi.Down
	}
	firm, agree, limit, reach := firmTrend, firmAgree, firmStat, firmReach
	kept := s.Was == f.Side && s.WasLong == long
	if kept {
		firm, agree, limit, reach = keptTrend, keptAgree, keptStat, keptReach
	}
	if !(math.Abs(t.Slope) >= firm*t.slopeError()) || t.Agree < agree || !kept && t.step(all[from:]) {
		return f
	}
	last := all[len(all)-1].Y
	for i := range c.Settings.Aheads() {
		a, ok := c.Settings.AheadOf(c.Meta, i)
		if !ok || a.Side != f.Side || beyond(a, last) {
			continue
		}
		x, ok := t.crossing(a.Value, quantile(t.Eff), days(s.Hour.Sub(s.Hour.Floor(day))))
		if !ok || x.late <= 0 || x.mid > reach*-t.From {
			continue
		}
		ahead := float64(a.Within+a.Lead) / float64(day)
		stat := ahead / max(x.early, soonest)
		if f.Made && stat <= f.Stat {
			continue
		}
		f.Made, f.Index, f.Stat, f.Limit = true, int32(i), stat, limit
		f.ahead, f.interval = a, interval{max(x.mid, 0), max(x.early, 0), x.late}
	}
	if !f.Made {
		return f
	}
	f.Back = t.now() - float64(f.Side)*(backAgain*math.Abs(t.Slope*t.From)+t.swing()+clipSpread*t.Spread)
	f.past = s.pastOf(&t, f.Side, long)
	if !kept && f.past.deny(long) {
		f.Made = false
	}
	return f
}

// mayReach says that some limit lies near enough for what the points have moved by,
// day by day or hour by hour: a line through them is carried on for a few times their
// time. It spares all series that go nowhere the search.
func (s *forecastState) mayReach(c *detect.Case, ps []point, k pointSpan) bool {
	if len(ps) < leastPoints {
		return false
	}
	reach := firmReach + 1
	if s.Was != kizashi.Both {
		reach = keptReach + 1
	}
	low, high := math.Inf(1), math.Inf(-1)
	var near [2]float64 // the ends of the newest group
	for i := 0; i < len(ps); {
		group, sum, from := math.Floor(ps[i].T/k.step), 0., i
		near = [2]float64{math.Inf(1), math.Inf(-1)}
		for ; i < len(ps) && math.Floor(ps[i].T/k.step) == group; i++ {
			sum += ps[i].Y
			near = [2]float64{min(near[0], ps[i].Y), max(near[1], ps[i].Y)}
		}
		mean := sum / float64(i-from)
		low, high = min(low, mean), max(high, mean)
	}
	for i := range c.Settings.Aheads() {
		a, ok := c.Settings.AheadOf(c.Meta, i)
		if gap := max(a.Value-near[1], near[0]-a.Value); ok && gap <= reach*(high-low) {
			return true
		}
	}
	return false
}

// Ground gives the trend's points, the line, and where it comes to the limit;
// what became of it when it was there before is the past.
func (s *forecastState) Ground(c *detect.Case) *kizashi.Ground {
	var v kizashi.Vote
	if !s.Judge(c, &v) {
		return nil
	}
	f := s.forecast(c)
	if !f.Made || f.foreseen != s.Said {
		return nil
	}
	var ps [trendPoints]point
	k := s.spanOf(f.Long)
	all := s.points(k, ps[:0])
	all = all[len(all)-f.n:]
	g := &kizashi.Ground{Model: "forecast", Side: v.Side, Stat: v.Stat, Limit: v.Limit, Unit: v.Unit, To: s.Hour, Usual: kizashi.Num(f.Usual), Scale: kizashi.None(),
		Past: &kizashi.Past{From: f.past.From, To: f.past.To, Count: f.past.Count, Of: f.past.Of, Low: kizashi.None(), High: kizashi.None()}}
	for _, p := range all {
		from := s.Hour.Add(time.Duration(math.Round(p.T * float64(day)))).Add(-k.block / 2)
		g.Parts = append(g.Parts, kizashi.Part{From: from, To: from.Add(k.block), Count: 1, Sum: p.Y})
	}
	g.From = g.Parts[0].From
	g.Ahead = &kizashi.Forecast{At: s.Hour, Limit: f.ahead.Value, Within: f.ahead.Within, Lead: f.ahead.Lead, Slope: f.Slope, Level: f.now(), Spread: f.Spread, R: f.R,
		Trust: math.Abs(f.Slope) / f.slopeError(), Date: s.instant(f.mid), Early: s.instant(f.early), Late: s.instant(min(f.late, mostAhead))}
	g.Ahead.Act = g.Ahead.Early.Add(-time.Duration(f.ahead.Lead))
	return g
}

// mostAhead is as late as an interval's end is said, in days.
const mostAhead = 3650

// instant is so many days from the hour, to the minute.
func (s *forecastState) instant(d float64) kizashi.Time {
	return s.Hour + kizashi.Time(math.Round(d*24*60))*kizashi.Time(time.Minute.Milliseconds())
}

// Explain adds nothing: what the vote rests on is in its ground.
func (s *forecastState) Explain(*detect.Case) []kizashi.Evidence { return nil }

// AppendBinary appends whether there is a limit, and if so the state.
func (s *forecastState) AppendBinary(b []byte) []byte {
	if s.forecastOwn == nil {
		return append(b, 0)
	}
	b, err := binary.Append(append(b, 1), binary.LittleEndian, s.forecastOwn)
	if err != nil { // it has a fixed size
		panic(err)
	}
	return b
}

// Decode reads what AppendBinary wrote.
func (s *forecastState) Decode(b []byte) ([]byte, error) {
	s.forecastOwn = nil
	if len(b) == 0 {
		return b, io.ErrUnexpectedEOF
	}
	if b[0] == 0 {
		return b[1:], nil
	}
	own := &forecastOwn{}
	n, err := binary.Decode(b[1:], binary.LittleEndian, own)
	if err != nil {
		return b, err
	}
	b = b[1+n:]
	v := &own.Said
	if !finite(own.Short.Sum, own.Long.Sum, v.Stat, v.Limit, v.Back) || own.Short.N < 0 || own.Long.N < 0 || v.Index < 0 || v.Side < kizashi.Down || v.Side > kizashi.Up {
		return b, errNumber
	}
	s.forecastOwn = own
	return b, nil
}
