package logs

import (
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
	"github.com/kizashi-ops/kizashi/logs"
)

// Weight is what the patterns of all systems take in memory, a pattern: a miner
// a system, several times over, what they share left out.
func Weight(ss []System, copies int) (bytesEach float64, patterns int) {
	scratch := grown(ss)
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
	runtime.KeepAlive(scratch)
	runtime.KeepAlive(ss)
	return bytesEach, patterns
}

// grown is what miners share, once it is as large as the lines of all systems make it:
// there is one of it, whatever the number of patterns.
func grown(ss []System) *pattern.Scratch {
	scratch := &pattern.Scratch{}
	var match pattern.Match
	for i := range ss {
		m := pattern.New(pattern.Config{Scratch: scratch})
		for range 3 {
			for _, l := range ss[i].Full {
				m.Add([]byte(l), 0, &match)
			}
		}
	}
	return scratch
}

// WeightJudged is what the patterns of a log group take in memory with what is
// usual of them: counts by the hour of the week, rhythm, samples. Each system is
// a group that is read for two weeks, in which each line of it comes once a day. What
// all groups share is left out here too.
func WeightJudged(ss []System) (bytesEach float64, patterns int, err error) {
	scratch := grown(ss)
	before := heap()
	e := logs.New(pattern.Config{Scratch: scratch})
	about := func(kizashi.SeriesID, kizashi.Time) (kizashi.Proof, error) {
		return kizashi.Proof{Settings: kizashi.Settings{R: kizashi.Duration(90 * 24 * time.Hour)}}, nil
	}
	for i := range ss {
		if err := e.Declare(kizashi.Declaration{Meta: kizashi.Meta{Series: kizashi.SeriesID(i + 1)}}); err != nil {
			return 0, 0, err
		}
	}
	var out logs.Out
	const step = time.Hour
	for h := range 14 * 24 {
		at := gen.LogStart.Add(time.Duration(h) * step)
		for i := range ss {
			n := len(ss[i].Full)
			var lines []kizashi.Line
			for j := h % 24 * n / 24; j < (h%24+1)*n/24; j++ {
				lines = append(lines, kizashi.Line{Series: kizashi.SeriesID(i + 1), At: at.Add(step * time.Duration(j%60) / 60), Text: ss[i].Full[j]})
			}
			if _, err := e.Take(lines); err != nil {
				return 0, 0, err
			}
			out.Reset()
			if err := e.Close(kizashi.SeriesID(i+1), at.Add(step), about, &out); err != nil {
				return 0, 0, err
			}
		}
	}
	for _, id := range e.Groups() {
		t, _ := e.Tally(id)
		patterns += t.Patterns
	}
	out = logs.Out{}
	bytesEach = float64(heap()-before) / float64(patterns)
	runtime.KeepAlive(e)
	runtime.KeepAlive(scratch)
	runtime.KeepAlive(ss)
	return bytesEach, patterns, nil
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
