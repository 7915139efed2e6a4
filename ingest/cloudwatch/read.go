package cloudwatch

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/kizashi-ops/kizashi"
)

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

// answer is what was gathered for one query.
type answer struct {
	points []point
	status types.StatusCode // of the last page that named the query; "" = none did
	broken string           // why the points cannot be trusted
}

// read fetches [from, to), both multiples of period, of all of list. It
// returns all points of all series, or an error: a read that is not whole is
// no read.
func (c *client) read(ctx context.Context, list []*series, period time.Duration, from, to kizashi.Time) ([][]point, error) {
	out := make([][]point, len(list))
	if from >= to {
		return out, nil
	}
	perSeries := int(to.Sub(from) / period)
	chunk := max(1, min(maxQueries, maxPoints/max(perSeries, 1)))
	for lo := 0; lo < len(list); lo += chunk {
		hi := min(lo+chunk, len(list))
		if err := c.readChunk(ctx, list[lo:hi], out[lo:hi], from, to); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readChunk reads what fits one call, and asks again for the queries that
// failed alone.
func (c *client) readChunk(ctx context.Context, list []*series, out [][]point, from, to kizashi.Time) error {
	todo := make([]int, len(list))
	for i := range todo {
		todo[i] = i
	}
	for n := 1; len(todo) > 0; n++ {
		got, err := c.pages(ctx, list, todo, from, to)
		if err != nil {
			return err
		}
		var again []int
		for _, i := range todo {
			a := got[i]
			if a.broken == "" && a.status == types.StatusCodeComplete {
				if out[i], err = clean(list[i], a.points, from, to); err != nil {
					return err
				}
				continue
			}
			if why := a.why(); n == rounds || a.status == types.StatusCodeForbidden {
				return fmt.Errorf("GetMetricData: %s: %s", list[i].meta.Name(), why)
			}
			again = append(again, i)
		}
		todo = again
	}
	return nil
}

// why says what is wrong with an answer that is not whole.
func (a answer) why() string {
	switch {
	case a.broken != "":
		return a.broken
	case a.status == "":
		return "the answer leaves the query out"
	case a.status == types.StatusCodePartialData:
		return "PartialData without a next page"
	}
	return string(a.status)
}

// pages asks for the queries todo and follows every NextToken.
func (c *client) pages(ctx context.Context, list []*series, todo []int, from, to kizashi.Time) (map[int]*answer, error) {
	in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(from.UTC()), EndTime: aws.Time(to.UTC()), ScanBy: types.ScanByTimestampAscending}
	got := make(map[int]*answer, len(todo))
	for _, i := range todo {
		got[i] = &answer{}
		in.MetricDataQueries = append(in.MetricDataQueries, types.MetricDataQuery{Id: aws.String("m" + strconv.Itoa(i)), MetricStat: &list[i].stat})
	}
	for empty := 0; ; {
		var page *cloudwatch.GetMetricDataOutput
		err := c.call(ctx, "GetMetricData", func(ctx context.Context) (err error) {
			page, err = c.aws.GetMetricData(ctx, in)
			return err
		})
		if err != nil {
			return nil, err
		}
		// A message about the whole call means that part of it was not done.
		if len(page.Messages) > 0 {
			m := page.Messages[0]
			return nil, fmt.Errorf("GetMetricData: %s: %s", aws.ToString(m.Code), aws.ToString(m.Value))
		}
		n, err := c.gather(page.MetricDataResults, got)
		if err != nil {
			return nil, err
		}
		if aws.ToString(page.NextToken) == "" {
			return got, nil
		}
		if empty++; n > 0 {
			empty = 0
		}
		if empty == emptyPages {
			return nil, fmt.Errorf("GetMetricData: %d empty pages in a row", empty)
		}
		in.NextToken = page.NextToken
	}
}

// gather adds a page's results and returns how many points there were.
func (c *client) gather(results []types.MetricDataResult, got map[int]*answer) (n int, err error) {
	for _, r := range results {
		i, err := strconv.Atoi(aws.ToString(r.Id)[min(1, len(aws.ToString(r.Id))):])
		a := got[i]
		if err != nil || a == nil {
			return n, fmt.Errorf("GetMetricData: a result for query %q, which was not asked", aws.ToString(r.Id))
		}
		if len(r.Timestamps) != len(r.Values) {
			return n, fmt.Errorf("GetMetricData: query %s: %d timestamps and %d values", aws.ToString(r.Id), len(r.Timestamps), len(r.Values))
		}
		a.status = r.StatusCode
		if r.StatusCode != types.StatusCodeComplete && r.StatusCode != types.StatusCodePartialData && a.broken == "" {
			a.broken = string(r.StatusCode)
			for _, m := range r.Messages {
				a.broken += ": " + aws.ToString(m.Value)
			}
		}
		for k, at := range r.Timestamps {
			a.points = append(a.points, point{kizashi.TimeOf(at), r.Values[k]})
		}
		n += len(r.Timestamps)
	}
	return n, nil
}

// clean puts points in order and refuses what a right answer cannot hold.
func clean(s *series, ps []point, from, to kizashi.Time) ([]point, error) {
	slices.SortStableFunc(ps, func(a, b point) int { return int(min(max(a.at-b.at, -1), 1)) })
	for i, p := range ps {
		var why string
		switch {
		case p.at < from || p.at >= to:
			why = fmt.Sprintf("outside of [%s, %s)", from, to)
		case p.at.Floor(time.Duration(s.meta.Period)) != p.at:
			why = "not on the grid of its period"
		case math.IsNaN(p.value) || math.IsInf(p.value, 0):
			why = "not a number"
		case i > 0 && ps[i-1].at == p.at:
			why = "there twice"
		default:
			continue
		}
		return nil, fmt.Errorf("GetMetricData: %s: point %s = %v is %s", s.meta.Name(), p.at, p.value, why)
	}
	return ps, nil
}
