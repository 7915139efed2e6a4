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

const (
	batchLines = 10_000  // of one batch: it is one record of the journal ...
	batchBytes = 4 << 20 // ... and of its text
	emptyPages = 1000    // that may follow each other: to CloudWatch they are normal
	samePages  = 100     // with the very same token
	fillTurn   = 4       // every so many pages one is a back-fill's, if main partitions want them all
	loneReads  = 3       // in a row that one group has to fail alone to be set aside
)

// round is one read of a partition up to an instant: of each group, page by
// page in turns.
type round struct {
	part  *part // nil = a back-fill's
	fill  *fill
	to    kizashi.Time
	look  bool // it goes back by the overlap: by its end alone, so that a restart changes nothing
	turns []*turn
	done  []*turn
	lines []kizashi.Line // read, not delivered yet
	bytes int
	count int // lines so far
	begun time.Time
}

// turn is one group of a round.
type turn struct {
	g     *group
	from  kizashi.Time
	token *string
	empty int // pages in a row without an event ...
	same  int // ... whose token was the one that was asked with
	err   error
}

func (r *round) cursor() *cursor {
	if r.part != nil {
		return &r.part.cursor
	}
	return &r.fill.cursor
}

// until is up to where all was delivered before.
func (r *round) until() kizashi.Time {
	if r.part != nil {
		return r.part.until
	}
	return r.fill.until
}

// latest is the time up to which a group's lines came in order.
func (r *round) latest(g *group) kizashi.Time {
	if r.part != nil {
		return g.latest
	}
	if at, ok := r.fill.latest[g.id]; ok {
		return at
	}
	return kizashi.Never
}

func (r *round) reach(g *group, at kizashi.Time) {
	if r.part != nil {
		g.latest = at
		return
	}
	r.fill.latest[g.id] = at
}

// pick is the round that has the next page: of the main partitions the one
// that has waited longest, and now and then a back-fill, the one furthest
// behind.
func (s *Source) pick(now time.Time) *round {
	var p *part
	for _, q := range s.parts {
		if q.live && !q.next.After(now) && s.begins(q, now) && (p == nil || q.served < p.served) {
			p = q
		}
	}
	var f *fill
	for _, h := range s.fills {
		if h.next.After(now) || h.until >= h.end(now) || !s.beginsFill(h, now) {
			continue
		}
		if f == nil || cmp.Or(cmp.Compare(h.until, f.until), cmp.Compare(h.served, f.served)) < 0 {
			f = h
		}
	}
	s.turns++
	if f != nil && (p == nil || s.turns%fillTurn == 0) {
		f.served = s.turns
		return f.round
	}
	if p != nil {
		p.served = s.turns
		return p.round
	}
	return nil
}

// begins says whether a main partition has something to read, and lays it out.
func (s *Source) begins(p *part, now time.Time) bool {
	if p.round != nil {
		return true
	}
	to := min(p.edge(now), p.until.Add(max(p.span, p.every())))
	if to <= p.until {
		p.next = p.after(now)
		return false
	}
	r := &round{part: p, to: to, begun: now, look: to.Floor(lookEvery) > p.until.Floor(lookEvery)}
	for _, g := range p.groups {
		if g.broken != "" && now.Before(g.again) {
			continue
		}
		from := p.until
		if r.look {
			from = max(p.until.Add(-s.cfg.Overlap), g.floor)
		}
		if g.left != kizashi.Never {
			from = min(from, g.left)
		}
		if old := g.oldest(now); from < old {
			s.forgotten(g, old, now)
			from = old
		}
		if from < to {
			r.turns = append(r.turns, &turn{g: g, from: from})
		}
	}
	p.round = r
	return true
}

// forgotten says so if a group keeps its events for less time than nobody has
// read them.
func (s *Source) forgotten(g *group, oldest kizashi.Time, now time.Time) {
	p, lost := g.part, g.part.until
	if g.left != kizashi.Never {
		lost = min(lost, g.left)
	}
	if lost >= oldest || p.until < g.lostTo {
		return // nothing is, or it was told
	}
	g.lostTo = oldest
	if oldest > p.until {
		g.declare(p.until, kizashi.Unread)
		g.declare(oldest, "")
	}
	a := s.setAside(kizashi.Cause{Kind: kizashi.Forgotten}, g.Name, fmt.Sprintf("tenant %s, account %s, region %s: log group %s keeps events for %d days; those from %s to %s are lost",
		s.tenant, s.account, s.cfg.Region, g.Name, g.Retention/(24*time.Hour), lost, oldest), now)
	s.tellAside(a, now)
}

