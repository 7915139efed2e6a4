package gen

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// Zone is the wall time that the account's people live in.
const Zone = "Asia/Tokyo"

// The account's three weeks start on Monday, 1 June 2026, at midnight in
// Tokyo. June has no holiday in Japan.
const (
	firstDay kizashi.Time = 1780239600000
	dayLong               = 24 * time.Hour
	weeks                 = 3
)

// on returns the instant of a wall time: day 0 is the first Monday. Tokyo has
// no summer time.
func on(day, hour, minute int) kizashi.Time {
	return firstDay.Add(time.Duration(day)*dayLong + time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// window is a stretch of time, To exclusive.
type window struct{ From, To kizashi.Time }

func (w window) has(t kizashi.Time) bool { return t >= w.From && t < w.To }

// moment is what the metrics need to know of an instant.
type moment struct {
	at      kizashi.Time
	day     int // since the first Monday
	hour    float64
	weekday time.Weekday
	load    float64 // customers, 0 to about 1.2
}

func momentOf(z *calendar.Zone, at kizashi.Time) moment {
	m := moment{
		at:      at,
		day:     int(at.Sub(firstDay) / dayLong),
		hour:    float64(z.DayMillis(int64(at))) / 3_600_000,
		weekday: z.Weekday(int64(at)),
	}
	m.load = m.rhythm()
	return m
}

const (
	weekendShare  = .85 // of the customers of a weekday
	mondayShare   = .15 // more of them on Monday morning, who shopped at the weekend
	mondayHour    = 9.75
	mondayBreadth = .75
	blendHours    = 3 // around midnight, from one kind of day to the next
)

// rhythm is a shop's day: a lunch hour, an evening, and nearly nobody at four.
func (m *moment) rhythm() float64 {
	day := .18 + .50*bump(m.hour, 12.5, 3) + .62*bump(m.hour, 20.5, 2.4)
	day *= m.share()
	if m.weekday == time.Monday {
		day += mondayShare * bump(m.hour, mondayHour, mondayBreadth)
	}
	return day
}

// share passes smoothly from one day's share to the next one's, so that
// midnight is no step.
func (m *moment) share() float64 {
	today := dayShare(m.weekday)
	switch {
	case m.hour < blendHours:
		w := .5 + m.hour/(2*blendHours)
		return w*today + (1-w)*dayShare((m.weekday+6)%7)
	case m.hour > 24-blendHours:
		w := .5 + (24-m.hour)/(2*blendHours)
		return w*today + (1-w)*dayShare((m.weekday+1)%7)
	}
	return today
}

func dayShare(d time.Weekday) float64 {
	if d == time.Saturday || d == time.Sunday {
		return weekendShare
	}
	return 1
}

// bump is a bell around an hour of the day, also across midnight.
func bump(hour, at, breadth float64) float64 {
	d := math.Mod(hour-at+36, 24) - 12
	return math.Exp(-d * d / (2 * breadth * breadth))
}

// staged says whether the staging host runs: it is stopped from Friday 22:00
// to Monday 07:00.
func (m *moment) staged() bool {
	switch m.weekday {
	case time.Saturday, time.Sunday:
		return false
	case time.Friday:
		return m.hour < 22
	case time.Monday:
		return m.hour >= 7
	}
	return true
}

// backup says whether the nightly backup of the database runs.
func (m *moment) backup() bool { return m.hour >= 2 && m.hour < 2+25./60 }

// batch says whether the nightly batch runs.
func (m *moment) batch() bool { return m.hour >= 3 && m.hour < 5 }
