package gen

import (
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// TruthKind says what a stretch of the account is.
type TruthKind string

const (
	Incident TruthKind = "incident" // to be found
	Trap     TruthKind = "trap"     // looks like one; to stay silent
	Habit    TruthKind = "habit"    // what repeats, while it is still being learned
	Change   TruthKind = "change"   // a new level that is right: told once, then adopted
	InLogs   TruthKind = "logs"     // to be found in log lines, where the metrics say only that something is wrong
)

// Truth is one entry of the ledger: what happened to which series, and when.
// To is exclusive.
type Truth struct {
	Name   string
	Kind   TruthKind
	Series []string // their short names
	System string   // how a person's ledger names them: a glob over short names, "" = all
	From   kizashi.Time
	To     kizashi.Time
	En, Ja string // what it was, one sentence
}

// Touches says whether the entry speaks of a series, by its short name, in
// some part of [from, to).
func (t *Truth) Touches(series string, from, to kizashi.Time) bool {
	return from < t.To && to > t.From && slices.Contains(t.Series, series)
}

// What happens once, all in the third week.
var (
	deployed = window{on(15, 10, 30), on(15, 22, 30)} // Tuesday; a level that lasts 12 h is adopted
	blip     = on(15, 16, 7)
	drift    = window{on(14, 0, 0), on(21, 0, 0)}
	slow     = window{on(16, 14, 20), on(16, 15, 0)} // Wednesday
	leak     = window{on(17, 17, 10), on(17, 18, 40)}
	// What the log group writes of it: an error that the release brought, and the end of
	// a nightly job that the restart of the leaking worker took with it.
	broken     = window{on(15, 10, 34), on(15, 10, 44)}
	unfinished = window{on(18, 2, 9), on(18, 4, 0)}
	crash      = window{on(18, 12, 0), on(18, 14, 0)} // Friday noon
)

func ledger() []Truth {
	ts := append(onceOnly(), habits()...)
	slices.SortStableFunc(ts, func(a, b Truth) int { return int(a.From - b.From) })
	return ts
}

func onceOnly() []Truth {
	return []Truth{
		{Name: "checkout slow", Kind: Incident, From: slow.From, To: slow.To, System: "shop-alb.*",
			Series: []string{"shop-alb.TargetResponseTime", "shop-alb.HTTPCode_Target_5XX_Count"},
			En:     "A payment provider hangs: the slowest percent of answers takes 2.5 times as long, and errors rise.",
			Ja:     "決済サービスの遅延により、応答時間の p99 が 2.5 倍になり、5XX エラーが増えた。"},
		{Name: "connection leak", Kind: Incident, From: leak.From, To: leak.To, System: "shop-db.*",
			Series: []string{"shop-db.DatabaseConnections"},
			En:     "A worker leaks database connections until it is restarted.",
			Ja:     "ワーカーがデータベース接続を解放しなくなり、再起動まで高い水準が続いた。"},
		{Name: "web-2 down", Kind: Incident, From: crash.From, To: crash.To, System: "",
			Series: []string{"web-2.CPUUtilization", "web-2.NetworkOut", "web-2.StatusCheckFailed",
				"web-1.CPUUtilization", "web-1.NetworkOut", "web-3.CPUUtilization", "web-3.NetworkOut", "shop-alb.UnHealthyHostCount"},
			En: "The host web-2 is gone at Friday noon; web-1 and web-3 carry its share.",
			Ja: "金曜正午に web-2 が停止し、その負荷を web-1 と web-3 が引き受けた。"},
		{Name: "deployment", Kind: Change, From: deployed.From, To: deployed.To,
			Series: []string{"shop-db.CPUUtilization"},
			En:     "A release asks more of the database: its CPU stays on a new level, and the baseline moves.",
			Ja:     "リリースによりデータベースの CPU 使用率が新しい水準に移り、以後それが平常となる。"},
		{Name: "error after the release", Kind: InLogs, From: broken.From, To: broken.To, Series: []string{LogFile},
			En: "Of the same release: the shop writes an error that it never wrote before.",
			Ja: "同じリリースの後、これまで一度もなかったエラーがログに出た。"},
		{Name: "nightly line missing", Kind: InLogs, From: unfinished.From, To: unfinished.To, Series: []string{LogFile},
			En: "The restart that ended the leak also ended the nightly job: its last line does not come at 02:10.",
			Ja: "接続を解放しないワーカーの再起動で夜間バッチも止まり、2 時 10 分の正常終了の行が出なかった。"},
		{Name: "one high point", Kind: Trap, From: blip, To: blip.Add(time.Minute),
			Series: []string{"shop-db.ReadLatency"},
			En:     "One slightly slow minute, as chance brings it every few days.",
			Ja:     "1 分だけやや遅い。数日に一度は偶然に起こる程度。"},
		{Name: "slow drift", Kind: Trap, From: drift.From, To: drift.To,
			Series: []string{"shop-db.FreeStorageSpace"},
			En:     "The disk fills slowly, well inside what is usual.",
			Ja:     "ディスクの空きが平常の範囲内でゆっくり減っている。"},
	}
}

// habits lists what repeats. In the first two weeks it is there to be
// learned; in the third it is a trap.
func habits() []Truth {
	var ts []Truth
	for day := range 7 * weeks {
		kind := Habit
		if day >= 14 {
			kind = Trap
		}
		ts = append(ts, Truth{Name: "nightly backup", Kind: kind, From: on(day, 2, 0), To: on(day, 2, 25),
			Series: []string{"shop-db.ReadLatency", "shop-db.CPUUtilization"},
			En:     "The backup reads the whole database, as every night at 02:00.",
			Ja:     "毎晩 2 時のバックアップがデータベース全体を読む。"},
			Truth{Name: "nightly batch", Kind: kind, From: on(day, 3, 0), To: on(day, 5, 0),
				Series: []string{"batch-1.CPUUtilization", "batch-1.NetworkOut"},
				En:     "The batch host works, as every night from 03:00 to 05:00.",
				Ja:     "毎晩 3 時から 5 時までバッチ処理が動く。"})
		switch day % 7 {
		case 0:
			ts = append(ts, Truth{Name: "Monday morning", Kind: kind, From: on(day, 8, 30), To: on(day, 11, 0),
				Series: []string{"shop-alb.RequestCount", "web-1.CPUUtilization", "web-2.CPUUtilization", "web-3.CPUUtilization",
					"web-1.NetworkOut", "web-2.NetworkOut", "web-3.NetworkOut", "shop-db.CPUUtilization", "shop-db.DatabaseConnections", "shop-db.FreeStorageSpace"},
				En: "More customers than on other mornings, as every Monday.",
				Ja: "毎週月曜の朝は、ほかの朝より利用者が多い。"})
		case 4:
			ts = append(ts, Truth{Name: "weekend stop", Kind: kind, From: on(day, 22, 0), To: min(on(day+3, 7, 0), on(7*weeks, 0, 0)),
				Series: []string{"staging-1.CPUUtilization", "staging-1.NetworkOut", "staging-1.StatusCheckFailed"},
				En:     "The staging host is stopped from Friday 22:00 to Monday 07:00, as every weekend.",
				Ja:     "検証用ホストは毎週金曜 22 時から月曜 7 時まで停止する。"})
		}
	}
	return ts
}
