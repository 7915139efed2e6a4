package explain

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Sentences that say what a limit rests on.

// length writes a duration of the engine.
func (t *teller) length(d kizashi.Duration) string { return t.duration(time.Duration(d)) }

// every writes an interval as it follows "every": "minute", "5 minutes".
func every(d kizashi.Duration) string {
	return strings.TrimPrefix(Duration(time.Duration(d), English), "1 ")
}

func windowEn(t *teller, e kizashi.Evidence) string {
	if t.ofLines() {
		return t.readWindow(e)
	}
	if e.Count == 0 && e.From == e.To {
		return "There are no samples from before."
	}
	s := "Learned from " + t.stretch(e.From, e.To) + " " + t.zone(e.To) + ": "
	if e.Of < e.Count || e.Of == 0 {
		return s + Plural(e.Count, "sample") + " used."
	}
	return s + Count(e.Count) + " of " + Plural(e.Of, "sample") + " used (" + share(e.Count, e.Of) + ")."
}

func windowJa(t *teller, e kizashi.Evidence) string {
	if t.ofLines() {
		return t.readWindow(e)
	}
	if e.Count == 0 && e.From == e.To {
		return "それ以前の計測なし。"
	}
	s := "学習期間" + t.stretch(e.From, e.To) + "(" + t.zone(e.To) + ")、"
	if e.Of < e.Count || e.Of == 0 {
		return s + Count(e.Count) + "点使用。"
	}
	return s + Count(e.Of) + "点中" + Count(e.Count) + "点使用(" + share(e.Count, e.Of) + ")。"
}

func missingEn(t *teller, e kizashi.Evidence) string {
	if t.ofLines() {
		return t.unread(e)
	}
	return Plural(e.Count, "sample") + " never came; what is missing does not count as crossed."
}

func missingJa(t *teller, e kizashi.Evidence) string {
	if t.ofLines() {
		return t.unread(e)
	}
	return t.missing() + Count(e.Count) + "点、欠測は超過に数えない。"
}

func heldEn(t *teller, e kizashi.Evidence) string { return "Held out of learning: " + t.held(e) + "." }

func heldJa(t *teller, e kizashi.Evidence) string { return "学習除外" + t.held(e) + "。" }

// held writes a stretch that was not learned, and why.
func (t *teller) held(e kizashi.Evidence) string {
	why := t.heldBecause(e.Text)
	if t.ofLines() {
		return t.pick(t.stretch(e.From, e.To)+" ("+Plural(e.Count, "minute")+", "+why+")", Count(e.Count)+"分("+t.stretch(e.From, e.To)+"、"+why+")")
	}
	if t.Lang == Japanese {
		return Count(e.Count) + "点(" + t.stretch(e.From, e.To) + "、" + why + ")"
	}
	return t.stretch(e.From, e.To) + " (" + Plural(e.Count, "sample") + ", " + why + ")"
}

// heldBecause names a claim, or quotes what a person wrote.
func (t *teller) heldBecause(text string) string {
	switch kizashi.Claim(text) {
	case kizashi.ClaimBand, kizashi.ClaimSpike, kizashi.ClaimStatic, kizashi.ClaimGuard:
		return t.pick("beyond the limit", "限度を超えた区間")
	case kizashi.ClaimMoved:
		return t.pick("change of level", "水準の変化")
	case kizashi.ClaimExcluded:
		return t.pick("excluded by command", "指定による除外")
	case kizashi.ClaimExpected:
		return t.pick("a scaled band was expected", "予定された変動")
	case kizashi.ClaimConfirmed:
		return t.pick("confirmed by a person", "正検知と確認済み")
	case "":
		return t.pick("reason not kept", "理由の記録なし")
	}
	return t.quote(text)
}

// season names a season that was chosen.
func (t *teller) season(text string) string {
	switch kizashi.Season(text) {
	case kizashi.Weekly:
		return t.pick("weekly (by hour of the week)", "週次(曜日・時間帯別)")
	case kizashi.Daily24:
		return t.pick("daily (by hour, all days alike)", "日次(全日共通の時間帯)")
	case kizashi.NoSeason:
		return t.pick("none (all hours alike)", "なし(全時間帯共通)")
	}
	return t.quote(text)
}

