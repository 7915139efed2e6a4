package explain

import (
	"fmt"

	"github.com/kizashi-ops/kizashi"
)

// Sentences that say why an alert stands.

// above says how the fact's value lies to its limit.
func (t *teller) above(e kizashi.Evidence) string {
	if e.Value == t.limit(e) {
		return t.pick("at", "到達")
	}
	return t.sided(e, t.pick("above", "超過"), t.pick("below", "下回り"))
}

// isAbove is above as an English predicate.
func (t *teller) isAbove(e kizashi.Evidence) string {
	if e.Value == t.limit(e) {
		return "has reached"
	}
	return "is " + t.above(e)
}

// bare says that nothing is known but that the vote stood.
func (t *teller) bare(e kizashi.Evidence) (string, bool) {
	if t.limit(e).Ok() {
		return "", false
	}
	return t.pick(t.v(e.Value)+" crossed the limit of the detector "+string(e.Claim)+".",
		t.v(e.Value)+"が検知器"+string(e.Claim)+"の限度を超過。"), true
}

// expected is what a vote's detector expected.
func (t *teller) expected(model string) kizashi.Num {
	if v := t.vote(model); v != nil && v.Center.Ok() {
		return v.Center
	}
	return kizashi.None()
}

// over says whether the fact's own value lies beyond the limit told: of M of
// N samples the last one need not.
func (t *teller) over(e kizashi.Evidence) bool {
	l := t.limit(e)
	return t.sided(e, "up", "down") == "up" && e.Value >= l || t.sided(e, "up", "down") == "down" && e.Value <= l
}

func bandEn(t *teller, e kizashi.Evidence) string {
	if s, ok := t.bare(e); ok {
		return s
	}
	s := fmt.Sprintf("%s is the %slimit of %s", t.v(t.limit(e)), t.sided(e, "", "lower "), t.hours())
	if x := t.expected("band"); x.Ok() {
		s += ", where " + t.v(x) + " is expected"
	}
	switch {
	case e.Of <= 1:
		return s + "; " + t.v(e.Value) + " " + t.isAbove(e) + " it."
	case !t.over(e):
		return fmt.Sprintf("%s; %s samples were %s the limit of their hour, this one is back at %s.",
			s, mOfN(e.Count, e.Of), t.sided(e, "above", "below"), t.v(e.Value))
	}
	return fmt.Sprintf("%s; %s samples were %s the limit of their hour, this one at %s.",
		s, mOfN(e.Count, e.Of), t.sided(e, "above", "below"), t.v(e.Value))
}

func bandJa(t *teller, e kizashi.Evidence) string {
	if s, ok := t.bare(e); ok {
		return s
	}
	end := t.sided(e, "上限値", "下限値")
	s := t.hours() + "の" + end + t.v(t.limit(e))
	if x := t.expected("band"); x.Ok() {
		s += "(期待値" + t.v(x) + ")"
	}
	s += "に対し、実測値" + t.v(e.Value) + "。"
	if e.Of > 1 {
		s += fmt.Sprintf("直近%d点中%d点が各時刻の%sを%s。", e.Of, e.Count, end, t.sided(e, "超過", "下回った"))
	}
	return s
}

func spikeEn(t *teller, e kizashi.Evidence) string {
	if s, ok := t.bare(e); ok {
		return s
	}
	s := fmt.Sprintf("%s is the %slimit that follows from the samples just before", t.v(t.limit(e)), t.sided(e, "", "lower "))
	if x := t.expected("spike"); x.Ok() {
		s += ", which let one expect " + t.v(x)
	}
	return s + "; this one sample, at " + t.v(e.Value) + ", " + t.isAbove(e) + " it."
}

func spikeJa(t *teller, e kizashi.Evidence) string {
	if s, ok := t.bare(e); ok {
		return s
	}
	s := "直前の推移から求めた" + t.sided(e, "上限値", "下限値") + t.v(t.limit(e))
	if x := t.expected("spike"); x.Ok() {
		s += "(期待値" + t.v(x) + ")"
	}
	return s + "に対し、実測値" + t.v(e.Value) + "(1点で判定)。"
}

// fixedEn tells a limit that was not learned.
func fixedEn(t *teller, e kizashi.Evidence, what string) string {
	if s, ok := t.bare(e); ok {
		return s
	}
	s := t.v(t.limit(e)) + " is " + what
	if e.Text != "" {
		s += " (" + t.quote(e.Text) + ")"
	}
	if e.Of > 1 {
		s += fmt.Sprintf("; %s samples were %s it, this one at %s.", mOfN(e.Count, e.Of), t.above(e), t.v(e.Value))
	} else {
		s += "; " + t.v(e.Value) + " " + t.isAbove(e) + " it."
	}
	return s + " It stands outside the false-alert target."
}

