package cloudwatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
)

const (
	// listEvery is how often the list of series is read again.
	listEvery = time.Hour
	// listLag is how long a new metric may be missing from ListMetrics.
	listLag = 15 * time.Minute
)

// found is a series that ListMetrics named, and the partition it belongs to.
type found struct {
	part kizashi.Partition
	meta kizashi.Meta
	stat types.MetricStat
}

// discover lists all series of the configuration. It returns all or an error.
func (s *Source) discover(ctx context.Context) ([]found, error) {
	var out []found
	for _, n := range s.cfg.Namespaces {
		names := map[string][]types.Metric{}
		for _, m := range n.Metrics {
			listed, ok := names[m.Name]
			if !ok {
				var err error
				if listed, err = s.client.list(ctx, n.Name, m.Name); err != nil {
					return nil, err
				}
				names[m.Name] = listed
			}
			for i := range listed {
				if f, ok := s.found(n, m, listed[i]); ok {
					out = append(out, f)
				}
			}
		}
	}
	return out, nil
}

// list reads all pages of ListMetrics for one metric.
func (c *client) list(ctx context.Context, namespace, name string) ([]types.Metric, error) {
	in := &cloudwatch.ListMetricsInput{Namespace: &namespace, MetricName: &name}
	var out []types.Metric
	for empty := 0; ; {
		var page *cloudwatch.ListMetricsOutput
		err := c.call(ctx, "ListMetrics", func(ctx context.Context) (err error) {
			page, err = c.aws.ListMetrics(ctx, in)
			return err
		})
		if err != nil {
			return nil, err
		}
		out = append(out, page.Metrics...)
		if aws.ToString(page.NextToken) == "" {
			return out, nil
		}
		if empty++; len(page.Metrics) > 0 {
			empty = 0
		}
		if empty == emptyPages {
			return nil, fmt.Errorf("ListMetrics: %d empty pages in a row", empty)
		}
		in.NextToken = page.NextToken
	}
}

// found makes a series of a listed metric, if m wants its dimensions.
func (s *Source) found(n Namespace, m Metric, listed types.Metric) (found, bool) {
	dims := make(map[string]string, len(listed.Dimensions))
	for _, d := range listed.Dimensions {
		dims[aws.ToString(d.Name)] = aws.ToString(d.Value)
	}
	if !m.wants(dims) {
		return found{}, false
	}
	group := n.Group
	if v := dims[n.GroupBy]; n.GroupBy != "" && v != "" {
		group = v
	}
	listed.Namespace, listed.MetricName = aws.String(n.Name), aws.String(m.Name)
	return found{
		part: s.partition(n),
		meta: ingest.Metric(ingest.MetricSpec{
			Tenant: s.cfg.Tenant, Account: s.cfg.Account, Region: s.cfg.Region, Namespace: n.Name, Metric: m.Name,
			Dimensions: dims, Statistic: m.Statistic, Period: n.Period, Settle: *n.Settle, Unit: m.Unit,
			Lower: num(m.Lower), Upper: num(m.Upper), Zone: s.cfg.Zone, Group: group, Labels: s.cfg.Labels,
		}),
		// No Unit: a unit that does not match would select nothing.
		stat: types.MetricStat{Metric: &listed, Period: aws.Int32(int32(n.Period / time.Second)), Stat: aws.String(m.Statistic)},
	}, true
}

// wants says whether dims are exactly the dimensions that m names.
func (m Metric) wants(dims map[string]string) bool {
	if len(m.Dimensions) == 0 {
		return true
	}
	for _, d := range m.Dimensions {
		if _, ok := dims[d]; !ok {
			return false
		}
	}
	return len(dims) == len(m.Dimensions)
}

// adopt makes the listed series those that are read. One that is listed no
// more has been silent for two weeks: it is not asked for, but remembered, so
// that nothing is delivered twice when it comes back.
func (p *part) adopt(list []found) {
	p.series = p.series[:0]
	for _, f := range list {
		if f.part != p.main {
			continue
		}
		s := p.known[f.meta.Series]
		if s == nil {
			s = p.meet(f)
		}
		p.series = append(p.series, s)
	}
	slices.SortFunc(p.series, byID)
	p.series = slices.Compact(p.series)
}

// meet begins a series. One that appears while the partition runs has been
// there since before the last list at most: it is read from there, and what
// ended before Until comes late.
func (p *part) meet(f found) *series {
	s := &series{meta: f.meta, stat: f.stat, since: p.until, last: kizashi.Never}
	switch {
	case p.cur.Backfill != "" && !p.resumed:
		s.seeded = true
	case p.listed:
		s.seeded, s.met = true, true
		s.since = p.until.Add(-listEvery - listLag).Floor(p.main.Period)
	}
	p.known[f.meta.Series] = s
	p.fresh = append(p.fresh, s)
	return s
}