func seasonEn(t *teller, e kizashi.Evidence) string {
	return "Season, chosen from the data: " + t.season(e.Text) + ", wall time of " + t.zoneOf() + "."
}

func seasonJa(t *teller, e kizashi.Evidence) string {
	return "実績から選んだ季節性は" + t.season(e.Text) + "、時刻は" + t.zoneOf() + "。"
}

func (t *teller) zoneOf() string {
	if t.j.Meta.Zone == "" {
		return "UTC"
	}
	return Clean(t.j.Meta.Zone)
}

func comparableEn(t *teller, e kizashi.Evidence) string {
	if t.ofLines() {
		return t.likeLines(e)
	}
	return fmt.Sprintf("In %s (%s) the values were %s, median %s.",
		Plural(e.Count, "comparable hour"), t.sameHour(), t.span(e.Low, e.High), t.v(e.Value))
}

func comparableJa(t *teller, e kizashi.Evidence) string {
	if t.ofLines() {
		return t.likeLines(e)
	}
	return fmt.Sprintf("%s%d日分:最小・中央・最大 %s。", t.sameHour(), e.Count, t.values("・", e.Low, e.Value, e.High))
}

func rangeEn(t *teller, e kizashi.Evidence) string {
	s := "The limit rolls hourly; at this hour of the last 14 days it was "
	if !t.byBand() {
		s = "The band's limit rolls hourly; at this hour of the last 14 days that was "
	}
	if t.v(e.Low) == t.v(e.High) {
		return s + t.v(e.Low) + " throughout."
	}
	return s + "between " + t.values(" and ", e.Low, e.High) + "."
}

func rangeJa(t *teller, e kizashi.Evidence) string {
	end := t.limitJa()
	if !t.byBand() {
		end = "平常時の範囲の" + end
	}
	return end + "は毎時見直し、直近14日の同時刻の" + end + "は" + t.span(e.Low, e.High) + "。"
}

// limitJa is the Japanese for the limit on the alert's side.
func (t *teller) limitJa() string {
	if t.side == kizashi.Down {
		return "下限値"
	}
	return "上限値"
}

func targetEn(t *teller, e kizashi.Evidence) string {
	of := "series"
	if t.ofLines() {
		of = "log group"
	}
	s := "Target: one false alert per " + of + " in " + t.duration(seconds(e.Value))
	if !e.Low.Ok() || !e.High.Ok() {
		return s + "."
	}
	return s + " (95% interval " + about(seconds(e.Low), seconds(e.High), English) + ")."
}

func targetJa(t *teller, e kizashi.Evidence) string {
	of := "系列"
	if t.ofLines() {
		of = "ロググループ"
	}
	s := "目標誤検知頻度は" + of + "あたり" + t.duration(seconds(e.Value)) + "に1回"
	if !e.Low.Ok() || !e.High.Ok() {
		return s + "。"
	}
	return s + "(95%区間" + about(seconds(e.Low), seconds(e.High), Japanese) + ")。"
}

func sharedEn(t *teller, e kizashi.Evidence) string {
	n := number(float64(e.Value)) + " false notifications"
	if e.Value == 1 {
		n = "1 false notification"
	}
	return "That is the tenant's target of " + n + " a week, divided over " + Count(e.Count) + " series."
}

func sharedJa(t *teller, e kizashi.Evidence) string {
	return "テナント全体の目標(誤検知の通知は週" + number(float64(e.Value)) + "件まで)を" + Count(e.Count) + "系列に等分した値。"
}

func firedEn(t *teller, e kizashi.Evidence) string {
	rule := "this rule"
	if !t.byBand() {
		rule = "the rule of the band"
	}
	if e.Count == 0 {
		return "Over the learning window " + rule + " was never crossed."
	}
	return "Over the learning window " + rule + " was crossed " + t.times(e.Count) + "."
}

