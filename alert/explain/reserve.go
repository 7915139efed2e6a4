package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// Sentences that say how much a limit is worth, why there is none, and what
// became of it. Reservations are told to everybody, so they have a second
// wording without terms for who reads no statistics.

func extrapolatedEn(t *teller, e kizashi.Evidence) string {
	if t.ofLines() {
		return t.unproven(e)
	}
	age, r := t.duration(seconds(e.Value)), t.duration(seconds(e.High))
	if t.lay {
		return "The " + age + " that the extremes were learned from are shorter than the " + r + " the limit is set for, so the limit is an extrapolation."
	}
	return "The target of " + r + " reaches beyond the " + age + " that the extremes were learned from: it is an extrapolation."
}

func extrapolatedJa(t *teller, e kizashi.Evidence) string {
	if t.ofLines() {
		return t.unproven(e)
	}
	age, r := t.duration(seconds(e.Value)), t.duration(seconds(e.High))
	if t.lay {
		return "実績は" + age + "で、目標とする" + r + "より短いため、この" + t.limitJa() + "は推定を含みます。"
	}
	return "目標の" + r + "は" + age + "分の実績からの外挿。"
}

func unsupportedEn(t *teller, e kizashi.Evidence) string {
	most, r := t.duration(seconds(e.Value)), t.duration(seconds(e.High))
	if t.lay {
		return "The history can vouch for one false alert in " + most + " at the longest, not in " + r + ", for which the limit is set all the same."
	}
	return "The history supports a target of " + most + " at the longest, to within a factor of 10; that of " + r + " is applied all the same."
}

func unsupportedJa(t *teller, e kizashi.Evidence) string {
	most, r := t.duration(seconds(e.Value)), t.duration(seconds(e.High))
	if t.lay {
		return "実績で裏付けられる誤検知の頻度は最長で" + most + "に1回までです。" + t.limitJa() + "は目標の" + r + "に合わせて設定していますが、その頻度は実績では裏付けられていません。"
	}
	return "実績が裏付ける目標は最長" + most + "(誤差10倍以内)。目標の" + r + "はそのまま適用。"
}

func priorEn(t *teller, e kizashi.Evidence) string {
	if t.lay {
		return "Little is known of this series' extremes yet, so the limit leans on general experience."
	}
	own := "no exceedance of its own"
	if e.Count > 0 {
		own = "only " + Plural(e.Count, "cluster") + " of exceedances of its own"
	}
	return "The tail rests on " + own + " so far and leans on the prior that ships with Kizashi."
}

func priorJa(t *teller, e kizashi.Evidence) string {
	if t.lay {
		return "この系列の大きな変動の実績がまだ少ないため、一般的な想定で補っています。"
	}
	if e.Count == 0 {
		return "裾の推定に使える自系列の超過がまだないため、出荷時の事前値で補完。"
	}
	return fmt.Sprintf("裾の推定に使えた自系列の超過は%s群のみで、出荷時の事前値で補完。", Count(e.Count))
}

func youngEn(t *teller, e kizashi.Evidence) string {
	if t.lay {
		return "Little of this series' history is known yet, so the limit is set wider than it will be."
	}
	return "The tail knows less than two weeks: the limit is set as if the target were " + stat(e.Value) + " times as long."
}

func youngJa(t *teller, e kizashi.Evidence) string {
	if t.lay {
		return "実績がまだ短いため、" + t.limitJa() + "を当面広めに設定しています。"
	}
	return "裾の実績が2週間に満たないため、目標を" + stat(e.Value) + "倍の長さとみなし、広めに設定。"
}

func fewEn(t *teller, e kizashi.Evidence) string {
	if t.ofLines() {
		return t.fewLines(e)
	}
	s := "The window holds only " + Plural(e.Count, "comparable hour") + " (" + t.sameHour() + ")"
	if e.Count == 0 {
		s = "The window holds no comparable hour (" + t.sameHour() + ")"
	}
	if !t.rests() {
		return s + "."
	}
	return s + ", so the limit is less certain."
}

func fewJa(t *teller, e kizashi.Evidence) string {
	if t.ofLines() {
		return t.fewLines(e)
	}
	s := "比較できる" + t.sameHour() + "の実績は" + Count(e.Count) + "日分のみ"
	if e.Count == 0 {
		s = "比較できる" + t.sameHour() + "の実績は" + t.layJa("ありません", "なし")
		if !t.rests() {
			return s + "。"
		}
		return s + t.layJa("。このため確度は下がります。", "、確度は低下。")
	}
	if !t.rests() {
		return s + t.layJa("です。", "。")
	}
	return s + t.layJa("のため、確度は下がります。", "で、確度は低下。")
}

// rests says that the limit that decided was learned from moments alike.
func (t *teller) rests() bool {
	d := t.deciding()
	return d == nil || d.Model == string(kizashi.ClaimBand) || d.Model == string(kizashi.ClaimSpike)
}

// layJa picks the polite form for who is told in whole sentences.
func (t *teller) layJa(polite, terse string) string {
	if t.lay {
		return polite
	}
	return terse
}

func warmingEn(_ *teller, e kizashi.Evidence) string {
	if e.Of == 0 {
		return "Warming up: there is too little history for a limit."
	}
	return fmt.Sprintf("Warming up: %s of %s learned.", Count(e.Count), Plural(e.Of, "hour"))
}

func warmingJa(_ *teller, e kizashi.Evidence) string {
	if e.Of == 0 {
		return "学習中(限度を定める実績が不足)。"
	}
	return fmt.Sprintf("学習中(%s時間中%s時間を学習済み)。", Count(e.Of), Count(e.Count))
}

func gapEn(*teller, kizashi.Evidence) string {
	return "No opinion because too few samples came just before to judge by."
}

