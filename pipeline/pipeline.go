// Package pipeline is the one path: batches in, judgements and alerts out,
// live and replayed alike. It keeps the roster of partitions, lets the series
// loop of detect judge, runs each group's ticks when all partitions that the
// group waits for have come so far, and hands what crossed to the life of its
// alert. It also carries the snapshot of all that.
//
// It reads no clock, file or network: time comes with the batches, the past
// through an injected History.
package pipeline

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
	"github.com/kizashi-ops/kizashi/logs"
)

// grid is the raster of the group loop's ticks.
const grid = time.Minute

// Config of a pipeline.
type Config struct {
	Detect     detect.Config
	Shards     int           // goroutines of the series loop; it changes no result
	BlindAfter time.Duration // an outage longer than this is told; 0 = DefaultBlindAfter
	Lost       bool          // there was a state, and it cannot be read: series learn from what is stored of them
}

// Pipeline is driven by one goroutine.
type Pipeline struct {
	engine     *detect.Engine
	logs       *logs.Engine
	heard      logs.Out // scratch
	history    History
	blindAfter time.Duration
	parts      map[kizashi.Partition]*part
	commands   []*part // the command partitions among them
	fills      []*part // back-fills that have not handed over, sorted
	classes    map[classKey]*class
	order      []*class // sorted
	groups     map[groupKey]*group
	series     map[kizashi.SeriesID]*member
	gated      []kizashi.Sample         // beyond the command partition's Until
	waiting    map[kizashi.SeriesID]int // how many of them each series has
	gatedAt    kizashi.Time             // the command partition's Until by which they were looked at
	blind      map[cause]*blindness
	fetch      []kizashi.Sample   // scratch: what is judged in this step
	correct    []kizashi.Revision // scratch: what corrects alerts from this step on
	shards     int
	promptly   int            // of a group's alerts at one tick, how many are justified at once
	owes       int            // alerts that were told without their justification
	overlay    overlay        // the past as of the step in hand
	rebuilt    *detect.Judged // what loading an older state made of baselines; nil = nothing to tell
}

// part is what is known of a partition.
type part struct {
	Pos    uint64             `json:"pos"`
	Until  kizashi.Time       `json:"until"`
	Joined bool               `json:"joined"`
	Closed bool               `json:"closed"`
	Gates  bool               `json:"gates"` // groups wait for it
	Out    *kizashi.Status    `json:"out,omitempty"`
	Over   *handOver          `json:"over,omitempty"`   // of a back-fill
	Wait   []kizashi.Sample   `json:"wait,omitempty"`   // of a main partition: samples that wait for a back-fill
	Held   []kizashi.Revision `json:"held,omitempty"`   // and corrections of the same series
	Lines  []kizashi.Line     `json:"lines,omitempty"`  // and log lines of the same
	Coarse []kizashi.SeriesID `json:"coarse,omitempty"` // of a coarse history: its series, sorted, until it informs them

	key    kizashi.Partition
	class  *class    // nil for a command partition
	series []*member // whose samples it brings
	filled []*member // of a back-fill: whose main samples wait for it
	cause  *cause    // why it cannot be read
}

type handOver struct {
	At kizashi.Time      `json:"at"`
	To kizashi.Partition `json:"to"`
}

// classKey names what shares a frontier: the partitions of a tenant that are
// as far behind as each other.
type classKey struct {
	tenant string
	class  kizashi.Class
}

// class is a tenant's partitions of a settling class, and the groups that wait
// for them.
type class struct {
	key    classKey
	parts  []*part
	groups []*group     // by name
	ran    kizashi.Time // all groups have run up to here
}

// groupKey names a group: a group never spans tenants or settling classes.
type groupKey struct {
	Tenant string        `json:"tenant"`
	Class  kizashi.Class `json:"class"`
	Name   string        `json:"name"`
}

