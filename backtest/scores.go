package backtest

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest/replay"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// scores mirrors each value column of each input file, a row per row: what
// was said of it as it was read. Rows wait until they were judged and the
// tick of their sample has run, which is when `alert` is known.
type scores struct {
	sync.Mutex
	dir    string
	series map[kizashi.SeriesID]*column
	taken  map[string]bool // names of outputs
	order  []*column
}

// column is one output file.
type column struct {
	path   string
	file   *os.File
	w      *bufio.Writer
	rows   []scored // read and not written, in the order of the file
	judged int      // of rows: judgements came for those before it
	buf    []byte
}

// scored is a row on its way.
type scored struct {
	stamp, value string
	at, end      kizashi.Time
	sample       bool // a judgement will come
	late         bool
	onset        float64
	expected     kizashi.Num
	lower, upper kizashi.Num
	alert        bool
}

func newScores(dir string) *scores {
	return &scores{dir: dir, series: map[kizashi.SeriesID]*column{}, taken: map[string]bool{}}
}

// files lays out the outputs: the input's path below dir, with the column's
// name where a file has several. It refuses to write over an input.
func (s *scores) files(in []replay.FileSeries, paths []string) error {
	for _, several := range [...]bool{false, true} { // whole files first: those keep their names
		for _, f := range in {
			if len(f.Metas) > 1 != several {
				continue
			}
			for _, m := range f.Metas {
				name := strings.TrimSuffix(f.Path, ".gz")
				if name == "stdin" {
					name = "stdin.csv"
				}
				if several {
					name = before(name, safe(columnOf(m)))
				}
				c := &column{path: s.free(name)}
				if err := spare(c.path, f.Path, paths); err != nil {
					return err
				}
				s.series[m.Series] = c
				s.order = append(s.order, c)
			}
		}
	}
	return nil
}

// before puts a part before a name's ending.
func before(name, part string) string {
	ext := filepath.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + part + ext
}

// free is where a name goes that nothing else was given.
func (s *scores) free(name string) string {
	try := name
	for n := 2; s.taken[try]; n++ {
		try = before(name, strconv.Itoa(n))
	}
	s.taken[try] = true
	return filepath.Join(s.dir, filepath.FromSlash(try))
}

// spare fails if an output is one of the inputs.
func spare(out, in string, paths []string) error {
	there, err := os.Stat(out)
	if err != nil {
		return nil // nothing is there that could be lost; what else is wrong shows when it is made
	}
	for _, p := range paths {
		for _, in := range [...]string{p, filepath.Join(p, filepath.FromSlash(in))} {
			if st, err := os.Stat(in); err == nil && os.SameFile(st, there) {
				return fmt.Errorf("scores-out: %s is an input; give another directory", out)
			}
		}
	}
	return nil
}

// columnOf is what tells a file's series apart.
func columnOf(m kizashi.Meta) string {
	name := m.Name()
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}