func gapJa(t *teller, _ kizashi.Evidence) string {
	return "直近の計測が足りないため判定なし(未判定)。"
}

func excludedEn(t *teller, e kizashi.Evidence) string {
	s := "Kept out of learning by command"
	if e.From < e.To {
		s += ", " + t.stretch(e.From, e.To)
	}
	if e.Text != "" {
		s += ": " + t.quote(e.Text)
	}
	return s + "."
}

func excludedJa(t *teller, e kizashi.Evidence) string {
	s := "指定により学習除外"
	if e.From < e.To {
		s += "、" + t.stretch(e.From, e.To)
	}
	if e.Text != "" {
		s += t.quote(e.Text)
	}
	return s + "。"
}

func offEn(*teller, kizashi.Evidence) string {
	return "No detector judges this series, by configuration."
}

func offJa(*teller, kizashi.Evidence) string {
	return "設定により、この系列はどの検知器も判定しない。"
}

func movedEn(t *teller, e kizashi.Evidence) string {
	if !e.Low.Ok() || !e.High.Ok() {
		return "The baseline moved: the new level has lasted and now counts as usual."
	}
	return "The baseline moved from " + t.values(" to ", e.Low, e.High) + ": the new level has lasted and now counts as usual."
}

func movedJa(t *teller, e kizashi.Evidence) string {
	if !e.Low.Ok() || !e.High.Ok() {
		return "ベースライン移動:新しい水準が続いたため、平常とみなす。"
	}
	return "ベースライン移動:" + t.values("から", e.Low, e.High) + "へ。新しい水準が続いたため、平常とみなす。"
}

func relearnEn(*teller, kizashi.Evidence) string {
	return "This hour was held out of learning on 3 days in a row and was learned again."
}

func relearnJa(*teller, kizashi.Evidence) string {
	return "この時間帯は3日続けて学習除外となったため、学習し直した。"
}

func recursEn(_ *teller, e kizashi.Evidence) string {
	vote, side := cutStatistic(e.Text)
	return fmt.Sprintf("On %d days of late samples lay far beyond the limit (%s, %s): this counts as usual from now on, and the limit follows it.", e.Count, vote, side)
}

func recursJa(_ *teller, e kizashi.Evidence) string {
	vote, side := cutStatistic(e.Text)
	votes, sides := map[string]string{"band": "帯", "spike": "急変"}, map[string]string{"up": "上限", "down": "下限"}
	return fmt.Sprintf("直近の%d日で限度を大きく超えたため(%s・%s)、今後は平常とみなし、限度に反映する。", e.Count, votes[vote], sides[side])
}

// cutStatistic is the vote and the side that a fact names.
func cutStatistic(s string) (vote, side string) {
	vote, side, _ = strings.Cut(s, " ")
	return vote, side
}

func chosenEn(t *teller, e kizashi.Evidence) string {
	return "The season is now " + t.season(e.Text) + "; scale and tail are learned anew from here."
}

func chosenJa(t *teller, e kizashi.Evidence) string {
	return "季節性を" + t.season(e.Text) + "に変更。尺度と裾はここから学習し直す。"
}

func backEn(t *teller, e kizashi.Evidence) string {
	if t.ofLines() {
		if t.absent() {
			return "It ended: the line came again."
		}
		return "It ended: for a quarter of an hour nothing of the kind was told."
	}
	if e.Count == 0 {
		return "It ended: enough samples in a row came without a vote."
	}
	return "It ended: " + Plural(e.Count, "sample") + " in a row came without a vote."
}

func backJa(t *teller, e kizashi.Evidence) string {
	if t.ofLines() {
		if t.absent() {
			return "行が再び出力されたため解消。"
		}
		return "以後15分間、該当する状態がなかったため解消。"
	}
	if e.Count == 0 {
		return "限度内の計測が続いたため解消。"
	}
	return "限度内の計測が" + Count(e.Count) + "点続いたため解消。"
}

// absent says that the alert is of a line that does not come.
func (t *teller) absent() bool {
	return slices.Contains(t.a.Models, string(kizashi.ClaimLogAbsent))
}

func unusableEn(*teller, kizashi.Evidence) string {
	return "The value is too large to compute with; it was counted and neither judged nor learned."
}

func unusableJa(*teller, kizashi.Evidence) string {
	return "値が計算可能な範囲を超えるため、判定も学習もしていない。"
}

func rebuiltEn(t *teller, e kizashi.Evidence) string {
	if e.Count == 0 {
		return "An older version wrote the state and there were no stored samples: the baseline begins anew."
	}
	why := "An older version wrote the state"
	if e.Text != "" {
		why = "The state could not be read after a restart"
	}
	return why + ": the baseline was learned again from " + Plural(e.Count, "stored sample") + ", from " + t.wall(e.From) + " on."
}

func rebuiltJa(t *teller, e kizashi.Evidence) string {
	if e.Count == 0 {
		return "旧バージョンの状態で、保存された計測値もないため、ベースラインは初めから学習する。"
	}
	why := "旧バージョンの状態の"
	if e.Text != "" {
		why = "再起動時に状態を読み込めなかった"
	}
	return why + "ため、保存された計測値" + Count(e.Count) + "点(" + t.wall(e.From) + "以降)からベースラインを学習し直した。"
}

func stateLostEn(*teller, kizashi.Evidence) string {
	return "It ended: after a restart the state could not be read, and nobody can say whether it still stands. If it does, it is told anew."
}

func stateLostJa(*teller, kizashi.Evidence) string {
	return "再起動時に状態を読み込めず、継続中かどうかを判断できないため終了扱いとした。継続している場合は改めて通知する。"
}
