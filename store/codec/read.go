package codec

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// reader reads the layout's primitives and, from them, the nouns. The first
// error stays; after it everything read is zero, so that callers check once.
type reader struct {
	b     []byte
	at    int
	err   error
	first bool // they are of version 1
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("at byte %d: %s", r.at, fmt.Sprintf(format, args...))
	}
}

// take returns the next n bytes, or nil where there are fewer.
func (r *reader) take(n int) []byte {
	if r.err != nil {
		return nil
	}
	if n < 0 || n > len(r.b)-r.at {
		r.fail("want %d bytes, there are %d", n, len(r.b)-r.at)
		return nil
	}
	p := r.b[r.at : r.at+n]
	r.at += n
	return p
}

func (r *reader) version() {
	switch v := r.byte(); {
	case r.err != nil:
	case v > Version:
		r.err = fmt.Errorf("version %d: %w", v, ErrNewer)
	case v == 0:
		r.fail("version %d is none", v)
	default:
		r.first = v == 1
	}
}

func (r *reader) byte() byte {
	p := r.take(1)
	if p == nil {
		return 0
	}
	return p[0]
}

func (r *reader) uint() uint64 {
	if r.err != nil {
		return 0
	}
	v, n := binary.Uvarint(r.b[r.at:])
	if n <= 0 {
		r.fail("a number is cut or too long")
		return 0
	}
	r.at += n
	return v
}

func (r *reader) int() int64 {
	if r.err != nil {
		return 0
	}
	v, n := binary.Varint(r.b[r.at:])
	if n <= 0 {
		r.fail("a number is cut or too long")
		return 0
	}
	r.at += n
	return v
}

// count reads how many items follow, each of at least size bytes, so that no
// count makes more memory than the bytes could fill.
func (r *reader) count(size int) int {
	v := r.uint()
	if r.err == nil && v > uint64((len(r.b)-r.at)/size) {
		r.fail("%d items in %d bytes", v, len(r.b)-r.at)
		return 0
	}
	return int(v)
}

func (r *reader) time() kizashi.Time  { return kizashi.Time(r.int()) }
func (r *reader) span() time.Duration { return time.Duration(r.int()) }
func (r *reader) text() string        { return string(r.take(r.count(1))) }

func (r *reader) fixed() uint64 {
	if p := r.take(8); p != nil {
		return binary.BigEndian.Uint64(p)
	}
	return 0
}

func (r *reader) float() float64 {
	if p := r.take(8); p != nil {
		return math.Float64frombits(binary.LittleEndian.Uint64(p))
	}
	return 0
}

// list reads a counted list of items of at least size bytes; none is nil.
func list[T any](r *reader, size int, item func() T) []T {
	n := r.count(size)
	if n == 0 {
		return nil
	}
	out := make([]T, 0, n)
	for range n {
		v := item()
		if r.err != nil {
			return nil
		}
		out = append(out, v)
	}
	return out
}

// The least bytes that each kind of item takes, in any version.
const (
	partitionLeast   = 8
	rosterLeast      = 2 + 2*partitionLeast
	metaLeast        = 8 + 6 + 2 + 16 + 1
	limitLeast       = 1 + 8 + 1 + 3
	revisionLeast    = 8 + 2 + 16 + 1
	labelLeast       = 2
	matcherLeast     = 3
	commandLeast     = 17
	sampleLeast      = 2
	lineLeast        = 5
	seriesBytes      = 8
	declarationLeast = 1 + metaLeast
)

func (r *reader) partition() kizashi.Partition {
	p := kizashi.Partition{Tenant: r.text(), Account: r.text(), Region: r.text(), Kind: kizashi.Kind(r.text()), Period: r.span(), Settle: r.span()}
	if !r.first {
		p.Poll = r.span()
	}
	p.Source, p.Backfill = r.text(), r.text()
	return p
}

func (r *reader) rosters() []kizashi.RosterEntry {
	return list(r, rosterLeast, func() kizashi.RosterEntry {
		return kizashi.RosterEntry{Op: kizashi.RosterOp(r.text()), Partition: r.partition(), At: r.time(), To: r.partition()}
	})
}

func (r *reader) declarations() []kizashi.Declaration {
	return list(r, declarationLeast, func() kizashi.Declaration {
		d := kizashi.Declaration{From: r.time(), Meta: r.meta()}
		if !r.first {
			d.Like, d.Ended = kizashi.SeriesID(r.fixed()), kizashi.Ending(r.text())
		}
		return d
	})
}

func (r *reader) meta() kizashi.Meta {
	m := kizashi.Meta{
		Series: kizashi.SeriesID(r.fixed()), Tenant: r.text(), Identity: r.labels(), Labels: r.labels(),
		Group: r.text(), Unit: r.text(), Statistic: r.text(),
		Period: kizashi.Duration(r.span()), Settle: kizashi.Duration(r.span()),
		Lower: kizashi.Num(r.float()), Upper: kizashi.Num(r.float()), Zone: r.text(),
	}
	if !r.first {
		m.Hints = kizashi.Hints{Class: r.text(), Direction: kizashi.Side(r.int()), Sparse: r.flag(), Guards: r.limits(), Forecast: r.ahead()}
	}
	return m
}

// flag reads a byte that is 0 or 1.
func (r *reader) flag() bool {
	v := r.byte()
	if v > 1 {
		r.fail("flag %d", v)
	}
	return v == 1
}

