package replay

import (
	"errors"
	"fmt"
	"io"

	"github.com/kizashi-ops/kizashi"
)

// cursor stands on one row of a file.
type cursor struct {
	f     *file
	opt   *Options
	dec   decoder
	raw   io.Closer
	clock *clock
	kind  stampKind // of the stamps so far
	rec   record
	at    kizashi.Time // of the row it stands on
	late  bool         // which repeats or goes back, and is delivered
	fault Fault        // then why
	top   kizashi.Time // the latest time so far
	row   Row          // for OnRow, reused
}

func openCursor(f *file, o *Options, size int) (*cursor, error) {
	c := &cursor{f: f, opt: o, top: kizashi.Never}
	var err error
	if c.clock, err = newClock(f.zone); err != nil {
		return nil, err
	}
	for _, col := range f.columns {
		c.row.Series = append(c.row.Series, col.meta.Series)
	}
	c.row.File = f.rel
	c.row.Faults = make([]Fault, len(f.columns))
	if err := c.open(size); err != nil {
		return nil, c.wrap(errors.Join(err, c.close()))
	}
	return c, nil
}

// open opens the input and finds its decoder.
func (c *cursor) open(size int) (err error) {
	f := c.f
	if f.tsdb {
		c.raw, c.dec, err = openTSDB(f, c.opt)
		return err
	}
	s := f.held
	if s == nil {
		raw, err := openRaw(f.found, nil)
		if err != nil {
			return err
		}
		c.raw = raw
		if s, err = openStream(raw, f.rep.Encoding); err != nil {
			return err
		}
	}
	return c.decode(s, size)
}

func (c *cursor) decode(s *stream, size int) (err error) {
	switch c.f.rep.Format {
	case OpenMetrics:
		c.dec, err = newOpenMetrics(c.f, newLines(s.all(), size))
	case MetricData, Statistics:
		var b []byte
		if b, err = s.whole(maxWhole); err != nil {
			return err
		}
		var rs []result
		if rs, _, _, err = c.f.rep.Format.results(b); err != nil {
			return err
		}
		c.dec, err = newAnswer(rs, c.f.ids, c.clock)
	case JSONLines:
		c.dec = &jsonDecoder{in: newLines(s.all(), size), stamp: c.f.lay.stampName, names: c.f.lay.names}
	default:
		c.dec, err = newCSV(newLines(s.all(), size), c.f.lay)
	}
	return err
}

func (c *cursor) wrap(err error) error { return fmt.Errorf("%s: %w", c.f.path, err) }

func (c *cursor) close() error {
	if c.raw == nil {
		return nil
	}
	err := c.raw.Close()
	c.raw = nil
	return err
}

// advance goes to the next row that has a usable time; the rows between are
// counted and told. It returns io.EOF after the last one.
func (c *cursor) advance() error {
	for {
		if err := c.dec.next(&c.rec); errors.Is(err, io.EOF) {
			c.f.rep.Ended = true
			return io.EOF
		} else if err != nil {
			return c.wrap(err)
		}
		c.f.rep.Rows++
		c.spread()
		fault, err := c.stamp()
		if err != nil {
			return err
		}
		if fault == "" {
			return nil
		}
		c.f.rep.count(fault, c.rec.line, false)
		if c.opt.OnRow != nil {
			clear(c.row.Faults)
			c.tell(fault, true)
		}
	}
}

// stamp reads the row's time. A fault is the row's end.
func (c *cursor) stamp() (Fault, error) {
	at, kind, fault := c.clock.parse(c.rec.stamp)
	c.at, c.late, c.fault = at, false, ""
	if fault != "" {
		c.at = kizashi.Never
	}
	if kind != unread && kind != c.kind {
		if err := c.newKind(kind); err != nil {
			return "", err
		}
	}
	switch {
	case c.rec.fault != "":
		return c.rec.fault, nil
	case fault != "":
		return fault, nil
	case at < c.opt.From || at >= c.opt.To:
		return Outside, nil
	case at > c.top:
		c.top = at
		return "", nil
	}
	c.fault = Backwards
	if at == c.top {
		c.fault = Repeated
	}
	if !c.f.own() {
		return c.fault, nil
	}
	c.late = true
	return "", nil
}

// newKind notes whether stamps name their zone. Both in one file cannot be
// right: one of them would be hours off.
func (c *cursor) newKind(kind stampKind) error {
	if c.kind != unread {
		with := "names its zone, but those above do not"
		if kind == naive {
			with = "has no zone, but those above do"
		}
		return c.wrap(fmt.Errorf("line %d: mixed zones: the time %q %s", c.rec.line, cut(string(c.rec.stamp)), with))
	}
	c.kind = kind
	if kind == naive {
		c.f.rep.Zone, c.f.rep.Assumed = c.f.zone, !c.f.stated
		if !c.f.stated {
			c.f.rep.Zone = "UTC"
		}
	}
	return nil
}

// take appends the samples of the row and tells it.
func (c *cursor) take(out []kizashi.Sample) []kizashi.Sample {
	n, rep := len(out), c.f.rep
	for _, line := range c.rec.skipped {
		rep.count(Histogram, line, false)
	}
	for i := range c.rec.cells {
		col, line, v, fault := c.cell(i)
		if fault == "" && col.last != nil {
			if c.at <= *col.last {
				fault = Repeated
			} else {
				*col.last = c.at
			}
		}
		c.row.Faults[i] = fault
		if fault != "" {
			rep.count(fault, line, false)
			continue
		}
		out = append(out, kizashi.Sample{Series: col.meta.Series, At: c.at, Period: c.f.part.Period, Value: v, Late: c.late})
	}
	if k := len(out) - n; k > 0 {
		rep.Samples += k
		if rep.First == kizashi.Never || c.at < rep.First {
			rep.First = c.at
		}
		rep.Last = max(rep.Last, c.at)
	}
	if c.late {
		rep.count(c.fault, c.rec.line, true)
	}
	if c.opt.OnRow != nil {
		c.tell(c.fault, len(out) == n)
	}
	return out
}

// cell is one value of the row: its column, line, number, and fault.
func (c *cursor) cell(i int) (col *output, line int, v float64, fault Fault) {
	col, line = &c.f.columns[i], c.rec.line
	if c.rec.sparse {
		col, line, fault = &c.f.columns[c.rec.cols[i]], c.rec.lines[i], c.rec.faults[i]
	}
	if fault == "" {
		v, fault = parseValue(c.rec.cells[i])
	}
	return col, line, v, fault
}

// spread makes room for the values of a sparse row.
func (c *cursor) spread() {
	if !c.rec.sparse {
		return
	}
	c.row.Series, c.row.Faults = c.row.Series[:0], c.row.Faults[:0]
	for _, i := range c.rec.cols {
		c.row.Series, c.row.Faults = append(c.row.Series, c.f.columns[i].meta.Series), append(c.row.Faults, "")
	}
}

func (c *cursor) tell(fault Fault, skipped bool) {
	r := &c.row
	r.Line, r.At, r.Stamp, r.Texts, r.Fault, r.Skipped = c.rec.line, c.at, c.rec.stamp, c.rec.cells, fault, skipped
	c.opt.OnRow(r)
}
