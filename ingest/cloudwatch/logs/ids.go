package logs

import (
	"math"
	"strconv"
	"time"
	"unique"

	"github.com/kizashi-ops/kizashi"
)

// eventDigits is how long CloudWatch's event ids are: decimal digits.
const eventDigits = 56

// eventID is an event's id, whole: CloudWatch's digits in three numbers, any
// other text as it is. Nothing is hashed, so no two events are taken for one.
type eventID struct {
	a, b, c uint64
	text    unique.Handle[string]
}

func idOf(s string) eventID {
	other := eventID{c: math.MaxUint64} // more than 18 digits make
	if len(s) != eventDigits {
		other.text = unique.Make(s)
		return other
	}
	a, errA := strconv.ParseUint(s[:19], 10, 64)
	b, errB := strconv.ParseUint(s[19:38], 10, 64)
	c, errC := strconv.ParseUint(s[38:], 10, 64)
	if errA != nil || errB != nil || errC != nil || s[0] == '+' || s[19] == '+' || s[38] == '+' {
		other.text = unique.Make(s)
		return other
	}
	return eventID{a: a, b: b, c: c}
}

// ids are the events of a log group that were delivered, by the minute of
// their time: those that a later read can bring again.
type ids struct {
	by map[kizashi.Time]map[eventID]struct{}
	n  int
}

// add says whether the event is new.
func (x *ids) add(at kizashi.Time, id eventID) bool {
	m := at.Floor(time.Minute)
	set := x.by[m]
	if set == nil {
		if x.by == nil {
			x.by = map[kizashi.Time]map[eventID]struct{}{}
		}
		set = map[eventID]struct{}{}
		x.by[m] = set
	}
	if _, ok := set[id]; ok {
		return false
	}
	set[id] = struct{}{}
	x.n++
	return true
}

// forget drops the events of before an instant, which no later read asks for.
func (x *ids) forget(before kizashi.Time) {
	for m, set := range x.by {
		if m < before.Floor(time.Minute) {
			x.n -= len(set)
			delete(x.by, m)
		}
	}
}

// oldest is the first minute that there is an event of; Forever = there is
// none.
func (x *ids) oldest() kizashi.Time {
	least := kizashi.Forever
	for m := range x.by {
		least = min(least, m)
	}
	return least
}