func (k groupKey) less(l groupKey) bool {
	if k.Tenant != l.Tenant {
		return k.Tenant < l.Tenant
	}
	if k.Class != l.Class {
		return k.Class < l.Class
	}
	return k.Name < l.Name
}

// member is a series' place.
type member struct {
	id    kizashi.SeriesID
	group *group
	part  *part
	fill  *part  // its main samples wait for this back-fill
	kin   string // the set that it is compared in, within its group; "" = none
}

// group is the group loop's state.
type group struct {
	key     groupKey
	life    *alert.Life
	queue   []queued
	ran     kizashi.Time // ticks up to here have run
	pruned  kizashi.Time // episodes were last forgotten then
	members []*member
	sorted  bool         // members are, by series
	due     kizashi.Time // no timer of a member runs out before
	owes    []*owed      // justifications, oldest first
	owing   map[string]*owed
	tick    kizashi.Time // at which changes were told last
	made    int          // justifications made at once at that tick
	kin     siblings
}

type queued struct {
	Tick  kizashi.Time     `json:"tick"`
	Cross kizashi.Crossing `json:"cross"`

	Revision *kizashi.Revision `json:"revision,omitempty"` // then Cross names its series and time only
}

// New returns an empty pipeline. rows is the table of models.
func New(cfg Config, rows []detect.Row, h History) (*Pipeline, error) {
	p := &Pipeline{history: h, logs: logs.New(pattern.Config{}), parts: map[kizashi.Partition]*part{}, classes: map[classKey]*class{}, groups: map[groupKey]*group{},
		series: map[kizashi.SeriesID]*member{}, waiting: map[kizashi.SeriesID]int{}, gatedAt: kizashi.Never, blind: map[cause]*blindness{}, shards: max(1, cfg.Shards), promptly: promptly}
	p.BlindAfter(cfg.BlindAfter)
	e, err := detect.NewEngine(cfg.Detect, rows, cfg.Shards, p.past)
	if err != nil {
		return nil, err
	}
	p.engine = e
	if cfg.Lost {
		e.Lost()
	}
	p.logs.UsePast(func(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
		return p.lookBack(1).Samples(id, from, to)
	})
	e.UseCoarse(h.Coarse)
	return p, nil
}

// past is what a series is learned anew from: all that the history keeps.
func (p *Pipeline) past(id kizashi.SeriesID, upTo kizashi.Time) ([]kizashi.Sample, error) {
	return p.history.Samples(id, upTo.Add(-alert.Span).Floor(time.Hour), upTo+1)
}

// Result is what a Step produced.
type Result struct {
	Partition kizashi.Partition
	Pos       uint64 // 0 = of no batch: what CatchUp made
	Dropped   bool   // the batch was not after the last one of its partition
	Declared  []kizashi.Declaration
	Commands  []kizashi.Command
	Revised   []kizashi.Revision // what sources corrected
	detect.Judged
	Coarse         []kizashi.Sample // points of a coarse history, to be stored beside the samples
	Alerts         []kizashi.Alert  // changes of state, in order; and, under an unchanged Seq, what became known of one
	Justifications []kizashi.Justification
	Compared       []kizashi.Vote // that stood where members of a group were compared; Crossings do not have them
	Firing         []Firing
	Lines          int          // log lines that came
	LateLines      int          // counted in no minute, of these and of those that had waited for a back-fill
	Ran            kizashi.Time // ticks of the partition's groups up to here have run
}

// Firing says whether the series had a firing alert after one of its samples.
// Samples that it does not name had none.
type Firing struct {
	Series kizashi.SeriesID
	At     kizashi.Time
}

func (r *Result) reset() {
	*r = Result{Declared: r.Declared[:0], Commands: r.Commands[:0], Revised: r.Revised[:0], Coarse: r.Coarse[:0], Alerts: r.Alerts[:0], Justifications: r.Justifications[:0], Compared: r.Compared[:0], Firing: r.Firing[:0],
		Judged: detect.Judged{Judgements: r.Judgements[:0], Crossings: r.Crossings[:0], Records: r.Records[:0], Checkpoints: r.Checkpoints[:0], Notes: r.Notes[:0], Relearned: r.Relearned[:0], Faults: r.Faults[:0], Costs: r.Costs[:0]}}
}

