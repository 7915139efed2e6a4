package pipeline

import (
	"fmt"
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// revise takes in what a source corrected. A point is judged once: what a
// correction changes is alerts, and that at the tick at which it was seen.
func (p *Pipeline) revise(b *kizashi.Batch, r *Result) error {
	for i := range b.Revised {
		v := b.Revised[i]
		m := p.series[v.Series]
		if m == nil {
			return fmt.Errorf("partition %s, batch %d: revision at %s: series %s was not declared", b.Partition, b.Pos, v.At, v.Series)
		}
		r.Revised = append(r.Revised, v)
		if math.Abs(v.New) <= kizashi.MaxValue {
			m.group.take(queued{Tick: max(v.At.Add(v.Period), v.Seen).Ceil(grid), Cross: kizashi.Crossing{Series: v.Series, At: v.At}, Revision: &v})
		}
	}
	return nil
}

// correct lets the corrections of one series at one tick act on its alerts. It
// returns how many of the queue they are.
func (p *Pipeline) correct(g *group, queue []queued, r *Result, out []alert.Change) (int, []alert.Change, error) {
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
	out, err = g.life.Revise(tick, vs, in, overlay{p.history, &r.Judged}, out)
	return len(vs), out, err
}
