package replay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

var eof = []byte("# EOF")

// isOpenMetrics says whether a text begins as OpenMetrics does.
func isOpenMetrics(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	for _, p := range []string{"# TYPE ", "# HELP ", "# UNIT "} {
		if bytes.HasPrefix(line, []byte(p)) {
			return true
		}
	}
	if bytes.Equal(line, eof) {
		return true
	}
	m, ok := splitMetric(line)
	if ok {
		_, ok = parseSeries(m.series)
	}
	return ok
}

// metricsText reads OpenMetrics text with timestamps, such as
// `promtool tsdb dump-openmetrics` writes: series after series. See
// OpenMetrics 1.0, "Text Format".
type metricsText struct {
	in       *lines
	families families
	series   []labelled     // in the order of their first samples
	known    map[string]int // index of a series by its text
	canon    map[string]int // and by its canonical labels
	ended    bool           // # EOF was there
}

func newMetricsText(in *lines) *metricsText {
	return &metricsText{
		in: in, families: families{types: map[string]string{}},
		known: map[string]int{}, canon: map[string]int{},
	}
}

// textSample is a sample as it stood; with a fault that is a bad line's, it has
// no series.
type textSample struct {
	series int
	point
}

// next returns the next sample or bad line, and io.EOF at the end.
func (t *metricsText) next() (textSample, error) {
	for {
		line, err := t.in.next()
		if err != nil {
			return textSample{}, err
		}
		bad := textSample{series: -1, point: point{line: t.in.line}}
		switch {
		case bytes.Equal(line, eof):
			t.ended = true
			continue
		case blank(line):
			continue
		case t.ended:
			bad.fault = BelowEOF
			return bad, nil
		case t.in.ragged:
			// Half a number looks like a number.
			bad.fault = CutLine
			return bad, nil
		}
		if line[0] == '#' {
			t.comment(line)
			continue
		}
		return t.sample(line), nil
	}
}

// comment notes what a TYPE says; other comments say nothing of samples.
func (t *metricsText) comment(line []byte) {
	if w := bytes.Fields(line); len(w) == 4 && string(w[1]) == "TYPE" {
		t.families.types[strings.Trim(string(w[2]), `"`)] = string(w[3])
	}
}

// sample reads a line's series, value and time.
func (t *metricsText) sample(line []byte) textSample {
	s := textSample{series: -1, point: point{line: t.in.line, fault: BadLine}}
	m, ok := splitMetric(line)
	if !ok {
		return s
	}
	i, ok := t.find(m.series)
	if !ok {
		return s
	}
	if m.stamp == nil {
		s.fault = NoTime
		return s
	}
	at, ok := seconds(m.stamp)
	if !ok {
		s.fault = BadTime
		return s
	}
	s.series, s.at = i, at
	s.value, s.fault = parseValue(m.value)
	return s
}

// find returns the index of the series.
func (t *metricsText) find(text []byte) (int, bool) {
	if i, ok := t.known[string(text)]; ok {
		return i, true
	}
	ls, ok := parseSeries(text)
	if !ok {
		return 0, false
	}
	l := newLabelled(ls)
	i, ok := t.canon[l.key]
	if !ok {
		i = len(t.series)
		t.series, t.canon[l.key] = append(t.series, l), i
	}
	t.known[string(text)] = i
	return i, true
}

// listOpenMetrics finds the series of a text, which takes reading all of it.
func (f *file) listOpenMetrics(s *stream, tenant string, o *Options) ([]*file, error) {
	if f.once {
		if _, err := s.whole(maxWhole); err != nil {
			return nil, err
		}
	}
	t := newMetricsText(newLines(s.all(), chunk))
	timed, untimed := 0, 0
	for {
		x, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		switch {
		case x.fault == NoTime:
			untimed++
		case x.series >= 0:
			timed++
		}
	}
	switch {
	case timed == 0 && untimed > 0:
		return nil, fmt.Errorf("no sample has a timestamp: this is what one scrape brings, not an export")
	case timed == 0:
		return nil, errors.New("no rows: the text holds no samples")
	}
	f.rep.Cut = !t.ended
	t.families.kinds(t.series)
	return f.assign(t.series, tenant, o)
}

// newOpenMetrics reads the samples of a file's series into memory, as the text
// has them series after series, and lines them up by time.
func newOpenMetrics(f *file, in *lines) (*strandDecoder, error) {
	t, d := newMetricsText(in), &strandDecoder{}
	var all [][]point
	for {
		x, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if x.series < 0 {
			d.spoil(f, x.fault, x.line)
			continue
		}
		for x.series > len(all)-1 {
			all = append(all, nil)
		}
		if _, ok := f.targets[t.series[x.series].key]; ok {
			all[x.series] = append(all[x.series], x.point)
		}
	}
	for i, ps := range all {
		to, ok := f.targets[t.series[i].key]
		if !ok {
			continue
		}
		if err := d.add(to, f.strand(to, d.sorted(f, ps))); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// spoil adds a line that cannot be used; of several parts one tells it.
func (d *strandDecoder) spoil(f *file, why Fault, line int) {
	if f.lead {
		d.faulty = append(d.faulty, record{line: line, fault: why, sparse: true})
	}
}

// sorted orders the points of a series; a time that stands twice counts once.
func (d *strandDecoder) sorted(f *file, ps []point) *points {
	slices.SortStableFunc(ps, func(a, b point) int { return int(min(max(a.at-b.at, -1), 1)) })
	out := ps[:0]
	for i, p := range ps {
		if i > 0 && p.at == out[len(out)-1].at {
			d.faulty = append(d.faulty, record{line: p.line, fault: Repeated, sparse: true})
			continue
		}
		out = append(out, p)
	}
	return &points{out}
}

// strand makes a counter's values its increases.
func (f *file) strand(t target, s strand) strand {
	if t.kind != counter {
		return s
	}
	return &increases{of: s, period: f.period()}
}

// points is a strand in memory.
type points struct{ rest []point }

func (p *points) next() (point, error) {
	if len(p.rest) == 0 {
		return point{}, io.EOF
	}
	first := p.rest[0]
	p.rest = p.rest[1:]
	return first, nil
}
