package sinktest

import (
	"encoding/base64"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// Example is a notification with a name, for golden files: opened.ja.
type Example struct {
	Name   string
	Notice alert.Notification
}

// Examples are what real alerts say, in English and in Japanese: one episode,
// several in one thread, the end of them, and a lane without a message.
func Examples() []Example {
	var out []Example
	for _, lang := range []string{"en", "ja"} {
		out = append(out, Example{"opened." + lang, opened(lang)}, Example{"more." + lang, more(lang)},
			Example{"resolved." + lang, resolved(lang)}, Example{"plain." + lang, plain(lang)})
	}
	return out
}

// tinyPNG is one pixel.
const tinyPNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

const link = "https://kizashi.example/alerts/1671b5b4f0159a0b?token=v1.eyJhIjoxfQ.s3&lang="

func pick(lang, en, ja string) string {
	if lang == "ja" {
		return ja
	}
	return en
}

// base is the episode that leads, with what each message of its thread has.
func base(lang string, state kizashi.AlertState, seq int, why alert.Reason) alert.Notification {
	at := kizashi.TimeOf(time.Date(2026, 10, 5, 6, 2, 0, 0, time.UTC))
	png, err := base64.StdEncoding.DecodeString(tinyPNG)
	if err != nil {
		panic(err) // the constant above
	}
	turn := alert.Turn{Seq: 1, State: state}
	n := alert.Notification{
		Alert: kizashi.Alert{
			ID: "1671b5b4f0159a0b", Series: 0x1671b5b4, Tenant: "shop", Group: "web", Side: kizashi.Up, Class: "check", State: state, Seq: turn.Seq,
			Labels: kizashi.LabelsOf(map[string]string{"name": "ALB TargetResponseTime", "account": "123456789012", "region": "ap-northeast-1"}),
			Opened: at, From: at, To: at.Add(4 * time.Minute), Changed: at.Add(4 * time.Minute), Justify: "sha256:5a1ff0e2",
			Opening: kizashi.Moment{At: at, Value: 431, Verdict: kizashi.Verdict{Expected: 224, Lower: kizashi.None(), Upper: 412}},
			Peak:    kizashi.Moment{At: at.Add(4 * time.Minute), Value: 512, Verdict: kizashi.Verdict{Expected: 224, Lower: kizashi.None(), Upper: 412}},
		},
		Thread: &alert.Thread{
			ID: "9c0e51d2aa31f4b7", Lane: "oncall", Tenant: "shop", Key: kizashi.LabelsOf(map[string]string{"service": "web"}), State: state, Seq: seq, Fired: 1, Reason: why,
			Opened: at.UTC(), Changed: at.UTC().Add(time.Duration(seq) * time.Minute), Until: at.Add(4 * time.Minute),
			Members: []alert.Member{{Alert: "1671b5b4f0159a0b", Turn: turn, Severity: alert.Warning, Since: 1}},
		},
		Severity: alert.Warning, Lang: lang, Justification: "sha256:5a1ff0e2", Link: link + lang, Fields: map[string]string{"runbook": "https://wiki.example/runbooks/alb"},
		DedupKey: "9c0e51d2aa31f4b7-" + string(rune('0'+seq)),
	}
	n.Message.Foot = pick(lang, "Alert 1671b5b4f0159a0b, thread 9c0e51d2aa31f4b7, sha256:5a1ff0e2", "アラート 1671b5b4f0159a0b、スレッド 9c0e51d2aa31f4b7、sha256:5a1ff0e2")
	n.Message.Chart = &alert.Chart{PNG: png, Alt: pick(lang, "p99 of the last 24 hours, with the band of its limits", "直近24時間のp99と上限・下限の帯")}
	return n
}

func acts(lang string) []alert.Action {
	act := func(name, en, ja, command string) alert.Action {
		return alert.Action{Name: name, Label: pick(lang, en, ja), URL: "https://kizashi.example/act/" + name + "?a=1671b5b4f0159a0b&t=v1.eyJ.s3", Command: command}
	}
	return []alert.Action{
		act("ack", "I am on it", "対応を開始", "kizashi ack 1671b5b4f0159a0b"),
		act("watch", "Watch until …", "静観する", "kizashi watch 1671b5b4f0159a0b --until 2026-10-09 --reason …"),
		act("mute", "Mute", "通知を止める", "kizashi mute --match 'service=\"web\"' --until 18:00 --reason …"),
		act("feedback", "Not an anomaly", "異常ではない", "kizashi feedback 1671b5b4f0159a0b false"),
	}
}

func opened(lang string) alert.Notification {
	n := base(lang, kizashi.Firing, 1, alert.ReasonOpened)
	n.Title = pick(lang, "FIRING: ALB TargetResponseTime p99 431 ms, above its limit of 412 ms, Mon 2026-10-05 15:02 JST", "【発報中】ALB TargetResponseTime p99 431 ms(上限値412 ms) 2026/10/5(月) 15:02(JST)")
	n.Summary = pick(lang,
		"412 ms is the limit of Mondays 15:00, where 224 ms is expected; 3 of the last 5 samples were above the limit of their hour, this one at 431 ms.\nThe furthest value was 512 ms, Mon 2026-10-05 15:06.",
		"月曜15時台の上限値412 ms(期待値224 ms)に対し、実測値431 ms。直近5点中3点が各時刻の上限値を超過。\n最も外れた値は512 ms(10/5(月) 15:06)。")
	m := &n.Message
	m.Title = n.Title
	m.Lead = pick(lang,
		"This is the first message of this thread. 412 ms is the limit of Mondays 15:00, where 224 ms is expected; 3 of the last 5 samples were above the limit of their hour.",
		"このスレッドの最初の通知です。月曜15時台の上限値412 ms(期待値224 ms)に対し、実測値431 ms。直近5点中3点が各時刻の上限値を超過しました。")
	m.Facts = []alert.Fact{
		{Name: pick(lang, "Value", "実測値"), Text: "431 ms"}, {Name: pick(lang, "Limit", "上限値"), Text: pick(lang, "412 ms (expected 224 ms)", "412 ms(期待値224 ms)")},
		{Name: pick(lang, "Furthest", "最も外れた値"), Text: pick(lang, "512 ms, Mon 2026-10-05 15:06 JST", "512 ms(10/5(月) 15:06)")},
		{Name: pick(lang, "Severity", "重要度"), Text: pick(lang, "warning: 1.2 times its limit for 4 minutes, class check", "warning(上限値の1.2倍が4分継続、区分check)")},
		{Name: pick(lang, "Owner", "担当"), Text: pick(lang, "infrastructure", "インフラ担当")},
		{Name: pick(lang, "Series", "対象"), Text: `{account="123456789012", name="ALB TargetResponseTime", region="ap-northeast-1"}`},
	}
	m.Next = []string{pick(lang, "Look whether a release went out since 14:50, and take it back if so.", "14:50以降のリリース有無を確認し、該当する場合は切り戻してください。"), pick(lang, "Runbook: ", "手順書: ") + "https://wiki.example/runbooks/alb"}
	m.Actions = acts(lang)
	return n
}

func more(lang string) alert.Notification {
	n := base(lang, kizashi.Firing, 2, alert.ReasonMore)
	n.Severity, n.Thread.Of = alert.Critical, 8
	n.Title = pick(lang, "FIRING: web, 3 of 8 hosts: CPUUtilization is high (shop)", "【発報中】web 8台中3台でCPUUtilizationが上限値超過(shop)")
	n.Summary = pick(lang, "Two hosts were added since 15:02.", "15:02以降、2台が加わりました。")
	m := &n.Message
	m.Title, m.Lead = n.Title, pick(lang, "Two hosts were added since the last message at 15:02. The group can lose 2 of its 8 members; 3 are concerned, so this is to be acted on.", "前回(15:02)の通知以降、2台が加わりました。このグループは8台中2台まで許容ですが、3台が該当するため対応が必要です。")
	m.Facts = []alert.Fact{{Name: pick(lang, "Severity", "重要度"), Text: "critical"}, {Name: pick(lang, "Behind it", "抑止中"), Text: pick(lang, "12 alerts of the services on these hosts", "同ホスト上のサービスのアラート12件")}}
	m.Lines = []string{"i-0a1b2c3d4e5f60718 98 % (81 %)", "i-0b1b2c3d4e5f60719 97 % (82 %)", "i-0c1b2c3d4e5f60720 91 % (80 %)"}
	m.More, m.Next, m.Actions = pick(lang, "and 12 that are told through these", "ほか12件(上記に含めて通知)"), []string{pick(lang, "Take the hosts out of the target group one at a time.", "対象ホストを1台ずつターゲットグループから外してください。")}, acts(lang)
	return n
}

func resolved(lang string) alert.Notification {
	n := base(lang, kizashi.Resolved, 3, alert.ReasonResolved)
	n.Title = pick(lang, "RESOLVED: ALB TargetResponseTime p99, back below its limit since Mon 2026-10-05 15:31 JST", "【復旧】ALB TargetResponseTime p99 2026/10/5(月) 15:31(JST)に上限値以下へ復帰")
	n.Summary = pick(lang, "It lasted 29 minutes; the furthest value was 512 ms.", "継続29分、最も外れた値は512 ms。")
	n.Message.Title, n.Message.Lead = n.Title, n.Summary
	n.Message.Actions = acts(lang)[3:]
	n.Message.Actions[0].URL = "" // no external address is configured: the command alone
	n.Message.Chart = nil
	return n
}

// plain has no message in parts and no thread.
func plain(lang string) alert.Notification {
	n := opened(lang)
	n.Message, n.Thread, n.Severity, n.DedupKey = alert.Message{}, nil, 0, "1671b5b4f0159a0b-1"
	return n
}
