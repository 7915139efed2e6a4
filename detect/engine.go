package detect

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// Engine holds every series. It is driven by one goroutine; Judge divides its
// own work over shards.
type Engine struct {
	rows     []Row
	all      []int // their places
	shards   int
	past     Past
	lost     bool // see Lost
	coarse   Coarse
	first    *version // the configuration before any reload
	newest   *version
	series   index
	commands []placed // by At, those of one At in the order in which they came
	asked    *Asked
	clock    func() time.Duration // nil = nothing is measured
	settings settings
	kinds    *kindsOfRows // those of the first series
	layout   layout
	rooms    rooms
	found    []*series // by the samples in hand
	spare    *judge    // that RunOut uses, whole, of one series after the other
}

// Asked is what was said of one sample, whether anything crossed or not: the
// last one of a series that is not after At.
type Asked struct {
	Series kizashi.SeriesID
	At     kizashi.Time
	Found  bool
	Moment kizashi.Moment // with all votes, not only those that stand
	Meta   kizashi.Meta
	Record *kizashi.Record
	Facts  []kizashi.Evidence
}

// Ask makes the engine note what it says of the last sample of a series that
// is not after at. Of two questions only the later one is answered.
func (e *Engine) Ask(id kizashi.SeriesID, at kizashi.Time) *Asked {
	e.asked = &Asked{Series: id, At: at}
	return e.asked
}

// Past gives the stored samples of a series up to and including a time, oldest
// first. It is called from several goroutines.
type Past func(id kizashi.SeriesID, upTo kizashi.Time) ([]kizashi.Sample, error)

// placed is a command in the order in which series apply it.
type placed struct {
	kizashi.Command
	config   *version          // of a reload
	division *kizashi.Division // of a target that divides one
	switched string            // the detector that a without or with names
}

// version is a configuration that was in force at some time.
type version struct {
	cfg   Config
	hash  string
	kinds map[string]*Kinds
	hours map[string]*calendar.Hours
}

func newVersion(cfg Config) (*version, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	hash, err := kizashi.HashOf(cfg)
	if err != nil {
		return nil, err
	}
	v := &version{cfg: cfg, hash: hash}
	return v, v.compile()
}

// NewEngine returns an engine without series. shards is how many goroutines
// may judge at once; it changes no result. past may be nil, and then commands
// about the past are errors.
func NewEngine(cfg Config, rows []Row, shards int, past Past) (*Engine, error) {
	v, err := newVersion(cfg)
	if err != nil {
		return nil, err
	}
	e := &Engine{rows: rows, shards: max(1, shards), past: past, first: v, newest: v}
	for i := range rows {
		e.all = append(e.all, i)
	}
	e.layout = layoutOf(rows)
	e.spare = e.judge(nil, nil)
	return e, nil
}

// Config returns the newest configuration and its hash.
func (e *Engine) Config() (Config, string) { return e.newest.cfg, e.newest.hash }

// SettingsAt returns what the configurations and commands in force at a time
// gave a series, and the hash of the configuration.
func (e *Engine) SettingsAt(m *kizashi.Meta, at kizashi.Time) (kizashi.Settings, string, error) {
	set, v, err := e.inForce(m, at)
	return set, v.hash, err
}

// DaysAt returns the kinds of days and the hours that the settings in force at a
// time name; nil where they name none.
func (e *Engine) DaysAt(m *kizashi.Meta, at kizashi.Time) (*Kinds, *calendar.Hours, error) {
	set, v, err := e.inForce(m, at)
	if err != nil || set.Schedule == nil {
		return v.kinds[set.Calendar], nil, err
	}
	return v.kinds[set.Calendar], v.hours[set.Schedule.Hours], nil
}

func (e *Engine) inForce(m *kizashi.Meta, at kizashi.Time) (kizashi.Settings, *version, error) {
	v, aim := e.first, target{}
	var off []string
	for i := range e.commands {
		c := &e.commands[i]
		switch {
		case c.At > at || !c.Concerns(m):
		case c.Op == kizashi.Target:
			aim.take(c)
		case c.Op == kizashi.Reload:
			v = c.config
		case c.switched != "":
			off, _ = switches(off, c)
		}
	}
	set, _, own, err := v.cfg.resolve(m)
	aim.apply(&set, own)
	without(&set, off)
	return set, v, err
}

