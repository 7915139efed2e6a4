package peers

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/kizashi-ops/kizashi/bench/incidents"
	"github.com/kizashi-ops/kizashi/bench/throughput"
)

// Cost of one detector, at one minute.
type Cost struct {
	Name      string
	PerSample time.Duration // CPU; the best of a few
	Bytes     float64       // of memory, a watched series
	Absent    string        // why there are none
}

// Scale of the measurement of costs.
type Scale struct {
	Series  int // that rules are evaluated over at once
	Minutes int // of it
	Held    int // series of which memory is measured
	Repeat  int
}

// StandardScale is that of the table.
func StandardScale() Scale { return Scale{Series: 200, Minutes: 20, Held: 2000, Repeat: 3} }

// Costs measures Kizashi, and its peers beside it.
func Costs(sc Scale, jar string) ([]Cost, error) {
	ours, err := kizashiCost(sc)
	if err != nil {
		return nil, err
	}
	out := []Cost{ours}
	for _, p := range Peers(jar) {
		c := Cost{Name: p.Name}
		switch s := p.scorer.(type) {
		case promScorer:
			c.PerSample, c.Bytes, err = s.cost(sc)
		case forest:
			c, err = s.cost(c)
		default:
			c.PerSample, err = thumbCost(s, sc)
			c.Bytes = 8 * lookBack.Minutes() // the day that is looked back to
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func kizashiCost(sc Scale) (Cost, error) {
	c := Cost{Name: "Kizashi", PerSample: never}
	s, err := costScene()
	if err != nil {
		return c, err
	}
	for range sc.Repeat {
		took, err := spent(func() error {
			_, err := incidents.Judge{R: 28 * 24 * time.Hour}.Run(s)
			return err
		})
		if err != nil {
			return c, err
		}
		c.PerSample = min(c.PerSample, took/time.Duration(len(s.Values[0])))
	}
	m, _, err := throughput.MemoryOf(throughput.Fleet{Series: sc.Held, Days: 15, Period: 5 * time.Minute})
	c.Bytes = m.Bytes
	return c, err
}

// spent is the CPU time that the process spent in f, its collector's included:
// what else runs on the machine does not count.
func spent(f func() error) (time.Duration, error) {
	var before, after syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	if err == nil {
		err = f()
	}
	if err == nil {
		err = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	}
	all := func(r *syscall.Rusage) int64 { return r.Utime.Nano() + r.Stime.Nano() }
	return time.Duration(all(&after) - all(&before)), err
}

const never = time.Duration(1<<63 - 1)

// scene of little noise to measure costs with.
func costScene() (*incidents.Scene, error) {
	return incidents.Specs("seasonal", .05, time.Minute, 1)[0].Make()
}

func thumbCost(p scorer, sc Scale) (time.Duration, error) {
	s, err := costScene()
	if err != nil {
		return 0, err
	}
	best := never
	for range sc.Repeat {
		took, err := spent(func() error {
			_, err := p.score([]*incidents.Scene{s})
			return err
		})
		if err != nil {
			return 0, err
		}
		best = min(best, took/time.Duration(len(s.Values[0])))
	}
	return best, nil
}

func (f forest) cost(c Cost) (Cost, error) {
	s, err := costScene()
	if err != nil {
		return c, err
	}
	_, m, err := f.run([]*incidents.Scene{s})
	if errors.Is(err, ErrAbsent) {
		c.Absent = err.Error()
		return c, nil
	}
	c.PerSample, c.Bytes = m.PerSample, float64(m.Bytes)
	return c, err
}

// cost of rules over many series: the past that they look back to is laid
// first, and is not measured. Memory is what the store holds of the last two
// hours, as Prometheus does before it writes a block.
func (p promScorer) cost(sc Scale) (time.Duration, float64, error) {
	w, err := newWatch(p.set)
	if err != nil {
		return 0, 0, err
	}
	best := never
	run := func() error {
		s, err := costScene()
		if err != nil {
			return err
		}
		past := int(before / s.Period)
		for range sc.Series {
			w.add(s.Values[0])
		}
		if err := w.lay(s, 0, past); err != nil {
			return err
		}
		for k := range sc.Repeat {
			took, err := spent(func() error {
				for i := range sc.Minutes {
					if err := w.step(context.Background(), s, past+k*sc.Minutes+i); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			best = min(best, took/time.Duration(sc.Minutes*sc.Series))
		}
		return nil
	}
	if err := errors.Join(run(), w.close()); err != nil {
		return 0, 0, err
	}
	bytes, err := p.memory(sc)
	return best, bytes, err
}

func (p promScorer) memory(sc Scale) (float64, error) {
	w, err := newWatch(p.set)
	if err != nil {
		return 0, err
	}
	s, err := costScene()
	if err != nil {
		return 0, errors.Join(err, w.close())
	}
	for range sc.Held {
		w.add(s.Values[0])
	}
	before := heap() // with what the comparison itself holds
	err = w.lay(s, 0, 120)
	after := heap()
	runtime.KeepAlive(w)
	return float64(after-before) / float64(sc.Held), errors.Join(err, w.close())
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// lay stores values and records as if rules had been evaluated: what they cost
// does not depend on what they say.
func (w *watch) lay(s *incidents.Scene, from, to int) error {
	r := rand.New(rand.NewPCG(1, 1))
	for i := from; i < to; i++ {
		at := s.Time(i)
		app := w.db.Appender(context.Background())
		for k, vs := range w.values {
			if _, err := app.Append(0, w.names[k], int64(at), vs[i]); err != nil {
				return errors.Join(err, app.Rollback())
			}
			for _, rule := range w.set.rules {
				if rule.every > 0 && int64(at)%rule.every.Milliseconds() != 0 {
					continue
				}
				if _, err := app.Append(0, named(rule.record, strconv.Itoa(k)), int64(at), vs[i]+r.Float64()); err != nil {
					return errors.Join(err, app.Rollback())
				}
			}
		}
		if err := app.Commit(); err != nil {
			return err
		}
	}
	return nil
}
