package handling

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func hour(h float64) time.Time { return noon.Add(time.Duration(h * float64(time.Hour))) }

func firing(tenant, id string) *kizashi.Alert {
	return &kizashi.Alert{ID: id, Tenant: tenant, State: kizashi.Firing, Side: kizashi.Up, Changed: kizashi.TimeOf(noon)}
}

func matchers(t *testing.T, texts ...string) (out kizashi.Matchers) {
	t.Helper()
	for _, s := range texts {
		m, err := kizashi.ParseMatcher(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

var web = kizashi.LabelsOf(map[string]string{"service": "web"})

func TestAMuteHoldsFromItsBeginToItsEndForItsTenant(t *testing.T) {
	b := New(Rules{})
	b.Add(Said{Act: alert.Act{ID: "m", At: noon, Kind: alert.ActMute, Tenant: "shop", Match: matchers(t, "service=web"), From: hour(1), Until: hour(3)}})
	for _, c := range []struct {
		h      float64
		tenant string
		labels kizashi.Labels
		want   bool
	}{
		{0.5, "shop", web, false}, {1, "shop", web, true}, {2.9, "shop", web, true}, {3, "shop", web, false},
		{2, "bank", web, false}, {2, "shop", nil, false},
	} {
		if _, got := b.At(hour(c.h)).Muted(firing(c.tenant, "a"), c.labels); got != c.want {
			t.Errorf("%+v: muted %t", c, got)
		}
	}
	if got := b.At(hour(2)).Next; got != hour(3) {
		t.Errorf("it ends at %s", got)
	}
	b.Add(Said{Act: alert.Act{ID: "u", At: hour(2), Kind: alert.ActUndo, Tenant: "shop", Undoes: "m"}})
	if _, got := b.At(hour(2)).Muted(firing("shop", "a"), web); got {
		t.Error("muted after it was taken back")
	}
	if _, got := b.At(hour(1.5)).Muted(firing("shop", "a"), web); !got {
		t.Error("not muted before it was taken back")
	}
}

func TestAMuteOfOneAlertWithoutAnEnd(t *testing.T) {
	b := New(Rules{})
	b.Add(Said{Act: alert.Act{ID: "m", At: noon, Kind: alert.ActMute, Tenant: "shop", Alert: "a", Remind: hour(24)}})
	p := b.At(hour(1000))
	if m, ok := p.Muted(firing("shop", "a"), nil); !ok || m.ID != "m" {
		t.Errorf("%v %v", m, ok)
	}
	if len(p.Reminders) != 1 || !p.Reminders[0].At.Equal(hour(24+5*7*24)) || !p.Next.Equal(hour(24+6*7*24)) {
		t.Errorf("asked %v, next %s", p.Reminders, p.Next)
	}
	if p := b.At(hour(23)); len(p.Reminders) != 0 || !p.Next.Equal(hour(24)) {
		t.Errorf("before its reminder: asked %v, next %s", p.Reminders, p.Next)
	}
	if _, ok := p.Muted(firing("bank", "a"), nil); ok {
		t.Error("another tenant's alert of that id is muted")
	}
}

func TestAMuteWhoseWindowCannotBeReadHoldsNoLonger(t *testing.T) {
	mute := alert.Act{ID: "m", At: noon, Kind: alert.ActMute, Tenant: "shop", Match: matchers(t, "service=web"), Window: "ics gone.ics", Remind: hour(1)}
	named := mute
	named.ID, named.Match, named.Alert = "n", nil, "a"
	b := New(Rules{})
	b.Add(Said{Act: mute}, Said{Act: named})
	p := b.At(hour(2))
	if m, ok := p.Muted(firing("shop", "a"), web); ok {
		t.Errorf("muted by %s", m.ID)
	}
	if len(p.Reminders) > 0 {
		t.Errorf("asked whether it is still wanted: %v", p.Reminders)
	}
}

func TestAnAcknowledgementIsOfTheStretchThatItWasSaidOf(t *testing.T) {
	b := New(Rules{})
	b.Add(Said{Act: alert.Act{ID: "1", At: hour(1), Kind: alert.ActAck, Tenant: "shop", Alert: "a"}},
		Said{Act: alert.Act{ID: "2", At: hour(1), Kind: alert.ActFeedback, Value: "expected", Tenant: "shop", Alert: "b"}},
		Said{Act: alert.Act{ID: "3", At: hour(1), Kind: alert.ActFeedback, Value: "owner", Tenant: "shop", Alert: "c"}})
	p := b.At(hour(2))
	a := firing("shop", "a")
	for id, want := range map[string]bool{"a": true, "b": true, "c": false, "d": false} {
		a.ID = id
		if _, ok := p.Acked(a); ok != want {
			t.Errorf("%s: acknowledged %t", id, ok)
		}
	}
	a.ID, a.Changed = "a", kizashi.TimeOf(hour(1.5)) // it came back
	if _, ok := p.Acked(a); ok {
		t.Error("what came back is acknowledged")
	}
	if _, ok := b.At(hour(0.5)).Acked(firing("shop", "a")); ok {
		t.Error("acknowledged before anybody said so")
	}
	if _, ok := p.Acked(firing("bank", "a")); ok {
		t.Error("across tenants")
	}
}

func TestWatchEndsOrIsReplaced(t *testing.T) {
	b := New(Rules{})
	watch := func(id string, at, until time.Time) Said {
		return Said{Act: alert.Act{ID: id, At: at, Kind: alert.ActWatch, Tenant: "shop", Alert: "a", Until: until}}
	}
	b.Add(watch("long", noon, hour(10)), watch("short", hour(1), hour(2)))
	for h, want := range map[float64]string{0.5: "long", 1.5: "short", 3: ""} {
		if act, _ := b.At(hour(h)).Watched(firing("shop", "a")); act.ID != want {
			t.Errorf("after %v hours: %q, want %q", h, act.ID, want)
		}
	}
}

func TestOwnerAndMode(t *testing.T) {
	b := New(Rules{
		Modes:  map[string]alert.Mode{"shop": alert.Internal, "bank": ""},
		Series: []ModeRule{{"shop", matchers(t, "service=web"), alert.Shadow}},
		Owners: []OwnerRule{{matchers(t, "service=web"), "application"}, {nil, "infrastructure"}},
	})
	a := firing("shop", "a")
	p := b.At(noon)
	if o, by := p.Owner(a, web); o != "application" || by.ID != "" {
		t.Errorf("owner %s by %q", o, by.ID)
	}
	if p.Mode(a, web) != alert.Shadow || p.Mode(a, nil) != alert.Internal || p.Mode(firing("bank", "x"), nil) != alert.Live {
		t.Errorf("modes %s %s", p.Mode(a, web), p.Mode(a, nil))
	}
	b.Add(Said{Act: alert.Act{ID: "1", At: noon, Kind: alert.ActAssign, Tenant: "shop", Alert: "a", Value: "csirt"}},
		Said{Act: alert.Act{ID: "2", At: noon, Kind: alert.ActMode, Tenant: "shop", Value: "live"}})
	p = b.At(noon)
	if o, by := p.Owner(a, web); o != "csirt" || by.ID != "1" {
		t.Errorf("owner %s by %q", o, by.ID)
	}
	if p.Mode(a, web) != alert.Shadow || p.Mode(a, nil) != alert.Live {
		t.Error("a command of the tenant changed its series")
	}
	if added := b.Add(Said{Act: alert.Act{ID: "3", At: noon, Kind: alert.ActMode, Tenant: "shop", Match: matchers(t, "service=web"), Value: "live"}}, Said{Act: alert.Act{ID: "1"}}); !added {
		t.Error("not added")
	}
	if b.At(noon).Mode(a, web) != alert.Live {
		t.Error("the series' own command does not count")
	}
}

// A tenant that was a shadow and is taken out of the configuration is not told
// of itself at last.
func TestATenantThatTheConfigurationDoesNotKnow(t *testing.T) {
	b := New(Rules{Modes: map[string]alert.Mode{"bank": alert.Live}, Series: []ModeRule{{"", matchers(t, "service=web"), alert.Live}}})
	gone := firing("shop", "a")
	p := b.At(noon)
	if p.TenantMode("shop") != alert.Internal || p.Mode(gone, nil) != alert.Internal || p.Mode(gone, web) != alert.Internal || p.TenantMode("bank") != alert.Live {
		t.Errorf("modes %s %s %s, and %s of one that is known", p.TenantMode("shop"), p.Mode(gone, nil), p.Mode(gone, web), p.TenantMode("bank"))
	}
	for _, c := range []struct{ said, want alert.Mode }{{alert.Live, alert.Internal}, {alert.Shadow, alert.Shadow}} {
		b.Add(Said{Act: alert.Act{ID: string(c.said), At: noon, Kind: alert.ActMode, Tenant: "shop", Value: string(c.said)}})
		if p := b.At(noon); p.TenantMode("shop") != c.want || p.Mode(gone, nil) != c.want {
			t.Errorf("by command %s: %s", c.said, p.TenantMode("shop"))
		}
	}
	if New(Rules{}).At(noon).TenantMode("shop") != alert.Live {
		t.Error("rules that say nothing of tenants hold them back")
	}
}

func TestGrown(t *testing.T) {
	at := func(side kizashi.Side, peak, limit kizashi.Num) *kizashi.Alert {
		return &kizashi.Alert{Side: side, Peak: kizashi.Moment{Value: peak, Verdict: kizashi.Verdict{Upper: limit, Lower: limit}}}
	}
	for _, c := range []struct {
		what      string
		then, now *kizashi.Alert
		sev       alert.Severity
		want      bool
	}{
		{"as it was", at(kizashi.Up, 90, 80), at(kizashi.Up, 90, 80), alert.Warning, false},
		{"a little", at(kizashi.Up, 90, 80), at(kizashi.Up, 95, 80), alert.Warning, false},
		{"more than half", at(kizashi.Up, 90, 80), at(kizashi.Up, 95.1, 80), alert.Warning, true},
		{"downwards", at(kizashi.Down, 10, 20), at(kizashi.Down, 4.9, 20), alert.Warning, true},
		{"the severity", at(kizashi.Up, 90, 80), at(kizashi.Up, 90, 80), alert.Critical, true},
		{"a silence", at(kizashi.Up, kizashi.None(), 80), at(kizashi.Up, kizashi.None(), 80), alert.Warning, false},
	} {
		v := alert.MeasureOf(c.then, alert.Warning).String()
		if got := Grown(alert.Act{Value: v}, 0, c.now, c.sev); got != c.want {
			t.Errorf("%s: %t (%s)", c.what, got, v)
		}
	}
	if !Grown(alert.Act{}, alert.Notice, at(kizashi.Up, 90, 80), alert.Warning) || Grown(alert.Act{}, alert.Warning, at(kizashi.Up, 900, 80), alert.Warning) {
		t.Error("without a measure it is held to the severity told")
	}
}
