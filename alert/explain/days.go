package explain

import (
	"fmt"

	"github.com/kizashi-ops/kizashi"
)

// Sentences about days that are not like the others of their week, and about
// hours in which somebody is expected.

// dayKind names a kind of days.
func (t *teller) dayKind(kind string) string {
	switch kind {
	case kizashi.DayClosed:
		return t.pick("closed days", "休業日")
	case kizashi.DayYearEnd:
		return t.pick("the turn of the year", "年末年始")
	case kizashi.DayObon:
		return t.pick("Obon", "お盆")
	case kizashi.DayHoliday:
		return t.pick("holidays", "祝日・休日")
	}
	return t.quote(kind)
}

func kindEn(t *teller, e kizashi.Evidence) string {
	s := "The day is one of " + t.dayKind(e.Text) + ": it is judged by earlier ones, not by its day of the week, and not learned as an ordinary one. "
	times := factor(e.Low) + " to " + factor(e.High) + " times"
	switch e.Count {
	case 0:
		return s + "None is known yet, so that the band was widened: " + times + " what is usual on other days counts as usual."
	case 1:
		return s + "Only one is known, so that the band was widened: " + times + " what it was counts as usual."
	}
	return s + fmt.Sprintf("%d are known; %s what they were counts as usual.", e.Count, times)
}

func kindJa(t *teller, e kizashi.Evidence) string {
	s := "当日は" + t.dayKind(e.Text) + "にあたるため、曜日ではなく過去の同種の日と比較し、通常日としては学習しない。"
	times := factor(e.Low) + "〜" + factor(e.High) + "倍"
	switch e.Count {
	case 0:
		return s + "過去の実績がないため幅を広げ、通常日の" + times + "を平常とみなす。"
	case 1:
		return s + "過去の実績が1日分のみのため幅を広げ、その" + times + "を平常とみなす。"
	}
	return s + fmt.Sprintf("過去の実績%d日分の%sを平常とみなす。", e.Count, times)
}

// hourly is how many lines an hour are usual, at the least and at the most.
func (t *teller) hourly(low, high kizashi.Num) string {
	a, b := plainNumber(round(float64(low), layDigits)), plainNumber(round(float64(high), layDigits))
	if a == b {
		return t.pick(a, a+"行")
	}
	return t.pick(a+" to "+b, a+"〜"+b+"行")
}

// noSunday says that nothing is known of a Sunday either: a day off may have no line at
// all, or as many as an ordinary day.
func noSunday(e kizashi.Evidence) bool { return e.Low == 0 && e.High == e.Value }

func lineDayEn(t *teller, e kizashi.Evidence) string {
	s := "The day is one of " + t.dayKind(e.Text) + ": its lines are "
	if e.Count > 0 {
		s += "judged by earlier ones, not by the day of the week, and "
	}
	s += "not learned as an ordinary day's. "
	switch {
	case e.Count == 1:
		s += "Only one is known: "
	case e.Count > 1:
		s += fmt.Sprintf("%d are known: ", e.Count)
	case !kizashi.DayOff(e.Text):
		s += "None is known yet, so that half to twice what is usual is let pass: "
	case noSunday(e):
		s += "None is known yet, so that anything from none at all to what an ordinary day of its week has is let pass: "
	default:
		s += "None is known yet, so that anything between an ordinary day of its week and a Sunday is let pass: "
	}
	return s + t.hourly(e.Low, e.High) + " lines in this hour count as usual, " + t.hourly(e.Value, e.Value) + " on an ordinary day of its week."
}

func lineDayJa(t *teller, e kizashi.Evidence) string {
	s := "当日は" + t.dayKind(e.Text) + "にあたるため、"
	switch {
	case e.Count > 0:
		s += fmt.Sprintf("曜日ではなく過去の同種の日と比較し、通常日としては学習しない。過去の実績%d日分", e.Count)
	case !kizashi.DayOff(e.Text):
		s += "通常日としては学習しない。同種の日の実績がないため、通常日の半分〜2倍"
	case noSunday(e):
		s += "通常日としては学習しない。同種の日の実績がないため、出力なしから通常日の行数まで"
	default:
		s += "通常日としては学習しない。同種の日の実績がないため、通常日と日曜日の間"
	}
	return s + "を平常とみなす(この1時間の平常は" + t.hourly(e.Low, e.High) + "、通常日は" + t.hourly(e.Value, e.Value) + ")。"
}

func lateEn(t *teller, e kizashi.Evidence) string {
	return "Samples are expected since " + t.at(e.From) + ", when the hours " + t.quote(e.Text) + " opened; the first may come " + t.duration(seconds(e.Value)) + " later, and none has."
}

func lateJa(t *teller, e kizashi.Evidence) string {
	return "稼働予定の時間帯" + t.quote(e.Text) + "の開始(" + t.at(e.From) + ")から" + t.duration(seconds(e.Value)) + "を過ぎても計測なし。"
}

func effectEn(t *teller, e kizashi.Evidence) string {
	return "It lies " + t.v(e.Value) + " beyond the expected; less than " + t.v(e.Low) + " is not told, by configuration."
}

func effectJa(t *teller, e kizashi.Evidence) string {
	return "期待値との差は" + t.v(e.Value) + "(設定により" + t.v(e.Low) + "未満の差は発報対象外)。"
}

func firstEn(t *teller, e kizashi.Evidence) string {
	return "The series is in its first week: only what lies outside all that it showed before (" + t.v(e.Low) + " to " + t.v(e.High) + ") is told."
}

func firstJa(t *teller, e kizashi.Evidence) string {
	return "計測開始から1週間は、それまでの実績(" + t.v(e.Low) + "〜" + t.v(e.High) + ")を外れた値のみを発報対象とする。"
}

func volumeEn(t *teller, e kizashi.Evidence) string {
	return t.quote(e.Text) + " counted " + factor(e.Value) + ", " + t.stretch(e.From, e.To) + "; below " + factor(e.Low) + " there is no opinion."
}

func volumeJa(t *teller, e kizashi.Evidence) string {
	return t.stretch(e.From, e.To) + "の" + t.quote(e.Text) + "は" + factor(e.Value) + "件(" + factor(e.Low) + "件未満は判定しない)。"
}
