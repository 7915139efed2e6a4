package verify

import "strings"

// word gives what a step's name, or a word of Show's own, is called. A name
// that it does not know, such as a claim's, stands for itself.
func word(name, lang string) string {
	for _, w := range words() {
		if w[0] != name {
			continue
		}
		if lang == "ja" {
			return w[2]
		}
		return w[1]
	}
	if claim, ok := strings.CutPrefix(name, "claim."); ok {
		if lang == "ja" {
			return "根拠の項目: " + claim
		}
		return "evidence: " + claim
	}
	return name
}

// words are name, English, Japanese.
func words() [][3]string {
	return [][3]string{
		{"steps", "steps", "計算"},
		{"declared", "declared, not computed", "申告値(再計算の対象外)"},
		{"fault", "FAULT", "不一致"},
		{"faults", "faults", "不一致"},
		{"largest", "largest difference among values repeated from samples", "計測値から再計算した項目の最大差"},
		{"computed", "computed", "再計算"},
		{"stated", "stated", "記載"},
		{"agree", "they agree", "一致"},
		{"differ", "THEY DIFFER", "不一致"},
		{"hash", "content hash", "内容のハッシュ値"},
		{"format", "format", "書式"},
		{"series", "identity of the series", "系列の識別"},
		{"alert", "identity of the alert", "アラートの識別"},
		{"opened", "opening sample", "発報の起点となった計測値"},
		{"config", "configuration", "設定"},
		{"settings", "settings of the series", "系列の設定"},
		{"rule", "M of N", "N点中M点"},
		{"target", "false-alert target", "目標誤検知頻度"},
		{"period", "sampling period", "計測間隔"},
		{"bound", "bound of the values", "値の範囲"},
		{"share", "share of the target", "目標の配分"},
		{"onset", "rank of the moment", "異常度の順位値"},
		{"doubt", "factor by which the target may be missed, 95 %", "目標からのずれの幅(95 %)"},
		{"supported", "longest target that the history supports, to within a factor of 10", "実績が裏付ける最長の目標(誤差10倍以内)"},
		{"prior", "prior of the shape", "形状の事前値"},
		{"xi", "shape of the tail", "裾の形状"},
		{"sigma", "scale of the tail", "裾の尺度"},
		{"bent", "shape that the limit is set with", "しきい値の算出に用いる裾の形状"},
		{"young", "times as long a target while the tail knows few days", "実績が短い間に目標へ掛ける倍率"},
		{"theta", "limit of the tail, in scales", "裾から求めた上限(尺度単位)"},
		{"slot.lower", "lower limit of the slot", "時間枠の下限値"},
		{"slot.upper", "upper limit of the slot", "時間枠の上限値"},
		{"calibrated", "calibrated", "較正済み"},
		{"ready", "limits count", "上限値の有効性"},
		{"score", "residual score", "残差スコア"},
		{"center", "center of the slot", "時間枠の中心"},
		{"scale", "scale of the slot", "時間枠の尺度"},
		{"run", "moving mean before the sample", "直前までの移動平均"},
		{"expected", "expected value", "期待値"},
		{"lower", "lower limit", "下限値"},
		{"upper", "upper limit", "上限値"},
		{"crossed", "the vote stands", "検知の成立"},
		{"band.stat", "M-th largest score", "大きい方からM番目のスコア"},
		{"band.limit", "limit of the score", "スコアの上限"},
		{"spike.stat", "residual from the moving mean, in scales", "移動平均からの残差(尺度単位)"},
		{"spike.limit", "limit of the residual", "残差の上限"},
		{"fixed.stat", "value held against the set limit", "設定値と比べた値"},
		{"own.limit", "limit of a detector that is not Kizashi's", "独自検知器の限度"},
		{"silence.stat", "silent for", "途絶の長さ"},
		{"silence.limit", "limit of silence", "途絶とみなす長さ"},
		{"rhythm.limit", "limit of silence", "途絶とみなす長さ"},
		{"rhythm.absent", "silent for", "途絶の長さ"},
		{"shortest", "shortest time to detection, s", "最短の検知時間(秒)"},
		{"longest", "longest time to detection, s", "最長の検知時間(秒)"},
		{"window", "learning window", "学習期間"},
		{"window.samples", "samples in the window", "学習期間の計測数"},
		{"window.expected", "samples to be expected", "想定計測数"},
		{"window.missing", "missing samples", "欠測数"},
		{"window.held", "samples held out", "学習除外の計測数"},
		{"window.held_out", "samples held out, in all", "学習除外の計測数(合計)"},
		{"sample", "stored sample", "保存された計測値"},
		{"comparable", "comparable moment", "同じ時間帯の実績"},
		{"limit_low", "lowest limit at this hour", "同時刻の上限値の最小"},
		{"limit_high", "highest limit at this hour", "同時刻の上限値の最大"},
		{"fired", "crossings in the window", "学習期間中の発報数"},
		{"nearby", "nearby static limits", "近い固定しきい値"},
		{"nearby.limit", "nearby static limit", "近い固定しきい値"},
		{"nearby.samples", "samples beyond it", "超過した計測数"},
		{"nearby.episodes", "episodes beyond it", "発報数"},
		{"expect", "expectation of a person", "人が宣言した想定"},
		{"expect.low", "lower end of what was expected", "想定の下限"},
		{"expect.high", "upper end of what was expected", "想定の上限"},
		{"special", "kind of day", "日の種別"},
		{"volume", "volume that a ratio needs", "判定に必要な件数"},
		{"slot.limit", "limit of the slot", "時間枠の限度値"},
		{"evidence.stat", "statistic of the vote", "検知の統計量"},
		{"evidence.limit", "limit of the statistic", "統計量の限度"},
		{"unit", "unit of the statistic", "統計量の単位"},
		{"from", "begin of the stretch", "対象区間の開始"},
		{"to", "end of the stretch", "対象区間の終了"},
		{"past", "end of what it is held against", "比較対象の期間の終了"},
		{"log_surge.stat", "how improbable so many lines are, as far as that counts", "行数の増加の起こりにくさ(補正後)"},
		{"log_share.stat", "how improbable so large a part is, as far as that counts", "構成比の増加の起こりにくさ(補正後)"},
		{"log_drop.stat", "how improbable so few lines are, as far as that counts", "行数の減少の起こりにくさ(補正後)"},
		{"log_absent.stat", "wait, in minutes with lines that would be usual", "待ち時間(平常なら出力のある分の数)"},
		{"log_absent.limit", "longest wait", "待ち時間の限度"},
		{"log_many.stat", "new patterns within an hour", "1時間の新しいパターン数"},
		{"log_many.limit", "limit of new patterns", "新しいパターン数の限度"},
		{"log_ratio.stat", "lines by which two patterns are not in step", "対になるパターンの件数の食い違い"},
		{"log_ratio.limit", "limit of the mismatch", "食い違いの限度"},
		{"log_new.stat", "days without a new pattern of its kind", "同種の新しいパターンがなかった日数"},
		{"log_new.limit", "days that there must be without one", "必要な日数"},
		{"log_rare.stat", "days without a rare pattern", "稀なパターンがなかった日数"},
		{"log_rare.limit", "days that there must be without one", "必要な日数"},
		{"log_value.stat", "days without a new value", "新しい値がなかった日数"},
		{"log_value.limit", "days that there must be without one", "必要な日数"},
		{"lines.count", "lines counted", "行数"},
		{"lines.none", "lines that came", "出力された行数"},
		{"lines.past", "what came before", "過去の実績"},
		{"lines.whole", "lines of the whole", "全体の行数"},
		{"lines.trust", "by how much an improbability counts", "起こりにくさの補正係数"},
		{"lines.votes", "what the votes rest on", "検知の根拠"},
		{"repeat", "repeated from the starting state", "開始状態からの再計算"},
	}
}
