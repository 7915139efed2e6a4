package logs

import (
	"math/rand/v2"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// Shuffled is the least share of lines, over so many shuffles, that have the
// id that they have in the order in which they were written.
func Shuffled(lines []string, shuffles int) float64 {
	want := Mine(lines).ID
	least := 1.0
	for seed := range shuffles {
		r := rand.New(rand.NewPCG(uint64(seed), 2))
		order := r.Perm(len(lines))
		mixed := make([]string, len(lines))
		for i, o := range order {
			mixed[i] = lines[o]
		}
		got := Mine(mixed).ID
		same := 0
		for i, o := range order {
			if got[i] == want[o] {
				same++
			}
		}
		least = min(least, float64(same)/float64(len(lines)))
	}
	return least
}

// Halves is the share of lines that have, in a miner that saw only their half
// of the file, the id that they have in one that saw all.
func Halves(lines []string) float64 {
	want := Mine(lines).ID
	h := len(lines) / 2
	same := 0
	for i, id := range append(Mine(lines[:h]).ID, Mine(lines[h:]).ID...) {
		if id == want[i] {
			same++
		}
	}
	return float64(same) / float64(len(lines))
}

// Restored is the share of lines that have the same id and index where the
// state was written and read again after each step lines.
func Restored(lines []string, step int) (float64, error) {
	a, b := pattern.New(pattern.Config{}), pattern.New(pattern.Config{})
	var x, y pattern.Match
	same := 0
	for i, l := range lines {
		if i%step == step-1 {
			state, err := b.AppendBinary(nil)
			if err != nil {
				return 0, err
			}
			b = pattern.New(pattern.Config{})
			if err := b.Decode(state); err != nil {
				return 0, err
			}
		}
		a.Add([]byte(l), kizashi.Time(i), &x)
		b.Add([]byte(l), kizashi.Time(i), &y)
		if x.ID == y.ID && x.Index == y.Index && x.New == y.New && len(x.Slots) == len(y.Slots) {
			same++
		}
	}
	return float64(same) / float64(len(lines)), nil
}
