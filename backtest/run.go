package backtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/replay"
	"github.com/kizashi-ops/kizashi/logs"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// Spec says what to run.
type Spec struct {
	Input    replay.Options
	Config   detect.Config
	Own      []detect.Row                         // detectors beside those of models.All
	Shards   int                                  // 0 = 1
	Commands []kizashi.Command                    // in force from their At on
	Scores   string                               // directory for scores-out; "" = none
	Progress func(samples int64, at kizashi.Time) // called now and then; may be nil
	Alarm    *Alarm                               // run beside; may be nil
	Traces   Traces                               // filled if not nil: the course of every series, for charts
	Prepare  func(*detect.Engine)                 // called before anything is judged; may be nil
	Record   func(*kizashi.Record)                // called with each, in the order of its series; may be nil
}

// Run runs the files through the pipeline. A file that breaks off is judged up
// to there, and so are the others: the outcome comes with a replay.BrokenError
// then. With any other error there is no outcome.
func Run(ctx context.Context, s Spec) (*Outcome, error) {
	c := newCollector(s)
	var out *scores
	in := s.Input
	if s.Scores != "" {
		out = newScores(s.Scores)
		in.OnRow = out.row
	}
	src, err := replay.New(in)
	if err != nil {
		return nil, err
	}
	if out != nil {
		if err := out.files(src.Series(), s.Input.Paths); err != nil {
			return nil, errors.Join(err, src.Close())
		}
	}
	whole := &whole{Source: source(src, out)}
	if err := c.run(ctx, whole, out); err != nil {
		return nil, err
	}
	o := c.outcome(src)
	if err := usable(&o.Input); err != nil {
		return nil, errors.Join(err, whole.broken)
	}
	return o, whole.broken
}

// whole takes files that break off to their ends: what came before the break
// is judged all the same, and the error comes after it.
type whole struct {
	ingest.Source
	broken error
}

func (w *whole) Next(ctx context.Context) (kizashi.Batch, error) {
	b, err := w.Source.Next(ctx)
	var broken *replay.BrokenError
	if errors.As(err, &broken) {
		w.broken, err = broken, io.EOF
	}
	return b, err
}

// run takes the source through a pipeline of its own.
func (c *collector) run(ctx context.Context, src ingest.Source, out *scores) error {
	mem := pipeline.NewMemory()
	p, err := pipeline.New(pipeline.Config{Detect: c.spec.Config, Shards: max(1, c.spec.Shards)}, append(models.All(), c.spec.Own...), mem)
	if err != nil {
		return err
	}
	c.engine, c.logs = p.Engine(), p.Logs()
	for _, cmd := range c.spec.Commands {
		if err := c.engine.Command(cmd); err != nil {
			return err
		}
		p.Logs().Command(cmd)
	}
	if c.spec.Prepare != nil {
		c.spec.Prepare(c.engine)
	}
	run := pipeline.Runner{Source: src, Pipeline: p, Keep: func(r *pipeline.Result) error {
		c.take(r)
		if err := mem.Keep(r); err != nil || out == nil {
			return err
		}
		return out.judged(r)
	}}
	err = run.Run(ctx)
	if out != nil {
		err = errors.Join(err, out.close()) // what was judged before a failure stays
	}
	return err
}

// usable refuses inputs without a sample, and those most of whose rows go back
// in time: what was judged of them means nothing.
func usable(r *replay.Report) error {
	var errs []error
	samples := 0
	for _, f := range r.Files {
		samples += f.Samples + f.Lines
		for _, c := range f.Faults {
			if c.Fault == replay.Backwards && 2*c.Count > f.Rows {
				errs = append(errs, fmt.Errorf("%s: %d of %d rows go back in time (line %d is the first); sort the rows by time, oldest first", f.Path, c.Count, f.Rows, c.Lines[0]))
			}
		}
	}
	if samples == 0 {
		errs = append(errs, errors.New("no row of the input lies in the range asked for, or none holds a number or a log line"))
	}
	return errors.Join(errs...)
}