// Declare makes a series known, or changes its meta from d.From on. Two
// identities under one id are an error: ids are hashes.
func (e *Engine) Declare(d kizashi.Declaration) error {
	switch d.Ended {
	case "", kizashi.Terminated, kizashi.Stopped, kizashi.Disappeared, kizashi.LeftOut, kizashi.Unread:
	default:
		return fmt.Errorf("series %s: ended: %q is unknown", d.Meta.Name(), d.Ended)
	}
	if s := e.series.of(d.Meta.Series); s != nil {
		if s.meta.Identity.String() != d.Meta.Identity.String() || s.meta.Tenant != d.Meta.Tenant {
			return fmt.Errorf("series %s: %s %s and %s %s hash alike", d.Meta.Series,
				s.meta.Tenant, s.meta.Identity, d.Meta.Tenant, d.Meta.Identity)
		}
		if err := hint(&kizashi.Settings{}, &d.Meta.Hints); err != nil {
			return fmt.Errorf("series %s: hints: %w", d.Meta.Name(), err)
		}
		s.own().coming = append(s.coming, d)
		sort.SliceStable(s.coming, func(i, j int) bool { return s.coming[i].From < s.coming[j].From })
		return nil
	}
	s, err := e.newSeries(d.Meta, e.first)
	if err != nil {
		return fmt.Errorf("series %s: %w", d.Meta.Name(), err)
	}
	if d.Ended != "" {
		s.own().coming = append(s.coming, d)
	}
	if donor := e.series.of(d.Like); d.Like != 0 && donor != nil && alike(&donor.meta, &s.meta) {
		s.base.Inherit(donor.base)
	}
	e.series.put(d.Meta.Series, s)
	return nil
}

// Meta returns the meta of a series as it is now.
func (e *Engine) Meta(id kizashi.SeriesID) (kizashi.Meta, bool) {
	s := e.series.of(id)
	if s == nil {
		return kizashi.Meta{}, false
	}
	return s.meta, true
}

// Stands returns a series as it stands: of what is in force, From is that of
// its end.
func (e *Engine) Stands(id kizashi.SeriesID) (kizashi.Standing, bool) {
	s := e.series.of(id)
	if s == nil {
		return kizashi.Standing{}, false
	}
	out := kizashi.Standing{Declaration: kizashi.Declaration{Meta: s.meta, Ended: s.ended}, Last: kizashi.Never}
	if s.ended != "" {
		out.From = s.endedAt
	}
	if n := len(s.coming); n > 0 {
		out.Declaration = s.coming[n-1]
	}
	if s.seen {
		out.Last = s.last
	}
	return out, true
}

// Standing returns what a justification needs of a series as it was at an
// instant that has passed: its meta and settings, and what was held out.
func (e *Engine) Standing(id kizashi.SeriesID, at kizashi.Time) (p kizashi.Proof, err error) {
	s := e.series.of(id)
	p.Meta, p.Held, p.Expect = s.meta, s.heldOut(), s.expectation(at)
	p.Settings, p.Config, err = e.SettingsAt(&s.meta, at)
	return p, err
}

// StandingAt is Standing of an instant that a series may have gone far beyond:
// what is known of it now is left out. held is what votes had kept out by then.
func (e *Engine) StandingAt(id kizashi.SeriesID, at kizashi.Time, held []kizashi.Stretch) (p kizashi.Proof, err error) {
	s := e.series.of(id)
	then := series{meta: s.meta, seldom: &seldom{marks: s.marks}}
	if len(then.marks) > 0 {
		n := sort.Search(len(e.commands), func(i int) bool { return e.commands[i].At > at })
		then.seldom.marks = s.marksOf(e.commands[:n])
	}
	p.Meta, p.Held, p.Expect = s.meta, append(held, then.marked()...), then.expectation(at)
	p.Settings, p.Config, err = e.SettingsAt(&s.meta, at)
	return p, err
}

