package calibration

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/backtest"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest/replay"
	"github.com/kizashi-ops/kizashi/models"
)

// wake of a labelled window: what is said there is neither found nor false.
const wake = time.Hour

// Files measures the rate on the CSV files of a directory laid out as the
// Numenta Anomaly Benchmark: data/ and labels/combined_windows.json. Labelled
// windows, alerts on which only votes outside the target stand, an hour before and after them, and what comes before a series' first
// judgement are left out of both numbers. Without the directory the error is
// one of fs.ErrNotExist.
func Files(dir string, r time.Duration) (Rate, error) {
	out := Rate{By: map[string]int{}}
	windows, err := readLabels(filepath.Join(dir, "labels", "combined_windows.json"))
	if err != nil {
		return out, err
	}
	every, data := kizashi.Duration(r), filepath.Join(dir, "data")
	o, err := backtest.Run(context.Background(), backtest.Spec{Input: replay.Options{Paths: []string{data}},
		Config: detect.Config{Rules: []detect.Rule{{R: &every}}}, Shards: runtime.GOMAXPROCS(0)})
	if err != nil {
		return out, err
	}
	for i := range o.Series {
		s := &o.Series[i]
		ws, ok := windows[filepath.ToSlash(s.File)]
		if !ok {
			return out, fmt.Errorf("%s: the labels do not name it", s.File)
		}
		if s.Judged == kizashi.Never {
			continue
		}
		out.file(s, ws, o.Alerts, r)
	}
	slices.Sort(out.Each)
	return out, nil
}

// file adds one series.
func (r *Rate) file(s *backtest.Series, ws []stretch, alerts []kizashi.Alert, every time.Duration) {
	grown := min(s.From.Add(young), s.To)
	scored, early := s.To.Sub(s.Judged), max(0, grown.Sub(s.Judged))
	for _, w := range ws {
		scored -= max(0, min(w.to, s.To).Sub(max(w.from, s.Judged)))
		early -= max(0, min(w.to, grown).Sub(max(w.from, s.Judged)))
	}
	n := 0
	for i := range alerts {
		a := &alerts[i]
		if a.Series != s.Meta.Series || a.Opened < s.Judged || slices.ContainsFunc(ws, func(w stretch) bool { return a.Opened >= w.from && a.Opened < w.to }) {
			continue
		}
		if !slices.ContainsFunc(a.Models, within) {
			continue
		}
		n++
		if a.Opened < grown {
			r.Young++
		}
		r.By[a.Opening.Verdict.Votes[0].Model+" "+a.Side.String()]++
	}
	each := float64(scored) / float64(every)
	r.Series++
	r.Episodes += n
	r.Expected += each
	r.YoungExpected += float64(early) / float64(every)
	r.Each = append(r.Each, float64(n)/each)
	r.Names = append(r.Names, Named{s.File, n, each})
	if float64(n) <= 2*each && float64(n) >= each/2 {
		r.Within2++
	}
}

// within says that a model's votes are what the target is for.
func within(model string) bool {
	return slices.ContainsFunc(models.All(), func(r detect.Row) bool { return r.Name == model && !r.Outside })
}

type stretch struct{ from, to kizashi.Time }

func readLabels(path string) (map[string][]stretch, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var named map[string][][2]string
	if err := json.Unmarshal(b, &named); err != nil {
		return nil, fmt.Errorf("%s: want an object of file names, each with a list of [from, to]: %w", path, err)
	}
	out := map[string][]stretch{}
	for name, ws := range named {
		out[name] = nil
		for i, w := range ws {
			var s [2]kizashi.Time
			for k, text := range w {
				t, err := time.Parse(time.DateTime, text)
				if err != nil {
					return nil, fmt.Errorf("%s: %s, window %d: time %q: want YYYY-MM-DD HH:MM:SS", path, name, i+1, text)
				}
				s[k] = kizashi.TimeOf(t)
			}
			out[name] = append(out[name], stretch{s[0].Add(-wake), s[1].Add(wake)})
		}
	}
	return out, nil
}