// Step carries one batch all the way. What it says in r is valid until the
// next Step with the same r. An error is final: part of the batch may have
// been taken in.
func (p *Pipeline) Step(b kizashi.Batch, r *Result) error {
	r.reset()
	p.overlay = overlay{History: p.history, judged: &r.Judged}
	r.Partition, r.Pos = b.Partition, b.Pos
	me := p.part(b.Partition)
	if b.Pos <= me.Pos {
		r.Dropped = true
		return nil
	}
	me.Pos = b.Pos
	if b.Partition.Coarse() {
		if err := p.coarse(me, &b, r); err != nil {
			return fmt.Errorf("partition %s, batch %d: %w", b.Partition, b.Pos, err)
		}
	}
	if err := p.rosters(b.Roster, r); err != nil {
		return err
	}
	if err := p.declare(&b, me, r); err != nil {
		return err
	}
	for _, c := range b.Commands {
		if err := p.engine.Command(c); err != nil {
			return err
		}
		p.logs.Command(c)
		r.Commands = append(r.Commands, c)
	}
	on := b.Until > me.Until
	if on {
		me.Until = b.Until
	}
	p.sight(me, &b, on, r)
	p.fetch, p.correct = p.fetch[:0], p.correct[:0]
	p.release()
	var err error
	if r.LateLines, err = p.handOver(me); err != nil {
		return err
	}
	p.admit(me, b.Samples)
	r.Lines = len(b.Lines)
	late, err := p.lines(me, b.Lines)
	if err != nil {
		return fmt.Errorf("partition %s, batch %d: %w", b.Partition, b.Pos, err)
	}
	r.LateLines += late
	if err := p.revised(me, &b, r); err != nil {
		return err
	}
	if late, err = p.handOver(nil); err != nil {
		return err
	}
	r.LateLines += late
	if err := p.engine.Judge(p.fetch, &r.Judged); err != nil {
		return err
	}
	p.watch(p.fetch)
	p.enqueue(r.Crossings)
	p.compareLater(p.fetch, &r.Judged)
	p.revise()
	if err := p.closeMinutes(me, r); err != nil {
		return err
	}
	return p.ticks(me, r)
}

func (p *Pipeline) part(k kizashi.Partition) *part {
	q := p.parts[k]
	if q == nil {
		q = &part{Until: kizashi.Never}
		p.add(k, q)
	}
	return q
}

// add makes a partition known.
func (p *Pipeline) add(k kizashi.Partition, q *part) {
	q.key, p.parts[k] = k, q
	if k.Kind == kizashi.Commands {
		p.commands = append(p.commands, q)
		return
	}
	q.class = p.class(classKey{k.Tenant, k.Class()})
	q.class.parts = append(q.class.parts, q)
}

func (p *Pipeline) class(k classKey) *class {
	c := p.classes[k]
	if c == nil {
		c = &class{key: k, ran: kizashi.Never}
		p.classes[k] = c
		i := sort.Search(len(p.order), func(i int) bool {
			l := p.order[i].key
			return l.tenant > k.tenant || l.tenant == k.tenant && l.class > k.class
		})
		p.order = slices.Insert(p.order, i, c)
	}
	return c
}

// Positions returns the last stepped Pos of every partition.
func (p *Pipeline) Positions() map[kizashi.Partition]uint64 {
	m := make(map[kizashi.Partition]uint64, len(p.parts))
	for k, q := range p.parts {
		if q.Pos > 0 {
			m[k] = q.Pos
		}
	}
	return m
}

// Engine gives read access to the series for status pages and `why`.
func (p *Pipeline) Engine() *detect.Engine { return p.engine }

