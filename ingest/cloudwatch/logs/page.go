package logs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// page reads one page of the group whose turn it is.
func (s *Source) page(ctx context.Context, r *round, now time.Time) error {
	if len(r.turns) > 0 {
		t := r.turns[0]
		r.turns = r.turns[1:]
		out, err := s.ask(ctx, t, r.to)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if f := r.fill; f != nil {
			if f.calls++; f.calls == 1 {
				f.first = now
			}
		}
		more := false
		if err == nil {
			more, err = s.take(r, t, out)
		}
		switch {
		case more:
			r.turns = append(r.turns, t)
		case err == nil:
			r.done, t.g.fails = append(r.done, t), 0
		case !s.alone(r, t, err):
			s.halt(r, now, err)
			return nil
		}
	}
	if len(r.turns) == 0 {
		s.finish(r, now)
	} else if len(r.lines) >= batchLines || r.bytes >= batchBytes {
		s.deliver(r)
	}
	s.lags(r, now)
	return nil
}

// halt ends a round for now, as the region is at fault: what was read is
// delivered, the rest waits.
func (s *Source) halt(r *round, now time.Time, err error) {
	r.done = slices.DeleteFunc(r.done, func(t *turn) bool {
		if t.err == nil || t.g.ended != "" {
			return false
		}
		r.turns = append(r.turns, t)
		return true
	})
	for _, t := range r.turns {
		if t.err != nil {
			t.token, t.err = nil, nil // a token may not live that long
		}
	}
	s.deliver(r)
	s.fail(r, now, err)
	r.begun = time.Time{}
}

// ask does one call.
func (s *Source) ask(ctx context.Context, t *turn, to kizashi.Time) (out *cloudwatchlogs.FilterLogEventsOutput, err error) {
	in := &cloudwatchlogs.FilterLogEventsInput{StartTime: aws.Int64(int64(t.from)), EndTime: aws.Int64(int64(to) - 1), NextToken: t.token, LogGroupName: &t.g.Name}
	err = s.region.Do(ctx, FilterLogEvents, 0, func(ctx context.Context) (err error) {
		out, err = s.client.FilterLogEvents(ctx, in)
		return err
	})
	return out, err
}

// take sorts out a page, and says whether another one follows.
func (s *Source) take(r *round, t *turn, out *cloudwatchlogs.FilterLogEventsOutput) (more bool, err error) {
	for i := range out.Events {
		if err := s.event(r, t, &out.Events[i]); err != nil {
			return false, err
		}
	}
	if t.empty++; len(out.Events) > 0 {
		t.empty, t.same = 0, 0
	} else if t.token != nil && aws.ToString(out.NextToken) == *t.token {
		t.same++
	}
	if t.empty > emptyPages || t.same > samePages {
		return false, s.failure(fmt.Sprintf("log group %s: %d empty pages in a row", t.g.Name, t.empty))
	}
	t.token = out.NextToken
	return aws.ToString(t.token) != "", nil
}

// event makes a line of an event that is new.
func (s *Source) event(r *round, t *turn, e *types.FilteredLogEvent) error {
	at, g := kizashi.Time(aws.ToInt64(e.Timestamp)), t.g
	text := aws.ToString(e.Message)
	if r.fill != nil {
		s.spent += int64(len(text)) + eventExtra
	}
	if at < t.from || at >= r.to {
		return nil // its own time is read by another call
	}
	id := aws.ToString(e.EventId)
	if id == "" {
		return s.failure(fmt.Sprintf("log group %s: an event at %s has no id, so nobody could say whether it was counted", g.Name, at))
	}
	key := idOf(id)
	fresh := g.seen.add(at, key)
	if (fresh || g.uncounted[key]) && at >= r.until() {
		delete(g.uncounted, key)
		for _, c := range s.counts(r, g) {
			c.Add(at, append(s.text[:0], text...))
		}
	}
	if !fresh {
		return nil
	}
	s.text = append(s.text[:0], text...)
	s.masked = s.cfg.Mask(s.masked[:0], s.text)
	masked := string(s.masked)
	r.lines = append(r.lines, kizashi.Line{Series: g.id, At: at, Ingested: kizashi.Time(aws.ToInt64(e.IngestionTime)), ID: id, Stream: s.stream(aws.ToString(e.LogStreamName)), Text: masked})
	r.bytes += len(masked) + len(id)
	r.count++
	return nil
}

