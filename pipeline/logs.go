package pipeline

import (
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/logs"
)

// lines hands log lines to their groups, or lets them wait for a back-fill of theirs, or
// for the next one where they waited for another;
// late are those that are counted in no minute.
func (p *Pipeline) lines(me *part, lines []kizashi.Line) (late int, err error) {
	if len(p.fills) == 0 || me.key.Backfill != "" {
		return p.logs.Take(lines)
	}
	var now []kizashi.Line
	for _, l := range lines {
		if !p.logs.Knows(l.Series) {
			return p.logs.Take([]kizashi.Line{l}) // says what is wrong
		}
		if m := p.series[l.Series]; m != nil && m.fill != nil && m.part == me {
			me.Lines = append(me.Lines, l)
			continue
		}
		now = append(now, l)
	}
	return p.logs.Take(now)
}

// closeMinutes ends the minutes of log groups that a partition, or the command
// partition, has passed, and takes in what was counted and found.
func (p *Pipeline) closeMinutes(me *part, r *Result) error {
	if me.key.Kind == kizashi.Metrics {
		return nil
	}
	commands := p.commandUntil()
	for _, q := range p.logParts(me) {
		until := min(q.Until, commands)
		for _, m := range q.series {
			if !p.logs.Knows(m.id) || m.fill != nil && m.fill != q {
				continue
			}
			p.heard.Reset()
			if err := p.logs.Close(m.id, until, p.standing, &p.heard); err != nil {
				return err
			}
			p.hear(&p.heard, r)
		}
	}
	return nil
}

// kindsBefore is of how many days before one its kind is told: those that are compared.
const kindsBefore = int(alert.Span / (24 * time.Hour))

// standing is what is said of a log group at an instant, with the kinds of that day and of
// those before it, if it has a calendar.
func (p *Pipeline) standing(id kizashi.SeriesID, at kizashi.Time) (kizashi.Proof, error) {
	proof, err := p.engine.Standing(id, at)
	if err != nil || proof.Settings.Calendar == "" {
		return proof, err
	}
	proof.Days, err = p.engine.KindsAt(&proof.Meta, at, kindsBefore)
	return proof, err
}

// logParts are the partitions of log groups whose minutes a step of a partition may
// end: its own; of the command partition all.
func (p *Pipeline) logParts(me *part) []*part {
	if me.key.Kind == kizashi.Logs {
		return []*part{me}
	}
	var out []*part
	for _, q := range p.sortedParts() {
		if q.key.Kind == kizashi.Logs {
			out = append(out, q)
		}
	}
	return out
}

// hear takes in what closing minutes made.
func (p *Pipeline) hear(h *logs.Out, r *Result) {
	r.Declared = append(r.Declared, h.Declared...)
	for _, s := range h.Counts {
		r.Judgements = append(r.Judgements, detect.Judgement{Series: s.Series, At: s.At, End: s.End(), Value: s.Value, State: kizashi.Judged,
			Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None(), Score: kizashi.None(), Learns: true})
	}
	for _, n := range h.Notes {
		r.Notes = append(r.Notes, detect.Note{Series: n.Series, At: n.At, Fact: n.Fact})
	}
	for i := range h.Crossings {
		c := &h.Crossings[i]
		p.series[c.Of].group.take(queued{Tick: c.End.Ceil(grid), Cross: c.Crossing})
		r.Crossings = append(r.Crossings, c.Crossing)
	}
}

// Logs gives read access to the log groups.
func (p *Pipeline) Logs() *logs.Engine { return p.logs }
