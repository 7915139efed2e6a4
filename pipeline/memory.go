package pipeline

import (
	"slices"
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/detect"
)

// Memory is the History of a backtest: what a justification may look back to,
// and no more. It is filled by Keep, after each Step.
type Memory struct {
	series map[kizashi.SeriesID]*memory
}

// memory is the past of one series, in columns.
type memory struct {
	at      []kizashi.Time
	value   []float64
	period  time.Duration
	records []limits
	partial int // of records: those that are not in full any more
	coarse  []kizashi.Sample
}

// limits are what is asked for of an hour that has passed.
type limits struct {
	hour  kizashi.Time
	ready bool
	slots [4]kizashi.Slot
	full  *kizashi.Record // for as long as a correction may ask for it
}

// kept is how far back Memory goes: a justification's span, and a day for the
// records of the same hour two weeks ago; a justification may be owed for a
// while.
const kept = alert.Span + 26*time.Hour + owedFor

// fullKept is how many of the last records are kept in full; more are for as long
// as the ticks of the group have not come so far.
const fullKept = int(alert.ReviseWithin/time.Hour) + 2

// NewMemory returns one that remembers nothing yet.
func NewMemory() *Memory { return &Memory{series: map[kizashi.SeriesID]*memory{}} }

// Keep remembers what a Step judged.
func (m *Memory) Keep(r *Result) error {
	var s *memory
	var id kizashi.SeriesID
	for i := range r.Judgements {
		j := &r.Judgements[i]
		if !j.Sample() {
			continue
		}
		if s == nil || id != j.Series {
			s, id = m.of(j.Series), j.Series
		}
		s.add(j)
	}
	for i := range r.Records {
		rec := &r.Records[i]
		s := m.of(rec.Series)
		full := *rec
		s.records = append(s.records, limits{rec.Hour, rec.Ready, rec.Slots, &full})
		for s.partial < len(s.records)-fullKept && s.records[s.partial].hour.Add(2*time.Hour) <= r.Ran {
			s.records[s.partial].full = nil
			s.partial++
		}
	}
	for i := range r.Coarse {
		m.of(r.Coarse[i].Series).older(r.Coarse[i])
	}
	return nil
}

// older takes in a point of a coarse history. As in the store, a period's
// points only grow.
func (s *memory) older(v kizashi.Sample) {
	i := len(s.coarse)
	for ; i > 0 && s.coarse[i-1].At >= v.At; i-- {
		if s.coarse[i-1].Period == v.Period {
			return
		}
	}
	s.coarse = slices.Insert(s.coarse, i, v)
}

// Coarse implements History.
func (m *Memory) Coarse(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
	s := m.series[id]
	if s == nil {
		return nil, nil
	}
	at := func(t kizashi.Time) int {
		return sort.Search(len(s.coarse), func(i int) bool { return s.coarse[i].At >= t })
	}
	return slices.Clone(s.coarse[at(from):max(at(from), at(to))]), nil
}

func (m *Memory) of(id kizashi.SeriesID) *memory {
	s := m.series[id]
	if s == nil {
		s = &memory{}
		m.series[id] = s
	}
	return s
}

// add appends a sample; when half of what is held is too old, it is dropped.
func (s *memory) add(j *detect.Judgement) {
	s.at, s.value, s.period = append(s.at, j.At), append(s.value, j.Value), j.End.Sub(j.At)
	if n := len(s.at); n%4096 == 0 {
		old := j.At.Add(-kept)
		if k := s.from(old); k > n/2 {
			s.at = append(s.at[:0], s.at[k:]...)
			s.value = append(s.value[:0], s.value[k:]...)
		}
		if k := s.hourFrom(old); k > len(s.records)/2 {
			s.records = append(s.records[:0], s.records[k:]...)
			s.partial = max(0, s.partial-k)
		}
	}
}

func (s *memory) from(t kizashi.Time) int {
	return sort.Search(len(s.at), func(i int) bool { return s.at[i] >= t })
}

func (s *memory) hourFrom(t kizashi.Time) int {
	return sort.Search(len(s.records), func(i int) bool { return s.records[i].hour >= t })
}

// Samples implements alert.History.
func (m *Memory) Samples(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
	s := m.series[id]
	if s == nil {
		return nil, nil
	}
	a, b := s.from(from), s.from(to)
	out := make([]kizashi.Sample, 0, max(b-a, 0))
	for i := a; i < b; i++ {
		out = append(out, kizashi.Sample{Series: id, At: s.at[i], Period: s.period, Value: s.value[i]})
	}
	return out, nil
}

// Records implements alert.History: of each record the hour, whether its
// limits count, and its slots; of the last three days all of it.
func (m *Memory) Records(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	s := m.series[id]
	if s == nil {
		return nil, nil
	}
	var out []kizashi.Record
	for i := s.hourFrom(from.Add(-time.Hour) + 1); i < len(s.records) && s.records[i].hour < to; i++ {
		l := &s.records[i]
		if l.full != nil {
			out = append(out, *l.full)
			continue
		}
		out = append(out, kizashi.Record{Series: id, Hour: l.hour, Ready: l.ready, Slots: l.slots})
	}
	return out, nil
}

// Limits implements alert.History.
func (m *Memory) Limits(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	return m.Records(id, from, to)
}
