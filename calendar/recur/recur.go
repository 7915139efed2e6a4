// Package recur knows recurring windows of time: one-off, cron, RRULE, the
// days of accounting, duty hours and iCalendar files. It never asks what time
// it is, and reads a file only by the function that it is given.
package recur

import (
	"errors"
	"time"

	"github.com/kizashi-ops/kizashi/calendar"
)

// Span is a stretch of time [From, To).
type Span struct{ From, To time.Time }

// Env is what the words of a window may need beside themselves.
type Env struct {
	Days *calendar.Days                    // for days and hours; nil: those are refused
	Read func(name string) ([]byte, error) // for iCalendar files; nil: those are refused, as from the network
}

// Window is a set of spans of time. It never changes once made and may be used
// by any number of goroutines.
type Window struct{}

// Parse reads the written form of a window:
//
//	2026-12-29T18:00+09:00/2027-01-04T08:00+09:00
//	2026-12-29T18:00/2027-01-04T08:00 in Asia/Tokyo
//	cron 0 2 * * 2#2 for 2h in Asia/Tokyo                 the second Tuesday of each month
//	rrule FREQ=WEEKLY;INTERVAL=2;BYDAY=TU from 2026-01-13T02:00 for 2h in Asia/Tokyo
//	days gotobi previous on bank days at 00:00 for 24h in Asia/Tokyo
//	days Fri previous at 20:00 until Mon next at 08:00 in Asia/Tokyo
//	hours yearend 00:00-24:00 in Asia/Tokyo
//	ics FILE [while open|closed] [in Asia/Tokyo]
func Parse(spec string, env Env) (*Window, error) { return nil, errors.New("recur: not built yet") }

// Spans returns the window's spans cut to [from, to), merged and in order.
func (w *Window) Spans(from, to time.Time) []Span { return nil }

// At is the span that t lies in. One that reaches further than calendar.Reach
// to either side of t is cut there.
func (w *Window) At(t time.Time) (Span, bool) { return Span{}, false }

// Next is the first span that begins after t, within ten years.
func (w *Window) Next(t time.Time) (Span, bool) { return Span{}, false }

// String is the written form that it was read from.
func (w *Window) String() string { return "" }
