package catalogue

import "github.com/kizashi-ops/kizashi"

// Hints are what the catalogue says of one statistic of a metric, for who
// judges it. Of what it does not know they are empty.
func (c *Catalogue) Hints(namespace, metric, statistic string) kizashi.Hints {
	m, ok := c.metrics[namespace][metric]
	if !ok {
		return kizashi.Hints{}
	}
	h := kizashi.Hints{Class: m.Class, Direction: m.Direction, Sparse: m.NoData == Zero || m.NoData == Idle}
	for _, g := range m.Guards {
		if g.Statistic != statistic {
			continue
		}
		side := kizashi.Down
		if g.Above {
			side = kizashi.Up
		}
		h.Guards = append(h.Guards, kizashi.Limit{Side: side, Value: g.Value, M: 1, N: 1, Note: m.Sources["guards"]})
	}
	for _, f := range m.Forecast {
		if f.Statistic != statistic {
			continue
		}
		a := kizashi.Ahead{Side: kizashi.Down, Value: f.Value, Within: kizashi.Duration(f.Within), Lead: kizashi.Duration(f.Lead)}
		if f.Above {
			a.Side = kizashi.Up
		}
		h.Forecast = &a
	}
	return h
}
