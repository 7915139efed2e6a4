package explain

import (
	"math"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// teller holds what the sentences of one document may look at.
type teller struct {
	Style
	a           *kizashi.Alert
	j           *kizashi.Justification
	loc         *time.Location
	side        kizashi.Side
	unit        unit
	digits      int  // significant digits with which no value looks like its limit
	lay         bool // written for who reads no unit symbols
	missingSaid bool // the Japanese term was introduced
}

// layDigits are enough for who only wants the picture.
const layDigits = 2

// forLay returns a teller of the same alert for who reads no statistics:
// fewer digits, and times from a hundredth of a second on in seconds.
func (t *teller) forLay() *teller {
	f := *t
	f.lay, f.missingSaid = true, false
	for _, s := range t.unit.scales {
		if s.name == "s" && math.Abs(float64(t.a.Opening.Value)) >= s.size/100 {
			f.unit = unit{scales: []scale{s}}
		}
	}
	f.digits = f.enough(layDigits)
	return &f
}

// pick returns the text of the document's language.
func (t *teller) pick(en, ja string) string {
	if t.Lang == Japanese {
		return ja
	}
	return en
}

// enough digits for every value of the alert to look different from the
// limits that it is compared with.
func (t *teller) enough(digits int) int {
	for _, m := range [...]kizashi.Moment{t.a.Opening, t.a.Peak} {
		digits = t.unit.apart(t.unit.apart(digits, m.Value, m.Verdict.Lower), m.Value, m.Verdict.Upper)
		for _, v := range m.Verdict.Votes {
			digits = t.unit.apart(t.unit.apart(digits, m.Value, v.Lower), m.Value, v.Upper)
		}
	}
	return digits
}

// v writes a value of the series.
func (t *teller) v(n kizashi.Num) string {
	if !n.Ok() {
		return t.pick("no value", "値なし")
	}
	number, name := t.unit.split(float64(n), t.digits)
	return number + t.suffix(name)
}

// suffix of a number; who reads no symbols gets Japanese words for seconds.
func (t *teller) suffix(name string) string {
	if t.lay && t.Lang == Japanese {
		switch name {
		case "s":
			return "秒"
		case "ms":
			return "ミリ秒"
		}
	}
	return suffix(name)
}

// values writes several with the unit once, where it is the same for all.
// Zero goes along with the unit of the others.
func (t *teller) values(sep string, vs ...kizashi.Num) string {
	numbers, common, same := make([]string, len(vs)), t.unit.base().name, true
	first := true
	for i, v := range vs {
		if numbers[i] = "-"; !v.Ok() {
			continue
		}
		n, name := t.unit.split(float64(v), t.digits)
		if numbers[i] = n; v == 0 {
			continue
		}
		same = same && (first || name == common)
		common, first = name, false
	}
	if same {
		return strings.Join(numbers, sep) + t.suffix(common)
	}
	for i, v := range vs {
		numbers[i] = t.v(v)
	}
	return strings.Join(numbers, sep)
}

// span writes a range; one number where its ends look alike.
func (t *teller) span(low, high kizashi.Num) string {
	if low.Ok() && t.v(low) == t.v(high) {
		return t.v(low)
	}
	return t.values(t.pick(" to ", "〜"), low, high)
}

// quote marks what a person wrote.
func (t *teller) quote(s string) string {
	return t.pick(`"`, "「") + Clean(s) + t.pick(`"`, "」")
}

// name of the series with its statistic, as the reader knows it.
func (t *teller) name() string {
	if t.ofLines() {
		return Clean(t.log().Group)
	}
	n := t.j.Meta.Name()
	if len(t.j.Meta.Labels) == 0 {
		n = kizashi.Meta{Labels: t.a.Labels}.Name()
	}
	if n == "{}" {
		n = t.a.Series.String()
	}
	if s := t.j.Meta.Statistic; s != "" && !strings.Contains(n, s) {
		n += " " + s
	}
	return Clean(n)
}

// wall writes an instant in full.
func (t *teller) wall(at kizashi.Time) string { return Wall(at, t.loc, t.Lang) }

// at writes an instant within a text that has named zone and year.
func (t *teller) at(at kizashi.Time) string { return brief(at, t.loc, t.Lang) }

// span of time.
func (t *teller) stretch(from, to kizashi.Time) string { return Stretch(from, to, t.loc, t.Lang) }

func (t *teller) duration(d time.Duration) string { return Duration(d, t.Lang) }

// zone is the abbreviation of the series' zone at an instant.
func (t *teller) zone(at kizashi.Time) string { return zoneName(at.UTC().In(t.loc)) }

// hours names the moments that are alike by the season: "Wednesdays 15:00".
func (t *teller) hours() string {
	at := t.a.Opening.At.UTC().In(t.loc)
	clock := t.pick(at.Format("15:00"), at.Format("15")+"時台")
	switch t.seasonOf() {
	case kizashi.Weekly:
		return t.pick(at.Weekday().String()+"s ", string([]rune("日月火水木金土")[at.Weekday()])+"曜") + clock
	case kizashi.Daily24:
		return t.pick("any day ", "毎日") + clock
	}
	return t.pick("any hour", "全時間帯")
}

// sameHour names the moments that the justification lists as comparable: the
// same hour of the wall, of days alike.
func (t *teller) sameHour() string {
	at := t.a.Opening.At.UTC().In(t.loc)
	clock := t.pick(at.Format("15:00"), at.Format("15")+"時台")
	weekend := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
	switch {
	case t.seasonOf() != kizashi.Weekly:
		return t.pick("any day ", "毎日") + clock
	case weekend:
		return t.pick("weekends ", "土日") + clock
	}
	return t.pick("weekdays ", "平日") + clock
}

// seasonOf is the record's season, none without one.
func (t *teller) seasonOf() kizashi.Season {
	if t.j.Record == nil {
		return kizashi.NoSeason
	}
	return t.j.Record.Season
}

// sided picks a word by the side of the alert, or of the value where the
// alert has none.
func (t *teller) sided(e kizashi.Evidence, up, down string) string {
	side := t.side
	if side == kizashi.Both && (e.Low.Ok() && e.Value < e.Low || !e.High.Ok()) {
		side = kizashi.Down
	}
	if side == kizashi.Down {
		return down
	}
	return up
}

// limit is the end of the fact's band on the alert's side.
func (t *teller) limit(e kizashi.Evidence) kizashi.Num {
	if t.sided(e, "up", "down") == "down" {
		return e.Low
	}
	return e.High
}

// vote of a model on the opening sample.
func (t *teller) vote(model string) *kizashi.Vote {
	for i := range t.a.Opening.Verdict.Votes {
		if v := &t.a.Opening.Verdict.Votes[i]; v.Model == model {
			return v
		}
	}
	return nil
}

// missing is the Japanese for samples that did not come: introduced by its
// CloudWatch name at first use.
func (t *teller) missing() string {
	if t.missingSaid {
		return "欠測"
	}
	t.missingSaid = true
	return "欠測(CloudWatchの欠落データ)"
}
