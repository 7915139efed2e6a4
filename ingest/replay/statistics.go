package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
)

// statistics is what `aws cloudwatch get-metric-statistics` prints: the
// datapoints of one metric, in no order, each with all statistics asked for.
// It holds neither dimensions nor period; the mapping gives them.
type statistics struct {
	Label      string
	Datapoints *[]datapoint
}

type datapoint struct {
	Timestamp, SampleCount, Average, Sum, Minimum, Maximum json.RawMessage
	ExtendedStatistics                                     map[string]json.RawMessage
	Unit                                                   string
}

// values lists the statistics of a datapoint by name.
func (d datapoint) values() map[string]json.RawMessage {
	vs := map[string]json.RawMessage{}
	for n, v := range d.ExtendedStatistics {
		vs[n] = v
	}
	for n, v := range map[string]json.RawMessage{"SampleCount": d.SampleCount, "Average": d.Average, "Sum": d.Sum, "Minimum": d.Minimum, "Maximum": d.Maximum} {
		if v != nil {
			vs[n] = v
		}
	}
	return vs
}

// readStatistics reads an answer, or several in a row: one call brings at most
// 1,440 datapoints. Each statistic becomes a result, as if get-metric-data had
// been asked for it, named by the statistic.
func readStatistics(b []byte) (rs []result, unit string, err error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	g := gathered{at: map[string]int{}}
	for page := 1; ; page++ {
		begin := dec.InputOffset()
		var s statistics
		switch err := dec.Decode(&s); {
		case errors.Is(err, io.EOF) && g.points > 0:
			sort.Slice(g.results, func(i, j int) bool { return g.results[i].Id < g.results[j].Id })
			return g.results, g.unit, nil
		case errors.Is(err, io.EOF):
			return nil, "", errors.New("no rows: the answer holds no datapoints")
		case err != nil:
			return nil, "", unreadable(b, begin, err)
		case s.Datapoints == nil:
			return nil, "", fmt.Errorf("answer %d has no Datapoints", page)
		case page > 1 && s.Label != g.label:
			return nil, "", fmt.Errorf("answer %d is of %q, but those above are of %q: one metric a file", page, s.Label, g.label)
		}
		g.label = s.Label
		for _, d := range *s.Datapoints {
			if err := g.add(d); err != nil {
				return nil, "", err
			}
		}
	}
}

// gathered are the datapoints so far, by statistic.
type gathered struct {
	label, unit string
	points      int
	results     []result
	at          map[string]int // index of a statistic's result
}

func (g *gathered) add(d datapoint) error {
	g.points++
	if g.points == 1 {
		g.unit = d.Unit
	}
	if d.Unit != g.unit {
		return fmt.Errorf("datapoint %d is in %q, but those above are in %q: ask for one with --unit", g.points, d.Unit, g.unit)
	}
	vs := d.values()
	if len(vs) == 0 {
		return fmt.Errorf("datapoint %d has no statistic", g.points)
	}
	for name, v := range vs {
		i, ok := g.at[name]
		if !ok {
			i = len(g.results)
			g.at[name], g.results = i, append(g.results, result{Id: name, Label: g.label + " " + name})
		}
		g.results[i].Timestamps, g.results[i].Values = append(g.results[i].Timestamps, d.Timestamp), append(g.results[i].Values, v)
	}
	return nil
}
