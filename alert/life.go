package alert

import (
	"encoding/json"
	"fmt"
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Life follows the episodes of every series. It takes crossings in the order
// in which the group loop admits them and returns changes of state; it reads
// no clock and asks nobody.
//
//	pending   a vote stands, for less than the series' For
//	firing    a vote stood for that long
//	resolved  for Recover samples none stood, twice as many after each re-open, up to eight times; or the series ended
//
// A vote within Quiet of the last one opens the same alert again, under the
// same id. Up, down and silence are episodes of their own. Of one that fires
// the peak is told again, under the same Seq, when it has grown so far that it
// matters to people (Measure.Beyond, Effect).
type Life struct {
	episodes map[key]*episode
	revised  map[key]*episode // the last one that a correction opened
}

type key struct {
	series kizashi.SeriesID
	side   kizashi.Side
}

// episode is an alert and what its next change depends on. It outlives its
// resolution by Quiet.
type episode struct {
	Alert kizashi.Alert    `json:"alert"`
	Moved bool             `json:"moved,omitempty"` // the baseline took its level over
	Calm  int              `json:"calm"`            // samples since a vote stood
	Stood kizashi.Time     `json:"stood"`           // At of the last sample on which one did
	Quiet kizashi.Duration `json:"quiet"`           // of that sample
	For   time.Duration    `json:"for"`             // pending this long before it fires
	Fired bool             `json:"fired"`           // it did, at least once
	Told  told             `json:"told"`            // the peak of its last change

	Corrected    []kizashi.Revision `json:"corrected,omitempty"`     // of its values
	ByCorrection bool               `json:"by_correction,omitempty"` // one opened it
}

// Change is a change of an alert's state, and, where the alert opens, what is
// known of why.
type Change struct {
	Alert kizashi.Alert
	Cross kizashi.Crossing // the crossing that caused it
	Proof *kizashi.Proof   // set when the alert opens
}

// NewLife returns a Life without episodes.
func NewLife() *Life { return &Life{episodes: map[key]*episode{}, revised: map[key]*episode{}} }

// mostDamping bounds how often the recovery is doubled.
const mostDamping = 3

// Admit takes one crossing at its group's tick and appends the changes to
// out.
func (l *Life) Admit(tick kizashi.Time, c *kizashi.Crossing, out []Change) []Change {
	for _, side := range [...]kizashi.Side{kizashi.Down, kizashi.Both, kizashi.Up} {
		k := key{c.Series, side}
		e := l.episodes[k]
		if c.Ended != "" {
			if e != nil && e.Alert.State != kizashi.Resolved {
				out = e.end(tick, c, out)
			}
			continue
		}
		stands := c.Verdict.Stands(side)
		if e != nil && stands && c.At.Sub(e.Stood) > time.Duration(c.Quiet) && e.Alert.State == kizashi.Resolved {
			delete(l.episodes, k)
			e = nil
		}
		switch {
		case e == nil && stands:
			out = l.open(k, tick, c, out)
		case e != nil && stands:
			out = e.stand(tick, c, out)
		case e != nil:
			out = e.calm(tick, c, out)
		}
	}
	return out
}

// Firing says whether an alert of the series fires.
func (l *Life) Firing(id kizashi.SeriesID) bool {
	for _, side := range [...]kizashi.Side{kizashi.Down, kizashi.Both, kizashi.Up} {
		if e := l.episodes[key{id, side}]; e != nil && e.Alert.State == kizashi.Firing {
			return true
		}
	}
	return false
}

// Open returns the alerts that are pending or firing, by id.
func (l *Life) Open() []kizashi.Alert {
	var as []kizashi.Alert
	for _, e := range l.episodes {
		if e.Alert.State != kizashi.Resolved {
			as = append(as, e.Alert)
		}
	}
	sort.Slice(as, func(i, j int) bool { return as[i].ID < as[j].ID })
	return as
}

func (l *Life) open(k key, tick kizashi.Time, c *kizashi.Crossing, out []Change) []Change {
	p := proofFor(c, k.side)
	if p == nil {
		return out // the series loop knows it as the episode before; it cannot be without a proof
	}
	m := moment(c, k.side)
	e := &episode{Stood: c.At, Quiet: c.Quiet, For: time.Duration(p.Settings.For), Alert: kizashi.Alert{
		ID: kizashi.AlertID(c.Series, k.side, c.At), Series: c.Series, Tenant: p.Meta.Tenant, Group: p.Meta.Group,
		Labels: p.Meta.Labels, Side: k.side, Class: p.Settings.Class, State: kizashi.Pending,
		Opened: c.At, From: c.At, To: c.End, Changed: tick, Seq: 1, Revised: c.Late,
		Opening: m, Peak: m, Models: models(nil, m.Verdict),
	}}
	if p.Settings.For == 0 {
		e.Alert.State, e.Fired = kizashi.Firing, true
	}
	e.Told = toldOf(&e.Alert)
	l.episodes[k] = e
	return append(out, Change{Alert: e.Alert, Cross: *c, Proof: p})
}

// Justify notes the hash of an alert's justification, known only after the
// alert opened, so that every later change carries it.
func (l *Life) Justify(a kizashi.Alert) {
	for _, m := range [...]map[key]*episode{l.episodes, l.revised} {
		if e := m[key{a.Series, a.Side}]; e != nil && e.Alert.ID == a.ID {
			e.Alert.Justify = a.Justify
		}
	}
}

func (e *episode) stand(tick kizashi.Time, c *kizashi.Crossing, out []Change) []Change {
	a := &e.Alert
	m := moment(c, a.Side)
	e.Calm, e.Stood, e.Quiet, a.To = 0, c.At, c.Quiet, c.End
	e.Moved = e.Moved || c.Event == kizashi.ClaimMoved
	a.Models = models(a.Models, m.Verdict)
	if beyond(a.Side, m, a.Peak) {
		a.Peak = m
	}
	switch a.State {
	case kizashi.Pending:
		if c.At.Sub(a.From) < e.For {
			return out
		}
	case kizashi.Resolved:
		a.From, a.Ended = c.At, ""
		if !e.Fired && e.For > 0 {
			a.State = kizashi.Pending
			return e.changed(tick, c, out)
		}
		a.Reopened++
	default:
		if e.Told.outgrown(a) {
			e.Told = toldOf(a)
			return append(out, Change{Alert: *a, Cross: *c})
		}
		return out
	}
	a.State, e.Fired = kizashi.Firing, true
	return e.changed(tick, c, out)
}

func (e *episode) calm(tick kizashi.Time, c *kizashi.Crossing, out []Change) []Change {
	a := &e.Alert
	e.Calm++
	switch a.State {
	case kizashi.Resolved:
		return out
	case kizashi.Firing:
		need := c.Recover << min(a.Reopened, mostDamping)
		if e.Moved = e.Moved || c.Event == kizashi.ClaimMoved; !e.Moved && e.Calm < need {
			return out
		}
	}
	a.Ended = kizashi.ClaimBack
	if e.Moved {
		a.Ended = kizashi.ClaimMoved
	}
	e.Moved = false
	a.State = kizashi.Resolved
	return e.changed(tick, c, out)
}

// end resolves the alert since its series has ended.
func (e *episode) end(tick kizashi.Time, c *kizashi.Crossing, out []Change) []Change {
	e.Calm, e.Moved = 0, false
	e.Alert.State, e.Alert.Ended = kizashi.Resolved, c.Ended
	return e.changed(tick, c, out)
}

func (e *episode) changed(tick kizashi.Time, c *kizashi.Crossing, out []Change) []Change {
	e.Alert.Changed = tick
	e.Alert.Seq++
	e.Told = toldOf(&e.Alert)
	return append(out, Change{Alert: e.Alert, Cross: *c})
}

func proofFor(c *kizashi.Crossing, side kizashi.Side) *kizashi.Proof {
	for i := range c.Proof {
		if c.Proof[i].Side == side {
			return &c.Proof[i]
		}
	}
	return nil
}

// moment keeps the votes of one side.
func moment(c *kizashi.Crossing, side kizashi.Side) kizashi.Moment {
	m := kizashi.Moment{At: c.At, Value: c.Value, Verdict: c.Verdict}
	m.Verdict.Votes = nil
	for _, v := range c.Verdict.Votes {
		if v.Side == side {
			m.Verdict.Votes = append(m.Verdict.Votes, v)
		}
	}
	return m
}

func models(have []string, v kizashi.Verdict) []string {
	out := append([]string(nil), have...)
	for _, w := range v.Votes {
		i := sort.SearchStrings(out, w.Model)
		if i == len(out) || out[i] != w.Model {
			out = append(out, "")
			copy(out[i+1:], out[i:])
			out[i] = w.Model
		}
	}
	return out
}

// beyond says whether m lies further out than the peak so far.
func beyond(side kizashi.Side, m, peak kizashi.Moment) bool {
	switch {
	case !m.Value.Ok():
		return false
	case side == kizashi.Up:
		return m.Value > peak.Value
	default:
		return m.Value < peak.Value
	}
}

// kept is how long a resolved episode is remembered at the least. A series whose
// samples become rarer lengthens its Quiet after the fact: a vote that the
// series loop takes for the old episode must still find it here.
const kept = 30 * 24 * time.Hour

// Prune forgets episodes that were resolved so long before now that no vote
// can open them again.
func (l *Life) Prune(now kizashi.Time) {
	for k, e := range l.episodes {
		if e.Alert.State == kizashi.Resolved && now.Sub(e.Stood) > max(kept, 2*time.Duration(e.Quiet)) {
			delete(l.episodes, k)
		}
	}
	for k, e := range l.revised {
		if now.Sub(e.Stood) > kept {
			delete(l.revised, k)
		}
	}
}

// MarshalJSON writes the episodes, sorted.
func (l *Life) MarshalJSON() ([]byte, error) {
	es := make([]*episode, 0, len(l.episodes)+len(l.revised))
	for _, m := range [...]map[key]*episode{l.episodes, l.revised} {
		for _, e := range m {
			es = append(es, e)
		}
	}
	sort.Slice(es, func(i, j int) bool {
		a, b := &es[i].Alert, &es[j].Alert
		if a.Series != b.Series {
			return a.Series < b.Series
		}
		if a.Side != b.Side {
			return a.Side < b.Side
		}
		return es[j].ByCorrection && !es[i].ByCorrection
	})
	return json.Marshal(es)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (l *Life) UnmarshalJSON(b []byte) error {
	var es []*episode
	if err := json.Unmarshal(b, &es); err != nil {
		return fmt.Errorf("episodes: %w", err)
	}
	*l = *NewLife()
	for _, e := range es {
		if e.ByCorrection {
			l.revised[key{e.Alert.Series, e.Alert.Side}] = e
			continue
		}
		l.episodes[key{e.Alert.Series, e.Alert.Side}] = e
	}
	return nil
}
