package scenario

import (
	"fmt"
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// poll is how much time a batch covers.
const poll = 6 * time.Hour

// commandPart is where the story's commands come from.
var commandPart = kizashi.Partition{Tenant: "acme", Kind: kizashi.Commands}

// replay steps everything up to a time, or all that is loaded.
func (s *Story) replay(c *call) (string, error) {
	if err := s.begin(); err != nil {
		return "", err
	}
	first, last := kizashi.Forever, kizashi.Never
	for _, x := range s.series {
		x.arrange()
		for _, p := range x.samples {
			first, last = min(first, p.At), max(last, p.End())
		}
	}
	to := c.at("to", last.Ceil(time.Minute))
	from := max(s.told, first)
	if c.err != nil || to <= from {
		return "", fmt.Errorf("nothing to replay up to %s", s.wall(to))
	}
	s.lines = nil
	count := s.count()
	for t := from; t < to; {
		t = min(s.next(t), to)
		if err := s.stepTo(t); err != nil {
			return "", err
		}
	}
	s.told = to
	return s.story(count), nil
}

// retry is how often a source tries again in the first half hour of an outage.
const retry = 5 * time.Minute

// next is when sources are read after t: each poll, when they learn something,
// and more often around outages.
func (s *Story) next(t kizashi.Time) kizashi.Time {
	next := t.Floor(poll).Add(poll)
	for _, at := range s.edges {
		if at > t {
			next = min(next, at)
		}
	}
	for i := range s.outages {
		o := &s.outages[i]
		at := o.From
		for range 6 {
			if at > t {
				next = min(next, at)
			}
			at = at.Add(retry)
		}
		for _, at := range []kizashi.Time{o.Through, o.Through.Add(retry)} {
			if at > t {
				next = min(next, at)
			}
		}
	}
	return next
}

// arrange notes when each sample comes: a late one with those before it.
func (x *series) arrange() {
	x.reached = x.reached[:0]
	at := kizashi.Never
	for _, p := range x.samples {
		if end := p.End(); end > at {
			at = end
		}
		x.reached = append(x.reached, at)
	}
}

// stepTo hands every partition's news up to t to the pipeline: commands
// first, as they gate the rest.
func (s *Story) stepTo(t kizashi.Time) error {
	if err := s.stepCommands(t); err != nil {
		return err
	}
	if err := s.openFills(); err != nil {
		return err
	}
	for _, p := range s.parts() {
		b := s.batch(p, t)
		o := s.out(p, t)
		switch {
		case o == nil:
			b.Samples, b.Until = s.take(p, t), t
		case o.Cause.Kind != kizashi.Forgotten:
			// What comes before the outage has come; what lies in it comes after it.
			status := o.Status
			status.Through = t
			b.Status = &status
			b.Samples, b.Until = s.take(p, o.From), max(s.until[p], o.From)
		case t < o.Through:
			continue // nobody reads
		default:
			o.told = true
			b.Status = &o.Status
			b.Samples, b.Until = s.take(p, t), t
		}
		s.until[p] = b.Until
		if err := s.step(b); err != nil {
			return err
		}
	}
	return s.stepFills(t)
}

// out returns the outage that a partition is in when its batch of t is due.
func (s *Story) out(p kizashi.Partition, t kizashi.Time) *outage {
	for i := range s.outages {
		o := &s.outages[i]
		in := o.From < t && t <= o.Through
		if o.Cause.Kind == kizashi.Forgotten {
			in = o.From < t && !o.told
		}
		if o.part == p && in {
			return o
		}
	}
	return nil
}

func (s *Story) stepCommands(t kizashi.Time) error {
	b := kizashi.Batch{Partition: commandPart, Until: t}
	if s.pos[commandPart] == 0 {
		for _, p := range append([]kizashi.Partition{commandPart}, s.parts()...) {
			b.Roster = append(b.Roster, kizashi.RosterEntry{Op: kizashi.Join, Partition: p, At: s.start})
		}
	}
	sort.SliceStable(s.commands[s.given:], func(i, j int) bool { return s.commands[s.given+i].At < s.commands[s.given+j].At })
	for ; s.given < len(s.commands) && s.commands[s.given].At <= t; s.given++ {
		b.Commands = append(b.Commands, s.commands[s.given])
	}
	return s.step(b)
}

// parts are the main partitions, in the order of loading.
func (s *Story) parts() []kizashi.Partition {
	var out []kizashi.Partition
	seen := map[kizashi.Partition]bool{}
	for _, x := range s.series {
		if !seen[x.part] {
			seen[x.part] = true
			out = append(out, x.part)
		}
	}
	return out
}

// batch begins a batch with what the partition has to declare.
func (s *Story) batch(p kizashi.Partition, t kizashi.Time) kizashi.Batch {
	b := kizashi.Batch{Partition: p, Until: t}
	for _, x := range s.series {
		if x.part != p {
			continue
		}
		if x.like != 0 && (len(x.samples) == 0 || x.samples[0].At >= t) {
			continue // not there yet
		}
		if !x.joined {
			x.joined = true
			b.Declare = append(b.Declare, kizashi.Declaration{From: s.start, Meta: x.meta, Like: x.like})
		}
		wait := x.coming[:0]
		for _, k := range x.coming {
			if k.at <= t {
				b.Declare = append(b.Declare, k.Declaration)
			} else {
				wait = append(wait, k)
			}
		}
		x.coming = wait
		later := x.revised[:0]
		for _, v := range x.revised {
			if v.Seen <= t {
				b.Revised = append(b.Revised, v)
			} else {
				later = append(later, v)
			}
		}
		x.revised = later
	}
	return b
}

// take returns the samples of a partition that have come by t, in the order
// in which they come.
func (s *Story) take(p kizashi.Partition, t kizashi.Time) []kizashi.Sample {
	var out []kizashi.Sample
	var when []kizashi.Time
	for _, x := range s.series {
		if x.part != p {
			continue
		}
		for ; x.next < len(x.samples) && x.reached[x.next] <= t; x.next++ {
			if x.fill == nil || x.samples[x.next].At >= x.fillTo {
				out, when = append(out, x.samples[x.next]), append(when, x.reached[x.next])
			}
		}
	}
	order := make([]int, len(out))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return when[order[i]] < when[order[j]] })
	sorted := make([]kizashi.Sample, len(out))
	for i, k := range order {
		sorted[i] = out[k]
	}
	return sorted
}