func (s *Source) beginsFill(f *fill, now time.Time) bool {
	if f.round != nil {
		return true
	}
	if s.spent >= s.cfg.Budget {
		s.exhausted(f, now)
		return false
	}
	r := &round{fill: f, to: min(f.until.Add(f.span), f.end(now))}
	for _, g := range f.groups {
		if from := max(f.until, f.start[g.id], g.oldest(now)); g.broken == "" && from < r.to {
			r.turns = append(r.turns, &turn{g: g, from: from})
		}
	}
	f.round = r
	return true
}

// exhausted ends a back-fill whose budget is spent: the rest of its history is
// an outage, that is told.
func (s *Source) exhausted(f *fill, now time.Time) {
	end := f.end(now)
	s.cfg.Log.Warn("the budget of the back-fill is spent: the rest of its history is not read", "partition", f.Self.String(), "until", f.until.String(), "to", end.String(), "bytes", s.spent)
	s.tell(&f.cursor, end, kizashi.Cause{Kind: kizashi.CostCap, Name: "backfill"}, spentReason(s), resources(f.groups))
	f.spent, f.until = true, end
	s.finishFill(f)
}

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
	// Before Until, or before a line that was delivered, it can be slipped in
	// nowhere.
	late := r.part != nil && at < r.part.until || at < r.latest(g)
	if !late {
		r.reach(g, at)
	}
	s.text = append(s.text[:0], text...)
	s.masked = s.cfg.Mask(s.masked[:0], s.text)
	masked := string(s.masked)
	r.lines = append(r.lines, kizashi.Line{Series: g.id, At: at, Ingested: kizashi.Time(aws.ToInt64(e.IngestionTime)), ID: id, Stream: aws.ToString(e.LogStreamName), Text: masked, Late: late})
	r.bytes += len(masked) + len(id)
	r.count++
	return nil
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

// finish ends a round: what of it failed alone is set aside, everything else
// was read up to its end.
func (s *Source) finish(r *round, now time.Time) {
	var failed []*turn
	for _, t := range r.done {
		if t.err != nil && t.g.ended == "" {
			failed = append(failed, t)
		}
	}
	if len(failed) > 0 && len(failed) == len(r.done) {
		s.halt(r, now, failed[0].err)
		return
	}
	for _, t := range failed {
		s.refuse(r, t, now)
	}
	if r.part != nil {
		s.finishPart(r, now)
	} else {
		s.finishPage(r, now)
	}
	s.note(now)
}

func (s *Source) finishPart(r *round, now time.Time) {
	p := r.part
	for _, t := range r.done {
		g := t.g
		if t.err != nil || g.ended != "" {
			continue
		}
		if g.broken != "" {
			g.broken = ""
			g.declare(p.until, "")
			s.cfg.Log.Info("log group is read again", "log_group", g.Name)
		}
		s.seenAgain(g.Name)
		g.left, g.uncounted = kizashi.Never, nil
		g.seen.forget(r.to.Add(-s.cfg.Overlap))
	}
	s.samples(r)
	s.cut(r, r.to, true)
	p.until, p.round, p.fails, p.next = r.to, nil, 0, now
	p.span = r.next(p.span)
	if r.to >= p.edge(now) {
		p.next = p.after(now)
	}
	s.bound()
}

func (s *Source) finishPage(r *round, now time.Time) {
	f := r.fill
	for _, t := range r.done {
		t.g.seen.forget(r.to.Add(-s.cfg.Overlap))
	}
	s.samples(r)
	s.cut(r, r.to, true)
	f.until, f.round, f.fails, f.next = r.to, nil, 0, now
	f.span = r.next(f.span)
	s.finishFill(f)
}

// next is how long a stretch the next read of what is behind may have: what a
// restart has to know of it is what the journal has.
func (r *round) next(span time.Duration) time.Duration {
	switch {
	case r.count > 4*spanLines:
		return max(span/2, leastSpan)
	case r.count < spanLines:
		return min(2*span, mostSpan)
	}
	return span
}

// bound keeps the ids within their number: the oldest minutes of who has most
// are forgotten, and not read again.
func (s *Source) bound() {
	for {
		sum := 0
		var most *group
		for _, g := range s.groups {
			sum += g.seen.n
			if most == nil || g.seen.n > most.seen.n || g.seen.n == most.seen.n && g.id < most.id {
				most = g
			}
		}
		if sum <= s.cfg.Remember || most.seen.oldest() >= most.part.until {
			return
		}
		most.floor = max(most.floor, most.seen.oldest().Add(time.Minute))
		most.seen.forget(most.floor)
		s.cfg.Log.Warn("too many events to remember: later ones of before are not looked for", "log_group", most.Name, "before", most.floor.String(), "remembered", s.cfg.Remember)
	}
}
