package codec

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// writer appends the layout's primitives and, from them, the nouns.
type writer struct{ b []byte }

func (w *writer) byte(v byte)          { w.b = append(w.b, v) }
func (w *writer) uint(v uint64)        { w.b = binary.AppendUvarint(w.b, v) }
func (w *writer) int(v int64)          { w.b = binary.AppendVarint(w.b, v) }
func (w *writer) count(n int)          { w.uint(uint64(n)) }
func (w *writer) time(t kizashi.Time)  { w.int(int64(t)) }
func (w *writer) span(d time.Duration) { w.int(int64(d)) }
func (w *writer) float(v float64)      { w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(v)) }
func (w *writer) fixed(v uint64)       { w.b = binary.BigEndian.AppendUint64(w.b, v) }

func (w *writer) text(s string) {
	w.count(len(s))
	w.b = append(w.b, s...)
}

func (w *writer) partition(p kizashi.Partition) {
	w.text(p.Tenant)
	w.text(p.Account)
	w.text(p.Region)
	w.text(string(p.Kind))
	w.span(p.Period)
	w.span(p.Settle)
	w.span(p.Poll)
	w.text(p.Source)
	w.text(p.Backfill)
}

func (w *writer) rosters(rs []kizashi.RosterEntry) {
	w.count(len(rs))
	for _, r := range rs {
		w.text(string(r.Op))
		w.partition(r.Partition)
		w.time(r.At)
		w.partition(r.To)
	}
}

func (w *writer) declarations(ds []kizashi.Declaration) {
	w.count(len(ds))
	for i := range ds {
		w.time(ds[i].From)
		w.meta(&ds[i].Meta)
		w.fixed(uint64(ds[i].Like))
		w.text(string(ds[i].Ended))
	}
}

func (w *writer) meta(m *kizashi.Meta) {
	w.fixed(uint64(m.Series))
	w.text(m.Tenant)
	w.labels(m.Identity)
	w.labels(m.Labels)
	w.text(m.Group)
	w.text(m.Unit)
	w.text(m.Statistic)
	w.span(time.Duration(m.Period))
	w.span(time.Duration(m.Settle))
	w.float(float64(m.Lower))
	w.float(float64(m.Upper))
	w.text(m.Zone)
	w.text(m.Hints.Class)
	w.int(int64(m.Hints.Direction))
	w.flag(m.Hints.Sparse)
	w.limits(m.Hints.Guards)
	w.ahead(m.Hints.Forecast)
}

func (w *writer) flag(v bool) {
	if v {
		w.byte(1)
	} else {
		w.byte(0)
	}
}

func (w *writer) limits(ls []kizashi.Limit) {
	w.count(len(ls))
	for _, l := range ls {
		w.int(int64(l.Side))
		w.float(l.Value)
		w.flag(l.Equal)
		w.int(int64(l.M))
		w.int(int64(l.N))
		w.text(l.Note)
	}
}

func (w *writer) ahead(a *kizashi.Ahead) {
	w.flag(a != nil)
	if a == nil {
		return
	}
	w.int(int64(a.Side))
	w.float(a.Value)
	w.span(time.Duration(a.Within))
	w.span(time.Duration(a.Lead))
	w.text(a.Note)
}

func (w *writer) revisions(rs []kizashi.Revision) {
	w.count(len(rs))
	for i := range rs {
		w.fixed(uint64(rs[i].Series))
		w.time(rs[i].At)
		w.span(rs[i].Period)
		w.float(float64(rs[i].Old))
		w.float(rs[i].New)
		w.time(rs[i].Seen)
	}
}

func (w *writer) labels(ls kizashi.Labels) {
	w.count(len(ls))
	for _, l := range ls {
		w.text(l.Name)
		w.text(l.Value)
	}
}

func (w *writer) status(s *kizashi.Status) {
	if s == nil {
		w.byte(0)
		return
	}
	w.byte(1)
	w.time(s.From)
	w.time(s.Through)
	w.text(string(s.Cause.Kind))
	w.text(s.Cause.Name)
	w.text(s.Reason)
	w.text(s.Resources)
}

