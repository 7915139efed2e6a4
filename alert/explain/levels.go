package explain

import (
	"fmt"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Sentences about stretches: levels, fluctuation, flat lines.

// meanOf is the mean of what the ground's parts gathered.
func meanOf(g *kizashi.Ground) float64 {
	sum, n := 0.0, 0
	for _, p := range g.Parts {
		sum += p.Sum
		n += p.Count
	}
	return sum / float64(max(n, 1))
}

func one(x float64) string { return stat(kizashi.Num(math.Abs(x))) }

func levelEn(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || len(g.Parts) == 0 {
		return t.stood(e)
	}
	span := t.duration(g.To.Sub(g.From))
	return fmt.Sprintf("On average over %s (%s) it lies %s what is usual at these hours, by %s times its usual scatter. That is %s times as far as the mean of such a stretch usually lies; the limit is %s times.",
		span, t.stretch(g.From, g.To), t.pickSide(g, "above", "below"), one(meanOf(g)), stat(e.Value), stat(e.High))
}

func levelJa(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || len(g.Parts) == 0 {
		return t.stood(e)
	}
	span := t.duration(g.To.Sub(g.From))
	return fmt.Sprintf("%sの平均(%s)が、この時間帯の平常値を普段のばらつきの%s倍%s。同じ長さの平均の普段の振れ幅の%s倍(限度%s倍)。",
		span, t.stretch(g.From, g.To), one(meanOf(g)), t.pickSide(g, "上回る", "下回る"), stat(e.Value), stat(e.High))
}

func varianceEn(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || len(g.Parts) == 0 {
		return t.stood(e)
	}
	return fmt.Sprintf("It fluctuates %s%s times as much as usual: over %s (%s) one value lay %s times the usual scatter off the one before, on average, where %s is usual. That is %s times as far from the usual as such a stretch mostly gets; the limit is %s times.",
		t.pickSide(g, "", "only "), times2(meanOf(g)/float64(g.Usual)), t.duration(g.To.Sub(g.From)), t.stretch(g.From, g.To), times2(meanOf(g)), times2(float64(g.Usual)), stat(e.Value), stat(e.High))
}

func varianceJa(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || len(g.Parts) == 0 {
		return t.stood(e)
	}
	return fmt.Sprintf("変動の大きさが普段の%s倍%s。%s(%s)の隣り合う計測値の差は平均で普段のばらつきの%s倍(平常時%s倍)。平常時からの隔たりは普段の%s倍(限度%s倍)。",
		times2(meanOf(g)/float64(g.Usual)), t.pickSide(g, "に増大", "に減少"), t.duration(g.To.Sub(g.From)), t.stretch(g.From, g.To), times2(meanOf(g)), times2(float64(g.Usual)), stat(e.Value), stat(e.High))
}

func rateEn(t *teller, e kizashi.Evidence) string {
	v := t.vote(string(e.Claim))
	if v == nil || !v.Center.Ok() || e.To <= e.From {
		return t.stood(e)
	}
	of := ""
	if v.Unit == "part" {
		of = " of the earlier value"
	}
	return fmt.Sprintf("It %s by %s%s within %s: from %s to %s. More than %s is told, as a person set%s, whatever the false-alert target.", t.sided(e, "rose", "fell"), t.stat(v.Stat, v.Unit), of,
		t.duration(e.To.Sub(e.From)), t.v(v.Center), t.v(e.Value), t.stat(v.Limit, v.Unit), noted(t, e))
}

func rateJa(t *teller, e kizashi.Evidence) string {
	v := t.vote(string(e.Claim))
	if v == nil || !v.Center.Ok() || e.To <= e.From {
		return t.stood(e)
	}
	of := ""
	if v.Unit == "part" {
		of = "元の値の"
	}
	return fmt.Sprintf("%sで%s%s%s(%s→%s)。設定された変化の限度は%s%s(誤検知の目標とは別枠)。", t.duration(e.To.Sub(e.From)), of, t.stat(v.Stat, v.Unit), t.sided(e, "上昇", "低下"),
		t.v(v.Center), t.v(e.Value), t.stat(v.Limit, v.Unit), noted(t, e))
}

// noted is why a person set it.
func noted(t *teller, e kizashi.Evidence) string {
	if e.Text == "" {
		return ""
	}
	return t.pick(" ("+t.quote(e.Text)+")", "("+Clean(e.Text)+")")
}

// times2 has two digits where one would say 0.
func times2(x float64) string {
	if math.Abs(x) < 1 {
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.1f", x)
}

func stuckEn(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || g.Past == nil {
		return t.stood(e)
	}
	s := fmt.Sprintf("It has not changed since %s: %s in a row are exactly %s.", t.at(g.From), Plural(int(g.Stat), "sample"), t.v(t.a.Opening.Value))
	s += fmt.Sprintf(" The longest run that counts as usual since %s has %s", t.at(g.Past.From), Plural(int(g.Past.Low), "sample"))
	if chanceRuns(g) {
		s += fmt.Sprintf(", and as %s of %s samples repeat the one before, %s in a row come by chance once in %s", Count(g.Past.Count), Count(g.Past.Of), Count(int(g.Limit)+1), t.duration(time.Duration(g.R)))
	}
	return s + fmt.Sprintf("; from %s on it is told, outside the false-alert target.", Count(int(g.Limit)+1))
}

// chanceRuns says that the limit of runs is that of those which come by chance.
func chanceRuns(g *kizashi.Ground) bool {
	return g.Past.Count > 0 && g.Limit+1 > max(2*float64(g.Past.Low), float64(g.Past.High))
}

func stuckJa(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || g.Past == nil {
		return t.stood(e)
	}
	s := fmt.Sprintf("%sから値に変化なし。%d点連続で%s。", t.at(g.From), int(g.Stat), t.v(t.a.Opening.Value))
	s += fmt.Sprintf("%s以降の平常時の連続は最長%d点。", t.at(g.Past.From), int(g.Past.Low))
	if chanceRuns(g) {
		s += fmt.Sprintf("%d点中%d点が直前と同じ値のため、偶然の%d点連続は%sに1回。", g.Past.Of, g.Past.Count, int(g.Limit)+1, t.duration(time.Duration(g.R)))
	}
	return s + fmt.Sprintf("%d点以上の連続で通知(誤検知の目標とは別枠)。", int(g.Limit)+1)
}
