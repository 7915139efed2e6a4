package cloudwatch

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/kizashi-ops/kizashi"
)

const severalSeries = "the expression returns several series, and must return one: put it into SUM(...), AVG(...) or the like"

// gather adds a page's results and returns how many points there were.
func (s *Source) gather(results []types.MetricDataResult, todo []*ask, page int) (n int, err error) {
	for i := range results {
		r := &results[i]
		a := asked(aws.ToString(r.Id), todo)
		if a == nil {
			return n, s.failure(kizashi.Cause{Kind: kizashi.NoRegion}, fmt.Sprintf("a result for query %q, which was not asked", aws.ToString(r.Id)))
		}
		if len(r.Timestamps) != len(r.Values) {
			return n, s.failure(kizashi.Cause{Kind: kizashi.NoRegion},
				fmt.Sprintf("%s: %d timestamps and %d values", a.s.name(), len(r.Timestamps), len(r.Values)))
		}
		a.add(r, page)
		n += len(r.Timestamps)
	}
	return n, nil
}

// asked is the ask that a result belongs to, nil if there is none.
func asked(id string, todo []*ask) *ask {
	if !strings.HasPrefix(id, "m") {
		return nil
	}
	i, err := strconv.Atoi(id[1:])
	if err != nil || i < 0 || i >= len(todo) {
		return nil
	}
	return todo[i]
}

// add takes in one result of the query.
func (a *ask) add(r *types.MetricDataResult, page int) {
	label := aws.ToString(r.Label)
	if math := a.s.queries[len(a.s.queries)-1].Expression != nil; math && a.page > 0 && (a.page == page || a.label != label) {
		a.why = severalSeries
	}
	a.status, a.page, a.label = r.StatusCode, page, label
	if r.StatusCode != types.StatusCodeComplete && r.StatusCode != types.StatusCodePartialData && a.why == "" {
		a.why = string(r.StatusCode)
		for _, m := range r.Messages {
			a.why += ": " + aws.ToString(m.Value)
		}
	}
	a.points = slices.Grow(a.points, len(r.Timestamps))
	for k, at := range r.Timestamps {
		a.points = append(a.points, point{kizashi.TimeOf(at), r.Values[k]})
	}
}

// clean puts points in order and says what a right answer cannot hold.
func (a *ask) clean(from, to kizashi.Time) (why string) {
	by := func(a, b point) int { return int(min(max(a.at-b.at, -1), 1)) }
	if !slices.IsSortedFunc(a.points, by) {
		slices.SortStableFunc(a.points, by)
	}
	step := kizashi.Time(a.step / time.Millisecond)
	for i, p := range a.points {
		switch {
		case p.at < from || p.at >= to:
			why = fmt.Sprintf("outside of [%s, %s)", from, to)
		case p.at%step != 0:
			why = "not on the grid of its period"
		case math.IsNaN(p.value) || math.IsInf(p.value, 0):
			why = "not a number"
		case i > 0 && a.points[i-1].at == p.at:
			why = "there twice"
		default:
			continue
		}
		return fmt.Sprintf("point %s = %v is %s", p.at, p.value, why)
	}
	return ""
}

// searches says that the series is a search, or a Metrics Insights query: an
// expression without metrics of its own.
func (s *series) searches() bool { return len(s.queries) == 1 && s.queries[0].Expression != nil }

// name is what a person calls the series: metric, statistic and the values of
// its dimensions; of an expression, its text.
func (s *series) name() string {
	q := s.queries[len(s.queries)-1]
	if q.MetricStat == nil {
		return aws.ToString(q.Label) + " = " + aws.ToString(q.Expression)
	}
	parts := []string{aws.ToString(q.MetricStat.Metric.MetricName), aws.ToString(q.MetricStat.Stat)}
	for _, d := range q.MetricStat.Metric.Dimensions {
		parts = append(parts, aws.ToString(d.Value))
	}
	return strings.Join(parts, " ")
}
