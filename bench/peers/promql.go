package peers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/kizashi-ops/kizashi/bench/incidents"
)

// before is how long rules run before anything of theirs is scored: a week and
// a day, what they look back to.
const before = 8 * 24 * time.Hour

// promScorer evaluates rules on the PromQL engine over a store in a temporary
// directory, as Prometheus does: each evaluation stores what it says.
type promScorer struct{ set ruleSet }

// watch is a store with the series of some scenes, and the engine over it.
type watch struct {
	db     *tsdb.DB
	engine *promql.Engine
	dir    string
	set    ruleSet
	series map[string]int // of the label to the place in values
	values [][]float64    // of all members
	scores [][]float64
	names  []labels.Labels
}

func (p promScorer) score(scenes []*incidents.Scene) ([][][]float64, error) {
	w, err := newWatch(p.set)
	if err != nil {
		return nil, err
	}
	for _, s := range scenes {
		for _, vs := range s.Values {
			w.add(vs)
		}
	}
	s := scenes[0]
	if err := errors.Join(w.run(s, max(0, s.Learned-int(before/s.Period))), w.close()); err != nil {
		return nil, err
	}
	return split(scenes, w.scores), nil
}

// add makes a series known by its values.
func (w *watch) add(vs []float64) {
	name := strconv.Itoa(len(w.values))
	w.series[name] = len(w.values)
	w.names = append(w.names, named(raw, name))
	w.values = append(w.values, vs)
	w.scores = append(w.scores, nothing(len(vs)))
}

// named are the labels of what is recorded of a series.
func named(record, series string) labels.Labels {
	return labels.FromStrings("__name__", record, "series", series)
}

// split gives each scene the scores of its members.
func split(scenes []*incidents.Scene, all [][]float64) [][][]float64 {
	var out [][][]float64
	for _, s := range scenes {
		out, all = append(out, all[:len(s.Values)]), all[len(s.Values):]
	}
	return out
}

// nothing is a score for nothing.
func nothing(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
	}
	return out
}

func newWatch(set ruleSet) (*watch, error) {
	dir, err := os.MkdirTemp("", "kizashi-peers-")
	if err != nil {
		return nil, err
	}
	o := tsdb.DefaultOptions()
	o.WALSegmentSize = -1                                               // nothing is to survive
	o.MinBlockDuration = int64(100 * 24 * time.Hour / time.Millisecond) // all of it stays in the head
	o.MaxBlockDuration = o.MinBlockDuration
	o.RetentionDuration = int64(365 * 24 * time.Hour / time.Millisecond)
	db, err := tsdb.Open(dir, nil, nil, o, nil)
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	e := promql.NewEngine(promql.EngineOpts{MaxSamples: 1 << 28, Timeout: time.Hour, LookbackDelta: 5 * time.Minute, EnableNegativeOffset: true, Parser: parser.NewParser(parser.Options{})})
	return &watch{db: db, engine: e, dir: dir, set: set, series: map[string]int{}}, nil
}

func (w *watch) close() error {
	err := w.db.Close()
	if e := os.RemoveAll(w.dir); err == nil {
		err = e
	}
	return err
}

// run takes all values from one sample on through the rules.
func (w *watch) run(s *incidents.Scene, from int) error {
	n := 0
	for _, vs := range w.values {
		n = max(n, len(vs))
	}
	for i := from; i < n; i++ {
		if err := w.step(context.Background(), s, i); err != nil {
			return err
		}
	}
	return nil
}

// step appends the i-th values and evaluates the rules at their time.
func (w *watch) step(ctx context.Context, s *incidents.Scene, i int) error {
	at := s.Time(i).UTC()
	app := w.db.Appender(ctx)
	for k, vs := range w.values {
		if i < len(vs) && !math.IsNaN(vs[i]) {
			if _, err := app.Append(0, w.names[k], at.UnixMilli(), vs[i]); err != nil {
				return errors.Join(fmt.Errorf("append: %w", err), app.Rollback())
			}
		}
	}
	if err := app.Commit(); err != nil {
		return err
	}
	return w.evaluate(ctx, at, i)
}

// evaluate runs each rule that is due, in order, and scores what they say.
func (w *watch) evaluate(ctx context.Context, at time.Time, i int) error {
	last := map[string]map[int]float64{}
	for _, r := range w.set.rules {
		if r.every > 0 && at.UnixMilli()%r.every.Milliseconds() != 0 {
			continue
		}
		v, err := w.query(ctx, r.expr, at)
		if err != nil {
			return fmt.Errorf("rule %s: %w", r.record, err)
		}
		app := w.db.Appender(ctx)
		said := map[int]float64{}
		for _, p := range v {
			name := p.Metric.Get("series")
			said[w.series[name]] = p.F
			if _, err := app.Append(0, named(r.record, name), at.UnixMilli(), p.F); err != nil {
				return errors.Join(fmt.Errorf("rule %s: %w", r.record, err), app.Rollback())
			}
		}
		if err := app.Commit(); err != nil {
			return err
		}
		last[r.record] = said
	}
	for k, x := range last[w.set.is] {
		c, ok := last[w.set.center][k]
		up, okUp := last["upper"][k]
		low, okLow := last["lower"][k]
		if i >= len(w.values[k]) || math.IsNaN(w.values[k][i]) || !ok || !okUp || !okLow {
			continue
		}
		w.scores[k][i] = max((x-c)/(up-c), (c-x)/(c-low))
	}
	return nil
}

func (w *watch) query(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
	q, err := w.engine.NewInstantQuery(ctx, w.db, nil, expr, at)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	r := q.Exec(ctx)
	if r.Err != nil {
		return nil, r.Err
	}
	if err := unexpected(r.Warnings); err != nil {
		return nil, err
	}
	v, err := r.Vector()
	return append(promql.Vector(nil), v...), err
}

// unexpected returns a warning as an error: a rule that warns says less than
// it seems to. What is merely told is none.
func unexpected(a annotations.Annotations) error {
	for _, err := range a {
		if errors.Is(err, annotations.PromQLWarning) {
			return err
		}
	}
	return nil
}
