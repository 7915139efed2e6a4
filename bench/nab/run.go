package nab

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// Recording is a file of the benchmark as it was recorded: what a detector gets,
// row by row, and nothing of what comes after.
type Recording struct {
	Name    string
	At      []time.Time
	Values  []float64
	Windows []Window
}

// Read reads the recordings below a directory with data/ and labels/.
func Read(dir string) ([]Recording, error) {
	labels := filepath.Join(dir, "labels", "combined_windows.json")
	windows, err := readWindows(labels)
	if err != nil {
		return nil, err
	}
	var out []Recording
	for _, name := range slices.Sorted(maps.Keys(windows)) {
		r, err := readRecording(filepath.Join(dir, "data", filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		r.Name = name
		if r.Windows, err = rowsOf(windows[name], r.At); err != nil {
			return nil, fmt.Errorf("%s: %s, %w", labels, name, err)
		}
		out = append(out, r)
	}
	return out, nil
}

func readRecording(path string) (r Recording, err error) {
	f, err := os.Open(path)
	if err != nil {
		return r, err
	}
	defer f.Close()
	in := csv.NewReader(f)
	if _, err := in.Read(); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return r, nil
		}
		if err != nil {
			return r, fmt.Errorf("%s: %w", path, err)
		}
		line, _ := in.FieldPos(0)
		t, err1 := readTime(row[0])
		v, err2 := strconv.ParseFloat(row[1], 64)
		if err := errors.Join(err1, err2); err != nil {
			return r, fmt.Errorf("%s: line %d: %w", path, line, err)
		}
		r.At, r.Values = append(r.At, t), append(r.Values, v)
	}
}

// Run scores recordings with the detectors of a table, less those that are off.
// A row's score is its Onset.
func Run(rs []Recording, table []detect.Row, off ...string) ([]File, error) {
	files, errs := make([]File, len(rs)), make([]error, len(rs))
	var wg sync.WaitGroup
	next := make(chan int)
	for range 2 {
		wg.Go(func() {
			for i := range next {
				files[i], errs[i] = rs[i].run(table, off)
			}
		})
	}
	for i := range rs {
		next <- i
	}
	close(next)
	wg.Wait()
	return files, errors.Join(errs...)
}

// chunk of a recording that is judged at once: what crosses in it is thrown
// away after it.
const chunk = 1000

func (r *Recording) run(table []detect.Row, off []string) (File, error) {
	f := File{Name: r.Name, Windows: r.Windows, Scores: make([]float64, 0, len(r.At))}
	e, err := detect.NewEngine(detect.Config{Rules: []detect.Rule{{Off: off}}}, table, 1, nil)
	if err != nil {
		return f, err
	}
	identity := kizashi.LabelsOf(map[string]string{"name": r.Name})
	id := kizashi.IDOf("nab", identity)
	err = e.Declare(kizashi.Declaration{From: kizashi.TimeOf(r.At[0]), Meta: kizashi.Meta{Series: id, Tenant: "nab", Identity: identity, Labels: identity,
		Group: r.Name, Lower: kizashi.None(), Upper: kizashi.None()}})
	if err != nil {
		return f, err
	}
	batch := make([]kizashi.Sample, 0, chunk)
	for i := 0; i < len(r.At); i += chunk {
		batch = batch[:0]
		for k := i; k < min(i+chunk, len(r.At)); k++ {
			batch = append(batch, kizashi.Sample{Series: id, At: kizashi.TimeOf(r.At[k]), Value: r.Values[k]})
		}
		var out detect.Judged
		if err := e.Judge(batch, &out); err != nil {
			return f, fmt.Errorf("%s: %w", r.Name, err)
		}
		for j := range out.Judgements {
			f.Scores = append(f.Scores, out.Judgements[j].Onset)
		}
	}
	return f, nil
}

// Folds of the files, for TwoFold: as many ways of halving them, drawn by a
// seed of their own.
const folds = 20

// TwoFold is the score where no file has a say in its own threshold: files are
// halved at random, each half is scored at the threshold that is best on the
// other, and both together count; the mean over twenty ways of halving. The
// threshold is all that is chosen.
func TwoFold(files []File, p Profile) float64 {
	r := rand.New(rand.NewPCG(20, 2))
	w := weightsOf[p]
	sum := 0.
	for range folds {
		var half [2][]File
		for i, k := range r.Perm(len(files)) {
			half[i%2] = append(half[i%2], files[k])
		}
		raw, n := 0., 0
		for i := range half {
			raw += At(half[i], p, Score(half[1-i])[p].Threshold).Raw
			for _, f := range half[i] {
				n += len(f.Windows)
			}
		}
		sum += 100 * (raw + w.fn*float64(n)) / ((w.tp + w.fn) * float64(n))
	}
	return sum / folds
}

// Jitter is the mean score of each profile over so many draws of all constants
// that rank moments (models.Jittered). Each draw has its own best threshold.
func Jitter(rs []Recording, draws int) (mean map[Profile]float64, each []float64, err error) {
	mean = map[Profile]float64{}
	for i := range draws {
		files, err := Run(rs, models.Jittered(rand.New(rand.NewPCG(25, uint64(i))).Float64))
		if err != nil {
			return nil, nil, err
		}
		all := Score(files)
		for p, r := range all {
			mean[p] += r.Normalised / float64(draws)
		}
		each = append(each, all[Standard].Normalised)
	}
	return mean, each, nil
}

// Ablated is the score without a part of the table.
type Ablated struct {
	What string // a row's name, and what became of it
	All  map[Profile]Result
}

// Ablate scores recordings with the weight of one row after the other at 0, and
// with one detector after the other switched off.
func Ablate(rs []Recording) ([]Ablated, error) {
	var out []Ablated
	for i, row := range models.All() {
		for _, off := range [...]bool{false, true} {
			table, what := models.All(), row.Name+": no weight"
			var names []string
			if off {
				what, names = row.Name+": off", []string{row.Name}
			} else if table[i].Weight = 0; row.Weight == 0 {
				continue // it has none as it is
			}
			files, err := Run(rs, table, names...)
			if err != nil {
				return nil, err
			}
			out = append(out, Ablated{what, Score(files)})
		}
	}
	return out, nil
}