// safe makes a name that any file system takes.
func safe(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>| `, r) || r < ' ' {
			return '_'
		}
		return r
	}, s)
}

// row takes in a row as it stood. Next holds the lock.
func (s *scores) row(r *replay.Row) {
	if r.Fault == replay.Outside {
		return // not of the range that was asked for
	}
	for i, id := range r.Series {
		c := s.series[id]
		x := scored{stamp: string(r.Stamp), at: r.At, end: r.At, expected: kizashi.None(), lower: kizashi.None(), upper: kizashi.None()}
		if i < len(r.Texts) {
			x.value = string(r.Texts[i])
		}
		x.sample = !r.Skipped && i < len(r.Texts) && (i >= len(r.Faults) || r.Faults[i] == "")
		c.rows = append(c.rows, x)
	}
}

// judged puts judgements to their rows: a series' judgements come in the
// order of its samples, and those in the order of its rows.
func (s *scores) judged(r *pipeline.Result) error {
	s.Lock()
	defer s.Unlock()
	var c *column
	var id kizashi.SeriesID
	var full []*column // of this partition: Ran speaks of its groups, not of others'
	for i := range r.Judgements {
		j := &r.Judgements[i]
		if c == nil || id != j.Series {
			c, id = s.series[j.Series], j.Series
			if len(c.rows) > 4096 {
				full = append(full, c)
			}
		}
		if err := c.judge(j); err != nil {
			return err
		}
	}
	for _, f := range r.Firing {
		s.series[f.Series].fire(f.At)
	}
	for _, c := range full {
		if err := c.flush(r.Ran); err != nil {
			return err
		}
	}
	return nil
}

func (c *column) judge(j *detect.Judgement) error {
	for c.judged < len(c.rows) && !c.rows[c.judged].sample {
		c.judged++
	}
	if c.judged == len(c.rows) {
		return fmt.Errorf("%s: a judgement at %s has no row", c.path, j.At)
	}
	x := &c.rows[c.judged]
	c.judged++
	x.end = j.End
	if x.late = j.State == kizashi.LateSample; !x.late {
		x.onset, x.expected, x.lower, x.upper = j.Onset, j.Expected, j.Lower, j.Upper
	}
	return nil
}

// fire marks the row of a sample after which an alert was firing.
func (c *column) fire(at kizashi.Time) {
	for i := c.judged - 1; i >= 0; i-- {
		if c.rows[i].at == at && c.rows[i].sample && !c.rows[i].late {
			c.rows[i].alert = true
			return
		}
	}
}

// flush writes the rows whose tick has run.
func (c *column) flush(ran kizashi.Time) error {
	n := 0
	for n < c.judged && (ran == kizashi.Forever || c.rows[n].end.Add(2*time.Minute) < ran) {
		n++
	}
	if c.file == nil {
		if err := c.create(); err != nil {
			return err
		}
	}
	for i := range c.rows[:n] {
		if err := c.write(&c.rows[i]); err != nil {
			return err
		}
	}
	c.rows = append(c.rows[:0], c.rows[n:]...)
	c.judged -= n
	return nil
}

func (c *column) create() error {
	if err := os.MkdirAll(filepath.Dir(c.path), 0o755); err != nil {
		return err
	}
	var err error
	if c.file, err = os.Create(c.path); err != nil {
		return err
	}
	c.w = bufio.NewWriterSize(c.file, 1<<16)
	_, err = c.w.WriteString("timestamp,value,anomaly_score,expected,lower,upper,alert\n")
	return err
}

// half of what is left to 1 an Onset of so much closes: anomaly_score ranks as
// Onset does, without an end.
const half = 4

// anomalyScore is an Onset between 0 and 1.
func anomalyScore(onset float64) float64 { return 1 - math.Exp2(-onset/half) }

func (c *column) write(x *scored) error {
	b := append(c.buf[:0], quoted(x.stamp)...)
	b = append(append(b, ','), quoted(x.value)...)
	b = append(b, ',')
	b = strconv.AppendFloat(b, anomalyScore(x.onset), 'g', 8, 64)
	for _, v := range [...]kizashi.Num{x.expected, x.lower, x.upper} {
		b = append(b, ',')
		if v.Ok() {
			b = strconv.AppendFloat(b, float64(v), 'g', 10, 64)
		}
	}
	b = append(b, ',', '0')
	if x.alert {
		b[len(b)-1] = '1'
	}
	c.buf = append(b, '\n')
	_, err := c.w.Write(c.buf)
	return err
}

// quoted is a CSV field.
func quoted(s string) string {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// close writes what is left: rows after the last sample were judged by nobody.
func (s *scores) close() error {
	s.Lock()
	defer s.Unlock()
	var errs []error
	for _, c := range s.order {
		c.judged = len(c.rows)
		err := c.flush(kizashi.Forever)
		if err == nil {
			err = c.w.Flush()
		}
		if c.file != nil {
			err = errors.Join(err, c.file.Close())
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
