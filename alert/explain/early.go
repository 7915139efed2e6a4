package explain

import (
	"fmt"

	"github.com/kizashi-ops/kizashi"
)

// Sentences about what stands out before limits count.

func earlyEn(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || g.Past == nil {
		return t.stood(e)
	}
	return fmt.Sprintf("The series is young: its limits count after 48 hours, and it began %s before. All of its %s up to %s lay at %s; %s lie %s it by more than %s times its width (%s times). It is told outside the false-alert target.",
		t.duration(g.Past.To.Sub(g.Past.From)), Plural(g.Past.Of, "sample"), t.at(g.Past.To), t.span(g.Past.Low, g.Past.High), mOfN(g.Past.Count, len(g.Parts)), t.pickSide(g, "above", "below"), number(float64(e.High)), number(float64(e.Value)))
}

func earlyJa(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || g.Past == nil {
		return t.stood(e)
	}
	return fmt.Sprintf("開始から%sの新しい系列(上限値・下限値の適用は48時間後から)。%sまでの全%d点は%s。直近%d点中%d点が、その幅の%s倍を超えて%sに外れた(%s倍)。誤検知の目標とは別枠で通知。",
		t.duration(g.Past.To.Sub(g.Past.From)), t.at(g.Past.To), g.Past.Of, t.span(g.Past.Low, g.Past.High), len(g.Parts), g.Past.Count, number(float64(e.High)), t.pickSide(g, "上", "下"), number(float64(e.Value)))
}

// early is the ground of a vote that was given before limits count.
func (t *teller) early(v *kizashi.Vote) *kizashi.Ground {
	if g := t.ground(kizashi.ClaimEarly); g != nil && g.Past != nil && v.Model == g.Model {
		return g
	}
	return nil
}
