package explain

import (
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/calendar"
)

// Question asks whether an act until further notice is still wanted.
type Question struct {
	Act  alert.Act
	Zone string    // IANA name of the tenant's wall time; "" = UTC
	Next time.Time // when it is asked again
}

// lasting are the acts that can hold until further notice: what they do, and
// what each is called.
var lasting = map[alert.ActKind]struct{ name, does word }{
	alert.ActMute:    {word{"mute", "通知抑止"}, word{"is not delivered", "通知を抑止しています"}},
	alert.ActExclude: {word{"exclusion", "学習除外"}, word{"is not learned", "学習から除外しています"}},
	alert.ActExpect:  {word{"expectation", "変動予定"}, word{"is judged by an expectation", "変動予定の範囲で判定しています"}},
}

// Ask writes the message of a question.
func Ask(q Question, s Style) (alert.Message, error) {
	if err := s.Check(); err != nil {
		return alert.Message{}, fmt.Errorf("ask about act %s: %w", Clean(q.Act.ID), err)
	}
	zone, err := calendar.Load(q.Zone)
	if err != nil {
		return alert.Message{}, fmt.Errorf("ask about act %s: %w", Clean(q.Act.ID), err)
	}
	t := &teller{Style: s, a: &kizashi.Alert{}, j: &kizashi.Justification{}, loc: zone.Location(), digits: usualDigits}
	w := &writer{t, &Letter{Act: &q.Act}}
	r, what := reasons[alert.ReasonAsk], lasting[q.Act.Kind]
	m := alert.Message{
		Title: w.pick(r.state.en+" "+what.name.en+" of "+w.about()+", "+Clean(q.Act.Tenant), "【"+r.state.ja+"】"+what.name.ja+" "+w.about()+" "+Clean(q.Act.Tenant)),
		Lead:  w.sentence(r)(w),
		Foot:  w.pick("Act ", "操作 ") + Clean(q.Act.ID) + w.pick("; asked again on ", "、次回確認 ") + w.wallTime(q.Next),
	}
	add := func(en, ja, text string) {
		if text != "" {
			m.Facts = append(m.Facts, alert.Fact{Name: w.pick(en, ja), Text: text})
		}
	}
	add("Customer", "お客様", Clean(q.Act.Tenant))
	add("Since", "開始", w.wallTime(since(q.Act)))
	add("Author", "設定者", Clean(q.Act.Author))
	add("On behalf of", "依頼者", Clean(q.Act.Request))
	add("Ticket", "チケット", Clean(q.Act.Ticket))
	add("Reason", "理由", Clean(q.Act.Reason))
	m.Actions = []alert.Action{{Name: "undo", Label: w.pick("End it", "解除する"), Command: "kizashi undo " + q.Act.ID + " --reason TEXT"}}
	return m, nil
}

func since(a alert.Act) time.Time {
	if a.From.IsZero() {
		return a.At
	}
	return a.From
}

// about names what an act is about.
func (w *writer) about() string { return w.aboutOf(*w.l.Act) }

func (w *writer) aboutOf(a alert.Act) string {
	switch {
	case a.Alert != "":
		return Clean(a.Alert)
	case len(a.Match) == 0:
		return w.pick("everything", "すべて")
	}
	return Clean(a.Match.String())
}

func askEn(w *writer) string {
	a := w.l.Act
	return "Since " + w.wallTime(since(*a)) + " " + w.about() + " " + lasting[a.Kind].does.en + ", until further notice, as " + Clean(a.Author) + " said. It goes on until somebody ends it: is it still wanted?"
}

func askJa(w *writer) string {
	a := w.l.Act
	return w.wallTime(since(*a)) + "から、" + Clean(a.Author) + "の設定により" + w.about() + "は期限を定めずに" + lasting[a.Kind].does.ja + "。解除されるまで継続します。引き続き必要かどうかご確認ください。"
}
