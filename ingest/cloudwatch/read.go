package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

const getMetricData = "cloudwatch:GetMetricData"

// Limits of one GetMetricData call, from its documentation.
const (
	maxQueries = 500
	maxPoints  = 100_800
)

// rounds bounds how often the queries that failed alone are asked again, and
// emptyPages how many pages without any point may follow each other.
const (
	rounds     = 3
	emptyPages = 100
)

// ask is what is wanted of one series in one read: the points of [from, to),
// both multiples of step. read fills in the rest.
type ask struct {
	s        *series
	from, to kizashi.Time
	step     time.Duration // between points

	points []point // all of the call's window: it may be wider than was asked
	done   bool
	err    error // *fault: of the series alone; else of the read

	status types.StatusCode // of the last page that named the query; "" = none did
	label  string           // of the query's results
	why    string           // the points cannot be trusted
	page   int              // that named the query last
}

// fault is what is wrong with one series: others can be read without it.
type fault struct{ *access.Failure }

func (f *fault) Unwrap() error { return f.Failure }

// lone is what was wrong with the answer to one query. Mostly it passes; that
// of others is no reason to doubt the region.
type lone struct{ *access.Failure }

func (l *lone) Unwrap() error { return l.Failure }

// refused makes a failure one of a single series.
func refused(f *access.Failure, cause kizashi.Cause) *fault {
	g := *f
	g.Cause = cause
	return &fault{&g}
}

// ids of queries by their place in a call.
var ids = func() (out [maxQueries]string) {
	for i := range out {
		out[i] = "m" + strconv.Itoa(i)
	}
	return out
}()

// read fetches what is asked, in as few calls as can be: queries of different
// partitions share them. Only the end of ctx is an error of its own.
func (s *Source) read(ctx context.Context, asks []ask) error {
	order := s.order[:0]
	for i := range asks {
		order = append(order, &asks[i])
	}
	slices.SortStableFunc(order, func(a, b *ask) int {
		switch {
		case a.from != b.from:
			return int(min(max(a.from-b.from, -1), 1))
		case a.to != b.to:
			return int(min(max(a.to-b.to, -1), 1))
		}
		return int(min(max(a.step-b.step, -1), 1))
	})
	s.order = order
	for len(order) > 0 {
		n, from, to := fit(order)
		if err := s.readCall(ctx, order[:n], from, to); err != nil {
			return err
		}
		order = order[n:]
	}
	clear(s.order)
	return nil
}

// fit says how many of the asks one call takes, and its window: that of all of
// them together, on the grid of each.
func fit(asks []*ask) (n int, from, to kizashi.Time) {
	queries, grid := 0, time.Duration(0)
	dense := 0.0 // points a millisecond
	for _, a := range asks {
		g := lcm(max(grid, time.Second), a.step)
		f, t := a.from, a.to
		if n > 0 {
			f, t = min(from, f), max(to, t)
		}
		f, t = f.Floor(g), t.Ceil(g)
		d := dense + float64(len(a.s.queries))/float64(a.step/time.Millisecond)
		if q := queries + len(a.s.queries); n == 0 || q <= maxQueries && float64(t-f)*d < maxPoints+.5 {
			n, queries, from, to, grid, dense = n+1, q, f, t, g, d
			continue
		}
		break
	}
	return n, from, to
}

func lcm(a, b time.Duration) time.Duration {
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	return a / x * b
}

// readCall reads what fits one call. What AWS refuses as a whole for what it
// asks is taken apart until it is clear which series is at fault.
func (s *Source) readCall(ctx context.Context, asks []*ask, from, to kizashi.Time) error {
	err := s.readRounds(ctx, asks, from, to)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	if !invalid(err) {
		for _, a := range asks {
			if !a.done && a.err == nil {
				a.err = err
			}
		}
		return nil
	}
	var f *access.Failure
	if len(asks) == 1 && errors.As(err, &f) {
		named := *f
		named.Text = asks[0].s.name() + ": " + f.Text
		asks[0].err = refused(&named, kizashi.Cause{Kind: kizashi.Refused})
		return nil
	}
	half := len(asks) / 2
	return errors.Join(s.readCall(ctx, asks[:half], from, to), s.readCall(ctx, asks[half:], from, to))
}

// invalid says that the call was refused for what it asks.
func invalid(err error) bool {
	var f *access.Failure
	return errors.As(err, &f) && slices.Contains([]string{"ValidationError", "ValidationException", "InvalidParameterValue", "InvalidParameterValueException",
		"InvalidParameterCombination", "InvalidParameterCombinationException", "MissingParameter", "MissingRequiredParameterException"}, f.Code)
}

