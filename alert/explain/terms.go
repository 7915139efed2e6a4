package explain

import (
	"fmt"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// terms is the one place where the grounds of a severity get words. Every
// [alert.TermName] has a row; a test reads the constants from the source.
var terms = map[alert.TermName]struct {
	en, ja func(*writer, alert.Term) string
}{
	alert.TermClass: {
		func(w *writer, t alert.Term) string { return "class " + Clean(t.Text) },
		func(w *writer, t alert.Term) string { return "区分" + Clean(t.Text) },
	},
	alert.TermGuard: {
		func(*writer, alert.Term) string { return "a hard limit is crossed" },
		func(*writer, alert.Term) string { return "ガードレール超過" },
	},
	alert.TermEffect: {
		func(w *writer, t alert.Term) string {
			return w.fold(t.Value) + " times as far from the expected value as the limit"
		},
		func(w *writer, t alert.Term) string {
			return "期待値からの乖離が限度の" + w.fold(t.Value) + "倍"
		},
	},
	alert.TermDuration: {
		func(w *writer, t alert.Term) string { return "for " + w.duration(seconds(t.Value)) },
		func(w *writer, t alert.Term) string { return w.duration(seconds(t.Value)) + "継続" },
	},
	alert.TermBreadth: {
		func(w *writer, t alert.Term) string { return fmt.Sprintf("%d of %d of its group", t.Count, t.Of) },
		func(w *writer, t alert.Term) string {
			return fmt.Sprintf("同グループ%d件中%d件", t.Of, t.Count)
		},
	},
	alert.TermRedundancy: {
		func(w *writer, t alert.Term) string { return fmt.Sprintf("%d lost, %d may be", t.Count, t.Of) },
		func(w *writer, t alert.Term) string { return fmt.Sprintf("停止%d台(許容%d台)", t.Count, t.Of) },
	},
	alert.TermOverride: {
		func(w *writer, t alert.Term) string { return "set by " + w.quote(t.Text) },
		func(w *writer, t alert.Term) string { return w.quote(t.Text) + "の設定による" },
	},
}

// classBy is the class that the grounds of a severity came to, of an alert of
// class own: a hard limit makes it act; a group that can lose some of its
// members makes it act beyond them, and else check.
func classBy(ts []alert.Term, own string) string {
	for _, t := range ts {
		switch {
		case t.Name == alert.TermGuard, t.Name == alert.TermRedundancy && t.Count > t.Of:
			return "act"
		case t.Name == alert.TermRedundancy:
			return "check"
		}
	}
	return own
}

// fold is how many times.
func (w *writer) fold(n kizashi.Num) string {
	if !n.Ok() {
		return "?"
	}
	return plainNumber(round(float64(n), layDigits))
}

// grounds is the severity and why: "critical: class act; for 2 hours (+1)".
func (w *writer) grounds() string {
	sev := w.l.Members[0].Severity
	name := map[alert.Severity]word{alert.Critical: {"critical", "緊急"}, alert.Warning: {"warning", "警告"}, alert.Notice: {"notice", "注意"}}[sev]
	s := w.pick(name.en, name.ja)
	if s == "" || len(w.l.Terms) == 0 {
		return s
	}
	var each []string
	for _, t := range w.l.Terms {
		said := w.term(t)
		if t.Moves != 0 {
			said += fmt.Sprintf(" (%+d)", t.Moves)
		}
		each = append(each, said)
	}
	return s + w.pick(": ", "(") + strings.Join(each, w.pick("; ", "、")) + w.pick("", ")")
}

func (w *writer) term(t alert.Term) string {
	r, ok := terms[t.Name]
	switch {
	case !ok:
		return Clean(string(t.Name))
	case w.Lang == Japanese:
		return r.ja(w, t)
	}
	return r.en(w, t)
}

// raised are the grounds that raise the severity.
func (w *writer) raised() string {
	var each []string
	for _, t := range w.l.Terms {
		if t.Moves > 0 {
			each = append(each, w.term(t))
		}
	}
	return strings.Join(each, w.pick("; ", "、"))
}