// byBand says that the limit told first is the band's; what the justification
// counts over the window are the band's limits and crossings.
func (t *teller) byBand() bool {
	for _, v := range t.a.Opening.Verdict.Votes {
		if v.Kind == kizashi.Value {
			return v.Model == "band"
		}
	}
	return true
}

func firedJa(t *teller, e kizashi.Evidence) string {
	rule := "同じ規則"
	if !t.byBand() {
		rule = "平常時の範囲の規則"
	}
	return rule + "による学習期間中の超過は" + t.times(e.Count) + "。"
}

func nearbyEn(t *teller, e kizashi.Evidence) string {
	if e.Count == 0 {
		return "A static limit of " + t.v(e.Value) + " would never have alerted over the window."
	}
	return "A static limit of " + t.v(e.Value) + " would have alerted " + t.times(e.Count) + " over the window."
}

func nearbyJa(t *teller, e kizashi.Evidence) string {
	return "固定" + t.threshold() + t.v(e.Value) + "の場合、学習期間中の発報は" + t.times(e.Count) + "。"
}

func detectionEn(t *teller, e kizashi.Evidence) string {
	return "Time to detection: " + t.ends(e, " at the shortest, ", " at the longest") + ", collection delay included."
}

func detectionJa(t *teller, e kizashi.Evidence) string {
	return "検知時間は最短" + t.ends(e, "・最長", "") + "(収集遅延を含む)。"
}

func (t *teller) ends(e kizashi.Evidence, between, after string) string {
	return t.duration(seconds(e.Low)) + between + t.duration(seconds(e.High)) + after
}

func transformEn(t *teller, e kizashi.Evidence) string {
	if kizashi.Transform(e.Text) == kizashi.Log1p {
		return "Residuals are taken on a logarithmic scale, ln(1+x), since the spread grows with the value."
	}
	return "Residuals are taken on the scale " + t.quote(e.Text) + "."
}

func transformJa(t *teller, e kizashi.Evidence) string {
	if kizashi.Transform(e.Text) == kizashi.Log1p {
		return "値が大きいほどばらつくため、残差は対数ln(1+x)で評価。"
	}
	return "残差の尺度は" + t.quote(e.Text) + "。"
}

func latticeEn(t *teller, _ kizashi.Evidence) string {
	s := "The values are whole numbers"
	if n := t.attainable(); n.Ok() {
		return s + ", so " + t.v(n) + " is the first one that crosses the limit."
	}
	return s + ", so the limit takes effect at the next one that can occur."
}

func latticeJa(t *teller, _ kizashi.Evidence) string {
	if n := t.attainable(); n.Ok() {
		return "値は整数のため、実際に超過となるのは" + t.v(n) + "から。"
	}
	return "値は整数のため、実際に超過となるのは次の整数から。"
}

// attainable is the first whole number beyond the limit that decided.
func (t *teller) attainable() kizashi.Num {
	v := t.deciding()
	switch {
	case v == nil:
		return kizashi.None()
	case t.side == kizashi.Down:
		return kizashi.Num(math.Ceil(float64(v.Lower)) - 1)
	}
	return kizashi.Num(math.Floor(float64(v.Upper)) + 1)
}

// deciding is the vote that is told first: of those that stand the first in
// the series' own unit, else the first.
func (t *teller) deciding() *kizashi.Vote {
	var first *kizashi.Vote
	for i := range t.a.Opening.Verdict.Votes {
		v := &t.a.Opening.Verdict.Votes[i]
		if !v.Crossed {
			continue
		}
		if v.Kind == kizashi.Value {
			return v
		}
		if first == nil {
			first = v
		}
	}
	return first
}

func boundEn(t *teller, e kizashi.Evidence) string {
	return "The limit was cut at " + t.v(e.Value) + ", a bound of the series or a guard rail."
}

func boundJa(t *teller, e kizashi.Evidence) string {
	return t.limitJa() + "は値の範囲またはガードレールの" + t.v(e.Value) + "で打ち切り。"
}
