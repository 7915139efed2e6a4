package explain

import (
	"fmt"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Sentences about a limit that a trend will come to.

// soon is how near a date must be for its hour to be told.
const soon = 48 * time.Hour

// tenYears is where a forecast's interval has no end worth naming.
const tenYears = 3649 * 24 * time.Hour

// dated writes a date, and its hour where that is near.
func (t *teller) dated(f *kizashi.Forecast, at kizashi.Time) string {
	if f.Date.Sub(f.At) < soon {
		return t.at(at)
	}
	day := at.UTC().In(t.loc)
	if t.Lang == Japanese {
		return dayJa(day)
	}
	return dayEn(day)
}

// way picks a word by where the line goes.
func way(g *kizashi.Ground, up, down string) string {
	if g.Ahead.Slope < 0 {
		return down
	}
	return up
}

// between writes the forecast's interval.
func (t *teller) between(f *kizashi.Forecast) string {
	early, late := t.dated(f, f.Early), t.dated(f, f.Late)
	switch {
	case f.Late.Sub(f.At) >= tenYears:
		return t.pick("from "+early+" on", early+"以降")
	case early == late && early == t.dated(f, f.Date):
		return t.pick("that day", "同日")
	case early == late:
		return early
	}
	return t.pick(early+" to "+late, early+"〜"+late)
}

// pace is how far the line goes in a day, or in an hour where the date is near.
func (t *teller) pace(f *kizashi.Forecast) string {
	by := math.Abs(f.Slope)
	if f.Date.Sub(f.At) < soon {
		return t.unit.format(by/24, usualDigits) + t.pick(" an hour", "/時")
	}
	return t.unit.format(by, usualDigits) + t.pick(" a day", "/日")
}

// note of the limit that a forecast is about.
func (t *teller) aheadNote(g *kizashi.Ground) (note string, guard bool) {
	set := &t.j.Settings
	for i := range set.Aheads() {
		if a, ok := set.AheadOf(&t.j.Meta, i); ok && (a.Side == kizashi.Down) == (g.Ahead.Slope < 0) && a.Value == g.Ahead.Limit {
			return a.Note, set.Forecast == nil
		}
	}
	return "", false
}

func forecastEn(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || g.Ahead == nil {
		return t.stood(e)
	}
	f := g.Ahead
	note, guard := t.aheadNote(g)
	what := "the " + way(g, "", "lower ") + "limit"
	if guard {
		what += " (guard rail)"
	}
	if note != "" {
		what += " (" + t.quote(note) + ")"
	}
	s := fmt.Sprintf("If it goes on like this it reaches %s, %s, on %s (80 %%: %s).", t.v(kizashi.Num(f.Limit)), what, t.dated(f, f.Date), t.between(f))
	if f.Lead > 0 {
		s += fmt.Sprintf(" The remedy takes %s, so the last day to act is %s.", t.duration(time.Duration(f.Lead)), t.dated(f, f.Act))
	}
	s += fmt.Sprintf(" Since %s it has gone %s by %s, a slope of %s times its standard error.", t.at(g.From), way(g, "up", "down"), t.pace(f), stat(kizashi.Num(min(f.Trust, mostTrust))))
	if p := g.Past; p != nil && p.Of > 0 {
		times := "never"
		if p.Count > 0 {
			times = t.times(p.Count)
		}
		s += fmt.Sprintf(" In the %s before, it %s went so far and came back.", t.duration(whole(p.To.Sub(p.From))), times)
	}
	return s + fmt.Sprintf(" It is told where the last day to act may be %s away or less, whatever the false-alert target.", t.duration(time.Duration(f.Within)))
}

func forecastJa(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || g.Ahead == nil {
		return t.stood(e)
	}
	f := g.Ahead
	note, guard := t.aheadNote(g)
	what := way(g, "上限値", "下限値")
	if guard {
		what = "ガードレール(" + what + ")"
	}
	what += t.v(kizashi.Num(f.Limit))
	if note != "" {
		what += "(" + Clean(note) + ")"
	}
	s := fmt.Sprintf("予兆。このまま推移すると%sに%sへ到達する見込み(80 %%の範囲: %s)。", t.dated(f, f.Date), what, t.between(f))
	if f.Lead > 0 {
		s += fmt.Sprintf("対処に%sを要するため、着手の期限は%s。", t.duration(time.Duration(f.Lead)), t.dated(f, f.Act))
	}
	s += fmt.Sprintf("%sから%sの%s(傾きは標準誤差の%s倍)。", t.at(g.From), t.pace(f), way(g, "増加", "減少"), stat(kizashi.Num(min(f.Trust, mostTrust))))
	if p := g.Past; p != nil && p.Of > 0 {
		s += fmt.Sprintf("その前の%sに、同じところまで進んで戻ったのは%d回。", t.duration(whole(p.To.Sub(p.From))), p.Count)
	}
	return s + fmt.Sprintf("着手の期限まで%s以内となりうる時点で通知(誤検知の目標とは別枠)。", t.duration(time.Duration(f.Within)))
}

// ahead is the forecast of a vote, nil where it is of another kind.
func (t *teller) ahead(v *kizashi.Vote) *kizashi.Ground {
	if v == nil || v.Model != string(kizashi.ClaimForecast) {
		return nil
	}
	if g := t.ground(kizashi.ClaimForecast); g != nil && g.Ahead != nil {
		return g
	}
	return nil
}

// aheadTitle says where it will be, and when.
func (t *teller) aheadTitle(g *kizashi.Ground) string {
	f := g.Ahead
	return t.pick(", will reach "+t.v(kizashi.Num(f.Limit))+" about "+t.dated(f, f.Date),
		"("+t.dated(f, f.Date)+"頃に"+way(g, "上限値", "下限値")+t.v(kizashi.Num(f.Limit))+"へ到達の見込み)")
}

// willReach tells who decides what comes, and until when something can be done.
func (t *teller) willReach(g *kizashi.Ground) string {
	f, limit := g.Ahead, t.v(kizashi.Num(g.Ahead.Limit))
	en := "On " + t.wall(t.a.Opened) + " " + t.subject() + " was " + t.v(t.a.Opening.Value) + ". If it goes on like this it reaches the limit of " + limit + " on " + t.dated(f, f.Date) + " (80 %: " + t.between(f) + ")."
	ja := t.wall(t.a.Opened) + "の" + t.name() + "の値は" + t.v(t.a.Opening.Value) + "です。このまま推移すると、" + t.dated(f, f.Date) + "に限度" + limit + "へ達する見込みです(80 %の範囲: " + t.between(f) + ")。"
	if f.Lead > 0 {
		lead := t.duration(time.Duration(f.Lead))
		en += " The remedy takes " + lead + ": the last day to act is " + t.dated(f, f.Act) + "."
		ja += "対処には" + lead + "かかるため、" + t.dated(f, f.Act) + "までの着手が必要です。"
	}
	return t.pick(en, ja)
}

// mostTrust is as far as a slope's certainty says anything.
const mostTrust = 999

// whole days of a span, where it has any.
func whole(d time.Duration) time.Duration {
	const day = 24 * time.Hour
	if d >= day {
		return d.Round(day)
	}
	return d
}
