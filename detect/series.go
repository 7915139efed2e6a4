package detect

import (
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/calendar"
)

// leastQuiet is how long a side must be without a vote, at the least, before
// a vote opens a new alert instead of the old one again.
const leastQuiet = time.Hour

// damping is by how much an alert that keeps coming back may lengthen its own
// recovery; crossings are reported for that much longer.
const damping = 8

// series is one series in the engine.
type series struct {
	set    *plan // shared by all that have the same
	config *version
	base   *baseline.State
	others *[]State // by row, the states that do not lie in the piece; nil = they all do
	*kindsOfRows
	*seldom
	rank    ranking
	seen    bool
	tail    bool            // crossings are reported though no vote stands
	calm    int32           // samples since a vote stood
	applied int32           // commands applied, of the engine's list
	last    kizashi.Time    // At of the last sample judged
	side    [3]kizashi.Time // by side+1, when a vote last stood there; Never = none did
	target  target          // R by command
	meta    kizashi.Meta
}

// seldom is what hardly a series has; those that have nothing of it share nothing.
type seldom struct {
	cold    []int                 // rows that the state did not have: they warm up from stored samples
	faults  map[string]int        // of models, by name
	without []string              // detectors switched off by command, sorted
	coming  []kizashi.Declaration // declarations from a later time on
	marks   []mark                // what commands say of stretches, in the order in which they came
	informs []kizashi.Time        // when coarse histories inform it, those done first
	done    int                   // of informs
	ended   kizashi.Ending        // why no sample is expected; "" = some are
	endedAt kizashi.Time          // from then on
}

var nothing seldom

// own is the series' own seldom, to be changed.
func (s *series) own() *seldom {
	if s.seldom == &nothing {
		s.seldom = new(seldom)
	}
	return s.seldom
}

func (e *Engine) newSeries(meta kizashi.Meta, v *version) (*series, error) {
	s := e.rooms.take(e)
	s.meta, s.config = meta, v
	set, name, err := v.cfg.Resolve(&meta)
	if err != nil {
		return nil, err
	}
	s.set, s.meta.Zone = e.share(set), name
	zone, err := calendar.Load(s.meta.Zone)
	if err != nil {
		return nil, err
	}
	s.base.Begin(&s.meta, &s.set.Settings, zone)
	s.begin(e)
	s.findTimed(e)
	e.kinds = s.kindsOfRows
	s.follow(e)
	return s, nil
}

// follow hands what the settings say to who needs it.
func (s *series) follow(e *Engine) {
	s.share(e.rows)
	var kinds func(int) string
	if k := s.config.kinds[s.set.Calendar]; k != nil {
		kinds = k.Of
	}
	s.base.UseDays(kinds)
	var hours *calendar.Hours
	var late time.Duration
	if p := s.set.Schedule; p != nil {
		hours, late = s.config.hours[p.Hours], time.Duration(p.Late)
	}
	s.eachTimed(e, func(m Timed) { m.Schedule(hours, late) })
}

// alike says whether one series may start with the other's baseline: members of
// one group with the same metric and statistic, in wall time of one zone.
func alike(a, b *kizashi.Meta) bool {
	return Kin(a) != "" && Kin(a) == Kin(b) && a.Tenant == b.Tenant && a.Group == b.Group
}

// kindsOfRows are the rows whose state is of a kind. Hardly a series has others than
// the first one.
type kindsOfRows struct {
	timed  []int // Timed
	hourly []int // Hourly
}

func (s *series) findTimed(e *Engine) {
	if s.others == nil {
		s.kindsOfRows = e.layout.kinds
		return
	}
	k := e.layout.kindsOf(s)
	if u := e.kinds; u != nil && slices.Equal(u.timed, k.timed) && slices.Equal(u.hourly, k.hourly) {
		k = u
	}
	s.kindsOfRows = k
}

// kindsOf the states that a series has.
func (l *layout) kindsOf(s *series) *kindsOfRows {
	k := &kindsOfRows{}
	for i := range l.rows {
		m := l.state(s, i)
		if _, ok := m.(Hourly); ok {
			k.hourly = append(k.hourly, i)
		}
		if _, ok := m.(Timed); ok {
			k.timed = append(k.timed, i)
		}
	}
	return k
}

// share tells the baseline what the other detectors have of the target.
func (s *series) share(rows []Row) {
	s.base.SetRest(restOf(rows, &s.set.Settings))
}

// restOf are the shares of the rows that settings leave on.
func restOf(rows []Row, set *kizashi.Settings) (rest float64) {
	for i := range rows {
		if !rows[i].off(set) {
			rest += rows[i].Share
		}
	}
	return rest
}

// quiet is how long after the last vote another one opens a new alert.
func (s *series) quiet() time.Duration { return quietOf(s.base.Gap()) }

func quietOf(gap time.Duration) time.Duration { return max(leastQuiet, 3*gap) }

// recovery is how many samples without a vote resolve an alert.
func (s *series) recovery() int {
	return recoveryOf(&s.set.Settings, s.base.Gap())
}

func recoveryOf(set *kizashi.Settings, gap time.Duration) int {
	switch {
	case set.Recover > 0:
		return set.Recover
	case set.N > 0:
		return set.N
	}
	_, n := kizashi.MofN(gap)
	return max(n, 2)
}

// due is when the first of the series' timers runs out, or a declaration takes
// effect: the samples before it have come by then.
func (s *series) due(e *Engine) kizashi.Time {
	due := kizashi.Forever
	if len(s.coming) > 0 {
		due = s.coming[0].From.Add(s.base.Gap())
	}
	if s.ended != "" {
		return due
	}
	for _, i := range s.timed {
		if !s.set.off[i] {
			due = min(due, dueOf(e.layout.state(s, i)))
		}
	}
	return due
}

// unseen lets the timers count from an instant on.
func (s *series) unseen(e *Engine, to kizashi.Time) {
	s.eachTimed(e, func(m Timed) { m.Unseen(to) })
}
