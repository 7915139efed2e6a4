package webhook

import (
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// example is a notification in which every part has something in it: with it
// a template is tried before it is needed.
func example() alert.Notification {
	at := kizashi.TimeOf(time.Date(2026, 10, 5, 6, 2, 0, 0, time.UTC))
	value := kizashi.Moment{At: at, Value: 431, Verdict: kizashi.Verdict{Expected: 224, Lower: kizashi.None(), Upper: 412}}
	turn := alert.Turn{Seq: 1, State: kizashi.Firing}
	return alert.Notification{
		Alert: kizashi.Alert{
			ID: "1671b5b4f0159a0b", Tenant: "shop", Group: "web", Side: kizashi.Up, Class: "check", State: kizashi.Firing, Seq: 1,
			Labels: kizashi.LabelsOf(map[string]string{"name": "ALB TargetResponseTime"}), Opened: at, From: at, To: at, Changed: at, Opening: value, Peak: value,
		},
		Thread: &alert.Thread{
			ID: "1671b5b4f0159a0b", Lane: "webhook", Tenant: "shop", State: kizashi.Firing, Seq: 1, Fired: 1, Reason: alert.ReasonOpened,
			Opened: at.UTC(), Changed: at.UTC(), Members: []alert.Member{{Alert: "1671b5b4f0159a0b", Turn: turn, Severity: alert.Warning, Since: 1}},
		},
		Severity: alert.Warning,
		Message: alert.Message{
			Title: `A "title"`, Lead: "An example.", Facts: []alert.Fact{{Name: "limit", Text: "412 ms"}}, Lines: []string{"ALB TargetResponseTime"}, More: "and 1 other",
			Next: []string{"Look at it."}, Foot: "1671b5b4f0159a0b",
			Actions: []alert.Action{{Name: "ack", Label: "Acknowledge", URL: "https://kizashi.example/ack", Command: "kizashi ack 1671b5b4f0159a0b"}},
		},
		Title: `A "title"`, Summary: "An example.\nOf two lines.", Lang: "en", Justification: "sha256:feed",
		Link: "https://kizashi.example/alerts/1671b5b4f0159a0b", Fields: map[string]string{"runbook": "https://example.com"}, DedupKey: "1671b5b4f0159a0b-1",
	}
}
