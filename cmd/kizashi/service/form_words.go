package service

import (
	"errors"
	"net/http"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/explain"
)

// choice is a value to choose.
type choice struct {
	Value, Text string
	On          bool
}

// words of the kinds, of how long, and of judgements.
var (
	kindWords = map[alert.ActKind][2]string{
		alert.ActAck:      {"Acknowledge: somebody is at it", "確認済みにする(対応中)"},
		alert.ActWatch:    {"Watch: known, tell again later or if it grows worse", "静観する(期限が来るか、悪化したら再通知)"},
		alert.ActMute:     {"Mute: tell nobody until then", "通知を抑止する(期限まで)"},
		alert.ActFeedback: {"Say whether it was right", "検知結果を評価する"},
		alert.ActAssign:   {"Hand over to another owner", "別の担当へ引き継ぐ"},
	}
	saidWords = map[alert.ActKind][2]string{
		alert.ActAck: {"acknowledged it", "確認済み"}, alert.ActWatch: {"watches it", "静観"}, alert.ActMute: {"muted it", "通知を抑止"},
		alert.ActFeedback: {"judged it", "評価"}, alert.ActAssign: {"handed it over", "引き継ぎ"},
	}
	lengthWords = [][3]string{{"1h", "1 hour", "1時間"}, {"4h", "4 hours", "4時間"}, {"8h", "8 hours", "8時間"}, {"24h", "1 day", "1日"}, {"72h", "3 days", "3日"}, {"168h", "1 week", "1週間"}}
	judgeWords  = [][3]string{{"false", "not an anomaly", "異常ではない"}, {"expected", "expected", "想定内"}, {"true", "right", "正しい検知"}, {"owner", "for another owner", "担当違い"}}
)

func choices(words [][3]string, lang explain.Lang, chosen string) (out []choice) {
	for _, w := range words {
		text := w[1]
		if lang == explain.Japanese {
			text = w[2]
		}
		out = append(out, choice{w[0], text, w[0] == chosen})
	}
	return out
}

// saidLine tells an act on the page.
func (f *form) saidLine(a alert.Act, zone *time.Location) string {
	words := saidWords[a.Kind]
	line := a.At.In(zone).Format("2006-01-02 15:04 ") + a.Author + f.T(" ", "さん ") + f.T(words[0], words[1])
	value := a.Value
	for _, c := range choices(judgeWords, f.Lang, "") {
		if a.Kind == alert.ActFeedback && c.Value == value {
			value = c.Text
		}
	}
	if value != "" && a.Kind != alert.ActWatch {
		line += f.T(": ", ":") + value
	}
	if !a.Until.IsZero() {
		line += f.T(", until ", "、期限 ") + a.Until.In(zone).Format("2006-01-02 15:04")
	}
	if a.Reason != "" {
		line += f.T(", ", "、") + a.Reason
	}
	return explain.Clean(line)
}

// faultOf is an error in the words of the page.
func (s *Service) faultOf(err error, f form) (string, int) {
	switch {
	case errors.Is(err, errEarly):
		return f.T("The service is starting; try again in a minute.", "サービスの起動中です。しばらくしてからもう一度お試しください。"), http.StatusServiceUnavailable
	case errors.Is(err, errReused):
		return f.T("This page was sent already, and said something else. Look at what stands here and send it once more.", "このページは別の内容ですでに送信されています。内容をご確認のうえ、もう一度実行してください。"), http.StatusConflict
	case errors.Is(err, errForeign):
		return f.T("This link is not valid.", "このリンクは無効です。"), http.StatusForbidden
	case errors.Is(err, errBadAct):
		return f.T("Something is missing: your name, and where it is asked for a reason, an owner, or how long.", "入力に不足があります。お名前と、必要に応じて理由・担当・期間を入力してください。"), http.StatusBadRequest
	}
	s.opt.Log.Error("form of a link", "err", err)
	return f.T("It failed; the service's log says why.", "処理に失敗しました。詳細はサービスのログをご確認ください。"), http.StatusInternalServerError
}
