package pipeline_test

import (
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// logWorld is five days of two log groups; on the fourth day one has a new error, the
// other a surge.
type logWorld struct {
	part  kizashi.Partition
	metas []kizashi.Meta
	lines []kizashi.Line // in the order in which they come
	end   kizashi.Time
}

func newLogWorld() logWorld {
	w := logWorld{part: kizashi.Partition{Tenant: "acme", Account: "111122223333", Region: "ap-northeast-1", Kind: kizashi.Logs, Settle: 3 * time.Minute}, end: gen.LogStart.Add(5 * 24 * time.Hour)}
	day4 := gen.LogStart.Add(3*24*time.Hour + 3*time.Hour)
	odd := [][]gen.LogIncident{{{Kind: gen.LogNewError, From: day4, To: day4.Add(10 * time.Minute)}}, {{Kind: gen.LogSurge, From: day4, To: day4.Add(15 * time.Minute)}}}
	for i, name := range [...]string{"/ecs/shop", "/ecs/pay"} {
		id := kizashi.LabelsOf(map[string]string{"account": w.part.Account, "region": w.part.Region, "log_group": name})
		m := kizashi.Meta{Series: kizashi.IDOf("acme", id), Tenant: "acme", Identity: id, Labels: id, Group: "shop", Zone: "Asia/Tokyo"}
		w.metas = append(w.metas, m)
		g := gen.NewLogGroup(name, uint64(i+1), 600, odd[i]...)
		for at := gen.LogStart; at < w.end; at = at.Add(time.Minute) {
			for _, l := range g.Minute(at) {
				l.Series = m.Series
				w.lines = append(w.lines, l)
			}
		}
	}
	sort.SliceStable(w.lines, func(a, b int) bool { return w.lines[a].At < w.lines[b].At })
	return w
}

// batches of the world, each so many lines long; Until is what has surely come.
func (w logWorld) batches(each int) (out []kizashi.Batch) {
	out = append(out, kizashi.Batch{Partition: w.part, Pos: 1, Until: gen.LogStart, Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: w.part, At: gen.LogStart}}})
	for _, m := range w.metas {
		out[0].Declare = append(out[0].Declare, kizashi.Declaration{From: gen.LogStart, Meta: m})
	}
	for i := 0; i < len(w.lines); i += each {
		n := min(i+each, len(w.lines))
		until := w.lines[n-1].At.Floor(time.Minute)
		if n == len(w.lines) {
			until = w.end
		}
		out = append(out, kizashi.Batch{Partition: w.part, Pos: uint64(len(out) + 1), Until: until, Lines: w.lines[i:n]})
	}
	return out
}

// outcome is what stepping came to.
type outcome struct {
	alerts string
	counts map[kizashi.SeriesID]float64 // lines, by series of counts
	all    string                       // every count
}

func (w logWorld) run(t *testing.T, each, saves int) outcome {
	t.Helper()
	mem := pipeline.NewMemory()
	p, err := pipeline.New(pipeline.Config{Detect: detect.Config{}}, models.All(), mem)
	if err != nil {
		t.Fatal(err)
	}
	out := outcome{counts: map[kizashi.SeriesID]float64{}}
	var alerts, counts []string
	bs := w.batches(each)
	for i, b := range bs {
		var r pipeline.Result
		if err := p.Step(b, &r); err != nil {
			t.Fatal(err)
		}
		for _, a := range r.Alerts {
			alerts = append(alerts, string(text(t, a)))
		}
		for _, j := range r.Justifications {
			alerts = append(alerts, string(text(t, j)))
		}
		for _, j := range r.Judgements {
			out.counts[j.Series] += j.Value
			counts = append(counts, fmt.Sprint(j.Series, j.At, j.Value))
		}
		if err := mem.Keep(&r); err != nil {
			t.Fatal(err)
		}
		if saves > 0 && i%(len(bs)/saves+1) == len(bs)/saves/2 {
			p = reload(t, p, 1, mem)
		}
	}
	sort.Strings(counts)
	sort.Strings(alerts)
	out.alerts, out.all = strings.Join(alerts, "\n"), strings.Join(counts, "\n")
	tally := uint64(0)
	for _, m := range w.metas {
		got, _ := p.Logs().Tally(m.Series)
		if got.Late+got.Waiting > 0 {
			t.Errorf("%s: %d lines late, %d waiting", m.Name(), got.Late, got.Waiting)
		}
		tally += got.Lines
	}
	if tally != uint64(len(w.lines)) {
		t.Errorf("%d lines are counted of %d", tally, len(w.lines))
	}
	return out
}

func TestLinesAreAFunctionOfTheData(t *testing.T) {
	w := newLogWorld()
	want := w.run(t, 500, 0)
	for _, s := range []string{`"log_new"`, `"log_surge"`} {
		if !strings.Contains(want.alerts, s) {
			t.Fatalf("no alert of %s: the test would show nothing\n%.2000s", s, want.alerts)
		}
	}
	for _, c := range []struct {
		name        string
		each, saves int
	}{{"small batches", 37, 0}, {"large ones", 20_000, 0}, {"saved 20 times", 500, 20}, {"saved after most batches", 1900, 60}} {
		got := w.run(t, c.each, c.saves)
		if got.alerts != want.alerts {
			t.Errorf("%s: other alerts:\n%s", c.name, firstDiff(want.alerts, got.alerts))
		}
		if got.all != want.all {
			t.Errorf("%s: other counts:\n%s", c.name, firstDiff(want.all, got.all))
		}
	}
}

func firstDiff(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range x {
		if i >= len(y) {
			return fmt.Sprintf("line %d of %d is missing: %.600s", i, len(x), x[i])
		}
		if x[i] != y[i] {
			return fmt.Sprintf("line %d\n  %.3000s\n  %.3000s", i, x[i], y[i])
		}
	}
	return fmt.Sprintf("%d lines more", len(y)-len(x))
}
