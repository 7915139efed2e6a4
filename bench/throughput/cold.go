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
	Allocs float64       // a sample
	Rounds int           // samples of each series
}

// ColdOf measures an engine that has seen so many days: so many rounds, in each of
// them a sample of every series in turn.
func ColdOf(e *detect.Engine, days, rounds int) (Cold, error) {
	const period = 5 * time.Minute
	ids := e.Series()
	vs, err := noise(64, days*24*12+rounds, period)
	if err != nil {
		return Cold{}, err
	}
	procs := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(procs)
	const batch = 2000 // fewer than what is divided over goroutines
	ss := make([]kizashi.Sample, 0, batch)
	out := roomy(batch)
	var took, cpu time.Duration
	var mallocs uint64
	var before, after runtime.MemStats
	for r := range rounds {
		k := days*24*12 + r
		at := start.Add(time.Duration(k) * period)
		for i := 0; i < len(ids); i += batch {
			ss = ss[:0]
			for n, id := range ids[i:min(i+batch, len(ids))] {
				ss = append(ss, kizashi.Sample{Series: id, At: at, Period: period, Value: vs[(i+n)%len(vs)][k]})
			}
			reset(out)
			runtime.ReadMemStats(&before)
			began, user := time.Now(), spent()
			err := e.Judge(ss, out)
			cpu += spent() - user
			took += time.Since(began)
			runtime.ReadMemStats(&after)
			mallocs += after.Mallocs - before.Mallocs
			if err != nil {
				return Cold{}, err
			}
			if j := out.Judgements; len(j) != len(ss) || j[0].State == kizashi.LateSample {
				return Cold{}, fmt.Errorf("%d judgements of %d samples, the first %s", len(j), len(ss), j[0].State)
			}
		}
	}
	n := rounds * len(ids)
	return Cold{Sample: took / time.Duration(n), CPU: cpu / time.Duration(n), Allocs: float64(mallocs) / float64(n), Rounds: rounds}, nil
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
