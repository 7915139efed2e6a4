// Package calibration measures the promise behind every threshold: on generated
// series whose normal behaviour is known, how many false episodes all votes
// together open, against how many were stated; and the same on files that are at
// hand. Neither figure means anything without what is found at the same
// settings: package incidents measures that, and a few shifts are measured here.
//
// The setting of the table is [Standard]; [Setting.Clean] gives the rate of a
// family, [Files] that of the files. The test measures a few series a family and
// holds them to their floors; with KIZASHI_SOAK set it measures all 32.
// `go run ./bench/figures -only calibration` prints the tables.
//
// The number of episodes is a count: with 144 stated, two standard errors are
// about 17 %. One series of 18 weeks has 4.5 episodes stated, and even a perfect
// limit keeps only about 81 % of such series within a factor of two, so that
// figure is reported and never a gate.
package calibration

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/models"
)

// Setting of a measurement.
type Setting struct {
	Family string
	Series int
	Period time.Duration
	Learn  int // weeks before anything is scored
	Score  int // weeks that are scored
	R      time.Duration
	Seed   uint64
}

// Shift is an incident of so many sigma.
type Shift struct {
	Sigma  float64
	Length time.Duration
}

// Found says how many shifts were found at first, and a week later.
type Found struct {
	First, Again, Of int
	Delay            time.Duration // mean, of those found at first
}

var start = kizashi.TimeOf(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))

// Shifts measures how many are found: six pairs a series, the second of each
// a week after the first.
func (s Setting) Shifts(sh Shift) (Found, error) {
	var out Found
	var mu sync.Mutex
	var delay time.Duration
	err := s.each(func(i int) error {
		at := s.places(i, sh)
		vs, err := s.values(i, func(n *gen.Noise, vs []float64) {
			for _, a := range at {
				for k := range int(sh.Length / s.Period) {
					vs[a+k] += sh.Sigma * n.Sigma(s.time(a+k))
				}
			}
		})
		if err != nil {
			return err
		}
		found, err := s.found(vs, at, int(sh.Length/s.Period))
		mu.Lock()
		defer mu.Unlock()
		for k, f := range found {
			switch {
			case k%2 == 0:
				out.Of++
				if f >= 0 {
					out.First++
					delay += time.Duration(f) * s.Period
				}
			case f >= 0:
				out.Again++
			}
		}
		return err
	})
	if out.First > 0 {
		out.Delay = delay / time.Duration(out.First)
	}
	return out, err
}

func (s Setting) time(i int) kizashi.Time { return start.Add(time.Duration(i) * s.Period) }

// each runs f for every series on two goroutines.
func (s Setting) each(f func(i int) error) error {
	var wg sync.WaitGroup
	errs := make([]error, s.Series)
	next := make(chan int, s.Series)
	for i := range s.Series {
		next <- i
	}
	close(next)
	for range 2 {
		wg.Go(func() {
			for i := range next {
				errs[i] = f(i)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s Setting) week() int { return int(7 * 24 * time.Hour / s.Period) }

func (s Setting) values(i int, change func(*gen.Noise, []float64)) ([]float64, error) {
	o := gen.Options{Start: start, Period: s.Period}
	n, err := gen.NewNoise(s.Family, s.Seed+uint64(i), o)
	if err != nil {
		return nil, err
	}
	vs := make([]float64, (s.Learn+s.Score)*s.week())
	n.Fill(vs)
	if change != nil {
		change(n, vs)
	}
	return vs, nil
}

// places of six pairs, a week apart from each other at random times.
func (s Setting) places(i int, sh Shift) []int {
	r := rand.New(rand.NewPCG(s.Seed, uint64(i)))
	var at []int
	for k := 0; k < 6; k++ {
		w := s.Learn + 2*k
		a := w*s.week() + r.IntN(s.week()-int(2*sh.Length/s.Period))
		at = append(at, a, a+s.week())
	}
	return at
}

// engine with one series of the setting.
func (s Setting) engine() (*detect.Engine, kizashi.SeriesID, error) {
	r := kizashi.Duration(s.R)
	e, err := detect.NewEngine(detect.Config{Rules: []detect.Rule{{R: &r}}}, models.All(), 1, nil)
	if err != nil {
		return nil, 0, err
	}
	identity := kizashi.LabelsOf(map[string]string{"name": s.Family})
	id := kizashi.IDOf("bench", identity)
	err = e.Declare(kizashi.Declaration{From: start, Meta: kizashi.Meta{Series: id, Tenant: "bench", Identity: identity, Labels: identity,
		Group: "bench", Period: kizashi.Duration(s.Period), Lower: kizashi.None(), Upper: kizashi.None()}})
	return e, id, err
}

// run judges the values and hands over every crossing, and every record where
// anybody wants them.
func (s Setting) run(vs []float64, each func(*kizashi.Crossing), record func(*kizashi.Record)) error {
	e, id, err := s.engine()
	if err != nil {
		return err
	}
	var out detect.Judged
	batch := make([]kizashi.Sample, 0, 1440)
	for i := 0; i < len(vs); {
		batch = batch[:0]
		for len(batch) < cap(batch) && i < len(vs) {
			batch = append(batch, kizashi.Sample{Series: id, At: s.time(i), Period: s.Period, Value: vs[i]})
			i++
		}
		out = detect.Judged{Judgements: out.Judgements[:0], Crossings: out.Crossings[:0], Records: out.Records[:0], Checkpoints: out.Checkpoints[:0], Notes: out.Notes[:0]}
		if err := e.Judge(batch, &out); err != nil {
			return err
		}
		for k := range out.Crossings {
			each(&out.Crossings[k])
		}
		for k := range out.Records {
			if record != nil {
				record(&out.Records[k])
			}
		}
	}
	return nil
}

// found returns for each place after how many samples a vote stood, -1 for
// never.
func (s Setting) found(vs []float64, at []int, length int) ([]int, error) {
	out := make([]int, len(at))
	for i := range out {
		out[i] = -1
	}
	err := s.run(vs, func(c *kizashi.Crossing) {
		if !c.Verdict.Stands(kizashi.Up) {
			return
		}
		i := int(c.At.Sub(start) / s.Period)
		for k, a := range at {
			if out[k] < 0 && i >= a && i < a+length {
				out[k] = i - a + 1
			}
		}
	}, nil)
	return out, err
}
