package explain

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
)

// word in either language.
type word struct{ en, ja string }

// reasonRow holds what a reason calls the state in a title ("" = as the alert
// has it), and the sentence that opens the message; nil = it needs none.
type reasonRow struct {
	state  word
	en, ja func(*writer) string
}

// reasons is the one place where reasons get words. Every [alert.Reason] has a
// row; a test reads the constants from the source.
var reasons = map[alert.Reason]reasonRow{
	alert.ReasonOpened:    {},
	alert.ReasonMore:      {word{"FIRING, MORE", "発報中・追加"}, moreEn, moreJa},
	alert.ReasonWorse:     {word{"FIRING, WORSE", "発報中・悪化"}, worseEn, worseJa},
	alert.ReasonAgain:     {word{"FIRING AGAIN", "再発"}, againEn, againJa},
	alert.ReasonResolved:  {word{"RESOLVED", "解消"}, nil, nil},
	alert.ReasonReminder:  {word{"STILL FIRING", "継続中"}, reminderEn, reminderJa},
	alert.ReasonEscalated: {word{"ESCALATED", "上位連絡"}, escalatedEn, escalatedJa},
	alert.ReasonUnwatched: {word{"WATCH OVER", "静観終了"}, unwatchedEn, unwatchedJa},
	alert.ReasonGrown:     {word{"WORSE WHILE WATCHED", "静観中に悪化"}, grownEn, grownJa},
	alert.ReasonUnmuted:   {word{"STILL FIRING AFTER MUTE", "抑止終了後も継続"}, unmutedEn, unmutedJa},
	alert.ReasonHours:     {word{"FIRING, BEGAN OFF HOURS", "時間外に発生"}, hoursEn, hoursJa},
	alert.ReasonAssigned:  {word{"ASSIGNED", "担当変更"}, assignedEn, assignedJa},
	alert.ReasonHeldBack:  {word{"HELD BACK", "通知上限による集約"}, heldBackEn, heldBackJa},
	alert.ReasonCaughtUp:  {word{"CAUGHT UP", "通知不能期間の集約"}, caughtUpEn, caughtUpJa},
	alert.ReasonDigest:    {word{"DIGEST", "日次まとめ"}, nil, nil},
	alert.ReasonAsk:       {word{"STILL WANTED?", "継続確認"}, askEn, askJa},
	alert.ReasonTest:      {word{"TEST", "テスト"}, testEn, testJa},
}

// added are the members that the thread's present turn tells first.
func (w *writer) added() int {
	n := 0
	for _, m := range w.l.Thread.Members {
		if m.Since == w.l.Thread.Seq {
			n++
		}
	}
	return n
}

func moreEn(w *writer) string {
	n := w.added()
	return Plural(n, "alert") + " more, " + Count(w.count()) + " in all. The one that leads:"
}

func moreJa(w *writer) string {
	return Count(w.added()) + "件が加わり、合計" + Count(w.count()) + "件です。代表は次のとおりです。"
}

func worseEn(w *writer) string {
	if why := w.raised(); why != "" {
		return "It has grown worse: " + why + "."
	}
	return "It has grown worse."
}

func worseJa(w *writer) string {
	if why := w.raised(); why != "" {
		return "状況が悪化しています(" + why + ")。"
	}
	return "状況が悪化しています。"
}

func againEn(w *writer) string { return "It came back after it had ended." }

func againJa(w *writer) string { return "一度解消した後、再発しました。" }

// unacked is how many of several nobody has acknowledged, where somebody has
// the others.
func (w *writer) unacked() (n, of int, some bool) {
	of = w.standing()
	n = of - w.l.Acked
	return n, of, w.l.Acked > 0 && n > 0
}

func reminderEn(w *writer) string {
	if n, of, some := w.unacked(); some {
		return Count(n) + " of " + Plural(of, "alert") + " " + isAre(n) + " not acknowledged so far, and it still stands after " + w.stood() + "."
	}
	return "Nobody has acknowledged it so far, and it still stands after " + w.stood() + "."
}

func reminderJa(w *writer) string {
	if n, of, some := w.unacked(); some {
		return Count(of) + "件中" + Count(n) + "件が未確認のまま" + w.stood() + "継続しています。"
	}
	return "未確認のまま" + w.stood() + "継続しています。"
}

// stood is for how long the thread has been open when the message became due.
func (w *writer) stood() string {
	th := w.l.Thread
	return w.duration(th.Changed.Sub(th.Opened).Round(time.Minute))
}

func escalatedEn(w *writer) string {
	if n, of, some := w.unacked(); some {
		return Count(n) + " of " + Plural(of, "alert") + " " + isAre(n) + " not acknowledged at " + w.quote(w.l.Thread.By) + " so far."
	}
	return "Nobody at " + w.quote(w.l.Thread.By) + " has acknowledged it so far."
}

func escalatedJa(w *writer) string {
	if n, of, some := w.unacked(); some {
		return Count(of) + "件中" + Count(n) + "件が" + w.quote(w.l.Thread.By) + "で確認されていないため、上位へお知らせします。"
	}
	return w.quote(w.l.Thread.By) + "で確認されていないため、上位へお知らせします。"
}

