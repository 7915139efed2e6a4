package sns

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

// slow is a notification about an ALB's latency, in either language.
func slow(lang string, state kizashi.AlertState) alert.Notification {
	none := kizashi.None()
	n := sinktest.Notice("1671b5b4f0159a0b", 2, state)
	n.Alert.Labels = kizashi.LabelsOf(map[string]string{"account": "123456789012", "region": "ap-northeast-1", "namespace": "AWS/ApplicationELB",
		"metric": "TargetResponseTime", "stat": "p99", "dim_LoadBalancer": "app/shop/50dc6c495c0c9188", "name": "ALB TargetResponseTime"})
	n.Alert.Opening.Verdict.Votes = []kizashi.Vote{{Model: "band", Kind: kizashi.Value, Side: kizashi.Up, Crossed: true, Lower: none, Upper: .412}}
	n.Rule = alert.Rule{Statistic: "p99", Unit: "Seconds", Period: kizashi.Duration(time.Minute), M: 3, N: 5}
	n.Severity, n.Lang = alert.Critical, lang
	n.Thread = &alert.Thread{ID: "feed1234feed1234", Reason: alert.ReasonOpened, State: state}
	n.Title, n.Summary = "FIRING: ALB TargetResponseTime p99 431 ms, above its limit of 412 ms", "412 ms is the limit of Mondays 15:00; 3 of the last 5 samples were above it."
	n.Message = alert.Message{Title: n.Title, Lead: n.Summary, Facts: []alert.Fact{{Name: "Usual", Text: "188 to 260 ms"}}, Next: []string{"Roll back the last release."},
		Actions: []alert.Action{{Label: "Acknowledge", URL: "https://kizashi.example/act/T", Command: "kizashi ack 1671b5b4f0159a0b"}, {Label: "Watch", Command: "kizashi watch 1671b5b4f0159a0b --until TIME --reason TEXT"}},
		Foot:    "Alert 1671b5b4f0159a0b"}
	if lang == "ja" {
		n.Title, n.Summary = "【緊急・発報中】ALB TargetResponseTime p99 431 ms(上限値412 ms)", "月曜15時台の上限値412 msに対し、直近5点中3点が超過。"
		n.Message.Title, n.Message.Lead = n.Title, n.Summary
		n.Message.Facts[0] = alert.Fact{Name: "平常時", Text: "188〜260 ms"}
		n.Message.Next[0], n.Message.Actions[0].Label, n.Message.Actions[1].Label = "直近のリリースを切り戻す。", "確認済みにする", "静観する"
	}
	return n
}

func TestFormats(t *testing.T) {
	for _, f := range []Format{CloudWatch, Chat} {
		for _, lang := range []string{"en", "ja"} {
			for _, state := range []kizashi.AlertState{kizashi.Firing, kizashi.Resolved} {
				name := string(f) + "." + string(state) + "." + lang
				body, err := formats[f](slow(lang, state), maxMessage)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				var b bytes.Buffer
				if err := json.Indent(&b, []byte(body), "", "  "); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				sinktest.Golden(t, name, append(b.Bytes(), '\n'))
			}
		}
	}
}

// The alarm form has the fields of CloudWatch's own messages, and a reader that
// knows these reads it.
func TestAlarmReadsAsCloudWatchs(t *testing.T) {
	body, err := alarm(slow("en", kizashi.Firing), maxMessage)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields("AlarmName AlarmDescription AWSAccountId AlarmConfigurationUpdatedTimestamp NewStateValue NewStateReason StateChangeTime Region AlarmArn OldStateValue OKActions AlarmActions InsufficientDataActions Trigger") {
		if _, ok := m[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	trigger := m["Trigger"].(map[string]any)
	for _, name := range strings.Fields("MetricName Namespace StatisticType ExtendedStatistic Unit Dimensions Period EvaluationPeriods DatapointsToAlarm ComparisonOperator Threshold TreatMissingData EvaluateLowSampleCountPercentile") {
		if _, ok := trigger[name]; !ok {
			t.Errorf("Trigger.%s is missing", name)
		}
	}
	if _, err := time.Parse("2006-01-02T15:04:05.000-0700", m["StateChangeTime"].(string)); err != nil {
		t.Error(err)
	}
	if got := strings.Split(m["AlarmArn"].(string), ":"); len(got) != 7 || got[3] != "ap-northeast-1" || got[4] != "123456789012" {
		t.Errorf("ARN %v", got)
	}
}

// Where no single limit was crossed the alarm names none.
func TestAlarmWithoutALimit(t *testing.T) {
	n := slow("en", kizashi.Firing)
	n.Alert.Opening.Verdict.Votes = []kizashi.Vote{{Model: "surprise", Kind: kizashi.EvidenceVote, Crossed: true}}
	body, err := alarm(n, maxMessage)
	if err != nil || strings.Contains(body, `"Threshold"`) {
		t.Errorf("%v: %s", err, body)
	}
}

// What strangers wrote mentions nobody, links nowhere and is no markup.
func TestChatIsInert(t *testing.T) {
	n := slow("en", kizashi.Firing)
	evil := "<!channel> @here <@U123> <http://evil|click> [x](http://evil) *b* `c` ~d~ \x1b[31m\u202e"
	n.Message.Lead, n.Message.Title, n.Message.Lines = evil, evil, []string{evil}
	body, err := chat(n, maxMessage)
	if err != nil {
		t.Fatal(err)
	}
	for _, active := range []string{"<!", "<@", "<http://evil", "](http", "@here", "*b*", "`c`", "~d~", `\u001b`, "\u202e"} {
		if strings.Contains(body, active) {
			t.Errorf("%q is active in %s", active, body)
		}
	}
	if !strings.Contains(body, "https://kizashi.example/act/T|Acknowledge") {
		t.Errorf("our own link is gone: %s", body)
	}
}

func TestUnknownFormat(t *testing.T) {
	newCloud(t)
	if _, err := New(t.Context(), Config{Topic: topic, Format: "xml"}); err == nil || !strings.Contains(err.Error(), `format is "xml"`) {
		t.Error(err)
	}
}
