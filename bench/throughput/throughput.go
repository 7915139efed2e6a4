// Package throughput measures what the engine costs: samples a second from
// files, bytes a series, and the time a restart takes. Its measurements are
// functions, so that benchmarks and the table of figures take the same ones.
package throughput

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/backtest"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/ingest/replay"
	"github.com/kizashi-ops/kizashi/models"
)

var start = kizashi.TimeOf(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))

// WriteFiles writes so many CSV files (timestamp,value) of one-minute noise,
// seasonal and other by turns, and returns how many samples they hold.
func WriteFiles(dir string, series, weeks int) (int, error) {
	fams := []string{"seasonal", "gauss", "ar", "laplace"}
	vs := make([]float64, weeks*7*24*60)
	for i := range series {
		n, err := gen.NewNoise(fams[i%len(fams)], uint64(i)+1, gen.Options{Start: start, Period: time.Minute})
		if err != nil {
			return 0, err
		}
		n.Fill(vs)
		if err := writeFile(filepath.Join(dir, fmt.Sprintf("s%03d.csv", i)), vs); err != nil {
			return 0, err
		}
	}
	return series * len(vs), nil
}

func writeFile(path string, vs []float64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<16)
	b := []byte("timestamp,value\n")
	for i, v := range vs {
		b = start.Add(time.Duration(i)*time.Minute).UTC().AppendFormat(b, time.DateTime)
		b = append(strconv.AppendFloat(append(b, ','), v, 'f', -1, 64), '\n')
		if len(b) > 1<<14 {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	if _, err := w.Write(b); err != nil {
		return err
	}
	return w.Flush()
}

// Backtest runs the files of a folder through all there is, and checks that
// every sample was judged.
func Backtest(dir string, samples int) (time.Duration, error) {
	began := time.Now()
	o, err := backtest.Run(context.Background(), backtest.Spec{Input: replay.Options{Paths: []string{dir}}, Shards: runtime.GOMAXPROCS(0)})
	took := time.Since(began)
	if err == nil && o.Samples != int64(samples) {
		err = fmt.Errorf("%d samples were judged of %d", o.Samples, samples)
	}
	return took, err
}

// Fleet is what is measured: so many series, that have been watched for so many days.
type Fleet struct {
	Series, Days int
	Period       time.Duration
}

// hour is how many samples a series has in one.
func (f Fleet) hour() int { return int(time.Hour / f.Period) }

// Engine returns one that has seen a fleet's days of noise.
func Engine(f Fleet) (*detect.Engine, error) {
	e, err := detect.NewEngine(detect.Config{}, models.All(), runtime.GOMAXPROCS(0), nil)
	if err != nil {
		return nil, err
	}
	hour := f.hour()
	vs, err := noise(64, f.Days*24*hour, f.Period)
	if err != nil {
		return nil, err
	}
	ids := make([]kizashi.SeriesID, f.Series)
	for i := range ids {
		if ids[i], err = declare(e, i, f.Period); err != nil {
			return nil, err
		}
	}
	var out detect.Judged
	batch := make([]kizashi.Sample, 0, f.Series*hour)
	for k := 0; k < f.Days*24*hour; k += hour {
		batch = batch[:0]
		for i, id := range ids {
			for h := range hour {
				batch = append(batch, kizashi.Sample{Series: id, At: start.Add(time.Duration(k+h) * f.Period), Period: f.Period, Value: vs[i%len(vs)][k+h]})
			}
		}
		reset(&out)
		if err := e.Judge(batch, &out); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// noise makes so many series of so many values.
func noise(series, values int, period time.Duration) ([][]float64, error) {
	vs := make([][]float64, series)
	for i := range vs {
		n, err := gen.NewNoise("seasonal", uint64(i)+1, gen.Options{Start: start, Period: period})
		if err != nil {
			return nil, err
		}
		vs[i] = make([]float64, values)
		n.Fill(vs[i])
	}
	return vs, nil
}

func declare(e *detect.Engine, i int, period time.Duration) (kizashi.SeriesID, error) {
	identity := kizashi.LabelsOf(map[string]string{"name": "cpu", "instance": strconv.Itoa(i)})
	id := kizashi.IDOf("bench", identity)
	return id, e.Declare(kizashi.Declaration{From: start, Meta: kizashi.Meta{Series: id, Tenant: "bench", Identity: identity, Labels: identity,
		Group: "bench", Period: kizashi.Duration(period), Lower: kizashi.None(), Upper: kizashi.None()}})
}

// Judge measures judging and learning of one one-minute series: time and
// allocations a sample, after three weeks of learning, over three more.
func Judge() (time.Duration, float64, error) {
	e, ss, err := oneSeries(42)
	if err != nil {
		return 0, 0, err
	}
	var out detect.Judged
	run := func(ss []kizashi.Sample) error {
		const day = 24 * 60
		for i := 0; i < len(ss); i += day {
			reset(&out)
			if err := e.Judge(ss[i:i+day], &out); err != nil {
				return err
			}
		}
		return nil
	}
	half := len(ss) / 2
	if err := run(ss[:half]); err != nil {
		return 0, 0, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	err = run(ss[half:])
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	return took / time.Duration(half), float64(after.Mallocs-before.Mallocs) / float64(half), err
}

// oneSeries is an engine that knows one series, and so many days of it.
func oneSeries(days int) (*detect.Engine, []kizashi.Sample, error) {
	const period = time.Minute
	e, err := detect.NewEngine(detect.Config{}, models.All(), 1, nil)
	if err != nil {
		return nil, nil, err
	}
	id, err := declare(e, 0, period)
	if err != nil {
		return nil, nil, err
	}
	n, err := gen.NewNoise("seasonal", 1, gen.Options{Start: start, Period: period})
	if err != nil {
		return nil, nil, err
	}
	vs := make([]float64, days*24*60)
	n.Fill(vs)
	ss := make([]kizashi.Sample, len(vs))
	for i, v := range vs {
		ss[i] = kizashi.Sample{Series: id, At: start.Add(time.Duration(i) * period), Period: period, Value: v}
	}
	return e, ss, nil
}

func reset(out *detect.Judged) {
	*out = detect.Judged{Judgements: out.Judgements[:0], Crossings: out.Crossings[:0], Records: out.Records[:0], Checkpoints: out.Checkpoints[:0], Notes: out.Notes[:0]}
}

// Memory of an engine.
type Memory struct {
	Bytes float64 // a series, on the heap, labels and all
	Saved float64 // a series, in a snapshot
}

// MemoryOf measures an engine that has seen a fleet: the heap with it against the heap
// without it.
func MemoryOf(f Fleet) (Memory, *detect.Engine, error) {
	before := heap()
	e, err := Engine(f)
	if err != nil {
		return Memory{}, nil, err
	}
	after := heap()
	b, err := e.AppendBinary(nil)
	runtime.KeepAlive(e)
	return Memory{Bytes: float64(after-before) / float64(f.Series), Saved: float64(len(b)) / float64(f.Series)}, e, err
}

// heap in use, after what is dead has gone.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Restart saves an engine and loads it into a new one.
func Restart(e *detect.Engine) (save, load time.Duration, err error) {
	began := time.Now()
	b, err := e.AppendBinary(nil)
	save = time.Since(began)
	if err != nil {
		return save, 0, err
	}
	began = time.Now()
	n, err := detect.NewEngine(detect.Config{}, models.All(), runtime.GOMAXPROCS(0), nil)
	if err != nil {
		return save, 0, err
	}
	rest, err := n.Decode(b)
	load = time.Since(began)
	if err == nil && (len(rest) > 0 || len(n.Series()) != len(e.Series())) {
		err = fmt.Errorf("%d series came back of %d, %d bytes are left", len(n.Series()), len(e.Series()), len(rest))
	}
	return save, load, err
}
