package ledger

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

func clock(h int) time.Time { return t0.Add(time.Duration(h) * time.Hour).UTC() }

func ids(as []alert.Act) string {
	var out []string
	for _, a := range as {
		out = append(out, a.ID)
	}
	return strings.Join(out, " ")
}

func said(t testing.TB, l *Ledger, as ...alert.Act) {
	t.Helper()
	for _, a := range as {
		if err := l.Act(a); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheAuditTrailIsReadByWhoWhatAndWhen(t *testing.T) {
	l := fresh(t)
	m, err := kizashi.ParseMatcher(`service=~"web.*"`)
	if err != nil {
		t.Fatal(err)
	}
	said(t, l,
		alert.Act{ID: "ack", At: clock(1), Kind: alert.ActAck, Tenant: "shop", Alert: "a1", Author: "sato"},
		alert.Act{ID: "watch", At: clock(2), Kind: alert.ActWatch, Tenant: "shop", Alert: "a1", Until: clock(10), Author: "sato", Reason: "known"},
		alert.Act{ID: "mute", At: clock(3), Kind: alert.ActMute, Tenant: "bank", Match: kizashi.Matchers{m}, Until: clock(5), Author: "abe", Reason: "patches"},
		alert.Act{ID: "undo", At: clock(4), Kind: alert.ActUndo, Tenant: "shop", Undoes: "ack", Author: "abe"},
	)
	for _, c := range []struct {
		what string
		f    ActFilter
		want string
	}{
		{"all", ActFilter{}, "ack watch mute undo"},
		{"of a tenant", ActFilter{Tenant: "shop"}, "ack watch undo"},
		{"of an alert", ActFilter{Alert: "a1"}, "ack watch"},
		{"one", ActFilter{ID: "mute"}, "mute"},
		{"of a kind", ActFilter{Kind: alert.ActWatch}, "watch"},
		{"of a time", ActFilter{From: clock(2), To: clock(4)}, "watch mute"},
		{"the newest", ActFilter{Limit: 2}, "mute undo"},
		{"in force before it was taken back", ActFilter{Holds: clock(3)}, "ack watch mute"},
		{"in force afterwards", ActFilter{Holds: clock(4)}, "watch mute"},
		{"in force when the mute ends", ActFilter{Holds: clock(5)}, "watch"},
	} {
		if got := ids(must(l.Acts(c.f))(t)); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
	got := must(l.Acts(ActFilter{ID: "mute"}))(t)[0]
	if got.Match[0].String() != `service=~"web.*"` || !got.Match.Matches(kizashi.LabelsOf(map[string]string{"service": "web-1"})) {
		t.Errorf("matchers came back as %v", got.Match)
	}
}

func TestAnActIsNeverChanged(t *testing.T) {
	l := fresh(t)
	a := alert.Act{ID: "x", At: clock(1), Kind: alert.ActAck, Tenant: "shop", Alert: "a1", Author: "sato"}
	said(t, l, a, a)
	b := a
	b.Author = "abe"
	if err := l.Act(b); !errors.Is(err, ErrTaken) {
		t.Errorf("another act under the same id: %v", err)
	}
	if got := must(l.Acts(ActFilter{}))(t); len(got) != 1 || got[0].Author != "sato" {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(dump(t, l), "act\tx\t{") {
		t.Error("the dump leaves acts out")
	}
}

func TestRetentionOfActs(t *testing.T) {
	l := fresh(t)
	commit(t, l, Changes{Alerts: []kizashi.Alert{episode("kept", 1, kizashi.Firing, t0)}})
	said(t, l,
		alert.Act{ID: "of-kept", At: clock(1), Kind: alert.ActAck, Tenant: "shop", Alert: "kept", Author: "s"},
		alert.Act{ID: "of-gone", At: clock(1), Kind: alert.ActAck, Tenant: "shop", Alert: "gone", Author: "s"},
		alert.Act{ID: "over", At: clock(1), Kind: alert.ActMute, Tenant: "shop", Until: clock(2), Author: "s"},
		alert.Act{ID: "standing", At: clock(1), Kind: alert.ActMute, Tenant: "shop", Remind: clock(2), Author: "s"},
		alert.Act{ID: "taken", At: clock(1), Kind: alert.ActMode, Tenant: "shop", Author: "s"},
		alert.Act{ID: "undo", At: clock(2), Kind: alert.ActUndo, Tenant: "shop", Undoes: "taken", Author: "s"},
		alert.Act{ID: "young", At: clock(9), Kind: alert.ActAck, Tenant: "shop", Alert: "gone", Author: "s"},
	)
	if _, err := l.Retain(t0.Add(5*time.Hour), t0); err != nil {
		t.Fatal(err)
	}
	if got, want := ids(must(l.Acts(ActFilter{}))(t)), "of-kept standing young"; got != want {
		t.Errorf("left: %s, want %s", got, want)
	}
}
