package logs

import (
	"bufio"
	"errors"
	"math/rand/v2"
	"os"
	"time"

	"github.com/kizashi-ops/kizashi/gen"
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
