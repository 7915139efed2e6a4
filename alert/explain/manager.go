package explain

import (
	"fmt"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// manager is two or three sentences without statistics, and the reservations.
func (t *teller) manager() string {
	if t.blind() {
		return t.join(t.facts(t.why()), t.ended())
	}
	return t.join(t.usually(), t.happened(), t.facts(t.reservations()), t.isOver())
}

// usually tells what is normal at this hour.
func (t *teller) usually() string {
	e, ok := t.find(kizashi.ClaimComparable)
	if !ok {
		return ""
	}
	if t.ofLines() {
		return t.pick("In "+t.likeStretch()+" there are usually "+t.span(e.Low, e.High)+" such lines.", t.likeStretch()+"に該当する行は通常"+t.span(e.Low, e.High)+"行です。")
	}
	return t.pick(t.name()+" is usually "+t.span(e.Low, e.High)+" ("+t.sameHour()+").",
		t.name()+"は、"+t.sameHour()+"は通常"+t.span(e.Low, e.High)+"です。")
}

// happened tells what the alert is about.
func (t *teller) happened() string {
	d := t.deciding()
	switch {
	case t.ofLines() && d != nil:
		return t.happenedLines(d)
	case !t.a.Opening.Value.Ok():
		return t.wentSilent()
	case d == nil:
		return t.pick("On "+t.wall(t.a.Opened)+" "+t.name()+" was "+t.v(t.a.Opening.Value)+".",
			t.wall(t.a.Opened)+"に"+t.name()+"は"+t.v(t.a.Opening.Value)+"でした。")
	case t.isOwn(d):
		s, _ := t.ownSentence(d.Model)
		return t.join(t.pick("On "+t.wall(t.a.Opened)+" "+t.name()+" was "+t.v(t.a.Opening.Value)+".",
			t.wall(t.a.Opened)+"に"+t.name()+"は"+t.v(t.a.Opening.Value)+"でした。"), s)
	case t.ahead(d) != nil:
		return t.willReach(t.ahead(d))
	case t.early(d) != nil:
		p := t.early(d).Past
		return t.pick("On "+t.wall(t.a.Opened)+" "+t.name()+" was "+t.v(t.a.Opening.Value)+", far outside of all that it has shown since watching began ("+t.span(p.Low, p.High)+"). It is too young for a limit of its own.",
			t.wall(t.a.Opened)+"に"+t.name()+"は"+t.v(t.a.Opening.Value)+"となり、監視開始以降の値("+t.span(p.Low, p.High)+")から大きく外れました。監視を始めて間もないため、上限値・下限値はまだ適用していません。")
	case t.missed(d):
		about := t.about()
		return t.pick("What "+t.name()+" shows every day about "+about+" had not come by "+t.wall(t.a.Opened)+": "+t.v(t.a.Opening.Value)+".",
			t.name()+"で毎日"+about+"頃に見られる変動が、"+t.wall(t.a.Opened)+"の時点で発生していません("+t.v(t.a.Opening.Value)+")。")
	case d.Kind == kizashi.EvidenceVote && t.inside() == "":
		return t.pick("On "+t.wall(t.a.Opened)+" "+t.name()+" was "+t.v(t.a.Opening.Value)+"; what is unusual is how it came about.",
			t.wall(t.a.Opened)+"に"+t.name()+"は"+t.v(t.a.Opening.Value)+"でした。現れ方が普段と異なるためお知らせします。")
	case d.Kind == kizashi.EvidenceVote:
		return t.pick("On "+t.wall(t.a.Opened)+" the value of "+t.name()+", "+t.v(t.a.Opening.Value)+", was within the usual range; what is unusual is how it came about.",
			t.wall(t.a.Opened)+"の"+t.name()+"の値"+t.v(t.a.Opening.Value)+"は平常時の範囲内ですが、現れ方が普段と異なるためお知らせします。")
	case d.Model == string(kizashi.ClaimBand) || d.Model == string(kizashi.ClaimSpike):
		return t.crossedLearned(t.voteFact(*d))
	}
	return t.crossedFixed(t.voteFact(*d))
}

func (t *teller) wentSilent() string {
	r := t.j.Rhythm
	if r == nil {
		return t.pick("By "+t.wall(t.a.Opened)+" the measurements of "+t.name()+" had stopped coming.",
			t.wall(t.a.Opened)+"の時点で"+t.name()+"の計測が途絶えています。")
	}
	return t.pick("No measurement of "+t.name()+" has come since "+t.wall(r.Last)+". Usually one comes every "+every(r.Gap)+".",
		t.name()+"の計測が"+t.wall(r.Last)+"を最後に届いていません。普段は"+t.length(r.Gap)+"ごとに届きます。")
}

// crossedLearned tells that a learned limit was crossed.
func (t *teller) crossedLearned(e kizashi.Evidence) string {
	m, n := 1, 1
	if f, ok := t.find(e.Claim); ok {
		m, n = f.Count, f.Of
	}
	limit, end := t.v(t.limit(e)), t.sided(e, "上限", "下限")
	en := "On " + t.wall(t.a.Opened) + " " + t.subject() + " " + t.sided(e, "rose above ", "fell below ") + limit
	ja := t.wall(t.a.Opened) + "に" + t.subject()
	if n > 1 {
		en += fmt.Sprintf(" in %d of %d measurements", m, n)
		ja += fmt.Sprintf("直近%d回中%d回で", n, m)
	}
	ja += limit + t.sided(e, "を超えた", "を下回った") + "ためお知らせします。"
	if e.Claim == kizashi.ClaimSpike {
		return t.pick(en+". That limit follows from the measurements just before.",
			ja+"この"+end+"は直前の推移から求めたものです。")
	}
	if t.j.Window.To <= t.j.Window.From {
		return t.pick(en+", its learned limit.", ja)
	}
	return t.pick(en+". That limit is learned from the last "+t.learned()+" and reviewed every hour.",
		ja+"この"+end+"は直近"+t.learned()+"の実績から毎時見直しています。")
}

func (t *teller) crossedFixed(e kizashi.Evidence) string {
	limit, note := t.v(t.limit(e)), ""
	if f, ok := t.find(e.Claim); ok && f.Text != "" {
		note = t.pick(" ("+t.quote(f.Text)+")", "("+Clean(f.Text)+")")
	}
	what := t.pick("the limit that was set for it", "設定された"+t.threshold())
	if e.Claim == kizashi.ClaimGuard {
		what = t.pick("a hard limit that is never learned away", "学習では変わらない"+t.sided(e, "上限", "下限"))
	}
	if f, ok := t.find(kizashi.ClaimRate); ok && e.Claim == kizashi.ClaimRate {
		span := t.duration(f.To.Sub(f.From))
		what = t.pick("as far as it may move within "+span, span+"以内の変化として設定された限度")
	}
	verb := t.sided(e, "rose above ", "fell below ")
	past := t.sided(e, "を超えた", "を下回った")
	if e.Value == t.limit(e) {
		verb, past = "reached ", "に達した"
	}
	return t.pick("On "+t.wall(t.a.Opened)+" "+t.subject()+" "+verb+limit+", "+what+note+".",
		t.wall(t.a.Opened)+"に"+t.subject()+what+limit+note+past+"ためお知らせします。")
}

// subject names the series where no sentence before has.
func (t *teller) subject() string {
	if _, ok := t.find(kizashi.ClaimComparable); ok {
		return t.pick("it", "")
	}
	return t.pick(t.name(), t.name()+"が")
}

// learned is the length of the learning window in whole days, or hours.
func (t *teller) learned() string {
	d := t.j.Window.To.Sub(t.j.Window.From)
	if days := math.Round(d.Hours() / 24); days >= 1 {
		if t.Lang == Japanese {
			return Count(int(days)) + "日間"
		}
		return Plural(int(days), "day")
	}
	return t.duration(d.Truncate(time.Hour))
}

// isOver tells that the alert is over.
func (t *teller) isOver() string {
	a := t.a
	if a.State != kizashi.Resolved {
		return ""
	}
	switch a.Ended {
	case kizashi.ClaimCorrected, kizashi.ClaimTerminated, kizashi.ClaimStopped, kizashi.ClaimDisappeared, kizashi.ClaimLeftOut, kizashi.ClaimUnread, kizashi.ClaimMerged:
		return t.ended()
	case kizashi.ClaimMoved:
		return t.pick("The new level has lasted and now counts as usual.", "新しい水準が続いたため、平常とみなすことにしました。")
	}
	if t.passed() {
		return t.pick("At "+t.wall(a.To)+" it had come late, or its time had passed.", t.wall(a.To)+"までに遅れて発生したか、予定の時間帯が過ぎました。")
	}
	return t.pick("It ended at "+t.wall(a.To)+".", t.wall(a.To)+"に解消しました。")
}