// openFills lets the back-fills join and declare their series, before the
// main partitions deliver.
func (s *Story) openFills() error {
	for _, x := range s.series {
		if x.fill == nil || s.pos[*x.fill] > 0 {
			continue
		}
		if err := s.step(kizashi.Batch{Partition: *x.fill, Until: kizashi.Never,
			Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: *x.fill, At: s.start},
				{Op: kizashi.HandOver, Partition: *x.fill, At: x.fillTo, To: x.part}},
			Declare: []kizashi.Declaration{{From: s.start, Meta: x.meta}}}); err != nil {
			return err
		}
	}
	return nil
}

// stepFills delivers the back-fills that may come now.
func (s *Story) stepFills(t kizashi.Time) error {
	for _, x := range s.series {
		if x.fill == nil || t < x.after || s.pos[*x.fill] > 1 {
			continue
		}
		b := kizashi.Batch{Partition: *x.fill, Until: x.fillTo}
		for _, p := range x.samples {
			if p.At < x.fillTo {
				b.Samples = append(b.Samples, p)
			}
		}
		if err := s.step(b); err != nil {
			return err
		}
		if err := s.step(kizashi.Batch{Partition: *x.fill, Until: x.fillTo,
			Roster: []kizashi.RosterEntry{{Op: kizashi.Close, Partition: *x.fill, At: x.fillTo}}}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Story) step(b kizashi.Batch) error {
	s.pos[b.Partition]++
	b.Pos = s.pos[b.Partition]
	if err := s.pipe.Step(b, &s.result); err != nil {
		return err
	}
	s.keep(&s.result)
	return s.memory.Keep(&s.result)
}
