package logs

import (
	"math"
	"runtime"
	"time"

	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// Speed is what a line costs, in nanoseconds: the best of several turns, a
// piece of the lines at a time, all in one process.
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

// Measure adds the lines once to learn them and then turns times for the
// clock, each time beside the loop over bytes.
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
	m.Events(nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	mine()
	runtime.ReadMemStats(&after)
	s.Allocs = float64(after.Mallocs-before.Mallocs) / float64(len(lines))
	var classes, miner float64
	for _, p := range peers { // they learn too
		for _, l := range lines {
			p(l)
		}
	}
	s.Peers = make([]float64, len(peers))
	for at := 0; at < len(text); at += piece {
		part := text[at:min(at+piece, len(text))]
		c, d := math.Inf(1), math.Inf(1)
		others := make([]float64, len(peers))
		for range turns {
			c = min(c, took(func() {
				var or byte
				for _, l := range part {
					for _, b := range l {
						or |= classOf[b]
					}
				}
				seen = or
			}))
			d = min(d, took(func() {
				for _, l := range part {
					m.Add(l, 0, &match)
				}
			}))
			for i, p := range peers {
				t := took(func() {
					for _, l := range lines[at : at+len(part)] {
						p(l)
					}
				})
				if others[i] == 0 || t < others[i] {
					others[i] = t
				}
			}
		}
		for i := range peers {
			s.Peers[i] += others[i] / float64(len(text))
		}
		classes += c
		miner += d
	}
	s.Classes, s.Miner = classes/float64(len(text)), miner/float64(len(text))
	return s
}

// piece is how many lines are timed at once: so few that some of the turns run
// through without another process taking the core.
const piece = 500

func took(f func()) float64 {
	start := time.Now()
	f()
	return float64(time.Since(start).Nanoseconds())
}
