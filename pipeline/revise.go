package pipeline

import (
	"fmt"
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// revised takes in what a source corrected. A point is judged once: what a
// correction changes is alerts.
func (p *Pipeline) revised(me *part, b *kizashi.Batch, r *Result) error {
	for i := range b.Revised {
		if v := &b.Revised[i]; p.series[v.Series] == nil {
			return fmt.Errorf("partition %s, batch %d: revision at %s: series %s was not declared", b.Partition, b.Pos, v.At, v.Series)
		}
	}
	r.Revised = append(r.Revised, b.Revised...)
	p.hold(me, b.Revised)
	return nil
}

// hold lets corrections wait where the samples of their series do, for a
// back-fill: else they would be over before the sample is judged. Those that
// wait for the command partition need not, as its ticks wait with them.
func (p *Pipeline) hold(me *part, vs []kizashi.Revision) {
	for _, v := range vs {
		if m := p.series[v.Series]; m.fill != nil && m.part == me {
			me.Held = append(me.Held, v)
		} else {
			p.correct = append(p.correct, v)
		}
	}
}

// revise has corrections act at the tick at which they were seen.
func (p *Pipeline) revise() {
	for _, v := range p.correct {
		if math.Abs(v.New) <= kizashi.MaxValue {
			p.series[v.Series].group.take(queued{Tick: max(v.At.Add(v.Period), v.Seen).Ceil(grid), Cross: kizashi.Crossing{Series: v.Series, At: v.At}, Revision: &v})
		}
	}
}

// corrections lets the corrections of one series at one tick act on its alerts. It
// returns how many of the queue they are.
func (p *Pipeline) corrections(g *group, queue []queued, r *Result, out []alert.Change) (int, []alert.Change, error) {
	var vs []kizashi.Revision
	tick, id := queue[0].Tick, queue[0].Cross.Series
	for _, q := range queue {
		if q.Revision == nil || q.Tick != tick || q.Cross.Series != id {
			break
		}
		vs = append(vs, *q.Revision)
	}
	in, err := p.engine.Standing(id, vs[0].At)
	if err != nil {
		return 0, out, err
	}
	out, err = g.life.Revise(tick, vs, in, p.lookBack(1), out)
	return len(vs), out, err
}
