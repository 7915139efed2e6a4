// Package recur knows recurring windows of time: one-off, cron, RRULE, the
// days of accounting, duty hours and iCalendar files. It never asks what time
// it is, and reads a file only by the function that it is given.
package recur

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/kizashi-ops/kizashi/calendar"
)

// Span is a stretch of time [From, To).
type Span struct{ From, To time.Time }

// Contains is whether t lies in the span.
func (s Span) Contains(t time.Time) bool { return !t.Before(s.From) && t.Before(s.To) }

// Window is a set of spans of time. It never changes once made and may be used
// by any number of goroutines.
type Window struct {
	spec string
	src  source
	last atomic.Pointer[stretch] // what At looked at last: those who ask, ask of one day
}

// source is a kind of window.
type source interface {
	// spans returns at least all spans that share an instant with [from, to),
	// in any order; they may overlap and reach further.
	spans(from, to time.Time) []Span
}

// stretch is a part of time, looked through.
type stretch struct {
	Span
	spans []Span // cut to it, merged, in order
}

const (
	step = 40 * 24 * time.Hour // how much of time is looked through at once
	// far is how far Next looks: over the eight years between two leap days
	// around 2100.
	far = 10 * 366 * 24 * time.Hour
)

// String is the written form that it was read from.
func (w *Window) String() string { return w.spec }

// Spans returns the window's spans cut to [from, to), merged and in order.
// What it costs grows with the time asked for.
func (w *Window) Spans(from, to time.Time) []Span {
	if !from.Before(to) {
		return nil
	}
	return merge(w.src.spans(from, to), Span{from, to})
}

// merge cuts spans to a stretch, orders them and joins what touches.
func merge(spans []Span, cut Span) []Span {
	out := make([]Span, 0, len(spans))
	for _, s := range spans {
		s = Span{later(s.From, cut.From), earlier(s.To, cut.To)}
		if s.From.Before(s.To) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Span) int { return a.From.Compare(b.From) })
	n := 0
	for _, s := range out {
		if n > 0 && !s.From.After(out[n-1].To) {
			out[n-1].To = later(out[n-1].To, s.To)
			continue
		}
		out[n] = s
		n++
	}
	return out[:n]
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// around is a stretch that t lies in, well inside.
func (w *Window) around(t time.Time) *stretch {
	if s := w.last.Load(); s != nil && s.Contains(t) {
		return s
	}
	s := &stretch{Span: Span{t.Add(-step / 8), t.Add(step)}}
	s.spans = w.Spans(s.From, s.To)
	w.last.Store(s)
	return s
}

// At is the span that t lies in. One that reaches further than calendar.Reach
// to either side of t is cut there.
func (w *Window) At(t time.Time) (Span, bool) {
	s := w.around(t)
	i, found := slices.BinarySearchFunc(s.spans, t, func(x Span, t time.Time) int {
		switch {
		case x.Contains(t):
			return 0
		case t.Before(x.From):
			return 1
		}
		return -1
	})
	if !found {
		return Span{}, false
	}
	x := s.spans[i]
	if x.From.Equal(s.From) {
		x.From = w.begin(x.From, t.Add(-calendar.Reach))
	}
	if x.To.Equal(s.To) {
		x.To = w.end(x.To, t.Add(calendar.Reach))
	}
	return Span{later(x.From, t.Add(-calendar.Reach)), earlier(x.To, t.Add(calendar.Reach))}, true
}

// begin goes back from an instant as long as spans join on, to a limit.
func (w *Window) begin(at, limit time.Time) time.Time {
	for at.After(limit) {
		spans := w.Spans(at.Add(-step), at)
		if len(spans) == 0 || !spans[len(spans)-1].To.Equal(at) {
			break
		}
		first := spans[len(spans)-1].From
		if first.After(at.Add(-step)) {
			return first
		}
		at = first
	}
	return at
}

// end goes on from an instant as long as spans join on, to a limit.
func (w *Window) end(at, limit time.Time) time.Time {
	for at.Before(limit) {
		spans := w.Spans(at, at.Add(step))
		if len(spans) == 0 || !spans[0].From.Equal(at) {
			break
		}
		if spans[0].To.Before(at.Add(step)) {
			return spans[0].To
		}
		at = spans[0].To
	}
	return at
}

// Next is the first span that begins after t, within ten years. One longer than
// calendar.Reach is cut there.
func (w *Window) Next(t time.Time) (Span, bool) {
	limit := t.Add(far)
	at := t
	if x, ok := w.At(t); ok {
		at = w.end(x.To, limit)
	}
	for size := step; at.Before(limit); size *= 2 {
		for _, s := range w.Spans(at, earlier(at.Add(size), limit)) {
			if s.From.After(t) {
				return Span{s.From, earlier(w.end(s.To, s.From.Add(calendar.Reach)), s.From.Add(calendar.Reach))}, true
			}
		}
		at = at.Add(size)
	}
	return Span{}, false
}
