package explain

import (
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Sentences about what comes at a time of the day, day after day.

func (t *teller) clock(at kizashi.Time) string { return at.UTC().In(t.loc).Format("15:04") }

// missed says that a vote is that of a routine which has not come.
func (t *teller) missed(v *kizashi.Vote) bool {
	return v.Model == string(kizashi.ClaimRoutine) && t.j.Routine != nil
}

// about is when a routine usually begins.
func (t *teller) about() string {
	return t.clock(t.j.Routine.From.Add(time.Duration(t.j.Routine.Usual)))
}

// passed says that the alert of a routine ended without a word on whether it came.
func (t *teller) passed() bool {
	d := t.deciding()
	return t.a.Ended == kizashi.ClaimBack && d != nil && t.missed(d)
}

// days on which it came, of those that were watched.
func (t *teller) came(count, of int, workdays bool) string {
	return t.pick(fmt.Sprintf("%d of %d ", count, of)+map[bool]string{false: "days", true: "days from Monday to Friday"}[workdays],
		map[bool]string{false: "", true: "月〜金曜日の"}[workdays]+fmt.Sprintf("%d日中%d日", of, count))
}

func regularEn(t *teller, e kizashi.Evidence) string {
	how := "it leaves its level"
	if r := t.j.Routine; r != nil {
		how = "it goes " + sideOf(r.Side, "above ", "below ") + t.v(kizashi.Num(r.Level))
	}
	off := "to the minute"
	if d := t.jitter(seconds(e.Value)); d != "" {
		off = "at most " + d + " early or late"
	}
	return fmt.Sprintf("Regularly from about %s to %s %s: on %s, %s; the band expects it.", t.clock(e.From), t.clock(e.To), how, t.came(e.Count, e.Of, e.Text != ""), off)
}

func regularJa(t *teller, e kizashi.Evidence) string {
	how := "定例の変動あり"
	if r := t.j.Routine; r != nil {
		how = "定例の変動により" + t.v(kizashi.Num(r.Level)) + sideOf(r.Side, "を上回る", "を下回る")
	}
	off := "開始時刻のずれは1分未満"
	if d := t.jitter(seconds(e.Value)); d != "" {
		off = "開始時刻のずれは最大" + d
	}
	return fmt.Sprintf("%s頃〜%s頃は%s(%s、%s)。平常時の範囲に織り込み済み。", t.clock(e.From), t.clock(e.To), how, t.came(e.Count, e.Of, e.Text != ""), off)
}

// jitter in whole minutes; "" = less than one.
func (t *teller) jitter(d time.Duration) string {
	if d < time.Minute {
		return ""
	}
	return t.duration(d.Truncate(time.Minute))
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
	off := ""
	if d := t.jitter(time.Duration(r.Jitter)); d != "" {
		off = ", as it never was more than " + d + " early or late"
	}
	return fmt.Sprintf("What comes about %s has not come: %s later it has not gone %s %s, as it did on %s. It is missed from %s on"+off+".",
		t.about(), t.duration(seconds(e.Value).Truncate(time.Minute)), sideOf(r.Side, "above", "below"), t.v(kizashi.Num(r.Level)),
		t.came(e.Count, e.Of, r.Workdays), t.duration(seconds(e.High).Truncate(time.Second)))
}

func routineJa(t *teller, e kizashi.Evidence) string {
	r := t.j.Routine
	if r == nil {
		return t.stood(e)
	}
	off := "1分未満"
	if d := t.jitter(time.Duration(r.Jitter)); d != "" {
		off = "最大" + d
	}
	return fmt.Sprintf("%s頃の定例の変動が未発生。%sを過ぎても%s%s状態(%sは発生)。遅れが限度の%sを超えたため通知(これまでの開始時刻のずれは"+off+")。",
		t.about(), t.duration(seconds(e.Value).Truncate(time.Minute)), t.v(kizashi.Num(r.Level)), sideOf(r.Side, "を上回らない", "を下回らない"),
		t.came(e.Count, e.Of, r.Workdays), t.duration(seconds(e.High).Truncate(time.Second)))
}