// source makes rows and results meet in one goroutine where scores are
// written.
func source(src *replay.Source, out *scores) ingest.Source {
	if out == nil {
		return src
	}
	return &guarded{src, out}
}

// guarded keeps OnRow, which Next calls, apart from what takes results.
type guarded struct {
	*replay.Source
	out *scores
}

// Next holds the writer's lock while rows are read.
func (g *guarded) Next(ctx context.Context) (kizashi.Batch, error) {
	g.out.Lock()
	defer g.out.Unlock()
	return g.Source.Next(ctx)
}

// collector is the collecting sink.
type collector struct {
	spec   Spec
	engine *detect.Engine
	logs   *logs.Engine
	series map[kizashi.SeriesID]*Series
	alerts map[string]kizashi.Alert
	just   map[string]kizashi.Justification
	checks map[kizashi.SeriesID][]kizashi.Checkpoint
	counts map[kizashi.SeriesID]kizashi.Meta // series of counts of log lines
	count  int64
	since  int64
}

func newCollector(s Spec) *collector {
	return &collector{spec: s, series: map[kizashi.SeriesID]*Series{}, alerts: map[string]kizashi.Alert{},
		just: map[string]kizashi.Justification{}, checks: map[kizashi.SeriesID][]kizashi.Checkpoint{}, counts: map[kizashi.SeriesID]kizashi.Meta{}}
}

// take keeps what an outcome is made of.
func (c *collector) take(r *pipeline.Result) {
	var s *Series
	var id kizashi.SeriesID
	var at kizashi.Time
	for i := range r.Judgements {
		j := &r.Judgements[i]
		if s == nil || id != j.Series {
			s, id = c.of(j.Series), j.Series
		}
		s.count(j)
		at = j.At
	}
	for _, d := range r.Declared {
		if d.Meta.Labels.Get("log_group") != "" {
			c.counts[d.Meta.Series] = d.Meta
		}
	}
	for i := range r.Records {
		c.of(r.Records[i].Series).Season = r.Records[i].Season
		if c.spec.Record != nil {
			c.spec.Record(&r.Records[i])
		}
	}
	for _, n := range r.Notes {
		s := c.of(n.Series)
		s.Notes = append(s.Notes, Note{n.At, n.Fact})
	}
	for _, k := range r.Checkpoints {
		c.checks[k.Series] = append(c.checks[k.Series], k)
	}
	for i := range r.Justifications {
		c.just[r.Justifications[i].Alert] = r.Justifications[i]
	}
	for _, a := range r.Alerts {
		c.alerts[a.ID] = a
	}
	c.count += int64(len(r.Judgements))
	if c.spec.Alarm != nil {
		c.spec.Alarm.take(r.Judgements)
	}
	if c.spec.Traces != nil {
		c.spec.Traces.take(r.Judgements)
	}
	if c.spec.Progress != nil && c.count-c.since >= 200_000 {
		c.since = c.count
		c.spec.Progress(c.count, at)
	}
}

func (c *collector) of(id kizashi.SeriesID) *Series {
	s := c.series[id]
	if s == nil {
		s = &Series{From: kizashi.Never, Judged: kizashi.Never, States: map[kizashi.State]int{}, Why: map[kizashi.Claim]int{}}
		c.series[id] = s
	}
	return s
}

func (s *Series) count(j *detect.Judgement) {
	s.Samples++
	s.States[j.State]++
	if j.State == kizashi.LateSample {
		return
	}
	if j.State == kizashi.Warming || j.State == kizashi.NoOpinion {
		s.Why[j.Why]++
	}
	if s.From == kizashi.Never {
		s.From = j.At
	}
	if s.Judged == kizashi.Never && (j.State == kizashi.Judged || j.State == kizashi.HeldOut) {
		s.Judged = j.At
	}
	s.To = j.End
}