// Standing returns every series, by the partition that brings its samples.
// Samples that wait to be judged count as those that were.
func (p *Pipeline) Standing() map[kizashi.Partition][]kizashi.Standing {
	waits := map[kizashi.SeriesID]kizashi.Time{}
	note := func(ss []kizashi.Sample) {
		for _, s := range ss {
			if at, ok := waits[s.Series]; !ok || s.At > at {
				waits[s.Series] = s.At
			}
		}
	}
	note(p.gated)
	for _, q := range p.parts {
		note(q.Wait)
	}
	out := map[kizashi.Partition][]kizashi.Standing{}
	for id, m := range p.series {
		s, ok := p.engine.Stands(id)
		if !ok {
			continue
		}
		if at, ok := waits[id]; ok {
			s.Last = max(s.Last, at)
		}
		out[m.part.key] = append(out[m.part.key], s)
	}
	return out
}

// Open returns the alerts that are pending or firing, by id.
func (p *Pipeline) Open() []kizashi.Alert {
	var as []kizashi.Alert
	for _, g := range p.groups {
		as = append(as, g.life.Open()...)
	}
	for _, b := range p.blind {
		if b.Alert != nil {
			as = append(as, *b.Alert)
		}
	}
	sort.Slice(as, func(i, j int) bool { return as[i].ID < as[j].ID })
	return as
}

func (p *Pipeline) declare(b *kizashi.Batch, me *part, r *Result) error {
	for _, d := range b.Declare {
		if err := p.engine.Declare(d); err != nil {
			return fmt.Errorf("partition %s, batch %d: %w", b.Partition, b.Pos, err)
		}
		p.join(d, me)
		if b.Partition.Kind == kizashi.Logs {
			if err := p.logs.Declare(d); err != nil {
				return fmt.Errorf("partition %s, batch %d: %w", b.Partition, b.Pos, err)
			}
		}
		g := p.series[d.Meta.Series].group
		g.due = min(g.due, d.From)
		r.Declared = append(r.Declared, d)
	}
	return nil
}

// join puts a series into its group. A series that a back-fill declares
// belongs to the back-fill until the main partition declares it too.
func (p *Pipeline) join(d kizashi.Declaration, me *part) {
	m := p.series[d.Meta.Series]
	if m == nil {
		m = &member{id: d.Meta.Series}
		p.place(m, me, p.group(groupKey{d.Meta.Tenant, me.key.Class(), d.Meta.Group}))
	}
	if me.key.Backfill == "" {
		m.move(me)
		return
	}
	if me.Over != nil && !me.Closed && m.fill != me {
		m.fill = me
		me.filled = append(me.filled, m)
	}
}

// place makes a series known.
func (p *Pipeline) place(m *member, q *part, g *group) {
	p.series[m.id] = m
	m.part, m.group = q, g
	q.series = append(q.series, m)
	g.members, g.sorted, g.due = append(g.members, m), false, kizashi.Never
	if meta, ok := p.engine.Meta(m.id); ok {
		m.kin = detect.Kin(&meta)
	}
}

// move gives a series to the partition that brings its samples.
func (m *member) move(to *part) {
	if m.part == to {
		return
	}
	if i := slices.Index(m.part.series, m); i >= 0 {
		m.part.series = slices.Delete(m.part.series, i, i+1)
	}
	m.part = to
	to.series = append(to.series, m)
	m.group.due = kizashi.Never
}

func (p *Pipeline) group(k groupKey) *group {
	g := p.groups[k]
	if g == nil {
		g = &group{life: alert.NewLife(), ran: kizashi.Never}
		p.open(k, g)
	}
	return g
}

// open makes a group known.
func (p *Pipeline) open(k groupKey, g *group) {
	g.key, g.due, p.groups[k] = k, kizashi.Never, g
	c := p.class(classKey{k.Tenant, k.Class})
	i := sort.Search(len(c.groups), func(i int) bool { return c.groups[i].key.Name >= k.Name })
	c.groups = slices.Insert(c.groups, i, g)
	c.ran = kizashi.Never
}