func (r *reader) limits() []kizashi.Limit {
	return list(r, limitLeast, func() kizashi.Limit {
		return kizashi.Limit{Side: kizashi.Side(r.int()), Value: r.float(), Equal: r.flag(), M: int(r.int()), N: int(r.int()), Note: r.text()}
	})
}

func (r *reader) ahead() *kizashi.Ahead {
	if !r.flag() {
		return nil
	}
	return &kizashi.Ahead{Side: kizashi.Side(r.int()), Value: r.float(), Within: kizashi.Duration(r.span()), Lead: kizashi.Duration(r.span()), Note: r.text()}
}

func (r *reader) revisions() []kizashi.Revision {
	return list(r, revisionLeast, func() kizashi.Revision {
		return kizashi.Revision{Series: kizashi.SeriesID(r.fixed()), At: r.time(), Period: r.span(), Old: kizashi.Num(r.float()), New: r.float(), Seen: r.time()}
	})
}

func (r *reader) labels() kizashi.Labels {
	return list(r, labelLeast, func() kizashi.Label { return kizashi.Label{Name: r.text(), Value: r.text()} })
}

func (r *reader) status() *kizashi.Status {
	switch flag := r.byte(); {
	case r.err != nil || flag == 0:
		return nil
	case flag != 1:
		r.fail("status flag %d", flag)
		return nil
	}
	s := &kizashi.Status{From: r.time(), Through: r.time()}
	if r.first {
		s.Reason = r.text()
		return s
	}
	s.Cause = kizashi.Cause{Kind: kizashi.CauseKind(r.text()), Name: r.text()}
	s.Reason, s.Resources = r.text(), r.text()
	return s
}

func (r *reader) commands() []kizashi.Command {
	return list(r, commandLeast, func() kizashi.Command {
		c := kizashi.Command{Op: kizashi.Op(r.text()), Tenant: r.text(), At: r.time(), Match: r.matchers()}
		c.From, c.To, c.Value = r.time(), r.time(), r.float()
		c.Alert, c.Reason, c.Author = r.text(), r.text(), r.text()
		if !r.first {
			c.Act = r.text()
			c.Low, c.High, c.As, c.Series = r.float(), r.float(), kizashi.Said(r.text()), kizashi.SeriesID(r.fixed())
		}
		if body := r.text(); body != "" {
			c.Body = []byte(body)
		}
		return c
	})
}

func (r *reader) matchers() kizashi.Matchers {
	return list(r, matcherLeast, func() kizashi.Matcher {
		name, op, value := r.text(), r.text(), r.text()
		if r.err != nil {
			return kizashi.Matcher{}
		}
		m, err := kizashi.NewMatcher(name, op, value)
		if err != nil {
			r.fail("%v", err)
		}
		return m
	})
}

func (r *reader) table() []kizashi.SeriesID {
	return list(r, seriesBytes, func() kizashi.SeriesID { return kizashi.SeriesID(r.fixed()) })
}

// place reads where in the table the next series stands, after one at prev.
func (r *reader) place(how byte, prev, size int) int {
	place := prev
	switch how {
	case seriesSame:
	case seriesNext:
		place++
	case seriesAt:
		place = -1
		if v := r.uint(); v < uint64(size) {
			place = int(v)
		}
	default:
		r.fail("series flag %d", how)
	}
	if place < 0 || place >= size {
		r.fail("series %d of %d", place, size)
		return 0
	}
	return place
}

func (r *reader) samples(table []kizashi.SeriesID) []kizashi.Sample {
	place, at, step, period := -1, int64(0), int64(0), time.Duration(0)
	return list(r, sampleLeast, func() kizashi.Sample {
		flags := r.byte()
		if flags >= flagsMax {
			r.fail("sample flags %#x", flags)
		}
		place = r.place(flags&seriesMask, place, len(table))
		if flags&sameStep == 0 {
			step = r.int()
		}
		if flags&newPeriod != 0 {
			period = r.span()
		}
		v := r.value(flags&whole != 0)
		if r.err != nil {
			return kizashi.Sample{}
		}
		at += step
		return kizashi.Sample{Series: table[place], At: kizashi.Time(at), Period: period, Value: v, Late: flags&late != 0}
	})
}

func (r *reader) value(isWhole bool) float64 {
	if isWhole {
		return float64(r.int())
	}
	v := r.float()
	if math.IsNaN(v) || math.IsInf(v, 0) {
		r.fail("a sample's value is %v", v)
	}
	return v
}

func (r *reader) lines(table []kizashi.SeriesID) []kizashi.Line {
	place, at, stream := -1, int64(0), ""
	return list(r, lineLeast, func() kizashi.Line {
		flags := r.byte()
		if flags >= lineFlagsMax {
			r.fail("line flags %#x", flags)
		}
		place = r.place(flags&seriesMask, place, len(table))
		at += r.int()
		l := kizashi.Line{At: kizashi.Time(at), Ingested: kizashi.Time(at + r.int()), ID: r.text(), Late: flags&late != 0}
		if flags&newStream != 0 {
			was := stream
			if stream = r.text(); stream == was {
				r.fail("a line's stream is told again: %q", stream)
			}
		}
		l.Stream, l.Text = stream, r.text()
		if flags&rows != 0 {
			if l.Rows = int(r.int()); l.Rows == 0 {
				r.fail("a line's rows are told, and are none")
			}
		}
		if r.err == nil {
			l.Series = table[place]
		}
		return l
	})
}
