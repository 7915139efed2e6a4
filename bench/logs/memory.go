package logs

import (
	"math/rand/v2"
	"runtime"

	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// Weight is what the patterns of all systems take in memory, a pattern: a miner
// a system, several times over, what they share left out.
func Weight(ss []System, copies int) (bytesEach float64, patterns int) {
	scratch := &pattern.Scratch{}
	before := heap()
	var miners []*pattern.Miner
	var match pattern.Match
	for range copies {
		for i := range ss {
			m := pattern.New(pattern.Config{Scratch: scratch})
			for _, l := range ss[i].Full {
				m.Add([]byte(l), 0, &match)
			}
			m.Events(nil)
			patterns += m.Health().Patterns
			miners = append(miners, m)
		}
	}
	bytesEach = float64(heap()-before) / float64(patterns)
	runtime.KeepAlive(miners)
	runtime.KeepAlive(ss)
	return bytesEach, patterns
}

// Garbage adds so many lines of words that nobody wrote before, and returns
// what the miner takes then and what a line of the first and of the last tenth
// cost, in nanoseconds.
func Garbage(n int, seed uint64) (bytes int64, first, last float64, h pattern.Health) {
	r := rand.New(rand.NewPCG(seed, 3))
	before := heap()
	m := pattern.New(pattern.Config{})
	var match pattern.Match
	var events []pattern.Event
	var b []byte
	tenth := func() {
		for range n / 10 {
			b = appendWords(b[:0], r)
			m.Add(b, 0, &match)
			events = m.Events(events[:0])
		}
	}
	for i := range 10 {
		took := took(tenth) / float64(n/10)
		if i == 0 {
			first = took
		}
		last = took
	}
	bytes = heap() - before
	return bytes, first, last, m.Health()
}

// appendWords appends words that nobody wrote before.
func appendWords(b []byte, r *rand.Rand) []byte {
	for range 4 + r.IntN(12) {
		for range 2 + r.IntN(8) {
			b = append(b, byte('a'+r.IntN(26)))
		}
		b = append(b, ' ')
	}
	return b
}

func heap() int64 {
	runtime.GC()
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	return int64(ms.HeapAlloc)
}
