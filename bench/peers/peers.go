// Package peers holds Kizashi against other detectors on the same series and
// incidents (package incidents), in one run: Grafana's adaptive and robust rules
// on the PromQL engine, k sigma, the median absolute deviation, and AWS's random
// cut forest.
//
// Each peer gives every sample a score and is judged at one threshold over all
// series: the lowest one at which it says no more outside incidents than
// Kizashi did in the same run. What lies over it makes episodes as Kizashi's do:
// an hour without one ends it. An incident counts as found by the rules of
// package incidents, pair by pair, and the two are compared by McNemar's exact
// test.
//
// `go run ./bench/figures -only peers` prints the table. The forest needs java and
// its library (`make tools` fetches it); without either it is absent, which is
// said, and passes nothing.
package peers

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi/bench/incidents"
)

// scorer is a peer: a score for each sample of each member of each scene, NaN
// for none.
type scorer interface {
	score([]*incidents.Scene) ([][][]float64, error)
}

// Peer by its name.
type Peer struct {
	Name   string
	scorer scorer
	batch  int // scenes that are scored at once
}

// Peers are all there are. jar is the forest's library.
func Peers(jar string) []Peer {
	return []Peer{
		{"Grafana adaptive", promScorer{adaptive}, 24},
		{"Grafana robust", promScorer{robust}, 24},
		{"k sigma", kSigma{}, 1},
		{"MAD", mad{}, 1},
		{"random cut forest", forest{jar}, 8},
	}
}

// Run is what Kizashi made of the scenes that peers are held against.
type Run struct {
	incidents.Setting
	scenes   []*incidents.Scene
	Results  []incidents.Result
	Episodes int     // elsewhere
	Expected float64 // stated
}

