package replay

import "bytes"

// layout says where in a row of a table the wanted columns stand.
type layout struct {
	stamp     int      // index of the timestamp's column
	stampName string   // its name
	cols      []int    // index of each value column
	names     []string // and its name, never empty
	aliases   [][]string
	ignored   []string // names of the columns that are not read
	width     int      // number of columns
	skip      int      // lines before the first row
}

// csvDecoder reads comma-separated rows. A line is a row: a quote that is
// still open at the end of its line is a fault of that row alone, so that a
// stray one cannot swallow the rows below it.
type csvDecoder struct {
	in    *lines
	lay   layout
	slot  []int // column -> cell, -1 = ignored, -2 = timestamp
	plain bool  // timestamp,value and nothing else
	cell  []byte
}

func newCSV(in *lines, lay layout) (*csvDecoder, error) {
	for in.line < lay.skip {
		if _, err := in.next(); err != nil {
			return nil, err
		}
	}
	d := &csvDecoder{in: in, lay: lay, slot: make([]int, lay.width)}
	for i := range d.slot {
		d.slot[i] = -1
	}
	for i, c := range lay.cols {
		d.slot[c] = i
	}
	d.slot[lay.stamp] = -2
	d.plain = lay.width == 2 && lay.stamp == 0 && len(lay.cols) == 1
	return d, nil
}

func (d *csvDecoder) next(r *record) error {
	for {
		b, err := d.in.next()
		if err != nil {
			return err
		}
		if len(b) == 0 || (b[0] <= ' ' && blank(b)) {
			continue
		}
		r.line, r.fault, r.stamp = d.in.line, "", nil
		if len(r.cells) != len(d.lay.cols) {
			r.cells = make([][]byte, len(d.lay.cols))
		}
		if d.plain && d.two(b, r) {
			return nil
		}
		clear(r.cells)
		d.split(b, r)
		return nil
	}
}

// two reads timestamp,value where nothing is quoted; else it declines.
func (d *csvDecoder) two(b []byte, r *record) bool {
	i := bytes.IndexByte(b, ',')
	if i <= 0 {
		return false
	}
	stamp, value := b[:i], b[i+1:]
	if stamp[0] <= '"' || bytes.IndexByte(value, ',') >= 0 || bytes.IndexByte(value, '"') >= 0 {
		return false
	}
	if stamp[i-1] <= ' ' {
		stamp = trim(stamp)
	}
	if n := len(value); n > 0 && (value[0] <= ' ' || value[n-1] <= ' ') {
		value = trim(value)
	}
	r.stamp, r.cells[0] = stamp, value
	return true
}

// split reads a row of any width.
func (d *csvDecoder) split(b []byte, r *record) {
	n := 0
	for more := true; more; n++ {
		var field []byte
		var ok bool
		field, b, more, ok = nextField(b)
		if !ok {
			r.fault = BadQuote
			return
		}
		switch {
		case n >= d.lay.width:
			if len(field) > 0 {
				r.fault = ManyColumns
			}
		case d.slot[n] == -2:
			r.stamp = field
		case d.slot[n] >= 0:
			r.cells[d.slot[n]] = field
		}
	}
	if n < d.lay.width && (r.stamp == nil || missing(r.cells)) {
		r.fault = FewColumns
	}
}

func missing(cells [][]byte) bool {
	for _, c := range cells {
		if c == nil {
			return true
		}
	}
	return false
}

// nextField cuts one field off a line. Doubled quotes inside quotes become
// one (RFC 4180). ok is false where a quote does not end.
func nextField(b []byte) (field, rest []byte, more, ok bool) {
	lead := trim(b)
	if len(lead) > 0 && lead[0] == '"' {
		return quotedField(lead[1:])
	}
	i := bytes.IndexByte(b, ',')
	if i < 0 {
		return nonNil(trim(b)), nil, false, true
	}
	return nonNil(trim(b[:i])), b[i+1:], true, true
}

func quotedField(b []byte) (field, rest []byte, more, ok bool) {
	end, doubled := 0, false
	for {
		i := bytes.IndexByte(b[end:], '"')
		if i < 0 {
			return nil, nil, false, false
		}
		end += i
		if end+1 < len(b) && b[end+1] == '"' {
			doubled, end = true, end+2
			continue
		}
		break
	}
	field, rest = b[:end], trim(b[end+1:])
	if doubled {
		field = bytes.ReplaceAll(field, []byte(`""`), []byte(`"`))
	}
	switch {
	case len(rest) == 0:
		return nonNil(trim(field)), nil, false, true
	case rest[0] == ',':
		return nonNil(trim(field)), rest[1:], true, true
	}
	return nil, nil, false, false
}

// nonNil keeps an empty field apart from one that is not there.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
