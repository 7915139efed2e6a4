package logs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
	"github.com/kizashi-ops/kizashi/logs"
)

// office is a log group that has orders, two a minute from 9 to 17 h of working days, else
// one in ten minutes, and a heartbeat each five minutes whatever day it is.
type office struct {
	*desk
	off  map[int]string // by day since the start: the kind that the calendar has of it
	knew bool           // the calendar

	keep  func()      // stores the counts; nil = nobody does
	notes []logs.Note // all so far
}

func newOffice(t *testing.T, calendar bool) *office {
	return &office{desk: newDesk(t), off: map[int]string{28: kizashi.DayHoliday, 35: kizashi.DayHoliday}, knew: calendar}
}

func (o *office) day(at kizashi.Time) int { return int(at.Sub(logStart) / (24 * time.Hour)) }

var logStart = kizashi.TimeOf(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)) // a Monday

func (o *office) proof(id kizashi.SeriesID, at kizashi.Time) (kizashi.Proof, error) {
	p, err := o.about(id, at)
	for d := range 15 {
		if o.knew {
			p.Days = append(p.Days, o.off[o.day(at)-d])
		}
	}
	return p, err
}

// through writes what the office has until a day ends, orders by what is said of the day.
func (o *office) through(end int, orders func(day, hour int) int, beats func(day, hour int) bool) {
	o.t.Helper()
	for ; o.day(o.at) < end; o.at = o.at.Add(time.Hour) {
		var ls []kizashi.Line
		day, hour := o.day(o.at), o.at.UTC().Hour()
		add := func(m int, format string, args ...any) {
			ls = append(ls, kizashi.Line{Series: o.meta.Series, At: o.at.Add(time.Duration(m) * time.Minute), Text: fmt.Sprintf(format, args...)})
		}
		for m := range 60 {
			n := orders(day, hour)
			if n == 0 && m%10 == 7 {
				n = 1
			}
			for k := range n {
				add(m, "INFO order %d accepted in %d ms", m*7919+k, 20+m%17)
			}
			if m%5 == 0 && beats(day, hour) {
				add(m, "INFO heartbeat number %d", m)
			}
		}
		if _, err := o.e.Take(ls); err != nil {
			o.t.Fatal(err)
		}
		o.out.Reset()
		if err := o.e.Close(o.meta.Series, o.at.Add(time.Hour), o.proof, &o.out); err != nil {
			o.t.Fatal(err)
		}
		o.all, o.notes = append(o.all, o.out.Crossings...), append(o.notes, o.out.Notes...)
		if o.keep != nil {
			o.keep()
		}
	}
}

// orders of an ordinary week, on holidays as on Sundays.
func (o *office) orders(day, hour int) int {
	if hour < 9 || hour >= 17 || day%7 >= 5 || o.off[day] == kizashi.DayHoliday {
		return 0
	}
	return 2
}

func always(int, int) bool { return true }

func TestAHolidayIsNoWorkingDay(t *testing.T) {
	for _, calendar := range []bool{false, true} {
		o := newOffice(t, calendar)
		o.through(28, o.orders, always)
		o.told()
		o.through(29, o.orders, always)
		if got := o.told(); strings.Contains(got, "log_drop") == calendar || calendar && got != "" {
			t.Errorf("a Monday that is a holiday, with the orders of a Sunday; the calendar is known: %v: %q", calendar, got)
		}
		if !calendar {
			continue
		}
		o.through(42, o.orders, always)
		if got := o.told(); got != "" {
			t.Errorf("ordinary days after it, and another holiday: %q", got)
		}
		// The holidays were not learned as Mondays: a Monday without is one.
		few := func(day, hour int) int { return 0 }
		o.through(43, few, always)
		if got := o.told(); !strings.Contains(got, "log_drop") {
			t.Errorf("a Monday like a Sunday, after two Mondays that were holidays: %q", got)
		}
	}
}

func TestWhatComesOnHolidaysTooIsMissedOnOne(t *testing.T) {
	o := newOffice(t, true)
	o.through(28, o.orders, always)
	o.told()
	o.through(29, o.orders, func(day, hour int) bool { return hour < 12 })
	found := false
	for i := range o.all {
		for _, p := range o.all[i].Proof {
			if d := p.Log.Day; p.Grounds[0].Model == "log_absent" {
				found = true
				if d == nil || d.Kind != kizashi.DayHoliday || d.Days != 0 || !(d.Low > 11.9 && d.High < 12.1) {
					t.Errorf("what is said of the day: %+v", d)
				}
			}
		}
	}
	if !found {
		t.Error("a heartbeat that stops on a holiday was not missed")
	}
}

func TestASpecialDayIsJudgedByItsLike(t *testing.T) {
	o := newOffice(t, true)
	o.off = map[int]string{28: "sale", 29: "sale", 30: "sale", 31: "sale"}
	sale := func(day, hour int) int {
		n := o.orders(day, hour)
		if o.off[day] == "sale" {
			n *= 5
		}
		return n
	}
	o.through(28, sale, always)
	o.told()
	o.through(29, sale, always)
	var of *kizashi.LogDay
	for i := range o.all {
		for _, p := range o.all[i].Proof {
			if p.Grounds[0].Model == "log_surge" && of == nil {
				of = p.Log.Day
			}
		}
	}
	if of == nil || of.Days != 0 || of.Low != of.Ordinary/2 || of.High != 2*of.Ordinary {
		t.Fatalf("five times the orders on the first day of a sale: %+v", of)
	}
	o.told()
	o.through(33, sale, always)
	b, err := o.e.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	again := logs.New(pattern.Config{})
	if err := again.Decode(b); err != nil {
		t.Fatal(err)
	}
	c, err := again.AppendBinary(nil)
	if err != nil || string(b) != string(c) {
		t.Errorf("what is known of special days does not come back from the state: %v", err)
	}
	if got := o.told(); strings.Contains(got, "log_drop") {
		t.Errorf("days of a sale: %q", got)
	}
}