func (c *collector) outcome(src *replay.Source) *Outcome {
	cfg, hash := c.engine.Config()
	o := &Outcome{Format: Format, Config: cfg, ConfigHash: hash, Input: src.Report(), From: kizashi.Forever, To: kizashi.Never,
		Samples: c.count, Justifications: map[string]kizashi.Justification{}, Alerts: []kizashi.Alert{}, Commands: c.spec.Commands}
	for _, a := range c.alerts {
		o.Alerts = append(o.Alerts, a)
		if j, ok := c.just[a.ID]; ok {
			o.Justifications[a.Justify] = j
		}
		c.of(a.Series).Alerts++
	}
	ByOpening(o.Alerts)
	for _, f := range src.Series() {
		for _, m := range f.Metas {
			s := c.of(m.Series)
			s.Meta, s.File = m, f.Path
			if known, ok := c.engine.Meta(m.Series); ok {
				s.Meta = known
			}
			if s.Samples > 0 {
				o.From, o.To = min(o.From, s.From), max(o.To, s.To)
			}
			if s.Alerts > 0 {
				o.Checkpoints = append(o.Checkpoints, c.checks[m.Series]...)
			}
			o.Series = append(o.Series, *s)
		}
	}
	c.lines(o, src.LogGroups())
	sort.SliceStable(o.Series, func(i, j int) bool {
		a, b := &o.Series[i], &o.Series[j]
		return a.File < b.File || a.File == b.File && a.Meta.Labels.Get("log_group") != "" && a.Meta.Series < b.Meta.Series
	})
	return o
}

// lines adds the counts of log lines that had alerts, under the file of their log group.
func (c *collector) lines(o *Outcome, groups []replay.FileSeries) {
	files := map[string]string{}
	key := func(m *kizashi.Meta) string {
		return m.Tenant + "/" + m.Identity.Get("account") + "/" + m.Identity.Get("region") + "/" + m.Identity.Get("log_group")
	}
	for _, f := range groups {
		for i := range f.Metas {
			files[key(&f.Metas[i])] = f.Path
		}
	}
	of := map[kizashi.SeriesID]string{}
	for i := range o.Alerts {
		a := &o.Alerts[i]
		if j, ok := o.Justifications[a.Justify]; ok && j.Log != nil && of[a.Series] == "" {
			of[a.Series] = countOf(j.Log)
		}
	}
	for id, m := range c.counts {
		s, all := c.of(id), m.AllLines()
		if id != all && s.Alerts == 0 {
			continue
		}
		if whole := c.series[all]; whole != nil {
			s.From, s.To = whole.From, whole.To // a minute without a line is a zero
		}
		s.Meta, s.File, s.Of, s.Part = m, files[key(&m)], of[id], id != all
		if id == all {
			if s.Of == "" {
				s.Of = "all lines"
			}
			t, _ := c.logs.Tally(groupOf(&m))
			s.Loose = t.Loose
		}
		o.Series = append(o.Series, *s)
		o.From, o.To = min(o.From, s.From), max(o.To, s.To)
	}
}

// groupOf is the log group of the count of all its lines.
func groupOf(m *kizashi.Meta) kizashi.SeriesID {
	id := m.Identity.Map()
	delete(id, "lines")
	return kizashi.IDOf(m.Tenant, kizashi.LabelsOf(id))
}

// countOf says what a series of counts counts.
func countOf(l *kizashi.LogFacts) string {
	switch l.Part {
	case "level", "status":
		return l.Part + " " + l.Of
	case "value":
		return l.Template + " = " + l.Of
	case "high", "low":
		return l.Template + ", " + l.Part + " numbers"
	}
	if l.Template == "" {
		return "all lines"
	}
	return l.Template
}

// List names the series of an input without reading more than its beginning.
func List(o replay.Options) ([]Series, error) {
	src, err := replay.New(o)
	if err != nil {
		return nil, err
	}
	var out []Series
	for _, f := range src.Series() {
		for _, m := range f.Metas {
			out = append(out, Series{Meta: m, File: f.Path})
		}
	}
	return out, src.Close()
}
