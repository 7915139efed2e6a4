package program

import (
	"fmt"
	"strings"

	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/ingest/replay"
)

// faultsJa are the faults of inputs in Japanese.
var faultsJa = map[replay.Fault]string{
	replay.BadTime: "時刻を読み取れない", replay.SkippedTime: "時刻がこのタイムゾーンに存在しない", replay.BadNumber: "数値ではない", replay.NotFinite: "NaN または無限大", replay.NoValue: "値なし",
	replay.FewColumns: "列の不足", replay.ManyColumns: "列の超過", replay.BadQuote: "引用符の閉じ忘れ", replay.BadJSON: "JSON オブジェクトではない", replay.Repeated: "時刻の重複", replay.Backwards: "時刻の逆行",
	replay.Outside: "指定範囲外", replay.BadLine: "OpenMetrics の行ではない", replay.CutLine: "最終行が途中まで", replay.BelowEOF: "# EOF より後", replay.NoTime: "時刻なし", replay.Histogram: "ヒストグラムの一部",
	replay.Stale: "系列の終了を示す印", replay.FirstCount: "カウンターの最初の値", replay.OverGap: "欠測をまたぐ増分",
}

// inputSaid is one line on what became of an input.
func inputSaid(r replay.FileReport, st explain.Style) string {
	if st.Lang != explain.Japanese {
		return r.String()
	}
	parts := []string{string(r.Format)}
	if r.Encoding != "" {
		parts = append(parts, r.Encoding)
	}
	if r.Log != nil {
		parts = append(parts, logSaidJa(r)...)
	} else {
		parts = append(parts, fmt.Sprintf("%d行", r.Rows), fmt.Sprintf("%d点", r.Samples))
	}
	if r.Samples > 0 || r.Lines > r.LateLines {
		parts = append(parts, fmt.Sprintf("%s〜%s", r.First, r.Last))
	}
	s := r.Path + ": " + strings.Join(parts, "、")
	switch {
	case r.Log != nil && r.Log.Shown:
		s += "。タイムゾーンのない時刻は他の行に合わせて" + r.Zone + "とみなす"
	case r.Assumed:
		s += "。タイムゾーンの指定がないため、時刻はUTCとみなす"
	case r.Zone != "":
		s += "。タイムゾーンのない時刻は" + r.Zone + "とみなす"
	}
	if r.Cut {
		s += "。末尾に # EOF がなく、出力が途中で切れている可能性あり"
	}
	for _, d := range r.Doubts {
		s += "。" + inJapanese(d)
	}
	for _, f := range r.Faults {
		s += "。" + faultSaidJa(f)
	}
	if r.Broken != "" {
		s += "。途中で中断: " + inJapanese(r.Broken)
	}
	return s
}

// logSaidJa says what became of a log.
func logSaidJa(r replay.FileReport) []string {
	x := r.Log
	parts := []string{fmt.Sprintf("%d行", r.Rows), fmt.Sprintf("ログ%d件", r.Lines)}
	for _, c := range []struct {
		n    int
		what string
	}{{r.LateLines, "遅延・時刻異常%d件"}, {x.Joined, "前の行の続き%d行"}, {x.Cut, "長さ超過で切り詰め%d件"}, {x.Broken, "不正なバイトを含む%d行"}, {x.NUL, "NULバイトを含む%d件"}, {x.NoTime, "時刻のない%d件"}, {x.Control, "制御メッセージ%d件を除外"}, {x.Skipped, "ペイロードでない値%d件を除外"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf(c.what, c.n))
		}
	}
	if r.Masked != "" {
		parts = append(parts, "マスク箇所 "+r.Masked)
	}
	return parts
}

func faultSaidJa(f replay.FaultCount) string {
	verb, what := "除外", faultsJa[f.Fault]
	if f.Late {
		verb = "遅延扱い"
	}
	if what == "" {
		what = string(f.Fault)
	}
	lines := strings.Trim(fmt.Sprint(f.Lines), "[]")
	if f.Count > len(f.Lines) {
		lines += " ..."
	}
	return fmt.Sprintf("%d件を%s: %s(%s行目)", f.Count, verb, what, lines)
}
