package logs

import (
	"runtime"
	"time"

	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// Speed is what a line costs, in nanoseconds: of each piece of the lines the
// best of several turns, all in one process.
type Speed struct {
	Lines   int
	Bytes   float64 // a line
	Classes float64 // a loop that looks the class of each byte up, and no more
	Miner   float64 // header, pattern, slots with statistics
	Allocs  float64 // a line
	Peers   []float64
}

// Peer is another miner that is timed on the same lines in the same turns.
type Peer func(line string)

var classOf = func() (t [256]byte) {
	for i := range t {
		t[i] = 1 << (i * 7 % 8)
	}
	return t
}()

var seen byte

// Measure adds the lines twice to learn them and then turns times for the
// clock. Between two times that a line comes all others do, so that no cache
// that they do not fit into helps.
func Measure(lines []string, turns int, peers ...Peer) Speed {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	text := make([][]byte, len(lines))
	s := Speed{Lines: len(lines)}
	for i, l := range lines {
		text[i] = []byte(l)
		s.Bytes += float64(len(l)) / float64(len(lines))
	}
	m := pattern.New(pattern.Config{})
	var match pattern.Match
	mine := func() {
		for _, l := range text {
			m.Add(l, 0, &match)
		}
	}
	mine()
	mine()
	m.Events(nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	mine()
	runtime.ReadMemStats(&after)
	s.Allocs = float64(after.Mallocs-before.Mallocs) / float64(len(lines))
	for _, p := range peers { // they learn too
		for _, l := range lines {
			p(l)
		}
	}
	// What is timed goes over lines[from:to].
	runs := []func(from, to int){
		func(from, to int) { seen = loop(text[from:to]) },
		func(from, to int) { seen = loopAgain(text[from:to]) },
		func(from, to int) {
			for _, l := range text[from:to] {
				m.Add(l, 0, &match)
			}
		},
	}
	for _, p := range peers {
		runs = append(runs, func(from, to int) {
			for _, l := range lines[from:to] {
				p(l)
			}
		})
	}
	each := race(runs, len(lines), turns)
	s.Classes, s.Miner, s.Peers = min(each[0], each[1]), each[2], each[3:]
	return s
}

// race returns what a line takes each of the runs, of each piece the best of
// several turns. Each goes over all lines before the next one does: what they
// keep near is their own.
func race(runs []func(from, to int), lines, turns int) []float64 {
	each := make([]float64, len(runs))
	best := make([][]float64, len(runs))
	for range turns {
		for i, run := range runs {
			for k, at := 0, 0; at < lines; k, at = k+1, at+piece {
				t := took(func() { run(at, min(at+piece, lines)) })
				if k == len(best[i]) {
					best[i] = append(best[i], t)
				}
				best[i][k] = min(best[i][k], t)
			}
		}
	}
	for i := range runs {
		for _, t := range best[i] {
			each[i] += t / float64(lines)
		}
	}
	return each
}

// loop looks the class of each byte up. So small a loop takes up to twice the
// time where the linker places it badly, so there are two of them, and the
// faster one counts.
//
//go:noinline
func loop(lines [][]byte) (or byte) {
	for _, l := range lines {
		for _, b := range l {
			or |= classOf[b]
		}
	}
	return or
}

// loopAgain is loop, half a line of the processor's cache further on.
//
//go:noinline
func loopAgain(lines [][]byte) (or byte) {
	for _, l := range lines {
		for _, b := range l {
			or |= classOf[b]
		}
	}
	return or
}

// piece is how many lines are timed at once: so few that some of the turns run
// through without another process taking the core.
const piece = 500

func took(f func()) float64 {
	start := time.Now()
	f()
	return float64(time.Since(start).Nanoseconds())
}
