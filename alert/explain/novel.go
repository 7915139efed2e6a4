package explain

import (
	"fmt"
	"math"
	"strconv"

	"github.com/kizashi-ops/kizashi"
)

// once is how seldom something is that lies so many decades out: once in so many.
func once(decades kizashi.Num) string {
	n := math.Pow(10, float64(decades))
	if n < 100 {
		return strconv.Itoa(int(math.Round(n)))
	}
	p := math.Pow(10, math.Floor(math.Log10(n))-1)
	return strconv.FormatFloat(math.Round(n/p)*p, 'f', 0, 64)
}

func noveltyEn(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || g.Past == nil {
		return t.stood(e)
	}
	return fmt.Sprintf("The course it took up to %s was seen on %d of the last %d days. A course so new comes about once in %s pairs of samples; the limit is once in %s.",
		t.at(e.To-1), g.Past.Count, g.Past.Of, once(e.Value), once(e.High))
}

func noveltyJa(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || g.Past == nil {
		return t.stood(e)
	}
	return fmt.Sprintf("%sまでの推移は、過去%d日間のうち%d日に出現。これほど新しい推移は標本2点の組で約%s組に1回(限度は%s組に1回)。",
		t.at(e.To-1), g.Past.Of, g.Past.Count, once(e.Value), once(e.High))
}

func contextEn(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || g.Past == nil || len(g.Parts) != 1 {
		return t.stood(e)
	}
	return fmt.Sprintf("%.0f of %s since %s lay at levels that these hours of the day had on %d of %s before. That is %s of 3 hours; the limit is %s.",
		g.Parts[0].Sum, Plural(g.Parts[0].Count, "sample"), t.at(e.From), g.Past.Count, Plural(g.Past.Of, "day"), stat(e.Value), stat(e.High))
}

func contextJa(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || g.Past == nil || len(g.Parts) != 1 {
		return t.stood(e)
	}
	return fmt.Sprintf("%s以降の%d点中%.0f点が、この時間帯では過去%d日間のうち%d日しか見られない水準。3時間のうち%s時間に相当(限度%s時間)。",
		t.at(e.From), g.Parts[0].Count, g.Parts[0].Sum, g.Past.Of, g.Past.Count, stat(e.Value), stat(e.High))
}

// times that a range widens, from decades.
func times(decades kizashi.Num) string { return stat(kizashi.Num(math.Pow(10, float64(decades)))) }

func extremeEn(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || g.Past == nil || len(g.Parts) != 1 {
		return t.stood(e)
	}
	return fmt.Sprintf("%s lies far %s all that the series has shown lately, %s. To hold it, that range would have to be %s times as wide; the limit is %s times.",
		t.v(kizashi.Num(g.Parts[0].Sum)), t.pickSide(g, "above", "below"), t.span(g.Past.Low, g.Past.High), times(e.Value), times(e.High))
}

func extremeJa(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || g.Past == nil || len(g.Parts) != 1 {
		return t.stood(e)
	}
	return fmt.Sprintf("実測値%sは、この系列の最近の範囲%sを大きく%s。収めるには範囲が%s倍必要(限度%s倍)。",
		t.v(kizashi.Num(g.Parts[0].Sum)), t.span(g.Past.Low, g.Past.High), t.pickSide(g, "上回る", "下回る"), times(e.Value), times(e.High))
}
