package forecast

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Tally is what became of many leaks.
type Tally struct {
	What    string
	Leaks   int
	Told    int       // before they crossed
	Covers  int       // of those, the interval holds the true date
	Sooner  int       // it crossed before the interval
	Later   int       // or after it
	Alerts  int       // episodes, of one leak one
	False   int       // told before it began
	leads   []float64 // days from being told to the crossing
	lengths []float64 // and from its begin
}

func (t *Tally) add(f *Found) {
	t.Leaks++
	t.False += f.False
	if f.Told == 0 {
		return
	}
	t.Told++
	t.Alerts += f.Alerts
	switch {
	case f.Covers():
		t.Covers++
	case f.Leak.Crosses < f.Forecast.Early:
		t.Sooner++
	default:
		t.Later++
	}
	t.leads = append(t.leads, f.Leak.Crosses.Sub(f.Told).Hours()/24)
	t.lengths = append(t.lengths, f.Leak.Crosses.Sub(f.Leak.Begins).Hours()/24)
}

// Coverage is the part of the forecasts whose interval of 80 % holds the true date.
func (t *Tally) Coverage() float64 { return float64(t.Covers) / float64(max(t.Told, 1)) }

// Lead is the median of how long before the crossing it was told, in days, and as a part of
// the leak's length.
func (t *Tally) Lead() (days, part float64) {
	parts := make([]float64, len(t.leads))
	for i := range parts {
		parts[i] = t.leads[i] / t.lengths[i]
	}
	return middle(slices.Clone(t.leads)), middle(parts)
}

func middle(vs []float64) float64 {
	if len(vs) == 0 {
		return 0
	}
	slices.Sort(vs)
	return vs[len(vs)/2]
}

// Measure runs so many leaks of each noise and period; the first tally is of all, the others by
// noise, by period, and by how long the leak lasts.
func Measure(seeds int) ([]Tally, error) {
	jobs := make(chan *Leak)
	var mu sync.Mutex
	var wg sync.WaitGroup
	var found []*Found
	var failed error
	for range workers {
		wg.Go(func() {
			for l := range jobs {
				f, err := Run(l)
				l.Values = nil
				mu.Lock()
				if err != nil {
					failed = err
				}
				found = append(found, f)
				mu.Unlock()
			}
		})
	}
	for _, noise := range Noises() {
		for _, p := range Periods() {
			for s := range seeds {
				jobs <- NewLeak(noise, p, uint64(s*100)+uint64(p.Minutes()))
			}
		}
	}
	close(jobs)
	wg.Wait()
	if failed != nil {
		return nil, failed
	}
	return tallies(found), nil
}

// workers share the machine with others.
const workers = 2

func tallies(found []*Found) []Tally {
	names := []string{"all"}
	names = append(names, Noises()...)
	for _, p := range Periods() {
		names = append(names, every(p))
	}
	names = append(names, lengths[:]...)
	out := make([]Tally, len(names))
	for i, n := range names {
		out[i].What = n
		for _, f := range found {
			if n == "all" || n == f.Leak.Noise || n == every(f.Leak.Period) || n == lengthOf(f.Leak) {
				out[i].add(f)
			}
		}
	}
	return out
}

func every(p time.Duration) string { return fmt.Sprintf("a point every %v min", p.Minutes()) }

var lengths = [...]string{"shorter than a day", "1 to 7 days", "7 to 28 days", "longer"}

func lengthOf(l *Leak) string {
	for i, most := range [...]time.Duration{day, 7 * day, 28 * day} {
		if l.Crosses.Sub(l.Begins) <= most {
			return lengths[i]
		}
	}
	return lengths[len(lengths)-1]
}
