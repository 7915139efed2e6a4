package logs

import (
	"fmt"
	"time"
)

// Param is a number that a kind of anomaly is judged with.
type Param struct{ Name, Value, About string }

// Params are those of a kind, its share of the target first.
func (k Kind) Params() []Param {
	row := Table[k]
	of := map[Kind]string{NewError: " of errors", NewWarning: " of warnings", NewOther: " of others", NewBusy: " of others that go on"}
	out := []Param{{"share" + of[k], fmt.Sprint(row.Share), "of the log group's false-alert target: " + row.About}}
	add := func(name, about string, value any) {
		if d, ok := value.(time.Duration); ok && d >= day && d%day == 0 {
			value = fmt.Sprintf("%d d", d/day)
		} else if ok && d > hour {
			value = fmt.Sprintf("%d h", d/hour)
		} else if ok {
			value = fmt.Sprintf("%d min", d/time.Minute)
		}
		out = append(out, Param{name, fmt.Sprint(value), about})
	}
	counts := func() {
		add("overdispersion", "from to: how much more counts scatter than chance alone lets them, of each pattern", fmt.Sprintf("%v to %v", leastAlpha, mostAlpha))
		add("doubt", "exceedances that a distribution's fit is taken on trust for", oddsWeigh)
		add("half-life", "of what is usual in an hour of the week, of scatter and of trust", 14*day)
		add("adopted after", "that a level over the limit has lasted", time.Duration(adopts)*window)
	}
	switch k {
	case NewBusy:
		add("lines", "that it must have", busyLines)
		add("within", "so long of its first", time.Duration(busyWithin))
	case Rare:
		add("days", "on which it came at the most", rareDays)
		add("not for", "", time.Duration(rareFor))
	case ManyNew:
		add("least", "new patterns that are not told yet", leastMany)
		add("times", "as many as in any hour of the last one to two weeks are not told yet", 2)
	case Surge:
		add("window", "", time.Duration(window))
		add("together", "windows that are judged as one, too", 3)
		add("least", "lines in it", leastSurge)
		counts()
	case Share:
		add("window", "", time.Duration(window))
		add("least", "lines of the whole in it", leastWhole)
		add("slots", "that are looked at: from so many lines of the pattern on", slotsFrom)
		add("values", "of a slot at the most", mostValues)
		counts()
	case Drop:
		add("window", "", time.Duration(hour))
		add("least", "lines that are usual in it", leastDrop)
		counts()
	case Absent:
		add("gaps", "that it must have had", leastGaps)
		add("days", "on which it must have come", rhythmDays)
		add("longer", "than any wait so far, at the least", longerBy)
		add("forgotten after", "", time.Duration(forgets))
	case Ratio:
		add("times", "as many at the most", mostTimes)
		add("holds", "in this part of the hours", pairSupport)
		add("hours", "that it must have held", pairProven)
	case Value:
		add("values", "of a slot at the most", mostValues)
		add("lines", "of the slot", 2*slotsFrom)
	}
	return out
}
