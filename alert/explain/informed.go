package explain

import (
	"strconv"

	"github.com/kizashi-ops/kizashi"
)

// What a coarser history did to a baseline.

// weeks of hourly values, to the nearest one.
func weeks(hours int) int { return (hours + 84) / 168 }

// days writes a stretch of many weeks.
func (t *teller) days(e kizashi.Evidence, between, layout string) string {
	day := func(at kizashi.Time) string { return at.UTC().In(t.loc).Format(layout) }
	return day(e.From) + between + day(e.To)
}

func informedEn(t *teller, e kizashi.Evidence) string {
	history := Plural(weeks(e.Count), "week") + " of hourly values (" + t.days(e, " to ", "2006-01-02") + ")"
	switch e.Text {
	case "short":
		return "The coarser history (" + Plural(e.Count, "hourly value") + ") is too short to inform the baseline."
	case "unlike":
		return "The coarser history, " + history + ", is unlike what the series itself shows; nothing of it is used."
	}
	return "Season and usual values were informed by " + history + "; scale and limits rest on the series' own samples."
}

func informedJa(t *teller, e kizashi.Evidence) string {
	history := "1時間値" + strconv.Itoa(weeks(e.Count)) + "週分(" + t.days(e, "〜", "2006/1/2") + ")"
	switch e.Text {
	case "short":
		return "過去の1時間値は" + Count(e.Count) + "点のみで、平常値の参考とするには短い。"
	case "unlike":
		return "過去の" + history + "は系列自身の実績と傾向が異なるため不使用。"
	}
	return "季節性と平常値の参考に過去の" + history + "を使用、尺度と限度は系列自身の実績による。"
}