// stream is a log stream's name, masked: who writes the events gives it. Mostly
// it is that of the event before.
func (s *Source) stream(name string) string {
	if name != s.named[0] {
		s.named = [2]string{name, string(s.cfg.Mask(nil, []byte(name)))}
	}
	return s.named[1]
}

// eventExtra is what CloudWatch counts for an event beside its text.
const eventExtra = 26

// deliver hands over what was read so far; Until stays. Several batches may be
// needed, and each is one record of the journal.
func (s *Source) deliver(r *round) {
	s.cut(r, r.until(), false)
}

func (s *Source) cut(r *round, until kizashi.Time, last bool) {
	slices.SortStableFunc(r.lines, func(a, b kizashi.Line) int { return cmp.Compare(a.At, b.At) })
	s.late(r)
	c, lines := r.cursor(), r.lines
	for len(lines) > 0 || last {
		n := fit(lines)
		b := kizashi.Batch{Until: r.until(), Lines: lines[:n:n]}
		lines = lines[n:]
		if len(lines) == 0 && last {
			b.Until, last = until, false
		}
		if p := r.part; p != nil {
			b.Declare, p.fresh = p.fresh, nil
		}
		s.push(c, b)
	}
	r.lines, r.bytes = nil, 0
}

// late marks the lines of before Until, or before a line that was delivered:
// they can be slipped in nowhere. A page need not be in order, so that is known
// only when lines are delivered.
func (s *Source) late(r *round) {
	for i := range r.lines {
		l := &r.lines[i]
		g := s.groups[l.Series]
		if l.Late = r.part != nil && l.At < r.part.until || l.At < r.latest(g); !l.Late {
			r.reach(g, l.At)
		}
	}
}

// fit is how many lines one batch takes.
func fit(lines []kizashi.Line) int {
	bytes := 0
	for i := range lines {
		if bytes += len(lines[i].Text) + len(lines[i].ID); i == batchLines || i > 0 && bytes > batchBytes {
			return i
		}
	}
	return len(lines)
}

// alone says whether a failure is one group's, and ends its turn then. What
// some groups were denied before any was read is denied to all.
func (s *Source) alone(r *round, t *turn, err error) bool {
	t.err = err
	var f *access.Failure
	if !errors.As(err, &f) {
		r.turns = append(r.turns, t)
		return false
	}
	yes := false
	switch {
	case f.Code == "ResourceNotFoundException":
		s.bury(t.g, kizashi.Terminated)
		yes = true
	case f.Cause.Kind == kizashi.NoPermission:
		yes = r.answered() || len(r.done) < deniedAll
	case slices.Contains([]string{"InvalidParameterException", "InvalidOperationException", "ValidationException"}, f.Code):
		t.err, yes = refusal(f), true
	case f.Cause.Kind == kizashi.NoRegion:
		if t.g.fails++; t.g.fails >= loneReads && r.answered() {
			t.err, yes = refusal(f), true
		}
	}
	if yes {
		r.done = append(r.done, t)
	} else {
		r.turns = append(r.turns, t)
	}
	return yes
}

// deniedAll is of how many groups the read is denied before all are taken for
// denied.
const deniedAll = 3

// refusal makes a failure one of a single group.
func refusal(f *access.Failure) error {
	g := *f
	g.Cause = kizashi.Cause{Kind: kizashi.Refused}
	return &g
}

// answered says that of other groups something was read.
func (r *round) answered() bool {
	return slices.ContainsFunc(r.done, func(t *turn) bool { return t.err == nil })
}