func (w *writer) commands(cs []kizashi.Command) {
	w.count(len(cs))
	for i := range cs {
		c := &cs[i]
		w.text(string(c.Op))
		w.text(c.Tenant)
		w.time(c.At)
		w.count(len(c.Match))
		for _, m := range c.Match {
			w.text(m.Name)
			w.text(m.Op)
			w.text(m.Value)
		}
		w.time(c.From)
		w.time(c.To)
		w.float(c.Value)
		w.text(c.Alert)
		w.text(c.Reason)
		w.text(c.Author)
		w.text(c.Act)
		w.float(c.Low)
		w.float(c.High)
		w.text(string(c.As))
		w.fixed(uint64(c.Series))
		w.text(string(c.Body))
	}
}

// table holds a batch's series in the order in which they first appear.
type table struct {
	ids []kizashi.SeriesID
	at  map[kizashi.SeriesID]int
}

func tableOf(b *kizashi.Batch) *table {
	t := &table{at: map[kizashi.SeriesID]int{}}
	for i := range b.Samples {
		if i == 0 || b.Samples[i].Series != b.Samples[i-1].Series {
			t.add(b.Samples[i].Series)
		}
	}
	for i := range b.Lines {
		t.add(b.Lines[i].Series)
	}
	return t
}

func (t *table) add(id kizashi.SeriesID) {
	if _, ok := t.at[id]; !ok {
		t.at[id] = len(t.ids)
		t.ids = append(t.ids, id)
	}
}

// step says how to tell series id to a reader whose last one was at place
// prev, and returns its place.
func (t *table) step(prev int, id kizashi.SeriesID) (how byte, place int) {
	if prev >= 0 && t.ids[prev] == id {
		return seriesSame, prev
	}
	if prev+1 < len(t.ids) && t.ids[prev+1] == id {
		return seriesNext, prev + 1
	}
	return seriesAt, t.at[id]
}

func (w *writer) table(t *table) {
	w.count(len(t.ids))
	for _, id := range t.ids {
		w.fixed(uint64(id))
	}
}

func (w *writer) samples(ss []kizashi.Sample, t *table) {
	w.count(len(ss))
	place, at, delta, period := -1, int64(0), int64(0), time.Duration(0)
	for i := range ss {
		s := &ss[i]
		flags, to := t.step(place, s.Series)
		step := int64(s.At) - at
		if step == delta {
			flags |= sameStep
		}
		if s.Period != period {
			flags |= newPeriod
		}
		if s.Late {
			flags |= late
		}
		n, isWhole := wholeOf(s.Value)
		if isWhole {
			flags |= whole
		}
		w.byte(flags)
		if flags&seriesMask == seriesAt {
			w.count(to)
		}
		if flags&sameStep == 0 {
			w.int(step)
		}
		if flags&newPeriod != 0 {
			w.span(s.Period)
		}
		if isWhole {
			w.int(n)
		} else {
			w.float(s.Value)
		}
		place, at, delta, period = to, int64(s.At), step, s.Period
	}
}

// wholeOf returns v as an integer where that is shorter and comes back the
// same; minus zero does not.
func wholeOf(v float64) (int64, bool) {
	if !(v > -wholeLimit && v < wholeLimit) {
		return 0, false
	}
	n := int64(v)
	return n, math.Float64bits(float64(n)) == math.Float64bits(v)
}

func (w *writer) lines(ls []kizashi.Line, t *table) {
	w.count(len(ls))
	place, at, stream := -1, int64(0), ""
	for i := range ls {
		l := &ls[i]
		flags, to := t.step(place, l.Series)
		jumps := flags == seriesAt
		if l.Stream != stream {
			flags |= newStream
		}
		if l.Rows != 0 {
			flags |= rows
		}
		if l.Late {
			flags |= late
		}
		w.byte(flags)
		if jumps {
			w.count(to)
		}
		w.int(int64(l.At) - at)
		w.int(int64(l.Ingested) - int64(l.At))
		w.text(l.ID)
		if l.Stream != stream {
			w.text(l.Stream)
		}
		w.text(l.Text)
		if l.Rows != 0 {
			w.int(int64(l.Rows))
		}
		place, at, stream = to, int64(l.At), l.Stream
	}
}
