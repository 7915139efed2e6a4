package explain

import (
	"fmt"
	"strconv"

	"github.com/kizashi-ops/kizashi"
)

// Sentences that say why an alert stands of evidence votes: each tells what its
// ground holds.

// ground of a model's vote, nil where the justification has none.
func (t *teller) ground(model kizashi.Claim) *kizashi.Ground {
	for i := range t.j.Grounds {
		if g := &t.j.Grounds[i]; g.Model == string(model) {
			return g
		}
	}
	return nil
}

// stood says that nothing is known but that a vote of evidence stood.
func (t *teller) stood(e kizashi.Evidence) string {
	return t.pick("The detector "+string(e.Claim)+" found it unusual.", "検知器"+string(e.Claim)+"が平常と異なると判定。")
}

// stat writes a statistic and its limit, in the statistic's own unit.
func stat(v kizashi.Num) string { return strconv.FormatFloat(float64(v), 'f', 1, 64) }

func siblingEn(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || g.Past == nil {
		return t.stood(e)
	}
	s := fmt.Sprintf("It is unlike the %s of its kind in the group: %s, where they lie at %s.",
		Plural(g.Past.Count, "other"), t.v(t.a.Opening.Value), t.span(g.Past.Low, g.Past.High))
	return s + fmt.Sprintf(" Its last %s lay so far %s what three quarters of the others keep to that together they are %s times as far from usual as they usually are; the limit is %s.",
		Plural(len(g.Parts), "sample"), t.pickSide(g, "above", "below"), stat(e.Value), stat(e.High))
}

func siblingJa(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || g.Past == nil {
		return t.stood(e)
	}
	s := fmt.Sprintf("グループ内の同種%d系列と乖離。実測値%sに対し、他の系列は%s。", g.Past.Count, t.v(t.a.Opening.Value), t.span(g.Past.Low, g.Past.High))
	return s + fmt.Sprintf("直近%d点が、他の系列の4分の3が収まる範囲から%sに外れ、全体として普段のばらつきの%s倍(限度%s倍)。",
		len(g.Parts), t.pickSide(g, "上", "下"), stat(e.Value), stat(e.High))
}

// pickSide picks a word by the side of the ground.
func (t *teller) pickSide(g *kizashi.Ground, up, down string) string {
	if g.Side == kizashi.Down {
		return down
	}
	return up
}
