package explain

import (
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Sentences about what comes at a time of the day, day after day.

func (t *teller) clock(at kizashi.Time) string { return at.UTC().In(t.loc).Format("15:04") }

// days on which it came, of those that were watched.
func (t *teller) came(count, of int, workdays bool) string {
	return t.pick(fmt.Sprintf("%d of %d ", count, of)+map[bool]string{false: "days", true: "days from Monday to Friday"}[workdays],
		map[bool]string{false: "", true: "月〜金曜日の"}[workdays]+fmt.Sprintf("%d日中%d日", of, count))
}

func regularEn(t *teller, e kizashi.Evidence) string {
	how, off := "it leaves its level", "to the minute"
	if r := t.j.Routine; r != nil {
		how = "it goes " + sideOf(r.Side, "above ", "below ") + t.v(kizashi.Num(r.Level))
	}
	if e.Value >= 60 {
		off = "at most " + t.duration(seconds(e.Value).Truncate(time.Minute)) + " early or late"
	}
	return fmt.Sprintf("Regularly from about %s to %s %s: on %s, %s; the band expects it.", t.clock(e.From), t.clock(e.To), how, t.came(e.Count, e.Of, e.Text != ""), off)
}

func regularJa(t *teller, e kizashi.Evidence) string {
	how, off := "定例の変動あり", "開始時刻のずれは1分未満"
	if r := t.j.Routine; r != nil {
		how = "定例の変動により" + t.v(kizashi.Num(r.Level)) + sideOf(r.Side, "を上回る", "を下回る")
	}
	if e.Value >= 60 {
		off = "開始時刻のずれは最大" + t.duration(seconds(e.Value).Truncate(time.Minute))
	}
	return fmt.Sprintf("%s頃〜%s頃は%s(%s、%s)。平常時の範囲に織り込み済み。", t.clock(e.From), t.clock(e.To), how, t.came(e.Count, e.Of, e.Text != ""), off)
}

func sideOf(s kizashi.Side, up, down string) string {
	if s == kizashi.Down {
		return down
	}
	return up
}

func routineEn(t *teller, e kizashi.Evidence) string {
	r := t.j.Routine
	if r == nil {
		return t.stood(e)
	}
	return fmt.Sprintf("What comes about %s has not come: %s later it has not gone %s %s, as it did on %s. It is missed from %s on: three times as far off as it ever began.",
		t.clock(r.From.Add(time.Duration(r.Usual))), t.duration(seconds(e.Value).Truncate(time.Minute)), sideOf(r.Side, "above", "below"), t.v(kizashi.Num(r.Level)),
		t.came(e.Count, e.Of, r.Workdays), t.duration(seconds(e.High).Truncate(time.Second)))
}

func routineJa(t *teller, e kizashi.Evidence) string {
	r := t.j.Routine
	if r == nil {
		return t.stood(e)
	}
	return fmt.Sprintf("%s頃の定例の変動が未発生。%sを過ぎても%s%s状態(%sは発生)。開始時刻のずれの3倍に当たる%sを超えたため通知。",
		t.clock(r.From.Add(time.Duration(r.Usual))), t.duration(seconds(e.Value).Truncate(time.Minute)), t.v(kizashi.Num(r.Level)), sideOf(r.Side, "を上回らない", "を下回らない"),
		t.came(e.Count, e.Of, r.Workdays), t.duration(seconds(e.High).Truncate(time.Second)))
}
