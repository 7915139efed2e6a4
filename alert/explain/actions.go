package explain

import (
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// answers are the ways to answer a message, in the order in which they are
// offered, with the command that does the same where nobody can follow a link.
var answers = []struct {
	name    string
	label   word
	command string // behind "kizashi "; %s = the alert's id
	over    bool   // also of what is over
}{
	{"ack", word{"Acknowledge", "確認済みにする"}, "ack %s", false},
	{"watch", word{"Watch: known, wait", "静観する"}, "watch %s --until TIME --reason TEXT", false},
	{"mute", word{"Mute", "通知を抑止する"}, "mute %s --until TIME --reason TEXT", false},
	{"feedback", word{"Not an anomaly", "異常ではない"}, "feedback %s false", true},
	{"assign", word{"Not ours", "担当が異なる"}, "assign %s OWNER --reason TEXT", false},
}

// actions offers what can be said of the leading alert.
func (w *writer) actions() []alert.Action {
	switch r := w.l.Thread.Reason; {
	case w.note(), r == alert.ReasonTest, r == alert.ReasonCaughtUp, r == alert.ReasonHeldBack:
		return nil
	}
	var out []alert.Action
	for _, a := range answers {
		if w.a.State == kizashi.Resolved && !a.over || w.blind() && a.name == "feedback" {
			continue
		}
		out = append(out, alert.Action{Name: a.name, Label: w.pick(a.label.en, a.label.ja), URL: w.l.Links[a.name], Command: "kizashi " + strings.Replace(a.command, "%s", w.a.ID, 1)})
	}
	return out
}
