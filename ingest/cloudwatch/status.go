package cloudwatch

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// backfillPatience is how many reads in a row must fail before a back-fill is
// told to be out: the ticks of its whole history then run without it.
const backfillPatience = 3

// longestRetry is between two tries of a back-fill that nobody waits for.
const longestRetry = 15 * time.Minute

// fail tells that a partition is out. Each failed read moves Through on, so
// that the tenant's other partitions are not held up.
func (s *Source) fail(p *part, now time.Time, err error) {
	p.fails++
	p.next = p.retry(now)
	if p.fails&(p.fails-1) == 0 { // the 1st, 2nd, 4th, 8th: an outage of a day would be thousands of lines
		s.cfg.Log.Warn("read failed", "partition", p.Self.String(), "until", p.until.String(), "in_a_row", p.fails, "err", err)
	}
	s.flush(p) // what the status is about has to be known
	if through := kizashi.TimeOf(now).Floor(time.Minute); through > p.until {
		s.status(&p.cursor, through, err, p.series)
	}
}

func (s *Source) failFill(f *fill, now time.Time, err error) {
	f.fails++
	f.next = f.part.retry(now)
	s.cfg.Log.Warn("back-fill failed", "partition", f.Self.String(), "until", f.until.String(), "err", err)
	if !f.initial() {
		f.next = now.Add(min(time.Minute<<min(f.fails-1, 10), longestRetry))
		return
	}
	if through := kizashi.TimeOf(now).Floor(time.Minute); f.fails >= backfillPatience && through > f.until {
		s.status(&f.cursor, through, err, f.members)
	}
}

// status tells that nothing can be read from Until on, for a cause.
func (s *Source) status(c *cursor, through kizashi.Time, err error, ss []*series) {
	s.tell(c, through, causeOf(err), err.Error(), resources(ss))
}

// causeOf an error that no call can say of itself is the region's.
func causeOf(err error) kizashi.Cause {
	var f *access.Failure
	if errors.As(err, &f) {
		return f.Cause
	}
	return kizashi.Cause{Kind: kizashi.NoRegion}
}

func (s *Source) tell(c *cursor, through kizashi.Time, cause kizashi.Cause, reason, what string) {
	s.push(c, kizashi.Batch{Until: c.Told, Status: &kizashi.Status{From: c.Told, Through: max(through, c.Told), Cause: cause, Reason: reason, Resources: what}})
}

// resources counts series by namespace: "AWS/EC2 (120 series), AWS/RDS (30
// series)".
func resources(ss []*series) string {
	n := map[string]int{}
	for _, q := range ss {
		n[q.space]++
	}
	var names []string
	for name := range n {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	for i, name := range names {
		names[i] = fmt.Sprintf("%s (%d series)", name, n[name])
	}
	return strings.Join(names, ", ")
}

// forgotten skips what CloudWatch no longer keeps at this period. Told, the
// stretch is an outage, since nobody will ever know what was in it.
func (s *Source) forgotten(c *cursor, until *kizashi.Time, step time.Duration, ss []*series, now time.Time, told bool) bool {
	oldest := kizashi.TimeOf(now).Add(-retention(step)).Ceil(max(step, time.Minute))
	if *until >= oldest {
		return false
	}
	if told {
		s.tell(c, oldest, kizashi.Cause{Kind: kizashi.Forgotten}, fmt.Sprintf("tenant %s, account %s, region %s: CloudWatch keeps points of %s for %s; those up to %s are lost",
			s.tenant, s.account, s.cfg.Region, step, retention(step), oldest), resources(ss))
	}
	*until = oldest
	return true
}

// pace is how a partition gives way to the cap.
type pace struct {
	every  time.Duration // 0 = it does not
	paused bool
}

// allowed asks the budget whether a partition may be read now. If not, the
// next read is later, and a partition that falls further behind than its class
// allows says so.
func (s *Source) allowed(p *part, now time.Time) bool {
	if s.cfg.Budget == nil || len(p.series) == 0 {
		return true
	}
	every, paused := s.cfg.Budget.Interval(cost.Class(p.class), p.every, now)
	s.paced(p, pace{every, paused})
	// Reads are on a grid; a part of an interval is no wait.
	if !paused && (every <= p.every || p.tried.IsZero() || now.Sub(p.tried) > every-p.every) {
		return true
	}
	p.next = p.after(now)
	limit := max(behind(p.Self.Class()), p.Self.Settle+2*p.every)
	if kizashi.TimeOf(now).Sub(p.until) > limit {
		s.flush(p)
		reason := fmt.Sprintf("tenant %s, account %s, region %s: class %s is polled every %s instead of %s, to stay within the cap", s.tenant, s.account, s.cfg.Region, p.class, every, p.every)
		if paused {
			reason = s.notToday(p.class)
		}
		s.tell(&p.cursor, kizashi.TimeOf(now).Floor(time.Minute), kizashi.Cause{Kind: kizashi.CostCap, Name: p.class}, reason, resources(p.series))
	}
	return false
}

func (s *Source) notToday(class string) string {
	return fmt.Sprintf("tenant %s, account %s, region %s: class %s is not polled any more today, to stay within the cap", s.tenant, s.account, s.cfg.Region, class)
}

// dry says that the cap leaves nothing for anyone: then nothing is listed
// either. Who starts so says for the partitions of an earlier run, else for
// those to come, why nothing is read.
func (s *Source) dry(now time.Time) bool {
	if s.cfg.Budget == nil || !s.cfg.Budget.Out(now) {
		return false
	}
	s.nextList = floorTo(now, time.Minute).Add(time.Minute)
	if s.from == nil {
		return true
	}
	s.mute(now, true, func(c *cursor, through kizashi.Time) {
		class := cmp.Or(c.Self.Source, string(cost.Act))
		if c.Self.Source == discovery {
			class = string(cost.Act)
		}
		s.tell(c, through, kizashi.Cause{Kind: kizashi.CostCap, Name: class}, s.notToday(class), "")
	})
	return true
}

// paced logs a change of pace.
func (s *Source) paced(p *part, to pace) {
	if to.every <= p.every && !to.paused {
		to = pace{}
	}
	if to == p.pace {
		return
	}
	p.pace = to
	s.cfg.Log.Warn("reads give way to the cap", "partition", p.Self.String(), "class", p.class, "every", max(to.every, p.every).String(), "paused", to.paused)
}

// behind is how far behind the clock a class of partitions may be.
func behind(c kizashi.Class) time.Duration {
	switch c {
	case kizashi.Prompt:
		return 5 * time.Minute
	case kizashi.Fast:
		return 15 * time.Minute
	case kizashi.Slow:
		return 3 * time.Hour
	}
	return 48 * time.Hour
}

// pauseFill says whether a back-fill has to give way to the cap now.
func (s *Source) pauseFill(f *fill, now time.Time) bool {
	if s.cfg.Budget == nil {
		return false
	}
	if _, paused := s.cfg.Budget.Interval(f.class(), time.Minute, now); !paused {
		return false
	}
	f.next = f.part.retry(now)
	if through := kizashi.TimeOf(now).Floor(time.Minute); f.initial() && through > f.until {
		s.tell(&f.cursor, through, kizashi.Cause{Kind: kizashi.CostCap, Name: string(f.class())},
			fmt.Sprintf("tenant %s, account %s, region %s: the back-fill waits, to stay within the cap", s.tenant, s.account, s.cfg.Region), resources(f.members))
	}
	return true
}
