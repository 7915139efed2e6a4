package logs

import (
	"bufio"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/ingest/logfile"
	"github.com/kizashi-ops/kizashi/ingest/mask"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// WriteLog writes a log file of at least so many lines: a generated log group of
// which an hour at noon has perHour, from its first day on, and says how many
// lines it has.
func WriteLog(path string, lines int, perHour float64, seed uint64) (n int, err error) {
	g := gen.NewLogGroup("shop", seed, perHour)
	return writeFile(path, func(w *bufio.Writer) int {
		for at := gen.LogStart; n < lines; at = at.Add(time.Minute) {
			for _, l := range g.Minute(at) {
				w.WriteString(l.Text)
				w.WriteByte('\n')
				n++
			}
		}
		return n
	})
}

// WriteGarbage writes a log file of lines of words that nobody wrote before, so
// many a second, each with its time.
func WriteGarbage(path string, lines, perSecond int, seed uint64) (n int, err error) {
	r := rand.New(rand.NewPCG(seed, 3))
	at := gen.LogStart.UTC()
	return writeFile(path, func(w *bufio.Writer) int {
		var b []byte
		for i := range lines {
			b = at.Add(time.Duration(i/perSecond)*time.Second).AppendFormat(b[:0], "2006-01-02 15:04:05 ")
			w.Write(append(appendWords(b, r), '\n'))
		}
		return lines
	})
}

// writeFile writes a file through a buffer, which keeps the first error.
func writeFile(path string, write func(*bufio.Writer) int) (int, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	n := write(w)
	return n, errors.Join(w.Flush(), f.Close())
}

// Stages is what a line of a file costs on one core, in nanoseconds, stage by stage:
// the best of several turns, all in one process.
type Stages struct {
	Lines int
	Bytes float64 // a line
	Read  float64 // unpacked, cut into events, their times found
	Mask  float64
	Mine  float64
}

// MeasureStages reads a log file so many times for each of: reading, with masking,
// and with the miner.
func MeasureStages(path string, turns int) (s Stages, err error) {
	best := [3]float64{}
	for range turns {
		for stage := range best {
			took, lines, bytes, err := readOnce(path, stage)
			if err != nil {
				return s, err
			}
			if s.Lines, s.Bytes = lines, float64(bytes)/float64(lines); best[stage] == 0 || took < best[stage] {
				best[stage] = took
			}
		}
	}
	n := float64(s.Lines)
	s.Read, s.Mask, s.Mine = best[0]/n, (best[1]-best[0])/n, (best[2]-best[1])/n
	return s, nil
}

// readOnce reads a file, masks its lines from stage 1 on and mines them at stage 2.
func readOnce(path string, stage int) (ns float64, lines int, bytes int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, 0, 0, err
	}
	defer f.Close()
	start := time.Now()
	r, err := logfile.Open(f, logfile.Options{Name: path})
	if err != nil {
		return 0, 0, 0, err
	}
	m, err := mask.New(mask.Config{})
	if err != nil {
		return 0, 0, 0, err
	}
	miner := pattern.New(pattern.Config{})
	var ev logfile.Event
	var match pattern.Match
	var events []pattern.Event
	var b []byte
	for err = r.Next(&ev); err == nil; err = r.Next(&ev) {
		if stage > 0 {
			b = m.Append(b[:0], ev.Text)
		}
		if stage > 1 {
			miner.Add(b, ev.At, &match)
			events = miner.Events(events[:0])
		}
	}
	if !errors.Is(err, io.EOF) {
		return 0, 0, 0, err
	}
	rep := r.Report()
	return float64(time.Since(start).Nanoseconds()), rep.Events, rep.Bytes, nil
}
