package explain

import (
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// Notes are alerts about Kizashi's own work that nobody has to act on at once:
// what happened while it was away, that it has learned the history. All that
// they say is in their facts.

// note says that the alert is one.
func (t *teller) note() bool {
	for _, m := range t.a.Models {
		if c := kizashi.Claim(m); c == kizashi.ClaimAway || c == kizashi.ClaimFirstLook || c == kizashi.ClaimTooSlow {
			return true
		}
	}
	return false
}

func (t *teller) noteTexts() Texts {
	var head kizashi.Evidence
	var episodes []string
	for _, e := range t.a.Facts {
		if e.Claim == kizashi.ClaimEpisode {
			episodes = append(episodes, "- "+t.tell(e))
			continue
		}
		head = e
	}
	if more := head.Count - len(episodes); head.Claim == kizashi.ClaimAway && more > 0 && len(episodes) > 0 {
		episodes = append(episodes, t.pick("- and "+Count(more)+" more", "- ほか"+Count(more)+"件"))
	}
	said := t.tell(head)
	all := t.lines(said, strings.Join(episodes, "\n"), t.ended())
	title := t.pick("NOTE: ", "【お知らせ】") + t.noteTitle(head)
	if t.a.State == kizashi.Resolved {
		title = t.pick("NOTE (closed): ", "【お知らせ(終了)】") + t.noteTitle(head)
	}
	return Texts{Title: title, Summary: all, Manager: said, Engineer: title + "\n\n" + all}
}

func (t *teller) noteTitle(e kizashi.Evidence) string {
	if e.Claim == kizashi.ClaimFirstLook {
		return t.pick("Kizashi has learned the history of "+Count(e.Count)+" series", "Kizashiが"+Count(e.Count)+"系列の履歴の学習を完了")
	}
	if e.Claim == kizashi.ClaimTooSlow {
		return t.pick("the detector "+Clean(e.Text)+" is switched off: too slow", "検知器"+Clean(e.Text)+"を停止(処理時間超過)")
	}
	return t.pick("while "+t.wasAway(e)+", "+t.stretch(e.From, e.To)+" "+t.zone(e.To)+": "+Plural(e.Count, "alert")+" opened and ended",
		t.wasAway(e)+"("+t.stretch(e.From, e.To)+" "+t.zone(e.To)+")のアラート"+Count(e.Count)+"件")
}

// wasAway says why nothing was seen: Kizashi did not run, or an account was
// closed to it.
func (t *teller) wasAway(e kizashi.Evidence) string {
	if e.Text == "" {
		return t.pick("Kizashi was away", "Kizashiの停止中")
	}
	id, region, regional := strings.Cut(Clean(e.Text), " ")
	if regional {
		region = t.pick(" in "+region, "("+region+")")
	}
	return t.pick("Kizashi could not see account "+id+region, "Kizashiがアカウント"+id+region+"を監視できなかった間")
}

func awayEn(t *teller, e kizashi.Evidence) string {
	s := "While " + t.wasAway(e) + " (" + t.stretch(e.From, e.To) + " " + t.zone(e.To) + "): " + Plural(e.Count, "alert") + " opened and ended."
	if e.Count > 1 {
		s += " They are stored, and not told one by one."
	}
	switch {
	case e.Of == 1:
		s += " 1 other fires still, and is told by itself."
	case e.Of > 1:
		s += " " + Count(e.Of) + " others fire still, and are told one by one."
	}
	return s
}

func awayJa(t *teller, e kizashi.Evidence) string {
	when := t.stretch(e.From, e.To) + "(" + t.zone(e.To) + ")"
	s := t.wasAway(e) + "、" + when + "に" + Count(e.Count) + "件のアラートが発生し、解消しました。個別の通知は行わず、記録のみ残しています。"
	if e.Of > 0 {
		s += "ほか" + Count(e.Of) + "件は現在も発報中で、個別に通知します。"
	}
	return s
}

// episode takes apart the id and the name of an alert that is told of.
func episode(e kizashi.Evidence) (id, name string) {
	id, name, _ = strings.Cut(e.Text, " ")
	return Clean(id), Clean(name)
}

func (t *teller) reached(e kizashi.Evidence) string {
	if !e.Value.Ok() {
		return t.pick("silent", "途絶")
	}
	return Value(e.Value, e.Unit)
}

func episodeEn(t *teller, e kizashi.Evidence) string {
	id, name := episode(e)
	return name + " " + t.reached(e) + ", " + t.stretch(e.From, e.To) + " (alert " + id + ")"
}

func episodeJa(t *teller, e kizashi.Evidence) string {
	id, name := episode(e)
	return name + " " + t.reached(e) + " " + t.stretch(e.From, e.To) + "(アラート " + id + ")"
}

func firstLookEn(t *teller, e kizashi.Evidence) string {
	alerts := Plural(e.Of, "alert")
	if e.Of == 0 {
		alerts = "no alert"
	}
	return "Kizashi has read the history of " + Count(e.Count) + " series" + " (" + t.stretch(e.From, e.To) + " " + t.zone(e.To) + "). Over that time it would have raised " +
		alerts + ". The report of this first look: " + Clean(e.Text)
}

func firstLookJa(t *teller, e kizashi.Evidence) string {
	alerts := "この期間であれば" + Count(e.Of) + "件のアラートを発報していました。"
	if e.Of == 0 {
		alerts = "この期間に、発報に相当する変化はありませんでした。"
	}
	return "Kizashiが" + Count(e.Count) + "系列の履歴(" + t.stretch(e.From, e.To) + " " + t.zone(e.To) + ")を読み終えました。" + alerts + "初回レポート: " + Clean(e.Text)
}

func tooSlowEn(t *teller, e kizashi.Evidence) string {
	name := Clean(e.Text)
	return "The detector " + name + " took " + Value(e.Value, e.Unit) + " a sample on average over " + Plural(e.Count, "sample") + "; " + Value(e.High, e.Unit) +
		" are allowed. Since " + t.wall(e.From) + " it is switched off for all series, and all others judge on. To let it judge again: kizashi switch " + name + " on --reason TEXT"
}

func tooSlowJa(t *teller, e kizashi.Evidence) string {
	name := Clean(e.Text)
	return "検知器" + name + "の処理時間が、" + Count(e.Count) + "点の平均で1点あたり" + Value(e.Value, e.Unit) + "となり、許容値" + Value(e.High, e.Unit) +
		"を超えました。" + t.wall(e.From) + "から全系列で停止しています。ほかの検知器による監視は継続しています。再開するには: kizashi switch " + name + " on --reason 理由"
}

func saidEn(*teller, kizashi.Evidence) string { return "This note is closed by itself." }

func saidJa(*teller, kizashi.Evidence) string {
	return "このお知らせは自動的に終了しました。"
}
