// Package baseline knows what one series usually does at this moment of the
// week, and how far from it a sample has to lie to be odd at a stated rate.
//
// A [State] learns hour by hour. When an hour of event time begins it freezes
// a [kizashi.Record]: center, scale and limits for that hour, from samples
// before it. Every sample of the hour is scored by that record (Look) and only
// then learned (Learn). docs/method.md holds every formula and constant here,
// exact enough to be written again from it: package verify was.
//
// The package decides nothing about alerts and knows no other series.
package baseline

import (
	"time"
	"unsafe"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// The constants of docs/method.md.
const (
	slots       = 4                   // parts of an hour
	daySlots    = 24 * slots          // of wall time
	weekHours   = 7 * 24              //
	hour        = time.Hour           //
	quarter     = hour / slots        //
	dayDepth    = 14                  // days that a daily slot averages over
	weekDepth   = 4                   // weeks that an hour of the week averages over
	levelTau    = 72                  // hours in which the level follows
	readyHours  = 48                  // observed hours before limits count
	firstWeek   = 7 * 24 * hour       // in which only what was never seen is told
	readySpan   = 7 * 24 * hour       // and, with a sample an hour or fewer, so long since the first
	tailHours   = 1                   // observed hours before statistics go to the tails: a scale must be known first
	halfLife    = 14 * 24             // observed hours in which the past loses half its weight
	clusterLife = 56 * 24             // observed hours in which the clusters of a tail lose half their weight
	perDay      = 4                   // samples a day over u
	clusterGap  = time.Hour           // exceedances further apart are two clusters
	adoptHours  = 12                  // a level that lasts so long is adopted
	relearnDay  = 3                   // days running on which a slot was held before it is learned again
	heldPart    = 0.2                 // of a slot's samples make it a held one
	usualTimes  = 2                   // a spike is no further out than so many times its own score in the band
	againDays   = 4                   // on which something was far: from then on that is of the tail
	againLeast  = 2                   // below that it no longer is
	leastExc    = 0.3                 // theta - u is at least this part of u
	farTimes    = 2                   // a peak so many times further out than theta is not of the tail
	ratioPrior  = 24                  // hours that a weekday's ratio of 1 counts for
	ratioMost   = 10                  // nor is one hour more than so many times as wide as the others, or as narrow
	shrink      = 30                  // samples with which a slot's scale leans on the whole series'
	sigmaOfAbs  = 1.2533141373155003  // standard deviation over mean absolute deviation of a normal variable: sqrt(pi/2)
	alpha       = 0.3                 // of the moving mean under the spike
	runLeast    = 5                   // samples in the moving mean before it is an expectation
	runHeld     = 3                   // samples held out of it in a row before it starts anew
	warmClip    = 10                  // scales beyond which a residual counts as no more while nothing is held out
	spikeClip   = 3                   // of its scales: more of a residual does not widen the spike's scale
	runGap      = 5                   // periods without a sample after which it starts anew
	betterBy    = 0.9                 // a season is taken when its error is below this part of the one in force
	habitDays   = 7                   // that a slot of the day is known, and
	habitOff    = 2                   // so many scales of all samples that it lies off the level: a season of days is taken
	pairDaily   = 24                  // observed hours of comparison before daily can be chosen
	pairWeekly  = 48                  // before weekly can
	heldKept    = 32                  // stretches remembered
	keepState   = 7 * 24              // hours: a checkpoint is written this often
	window      = 14 * 24 * time.Hour // stretches older than this are forgotten
	gapsKept    = 9
	gapsLeast   = 5
)

// The statistics that have a tail each.
const (
	bandUp = iota
	bandDown
	spikeUp
	spikeDown
	tails
)

// priors: one sample goes further than several do together. Where a series is mostly at
// rest, four samples a day lie over u that are no tail yet.
var priors = [tails]Prior{{Least: 2}, {Least: 2}, {Xi: .1, Least: 3}, {Xi: .1, Least: 3}}

// The seasons that compete, simplest first.
const (
	none = iota
	daily
	weekly
	seasons
)

var seasonNames = [seasons]kizashi.Season{kizashi.NoSeason, kizashi.Daily24, kizashi.Weekly}

// State is what is known of one series. It is driven by one goroutine. What every
// sample looks at stands first.
type State struct {
	meta *kizashi.Meta
	set  *kizashi.Settings
	zone *calendar.Zone
	kind func(day int) string // nil: all days are ordinary

	Seen    *seen    // nil = nothing yet, or the first week is over
	*habits          // nil = none of it is known
	trouble *trouble // nil = there was none of late
	rare    *rare    // nil = there is nothing of it

	hourly
	run
	surprise
	room [runKept]point // the last samples, in a circle, unless N asks for more

	learned
	byClock // last: it is read and written when an hour begins, and seldom else
}

// Often is how much of a State, from its beginning on, a sample within an hour looks
// at: the rest waits for the next one.
const Often = unsafe.Offsetof(State{}.learned)

// trouble is what was kept out of learning of late.
type trouble struct {
	Held      []kizashi.Stretch
	HeldSlots []heldSlot // those that were held of late; a checkpoint has them as arrays
	StreakSum float64    // of residuals of the hours of the streak
	StreakN   float64
	Streak    int32 // hours mostly held, + up, - down
}

// noTrouble and nothing are what those have that have none of it, to be read only.
var (
	noTrouble trouble
	nothing   rare
)

func (s *State) late() *trouble {
	if s.trouble == nil {
		return &noTrouble
	}
	return s.trouble
}

// troubled is what is kept out of learning, to be written to.
func (s *State) troubled() *trouble {
	if s.trouble == nil {
		s.trouble = &trouble{}
	}
	return s.trouble
}

// calm forgets trouble that is over.
func (s *State) calm() {
	if t := s.trouble; t != nil && len(t.Held) == 0 && len(t.HeldSlots) == 0 && t.Streak == 0 {
		s.trouble = nil
	}
}

// rare is what hardly a series has.
type rare struct {
	ring     []point             // the last samples, where N asks for more than there is room for
	heir     *heritage           // nil, or whose copy it began as
	profiles map[string]*profile // of special days, by kind
	coarse   *[]kizashi.Sample   // handed over for the hour that begins next; nil = nothing is
	special  []kizashi.SpecialDay
	informed *informed
	gaps     gaps // where no period is declared
	gapAt    int32
}

func (s *State) seldom() *rare {
	if s.rare == nil {
		return &nothing
	}
	return s.rare
}

// own is what hardly a series has, to be written to.
func (s *State) own() *rare {
	if s.rare == nil {
		s.rare = &rare{}
	}
	return s.rare
}

// Event is something that happened when an hour was finished: exactly one of
// the pointers is set, or Fact.Claim is.
type Event struct {
	Record     *kizashi.Record
	Checkpoint *kizashi.Checkpoint
	Fact       kizashi.Evidence
}

// New returns a state that knows nothing. meta and set may change later, and
// SetSettings says so.
func New(meta *kizashi.Meta, set *kizashi.Settings, zone *calendar.Zone) *State {
	s := &State{}
	s.Begin(meta, set, zone)
	return s
}

// Begin makes a state one that New returns, where it lies.
func (s *State) Begin(meta *kizashi.Meta, set *kizashi.Settings, zone *calendar.Zone) {
	*s = State{meta: meta, set: set, zone: zone}
	s.Hour, s.LastAt = kizashi.Never, kizashi.Never
	s.Lattice = true
	for i := range s.Tails {
		s.Tails[i].Last = kizashi.Never
	}
}

// Become makes s what o is, where s lies. o is not to be used any more.
func (s *State) Become(o *State) { *s = *o }

// SetSettings replaces meta and settings. The limits of the hour in progress
// stay; M of N stays what it was at the first record unless set names one.
func (s *State) SetSettings(meta *kizashi.Meta, set *kizashi.Settings) {
	s.meta, s.set = meta, set
	if s.M > 0 {
		s.ruleOf()
	}
}

// Gap is the sampling period: the declared one, else the running median of
// the gaps between samples; 0 while there are too few.
func (s *State) Gap() time.Duration {
	if p := time.Duration(s.meta.Period); p > 0 {
		return p
	}
	return time.Duration(s.Period) * time.Millisecond
}

// Record returns a copy of the record in force, nil before the first.
func (s *State) Record() *kizashi.Record {
	if s.Hour == kizashi.Never {
		return nil
	}
	var r kizashi.Record
	s.record(nil, &r)
	for i, t := range tailsOf(&r) {
		*t = s.Tails[i].Stated(priors[i], share/s.rec.Whole, s.rec.Theta[i])
	}
	return &r
}

// Zone is the one that the series lives in.
func (s *State) Zone() *calendar.Zone { return s.zone }

// Warmth returns how many hours were observed, of how many it takes before
// limits count.
func (s *State) Warmth() (have, want int) { return int(min(s.Hours, readyHours)), readyHours }

// Held returns the stretches of the last two weeks that were kept out of
// learning, oldest first.
func (s *State) Held() []kizashi.Stretch { return append([]kizashi.Stretch(nil), s.late().Held...) }
