package explain

import (
	"fmt"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// title is one line: state, series, value and limit, when.
func (t *teller) title() string {
	subject, what := t.name(), t.what()
	if t.blind() {
		subject = "Kizashi"
	}
	if t.Lang == Japanese {
		return "【" + t.state() + "】" + subject + " " + what + " " + t.when()
	}
	return t.state() + ": " + subject + " " + what + ", " + t.when()
}

func (t *teller) state() string {
	switch t.a.State {
	case kizashi.Pending:
		return t.pick("PENDING", "発報待ち")
	case kizashi.Resolved:
		return t.pick("RESOLVED", "解消")
	}
	return t.pick("FIRING", "発報中")
}

// when is the alert's beginning, and its end where it has one.
func (t *teller) when() string {
	a := t.a
	if a.State != kizashi.Resolved || a.To <= a.Opened {
		return t.wall(a.Opened)
	}
	z := t.zone(a.To)
	return t.pick(t.stretch(a.Opened, a.To)+" "+z, fmt.Sprint(a.Opened.UTC().In(t.loc).Year(), "/")+t.stretch(a.Opened, a.To)+"("+z+")")
}

// what is wrong, without a sentence.
func (t *teller) what() string {
	value, d := t.a.Opening.Value, t.deciding()
	switch {
	case t.blind():
		return t.pick("cannot see "+t.account(), t.account()+"を監視できない状態")
	case t.ofLines() && d != nil:
		return t.whatLines(d)
	case !value.Ok():
		return t.pick("has gone silent", "途絶")
	case d == nil:
		return t.v(value)
	case t.isOwn(d):
		return t.pick(t.v(value)+", found by "+Clean(d.Model), t.v(value)+"(検知器"+Clean(d.Model)+")")
	case t.ahead(d) != nil:
		return t.v(value) + t.aheadTitle(t.ahead(d))
	case t.early(d) != nil:
		p := t.early(d).Past
		return t.pick(t.v(value)+", far outside of all so far ("+t.span(p.Low, p.High)+")", t.v(value)+"(これまでの全計測"+t.span(p.Low, p.High)+"から大きく乖離)")
	case t.missed(d):
		about := t.about()
		return t.pick(t.v(value)+", what comes about "+about+" has not come", t.v(value)+"("+about+"頃の定例の変動が未発生)")
	case d.Kind == kizashi.EvidenceVote && t.inside() == "":
		return t.v(value) + t.outside()
	case d.Kind == kizashi.EvidenceVote:
		b := t.a.Opening.Verdict
		return t.pick(t.v(value)+", inside its usual band ("+t.band(b.Lower, b.Upper)+")", t.v(value)+"(平常時の範囲"+t.band(b.Lower, b.Upper)+"の内側)")
	}
	e := t.voteFact(*d)
	l := t.limit(e)
	if !l.Ok() {
		return t.v(value)
	}
	return t.pick(t.v(value)+", "+t.above(e)+" its limit of "+t.v(l), t.v(value)+"("+t.limitJa()+t.v(l)+")")
}

// summary is a few lines for a notification that shows the title already.
func (t *teller) summary() string {
	if t.blind() {
		return t.lines(t.facts(t.why()), t.ended())
	}
	lines := []string{t.reasons(), t.linesShown(), t.life(),
		t.facts(t.only(kizashi.ClaimComparable, kizashi.ClaimRange)), t.facts(t.reservations())}
	return t.lines(append(lines, t.ended())...)
}

// lines joins what is not empty.
func (t *teller) lines(ls ...string) string { return joined("\n", ls) }

func joined(sep string, ls []string) string {
	var have []string
	for _, l := range ls {
		if l != "" {
			have = append(have, l)
		}
	}
	return strings.Join(have, sep)
}

// life tells the peak, re-opens, and whether the source was late.
func (t *teller) life() string {
	a, s := t.a, ""
	if p := a.Peak; t.ofLines() {
		if p.Value.Ok() && p.At != a.Opening.At && p.Value != a.Opening.Value {
			s = t.pick(t.sided(kizashi.Evidence{}, "The most at once was ", "The fewest at once were ")+t.lineCount(int(p.Value))+" ("+t.at(p.At)+").", t.sided(kizashi.Evidence{}, "最多は", "最少は")+t.lineCount(int(p.Value))+"("+t.at(p.At)+")。")
		}
	} else if p.Value.Ok() && p.At != a.Opening.At && p.Value != a.Opening.Value {
		s = t.pick("The furthest value was "+t.v(p.Value)+", "+t.at(p.At)+".", "最も外れた値は"+t.v(p.Value)+"("+t.at(p.At)+")。")
	}
	if a.Reopened > 0 {
		s = t.join(s, t.pick("It came back "+t.times(a.Reopened)+" after it had been resolved.", "解消後に"+t.times(a.Reopened)+"再発。"))
	}
	switch {
	case len(a.Facts) > 0:
		s = t.join(s, t.facts(a.Facts))
	case a.Revised:
		s = t.join(s, t.tell(kizashi.Evidence{Claim: kizashi.ClaimRevised, Value: kizashi.None(), Low: kizashi.None()}))
	}
	return s
}

// ended tells why the alert is over.
func (t *teller) ended() string {
	if t.a.State != kizashi.Resolved || t.a.Ended == "" {
		return ""
	}
	if t.passed() {
		return t.pick("It ended: what was missed came late, or its time has passed.", "遅れて発生したか、予定の時間帯が過ぎたため終了。")
	}
	return t.tell(kizashi.Evidence{Claim: t.a.Ended, Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()})
}

// engineer is the whole justification in paragraphs.
func (t *teller) engineer() string {
	if t.blind() {
		return joined("\n\n", []string{t.facts(t.why()), t.ended()})
	}
	ps := []string{
		t.reasons(), t.linesShown(), t.join(t.life(), t.ended()), t.settings(),
		t.facts(t.only(basisClaims[:]...)), t.facts(t.only(worthClaims[:]...)), t.facts(t.only(ruleClaims[:]...)),
		t.facts(t.others()), t.redo(),
	}
	return joined("\n\n", ps)
}

// settings tells what is watched and how.
func (t *teller) settings() string {
	m := t.j.Meta
	if len(m.Labels) == 0 {
		return t.pick("No justification was kept for this alert.", "このアラートの根拠は保存されていない。")
	}
	parts := []string{Clean(m.Labels.String())}
	add := func(en, ja, value string) {
		if value != "" {
			parts = append(parts, t.pick(en, ja)+" "+Clean(value))
		}
	}
	add("statistic", "統計", m.Statistic)
	add("unit", "単位", m.Unit)
	period := time.Duration(m.Period)
	if period == 0 && t.j.Record != nil {
		period = time.Duration(t.j.Record.Period)
	}
	if period > 0 {
		add("period", "計測間隔", t.duration(period))
	}
	add("direction", "方向", t.direction(t.j.Settings.Direction))
	add("class", "区分", t.j.Settings.Class)
	return t.pick("Series ", "対象 ") + strings.Join(parts, t.pick(", ", "、")) + t.pick(".", "。")
}

func (t *teller) direction(s kizashi.Side) string {
	switch s {
	case kizashi.Up:
		return t.pick("up", "上")
	case kizashi.Down:
		return t.pick("down", "下")
	}
	return t.pick("both", "上下")
}

// redo names the command that computes the limit again.
func (t *teller) redo() string {
	if t.a.ID == "" || len(t.j.Evidence) == 0 {
		return ""
	}
	return t.pick("To compute it again: kizashi verify ", "再計算: kizashi verify ") + Clean(t.a.ID)
}