func fixedJa(t *teller, e kizashi.Evidence, what string) string {
	if s, ok := t.bare(e); ok {
		return s
	}
	s := what + t.v(t.limit(e))
	if e.Text != "" {
		s += "(" + Clean(e.Text) + ")"
	}
	s += "に対し、実測値" + t.v(e.Value) + "。"
	if e.Of > 1 {
		s += fmt.Sprintf("直近%d点中%d点が%s。", e.Of, e.Count, t.pastJa(e))
	}
	return s + "目標誤検知頻度の対象外。"
}

// pastJa is above as the end of a sentence.
func (t *teller) pastJa(e kizashi.Evidence) string {
	if e.Value == t.limit(e) {
		return "到達"
	}
	return t.sided(e, "超過", "下回った")
}

func staticEn(t *teller, e kizashi.Evidence) string {
	return fixedEn(t, e, "a "+t.sided(e, "", "lower ")+"limit set by a person")
}

func staticJa(t *teller, e kizashi.Evidence) string {
	return fixedJa(t, e, "設定された固定"+t.threshold()+t.sided(e, "", "(下限)"))
}

func guardEn(t *teller, e kizashi.Evidence) string {
	return fixedEn(t, e, "a hard "+t.sided(e, "", "lower ")+"limit (guard rail), which is never learned away")
}

func guardJa(t *teller, e kizashi.Evidence) string {
	return fixedJa(t, e, "ガードレール(学習で変わらない"+t.sided(e, "上限値", "下限値")+")")
}

func silenceEn(t *teller, e kizashi.Evidence) string {
	limit, absent := seconds(e.Value), seconds(e.High)
	s, none := "", "No sample"
	if e.From != kizashi.Never {
		none = "None"
		s = "The last sample is that of " + t.at(e.From) + ". "
	}
	switch r := t.j.Rhythm; {
	case r != nil && r.Opened != 0:
		s += none + " has come since."
	case absent > limit:
		s += none + " came for " + t.duration(absent) + "; hours of the week in which none usually come do not count, and the others make up the " + t.duration(limit) + " that the series' own rhythm allows."
	default:
		s += none + " came for " + t.duration(limit) + ", the limit that follows from the series' own rhythm."
	}
	if r := t.j.Rhythm; r != nil {
		s += fmt.Sprintf(" A sample usually comes every %s, the longest usual gap is %s.", every(r.Gap), t.length(r.Usual))
	}
	return s
}

func silenceJa(t *teller, e kizashi.Evidence) string {
	limit, absent := seconds(e.Value), seconds(e.High)
	s := "途絶。"
	if e.From != kizashi.Never {
		s = t.at(e.From) + "の計測を最後に途絶。"
	}
	switch r := t.j.Rhythm; {
	case r != nil && r.Opened != 0:
		s += "以後の計測なし。"
	case absent > limit:
		s += t.duration(absent) + "計測なし(普段計測のない時間帯を除いた長さが、この系列の間隔から求めた限度" + t.duration(limit) + "に到達)。"
	default:
		s += "この系列の間隔から求めた限度" + t.duration(limit) + "に到達。"
	}
	if r := t.j.Rhythm; r != nil {
		s += "普段の計測間隔は" + t.length(r.Gap) + "、普段の最長間隔は" + t.length(r.Usual) + "。"
	}
	return s
}

func insideEn(t *teller, e kizashi.Evidence) string {
	return t.v(e.Value) + " lies inside the usual band (" + t.band(e.Low, e.High) + ")."
}

func insideJa(t *teller, e kizashi.Evidence) string {
	return "実測値" + t.v(e.Value) + "は平常時の範囲(" + t.band(e.Low, e.High) + ")の内側。"
}

// band writes a band that may be open at either end.
func (t *teller) band(low, high kizashi.Num) string {
	switch {
	case low.Ok() && high.Ok():
		return t.span(low, high)
	case high.Ok():
		return t.pick("up to "+t.v(high), t.v(high)+"以下")
	case low.Ok():
		return t.pick("from "+t.v(low)+" on", t.v(low)+"以上")
	}
	return t.pick("without limits", "限度なし")
}
