package handling

import (
	"time"

	"github.com/kizashi-ops/kizashi/alert"
)

// AskAgain is how long after its reminder somebody is asked once more of an act
// that still holds.
const AskAgain = 7 * 24 * time.Hour

// Reminder is an act until further notice of which somebody is to be asked
// whether it is still wanted.
type Reminder struct {
	Act alert.Act
	At  time.Time // when that was due last
}

// RemindedAt is when somebody was last to be asked of an act, as of now; not
// ok: not yet, or it is over, or never.
func RemindedAt(a alert.Act, now time.Time) (at time.Time, ok bool) {
	switch a.Kind {
	case alert.ActMute, alert.ActExclude, alert.ActExpect:
	default:
		return at, false
	}
	if a.Remind.IsZero() || now.Before(a.Remind) || !a.Until.IsZero() && !now.Before(a.Until) {
		return at, false
	}
	return a.Remind.Add(now.Sub(a.Remind) / AskAgain * AskAgain), true
}

// remind notes what is due of an act's reminder, and when it will be.
func (p *Page) remind(a alert.Act, now time.Time) {
	at, ok := RemindedAt(a, now)
	switch {
	case ok:
		p.Reminders = append(p.Reminders, Reminder{a, at})
		p.ends(at.Add(AskAgain))
	case a.Remind.After(now):
		p.ends(a.Remind)
	}
}