// NewRun judges all scenes of a setting.
func NewRun(set incidents.Setting) (*Run, error) {
	specs := set.Specs()
	r := &Run{Setting: set, scenes: make([]*incidents.Scene, len(specs))}
	marks := make([][]incidents.Mark, len(specs))
	err := incidents.Each(len(specs), set.Workers, func(i int) (err error) {
		if r.scenes[i], err = specs[i].Make(); err == nil {
			marks[i], err = incidents.Judge{R: set.R}.Run(r.scenes[i])
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	other := r.tally(marks)
	for _, e := range other {
		r.Episodes += e.Episodes
		r.Expected += float64(e.Scored) / float64(set.R)
	}
	return r, nil
}

// tally scores Kizashi's marks.
func (r *Run) tally(marks [][]incidents.Mark) (other []incidents.Elsewhere) {
	for i, s := range r.scenes {
		rs, e := s.Score(marks[i])
		r.Results, other = append(r.Results, rs...), append(other, e)
	}
	return other
}

// Against is a peer beside Kizashi.
type Against struct {
	Peer      string
	Threshold float64 // of its score
	Episodes  int     // elsewhere
	Found     int
	Kinds     []Paired // and all together, last
}

// Paired compares the same incidents, of one kind or of all.
type Paired struct {
	Kind         string
	Of           int
	Ours, Theirs int     // found
	Only, Other  int     // found by Kizashi alone, by the peer alone
	P            float64 // of a difference so large by chance, two-sided
}

// Fewer says that Kizashi found fewer, beyond chance.
func (p Paired) Fewer() bool { return p.Other > p.Only && p.P < .05 }

// More says that it found more, beyond chance.
func (p Paired) More() bool { return p.Only > p.Other && p.P < .05 }

// Compare runs a peer over the scenes. The error is one of ErrAbsent where it
// is not there.
func (r *Run) Compare(p Peer) (*Against, error) {
	scores, err := r.scores(p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	a := &Against{Peer: p.Name, Threshold: r.threshold(scores)}
	rs, n := r.judge(scores, a.Threshold)
	a.Episodes = n
	all := Paired{Kind: "all"}
	for _, k := range incidents.Kinds() {
		pair := Paired{Kind: k.Name}
		for i := range rs {
			if rs[i].Kind == k.Name {
				pair.take(r.Results[i].Found, rs[i].Found)
				all.take(r.Results[i].Found, rs[i].Found)
			}
		}
		pair.P = mcNemar(pair.Only, pair.Other)
		a.Kinds = append(a.Kinds, pair)
	}
	all.P = mcNemar(all.Only, all.Other)
	a.Found, a.Kinds = all.Theirs, append(a.Kinds, all)
	return a, nil
}

func (p *Paired) take(ours, theirs bool) {
	p.Of++
	switch {
	case ours && theirs:
		p.Ours, p.Theirs = p.Ours+1, p.Theirs+1
	case ours:
		p.Ours, p.Only = p.Ours+1, p.Only+1
	case theirs:
		p.Theirs, p.Other = p.Theirs+1, p.Other+1
	}
}

// mcNemar is the exact two-sided test of b against c: of b+c throws of a fair
// coin, how often one lies so far off the middle.
func mcNemar(b, c int) float64 {
	n, k := b+c, min(b, c)
	if n == 0 {
		return 1
	}
	sum := 0.
	for i := range k + 1 {
		a, _ := math.Lgamma(float64(n + 1))
		x, _ := math.Lgamma(float64(i + 1))
		y, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(a - x - y - float64(n)*math.Ln2)
	}
	return min(1, 2*sum)
}

// scores of all scenes, those of one period in batches side by side.
func (r *Run) scores(p Peer) ([][][]float64, error) {
	order := make([]int, len(r.scenes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.scenes[a].Period, r.scenes[b].Period) })
	var batches [][]int
	for _, i := range order {
		n := len(batches) - 1
		if n >= 0 && len(batches[n]) < p.batch && r.scenes[batches[n][0]].Period == r.scenes[i].Period {
			batches[n] = append(batches[n], i)
			continue
		}
		batches = append(batches, []int{i})
	}
	out := make([][][]float64, len(r.scenes))
	err := incidents.Each(len(batches), r.Workers, func(k int) error {
		scenes := make([]*incidents.Scene, len(batches[k]))
		for j, i := range batches[k] {
			scenes[j] = r.scenes[i]
		}
		scores, err := p.scorer.score(scenes)
		for j, i := range batches[k] {
			if err == nil {
				out[i] = scores[j]
			}
		}
		return err
	})
	return out, err
}

// threshold is the lowest at which a peer says no more elsewhere than Kizashi.
func (r *Run) threshold(scores [][][]float64) float64 {
	var all []float64
	for i, s := range r.scenes {
		for _, member := range scores[i] {
			for _, v := range member[min(s.Learned, len(member)):] {
				if v > 0 && !math.IsInf(v, 0) {
					all = append(all, v)
				}
			}
		}
	}
	slices.Sort(all)
	low, high := 0, len(all)-1
	for low < high {
		mid := (low + high) / 2
		if _, n := r.judge(scores, all[mid]); n > r.Episodes {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if len(all) == 0 {
		return math.Inf(1)
	}
	return all[low]
}

// quiet without a score over the threshold ends an episode, as Kizashi has it.
const quiet = time.Hour

// judge makes marks of scores over a threshold, and says what they are worth.
func (r *Run) judge(scores [][][]float64, over float64) (results []incidents.Result, episodes int) {
	for i, s := range r.scenes {
		var marks []incidents.Mark
		for m, member := range scores[i] {
			last := math.MinInt
			for k, v := range member {
				if !(v > over) {
					continue
				}
				opens := last == math.MinInt || time.Duration(k-last)*s.Period > max(quiet, 3*s.Period)
				marks = append(marks, incidents.Mark{At: s.Time(k), Member: m, Opens: opens, Models: []string{"peer"}})
				last = k
			}
		}
		rs, e := s.Score(marks)
		results, episodes = append(results, rs...), episodes+e.Episodes
	}
	return results, episodes
}