func unwatchedEn(w *writer) string {
	return "The agreed watch" + w.watchEn() + " is over, and it still stands."
}

func unwatchedJa(w *writer) string {
	return "静観" + w.watchJa() + "の期限が過ぎましたが、継続しています。"
}

func grownEn(w *writer) string {
	return "It was being watched" + w.watchEn() + ", and has grown worse than was agreed" + w.grew() + "."
}

func grownJa(w *writer) string {
	return "静観中" + w.watchJa() + "でしたが、取り決めた程度を超えて悪化した" + w.grew() + "ためお知らせします。"
}

// grew says by what measure a watched alert has grown worse: the one that its
// act was given.
func (w *writer) grew() string {
	if w.l.Act == nil {
		return ""
	}
	m, ok := alert.ParseMeasure(w.l.Act.Value)
	if !ok {
		return ""
	}
	var by []string
	if m.Beyond(w.a) {
		by = append(by, w.pick("its peak has gone from "+w.v(m.Peak)+" to "+w.v(w.a.Peak.Value), "最大乖離"+w.v(m.Peak)+"→"+w.v(w.a.Peak.Value)))
	}
	if sev := w.l.Members[0].Severity; m.Severity != 0 && sev > m.Severity {
		by = append(by, w.pick("its severity has gone from "+m.Severity.String()+" to "+sev.String(), "重要度"+w.severity(m.Severity)+"→"+w.severity(sev)))
	}
	if len(by) == 0 {
		return ""
	}
	return w.pick(": "+strings.Join(by, ", and "), "("+strings.Join(by, "、")+")")
}

// watchEn says until when, by whom and why somebody decided to wait.
func (w *writer) watchEn() string {
	a := w.l.Act
	if a == nil {
		return ""
	}
	s := " until " + w.wallTime(a.Until) + " (" + Clean(a.Author)
	if a.Request != "" {
		s += " for " + Clean(a.Request)
	}
	if a.Ticket != "" {
		s += ", " + Clean(a.Ticket)
	}
	return s + ": " + w.quote(a.Reason) + ")"
}

func (w *writer) watchJa() string {
	a := w.l.Act
	if a == nil {
		return ""
	}
	s := "(期限" + w.wallTime(a.Until) + "、判断" + Clean(a.Author)
	if a.Request != "" {
		s += "、依頼" + Clean(a.Request)
	}
	if a.Ticket != "" {
		s += "、" + Clean(a.Ticket)
	}
	return s + "、理由" + w.quote(a.Reason) + ")"
}

func unmutedEn(w *writer) string {
	return "The mute" + w.because() + " is over, and it still stands."
}

func unmutedJa(w *writer) string {
	return "通知の抑止" + w.because() + "が終わりましたが、継続しています。"
}

// anID is that of an act, which says nothing to a reader.
var anID = regexp.MustCompile(`^[0-9a-f]{12}$`)

// because names the act or the row of the configuration. Of one that is there
// no more nothing can be said.
func (w *writer) because() string {
	switch {
	case w.l.Act != nil:
		return w.pick(" "+w.quote(w.l.Act.Reason), w.quote(w.l.Act.Reason))
	case w.l.Thread.By != "" && !anID.MatchString(w.l.Thread.By):
		return w.pick(" "+w.quote(w.l.Thread.By), w.quote(w.l.Thread.By))
	}
	return ""
}

func hoursEn(w *writer) string { return "It began outside duty hours, and still stands." }

func hoursJa(w *writer) string { return "受付時間外に発生し、継続しています。" }

func assignedEn(w *writer) string {
	s := "It is yours now"
	if a := w.l.Act; a != nil {
		s += ", by " + Clean(a.Author) + ": " + w.quote(a.Reason)
	}
	return s + "."
}

func assignedJa(w *writer) string {
	if a := w.l.Act; a != nil {
		return Clean(a.Author) + "により担当が変更されました(理由" + w.quote(a.Reason) + ")。"
	}
	return "担当が変更されました。"
}

func heldBackEn(w *writer) string {
	return fmt.Sprintf("The cap on messages was reached; %s held back. They are stored, and here in one list.", wereHeld(w.count()))
}

func heldBackJa(w *writer) string {
	return "通知数の上限に達したため、" + Count(w.count()) + "件の個別通知を控えました。記録は残っており、まとめてお知らせします。"
}

func caughtUpEn(w *writer) string {
	return fmt.Sprintf("While this channel could not be reached %s begun and ended. They are stored, and not told one by one.", haveAlerts(w.count()))
}

func caughtUpJa(w *writer) string {
	return "この通知先に届けられない間に" + Count(w.count()) + "件が発生し、解消しました。記録は残っており、個別の通知は行いません。"
}

func wereHeld(n int) string {
	if n == 1 {
		return "1 alert was"
	}
	return Count(n) + " alerts were"
}

func haveAlerts(n int) string {
	if n == 1 {
		return "1 alert has"
	}
	return Count(n) + " alerts have"
}

func testEn(w *writer) string {
	return "This is a test of the way to you; nothing is the matter."
}

func testJa(w *writer) string {
	return "通知経路のテストです。異常は発生していません。"
}
