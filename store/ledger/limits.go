package ledger

import (
	"bytes"
	"compress/flate"
	"database/sql"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/kizashi-ops/kizashi"
)

// Limits returns of the records of the hours that overlap [from, to), oldest
// first, series, hour, whether the limits count, and the slots: what a
// justification asks of hundreds of hours.
func (l *Ledger) Limits(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	const hour = 3_600_000
	if from > kizashi.Never+hour { // the hour before from may reach into it
		from -= hour
	}
	var out []kizashi.Record
	var buf bytes.Buffer
	err := l.rows("limits of series "+id.String(), `SELECT hour, body FROM records WHERE series = ? AND hour > ? AND hour < ? ORDER BY hour`,
		[]any{int64(id), int64(from), int64(to)}, func(rows *sql.Rows) error {
			var body sql.RawBytes
			var hour int64
			if err := rows.Scan(&hour, &body); err != nil {
				return err
			}
			r, err := unpackLimits(body, &buf)
			r.Series, r.Hour = id, kizashi.Time(hour)
			out = append(out, r)
			return err
		})
	return out, err
}

// unpackLimits reads a record's slots, and whether they count. The JSON is what
// packRecord wrote; what looks otherwise is read in full.
func unpackLimits(p []byte, buf *bytes.Buffer) (r kizashi.Record, err error) {
	if len(p) == 0 || p[0] != packing {
		return unpackRecord(p)
	}
	buf.Reset()
	if err := inflate(p[1:], buf); err != nil {
		return r, err
	}
	if scanLimits(buf.Bytes(), &r) {
		return r, nil
	}
	return unpackRecord(p)
}

// scanLimits finds slots and ready in a record's JSON.
func scanLimits(b []byte, r *kizashi.Record) bool {
	_, b, ok := bytes.Cut(b, []byte(`"slots":[`))
	if !ok {
		return false
	}
	for i := range r.Slots {
		s := &r.Slots[i]
		for _, f := range []struct {
			name string
			to   *float64
		}{{`"center":`, &s.Center}, {`"scale":`, &s.Scale}, {`"lower":`, (*float64)(&s.Lower)}, {`"upper":`, (*float64)(&s.Upper)}, {`"least":`, &s.Least}, {`"most":`, &s.Most}} {
			if len(b) < len(f.name)+2 || string(b[1:1+len(f.name)]) != f.name {
				return false
			}
			b = b[1+len(f.name):]
			n := bytes.IndexAny(b, ",}")
			if n < 0 || !number(b[:n], f.to) {
				return false
			}
			b = b[n:]
		}
		if len(b) < 2 {
			return false
		}
		b = b[2:] // "},", or "}]" of the last one
		if i+1 < len(r.Slots) && b[0] != '{' {
			return false
		}
	}
	_, b, ok = bytes.Cut(b, []byte(`"ready":`))
	if ok {
		r.Ready = bytes.HasPrefix(b, []byte("true"))
	}
	return ok
}

func number(b []byte, to *float64) bool {
	if string(b) == "null" {
		*to = float64(kizashi.None())
		return true
	}
	v, err := strconv.ParseFloat(string(b), 64)
	*to = v
	return err == nil
}

var inflaters sync.Pool

// inflate adds to buf what p unpacks to.
func inflate(p []byte, buf *bytes.Buffer) error {
	z, _ := inflaters.Get().(io.ReadCloser)
	if z == nil {
		z = flate.NewReaderDict(bytes.NewReader(p), []byte(dictionary))
	} else if err := z.(flate.Resetter).Reset(bytes.NewReader(p), []byte(dictionary)); err != nil {
		return fmt.Errorf("the record is damaged: %w", err)
	}
	defer inflaters.Put(z)
	_, err := buf.ReadFrom(io.LimitReader(z, mostRecord+1))
	if err == nil && buf.Len() > mostRecord {
		err = fmt.Errorf("it unpacks to more than %d bytes", mostRecord)
	}
	if err != nil {
		return fmt.Errorf("the record is damaged: %w", err)
	}
	return nil
}
