package dispatch

import (
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
)

// held says why nothing new is told of an alert, and until when if that is
// known; m is its member, if it is one.
func (k *desk) held(p *pass, v *view, m *alert.Member) (why alert.Hold, by string) {
	if v.hold != "" {
		return v.hold, v.holder
	}
	if m != nil && m.Since > 0 {
		return "", ""
	}
	if source, ok := k.inhibited[v.e.Alert.ID]; ok {
		return alert.HeldInhibit, source
	}
	if !k.duty && k.waits(v) {
		p.next(k.opens)
		return alert.HeldHours, k.recv.HoursName
	}
	if m != nil && m.Held == alert.HeldCap && strings.HasSuffix(m.By, " "+k.spent.date) && !v.guard() {
		p.next(k.midnight(p.now))
		return alert.HeldCap, m.By
	}
	return "", ""
}

// waits says that an alert's class waits for the hours.
func (k *desk) waits(v *view) bool {
	return v.class() != "act" && slices.Contains(k.recv.Waits, v.class())
}

// midnight is when the receiver's next day begins.
func (k *desk) midnight(now time.Time) time.Time {
	y, m, d := now.In(k.recv.zone()).Date()
	at := time.Date(y, m, d+1, 0, 0, 0, 0, k.recv.zone())
	if at.Day() == d { // the clocks are put forward over it, as in Santiago: the day begins when they are
		_, at = at.ZoneBounds()
	}
	return at
}
