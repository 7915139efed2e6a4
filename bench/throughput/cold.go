package throughput

import (
	"fmt"
	"runtime"
	"syscall"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// Cold is what a sample costs where each comes to another series than the one
// before: of so many that none is in a cache when its turn comes again.
type Cold struct {
	Sample time.Duration // on one core, judged and learned, by the clock
	CPU    time.Duration // and of the core: the machine may have other things to do
	Within time.Duration // of the core: a sample within an hour
	Begins time.Duration // and the first of one
	Allocs float64       // a sample
	Rounds int           // samples of each series
}

// ColdOf measures an engine that has seen a fleet: so many hours more, in each round of
// which a sample of every series comes in turn. Of each hour there must be a sample
// that is not the first.
func ColdOf(e *detect.Engine, f Fleet, hours int) (Cold, error) {
	if f.Period <= 0 || f.Period > time.Hour/2 || hours < 1 || len(e.Series()) == 0 {
		return Cold{}, fmt.Errorf("%d hours of %d series, a sample each %s: within an hour there is nothing to measure, want periods of 30 minutes at most", hours, len(e.Series()), f.Period)
	}
	rounds, seen := hours*f.hour(), f.Days*24*f.hour()
	vs, err := noise(64, seen+rounds, f.Period)
	if err != nil {
		return Cold{}, err
	}
	procs := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(procs)
	c := &cold{e: e, ids: e.Series(), f: f, vs: vs, out: roomy(coldBatch), batch: make([]kizashi.Sample, 0, coldBatch)}
	for r := range rounds {
		if err := c.round(seen + r); err != nil {
			return Cold{}, err
		}
	}
	n, first := time.Duration(rounds*len(c.ids)), time.Duration(hours*len(c.ids))
	return Cold{Sample: c.took / n, CPU: (c.within + c.begins) / n, Within: c.within / (n - first), Begins: c.begins / first,
		Allocs: float64(c.mallocs) / float64(n), Rounds: rounds}, nil
}

// coldBatch is fewer than what is divided over goroutines.
const coldBatch = 2000

// cold is such a measurement.
type cold struct {
	e                    *detect.Engine
	ids                  []kizashi.SeriesID
	f                    Fleet
	vs                   [][]float64
	out                  *detect.Judged
	batch                []kizashi.Sample
	took, within, begins time.Duration
	mallocs              uint64
}

// round judges the k-th sample of every series.
func (c *cold) round(k int) error {
	at, cpu := start.Add(time.Duration(k)*c.f.Period), &c.within
	if k%c.f.hour() == 0 {
		cpu = &c.begins
	}
	var before, after runtime.MemStats
	for i := 0; i < len(c.ids); i += coldBatch {
		c.batch = c.batch[:0]
		for n, id := range c.ids[i:min(i+coldBatch, len(c.ids))] {
			c.batch = append(c.batch, kizashi.Sample{Series: id, At: at, Period: c.f.Period, Value: c.vs[(i+n)%len(c.vs)][k]})
		}
		reset(c.out)
		runtime.ReadMemStats(&before)
		began, user := time.Now(), spent()
		err := c.e.Judge(c.batch, c.out)
		*cpu += spent() - user
		c.took += time.Since(began)
		runtime.ReadMemStats(&after)
		c.mallocs += after.Mallocs - before.Mallocs
		if err != nil {
			return err
		}
		if j := c.out.Judgements; len(j) != len(c.batch) || j[0].State == kizashi.LateSample {
			return fmt.Errorf("%d judgements of %d samples, the first %s", len(j), len(c.batch), j[0].State)
		}
	}
	return nil
}

// roomy is a result with room for a batch, so that what is measured is not its growth.
func roomy(n int) *detect.Judged {
	return &detect.Judged{Judgements: make([]detect.Judgement, 0, n), Records: make([]kizashi.Record, 0, n)}
}

// spent is the CPU time of the process so far.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
