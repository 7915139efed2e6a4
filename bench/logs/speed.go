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
// clock, each piece beside the loop over bytes. Between two times that a line
// comes all others do, so that no cache that they do not fit into helps.
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
	best := map[int][]float64{} // by where a piece begins: the loop, the miner, the peers
	for range turns {
		for at := 0; at < len(text); at += piece {
			part := text[at:min(at+piece, len(text))]
			t := []float64{took(func() { seen = loop(part) }), took(func() {
				for _, l := range part {
					m.Add(l, 0, &match)
				}
			})}
			for _, p := range peers {
				t = append(t, took(func() {
					for _, l := range lines[at : at+len(part)] {
						p(l)
					}
				}))
			}
			if best[at] == nil {
				best[at] = t
			}
			for i := range t {
				best[at][i] = min(best[at][i], t[i])
			}
		}
	}
	s.Peers = make([]float64, len(peers))
	for _, t := range best {
		s.Classes += t[0] / float64(len(text))
		s.Miner += t[1] / float64(len(text))
		for i := range peers {
			s.Peers[i] += t[2+i] / float64(len(text))
		}
	}
	return s
}

// loop looks the class of each byte up.
func loop(lines [][]byte) (or byte) {
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