// Series returns the ids of all series, sorted.
func (e *Engine) Series() []kizashi.SeriesID {
	ids := make([]kizashi.SeriesID, 0, e.series.n)
	for id := range e.series.all() {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Judged is what the series loop made of samples: a judgement for each, in
// their order, and what crossed, in no particular order of series.
type Judged struct {
	Judgements  []Judgement
	Crossings   []kizashi.Crossing
	Records     []kizashi.Record
	Checkpoints []kizashi.Checkpoint
	Notes       []Note
	Relearned   []Relearned
	Faults      []Fault
	Costs       []Cost // by row; none where nothing was measured
}

// Relearned says that a series was learned anew when a sample at At came, and what
// votes kept out of what it knows now.
type Relearned struct {
	Series kizashi.SeriesID
	At     kizashi.Time
	Held   []kizashi.Stretch
}

// Judgement is what was said of one sample.
type Judgement struct {
	Series   kizashi.SeriesID
	At, End  kizashi.Time
	Value    float64
	Onset    float64
	Expected kizashi.Num // the band's
	Lower    kizashi.Num
	Upper    kizashi.Num
	State    kizashi.State
	Why      kizashi.Claim // for a State other than Judged
	Stands   bool          // some vote stands
	Score    kizashi.Num   // for comparisons, in scales (baseline.State.Alike); None while limits do not count
	Learns   bool          // no command and no calendar keeps the sample out of what is usual
	Held     kizashi.Claim // the vote that keeps it out of center and scale; "" = none does
}

// Sample says whether the judgement is of a sample that was taken in: not late,
// and of a value that can be computed with.
func (j *Judgement) Sample() bool {
	return j.State != kizashi.LateSample && j.Why != kizashi.ClaimUnusable
}

// Note is something that happened to a series' baseline.
type Note struct {
	Series kizashi.SeriesID `json:"series"`
	At     kizashi.Time     `json:"at"`
	Fact   kizashi.Evidence `json:"fact"`
}

// atOnce is how many samples make it worth starting goroutines.
const atOnce = 2048

// mostFound is the room for series that is kept from one step to the next: more than a
// step of a large fleet takes.
const mostFound = 1 << 18

// Judge puts samples before the detectors, each series' in the order given,
// and appends what comes of it to out. A sample of a series that was never
// declared is an error.
func (e *Engine) Judge(samples []kizashi.Sample, out *Judged) error {
	of, err := e.seriesOf(samples)
	if err != nil {
		return err
	}
	if len(of) > mostFound {
		e.found = nil // it was of a history
	}
	base := len(out.Judgements)
	out.Judgements = append(out.Judgements, make([]Judgement, len(samples))...)
	js := out.Judgements[base:]
	if e.shards == 1 || len(samples) < atOnce {
		return e.judgeShard(samples, of, js, 0, 1, out)
	}
	parts, errs := make([]Judged, e.shards), make([]error, e.shards)
	var wg sync.WaitGroup
	for k := range e.shards {
		wg.Go(func() { errs[k] = e.judgeShard(samples, of, js, k, e.shards, &parts[k]) })
	}
	wg.Wait()
	for i := range parts {
		out.add(&parts[i])
	}
	return errors.Join(errs...)
}

// add appends what another shard made, but for the judgements.
func (out *Judged) add(p *Judged) {
	out.Crossings = append(out.Crossings, p.Crossings...)
	out.Records = append(out.Records, p.Records...)
	out.Checkpoints = append(out.Checkpoints, p.Checkpoints...)
	out.Notes = append(out.Notes, p.Notes...)
	out.Relearned = append(out.Relearned, p.Relearned...)
	out.Faults = append(out.Faults, p.Faults...)
	out.Costs = addCosts(out.Costs, p.Costs)
}

// seriesOf finds the series of samples. It is valid until the next call.
func (e *Engine) seriesOf(samples []kizashi.Sample) ([]*series, error) {
	e.found = slices.Grow(e.found[:0], len(samples))[:len(samples)]
	const early = 16 // look-ups that are waited for together
	for i := range samples {
		if next := i + early; e.series.n > 0 && next < len(samples) && samples[next].Series != samples[next-1].Series {
			e.series.soon(samples[next].Series)
		}
		if i > 0 && samples[i].Series == samples[i-1].Series {
			e.found[i] = e.found[i-1]
			continue
		}
		if e.found[i] = e.series.of(samples[i].Series); e.found[i] == nil {
			return nil, fmt.Errorf("sample at %s: series %s was not declared", samples[i].At, samples[i].Series)
		}
	}
	return e.found, nil
}

func (e *Engine) judgeShard(samples []kizashi.Sample, of []*series, js []Judgement, shard, shards int, out *Judged) error {
	j := e.judge(nil, out)
	turn := 0 // of what is measured
	for i := range samples {
		smp := &samples[i]
		if shards > 1 && int(uint64(smp.Series)%uint64(shards)) != shard {
			continue
		}
		j.soon = soon{}
		if next := i + 1; next < len(of) && of[next] != of[i] {
			j.soon = e.layout.soon(of[next], j.view.Begins) // it may be another shard's, which costs little; where one began an hour others will
		}
		j.s, j.before = of[i], samples[:i]
		j.measure = e.clock != nil && turn%measureEvery == 0
		turn++
		if err := j.sample(smp, &js[i]); err != nil {
			return err
		}
		j.soon.rest()
	}
	return nil
}

func (e *Engine) judge(s *series, out *Judged) *judge {
	j := &judge{e: e, s: s, out: out, votes: make([]kizashi.Vote, 0, len(e.rows)), drafts: make([]Draft, len(e.rows))}
	j.room.Serve(&j.view)
	return j
}

// Due returns the earliest timer of a series, kizashi.Forever for none.
func (e *Engine) Due(id kizashi.SeriesID) kizashi.Time {
	if s := e.series.of(id); s != nil && s.seen {
		return s.due(e)
	}
	return kizashi.Forever
}

// RunOut tells what happened to a series by until without a sample: its end,
// or its return, and timers that ran out.
func (e *Engine) RunOut(id kizashi.SeriesID, until kizashi.Time, out *Judged) {
	if s := e.series.of(id); s != nil && s.seen {
		j := e.spare
		j.s, j.out, j.c = s, out, Case{Sample: kizashi.Sample{Series: id, At: until}}
		j.declared(until.Add(-s.base.Gap()))
		j.timers(until)
		j.out = nil // it is the caller's
	}
}

// Unseen says that samples of a series could not be seen before an instant and
// will never come: their absence is no silence.
func (e *Engine) Unseen(id kizashi.SeriesID, to kizashi.Time) {
	if s := e.series.of(id); s != nil && s.seen {
		s.unseen(e, to)
	}
}