// readRounds asks, and asks again for the queries that failed alone.
func (s *Source) readRounds(ctx context.Context, asks []*ask, from, to kizashi.Time) error {
	todo := asks
	for n := 1; len(todo) > 0; n++ {
		if err := s.pages(ctx, todo, from, to); err != nil {
			return err
		}
		var again []*ask
		for _, a := range todo {
			switch err := s.judge(a, from, to); {
			case err == nil:
				a.done = true
			case n < rounds && !isFault(err):
				again = append(again, a)
			default:
				a.err = err
			}
		}
		todo = again
	}
	return nil
}

func isFault(err error) bool {
	var f *fault
	return errors.As(err, &f)
}

// judge says what is wrong with an answer, if anything is.
func (s *Source) judge(a *ask, from, to kizashi.Time) error {
	var why string
	cause := kizashi.Cause{Kind: kizashi.NoRegion}
	switch {
	case a.why != "":
		why = a.why
		if a.status == types.StatusCodeForbidden {
			cause = kizashi.Cause{Kind: kizashi.NoPermission, Name: getMetricData}
		}
	case a.status == "" && a.s.searches():
		return nil // it found nothing
	case a.status == "":
		why = "the answer leaves the query out"
	case a.status == types.StatusCodePartialData:
		why = "PartialData without a next page"
	default:
		if why = a.clean(from, to); why == "" {
			return nil
		}
	}
	f := s.failure(cause, a.s.name()+": "+why)
	switch {
	case a.why == severalSeries:
		return refused(f, kizashi.Cause{Kind: kizashi.Refused})
	case a.status == types.StatusCodeForbidden:
		return refused(f, cause)
	}
	return &lone{f}
}

// failure is one of GetMetricData that was an answer, but no right one.
func (s *Source) failure(cause kizashi.Cause, text string) *access.Failure {
	a := s.cfg.Session.Account()
	return &access.Failure{Tenant: a.Tenant, Account: a.ID, Region: s.cfg.Region, Action: getMetricData, Role: a.Role, Cause: cause, Text: text}
}

// pages asks for all of todo and follows every NextToken.
func (s *Source) pages(ctx context.Context, todo []*ask, from, to kizashi.Time) error {
	in, metrics := s.request(todo, from, to), 0
	for _, a := range todo {
		metrics += a.s.metrics()
	}
	for page, empty := 1, 0; ; page++ {
		var out *cloudwatch.GetMetricDataOutput
		err := s.region.Do(ctx, getMetricData, metrics, func(ctx context.Context) (err error) {
			out, err = s.region.CloudWatch().GetMetricData(ctx, in)
			return err
		})
		if err != nil {
			return err
		}
		// A message about the whole call means that part of it was not done.
		if len(out.Messages) > 0 {
			m := out.Messages[0]
			return s.failure(kizashi.Cause{Kind: kizashi.NoRegion}, aws.ToString(m.Code)+": "+aws.ToString(m.Value))
		}
		n, err := s.gather(out.MetricDataResults, todo, page)
		if err != nil {
			return err
		}
		if aws.ToString(out.NextToken) == "" {
			return nil
		}
		if empty++; n > 0 {
			empty = 0
		}
		if empty == emptyPages {
			return s.failure(kizashi.Cause{Kind: kizashi.NoRegion}, fmt.Sprintf("%d empty pages in a row", empty))
		}
		in.NextToken = out.NextToken
	}
}

// request makes the call's input. Its queries are those of the series, with
// their place in the call as id.
func (s *Source) request(todo []*ask, from, to kizashi.Time) *cloudwatch.GetMetricDataInput {
	in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(from.UTC()), EndTime: aws.Time(to.UTC()), ScanBy: types.ScanByTimestampAscending}
	s.queries = s.queries[:0]
	for i, a := range todo {
		a.points, a.status, a.label, a.why, a.page = a.points[:0], "", "", "", 0
		first := len(s.queries)
		s.queries = append(s.queries, a.s.queries...)
		if a.step != a.s.period {
			coarser(s.queries[first:], a.step)
		}
		s.queries[len(s.queries)-1].Id = &ids[i]
	}
	in.MetricDataQueries = s.queries
	return in
}

// coarser gives queries another period.
func coarser(qs []types.MetricDataQuery, step time.Duration) {
	sec := aws.Int32(int32(step / time.Second))
	for i := range qs {
		if m := qs[i].MetricStat; m != nil {
			qs[i].MetricStat = &types.MetricStat{Metric: m.Metric, Stat: m.Stat, Period: sec}
		} else {
			qs[i].Period = sec
		}
	}
}
