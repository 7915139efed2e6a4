package report

import "github.com/kizashi-ops/kizashi/alert/explain"

// words of the page itself; the texts of alerts come from explain.
type words struct {
	Backtest, To, Between, All, Summary, Series, Rule           string
	Alerts, Weekly, CaughtN, Missed, Undecided, Delay           string
	CaughtOne, FalseOne                                         string
	Value, Band, Expected, Alert, Label                         string
	ID, None, NoSeries, Comparable, Lines, Hour, Samples        string
	Low, Median, High, Held, Justification, Silent, When, Event string
	Why, Unlabelled, Closing                                    string
}

func wordsOf(l explain.Lang) words {
	if l == explain.Japanese {
		return japanese
	}
	return english
}

var english = words{
	Backtest: "Backtest", To: " to ", Between: " ", All: "All series", Summary: "Summary", Series: "Series", Rule: "Rule",
	Alerts: "Alerts", Weekly: "Alerts a week", CaughtN: "Caught", Missed: "Missed", Undecided: "Undecided", Delay: "Median delay",
	CaughtOne: "Caught", FalseOne: "False alert",
	Value: "value", Band: "usual band", Expected: "expected", Alert: "alert", Label: "labelled",
	ID: "Alert", None: "No alert in this span.", NoSeries: "No series was replayed.", Comparable: "Comparable hours", Lines: "Lines in the same stretch of the days before", Hour: "Hour", Samples: "Samples",
	Low: "Lowest", Median: "Median", High: "Highest", Held: "held out of learning", Justification: "Justification",
	Silent: "Rightly silent", When: "When", Event: "What", Why: "Why there was no alert",
	Unlabelled: "Nobody has labelled this span, so what was caught or missed is not known.",
	Closing:    "Kizashi says what is unusual. Whether it was an incident is for you to say.",
}

var japanese = words{
	Backtest: "バックテスト", To: "〜", Between: "", All: "全系列", Summary: "概要", Series: "系列", Rule: "方式",
	Alerts: "発報", Weekly: "週あたり発報", CaughtN: "正検知", Missed: "検知漏れ", Undecided: "未判定", Delay: "検知までの時間(中央値)",
	CaughtOne: "正検知", FalseOne: "誤検知",
	Value: "実測値", Band: "平常時の範囲", Expected: "期待値", Alert: "発報", Label: "お客様の記録",
	ID: "アラート", None: "この期間の発報なし。", NoSeries: "対象の系列なし。", Comparable: "同じ時間帯の実績", Lines: "過去の同時刻の行数", Hour: "時間帯", Samples: "計測数",
	Low: "最小", Median: "中央", High: "最大", Held: "学習除外", Justification: "根拠",
	Silent: "発報しなかった変動とその理由", When: "時間帯", Event: "内容", Why: "発報しなかった理由",
	Unlabelled: "この期間の障害記録がないため、正検知・検知漏れは不明です。",
	Closing:    "Kizashiが示すのは異常です。障害であったかどうかはお客様のご判断によります。",
}
